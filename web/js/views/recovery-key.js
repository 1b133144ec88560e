// @ts-check

import { checkRecoveryKey, hubNow } from "../api.js";
import { partWords } from "../account-words.js";
import { button, h, icon } from "../dom.js";
import { askedGroups, partsOfKey, tidyPart } from "../keys.js";
import { say } from "../language.js";
import { day } from "../time.js";
import { field, form } from "./form.js";
import { keepsake } from "./keepsake.js";
import { qr } from "./qr.js";

/** @typedef {import("../api.js").Me} Me */

/** @param {string} key */
function keyBlock(key) {
  const { start, groups } = partsOfKey(key);
  return h("div", { class: "key", role: "group", "aria-label": say("key.recovery_key"), tabindex: "0" },
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
  const picture = () => (recovery_key_qr ? [qr(recovery_key_qr, say("key.qr"))] : []);
  const date = day(hubNow());
  const kept = keepsake({
    text: recovery_key, shown,
    paper: [
      h("p", { class: "sheet-title" }, say("key.recovery_key")),
      h("p", {}, household ? say("key.paper_household", { household, date }) : say("key.paper_hutch", { date })),
      keyBlock(recovery_key), ...picture(),
      h("p", {}, say("key.paper_what")), h("p", {}, say("key.paper_newer")),
    ],
  });
  const laterButton = () => button({ class: "button button-quiet" }, say("common.later"), later);
  let leave = () => {};

  const show = (/** @type {boolean} */ again) => {
    leave();
    leave = () => {};
    const title = h("h2", { tabindex: "-1" }, say("key.your_recovery_key"));
    root.replaceChildren(title,
      h("p", { class: "form-remark" }, icon("warning"), h("span", {}, say("key.warning"))),
      ...(replaces ? [h("p", {}, say("key.replaced"))] : []),
      shown, ...(recovery_key_qr ? [h("details", { class: "more" },
        h("summary", {}, say("key.show_qr")), h("div", {}, ...picture()))] : []),
      kept.element,
      h("div", { class: "form-actions" },
        button({ class: "button button-primary" }, again ? say("key.back_to_check") : say("key.have_it"), () => check()),
        laterButton()));
    title.focus();
  };
  const check = () => {
    const asking = keyCheck({
      me, checked,
      beside: [button({ class: "button" }, say("key.look_again"), () => show(true)), laterButton()],
    });
    leave = asking.forget;
    const title = h("h2", { tabindex: "-1" }, say("key.check_title"));
    root.replaceChildren(title,
      h("p", {}, say("key.check_why")), ...asking.elements);
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
    label: say("key.part"), name: "part", hint: [partWords(part)], missing: say("key.part_missing"),
  }, { autocomplete: "off", autocapitalize: "characters", class: "code-input" });
  const asking = form({
    fields: { part: typed }, submit: say("key.check_submit"), working: say("key.comparing"), beside,
    act: async () => checked(await checkRecoveryKey(tidyPart(typed.input.value))),
  });
  const map = h("div", { class: "key key-map", "aria-hidden": "true" },
    h("span", { class: "key-start" }, "AGE-SECRET-KEY-1"),
    ...askedGroups(part).map((signs) => h("span", { class: `key-group${signs.includes("?") ? " is-asked" : ""}` }, signs)));
  return { elements: [map, asking.element], forget: asking.forget };
}
