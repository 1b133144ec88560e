// @ts-check

import { h } from "../dom.js";

/**
 * Draws what somebody is about to see on their screen, with what to press there. The words beside it say the
 * same, so nobody has to see it.
 *
 * @param {import("../trust-words.js").Picture} picture
 */
export function picture({ frame, lines }) {
  return h("div", { class: `picture picture-${frame}`, "aria-hidden": "true" },
    h("div", { class: "picture-top" }, h("i", {}), h("i", {}), h("i", {})),
    h("div", { class: "picture-body" }, ...lines.map(([kind, words]) => h("div", { class: `picture-${kind}` },
      ...(words ? [h("span", {}, words)] : []),
      ...(kind === "on" ? [h("i", { class: "picture-switch" })] : [])))));
}
