// @ts-check

import { checkRecoveryKey, hubNow } from "../api.js";
import { partWords } from "../account-words.js";
import { button, h, icon } from "../dom.js";
import { askedGroups, partsOfKey, tidyPart } from "../keys.js";
import { day } from "../time.js";
import { field, form } from "./form.js";
import { keepsake } from "./keepsake.js";
import { qr } from "./qr.js";

/** @typedef {import("../api.js").Me} Me */

const WARNING = "This key is the only way back if every password is lost. Print it. Hutch keeps no copy.";

const REPLACED = "The paper with the old key opens this hub no more: put this one in its place. Backups of before "
  + "still need the old one, so keep it with them.";

/** @param {string} key */
function keyBlock(key) {
  const { start, groups } = partsOfKey(key);
  return h("div", { class: "key", role: "group", "aria-label": "Recovery key", tabindex: "0" },
    h("span", { class: "key-start" }, start),
    ...groups.map((group) => h("span", { class: "key-group" }, group)));
}

/**
 * Shows a recovery key, once, and then asks for a part of it.
 *
 * @param {HTMLElement} root
 * @param {object} scene
 * @param {import("../api.js").NewKey} scene.key
 * @param {Me} scene.me whose check is asked for
 * @param {string} scene.household
 * @param {boolean} [scene.replaces] whether there was a key before
 * @param {(me: Me) => void} scene.checked
 * @param {() => void} scene.later
 * @returns {() => void} leaves nothing of it
 */
export function recoveryKey(root, { key, me, household, replaces = false, checked, later }) {
  const { recovery_key, recovery_key_qr } = key;
  const shown = keyBlock(recovery_key);
  const picture = () => (recovery_key_qr ? [qr(recovery_key_qr, "The recovery key as a QR code")] : []);
  const kept = keepsake({
    text: recovery_key, shown,
    paper: [
      h("p", { class: "sheet-title" }, "Recovery key"),
      h("p", {}, household ? `Hutch of ${household}, ${day(hubNow())}` : `Hutch, ${day(hubNow())}`),
      keyBlock(recovery_key), ...picture(),
      h("p", {}, "This key opens the household if every password is lost, and the backups "
        + "that are made while it is the newest. Keep it with your important papers, not near the hub. Whoever has it can open everything."),
      h("p", {}, "When there is a newer key, this one opens only the backups of before."),
    ],
  });
  const laterButton = () => button({ class: "button button-quiet" }, "Later", later);
  let leave = () => {};

  const show = (/** @type {boolean} */ again) => {
    leave();
    leave = () => {};
    const title = h("h2", { tabindex: "-1" }, "Your recovery key");
    root.replaceChildren(title,
      h("p", { class: "form-remark" }, icon("warning"), h("span", {}, WARNING)),
      ...(replaces ? [h("p", {}, REPLACED)] : []),
      shown, ...(recovery_key_qr ? [h("details", { class: "more" },
        h("summary", {}, "Show it as a QR code"), h("div", {}, ...picture()))] : []),
      kept.element,
      h("div", { class: "form-actions" },
        button({ class: "button button-primary" }, again ? "Back to the check" : "I have it: go on", () => check()),
        laterButton()));
    title.focus();
  };
  const check = () => {
    const asking = keyCheck({
      me, checked,
      beside: [button({ class: "button" }, "Look at the key again", () => show(true)), laterButton()],
    });
    leave = asking.forget;
    const title = h("h2", { tabindex: "-1" }, "Check your copy");
    root.replaceChildren(title,
      h("p", {}, "So that you know that you can read it when you need it."), ...asking.elements);
    title.focus();
  };
  show(false);
  return () => {
    leave();
    kept.forget();
    root.replaceChildren();
  };
}

/**
 * Makes the question for a part of the recovery key.
 *
 * @param {{ me: Me, checked: (me: Me) => void, beside: Node[] }} scene
 */
export function keyCheck({ me, checked, beside }) {
  const part = me.recovery_key_part ?? { first: 1, n: 8 };
  const typed = field({
    label: "This part of the key", name: "part", hint: [partWords(part)], missing: "Type the part that is asked for.",
  }, { autocomplete: "off", autocapitalize: "characters", class: "code-input" });
  const asking = form({
    fields: { part: typed }, submit: "Check", working: "Comparing", beside,
    act: async () => checked(await checkRecoveryKey(tidyPart(typed.input.value))),
  });
  const map = h("div", { class: "key key-map", "aria-hidden": "true" },
    h("span", { class: "key-start" }, "AGE-SECRET-KEY-1"),
    ...askedGroups(part).map((signs) => h("span", { class: `key-group${signs.includes("?") ? " is-asked" : ""}` }, signs)));
  return { elements: [map, asking.element], forget: asking.forget };
}
