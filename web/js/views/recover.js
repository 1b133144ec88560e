// @ts-check

import { recover } from "../api.js";
import { keyLengthWords, keyTrouble } from "../account-words.js";
import { button, h, rest, setText } from "../dom.js";
import { meet } from "../events.js";
import { tidyKey } from "../keys.js";
import { field, form } from "./form.js";
import { newPassword } from "./new-password.js";
import { recoveryKey } from "./recovery-key.js";

/**
 * Lets a guardian choose another password who has lost it, but not the recovery key; then shows the
 * new key.
 *
 * @param {HTMLElement} root
 * @param {object} scene
 * @param {string} scene.called the name that was typed already
 * @param {(holds: boolean) => void} scene.holding whether it must stay, whatever the hub says meanwhile
 * @param {() => void} scene.back
 * @returns {() => void} leaves nothing of it
 */
export function recoverView(root, { called, holding, back }) {
  const title = h("h2", { tabindex: "-1" }, "Use the recovery key");
  const name = field({ label: "Your name", name: "username", missing: "Type the name that you sign in with." }, {
    autocomplete: "username", autocapitalize: "words", value: called,
  });
  const key = field({
    label: "Recovery key", name: "recovery-key", missing: "Type the key that was printed.", hint: [keyLengthWords("")],
    input: h("textarea", {
      rows: "4", autocomplete: "off", autocapitalize: "characters", autocorrect: "off", spellcheck: "false",
      class: "code-input", placeholder: "AGE-SECRET-KEY-1 …",
    }),
  });
  key.input.addEventListener("input", () => {
    const words = keyLengthWords(key.input.value);
    key.hint.hidden = words === "";
    setText(key.hint, words);
  });
  const password = newPassword("Your new password");
  const away = button({ class: "button button-quiet" }, "Back", back);
  const asking = form({
    fields: { name, key, ...password.fields }, layout: [name.element, key.element, h("hr", {}), password.element],
    submit: "Change my password", working: "Opening the household",
    beside: [away],
    check: () => keyTrouble(key.input.value) ?? password.check(),
    async act() {
      // Whoever left meanwhile would never see the new key.
      holding(true);
      rest(away, true);
      let answer;
      try {
        answer = await recover({
          name: name.input.value.trim(), recovery_key: tidyKey(key.input.value), new_password: password.value(),
        });
      } catch (error) {
        rest(away, false);
        holding(false);
        throw error;
      }
      asking.forget();
      const done = () => {
        holding(false);
        void meet();
      };
      const { me } = answer;
      leave = recoveryKey(root, {
        key: answer, me, household: me.household ?? "", replaces: true, checked: done, later: done,
      });
    },
  });
  let leave = asking.forget;

  root.replaceChildren(title,
    h("p", {}, "It gives you a new password. Hutch then shows a new recovery key to print: the one that you type here "
      + "opens this hub no more."),
    h("p", { class: "note" }, "You are signed out everywhere else, and two-step sign-in is switched off; it can be "
      + "switched on again after that."),
    asking.element);
  title.focus({ preventScroll: true });
  return () => {
    leave();
    root.replaceChildren();
  };
}
