// @ts-check

import { trouble, waitWords } from "../account-words.js";
import { announce, button, h, icon, rest, setText } from "../dom.js";
import { say } from "../language.js";
import { patience } from "./waiting.js";

/** @typedef {import("../account-words.js").Trouble} Trouble */

/**
 * A labeled place to type something, which can say what is wrong with it.
 *
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} input
 * @property {HTMLElement} hint
 * @property {string} [missing] what to say if it is empty; nothing if it may be
 * @property {(refused: Pick<Trouble, "text" | "list" | "advice">) => void} refuse
 * @property {() => void} clear takes back what was said
 */

let made = 0;

/**
 * @param {object} look
 * @param {string} look.label
 * @param {string} look.name
 * @param {(Node | string)[]} [look.hint]
 * @param {string} [look.missing]
 * @param {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} [look.input] instead of a line of text
 * @param {Node[]} [look.beside] what stands beside it
 * @param {Record<string, import("../dom.js").AttributeValue>} [attributes] of the line of text
 * @returns {Field}
 */
export function field({ label, name, hint: hints = [], missing, input: given, beside = [] }, attributes = {}) {
  made += 1;
  const id = `field-${made}`;
  const input = given ?? h("input", { type: "text", spellcheck: "false", ...attributes });
  input.id = id;
  input.name = name;
  if (missing) input.setAttribute("aria-required", "true");
  const hint = h("p", { class: "field-hint", id: `${id}-hint`, hidden: hints.length === 0 }, ...hints);
  const wrong = h("div", { class: "field-wrong", id: `${id}-wrong`, hidden: true });
  const full = h("p", { class: "field-hint", hidden: true });
  input.addEventListener("input", () => {
    // The browser leaves out what is more, and says nothing of it.
    const most = "maxLength" in input && input.inputMode !== "numeric" ? input.maxLength : -1;
    const isFull = 0 < most && most <= input.value.length;
    setText(full, isFull ? say("form.longest", { n: most }) : "");
    if (isFull && full.hidden) announce(say("form.longest", { n: most }));
    full.hidden = !isFull;
  });
  const describe = () => input.setAttribute("aria-describedby", `${wrong.hidden ? "" : `${wrong.id} `}${hint.id}`);
  describe();
  const element = h("div", { class: "field" },
    h("label", { for: id }, label), h("div", { class: "field-row" }, input, ...beside), wrong, full, hint);
  return {
    element, input, hint, missing,
    refuse({ text, list = [], advice = [] }) {
      wrong.replaceChildren(icon("warning"), h("div", {},
        h("p", {}, text),
        ...(list.length > 0 ? [h("ul", {}, ...list.map((one) => h("li", {}, one)))] : []),
        ...advice.map((one) => h("p", {}, one))));
      wrong.hidden = false;
      input.setAttribute("aria-invalid", "true");
      describe();
    },
    clear() {
      wrong.replaceChildren();
      wrong.hidden = true;
      input.removeAttribute("aria-invalid");
      describe();
    },
  };
}

/**
 * Makes a field for a password, which can be shown.
 *
 * @param {Parameters<typeof field>[0] & { autocomplete: "current-password" | "new-password" }} look
 * @param {(shown: boolean) => void} [toggled]
 * @returns {Field & { input: HTMLInputElement, show: (shown: boolean) => void }}
 */
export function passwordField({ autocomplete, ...look }, toggled = () => {}) {
  const input = h("input", {
    type: "password", autocomplete, autocapitalize: "none", spellcheck: "false",
  });
  const eye = button({ class: "button button-small field-show" }, say("form.show"), () => show(input.type === "password"));
  const show = (/** @type {boolean} */ shown) => {
    input.type = shown ? "text" : "password";
    setText(/** @type {Node} */ (eye.lastChild), shown ? say("form.hide") : say("form.show"));
    const { label } = look;
    eye.setAttribute("aria-label", shown ? say("form.hide_label", { label }) : say("form.show_label", { label }));
    toggled(shown);
  };
  const made_field = field({ ...look, input, beside: [eye] });
  show(false);
  return { ...made_field, input, show };
}

/**
 * Makes a form that asks the hub: it rests while the hub works, shows each refusal where it belongs,
 * and keeps what was typed.
 *
 * @param {object} look
 * @param {Record<string, Field>} look.fields by the names that {@link trouble} uses
 * @param {string} look.submit
 * @param {string} look.working what the hub is doing meanwhile, "Checking the password"
 * @param {() => Promise<unknown>} look.act
 * @param {Node[]} [look.layout] what stands in it, if not the fields one after the other
 * @param {Node[]} [look.beside] what stands beside its button
 * @param {() => (Trouble | null)} [look.check] what the page itself finds wrong
 * @param {(error: import("../api.js").ApiError) => boolean} [look.caught] whether an error is somebody else's business
 */
