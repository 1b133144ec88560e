// @ts-check

import { h, icon } from "../dom.js";
import { say } from "../language.js";
import { guardiansSection } from "./guardians-section.js";
import { relativesSection } from "./relatives-section.js";
import { screensSection } from "./screens-section.js";

/**
 * Shows who belongs to the household: whom the children hear, and who hears them.
 *
 * @param {HTMLElement} root
 * @param {{ moved: boolean }} scene
 * @returns {() => void} leaves nothing of it
 */
export function people(root, { moved }) {
  root.setAttribute("aria-label", say("common.people"));
  const title = h("h2", { tabindex: "-1" }, say("common.people"));
  const sections = [relativesSection(), screensSection(), guardiansSection()];
  root.replaceChildren(h("div", { class: "you" },
    h("header", { class: "room-head" },
      h("a", { class: "back", href: "#/", "aria-label": say("common.back_to_children") }, icon("back")), title),
    h("div", { class: "you-body" }, ...sections.map((one) => one.element))));
  if (moved) title.focus({ preventScroll: true });
  return () => {
    for (const one of sections) one.forget();
    root.replaceChildren();
  };
}
