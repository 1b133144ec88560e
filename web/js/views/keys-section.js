// @ts-check

import { button, h, icon } from "../dom.js";
import { progressPercent, progressWords } from "../key-words.js";
import { say, sayWith } from "../language.js";
import { store } from "../store.js";
import { keyChange } from "./key-change.js";
import { section } from "./section.js";

/** Makes the part about the household's keys: how far a change is, and how to begin one. */
export function keysSection() {
  const part = section("keys", say("key.keys"));
  let isResting = true;

  const rest = () => {
    isResting = true;
    const progress = store.get("keys");
    if (progress) {
      const percent = progressPercent(progress);
      part.show([
        h("p", { class: "you-state" }, icon("clock"), h("strong", {}, progressWords(progress))),
        h("progress", { class: "progress", max: "100", value: String(percent), "aria-label": say("key.progress_bar") }),
        h("p", { class: "note" }, say("key.progress_note")),
      ]);
      return;
    }
    const used = store.get("me")?.recovery_key_used_at;
    part.show([
      ...(used ? [h("p", { class: "you-state" }, icon("warning"),
        h("strong", {}, say("key.recovery_key_used")))] : []),
      h("p", {}, say("key.keys_what")),
      h("div", { class: "form-actions" },
        button({ class: "button" }, say("key.change"), () => begin("change")),
        button({ class: "button" }, say("key.stolen"), () => begin("stolen"))),
      h("p", { class: "note" },
        ...sayWith("key.remove_hint", { people: h("a", { href: "#/people" }, say("common.people")) })),
    ]);
  };
  /** @param {import("../key-words.js").Purpose} purpose */
  const begin = (purpose) => {
    isResting = false;
    keyChange({
      part, purpose,
      done() {
        rest();
        part.focus();
      },
    });
  };
  const forget = store.watch(["keys"], () => {
    if (isResting) rest();
  });
  rest();
  return {
    ...part,
    forget() {
      forget();
      part.forget();
    },
  };
}
