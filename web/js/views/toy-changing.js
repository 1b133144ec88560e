// @ts-check

import { changeToy } from "../api-toys.js";
import { announce, button, h, keepingFocus } from "../dom.js";
import { say } from "../language.js";
import { refreshAdopted } from "../sync.js";
import { field, form } from "./form.js";
import { portrait } from "./portrait.js";
import { errand } from "./waiting.js";

/** @typedef {import("../api.js").Child} Child */
/** @typedef {import("../api.js").Toy} Toy */

/**
 * What was changed about a toy, and how it is taken back.
 *
 * @typedef {{ done: string, words: string, back: { name?: string, child?: string } }} Changed
 */

/** @typedef {(change: Changed | null) => void} Keep */

/**
 * Makes a button that gives a toy another name.
 *
 * @param {Toy} toy
 * @param {Keep} keep
 */
export function renaming({ id, name }, keep) {
  const label = say("toys.rename_label", { toy: name });
  const opener = button({ class: "button button-small", label }, say("toys.rename"), () => ask(true));
  const typed = field({ label: say("adopt.name"), name: "name", missing: say("adopt.name_missing") },
    { autocomplete: "off", autocapitalize: "words", maxlength: "40", value: name });
  const asking = form({
    fields: { name: typed }, submit: say("common.save"), working: say("common.writing"),
    beside: [button({ class: "button button-quiet", escape: true }, say("common.cancel"), () => ask(false))],
    async act() {
      const chosen = typed.input.value.trim();
      if (chosen !== name) {
        const made = await changeToy(id, { name: chosen });
        tell(keep, {
          done: say("toys.renamed", { before: name, toy: made.name }), words: say("toys.rename_back", { toy: name }), back: { name },
        });
      }
      ask(false);
      await refreshAdopted();
    },
  });
  const place = h("div", { class: "twice", role: "group", "aria-label": label, hidden: true }, asking.element);
  const element = h("div", { class: "twice-place" }, opener, place);
  /** @param {boolean} isAsking */
  const ask = (isAsking) => {
    keepingFocus(element, () => {
      opener.hidden = isAsking;
      place.hidden = !isAsking;
    }, () => (isAsking ? typed.input : opener));
    asking.clear();
    /** @type {HTMLInputElement} */ (typed.input).value = name;
    if (isAsking) /** @type {HTMLInputElement} */ (typed.input).select();
  };
  return element;
}

/**
 * Makes a button that gives a toy to another child, and says what that means before.
 *
 * @param {Toy} toy
 * @param {{ child: Child, others: Child[], keep: Keep }} scene
 */
export function giving({ id, name }, { child, others, keep }) {
  const label = say("toys.give_label", { toy: name });
  const opener = button({ class: "button button-small", label }, say("toys.give"), () => ask(true));
  const names = { toy: name, child: child.name };
  const title = h("p", { tabindex: "-1" }, h("strong", {}, say("toys.give_question", { toy: name })));
  const news = h("div", {});
  const choices = others.map((other) => {
    const one = errand({ class: "choice give-choice", label: say("toys.give_to", { toy: name, child: other.name }) }, other.name,
      say("toys.giving"), async () => {
        await changeToy(id, { child: other.id });
        tell(keep, {
          done: say("toys.given", { toy: name, child: other.name }), words: say("toys.give_back", { child: child.name }),
          back: { child: child.id },
        });
        ask(false);
        await refreshAdopted();
      });
    one.press.prepend(portrait(other));
    news.append(one.news);
    return one.press;
  });
  const place = h("div", { class: "twice", role: "group", "aria-label": label, hidden: true }, title,
    h("ul", { class: "points note" }, ...[
      say("toys.give_stays", names), say("toys.give_waits", names), say("toys.give_silence", names), say("toys.give_unfetched"),
    ].map((one) => h("li", {}, one))),
    h("div", { class: "give-choices" }, ...choices), news,
    h("div", { class: "bubble-actions" }, button({ class: "button button-small", escape: true }, say("common.cancel"), () => ask(false))));
  const element = h("div", { class: "twice-place" }, opener, place);
  /** @param {boolean} isAsking */
  const ask = (isAsking) => keepingFocus(element, () => {
    opener.hidden = isAsking;
    place.hidden = !isAsking;
    if (isAsking) place.scrollIntoView({ block: "nearest" });
  }, () => (isAsking ? title : opener));
  return element;
}

/**
 * Makes the line that says what was changed, with the way back.
 *
 * @param {Toy} toy
 * @param {Changed} changed
 * @param {Keep} keep
 */
export function undoLine({ id }, { done, words, back }, keep) {
  const undo = errand({ icon: "undo", class: "button button-small" }, words, say("common.writing"), async () => {
    await changeToy(id, back);
    keep(null);
    announce(say("common.saved"));
    await refreshAdopted();
  });
  return h("div", { class: "undo-line" }, h("p", {}, done), undo.press, undo.news);
}

/**
 * @param {Keep} keep
 * @param {Changed} changed
 */
function tell(keep, changed) {
  keep(changed);
  announce(changed.done);
}
