// @ts-check

import { readDoor, signIn } from "../api.js";
import { announce, button, h, icon, setText } from "../dom.js";
import { meet } from "../events.js";
import { tidyTotp } from "../keys.js";
import { store } from "../store.js";
import { errorWords } from "../words.js";
import { field, form, passwordField, totpField } from "./form.js";
import { explainClock } from "./reauth.js";
import { recoverView } from "./recover.js";

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
  const title = h("h2", { tabindex: "-1" }, again ? "Sign in again" : "Sign in to Hutch");
  const words = arrivalWords({ demo, again, setUp });
  const notice = h("p", { class: "form-remark", hidden: !words }, icon("warning"), h("span", {}, words));
  const leadWords = again
    ? "This browser was signed out. What you were doing is still here, and goes on after this."
    : "With your name and your password.";
  const lead = h("p", {}, leadWords);

  const name = field({ label: "Name", name: "username", missing: "Type the name that you sign in with." }, {
    autocomplete: "username", autocapitalize: "words",
    value: again && store.get("me")?.role !== "child_screen" ? store.get("me")?.name : null,
  });
  const password = passwordField({
    label: "Password", name: "password", autocomplete: "current-password", missing: "Type your password.",
  });
  const totp = totpField();
  totp.element.hidden = true;
  const other = button({ class: "button button-quiet" }, "Use a recovery code", () => useRecoveryCode());
  const back = button({ class: "button button-quiet" }, "Back", () => firstStep());
  other.hidden = true;
  back.hidden = true;

  const asking = form({
    fields: { name, password, totp }, submit: "Sign in", working: "Checking the password", beside: [other, back],
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
    setText(title, "One more step");
    setText(lead, "Open the authenticator app on your phone and type the code that it shows for Hutch.");
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
    setText(title, again ? "Sign in again" : "Sign in to Hutch");
    setText(lead, leadWords);
    password.input.focus();
  };
  const useRecoveryCode = () => {
    setText(/** @type {Node} */ (totp.element.querySelector("label")), "Recovery code");
    setText(totp.hint, "One of the ten that you were given. Each works once.");
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
    leave = recoverView(root, {
      called, holding,
      back() {
        leave();
        leave = signInView(root, { again, setUp, holding });
      },
    });
  };
  return () => leave();
}

async function goIn() {
  if (location.hash === "#used") history.replaceState(null, "", "/");
  await meet();
  announce("You are signed in.");
}

/**
 * Returns what brought somebody here, if there is something to say about it.
 *
 * @param {{ demo: boolean, again: boolean, setUp: boolean }} scene
 */
function arrivalWords({ demo, again, setUp }) {
  if (again && store.get("me")?.role === "child_screen") {
    return "This is not a child’s screen any more. A guardian can make it one again, under “People”.";
  }
  if (setUp) {
    return "This hub is set up already. Sign in with the name and the password that were chosen then; "
      + "a new recovery key can be made after that.";
  }
  if (location.hash === "#used") {
    return "That address was used already, or is from another run of Hutch. "
      + "Sign in with the name and the password in the terminal.";
  }
  return demo && !again ? "This is a demo: its name and its password stand in the terminal where it runs." : "";
}

/**
 * @param {boolean} demo
 * @param {() => void} useKey
 */
function forgotten(demo, useKey) {
  return h("details", { class: "more" },
    h("summary", {}, "Forgotten your password?"),
    h("div", {},
      h("p", {}, "There are two ways back, and no third:"),
      h("ul", {},
        h("li", {}, "Another guardian invites you again, under “People”. You come in as a new person then, "
          + "with another name: your old one stays taken. For a relative, a guardian makes a new link there, and "
          + "everything stays as it was."),
        h("li", {}, "With the recovery key, the one that was printed last, you keep your name and choose a new password.")),
      button({ class: "button" }, "Use the recovery key", useKey),
      h("p", {}, "Hutch has no back door. Nobody outside your home can get you in, and so nobody outside can get in."),
      ...(demo ? [h("p", {}, "In this demo: stop it, start it again, and it prints a new password.")] : [])));
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