export function form({ fields, submit, working, act, layout, beside = [], check, caught }) {
  const wrong = h("p", { class: "form-wrong", role: "alert", hidden: true });
  const wait = patience();
  const go = h("button", { type: "submit", class: "button button-primary" }, h("span", {}, submit));
  const element = h("form", { class: "form", novalidate: true },
    ...(layout ?? Object.values(fields).map((one) => one.element)),
    wrong, wait.element, h("div", { class: "form-actions" }, go, ...beside));
  let busy = false;
  let countdown = 0;

  const clear = () => {
    clearInterval(countdown);
    wrong.hidden = true;
    for (const one of Object.values(fields)) one.clear();
  };
  /** @param {string} text */
  const tell = (text) => {
    wrong.replaceChildren(icon("warning"), h("span", {}, text));
    wrong.hidden = false;
  };
  /** @param {Trouble} refused */
  const refuse = (refused) => {
    const place = refused.field === null ? null : fields[refused.field];
    if (refused.wait_s) {
      countDown(refused.wait_s);
    } else if (place && !place.element.hidden) {
      place.refuse(refused);
      place.input.focus();
    } else {
      tell([refused.text, ...(refused.list ?? [])].join(" "));
    }
  };
  /** @param {number} seconds */
  const countDown = (seconds) => {
    const until = Date.now() + seconds * 1000;
    const words = h("span", {});
    wrong.replaceChildren(icon("clock"), words);
    // The time that is left is read once, not every second.
    wrong.setAttribute("role", "group");
    wrong.hidden = false;
    announce(waitWords(seconds));
    rest(go, true);
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left > 0) {
        setText(words, waitWords(left));
        return;
      }
      clearInterval(countdown);
      rest(go, busy);
      wrong.setAttribute("role", "alert");
      setText(words, say("account.wait_over"));
    };
    countdown = setInterval(tick, 1000);
    tick();
  };
  const firstWrong = () => {
    for (const [name, one] of Object.entries(fields)) {
      if (one.missing && !one.element.hidden && one.input.value.trim() === "") return { field: name, text: one.missing };
    }
    return check?.() ?? null;
  };

  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || go.getAttribute("aria-disabled") === "true") return;
    clear();
    const found = firstWrong();
    if (found) {
      refuse(found);
      return;
    }
    busy = true;
    rest(go, true);
    try {
      await wait.during(working, act);
      rest(go, false);
    } catch (error) {
      rest(go, false);
      // What had the focus may be gone: the way out, for one.
      if (!element.contains(document.activeElement)) go.focus();
      if (!caught?.(/** @type {import("../api.js").ApiError} */ (error))) refuse(trouble(error));
    }
    busy = false;
  });

  return {
    element, go, refuse, clear,
    /** Leaves nothing of what was typed. */
    forget() {
      clearInterval(countdown);
      wait.end();
      element.reset();
    },
  };
}

/**
 * Makes a choice of one among few, each with a sign.
 *
 * @param {object} look
 * @param {string} look.label
 * @param {string} look.name
 * @param {string} look.chosen
 * @param {{ value: string, words: string, sign: Node }[]} look.choices
 * @param {() => void} look.changed
 */
export function choiceField({ label, name, chosen, choices, changed }) {
  made += 1;
  const group = `${name}-${made}`;
  const inputs = choices.map(({ value }) =>
    h("input", { type: "radio", class: "unseen", name: group, value, checked: value === chosen }));
  const element = h("fieldset", { class: "choices" }, h("legend", {}, label),
    h("div", { class: "choices-row" }, ...choices.map(({ words, sign }, at) =>
      h("label", { class: "choice" }, /** @type {HTMLInputElement} */ (inputs[at]), sign, h("span", {}, words)))));
  element.addEventListener("change", changed);
  return { element, value: () => inputs.find((one) => one.checked)?.value ?? chosen };
}

/**
 * Makes something to switch on or off.
 *
 * @param {string} words
 * @param {boolean} checked
 */
export function tickBox(words, checked) {
  const input = h("input", { type: "checkbox", class: "unseen", checked });
  const box = h("span", { class: "tick-box", "aria-hidden": "true" }, icon("check"));
  return { element: h("label", { class: "tick" }, input, box, h("span", {}, words)), input };
}

/**
 * Makes the field that password managers look for beside a password.
 *
 * @param {string} name
 */
export function hiddenName(name) {
  return h("input", { type: "text", name: "username", autocomplete: "username", value: name, readonly: true, hidden: true });
}

/** Makes the field for a code of the authenticator app. */
export function totpField(hint = say("account.totp_code_hint")) {
  return field({
    label: say("account.totp_code"), name: "totp", hint: [hint], missing: say("account.totp_code_missing"),
  }, {
    autocomplete: "one-time-code", inputmode: "numeric", autocapitalize: "none", class: "code-input",
  });
}
