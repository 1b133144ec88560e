// @ts-check

import { h, icon } from "../dom.js";
import { store } from "../store.js";
import { radioTrouble } from "../toy-troubles.js";

/**
 * Makes the place that says why Bluetooth cannot be used, and what to do; it is hidden while it can.
 *
 * @param {(works: boolean) => void} [changed]
 */
export function radioNotice(changed = () => {}) {
  const element = h("div", { class: "form-remark radio-notice", role: "status", hidden: true });
  const show = () => {
    const state = store.get("radio");
    const trouble = radioTrouble(state);
    element.hidden = trouble === null;
    if (trouble) {
      element.replaceChildren(icon(state === "starting" ? "clock" : "warning"), h("div", {},
        h("p", {}, h("strong", {}, trouble.title)), h("p", {}, trouble.text),
        ...(trouble.steps.length > 0 ? [h("ul", {}, ...trouble.steps.map((step) => h("li", {}, step)))] : [])));
    }
    changed(trouble === null);
  };
  const forget = store.watch(["radio"], show);
  show();
  return { element, forget };
}
