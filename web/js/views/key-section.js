// @ts-check

import { ApiError, confirm, makeRecoveryKey, readMe } from "../api.js";
import { announce, button, h, icon } from "../dom.js";
import { store } from "../store.js";
import { form, hiddenName } from "./form.js";
import { proofFields } from "./reauth.js";
import { keyCheck, recoveryKey } from "./recovery-key.js";
import { section } from "./section.js";
import { errand } from "./waiting.js";

/** @param {boolean} opened whether to go to the check at once */
export function keySection(opened) {
  const part = section("key", "Recovery key");
  const me = () => /** @type {import("../api.js").Me} */ (store.get("me"));

  const state = () => {
    const { recovery_key_checked: isChecked, recovery_key_part: asked } = me();
    const make = errand({}, "Make a new key", "Making a new key", makeKey);
    const check = button({ class: "button" }, "Check your copy", () => {
      askPart();
      part.focus();
    });
    part.show([
      h("p", { class: "you-state" }, icon(isChecked ? "check" : "warning"),
        h("strong", {}, isChecked ? "You checked your copy" : "Not checked yet")),
      h("p", { class: "note" }, "It is the only way back if every password is lost. Lost it, or somebody saw it? "
        + "Make a new one: then the old one opens this hub no more."),
      h("div", { class: "form-actions" }, ...(isChecked || !asked ? [] : [check]), make.press), make.news,
    ]);
  };
  /** @param {import("../api.js").Me} now */
  const checked = (now) => {
    store.set("me", now);
    state();
    part.focus();
    announce("That is right. Keep it safe.");
  };
  const askPart = () => {
    const asking = keyCheck({
      me: me(), checked, beside: [button({ class: "button button-quiet" }, "Later", state)],
    });
    part.show([h("p", {}, "Take the copy that you printed."), ...asking.elements], asking.forget);
  };
  const makeKey = async () => {
    let key;
    try {
      key = await makeRecoveryKey();
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "confirm_first")) throw error;
      proveFirst();
      return;
    }
    const now = await readMe().catch(() => ({ ...me(), recovery_key_checked: false }));
    store.set("me", now);
    const place = h("div", { class: "you-key" });
    let leave = () => {};
    part.show([place], () => leave());
    leave = recoveryKey(place, {
      key, me: now, household: now.household ?? "", replaces: true, checked, later: state,
    });
  };
  const proveFirst = () => {
    const proof = proofFields(me());
    const proving = form({
      fields: proof.fields, layout: [hiddenName(me().name), ...proof.elements],
      submit: "Make a new key", working: "Making a new key",
      beside: [button({ class: "button button-quiet" }, "Cancel", state)],
      async act() {
        store.set("me", await confirm(proof.proof()));
        await makeKey();
      },
      caught: (error) => proof.caught(error, proving.refuse),
    });
    part.show([h("p", {}, "Your password once more, because the old key opens this hub no more after this."), proving.element],
      proving.forget);
    part.focus();
  };

  state();
  if (opened && !me().recovery_key_checked && me().recovery_key_part) askPart();
  return part;
}
