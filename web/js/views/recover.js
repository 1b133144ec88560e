// @ts-check

import { recover } from "../api.js";
import { button, h } from "../dom.js";
import { meet } from "../events.js";
import { field, form } from "./form.js";
import { newPassword } from "./new-password.js";
import { recoveryKey } from "./recovery-key.js";

/**
 * Lets a guardian choose another password who has lost it, but not the recovery key; then shows the
 * new key.
 *
 * @param {HTMLElement} root
 * @param {{ holding: (holds: boolean) => void, back: () => void }} scene `holding`: whether it must
 *   stay, whatever the hub says meanwhile
 * @returns {() => void} leaves nothing of it
 */
export function recoverView(root, { holding, back }) {
  const title = h("h2", { tabindex: "-1" }, "Use the recovery key");
  const name = field({ label: "Your name", name: "username", missing: "Type the name that you sign in with." }, {
    autocomplete: "username", autocapitalize: "words",
  });
  const key = field({
    label: "Recovery key", name: "recovery-key", missing: "Type the key that was printed.",
    hint: ["It begins with AGE-SECRET-KEY-1. Spaces and small letters are fine."],
  }, { autocomplete: "off", autocapitalize: "characters", class: "code-input" });
  const password = newPassword("Your new password");
  const asking = form({
    fields: { name, key, ...password.fields }, layout: [name.element, key.element, h("hr", {}), password.element],
    submit: "Change my password", working: "Opening the household",
    beside: [button({ class: "button button-quiet" }, "Back", back)], check: password.check,
    async act() {
      const answer = await recover({
        name: name.input.value.trim(), recovery_key: key.input.value, new_password: password.value(),
      });
      asking.forget();
      holding(true);
      const done = () => {
        holding(false);
        void meet();
      };
      const { me } = answer;
      leave = recoveryKey(root, { key: answer, me, household: me.household ?? "", checked: done, later: done });
    },
    caught(error) {
      if (error.code !== "wrong_recovery_key") return false;
      asking.refuse({ field: "key", text: "Name and recovery key do not fit together. Compare the key letter by letter." });
      return true;
    },
  });
  let leave = asking.forget;

  root.replaceChildren(title,
    h("p", {}, "The old key opens nothing any more after this: Hutch shows you a new one to print. "
      + "Everything else that was signed in with your name is signed out."),
    asking.element);
  title.focus({ preventScroll: true });
  return () => {
    leave();
    root.replaceChildren();
  };
}
