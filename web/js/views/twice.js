// @ts-check

import { button, h, keepingFocus } from "../dom.js";
import { say } from "../language.js";
import { errand } from "./waiting.js";

/**
 * Makes a button for what cannot be undone: the first press asks, the second does it.
 *
 * @param {object} look
 * @param {string} look.words on the first button
 * @param {string} look.label the same with the name of what it is about, for those who hear the page
 * @param {string} look.question what would be so then
 * @param {string} look.sure on the second button
 * @param {string} look.working
 * @param {() => Promise<unknown>} look.act
 */
export function twice({ words, label, question, sure, working, act }) {
  const first = button({ class: "button button-small button-quiet", label }, words, () => ask(true));
  const second = errand({ class: "button button-small button-danger" }, sure, working, act);
  const keep = button({ class: "button button-small", escape: true }, say("form.keep"), () => ask(false));
  const asking = h("div", { class: "twice", role: "group", "aria-label": label, hidden: true },
    h("p", { class: "note" }, question), h("div", { class: "bubble-actions" }, second.press, keep), second.news);
  const element = h("div", { class: "twice-place" }, first, asking);
  /** @param {boolean} isAsking */
  const ask = (isAsking) => keepingFocus(element, () => {
    first.hidden = isAsking;
    asking.hidden = !isAsking;
  }, () => (isAsking ? keep : first));
  return element;
}
