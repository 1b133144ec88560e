// @ts-check

import { makeMeter, readMeter, revokeMeter } from "../api-care.js";
import { ApiError, confirm, hubNow } from "../api.js";
import { announce, button, h, icon } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { isSignedOut } from "../sync.js";
import { when } from "../time.js";
import { errorWords } from "../words.js";
import { form, hiddenName } from "./form.js";
import { copyOrSelect } from "./keepsake.js";
import { proofFields } from "./reauth.js";
import { section } from "./section.js";
import { errand, waiting } from "./waiting.js";

/** Makes the part about the token, by which another program counts what the hub does. */
export function meterSection() {
  const part = section("meter", say("meter.title"));
  let alive = true;
  const what = () => h("p", {}, say("meter.what"));

  const read = async () => {
    try {
      const meter = await readMeter();
      if (alive) rest(meter);
    } catch (error) {
      if (!alive || isSignedOut(error)) return;
      part.show([what(), h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))),
        button({ class: "button" }, say("common.try_again"), () => void read())]);
    }
  };
  /** @param {import("../api-care.js").Meter} meter */
  const rest = ({ made_at: at, used_at: usedAt }) => {
    const make = errand({ class: "button" }, say(at === null ? "meter.make" : "meter.make_another"), say("meter.making"), makeOne);
    if (at === null) {
      part.show([what(), h("p", { class: "note" }, say("meter.none")), h("div", {}, make.press), make.news]);
      return;
    }
    const made = when(at, hubNow());
    const state = usedAt === null
      ? say("meter.unused", { made })
      : say("meter.used", { made, used: when(usedAt, hubNow()) });
    const back = errand({ class: "button" }, say("meter.revoke"), say("meter.revoking"), async () => {
      rest(await revokeMeter());
      announce(say("meter.revoked"));
    });
    part.show([
      what(), h("p", {}, state), h("p", { class: "note" }, say("meter.another_what")),
      h("div", { class: "keepsake-actions" }, back.press, make.press), back.news, make.news,
    ]);
  };
  const makeOne = async () => {
    try {
      const made = await makeMeter();
      if (alive) show(made.token);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "confirm_first")) throw error;
      if (alive) proveFirst();
    }
  };
  const proveFirst = () => {
    const me = store.get("me");
    const proof = proofFields(me);
    const proving = form({
      fields: proof.fields, layout: [hiddenName(me.name), ...proof.elements],
      submit: say("meter.make"), working: say("meter.making"),
      beside: [button({ class: "button button-quiet", escape: true }, say("common.cancel"), () => void read())],
      async act() {
        store.set("me", await confirm(proof.proof()));
        await makeOne();
      },
      caught: (error) => proof.caught(error, proving.refuse),
    });
    part.show([what(), proving.element], proving.forget);
    part.focus();
  };
  /** @param {string} token */
  const show = (token) => {
    const shown = h("p", { class: "secret invite-link", tabindex: "0", role: "group", "aria-label": say("meter.token") }, token);
    const told = h("p", { class: "note", role: "status" });
    const copy = async () => {
      told.textContent = await copyOrSelect(token, shown, say("meter.copied"));
      announce(told.textContent);
    };
    part.show([
      h("p", { class: "form-remark" }, icon("warning"), h("span", {}, say("meter.shown"))),
      shown,
      h("div", { class: "keepsake-actions" },
        button({ class: "button button-primary" }, say("common.copy"), () => void copy()),
        button({ class: "button" }, say("meter.done"), () => void read())),
      told,
      h("p", {}, say("meter.how")),
      h("p", { class: "note" }, `${say("meter.address")}: `,
        h("span", { class: "meter-address" }, new URL("/api/v1/metrics", location.href).href)),
    ], () => shown.replaceChildren());
    part.focusHeading();
  };

  part.show([what(), waiting(say("care.looking"))]);
  void read();
  return {
    ...part,
    forget() {
      alive = false;
      part.forget();
    },
  };
}
