// @ts-check

import { h } from "../dom.js";
import { meet } from "../events.js";
import { say } from "../language.js";
import { showLazily } from "../lazily.js";
import { withSheets } from "../sheets.js";
import { store } from "../store.js";
import { awayView } from "./away.js";
import { languageChoice } from "./language.js";
import { waiting } from "./waiting.js";

/** Whether the hub was away, so that the worker showed what it keeps. */
const isKept = "kept" in document.documentElement.dataset;

const VIEWS = {
  join: withSheets(() => import("./join.js")),
  signIn: () => import("./signin.js"),
  trust: withSheets(() => import("./trust.js")),
  welcome: withSheets(() => import("./welcome.js")),
};

/** @type {Record<string, string>} */
const DOORS = { set_up: say("setup.door"), invited: say("join.door"), trust: say("common.trust_device") };

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
  const foot = h("footer", { class: "door-foot", hidden: true },
    h("p", {}, h("a", { class: "text-link", href: "#/trust" }, say("signin.device_warns"))), languageChoice());
  const element = h("section", { class: "door", "aria-label": say("signin.door") }, place, foot);
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
    foot.hidden = holds;
    if (!held) show();
  };
  const show = () => {
    const met = store.get("door")?.state ?? (isKept || store.get("away") ? "away" : "unknown");
    /** @type {string | null} */
    const token = store.get("invite") ?? null;
    const isInvited = token !== null && (met === "signed_in" || met === "signed_out");
    const asked = isInvited ? "invited" : met;
    const isTrusting = store.get("trusting") && ["set_up", "invited", "signed_out"].includes(asked);
    const now = isTrusting ? "trust" : asked;
    if ((now === state && (now !== "invited" || token === shown)) || held) return;
    // Whoever is speaking into the page finishes first; that needs no hub.
    if (["signed_out", "invited", "trust"].includes(now) && store.get("recording")) return;
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
    if (!["unknown", "away", "signed_in"].includes(now)) document.title = "Hutch";
    foot.hidden = !["set_up", "invited", "signed_out"].includes(now);
    const open = now === "signed_in";
    element.hidden = open;
    for (const part of page) part.inert = !open;
    app.toggleAttribute("data-closed", !open);
    element.setAttribute("aria-label", DOORS[now] ?? say("signin.door"));
    if (open) {
      wasIn = true;
      document.title = title;
      const next = before instanceof HTMLElement && before.isConnected ? before : document.querySelector("h1");
      if (had) next?.focus({ preventScroll: true });
      before = null;
    } else if (now === "set_up") {
      leave = showLazily(place, VIEWS.welcome, ({ welcome }) => welcome(place, { holding }));
    } else if (now === "invited") {
      const invite = { token: /** @type {string} */ (token), done: () => store.set("invite", null) };
      leave = showLazily(place, VIEWS.join, ({ joinView }) => joinView(place, invite));
    } else if (now === "trust") {
      document.title = `${DOORS["trust"]} · Hutch`;
      leave = showLazily(place, VIEWS.trust, ({ trustAtDoor }) => trustAtDoor(place));
    } else if (now === "signed_out") {
      const scene = { again: wasIn, setUp, holding };
      leave = showLazily(place, VIEWS.signIn, ({ signInView }) => signInView(place, scene));
    } else if (now === "away") {
      awayView(place, { kept: isKept, again: () => void meet() });
    } else {
      place.replaceChildren(waiting(say("signin.looking_for_hub")));
    }
    element.scrollTop = 0;
  };
  store.watch(["door", "recording", "invite", "trusting", "away"], show);
  show();
  return element;
}
