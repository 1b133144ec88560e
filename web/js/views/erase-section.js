// @ts-check

import { eraseHousehold } from "../api-erase.js";
import { button, h, icon } from "../dom.js";
import { HOUSEHOLD_WORDS } from "../erase-words.js";
import { store } from "../store.js";
import { erasing } from "./erasing.js";
import { section } from "./section.js";

/** Makes the part about erasing: where single things are erased, and everything at once. */
export function eraseSection() {
  const part = section("erase", "Erasing");
  /** @type {import("../api.js").Me} */
  const me = store.get("me");
  const isDemo = store.get("hub")?.demo === true;
  const everything = erasing({
    words: "Erase everything", label: "Erase everything in this hub", class: "button",
    tell: () => HOUSEHOLD_WORDS, typed: me.household ?? me.name, working: "Erasing everything",
    async act(name) {
      await eraseHousehold(name);
      showEnd();
    },
  });
  const showEnd = () => {
    const title = h("p", { class: "you-state", tabindex: "-1" }, icon("check"), h("strong", {}, "Everything is being erased"));
    part.show([
      title,
      h("p", {}, "The hub stops, erases everything and begins anew, which takes less than a minute. Then load this page again: your "
        + "browser asks once more whether to trust the hub, and the hub itself shows the new set-up code."),
      button({ class: "button" }, "Load again", () => location.replace("/")),
    ]);
    title.focus();
  };
  part.show([
    h("p", {}, "A recording or message is erased where it stands in the conversation, a child where you change it, and a relative under ",
      h("a", { href: "#/people" }, "People"), ". What is erased is gone from this hub’s files, and nobody can bring it back."),
    ...(isDemo ? [h("p", { class: "note" }, "This is a demo: all of it is forgotten when the demo stops.")] : [everything.element]),
  ], everything.forget);
  return part;
}
