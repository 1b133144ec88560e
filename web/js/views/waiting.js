// @ts-check

import { h } from "../dom.js";

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
