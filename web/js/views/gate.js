// @ts-check

import { readHub } from "../api.js";
import { h, icon } from "../dom.js";

/**
 * Shows what to do in a browser that is not signed in.
 *
 * @param {HTMLElement} root
 */
export function gate(root) {
  const title = h("h1", { tabindex: "-1" }, "This browser is not signed in");
  root.dataset.view = "gate";
  root.replaceChildren(h("div", { class: "gate" },
    h("span", { class: "mark", "aria-hidden": "true" }, icon("mark")),
    title,
    h("p", {}, "When Hutch starts, it prints an address. Open that whole address here, "
      + "with everything behind the question mark: it is what signs this browser in."),
    h("p", {}, "Was Hutch started again? Then it printed a new one, and the old one no longer works."),
    h("p", { class: "gate-example" }, "https://localhost:…/open?token=…"),
  ));
  title.focus();
  reloadOnceSignedIn();
}

/** Whoever opens the address in another tab signs this one in, too, and then comes back to it. */
function reloadOnceSignedIn() {
  let asking = false;
  const ask = async () => {
    if (asking || document.hidden) return;
    asking = true;
    await readHub().then(() => location.reload(), () => {});
    asking = false;
  };
  addEventListener("focus", () => void ask());
  document.addEventListener("visibilitychange", () => void ask());
}
