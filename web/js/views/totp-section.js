// @ts-check

import { hubNow, offerTotp, readMe, switchTotpOff, switchTotpOn } from "../api.js";
import { announce, button, h, icon } from "../dom.js";
import { groups, tidyTotp } from "../keys.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { day } from "../time.js";
import { form, hiddenName, passwordField, totpField } from "./form.js";
import { keepsake } from "./keepsake.js";
import { qr } from "./qr.js";
import { explainClock, proofFields } from "./reauth.js";
import { section } from "./section.js";
import { errand } from "./waiting.js";

/** Makes the part about signing in with two steps. */
export function totpSection() {
  const part = section("totp", say("account.totp"));
  const me = () => /** @type {import("../api.js").Me} */ (store.get("me"));

  const state = () => {
    const on = me().totp;
    const words = on ? say("account.totp_switch_off") : say("account.totp_switch_on");
    const act = errand({}, words, say("account.totp_drawing"), async () => {
      if (on) off();
      else offer(await offerTotp());
      part.focus();
    });
    part.show([
      h("p", { class: "you-state" }, icon(on ? "check" : "close"),
        h("strong", {}, on ? say("account.totp_on") : say("account.totp_off"))),
      h("p", { class: "note" }, on ? say("account.totp_on_note") : say("account.totp_off_note")),
      act.press, act.news,
    ]);
  };

  /** @param {import("../api.js").TotpOffer} offered */
  const offer = (offered) => {
    const password = passwordField({
      label: say("account.your_password"), name: "password", autocomplete: "current-password",
      missing: say("account.password_missing"),
    });
    const totp = totpField(say("account.totp_first_code"));
    const switching = form({
      fields: { totp, password },
      layout: [hiddenName(me().name), totp.element, password.element],
      submit: say("account.totp_switch_on"), working: say("account.totp_checking"),
      beside: [button({ class: "button button-quiet", escape: true }, say("common.cancel"), state)],
      async act() {
        const codes = await switchTotpOn({
          password: password.input.value, secret: offered.secret, code: tidyTotp(totp.input.value),
        });
        showCodes(codes);
        store.set("me", await readMe().catch(() => ({ ...me(), totp: true })));
      },
      caught(error) {
        if (error.code === "wrong_password") {
          switching.refuse({ field: "password", text: say("account.not_your_password") });
          return true;
        }
        if (error.code !== "clock_not_trusted") return false;
        void explainClock(switching.refuse);
        return true;
      },
    });
    part.show([
      h("ol", { class: "steps" },
        h("li", {}, h("p", {}, say("account.totp_scan")),
          qr(offered.qr, say("account.totp_qr")),
          ...(offered.uri.startsWith("otpauth://")
            ? [h("p", {}, h("a", { class: "text-link", href: offered.uri }, say("account.totp_open_app")))] : []),
          h("details", { class: "more" }, h("summary", {}, say("account.totp_by_hand")),
            h("p", { class: "secret" }, groups(offered.secret).join(" ")))),
        h("li", {}, h("p", {}, say("account.totp_then")), switching.element)),
    ], switching.forget);
  };

  /** @param {string[]} codes */
  const showCodes = (codes) => {
    const list = () => h("ol", { class: "codes" }, ...codes.map((code) => h("li", {}, code)));
    const shown = list();
    const kept = keepsake({
      text: codes.join("\n"), shown,
      paper: [
        h("p", { class: "sheet-title" }, say("account.totp_codes")),
        h("p", {}, say("account.totp_codes_of", { name: me().name, date: day(hubNow()) })),
        list(),
        h("p", {}, say("account.totp_codes_paper")),
      ],
    });
    part.show([
      h("p", { class: "you-state" }, icon("check"), h("strong", {}, say("account.totp_is_on"))),
      h("p", {}, say("account.totp_codes_note")),
      shown, kept.element,
      button({ class: "button button-primary" }, say("account.totp_codes_kept"), () => {
        state();
        part.focus();
      }),
    ], kept.forget);
    part.element.scrollIntoView();
    announce(say("account.totp_is_on_told"));
  };

  const off = () => {
    const proof = proofFields(me());
    const switching = form({
      fields: proof.fields, layout: [hiddenName(me().name), ...proof.elements],
      submit: say("account.totp_switch_off"), working: say("account.totp_switching_off"),
      beside: [button({ class: "button button-quiet", escape: true }, say("common.cancel"), state)],
      async act() {
        const { password, totp = "" } = proof.proof();
        store.set("me", await switchTotpOff({ password, totp }));
        state();
        announce(say("account.totp_is_off_told"));
      },
      caught: (error) => proof.caught(error, switching.refuse),
    });
    part.show([
      h("p", {}, say("account.totp_off_warning")), switching.element,
    ], switching.forget);
  };

  state();
  return part;
}
