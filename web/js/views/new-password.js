// @ts-check

import { drawPassphrase } from "../api.js";
import { lengthWords } from "../account-words.js";
import { announce, button, h, keepingFocus, rest, setText } from "../dom.js";
import { errorWords } from "../words.js";
import { passwordField } from "./form.js";

/**
 * Makes the place where a new password is chosen: typed, or five words that the hub draws. It is typed
 * twice only if it cannot be seen.
 *
 * @param {string} label
 */
export function newPassword(label) {
  const repeat = passwordField({
    label: "The same once more", name: "repeat", autocomplete: "new-password",
    hint: ["Because you cannot see what you typed."],
  });
  const password = passwordField({
    label, name: "new-password", autocomplete: "new-password", hint: [lengthWords("")],
    missing: "Choose a password, or take five random words.",
  }, (shown) => { repeat.element.hidden = shown; });
  password.input.addEventListener("input", () => {
    setText(password.hint, lengthWords(password.input.value));
    taken.hidden = true;
  });

  const words = h("output", { class: "offer-words" });
  const wrong = h("p", { class: "field-wrong", role: "alert", hidden: true });
  const taken = h("p", { class: "note", hidden: true },
    "Taken. Write the words down, or let your browser keep them: they are not shown again.");
  const draw = button({ class: "button button-small" }, "Use five random words instead", () => void drawOthers());
  const take = button({ class: "button button-small button-take" }, "Take these words", () => takeWords());
  const others = button({ class: "button button-small button-quiet" }, "Draw others", () => void drawOthers());
  const box = h("div", { class: "offer-box", hidden: true },
    words, h("div", { class: "offer-actions" }, take, others));
  const offer = h("div", { class: "offer" }, draw, box, wrong, taken);

  const drawOthers = async () => {
    rest(draw, true);
    rest(others, true);
    wrong.hidden = true;
    taken.hidden = true;
    try {
      const phrase = await drawPassphrase();
      keepingFocus(offer, () => {
        setText(words, phrase);
        box.hidden = false;
        draw.hidden = true;
      }, () => take);
    } catch (error) {
      wrong.textContent = errorWords(error);
      wrong.hidden = false;
    }
    rest(draw, false);
    rest(others, false);
  };
  const takeWords = () => {
    password.input.value = words.textContent ?? "";
    repeat.input.value = "";
    password.show(true);
    password.clear();
    setText(password.hint, lengthWords(password.input.value));
    words.textContent = "";
    box.hidden = true;
    draw.hidden = false;
    taken.hidden = false;
    password.input.focus();
    announce("The five words are your password now. Write them down.");
  };

  return {
    element: h("div", { class: "new-password" }, password.element, repeat.element, offer),
    fields: { new_password: password, repeat },
    value: () => password.input.value,
    /** @returns {import("../account-words.js").Trouble | null} */
    check: () => (!repeat.element.hidden && repeat.input.value !== password.input.value
      ? { field: "repeat", text: "These two differ. Type the password once more, or show it." }
      : null),
  };
}
