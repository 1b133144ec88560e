// @ts-check

import { announce, button, h, icon, keepingFocus, setText } from "../dom.js";
import { say } from "../language.js";
import { ALL, isAsked, isPutAway, leftSteps, lookAtTrust, openSteps, putAway } from "../start.js";
import { store } from "../store.js";

/** @typedef {import("../start.js").Step} Step */

/** @type {Record<Step, { sign: string, words: string, later: string }>} */
export const LOOKS = {
  child: { sign: "person", words: say("start.child"), later: say("start.not_now") },
  toy: { sign: "paw", words: say("start.toy"), later: say("start.no_toy") },
  trust: { sign: "shield", words: say("common.trust_device"), later: say("start.not_now") },
};

/** @param {number} n */
export function progress(n) {
  const dots = Array.from({ length: ALL }, (_, at) => h("span", { class: at < n ? "start-dot is-past" : "start-dot" }));
  return h("p", { class: "start-progress" },
    h("span", { class: "start-dots", "aria-hidden": "true" }, ...dots),
    h("span", {}, h("span", { class: "unseen" }, `${say("start.title")}: `), say("start.progress", { n, all: ALL })));
}

/** Makes the card that says what is left to set up, until it is done or put away. */
export function startCard() {
  const title = h("h2", { id: "start-title" }, say("start.left"));
  const steps = h("span", { class: "note" });
  const list = h("ul", {});
  const away = button({ class: "button button-quiet button-small" }, say("start.put_away"), () => {
    isFresh = true;
    putAway(true);
    announce(say("start.away"));
  });
  const back = button({ class: "button button-quiet button-small", icon: "undo" }, say("talk.undo"), () => putAway(false));
  const card = h("section", { class: "start-card", "aria-labelledby": title.id, hidden: true });
  const head = h("div", { class: "start-head" }, title, steps);
  /** Whether it was put away just now, so that it can be had back. */
  let isFresh = false;

  const show = () => {
    const me = store.get("me");
    if (!me || !store.get("children") || !isAsked()) {
      card.hidden = true;
      return;
    }
    if (isPutAway()) {
      card.hidden = !isFresh;
      keepingFocus(card, () => card.replaceChildren(h("p", { class: "note" }, say("start.away")), back), () => back);
      return;
    }
    if (store.get("trusts") === undefined) {
      void lookAtTrust();
      card.hidden = true;
      return;
    }
    // The first child stands where the children will.
    const open = openSteps().filter((step) => step !== "child");
    card.hidden = open.length === 0;
    setText(steps, say("start.progress", { n: ALL - leftSteps().length, all: ALL }));
    keepingFocus(card, () => {
      list.replaceChildren(...open.map((step, at) => h("li", {}, h("a", {
        class: "home-link", ...(at === 0 ? { id: "start-next" } : {}), href: `#/start/${step}`,
      }, icon(LOOKS[step].sign), h("span", {}, LOOKS[step].words), icon("forward")))));
      card.replaceChildren(head, list, away);
    }, () => away);
  };
  store.watch(["me", "hub", "children", "toys", "trusts", "start-away"], show);
  store.watch(["shown"], () => {
    // The line about what was put away goes with the next step elsewhere.
    if (store.get("shown") !== null && isFresh) {
      isFresh = false;
      show();
    }
  });
  document.addEventListener("visibilitychange", () => {
    // Whoever comes back from the settings of the device.
    if (!document.hidden && !card.hidden && store.get("trusts") === false) void lookAtTrust();
  });
  return card;
}
