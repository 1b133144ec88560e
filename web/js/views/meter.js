// @ts-check

import { announce, h, setText } from "../dom.js";
import { say } from "../language.js";
import { N_BARS, height } from "../levels.js";
import { countdown, minutesAndSeconds } from "../time.js";
import { bars, barsPath } from "./soundbar.js";

const BAR_MS = 80;
const LAST_SECONDS = [10, 5];
const QUIET_AFTER_MS = 2_500;
const QUIET = 0.02;

/**
 * Makes the picture of a recording while it is made: level, time and what is left.
 *
 * @param {number} limit_ms
 * @returns {{ element: HTMLElement, add: (level: number, length_ms: number) => void }}
 */
export function meter(limit_ms) {
  const levels = Array.from({ length: N_BARS }, () => 0);
  const drawing = bars(levels, "wave-live");
  const path = /** @type {SVGPathElement} */ (drawing.firstChild);
  const time = h("span", { class: "meter-time" }, minutesAndSeconds(0));
  const left = h("span", { class: "meter-left" }, countdown(limit_ms));
  const remark = h("span", { class: "meter-remark" });
  const gauge = h("progress", {
    class: "meter-gauge", max: String(limit_ms), value: "0", "aria-label": say("talk.time_used"),
  });
  const element = h("div", { class: "meter" }, drawing, gauge,
    h("p", { class: "meter-words" }, time, remark, left));
  let loudest = 0;
  let loudestEver = 0;
  let bar = 0;
  let seconds = Math.ceil(limit_ms / 1000);

  const add = (/** @type {number} */ level, /** @type {number} */ length_ms) => {
    loudest = Math.max(loudest, level);
    loudestEver = Math.max(loudestEver, level);
    if (Math.floor(length_ms / BAR_MS) === bar) return;
    bar = Math.floor(length_ms / BAR_MS);
    levels.shift();
    levels.push(height(loudest) * 255);
    loudest = 0;
    path.setAttribute("d", barsPath(levels));
    gauge.value = length_ms;
    setText(time, minutesAndSeconds(length_ms));
    setText(left, countdown(limit_ms - length_ms));
    setText(remark, length_ms > QUIET_AFTER_MS && loudestEver < QUIET
      ? say("talk.nothing_to_hear") : "");
    const now = Math.ceil((limit_ms - length_ms) / 1000);
    if (now !== seconds && LAST_SECONDS.includes(now)) announce(say("time.seconds_left_spoken", { n: now }));
    element.classList.toggle("is-ending", now <= Math.max(...LAST_SECONDS));
    seconds = now;
  };
  return { element, add };
}
