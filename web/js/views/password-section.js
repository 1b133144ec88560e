// @ts-check

import { passwordAdvice } from "../account-words.js";
import { changePassword } from "../api.js";
import { announce, button, h, icon } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { form, hiddenName } from "./form.js";
import { newPassword } from "./new-password.js";
import { proofFields } from "./reauth.js";
import { section } from "./section.js";

/** @param {boolean} opened */
export function passwordSection(opened) {
  const part = section("password", say("account.password"));
  const me = () => /** @type {import("../api.js").Me} */ (store.get("me"));

  /** @param {string} [done] */
  const rest = (done) => {
    const advice = passwordAdvice(me().password_advice);
    part.show([
      ...(advice ? [h("p", { class: "form-remark" }, icon("warning"), h("span", {}, advice))] : []),
      h("p", { class: "note" }, done ?? say("account.password_note")),
      button({ class: "button" }, say("account.change_password"), () => {
        change();
        part.focus();
      }),
    ]);
  };
  const change = () => {
    const proof = proofFields(me(), { label: say("account.password_until_now") });
    const next = newPassword(say("account.new_password"), me().role);
    const changing = form({
      fields: { ...proof.fields, ...next.fields },
      layout: [hiddenName(me().name), ...proof.elements, next.element],
      submit: say("account.change_password"), working: say("account.changing_password"), check: next.check,
      beside: [button({ class: "button button-quiet", escape: true }, say("common.cancel"), () => rest())],
      async act() {
        store.set("me", await changePassword({ ...proof.proof(), new_password: next.value() }));
        rest(say("account.password_changed"));
        announce(say("account.password_changed_told"));
      },
      caught: (error) => proof.caught(error, changing.refuse),
    });
    part.show([changing.element], changing.forget);
  };
  if (opened) change();
  else rest();
  return part;
}
