// @ts-check

import { h } from "../dom.js";
import { store } from "../store.js";
import { joinView } from "./join.js";
import { signInView } from "./signin.js";
import { waiting } from "./waiting.js";
import { welcome } from "./welcome.js";

/** @type {Record<string, string>} */
const DOORS = { set_up: "Set-up", invited: "Invitation" };

/**
 * Stands in front of the page until somebody is signed in. The page stays as it is behind it: what
 * somebody was doing goes on where it was.
 *
 * @param {HTMLElement} app
 * @param {HTMLElement[]} page what is behind it
 * @param {() => void} closed what to do when somebody was signed out
 */
export function door(app, page, closed) {
  const place = h("div", { class: "door-place" });
  const element = h("section", { class: "door", "aria-label": "Sign in" }, place);
  let state = "";
  /** The invitation that stands here.
   *
   * @type {string | null}
   */
  let shown = null;
  let held = false;
  let wasIn = false;
  let title = document.title;
  /** @type {Element | null} */
  let before = null;
  let leave = () => {};

  const holding = (/** @type {boolean} */ holds) => {
    held = holds;
    if (!held) show();
  };
  const show = () => {
    const met = store.get("door")?.state ?? "unknown";
    /** @type {string | null} */
    const token = store.get("invite") ?? null;
    const isInvited = token !== null && (met === "signed_in" || met === "signed_out");
    const now = isInvited ? "invited" : met;
    if ((now === state && (!isInvited || token === shown)) || held) return;
    // Whoever is speaking into the page finishes first; that needs no hub.
    if (["signed_out", "invited"].includes(now) && store.get("recording")) return;
    shown = token;
    if (state === "signed_in") {
      before = document.activeElement;
      title = document.title;
      closed();
    }
    const had = place.contains(document.activeElement);
    leave();
    leave = () => {};
    const setUp = state === "set_up";
    state = now;
    if (now !== "unknown" && now !== "signed_in") document.title = "Hutch";
    const open = now === "signed_in";
    element.hidden = open;
    for (const part of page) part.inert = !open;
    app.toggleAttribute("data-closed", !open);
    element.setAttribute("aria-label", DOORS[now] ?? "Sign in");
    if (open) {
      wasIn = true;
      document.title = title;
      const next = before instanceof HTMLElement && before.isConnected ? before : document.querySelector("h1");
      if (had) next?.focus({ preventScroll: true });
      before = null;
    } else if (now === "set_up") {
      leave = welcome(place, { holding });
    } else if (now === "invited") {
      leave = joinView(place, { token: /** @type {string} */ (token), done: () => store.set("invite", null) });
    } else if (now === "signed_out") {
      leave = signInView(place, { again: wasIn, setUp, holding });
    } else {
      place.replaceChildren(waiting("Looking for the hub"));
    }
    element.scrollTop = 0;
  };
  store.watch(["door", "recording", "invite"], show);
  show();
  return element;
}
