// @ts-check

import { announce, button, h } from "../dom.js";
import { say } from "../language.js";

/**
 * Puts a sheet of paper into the page: shown only in print, and then alone.
 *
 * @param {Element[]} content
 */
export function sheet(...content) {
  const element = h("section", { class: "sheet" }, ...content);
  document.body.append(element);
  return element;
}

/**
 * Copies a text; where the browser does not let the page, it selects it for the person.
 *
 * @param {string} text
 * @param {HTMLElement} shown where it stands
 * @param {string} copied what to say then
 * @returns {Promise<string>} what happened
 */
export async function copyOrSelect(text, shown, copied) {
  try {
    await navigator.clipboard.writeText(text);
    return copied;
  } catch {
    getSelection()?.selectAllChildren(shown);
    return say("form.select_to_copy");
  }
}

/**
 * Makes the buttons that keep what is shown only once, and warns whoever leaves before.
 *
 * @param {object} look
 * @param {string} look.text for the clipboard
 * @param {HTMLElement} look.shown what to select where there is no clipboard
 * @param {Element[]} look.paper what is printed
 */
export function keepsake({ text, shown, paper }) {
  const told = h("p", { class: "note", role: "status" });
  const printed = sheet(...paper);
  const warn = (/** @type {BeforeUnloadEvent} */ event) => event.preventDefault();
  // Who selects by hand gets it without the gaps between the groups.
  const copied = (/** @type {ClipboardEvent} */ event) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
  };
  const copy = async () => {
    told.textContent = await copyOrSelect(text, shown, say("form.copied_secret"));
    announce(told.textContent);
  };
  shown.addEventListener("copy", copied);
  addEventListener("beforeunload", warn);
  return {
    element: h("div", { class: "keepsake" },
      h("div", { class: "keepsake-actions" },
        button({ class: "button" }, say("common.print"), () => print()),
        button({ class: "button" }, say("common.copy"), () => void copy())),
      told),
    forget() {
      removeEventListener("beforeunload", warn);
      printed.remove();
      shown.replaceChildren();
    },
  };
}
