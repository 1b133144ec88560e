// @ts-check

// The sentences about the rules of a child: quiet hours, volumes, how long things are kept. Pure; the caller
// brings the time.

import { say } from "./language.js";
import { dayOfMonth, timeOfMinute } from "./time.js";

/** @typedef {import("./api-rules.js").Span} Span */
/** @typedef {{ days: number[], from: number, until: number }} Night the same hours on several days */

const DAY_MINUTES = 24 * 60;

/** The days of the week, Monday first. */
export const DAYS = [
  { words: say("rules.monday"), short: say("rules.monday_short") },
  { words: say("rules.tuesday"), short: say("rules.tuesday_short") },
  { words: say("rules.wednesday"), short: say("rules.wednesday_short") },
  { words: say("rules.thursday"), short: say("rules.thursday_short") },
  { words: say("rules.friday"), short: say("rules.friday_short") },
  { words: say("rules.saturday"), short: say("rules.saturday_short") },
  { words: say("rules.sunday"), short: say("rules.sunday_short") },
];

/** What quiet hours begin with where there were none. */
export const USUAL_NIGHT = { from: 19 * 60 + 30, until: 7 * 60 };

/** How loud a toy may be, in steps; the last is as loud as it goes. */
export const LOUDNESS = [
  { level: 40, words: say("rules.loudness_very_quiet") },
  { level: 90, words: say("rules.loudness_quiet") },
  { level: 140, words: say("rules.loudness_medium") },
  { level: 200, words: say("rules.loudness_loud") },
  { level: null, words: say("rules.loudness_most") },
];

/** How long things may be kept. */
export const KEPT_FOR = [
  { days: 30, words: say("rules.kept_days", { n: 30 }) },
  { days: 90, words: say("rules.kept_days", { n: 90 }) },
  { days: 365, words: say("rules.kept_year") },
  { days: null, words: say("rules.kept_for_ever") },
];

/**
 * Returns for how long things are kept.
 *
 * @param {number | null} days null for ever
 */
export const keptForWords = (days) =>
  KEPT_FOR.find((one) => one.days === days)?.words ?? say("rules.kept_days", { n: days ?? 0 });

/**
 * Returns hours in words: "19:30 to 7:00 the next morning, 11 hours 30 minutes".
 *
 * @param {{ from: number, until: number }} night
 */
export function spanWords({ from, until }) {
  const isOver = until <= from;
  const minutes = (isOver ? until + DAY_MINUTES : until) - from;
  const values = { from: timeOfMinute(from), until: timeOfMinute(until), length: lengthWords(minutes) };
  if (!isOver) return say("rules.span", values);
  return say(until < 12 * 60 ? "rules.span_next_morning" : "rules.span_next_day", values);
}

/** @param {number} all minutes */
function lengthWords(all) {
  const n = Math.floor(all / 60);
  const hours = say("rules.span_hours", { n });
  const minutes = say("rules.span_minutes", { n: all % 60 });
  if (n === 0) return minutes;
  return all % 60 === 0 ? hours : say("rules.span_hours_and_minutes", { hours, minutes });
}

/**
 * Puts hours together that are the same on several days, those of the most days first.
 *
 * @param {Span[]} spans
 * @returns {Night[]}
 */
export function nightsOf(spans) {
  /** @type {Map<string, Night>} */
  const nights = new Map();
  for (const { weekday, from, until } of spans) {
    const night = nights.get(`${from}-${until}`) ?? { days: [], from, until };
    night.days.push(weekday);
    nights.set(`${from}-${until}`, night);
  }
  return [...nights.values()].sort((a, b) => b.days.length - a.days.length);
}

/**
 * Returns the hours of each day.
 *
 * @param {Night[]} nights
 * @returns {Span[]}
 */
export function spansOf(nights) {
  const spans = nights.flatMap(({ days, from, until }) => days.map((weekday) => ({ weekday, from, until })));
  return spans.sort((a, b) => a.weekday - b.weekday);
}

/**
 * Returns minutes after midnight, or null for what is no time.
 *
 * @param {string} text of a field for a time, "19:30"
 */
export function minuteOf(text) {
  const [, hours, minutes] = /^(\d{2}):(\d{2})/.exec(text) ?? [];
  return hours === undefined ? null : Number(hours) * 60 + Number(minutes);
}

/**
 * Returns what a field for a time takes.
 *
 * @param {number} minute
 */
export const fieldTime = (minute) =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/**
 * Returns the step that comes nearest to a volume.
 *
 * @param {number | null} level
 */
export function loudnessStep(level) {
  if (level === null) return LOUDNESS.length - 1;
  const far = (/** @type {number} */ step) => Math.abs((LOUDNESS[step]?.level ?? 255) - level);
  return LOUDNESS.slice(0, -1).reduce((best, _, step) => (far(step) < far(best) ? step : best), 0);
}

/**
 * Returns the words of a step.
 *
 * @param {number} step
 * @param {boolean} isNight
 */
export function loudnessWords(step, isNight) {
  const isLast = step === LOUDNESS.length - 1;
  return isNight && isLast ? say("rules.loudness_as_by_day") : LOUDNESS[step]?.words ?? "";
}

/**
 * Returns what goes next.
 *
 * @param {{ going: number, first_goes_at: number | null }} rules
 * @param {number} now
 */
export function goingWords({ going, first_goes_at: first }, now) {
  if (going === 0 || first === null) return say("rules.going_none");
  return first <= now
    ? say("rules.going_within_hour", { n: going })
    : say("rules.going_on", { n: going, date: dayOfMonth(first) });
}

/**
 * Returns by which clock hours are quiet.
 *
 * @param {string | null} zone
 */
export function zoneWords(zone) {
  return zone === null ? say("rules.zone_utc") : say("rules.zone", { place: zone.replace(/_/g, " ") });
}
