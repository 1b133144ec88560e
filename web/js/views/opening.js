// @ts-check

import { button, h, keepingFocus, rest, troubleLine } from "../dom.js";
import { say } from "../language.js";

/** @typedef {{ element: HTMLElement, opener: HTMLButtonElement }} Opening the place of a button and of what it opens */
/** @typedef {{ open: () => void, forget: () => void }} Opened */

/**
 * Makes a button for what is fetched only once somebody wants it.
 *
 * @template M
 * @param {{ icon?: string, class?: string, label?: string }} look
 * @param {string} words
 * @param {() => Promise<M>} load imports the file
 * @param {(module: M, at: Opening) => Opened} make
 * @returns {Opening & { forget: () => void }}
 */
export function opening(look, words, load, make) {
  const opener = button({ class: "button button-small button-quiet", ...look }, words, () => void open());
  const element = h("div", { class: "twice-place" }, opener);
  const trouble = troubleLine(element);
  /** @type {Opened | null} */
  let made = null;
  let isOver = false;
  const open = async () => {
    rest(opener, true);
    trouble(null);
    const module = made ? null : await load().catch((error) => {
      // As browsers tell that a file did not come; all else is a fault of ours.
      if (!(error instanceof TypeError)) throw error;
      return null;
    });
    rest(opener, false);
    if (isOver) return;
    if (module) made = make(module, { element, opener });
    if (made) made.open();
    else keepingFocus(element, () => trouble(say("page.not_fetched")), () => opener);
  };
  return {
    element, opener,
    forget() {
      isOver = true;
      made?.forget();
    },
  };
}
