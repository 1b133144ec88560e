// @ts-check

import { h, icon } from "../dom.js";
import { say } from "../language.js";
import { isGuardian } from "../sync.js";

/**
 * Shows what a family does not need every day.
 *
 * @param {HTMLElement} root
 * @param {{ moved: boolean }} scene
 * @returns {() => void} leaves nothing of it
 */
export function moreView(root, { moved }) {
  root.setAttribute("aria-label", say("bar.more"));
  const title = h("h2", { tabindex: "-1" }, say("bar.more"));
  const places = [
    ...(isGuardian() ? [
      place("#/people", "people", say("common.people"), say("more.people")),
      place("#/privacy", "shield", say("privacy.title"), say("more.privacy")),
      place("#/care", "heart", say("care.title"), say("more.care")),
      place("#/add-child", "plus", say("child.add"), say("more.add_child")),
    ] : []),
    place("#/you", "person", say("account.title"), say("more.you")),
    place("#/trust", "tablet", say("common.trust_device"), say("more.trust")),
  ];
  root.replaceChildren(h("div", { class: "you" },
    h("header", { class: "room-head" }, title),
    h("div", { class: "you-body" }, h("ul", { class: "more-places" }, ...places))));
  if (moved) title.focus({ preventScroll: true });
  return () => root.replaceChildren();
}

/**
 * @param {string} href
 * @param {string} sign
 * @param {string} words
 * @param {string} what
 */
function place(href, sign, words, what) {
  return h("li", {}, h("a", { class: "more-place", href }, icon(sign),
    h("span", { class: "child-words" }, h("span", { class: "child-name" }, words), h("span", { class: "note" }, what))));
}
