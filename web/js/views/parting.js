// @ts-check

// Erasing with a way back: what is to go is out of sight at once, and the hub is asked a little later.

import { ApiError, hubNow } from "../api.js";
import { eraseItem } from "../api-erase.js";
import { announce, button, h, icon, keepingFocus } from "../dom.js";
import { erasedWords } from "../erase-words.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { takeErased } from "../sync.js";
import { errorWords } from "../words.js";

/**
 * Where something goes from.
 *
 * @typedef {object} Leaving
 * @property {Set<string>} hidden ids of what is not shown
 * @property {() => void} show shows the rest
 * @property {(id: string) => (HTMLElement | null)} find returns what is shown of an item
 * @property {HTMLElement} place what holds all of it
 * @property {HTMLElement} aside where there is room to say something
 * @property {() => void} finish ends the time for a way back
 */

/** For so long there is a way back. */
const UNDO_S = 10;
/** The password must have been given less long ago than the hub asks for, by this. */
export const BACK_S = UNDO_S + 20;
const SPARE_S = 5;
const TICK_MS = 250;

/**
 * Takes an item out of sight, and erases it unless somebody wants it back.
 *
 * @param {import("../api.js").Item} item
 * @param {{ label: string, words: import("../erase-words.js").EraseWords }} look
 * @param {Leaving} scene
 */
export function part(item, { label, words: { goes, stays } }, scene) {
  scene.finish();
  const { hidden, aside } = scene;
  const next = neighbour(item, scene);
  const undo = button({ icon: "undo", class: "button button-small" }, say("talk.undo"), () => bringBack());
  const left = h("span", { class: "parting-left", "aria-hidden": "true" });
  const bar = h("div", { class: "parting", role: "group", "aria-label": say("erase.going", { sound: label }) },
    h("p", {}, say("erase.going", { sound: label })), undo, left,
    h("details", { class: "parting-more" }, h("summary", {}, say("erase.what_happens")),
      h("ul", { class: "erasing-list note" }, ...[...goes, ...stays].map((one) => h("li", {}, one)))));

  let waited_ms = 0;
  let before = performance.now();
  // Whoever is reading or has the focus there by keys takes their time.
  const isHeld = () => bar.matches(":hover, :has(:focus-visible)")
    && (store.get("me")?.confirmed_until ?? 0) > hubNow() + SPARE_S;
  const timer = setInterval(() => {
    const now = performance.now();
    bar.classList.toggle("is-held", isHeld());
    if (!isHeld()) waited_ms += now - before;
    before = now;
    if (waited_ms >= UNDO_S * 1_000) void erase();
  }, TICK_MS);
  // Whoever looks away may never look here again, and it was meant to go.
  const looksAway = () => { if (document.hidden) void erase(); };
  const leaves = () => void erase();
  const forget = store.watch([`gone/${item.id}`], () => {
    if (store.get(`gone/${item.id}`) !== true) return;
    end();
    hidden.delete(item.id);
    announce(erasedWords(true));
  });
  /** @param {() => (HTMLElement | null)} [focused] where the focus goes if it is here */
  const end = (focused = () => scene.find(next)) => {
    clearInterval(timer);
    removeEventListener("pagehide", leaves);
    document.removeEventListener("visibilitychange", looksAway);
    forget();
    scene.finish = () => {};
    keepingFocus(aside, () => bar.remove(), () => focused() ?? scene.place);
  };
  const erase = async () => {
    end();
    let gone = true;
    try {
      ({ gone } = await eraseItem(item.id));
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "no_such_item") {
        hidden.delete(item.id);
        scene.show();
        complain(aside, say("erase.not_erased", { sound: label, error: errorWords(error) }));
        return;
      }
    }
    takeErased(item);
    hidden.delete(item.id);
    announce(erasedWords(gone));
  };
  const bringBack = () => {
    hidden.delete(item.id);
    scene.show();
    end(() => scene.find(item.id));
    if (document.activeElement === scene.place) focusSoon(item.id, scene);
    announce(say("erase.stays_here"));
  };

  keepingFocus(scene.place, () => {
    hidden.add(item.id);
    aside.replaceChildren(bar);
    scene.show();
  }, () => undo);
  scene.finish = () => void erase();
  addEventListener("pagehide", leaves);
  document.addEventListener("visibilitychange", looksAway);
  announce(say("erase.going_told", { sound: label, n: UNDO_S }));
}

/**
 * Gives the focus to an item that is about to be drawn, unless it went elsewhere meanwhile.
 *
 * @param {string} id
 * @param {Pick<Leaving, "find" | "place">} scene
 */
function focusSoon(id, { find, place }, tries = 20) {
  setTimeout(() => {
    if (document.activeElement !== place) return;
    const found = find(id);
    if (found) found.focus({ preventScroll: true });
    else if (0 < tries) focusSoon(id, { find, place }, tries - 1);
  }, 50);
}

/**
 * Returns the item after one in its conversation, or the one before.
 *
 * @param {import("../api.js").Item} item
 * @param {Leaving} scene
 * @returns {string}
 */
function neighbour({ id, child }, { hidden }) {
  /** @type {string[]} */
  const ids = (store.get(`thread/${child}`)?.ids ?? []).filter((/** @type {string} */ one) => !hidden.has(one));
  const at = ids.indexOf(id);
  return ids[at + 1] ?? ids[at - 1] ?? "";
}

/**
 * @param {HTMLElement} aside
 * @param {string} text
 */
function complain(aside, text) {
  const away = button({ icon: "close", class: "button button-small button-quiet", label: say("erase.close_note") }, "", () => line.remove());
  const line = h("div", { class: "parting", role: "alert" }, icon("warning"), h("p", {}, text), away);
  aside.replaceChildren(line);
  // Who went elsewhere is told all the same.
  if (!aside.isConnected) announce(text);
}
