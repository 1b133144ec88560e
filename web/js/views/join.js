// @ts-check

import { acceptInvite, hubNow, lookAtInvite } from "../api.js";
import { goodForWords, trouble, waitWords } from "../account-words.js";
import { button, h, icon } from "../dom.js";
import { meet } from "../events.js";
import { store } from "../store.js";
import { hasDraft } from "../sync.js";
import { errorWords } from "../words.js";
import { field, form } from "./form.js";
import { newPassword } from "./new-password.js";
import { waiting } from "./waiting.js";

/** @typedef {import("../api.js").ApiError} ApiError */

/**
 * Lets somebody in who was invited.
 *
 * @param {HTMLElement} root
 * @param {{ token: string, done: () => void }} scene `done`: the invitation is of no more use here
 * @returns {() => void} leaves nothing of it
 */
export function joinView(root, { token, done }) {
  let leave = () => {};
  let alive = true;
  /** Who is signed in in this browser.
   *
   * @returns {import("../api.js").Me | null}
   */
  const present = () => (store.get("door")?.state === "signed_in" ? store.get("me") : null);

  /**
   * @param {string} words
   * @param {...Node} nodes
   */
  const show = (words, ...nodes) => {
    leave();
    leave = () => {};
    const title = h("h2", { tabindex: "-1" }, words);
    root.replaceChildren(h("span", { class: "mark", "aria-hidden": "true" }, icon("mark")), title, ...nodes);
    title.focus({ preventScroll: true });
  };
  const leaveButton = (/** @type {string} */ look) => {
    const me = present();
    return button({ class: look }, me ? `Go on as ${me.name}` : "Go to the sign-in", () => {
      done();
      // It may have been this browser that used it up.
      if (!me) void meet();
    });
  };
  const ended = () => show("This invitation is over",
    h("p", {}, "It was used, its hour has passed, or it was taken back. Ask whoever sent it for another one: "
      + "that takes a minute, under “You and this hub”."),
    h("div", { class: "form-actions" }, leaveButton("button")));
  /** @param {ApiError} error */
  const notNow = (error) => {
    const { wait_s: wait } = trouble(error);
    show("You are invited to Hutch",
      h("p", { class: "form-remark", role: "alert" }, icon(wait ? "clock" : "warning"),
        h("span", {}, wait ? waitWords(wait) : errorWords(error))),
      h("p", {}, "An invitation works in the home network of the hub only. It is still here."),
      h("div", { class: "form-actions" },
        button({ class: "button button-primary" }, "Try again", () => void look()), leaveButton("button button-quiet")));
  };
  const look = async () => {
    show("You are invited to Hutch", waiting("Looking at the invitation"));
    try {
      const { expires_at: until } = await lookAtInvite(token);
      if (!alive) return;
      const me = present();
      if (me) choose(me, until);
      else ask(until);
    } catch (error) {
      if (!alive) return;
      if (/** @type {ApiError} */ (error).code === "no_such_invite") ended();
      else notNow(/** @type {ApiError} */ (error));
    }
  };
  /**
   * @param {import("../api.js").Me} me
   * @param {number} until
   */
  const choose = (me, until) => show(`You are signed in as ${me.name}`,
    h("p", {}, `This is an invitation for somebody new. If you are ${me.name}, you need none: leave it for the person `
      + "that it is meant for."),
    h("p", { class: "note" }, `Whoever comes in with it signs ${me.name} out in this browser.`
      + `${hasDraft() ? " There is a recording that was not sent; it is discarded then." : ""}`),
    h("div", { class: "form-actions" },
      leaveButton("button button-primary"),
      button({ class: "button" }, "Come in as somebody new", () => ask(until))));
  /** @param {number} until */
  const ask = (until) => {
    const name = field({
      label: "Your name", name: "username", missing: "Type your name.",
      hint: ["You sign in with it, too. Sign-in names are kept readable on the hub’s card; a first name is enough."],
    }, { autocomplete: "username", autocapitalize: "words", maxlength: "40" });
    const password = newPassword("Your password");
    const asking = form({
      fields: { name, ...password.fields }, layout: [name.element, password.element],
      submit: "Come in", working: "Making your keys", check: password.check,
      beside: [leaveButton("button button-quiet")],
      async act() {
        await acceptInvite({ token, name: name.input.value.trim(), password: password.value() });
        asking.forget();
        // In first: otherwise the sign-in would be seen on the way.
        await meet();
        done();
      },
      caught(error) {
        if (error.code !== "no_such_invite") return false;
        ended();
        return true;
      },
    });
    show("You are invited to Hutch",
      h("p", {}, "As a guardian you hear everything that the children say, write to them, and may invite others."),
      h("p", { class: "note" }, `This invitation is ${goodForWords(until, hubNow())}.`),
      asking.element);
    leave = asking.forget;
  };

  void look();
  return () => {
    alive = false;
    leave();
    root.replaceChildren();
  };
}
