// @ts-check

import { confirm, hubNow } from "../api.js";
import { button, h, keepingFocus } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { field, form, hiddenName } from "./form.js";
import { proofFields } from "./reauth.js";

/**
 * Makes a button for what is erased for good. Behind it stands what goes and what stays, and the password
 * is asked for unless it was given a moment ago. What has a way back is not asked about then.
 *
 * @param {object} look
 * @param {string} look.words on the button
 * @param {string} look.label the same with the name of what it is about, for those who hear the page
 * @param {() => import("../erase-words.js").EraseWords} look.tell asked when somebody wants to know
 * @param {string} look.working
 * @param {(name: string) => Promise<unknown>} look.act is given what was typed
 * @param {string} [look.typed] a name that has to be typed
 * @param {string} [look.class]
 * @param {import("./opening.js").Opening} [look.at] where there is a button already
 * @param {number} [look.back_s] how long there is a way back
 */
export function erasing({
  words, label, tell, working, act, typed, class: style = "button button-small button-quiet", at, back_s,
}) {
  const opener = at?.opener ?? button({ class: style, label }, words, () => ask(true));
  const asking = h("div", { class: "twice erasing", role: "group", "aria-label": label });
  const element = at?.element ?? h("div", { class: "twice-place" }, opener);
  let leave = () => {};

  /** @param {boolean} isAsking */
  const ask = (isAsking) => keepingFocus(element, () => {
    leave();
    leave = () => {};
    asking.replaceChildren();
    if (isAsking) fill();
    opener.hidden = isAsking;
    if (isAsking) element.append(asking);
    else asking.remove();
    if (isAsking) asking.scrollIntoView({ block: "nearest" });
  }, () => (isAsking ? title() : opener));
  const title = () => /** @type {HTMLElement} */ (asking.firstElementChild);
  /** @param {number} [margin_s] */
  const isFresh = (margin_s = 0) => (store.get("me").confirmed_until ?? 0) > hubNow() + margin_s;

  const fill = () => {
    const { lead, goes, stays, sure } = tell();
    /** @type {import("../api.js").Me} */
    const me = store.get("me");
    const proof = proofFields(me);
    const hasTotp = !proof.fields.totp.element.hidden;
    /** @param {boolean} isNeeded */
    const needProof = (isNeeded) => {
      proof.fields.password.element.hidden = !isNeeded;
      proof.fields.totp.element.hidden = !isNeeded || !hasTotp;
    };
    needProof(!isFresh());
    const name = field({
      label: say("erase.type_name", { name: typed ?? "" }), name: "name", missing: say("erase.type_name_missing", { name: typed ?? "" }),
    }, { autocomplete: "off", autocapitalize: "words", maxlength: "64" });
    const made = form({
      fields: { ...(typed ? { name } : {}), ...proof.fields },
      layout: [hiddenName(me.name), ...(typed ? [name.element] : []), ...proof.elements],
      submit: sure, working,
      beside: [button({ class: "button", escape: true }, say("common.cancel"), () => ask(false))],
      async act() {
        if (!proof.fields.password.element.hidden) store.set("me", await confirm(proof.proof()));
        await act(name.input.value);
      },
      caught(error) {
        if (error.code === "confirm_first") {
          needProof(true);
          made.refuse({ field: "password", text: say("erase.password_again") });
          return true;
        }
        if (error.code === "wrong_name") {
          made.refuse({ field: "name", text: say("erase.wrong_name", { name: typed ?? "" }) });
          return true;
        }
        return proof.caught(error, made.refuse);
      },
    });
    made.element.querySelector("[type=submit]")?.setAttribute("class", "button button-danger");
    leave = made.forget;
    asking.append(
      h("p", { tabindex: "-1" }, h("strong", {}, lead)),
      h("ul", { class: "erasing-list" }, ...goes.map((one) => h("li", {}, one))),
      h("p", { class: "erasing-stays" }, say("erase.stays")),
      h("ul", { class: "erasing-list note" }, ...stays.map((one) => h("li", {}, one))),
      made.element,
    );
  };
  return {
    element, opener,
    open() {
      if (back_s !== undefined && isFresh(back_s)) void act("");
      else ask(true);
    },
    forget: () => leave(),
  };
}
