// @ts-check

import { eraseHousehold } from "../api-erase.js";
import { button, h, icon } from "../dom.js";
import { HOUSEHOLD_WORDS } from "../erase-words.js";
import { say, sayWith } from "../language.js";
import { store } from "../store.js";
import { erasing } from "./erasing.js";
import { section } from "./section.js";

/** Makes the part about erasing: where single things are erased, and everything at once. */
export function eraseSection() {
  const part = section("erase", say("erase.title"));
  /** @type {import("../api.js").Me} */
  const me = store.get("me");
  const isDemo = store.get("hub")?.demo === true;
  const everything = erasing({
    words: say("erase.everything"), label: say("erase.everything_label"), class: "button",
    tell: () => HOUSEHOLD_WORDS, typed: me.household ?? me.name, working: say("erase.everything_working"),
    async act(name) {
      await eraseHousehold(name);
      showEnd();
    },
  });
  const showEnd = () => {
    const title = h("p", { class: "you-state", tabindex: "-1" }, icon("check"), h("strong", {}, say("erase.everything_begun")));
    part.show([
      title,
      h("p", {}, say("erase.everything_begun_text")),
      button({ class: "button" }, say("erase.load_again"), () => location.replace("/")),
    ]);
    title.focus();
  };
  part.show([
    h("p", {}, ...sayWith("erase.where", { people: h("a", { href: "#/people" }, say("common.people")) })),
    ...(isDemo ? [h("p", { class: "note" }, say("erase.demo"))] : [everything.element]),
  ], everything.forget);
  return part;
}
