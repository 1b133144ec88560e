// @ts-check

import { button, h, icon } from "../dom.js";
import { say } from "../language.js";

/**
 * Says that the hub cannot be reached, before anybody could go in. It goes away by itself.
 *
 * @param {HTMLElement} root
 * @param {{ kept: boolean, again: () => void }} scene `kept`: whether the page was kept on this device, so that its
 *   browser could not say what it thinks of the hub
 */
export function awayView(root, { kept, again }) {
  const anew = h("details", { class: "more" },
    h("summary", {}, say("away.anew")),
    h("p", { class: "note" }, say("away.anew_note")),
    h("a", { class: "text-link", href: "/fresh" }, say("away.direct")));
  root.replaceChildren(
    h("span", { class: "mark", "aria-hidden": "true" }, icon("mark")),
    h("h2", { tabindex: "-1" }, say("away.title")),
    h("p", {}, say("away.home")),
    h("p", {}, say("away.hub")),
    h("p", { class: "note", role: "status" }, say("away.again")),
    h("p", {}, button({ class: "button" }, say("common.try_now"), again)),
    ...(kept ? [anew] : []));
}
