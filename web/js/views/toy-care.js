// @ts-check

import { announce, h, icon, setText } from "../dom.js";
import { andList, say } from "../language.js";
import { store } from "../store.js";
import { toyIds, watchToys } from "../sync.js";
import { guardTrouble } from "../toy-troubles.js";

/** Makes what leads to the toys that a guardian should look at, while there are some. */
export function toyCare() {
  const words = h("span", { class: "waiting-words" });
  const why = h("span", { class: "note" });
  const link = h("a", { class: "waiting-link", id: "toy-care-link", href: "#/toys", hidden: true },
    icon("warning"), h("span", { class: "child-words" }, words, why));
  let before = "";
  watchToys(() => {
    /** @type {import("../api.js").Toy[]} */
    const toys = toyIds().map((id) => store.get(`toy/${id}`));
    const all = toys.filter(({ guard, retiring }) => guard && !retiring);
    link.hidden = all.length === 0;
    const title = all.length === 0 ? "" : say("toys.look_at", { toys: andList(all.map(({ name }) => name)) });
    setText(words, title);
    setText(why, all.length === 1 && all[0] ? guardTrouble(all[0])?.title ?? "" : say("toys.look_at_why"));
    if (title !== before && title) announce(title);
    before = title;
  });
  return link;
}
