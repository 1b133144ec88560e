// @ts-check

import { acceptInvite, lookAtInvite } from "../api.js";
import { button, h, icon } from "../dom.js";
import { meet } from "../events.js";
import { store } from "../store.js";
import { errorWords } from "../words.js";
import { field, form } from "./form.js";
import { newPassword } from "./new-password.js";
import { waiting } from "./waiting.js";

/**
 * Lets somebody in who was invited.
 *
 * @param {HTMLElement} root
 * @param {{ token: string, done: () => void }} scene `done`: the invitation is of no more use here
 * @returns {() => void} leaves nothing of it
 */
export function joinView(root, { token, done }) {
  const title = h("h2", { tabindex: "-1" }, "You are invited to Hutch");
  let leave = () => {};
  let alive = true;

  /** @param {string} words */
  const refuse = (words) => {
    root.replaceChildren(title,
      h("p", { class: "form-remark" }, icon("warning"), h("span", {}, words)),
      h("div", { class: "form-actions" }, button({ class: "button" }, "Go to the sign-in", done)));
    title.focus({ preventScroll: true });
  };
  const ask = () => {
    const name = field({
      label: "Your name", name: "username", missing: "Type your name.",
      hint: ["You sign in with it, too. Sign-in names are kept readable on the hub’s card; a first name is enough."],
    }, { autocomplete: "username", autocapitalize: "words", maxlength: "40" });
    const password = newPassword("Your password");
    const asking = form({
      fields: { name, ...password.fields }, layout: [name.element, password.element],
      submit: "Come in", working: "Making your keys", check: password.check,
      async act() {
        await acceptInvite({ token, name: name.input.value.trim(), password: password.value() });
        done();
        await meet();
      },
      caught(error) {
        if (error.code === "name_taken") {
          asking.refuse({ field: "name", text: "Somebody here has that name already. Choose another one." });
          return true;
        }
        if (error.code !== "no_such_invite") return false;
        leave();
        leave = () => {};
        refuse(errorWords(error));
        return true;
      },
    });
    leave = asking.forget;
    const me = store.get("door")?.state === "signed_in" ? store.get("me") : null;
    root.replaceChildren(h("span", { class: "mark", "aria-hidden": "true" }, icon("mark")), title,
      h("p", {}, "As a guardian you hear everything that the children say, write to them, and invite others."),
      ...(me ? [h("p", { class: "form-remark" }, icon("warning"), h("span", {},
        `This browser is signed in as ${me.name}. Coming in as somebody else signs ${me.name} out here. `),
      button({ class: "button button-small" }, `Go on as ${me.name}`, done))] : []),
      asking.element);
    title.focus({ preventScroll: true });
  };

  root.replaceChildren(title, waiting("Looking at the invitation"));
  lookAtInvite(token).then(() => alive && ask(), (error) => alive && refuse(errorWords(error)));
  return () => {
    alive = false;
    leave();
    root.replaceChildren();
  };
}
