// @ts-check

import { recover } from "../api.js";
import { keyLengthWords, keyTrouble } from "../account-words.js";
import { button, h, rest, setText } from "../dom.js";
import { meet } from "../events.js";
import { tidyKey } from "../keys.js";
import { say } from "../language.js";
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
  const title = h("h2", { tabindex: "-1" }, say("signin.use_recovery_key"));
  const name = field({
    label: say("account.your_name"), name: "username", missing: say("account.sign_in_name_missing"),
  }, {
    autocomplete: "username", autocapitalize: "words", value: called,
  });
  const key = field({
    label: say("key.recovery_key"), name: "recovery-key", missing: say("signin.recovery_key_missing"),
    hint: [keyLengthWords("")],
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
  const password = newPassword(say("account.your_new_password"));
  const away = button({ class: "button button-quiet" }, say("common.back"), back);
  const asking = form({
    fields: { name, key, ...password.fields }, layout: [name.element, key.element, h("hr", {}), password.element],
    submit: say("signin.recover_submit"), working: say("signin.recover_working"),
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
    h("p", {}, say("signin.recover_what")), h("p", { class: "note" }, say("signin.recover_care")),
    asking.element);
  title.focus({ preventScroll: true });
  return () => {
    leave();
    root.replaceChildren();
  };
}
