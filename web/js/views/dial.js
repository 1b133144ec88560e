// @ts-check

import { DAY_MINUTES, QUARTER, arc, minuteAt, pointAt, steppedTo } from "../dial.js";
import { h, setText, svg } from "../dom.js";
import { say } from "../language.js";
import { DAYS } from "../rules-words.js";
import { timeOfMinute } from "../time.js";

/** @typedef {import("../api-rules.js").Span} Span */
/** @typedef {{ from: number, until: number }} Hours */
/** @typedef {"from" | "until"} End */

// In units of the drawing, of which the dial is 240 wide.
const RING = 92;
const HAND = 15;
// A finger's width around a hand.
const GRIP = 25;
const LABELS = 61;
const HOURS = [0, 6, 12, 18];
const HOUR = 60;

const MOON = "M1.5 -7A7 7 0 1 0 7 3.5A6 6 0 0 1 1.5 -7Z";
const SUN = "M0 -9V-6.5M0 9V6.5M-9 0H-6.5M9 0H6.5M-6.4 -6.4L-4.6 -4.6M6.4 6.4L4.6 4.6M-6.4 6.4L-4.6 4.6M6.4 -6.4L4.6 -4.6";

/** By how much a key turns a hand, in minutes.
 *
 * @type {Record<string, number>}
 */
const KEYS = {
  ArrowRight: QUARTER, ArrowUp: QUARTER, ArrowLeft: -QUARTER, ArrowDown: -QUARTER, PageUp: HOUR, PageDown: -HOUR,
};

/**
 * Makes a dial of 24 hours on which quiet hours are seen, and set by turning their ends: the moon to where they begin,
 * the sun to where they end.
 *
 * @param {Hours} hours
 * @param {{ hint: string, turned: (hours: Hours) => void }} scene `hint`: the id of what says how
 */
export function dial(hours, { hint, turned }) {
  let shown = hours;
  const span = svg("path", { class: "dial-quiet" });
  const begins = svg("text", { class: "dial-time", y: "-9" });
  const ends = svg("text", { class: "dial-time", y: "24" });
  const picture = svg("svg", { class: "dial", viewBox: "-120 -120 240 240" },
    svg("circle", { class: "dial-ring", r: String(RING) }), ...ticks(), span,
    svg("g", { "aria-hidden": "true" }, begins, svg("path", { class: "dial-dash", d: "M-5 0H5" }), ends));

  /**
   * @param {End} end
   * @param {string} words
   * @param {...SVGElement} sign
   */
  const hand = (end, words, ...sign) => {
    const element = svg("g", {
      class: `dial-hand dial-${end}`, role: "slider", tabindex: "0", "aria-label": words, "aria-describedby": hint,
      "aria-valuemin": "0", "aria-valuemax": String(DAY_MINUTES - 1),
    }, svg("circle", { class: "dial-grip", r: String(GRIP) }), svg("circle", { class: "dial-knob", r: String(HAND) }), ...sign);
    /** @param {number} minute */
    const turnTo = (minute) => {
      if (minute === shown[end] || minute === shown[end === "from" ? "until" : "from"]) return;
      show({ ...shown, [end]: minute });
      turned(shown);
    };
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      element.focus({ preventScroll: true });
      event.preventDefault();
    });
    element.addEventListener("pointermove", (event) => {
      if (!element.hasPointerCapture(event.pointerId)) return;
      const box = picture.getBoundingClientRect();
      turnTo(minuteAt(event.clientX - box.left - box.width / 2, event.clientY - box.top - box.height / 2));
    });
    element.addEventListener("keydown", (event) => {
      const by = KEYS[event.key];
      if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      turnTo(steppedTo(shown[end], by, shown[end === "from" ? "until" : "from"]));
    });
    return element;
  };
  const hands = {
    from: hand("from", say("rules.dial_begins"), svg("path", { class: "dial-moon", d: MOON })),
    until: hand("until", say("rules.dial_ends"),
      svg("circle", { class: "dial-sun", r: "4" }), svg("path", { class: "dial-rays", d: SUN })),
  };
  picture.append(hands.from, hands.until);

  /** @param {Hours} next */
  const show = (next) => {
    shown = next;
    span.setAttribute("d", next.from === next.until ? "" : arc(next, RING));
    setText(begins, timeOfMinute(next.from));
    setText(ends, timeOfMinute(next.until));
    for (const end of /** @type {const} */ (["from", "until"])) {
      const { x, y } = pointAt(next[end], RING);
      hands[end].setAttribute("transform", `translate(${x} ${y})`);
      hands[end].setAttribute("aria-valuenow", String(next[end]));
      hands[end].setAttribute("aria-valuetext", timeOfMinute(next[end]));
    }
  };
  show(hours);
  return { element: picture, show };
}

/** Draws where the hours are; those who hear the page hear them from the hands. */
function ticks() {
  const marks = Array.from({ length: 24 }, (_, hour) => {
    const isNamed = HOURS.includes(hour);
    const [inner, outer] = [pointAt(hour * HOUR, isNamed ? 74 : 77), pointAt(hour * HOUR, 80)];
    return svg("path", { class: "dial-tick", d: `M${inner.x} ${inner.y}L${outer.x} ${outer.y}` });
  });
  const names = HOURS.map((hour) => {
    const { x, y } = pointAt(hour * HOUR, LABELS);
    const name = svg("text", { class: "dial-hour", x: String(x), y: String(y + 4) });
    name.append(String(hour));
    return name;
  });
  return [svg("g", { "aria-hidden": "true" }, ...marks, ...names)];
}

/** Makes the week at a glance: a small dial for each day, and the same in words. */
export function week() {
  const days = DAYS.map(({ words, short }) => {
    const span = svg("path", { class: "dial-quiet" });
    const told = h("span", { class: "unseen" });
    const element = h("li", { class: "week-day" },
      svg("svg", { class: "week-dial", viewBox: "-20 -20 40 40", "aria-hidden": "true" },
        svg("circle", { class: "dial-ring", r: "15" }), svg("path", { class: "dial-tick", d: "M0 -9V-6" }), span),
      h("span", { "aria-hidden": "true" }, short), told);
    return {
      element,
      /** @param {Hours | undefined} hours */
      show(hours) {
        element.classList.toggle("is-loud", !hours);
        span.setAttribute("d", hours ? arc(hours, 15) : "");
        setText(told, hours
          ? say("rules.week_day", { day: words, from: timeOfMinute(hours.from), until: timeOfMinute(hours.until) })
          : say("rules.week_day_none", { day: words }));
      },
    };
  });
  return {
    element: h("ul", { class: "week", "aria-label": say("rules.week") }, ...days.map(({ element }) => element)),
    /** @param {Span[]} spans */
    show: (spans) => days.forEach(({ show }, at) => show(spans.find(({ weekday }) => weekday === at + 1))),
  };
}
