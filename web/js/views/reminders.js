// @ts-check

import { h, icon } from "../dom.js";
import { store } from "../store.js";
import { toyIds } from "../sync.js";
import { radioTrouble } from "../toy-words.js";

/** Makes the quiet lines about what somebody wanted to do later. */
export function reminders() {
  const element = h("div", { class: "reminders" });
  const show = () => {
    /** @type {import("../api.js").Me | undefined} */
    const me = store.get("me");
    const lines = [];
    const radio = store.get("radio") === "starting" ? null : radioTrouble(store.get("radio"));
    if (radio && toyIds().length > 0) lines.push(reminder(`${radio.title} No message reaches a toy until it works.`, "What to do", "#/toys"));
    if (me?.password_advice) lines.push(reminder(me.password_advice, "Change your password", "#/you/password"));
    // What a demo keeps is gone when it stops: there is nothing to come back to.
    if (me && !me.recovery_key_checked && store.get("hub")?.demo === false) {
      lines.push(reminder("Your recovery key was not checked yet. It is the only way back if every password is lost.",
        "Check it, or make a new one", "#/you/key"));
    }
    if (me?.recovery_key_used_at) {
      lines.push(reminder("The recovery key was used. Whoever saw it then could come back with a copy of the hub’s data: change "
        + "the keys.", "Change the keys", "#/privacy/keys"));
    }
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
