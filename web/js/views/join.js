// @ts-check

import { acceptInvite, hubNow, lookAtInvite } from "../api.js";
import { goodForWords, trouble, waitWords } from "../account-words.js";
import { button, h, icon } from "../dom.js";
import { andWords } from "../people-words.js";
import { meet } from "../events.js";
import { store } from "../store.js";
import { hasDraft } from "../sync.js";
import { errorWords } from "../words.js";
import { field, form, hiddenName } from "./form.js";
import { newPassword } from "./new-password.js";
import { errand, waiting } from "./waiting.js";

/** @typedef {import("../api.js").ApiError} ApiError */
/** @typedef {import("../api.js").Invited} Invited */

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
    h("p", {}, "It was used, its time has passed, or it was taken back. Ask whoever sent it for another one: "
      + "that takes a minute, under “People”."),
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
      const invited = await lookAtInvite(token);
      if (!alive) return;
      const me = present();
      if (me) choose(me, invited);
      else ask(invited);
    } catch (error) {
      if (!alive) return;
      if (/** @type {ApiError} */ (error).code === "no_such_invite") ended();
      else notNow(/** @type {ApiError} */ (error));
    }
  };
  /**
   * @param {import("../api.js").Me} me
   * @param {Invited} invited
   */
  const choose = (me, invited) => {
    const isScreen = invited.role === "child_screen";
    show(`You are signed in as ${me.name}`,
      h("p", {}, isScreen
        ? `This link makes the device that opens it ${andWords(invited.children)}’s screen. Is it this one?`
        : `This is an invitation for somebody new. If you are ${me.name}, you need none: leave it for the person `
          + "that it is meant for."),
      h("p", { class: "note" }, `Whoever comes in with it signs ${me.name} out in this browser.`
        + `${hasDraft() ? " There is a recording that was not sent; it is discarded then." : ""}`),
      h("div", { class: "form-actions" },
        leaveButton("button button-primary"),
        button({ class: "button" }, isScreen ? "Use this device" : "Come in as somebody new", () => ask(invited))));
  };
  /** @param {Invited} invited */
  const ask = (invited) => (invited.role === "child_screen" ? askScreen(invited) : askPerson(invited));
  const comeIn = async (/** @type {Parameters<typeof acceptInvite>[0]} */ guest) => {
    await acceptInvite(guest);
    leave();
    // In first: otherwise the sign-in would be seen on the way.
    await meet();
    done();
  };
  /** @param {Invited} invited */
  const askScreen = ({ children, name, expires_at: until }) => {
    const child = andWords(children);
    const accept = errand({ class: "button button-primary button-large" }, `This is ${child}’s screen`, "Making the screen", async () => {
      try {
        await comeIn({ token });
      } catch (error) {
        if (/** @type {ApiError} */ (error).code !== "no_such_invite") throw error;
        ended();
      }
    });
    show(`A screen for ${child}`,
      h("p", {}, `From now on this device plays what is sent to ${child} and records what ${child} says: it can do nothing else, and `
        + `asks for no password. A guardian can end that under “People”, where it is called “${name ?? ""}”.`),
      h("p", { class: "note" }, `This link is ${goodForWords(until, hubNow())}.`),
      accept.press, accept.news, h("div", { class: "form-actions" }, leaveButton("button button-quiet")));
  };
  /** @param {Invited} invited */
  const askPerson = (invited) => {
    const { role, expires_at: until } = invited;
    const returning = role === "guardian" ? invited.name : null;
    const name = field({
      label: "Your name", name: "username", missing: "Type your name.",
      hint: ["You sign in with it, too. Sign-in names are kept readable on the hub’s card; a first name is enough."],
    }, { autocomplete: "username", autocapitalize: "words", maxlength: "40", value: invited.name });
    const password = newPassword("Your password", role);
    name.element.hidden = returning !== null;
    const asking = form({
      fields: { name, ...password.fields },
      layout: [...(returning === null ? [name.element] : [hiddenName(returning)]), password.element],
      submit: "Come in", working: "Making your keys", check: password.check,
      beside: [leaveButton("button button-quiet")],
      async act() {
        await comeIn({ token, name: name.input.value.trim(), password: password.value() });
      },
      caught(error) {
        if (error.code !== "no_such_invite") return false;
        ended();
        return true;
      },
    });
    show(returning !== null ? `Welcome back, ${returning}` : role === "relative" ? `You are invited to ${andWords(invited.children)}` : "You are invited to Hutch",
      ...invitedWords(invited).map((words) => h("p", {}, words)),
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

/**
 * Returns who invites whom to what.
 *
 * @param {Invited} invited
 */
function invitedWords({ role, name, household, children }) {
  if (role === "guardian" && name) {
    return ["Choose a new password: the one before opens nothing any more. Everything else is as it was; two-step "
      + "sign-in is off until you switch it on again."];
  }
  if (role !== "relative") {
    return ["As a guardian you hear everything that the children say, write to them, and may invite others."];
  }
  const who = household ? `The family ${household}` : "A family";
  return [
    `${name ? `Hello ${name}. ` : ""}${who} would like ${andWords(children)} to hear from you. You speak into this page, and a plush toy says `
      + "it in your voice.",
    "A guardian may listen before a message goes on, and shares with you what the children answer. You hear nothing else, and nobody outside "
      + "their home hears you.",
  ];
}
