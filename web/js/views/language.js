// @ts-check

import { h } from "../dom.js";
import { LANGUAGES, chooseLanguage, chosenLanguage, say } from "../language.js";
import { hasDraft } from "../sync.js";

/** @typedef {import("../language.js").Language} Language */

let made = 0;

const FOCUS = "hutch-language-focus";
const SOON_MS = 10_000;

/** Keeps the focus over the load that another language takes: arrow keys go from one language to the next. */
function keepFocus() {
  try {
    sessionStorage.setItem(FOCUS, String(Date.now()));
  } catch {
    // A browser that keeps nothing begins at the top.
  }
}

/** @param {HTMLSelectElement} select */
function takeFocus(select) {
  try {
    if (!(Date.now() - Number(sessionStorage.getItem(FOCUS)) < SOON_MS)) return;
    requestAnimationFrame(() => {
      if (select.getClientRects().length === 0) return;
      sessionStorage.removeItem(FOCUS);
      select.focus();
    });
  } catch {
    // As above.
  }
}

/** Makes what chooses the language of the page, for this browser. */
export function languageChoice() {
  made += 1;
  const id = `language-${made}`;
  const chosen = chosenLanguage();
  const select = h("select", { id }, h("option", { value: "", selected: chosen === null }, say("language.browser")),
    ...Object.entries(LANGUAGES).map(([language, name]) =>
      h("option", { value: language, lang: language, selected: language === chosen }, name)));
  const note = h("p", { class: "field-hint", role: "status" });
  select.addEventListener("change", () => {
    const isKept = chooseLanguage(select.value === "" ? null : /** @type {Language} */ (select.value));
    if (!isKept) note.textContent = say("language.not_kept");
    // Loading anew would lose what was said and not sent.
    else if (hasDraft()) note.textContent = say("language.next_time");
    else {
      keepFocus();
      location.reload();
    }
  });
  takeFocus(select);
  return h("div", { class: "field language" },
    h("label", { for: id }, say("language.label")), h("div", { class: "field-row" }, select), note);
}
