// @ts-check

import { changePassword } from "../api.js";
import { announce, button, h, icon } from "../dom.js";
import { store } from "../store.js";
import { form, hiddenName } from "./form.js";
import { newPassword } from "./new-password.js";
import { proofFields } from "./reauth.js";
import { section } from "./section.js";

/** @param {boolean} opened */
export function passwordSection(opened) {
  const part = section("password", "Password");
  const me = () => /** @type {import("../api.js").Me} */ (store.get("me"));

  /** @param {string} [done] */
  const rest = (done) => {
    const advice = me().password_advice;
    part.show([
      ...(advice ? [h("p", { class: "form-remark" }, icon("warning"), h("span", {}, advice))] : []),
      h("p", { class: "note" }, done ?? "Changing it signs you out in every other browser."),
      button({ class: "button" }, "Change password", () => {
        change();
        part.focus();
      }),
    ]);
  };
  const change = () => {
    const proof = proofFields(me(), { label: "Your password until now" });
    const next = newPassword("New password", me().role);
    const changing = form({
      fields: { ...proof.fields, ...next.fields },
      layout: [hiddenName(me().name), ...proof.elements, next.element],
      submit: "Change password", working: "Changing the password", check: next.check,
      beside: [button({ class: "button button-quiet" }, "Cancel", () => rest())],
      async act() {
        store.set("me", await changePassword({ ...proof.proof(), new_password: next.value() }));
        rest("Your password is changed, and every other browser is signed out.");
        announce("Your password is changed.");
      },
      caught: (error) => proof.caught(error, changing.refuse),
    });
    part.show([changing.element], changing.forget);
  };
  if (opened) change();
  else rest();
  return part;
}
