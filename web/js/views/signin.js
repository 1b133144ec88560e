// @ts-check

import { readDoor, signIn } from "../api.js";
import { announce, button, h, icon, setText } from "../dom.js";
import { meet } from "../events.js";
import { tidyTotp } from "../keys.js";
import { say } from "../language.js";
import { showLazily } from "../lazily.js";
import { withSheets } from "../sheets.js";
import { store } from "../store.js";
import { errorWords } from "../words.js";
import { field, form, passwordField, totpField } from "./form.js";
import { explainClock } from "./reauth.js";

const recover = withSheets(() => import("./recover.js"));

/**
 * Shows the sign-in.
 *
 * @param {HTMLElement} root
 * @param {object} scene
 * @param {boolean} scene.again there is a page behind it that waits
 * @param {boolean} scene.setUp the set-up stood here, and turned out to be done
 * @param {(holds: boolean) => void} scene.holding whether it must stay, whatever the hub says meanwhile
 * @returns {() => void} leaves nothing of it
 */
export function signInView(root, { again, setUp, holding }) {
  const demo = store.get("door")?.demo === true;
  const titleWords = again ? say("signin.title_again") : say("signin.title");
  const title = h("h2", { tabindex: "-1" }, titleWords);
  const words = arrivalWords({ demo, again, setUp });
  const notice = h("p", { class: "form-remark", hidden: !words }, icon("warning"), h("span", {}, words));
  const leadWords = again ? say("signin.lead_again") : say("signin.lead");
  const lead = h("p", {}, leadWords);

  const name = field({
    label: say("account.name"), name: "username", missing: say("account.sign_in_name_missing"),
  }, {
    autocomplete: "username", autocapitalize: "words",
    value: again && store.get("me")?.role !== "child_screen" ? store.get("me")?.name : null,
  });
  const password = passwordField({
    label: say("account.password"), name: "password", autocomplete: "current-password",
    missing: say("account.password_missing"),
  });
  const totp = totpField();
  totp.element.hidden = true;
  const other = button({ class: "button button-quiet" }, say("signin.use_recovery_code"), () => useRecoveryCode());
  const back = button({ class: "button button-quiet" }, say("common.back"), () => firstStep());
  other.hidden = true;
  back.hidden = true;

  const asking = form({
    fields: { name, password, totp }, submit: say("signin.submit"), working: say("signin.checking"),
    beside: [other, back],
    async act() {
      const code = totp.element.hidden ? "" : tidyTotp(totp.input.value);
      await signIn({
        name: name.input.value.trim(), password: password.input.value, ...(code ? { totp: code } : {}),
      });
      await goIn();
    },
    caught(error) {
      if (error.code === "totp_needed") secondStep();
      else if (error.code === "clock_not_trusted") void explainClock(asking.refuse);
      else if (error.code === "not_set_up") void meet();
      else if (error.code === "blocked") asking.refuse({ field: null, text: errorWords(error) });
      else if (error.code === "wrong_password" && !totp.element.hidden) {
        firstStep();
        return false;
      } else return false;
      return true;
    },
  });

  const secondStep = () => {
    name.element.hidden = true;
    password.element.hidden = true;
    password.show(false);
    totp.element.hidden = false;
    other.hidden = false;
    back.hidden = false;
    notice.hidden = true;
    setText(title, say("signin.second_step"));
    setText(lead, say("signin.second_step_lead"));
    totp.input.focus();
  };
  const firstStep = () => {
    name.element.hidden = false;
    password.element.hidden = false;
    totp.element.hidden = true;
    totp.input.value = "";
    other.hidden = true;
    back.hidden = true;
    asking.clear();
    setText(title, titleWords);
    setText(lead, leadWords);
    password.input.focus();
  };
  const useRecoveryCode = () => {
    setText(/** @type {Node} */ (totp.element.querySelector("label")), say("signin.recovery_code"));
    setText(totp.hint, say("signin.recovery_code_hint"));
    totp.input.setAttribute("inputmode", "text");
    totp.input.value = "";
    totp.clear();
    totp.input.focus();
    other.hidden = true;
  };
  root.replaceChildren(h("span", { class: "mark", "aria-hidden": "true" }, icon("mark")), title,
    notice, lead, asking.element, forgotten(demo, () => toRecovery()));
  title.focus({ preventScroll: true });
  const forgetTabs = noticeOtherTabs();
  let leave = () => {
    forgetTabs();
    asking.forget();
    root.replaceChildren();
  };
  const toRecovery = () => {
    const called = name.input.value.trim();
    leave();
    leave = showLazily(root, recover, ({ recoverView }) => recoverView(root, {
      called, holding,
      back() {
        leave();
        leave = signInView(root, { again, setUp, holding });
      },
    }));
  };
  return () => leave();
}

async function goIn() {
  if (location.hash === "#used") history.replaceState(null, "", "/");
  await meet();
  announce(say("signin.done"));
}

/**
 * Returns what brought somebody here, if there is something to say about it.
 *
 * @param {{ demo: boolean, again: boolean, setUp: boolean }} scene
 */
function arrivalWords({ demo, again, setUp }) {
  if (again && store.get("me")?.role === "child_screen") {
    return say("signin.no_screen_any_more");
  }
  if (setUp) return say("signin.set_up_already");
  if (location.hash === "#used") return say("signin.address_used");
  return demo && !again ? say("signin.demo") : "";
}

/**
 * @param {boolean} demo
 * @param {() => void} useKey
 */
function forgotten(demo, useKey) {
  return h("details", { class: "more" },
    h("summary", {}, say("signin.forgotten")),
    h("div", {},
      h("p", {}, say("signin.two_ways")),
      h("ul", {},
        h("li", {}, say("signin.way_invitation")),
        h("li", {}, say("signin.way_recovery_key"))),
      button({ class: "button" }, say("signin.use_recovery_key"), useKey),
      h("p", {}, say("signin.no_back_door")),
      ...(demo ? [h("p", {}, say("signin.demo_way"))] : [])));
}

/** Whoever signs in in another tab signs this one in, too, and then comes back to it. */
function noticeOtherTabs() {
  let asking = false;
  const ask = async () => {
    if (asking || document.hidden) return;
    asking = true;
    const door = await readDoor().catch(() => null);
    if (door && door.state !== "signed_out") await meet();
    asking = false;
  };
  const look = () => void ask();
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
  return () => {
    removeEventListener("focus", look);
    document.removeEventListener("visibilitychange", look);
  };
}
