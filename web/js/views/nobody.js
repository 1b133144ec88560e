// @ts-check

import { h, icon } from "../dom.js";
import { say } from "../language.js";
import { isAsked } from "../start.js";
import { isGuardian } from "../sync.js";

/**
 * Makes what is there instead of children.
 *
 * @param {{ id?: string }} [link] of the way to the first one
 */
export function nobody(link = {}) {
  return isGuardian()
    ? h("div", { class: "empty" },
      h("p", { class: "empty-title" }, say("child.first")),
      h("p", {}, say("home.no_children_text")),
      h("a", { class: "button button-primary", ...link, href: isAsked() ? "#/start/child" : "#/add-child" },
        icon("plus"), h("span", {}, say("home.add_first_child"))))
    : h("div", { class: "empty" },
      h("p", { class: "empty-title" }, say("home.no_child_for_you")),
      h("p", {}, say("home.no_child_for_you_text")));
}
