// @ts-check

import { button, h, icon } from "../dom.js";
import { progressPercent, progressWords } from "../key-words.js";
import { store } from "../store.js";
import { keyChange } from "./key-change.js";
import { section } from "./section.js";

/** Makes the part about the household's keys: how far a change is, and how to begin one. */
export function keysSection() {
  const part = section("keys", "Keys");
  let isResting = true;

  const rest = () => {
    isResting = true;
    const progress = store.get("keys");
    if (progress) {
      const percent = progressPercent(progress);
      part.show([
        h("p", { class: "you-state" }, icon("clock"), h("strong", {}, progressWords(progress))),
        h("progress", { class: "progress", max: "100", value: String(percent), "aria-label": "How far the keys are changed" }),
        h("p", { class: "note" }, "You can use everything meanwhile."),
      ]);
      return;
    }
    const used = store.get("me")?.recovery_key_used_at;
    part.show([
      ...(used ? [h("p", { class: "you-state" }, icon("warning"),
        h("strong", {}, "The recovery key was used since the keys were last changed"))] : []),
      h("p", {}, "Everything that your family says is locked with keys of this household. Change them when somebody learned "
        + "a guardian’s password or the recovery key, or when the hub or its memory card was in other hands: from then "
        + "on, no old copy opens what comes after."),
      h("div", { class: "form-actions" },
        button({ class: "button" }, "Change the keys", () => begin("change")),
        button({ class: "button" }, "My hub was stolen", () => begin("stolen"))),
      h("p", { class: "note" }, "To let a guardian go, remove them under ", h("a", { href: "#/people" }, "People"),
        ": that changes the keys, too."),
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
