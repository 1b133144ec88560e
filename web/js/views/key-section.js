// @ts-check

import { ApiError, confirm, makeRecoveryKey, readMe } from "../api.js";
import { announce, button, h, icon } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { form, hiddenName } from "./form.js";
import { proofFields } from "./reauth.js";
import { keyCheck, recoveryKey } from "./recovery-key.js";
import { section } from "./section.js";
import { errand } from "./waiting.js";

/** @param {boolean} opened whether to go to the check at once */
export function keySection(opened) {
  const part = section("key", say("key.recovery_key"));
  const me = () => /** @type {import("../api.js").Me} */ (store.get("me"));

  const state = () => {
    const { recovery_key_checked: isChecked, recovery_key_part: asked } = me();
    const make = errand({}, say("key.make"), say("key.making"), makeKey);
    const check = button({ class: "button" }, say("key.check_copy"), () => {
      askPart();
      part.focus();
    });
    part.show([
      h("p", { class: "you-state" }, icon(isChecked ? "check" : "warning"),
        h("strong", {}, isChecked ? say("key.checked") : say("key.not_checked"))),
      h("p", { class: "note" }, say("key.note")),
      h("div", { class: "form-actions" }, ...(isChecked || !asked ? [] : [check]), make.press), make.news,
    ]);
  };
  /** @param {import("../api.js").Me} now */
  const checked = (now) => {
    store.set("me", now);
    state();
    part.focus();
    announce(say("key.is_right"));
  };
  const askPart = () => {
    const anew = errand({ class: "button button-quiet" }, say("key.make"), say("key.making"), makeKey);
    const asking = keyCheck({
      me: me(), checked, beside: [button({ class: "button button-quiet", escape: true }, say("common.later"), state), anew.press],
    });
    part.show([h("p", {}, say("key.take_copy")), ...asking.elements, anew.news], asking.forget);
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
      submit: say("key.make"), working: say("key.making"),
      beside: [button({ class: "button button-quiet", escape: true }, say("common.cancel"), state)],
      async act() {
        store.set("me", await confirm(proof.proof()));
        await makeKey();
      },
      caught: (error) => proof.caught(error, proving.refuse),
    });
    part.show([h("p", {}, say("key.prove_first")), proving.element], proving.forget);
    part.focus();
  };

  state();
  if (opened && !me().recovery_key_checked && me().recovery_key_part) askPart();
  return part;
}
