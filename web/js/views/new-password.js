// @ts-check

import { drawPassphrase } from "../api.js";
import { lengthWords } from "../account-words.js";
import { announce, button, h, keepingFocus, setText } from "../dom.js";
import { say } from "../language.js";
import { passwordField } from "./form.js";
import { errand } from "./waiting.js";

/**
 * Makes the place where a new password is chosen: typed, or five words that the hub draws. It is typed
 * twice only if it cannot be seen.
 *
 * @param {string} label
 * @param {import("../api.js").Role} [role] whose it is
 */
export function newPassword(label, role = "guardian") {
  const repeat = passwordField({
    label: say("account.repeat"), name: "repeat", autocomplete: "new-password", hint: [say("account.repeat_hint")],
  });
  const password = passwordField({
    label, name: "new-password", autocomplete: "new-password", hint: [lengthWords("", role)],
    missing: say("account.new_password_missing"),
  }, (shown) => { repeat.element.hidden = shown; });
  password.input.addEventListener("input", () => {
    setText(password.hint, lengthWords(password.input.value, role));
    taken.hidden = true;
  });

  const words = h("output", { class: "offer-words" });
  const taken = h("p", { class: "note", hidden: true }, say("account.words_taken"));
  const draw = errand({ class: "button button-small" }, say("account.draw_words"), say("account.drawing_words"),
    () => drawWords());
  const take = button({ class: "button button-small button-take" }, say("account.take_words"), () => takeWords());
  const others = errand({ class: "button button-small button-quiet" }, say("account.draw_others"),
    say("account.drawing_words"), () => drawWords());
  const box = h("div", { class: "offer-box", hidden: true },
    words, h("div", { class: "offer-actions" }, take, others.press), others.news);
  const offer = h("div", { class: "offer" }, draw.press, draw.news, box, taken);

  const drawWords = async () => {
    const phrase = await drawPassphrase();
    taken.hidden = true;
    keepingFocus(offer, () => {
      setText(words, phrase);
      box.hidden = false;
      draw.press.hidden = true;
    }, () => take);
  };
  const takeWords = () => {
    password.input.value = words.textContent ?? "";
    repeat.input.value = "";
    password.show(true);
    password.clear();
    setText(password.hint, lengthWords(password.input.value, role));
    words.textContent = "";
    box.hidden = true;
    draw.press.hidden = false;
    taken.hidden = false;
    password.input.focus();
    announce(say("account.words_taken_told"));
  };

  return {
    element: h("div", { class: "new-password" }, password.element, repeat.element, offer),
    fields: { new_password: password, repeat },
    value: () => password.input.value,
    /** @returns {import("../account-words.js").Trouble | null} */
    check: () => (!repeat.element.hidden && repeat.input.value !== password.input.value
      ? { field: "repeat", text: say("account.repeat_differs") }
      : null),
  };
}
