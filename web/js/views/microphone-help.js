// @ts-check

import { h } from "../dom.js";
import { microphoneWords } from "../words.js";

/**
 * Makes the explanation of why there is no microphone, and the way out.
 *
 * @param {unknown} error
 */
export function microphoneHelp(error) {
  const reason = /** @type {{ reason?: any }} */ (error)?.reason ?? "other";
  const { title, text, steps } = microphoneWords(reason, { origin: location.origin });
  return h("div", { class: "microphone-help", role: "alert" },
    h("p", { class: "help-title" }, title),
    h("p", {}, text),
    ...(steps.length > 0 ? [h("ol", {}, ...steps.map((step) => h("li", {}, step)))] : []));
}
