// @ts-check

import { acceptInvite, hubNow, lookAtInvite } from "../api.js";
import { timeLeft, trouble, waitWords } from "../account-words.js";
import { button, h, icon } from "../dom.js";
import { meet } from "../events.js";
import { andList, say } from "../language.js";
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
    return button({ class: look }, me ? say("join.go_on_as", { name: me.name }) : say("join.go_to_sign_in"), () => {
      done();
      // It may have been this browser that used it up.
      if (!me) void meet();
    });
  };
  const ended = () => show(say("join.over"),
    h("p", {}, say("join.over_what")),
    h("div", { class: "form-actions" }, leaveButton("button")));
  /** @param {ApiError} error */
  const notNow = (error) => {
    const { wait_s: wait } = trouble(error);
    show(say("join.invited"),
      h("p", { class: "form-remark", role: "alert" }, icon(wait ? "clock" : "warning"),
        h("span", {}, wait ? waitWords(wait) : errorWords(error))),
      h("p", {}, say("join.home_network_only")),
      h("div", { class: "form-actions" },
        button({ class: "button button-primary" }, say("common.try_again"), () => void look()),
        leaveButton("button button-quiet")));
  };
  const look = async () => {
    show(say("join.invited"), waiting(say("join.looking")));
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
    const { name } = me;
    show(say("join.signed_in_as", { name }),
      h("p", {}, isScreen
        ? say("join.screen_this_one", { children: andList(invited.children) })
        : say("join.for_somebody_new", { name })),
      h("p", { class: "note" }, hasDraft() ? say("join.signs_out_unsent", { name }) : say("join.signs_out", { name })),
      h("div", { class: "form-actions" },
        leaveButton("button button-primary"),
        button({ class: "button" }, isScreen ? say("join.use_this_device") : say("join.come_in_new"),
          () => ask(invited))));
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
  const askScreen = ({ children: named, name, expires_at: until }) => {
    const children = andList(named);
    const words = say("join.screen_accept", { children });
    const accept = errand({ class: "button button-primary button-large" }, words, say("join.screen_making"), async () => {
      try {
        await comeIn({ token });
      } catch (error) {
        if (/** @type {ApiError} */ (error).code !== "no_such_invite") throw error;
        ended();
      }
    });
    show(say("join.screen", { children }),
      h("p", {}, say("join.screen_what", { children, screen: name ?? "" })),
      h("p", { class: "note" }, say("join.link_good_for", { span: timeLeft(until, hubNow()) })),
      accept.press, accept.news, h("div", { class: "form-actions" }, leaveButton("button button-quiet")));
  };
  /** @param {Invited} invited */
  const askPerson = (invited) => {
    const { role, expires_at: until } = invited;
    const returning = role === "guardian" ? invited.name : null;
    const name = field({
      label: say("account.your_name"), name: "username", missing: say("account.name_missing"),
      hint: [say("account.name_hint")],
    }, { autocomplete: "username", autocapitalize: "words", maxlength: "40", value: invited.name });
    const password = newPassword(say("account.your_password"), role);
    name.element.hidden = returning !== null;
    const asking = form({
      fields: { name, ...password.fields },
      layout: [...(returning === null ? [name.element] : [hiddenName(returning)]), password.element],
      submit: say("join.submit"), working: say("account.making_keys"), check: password.check,
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
    show(titleWords(invited),
      ...invitedWords(invited).map((words) => h("p", {}, words)),
      h("p", { class: "note" }, say("join.invitation_good_for", { span: timeLeft(until, hubNow()) })),
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

/** @param {Invited} invited */
function titleWords({ role, name, children }) {
  if (role === "guardian" && name !== null) return say("join.welcome_back", { name });
  return role === "relative" ? say("join.invited_to", { children: andList(children) }) : say("join.invited");
}

/**
 * Returns who invites whom to what.
 *
 * @param {Invited} invited
 */
function invitedWords({ role, name, household, children: named }) {
  if (role === "guardian" && name) return [say("join.new_password")];
  if (role !== "relative") return [say("join.as_guardian")];
  const children = andList(named);
  const asks = household ? say("join.family_asks", { household, children }) : say("join.somebody_asks", { children });
  return [name ? `${say("join.hello", { name })} ${asks}` : asks, say("join.as_relative")];
}
