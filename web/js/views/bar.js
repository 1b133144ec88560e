// @ts-check

import { h, icon } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { isGuardian } from "../sync.js";

/** What is behind "More", by the names of the views. */
const MORE = ["more", "people", "privacy", "care", "you", "trust"];
/** Where the list of children leads. */
const HOME = ["start", "waiting", "rules", "add-child", "change-child"];

/** Makes the bar at the lower edge of a phone: everything is one or two taps away, wherever one is. */
export function bar() {
  const [home, record, toys, more] = [
    place("#/", "home", say("bar.home")), place("#/record", "microphone", say("record.title")),
    place("#/toys", "paw", say("toys.title")), place("#/more", "more", say("bar.more")),
  ];
  const element = h("nav", { class: "bar", "aria-label": say("bar.title") }, home, record, toys, more);
  const show = () => {
    /** @type {string | null} */
    const shown = store.get("shown") ?? null;
    toys.hidden = !isGuardian();
    const current = shown === null || HOME.includes(shown) ? home : shown === "record" ? record : shown === "toys" ? toys
      : MORE.includes(shown) ? more : null;
    for (const one of [home, record, toys, more]) {
      if (one === current) one.setAttribute("aria-current", "page");
      else one.removeAttribute("aria-current");
    }
  };
  store.watch(["me", "shown"], show);
  show();
  return element;
}

/**
 * @param {string} href
 * @param {string} sign
 * @param {string} words
 */
function place(href, sign, words) {
  return h("a", { class: "bar-place", href }, icon(sign), h("span", {}, words));
}
