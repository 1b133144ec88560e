// @ts-check

import { makeTake } from "../audio.js";
import { button, h, setText } from "../dom.js";
import { say } from "../language.js";
import { minutesAndSeconds, spokenLength } from "../time.js";
import { MESSAGE_RATE, readOwnWav } from "../wav.js";
import { bars } from "./soundbar.js";

/** @typedef {import("../audio.js").Take & { name?: string, send_at?: number | null }} Take */

const SHORTEST_MS = 500;
const STEP_MS = 100;

/**
 * Makes the place where somebody cuts off what comes before and after; null for a sound that this page cannot open.
 *
 * @param {Take} take
 * @param {(take: Take) => void} done is called with what is left
 * @returns {HTMLElement | null}
 */
export function trimming(take, done) {
  const opened = take.plain ?? (take.name ? null : take.sound);
  if (!opened || take.length_ms < 2 * SHORTEST_MS) return null;
  const { whole } = take;
  const last = Math.floor(take.length_ms);
  const start = edge(say("trim.start"), last, 0);
  const end = edge(say("trim.end"), last, last);
  const left = h("p", { class: "note", role: "status" });
  const wave = h("div", { class: "trim-wave" }, bars(take.waveform, "wave-rest"), bars(take.waveform, "trim-kept"), start, end);

  const show = () => {
    wave.style.setProperty("--from", String(Number(start.value) / last));
    wave.style.setProperty("--to", String(Number(end.value) / last));
    for (const one of [start, end]) one.setAttribute("aria-valuetext", spokenLength(Number(one.value)));
    setText(left, say("trim.left", { length: minutesAndSeconds(Number(end.value) - Number(start.value)) }));
  };
  // Neither goes past the other.
  start.addEventListener("input", () => {
    start.value = String(Math.min(Number(start.value), Number(end.value) - SHORTEST_MS));
    show();
  });
  end.addEventListener("input", () => {
    end.value = String(Math.max(Number(end.value), Number(start.value) + SHORTEST_MS));
    show();
  });
  const cut = button({ icon: "check", class: "button button-small" }, say("trim.cut"), async () => {
    const samples = readOwnWav(await opened.arrayBuffer());
    const at = (/** @type {HTMLInputElement} */ one) => Math.round((Number(one.value) / 1000) * MESSAGE_RATE);
    const kept = makeTake(samples.slice(at(start), at(end)));
    done({ ...kept, plain: kept.sound, name: take.name, send_at: take.send_at, whole: whole ?? take });
  });
  show();
  return h("div", { class: "trim" },
    h("details", { class: "more" }, h("summary", {}, say("trim.title")), h("div", {}, wave, left, cut)),
    ...(whole ? [button({ icon: "undo", class: "button button-small button-quiet" }, say("trim.undo"), () => done(whole))] : []));
}

/**
 * @param {string} label
 * @param {number} last
 * @param {number} value
 */
function edge(label, last, value) {
  // A whole number of steps need not end where the sound does.
  const step = value === last ? "any" : String(STEP_MS);
  const input = h("input", { type: "range", class: "trim-edge", min: "0", max: String(last), step, "aria-label": label });
  input.value = String(value);
  return input;
}
