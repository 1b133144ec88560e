// @ts-check

import { button, h } from "../dom.js";

const SENTENCE_MS = 1_000;
const WAY_OUT_MS = 10_000;

/**
 * Makes what stands where something will be: grey shapes, after a second a sentence, after ten a
 * way out.
 *
 * @param {string} what
 */
export function waiting(what) {
  const words = h("p", { class: "note", role: "status" });
  const box = h("div", { class: "waiting" },
    h("span", { class: "bone" }), h("span", { class: "bone" }), words);
  setTimeout(() => { words.textContent = `${what} …`; }, SENTENCE_MS);
  setTimeout(() => {
    words.textContent = `${what} takes longer than it should. Load the page again, and see whether `
      + "the hub is switched on.";
  }, WAY_OUT_MS);
  return box;
}

/**
 * Makes the line under a form that the hub is working on: after a second a sentence, after ten a way
 * out.
 */
export function patience() {
  const words = h("p", { class: "note", role: "status" });
  const out = h("div", { class: "form-way-out" });
  /** @type {number[]} */
  let timers = [];
  const end = () => {
    for (const timer of timers) clearTimeout(timer);
    timers = [];
    words.textContent = "";
    out.replaceChildren();
  };
  return {
    element: h("div", { class: "form-patience" }, words, out),
    /**
     * @param {string} what
     * @param {() => void} stop
     */
    begin(what, stop) {
      end();
      timers.push(setTimeout(() => { words.textContent = `${what} …`; }, SENTENCE_MS));
      timers.push(setTimeout(() => {
        words.textContent = `${what} takes longer than it should. A small computer may need a moment more.`;
        out.replaceChildren(button({ icon: "close", class: "button button-small" }, "Stop waiting", stop));
      }, WAY_OUT_MS));
    },
    end,
  };
}
