// @ts-check

import { button, h, icon, setText } from "../dom.js";
import { say } from "../language.js";
import { DAYS, USUAL_NIGHT, fieldTime, minuteOf, nightsOf, spanWords, spansOf } from "../rules-words.js";
import { dial, week } from "./dial.js";
import { tickBox } from "./form.js";

/** @typedef {import("../api-rules.js").Span} Span */

/**
 * One row: hours, and the days on which they begin.
 *
 * @typedef {{ element: HTMLElement, days: HTMLInputElement[], from: HTMLInputElement, until: HTMLInputElement,
 *   tell: (wrong: string) => void }} Row
 */

/** Says how to turn a dial. */
const HINT = "dial-hint";

let made = 0;

/**
 * Makes the place where quiet hours are set: on or off, hours for all days, and others for some.
 *
 * @param {Span[]} spans
 */
export function nights(spans) {
  const isOn = tickBox(say("rules.quiet_hours"), spans.length > 0);
  const list = h("div", { class: "nights" });
  const more = button({ icon: "plus", class: "button button-small" }, say("rules.other_hours"), () => {
    const row = add({ days: [], from: USUAL_NIGHT.from + 60, until: USUAL_NIGHT.until + 60 });
    row.from.focus();
  });
  const glance = week();
  const hint = h("p", { class: "note", id: HINT }, say("rules.dial_hint"));
  const body = h("div", { class: "nights-body" }, glance.element, hint, list, more);
  const element = h("div", {}, isOn.element, body);
  /** @type {Row[]} */
  let rows = [];

  const show = () => {
    body.hidden = !isOn.input.checked;
    more.hidden = rows.length > 1 && rows.some(({ days }) => days.every((day) => !day.checked));
    for (const { element: one } of rows) {
      /** @type {HTMLElement} */ (one.querySelector(".night-remove")).hidden = rows.length === 1;
    }
    glance.show(spansOf(rows.flatMap(({ days, from, until }) => {
      const hours = { from: minuteOf(from.value), until: minuteOf(until.value) };
      if (hours.from === null || hours.until === null || hours.from === hours.until) return [];
      return [{ days: chosenDays(days), from: hours.from, until: hours.until }];
    })));
  };

  /** @param {{ days: number[], from: number, until: number }} night */
  const add = (night) => {
    const row = makeRow(night, {
      // Each day has one beginning: what is chosen here is chosen nowhere else.
      chose(at) {
        for (const other of rows) if (other !== row) tick(other, at, false);
        show();
      },
      changed: show,
      remove() {
        const first = rows.find((other) => other !== row);
        row.days.forEach((day, at) => { if (day.checked && first) tick(first, at, true); });
        rows = rows.filter((other) => other !== row);
        row.element.remove();
        show();
        more.focus();
      },
    });
    rows.push(row);
    list.append(row.element);
    show();
    return row;
  };

  const known = nightsOf(spans);
  for (const night of known.length > 0 ? known : [{ days: [1, 2, 3, 4, 5, 6, 7], ...USUAL_NIGHT }]) add(night);
  isOn.input.addEventListener("change", show);

  return {
    element,
    /** @returns {Span[] | null} nothing if something is wrong, which stands there then */
    read() {
      if (!isOn.input.checked) return [];
      let isFine = true;
      const isAnyDay = rows.some(({ days }) => days.some(({ checked }) => checked));
      const found = rows.map(({ days, from, until, tell }) => {
        const hours = { from: minuteOf(from.value), until: minuteOf(until.value) };
        const chosen = chosenDays(days);
        const wrong = !isAnyDay ? say("rules.no_day")
          : chosen.length === 0 ? ""
          : hours.from === null || hours.until === null ? say("rules.no_time")
            : hours.from === hours.until ? say("rules.no_length") : "";
        tell(wrong);
        if (wrong && isFine) from.focus();
        isFine &&= wrong === "";
        return { days: chosen, from: hours.from ?? 0, until: hours.until ?? 0 };
      });
      return isFine ? spansOf(found) : null;
    },
  };
}

/** @param {HTMLInputElement[]} days */
const chosenDays = (days) => days.flatMap((day, at) => (day.checked ? [at + 1] : []));

/**
 * @param {Row} row
 * @param {number} at which day
 * @param {boolean} isChosen
 */
function tick({ days }, at, isChosen) {
  const day = days[at];
  if (day) day.checked = isChosen;
}

/**
 * @param {{ days: number[], from: number, until: number }} night
 * @param {{ chose: (at: number) => void, changed: () => void, remove: () => void }} events
 * @returns {Row}
 */
function makeRow({ days: begins, from: from_minute, until: until_minute }, { chose, changed, remove }) {
  made += 1;
  const id = `night-${made}`;
  const time = (/** @type {string} */ name, /** @type {number} */ minute) =>
    h("input", { type: "time", id: `${id}-${name}`, value: fieldTime(minute), "aria-describedby": `${id}-words` });
  const from = time("from", from_minute);
  const until = time("until", until_minute);
  const words = h("p", { class: "field-hint", id: `${id}-words`, role: "status" });
  const wrong = h("p", { class: "field-wrong", role: "alert", hidden: true });
  const days = DAYS.map((_, at) => h("input", { type: "checkbox", class: "unseen", checked: begins.includes(at + 1) }));
  const choices = DAYS.map((day, at) => h("label", { class: "choice day-choice" }, /** @type {HTMLInputElement} */ (days[at]),
    h("span", { "aria-hidden": "true" }, day.short), h("span", { class: "unseen" }, day.words)));
  const removal = button({ icon: "close", class: "button button-small button-quiet night-remove" }, say("rules.without_hours"), remove);
  const turning = dial({ from: from_minute, until: until_minute }, {
    hint: HINT,
    turned(hours) {
      from.value = fieldTime(hours.from);
      until.value = fieldTime(hours.until);
      show();
      changed();
    },
  });
  const element = h("fieldset", { class: "night" },
    h("legend", {}, say("rules.quiet_from")),
    h("div", { class: "night-hours" }, turning.element, h("div", { class: "night-exact" },
      h("div", { class: "night-times field" }, h("label", { for: from.id }, say("rules.begins_at")), from,
        h("label", { for: until.id }, say("rules.ends_at")), until),
      words, wrong)),
    h("fieldset", { class: "choices" }, h("legend", {}, say("rules.nights_on")), h("div", { class: "choices-row" }, ...choices)),
    removal);

  const show = () => {
    const [begin, end] = [minuteOf(from.value), minuteOf(until.value)];
    setText(words, begin === null || end === null || begin === end ? "" : spanWords({ from: begin, until: end }));
    if (begin !== null && end !== null) turning.show({ from: begin, until: end });
  };
  element.addEventListener("input", () => {
    show();
    changed();
  });
  days.forEach((day, at) => day.addEventListener("change", () => { if (day.checked) chose(at); }));
  show();
  return {
    element, days, from, until,
    tell(text) {
      wrong.hidden = text === "";
      if (text) wrong.replaceChildren(icon("warning"), h("span", {}, text));
      for (const one of [from, until]) {
        if (text) one.setAttribute("aria-invalid", "true");
        else one.removeAttribute("aria-invalid");
      }
    },
  };
}
