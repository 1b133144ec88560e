// @ts-check

import { passwordAdvice } from "../account-words.js";
import { h, icon } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { toyIds } from "../sync.js";
import { radioTrouble } from "../toy-troubles.js";

/** Makes the quiet lines about what somebody wanted to do later. */
export function reminders() {
  const element = h("div", { class: "reminders" });
  const show = () => {
    /** @type {import("../api.js").Me | undefined} */
    const me = store.get("me");
    const lines = [];
    const radio = store.get("radio") === "starting" ? null : radioTrouble(store.get("radio"));
    if (radio && toyIds().length > 0) {
      lines.push(reminder(`${radio.title} ${say("home.radio_trouble")}`, say("common.what_to_do"), "#/toys"));
    }
    const advice = passwordAdvice(me?.password_advice ?? null);
    if (advice) lines.push(reminder(advice, say("home.change_password"), "#/you/password"));
    // What a demo keeps is gone when it stops: there is nothing to come back to.
    if (me && !me.recovery_key_checked && store.get("hub")?.demo === false) {
      lines.push(reminder(say("home.key_unchecked"), say("home.key_unchecked_do"), "#/you/key"));
    }
    if (me?.recovery_key_used_at) lines.push(reminder(say("home.key_used"), say("key.change"), "#/privacy/keys"));
    element.replaceChildren(...lines);
  };
  store.watch(["me", "hub", "radio", "toys"], show);
  return element;
}

/**
 * @param {string} words
 * @param {string} action
 * @param {string} href
 */
function reminder(words, action, href) {
  return h("div", { class: "reminder" }, icon("warning"),
    h("div", {}, h("p", {}, words), h("a", { href }, action)));
}
