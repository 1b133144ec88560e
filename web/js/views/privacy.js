// @ts-check

import { h, icon } from "../dom.js";
import { say } from "../language.js";
import { activitySection } from "./activity-section.js";
import { amountsSections } from "./amounts-section.js";
import { eraseSection } from "./erase-section.js";
import { homeNetworkSection } from "./home-network-section.js";
import { keysSection } from "./keys-section.js";
import { limitsSection } from "./limits-section.js";

/**
 * Shows what guardians can know and do about what the hub keeps.
 *
 * @param {HTMLElement} root
 * @param {{ section: string | null, moved: boolean }} scene `section`: what to go to at once
 * @returns {() => void} leaves nothing of it
 */
export function privacy(root, { section, moved }) {
  root.setAttribute("aria-label", say("privacy.title"));
  const title = h("h2", { tabindex: "-1" }, say("privacy.title"));
  // The activity has no end, so it comes last: nothing is pushed away while it is being read.
  const sections = [
    keysSection(), homeNetworkSection(), ...amountsSections(), limitsSection(), eraseSection(), activitySection(),
  ];
  const jump = (/** @type {Event} */ { target }) => {
    const link = target instanceof Element ? target.closest("a[href^='#/privacy/']") : null;
    // Whoever is there already does not get there by the address.
    if (link?.getAttribute("href") !== location.hash) return;
    sections.find(({ name }) => `#/privacy/${name}` === location.hash)?.focus();
  };
  root.addEventListener("click", jump);
  root.replaceChildren(h("div", { class: "you" },
    h("header", { class: "room-head" },
      h("a", { class: "back", href: "#/", "aria-label": say("common.back_to_children") }, icon("back")), title),
    h("div", { class: "you-body" }, ...sections.map((one) => one.element))));
  if (section) sections.find((one) => one.name === section)?.focus();
  else if (moved) title.focus({ preventScroll: true });
  return () => {
    root.removeEventListener("click", jump);
    for (const one of sections) one.forget();
    root.replaceChildren();
  };
}
