// @ts-check

import { hubNow, offerTotp, readMe, switchTotpOff, switchTotpOn } from "../api.js";
import { announce, button, h, icon } from "../dom.js";
import { groups, tidyTotp } from "../keys.js";
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
  const part = section("totp", "Two-step sign-in");
  const me = () => /** @type {import("../api.js").Me} */ (store.get("me"));

  const state = () => {
    const on = me().totp;
    const act = errand({}, on ? "Switch off" : "Switch on", "Drawing a secret", async () => {
      if (on) off();
      else offer(await offerTotp());
      part.focus();
    });
    part.show([
      h("p", { class: "you-state" }, icon(on ? "check" : "close"), h("strong", {}, on ? "On" : "Off")),
      h("p", { class: "note" }, on
        ? "Besides your password, Hutch asks for a code of your authenticator app."
        : "Besides your password, Hutch can ask for a code that an authenticator app on your phone shows. "
          + "Then a password that somebody saw is not enough."),
      act.press, act.news,
    ]);
  };

  /** @param {import("../api.js").TotpOffer} offered */
  const offer = (offered) => {
    const password = passwordField({
      label: "Your password", name: "password", autocomplete: "current-password", missing: "Type your password.",
    });
    const totp = totpField("Six digits that the app shows for Hutch now.");
    const switching = form({
      fields: { totp, password },
      layout: [hiddenName(me().name), totp.element, password.element],
      submit: "Switch on", working: "Checking the code",
      beside: [button({ class: "button button-quiet" }, "Cancel", state)],
      async act() {
        const codes = await switchTotpOn({
          password: password.input.value, secret: offered.secret, code: tidyTotp(totp.input.value),
        });
        showCodes(codes);
        store.set("me", await readMe().catch(() => ({ ...me(), totp: true })));
      },
      caught(error) {
        if (error.code === "wrong_password") {
          switching.refuse({ field: "password", text: "That is not your password." });
          return true;
        }
        if (error.code !== "clock_not_trusted") return false;
        void explainClock(switching.refuse);
        return true;
      },
    });
    part.show([
      h("ol", { class: "steps" },
        h("li", {}, h("p", {}, "Open an authenticator app on your phone and let it scan this picture."),
          qr(offered.qr, "QR code for the authenticator app"),
          ...(offered.uri.startsWith("otpauth://")
            ? [h("p", {}, h("a", { class: "text-link", href: offered.uri }, "The app is on this device: open it"))] : []),
          h("details", { class: "more" }, h("summary", {}, "Type it instead"),
            h("p", { class: "secret" }, groups(offered.secret).join(" ")))),
        h("li", {}, h("p", {}, "Type the code that the app shows then, and your password."), switching.element)),
    ], switching.forget);
  };

  /** @param {string[]} codes */
  const showCodes = (codes) => {
    const list = () => h("ol", { class: "codes" }, ...codes.map((code) => h("li", {}, code)));
    const shown = list();
    const kept = keepsake({
      text: codes.join("\n"), shown,
      paper: [
        h("p", { class: "sheet-title" }, "Recovery codes"),
        h("p", {}, `Hutch, two-step sign-in of ${me().name}, ${day(hubNow())}`),
        list(),
        h("p", {}, "Each of them signs you in once, instead of a code of the app, together with your password."),
      ],
    });
    part.show([
      h("p", { class: "you-state" }, icon("check"), h("strong", {}, "Two-step sign-in is on")),
      h("p", {}, "These ten codes get you in if your phone is lost, each once, together with your password. "
        + "They are shown only now: print them, or keep them where you keep passwords."),
      shown, kept.element,
      button({ class: "button button-primary" }, "I have kept them", () => {
        state();
        part.focus();
      }),
    ], kept.forget);
    part.element.scrollIntoView();
    announce("Two-step sign-in is on. Keep these ten recovery codes.");
  };

  const off = () => {
    const proof = proofFields(me());
    const switching = form({
      fields: proof.fields, layout: [hiddenName(me().name), ...proof.elements],
      submit: "Switch off", working: "Switching off",
      beside: [button({ class: "button button-quiet" }, "Cancel", state)],
      async act() {
        const { password, totp = "" } = proof.proof();
        store.set("me", await switchTotpOff({ password, totp }));
        state();
        announce("Two-step sign-in is off.");
      },
      caught: (error) => proof.caught(error, switching.refuse),
    });
    part.show([
      h("p", {}, "After this, your password alone signs you in, and your recovery codes are worthless."),
      switching.element,
    ], switching.forget);
  };

  state();
  return part;
}
