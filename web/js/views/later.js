// @ts-check

import { hubNow } from "../api.js";
import { h } from "../dom.js";
import { say } from "../language.js";
import { field } from "./form.js";

/** How far ahead the hub keeps a message. */
const MOST_DAYS = 60;

/**
 * Makes the place where somebody says when a message sets out, if not at once.
 *
 * @param {number | null} chosen Unix seconds
 * @param {(at: number | null) => void} changed
 */
export function laterChoice(chosen, changed) {
  // The clock of a device may be days off; the hub decides by its own.
  const now = new Date(hubNow() * 1000);
  const last = new Date(now.getTime() + MOST_DAYS * 86_400_000);
  const input = h("input", { type: "datetime-local", min: localTime(now), max: localTime(last) });
  if (chosen !== null) input.value = localTime(new Date(chosen * 1000));
  const when = field({ label: say("later.label"), name: "send-at", hint: [say("later.hint")], input });
  input.addEventListener("input", () => {
    const at = new Date(input.value).getTime();
    changed(Number.isNaN(at) ? null : Math.floor(at / 1000));
  });
  const open = h("details", { class: "more later", open: chosen !== null },
    h("summary", {}, say("later.title")), h("div", {}, when.element));
  // Closed again, it goes at once.
  open.addEventListener("toggle", () => {
    if (open.open || input.value === "") return;
    input.value = "";
    changed(null);
  });
  return open;
}

/**
 * Returns a time as a field for it takes it: by the clock of this device.
 *
 * @param {Date} date
 */
function localTime(date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
