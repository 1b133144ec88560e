// @ts-check

// The sentences about quiet hours, volumes and how long things are kept. Pure; the caller brings the time.

import { count, dayOfMonth, timeOfDay, timeOfMinute, when } from "./time.js";

/** @typedef {import("./api.js").Quiet} Quiet */
/** @typedef {import("./api-rules.js").Span} Span */
/** @typedef {{ days: number[], from: number, until: number }} Night the same hours on several days */

const DAY_MINUTES = 24 * 60;
const DAY_S = 86_400;

/** What goes within this time says so. */
const TOLD_AHEAD_S = 7 * DAY_S;

/** The days of the week, Monday first. */
export const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** What quiet hours begin with where there were none. */
export const USUAL_NIGHT = { from: 19 * 60 + 30, until: 7 * 60 };

/** How loud a toy may be, in steps; the last is as loud as it goes. */
export const LOUDNESS = [
  { level: 40, words: "Very quiet" },
  { level: 90, words: "Quiet" },
  { level: 140, words: "Medium" },
  { level: 200, words: "Loud" },
  { level: null, words: "As loud as the toy goes" },
];

/** How long things may be kept. */
export const KEPT_FOR = [
  { days: 30, words: "30 days" },
  { days: 90, words: "90 days" },
  { days: 365, words: "A year" },
  { days: null, words: "For ever" },
];

/**
 * Returns until when it is quiet, for the middle of a sentence: "until 7:00".
 *
 * @param {Quiet} quiet
 * @param {number} now
 */
export function untilWords({ until }, now) {
  if (until === null) return "until the hub knows how late it is";
  return `until ${until - now < DAY_S ? timeOfDay(until) : when(until, now)}`;
}

/**
 * Returns what a child's screen says while it is quiet.
 *
 * @param {Quiet} quiet
 * @param {number} now
 */
export const quietTimeWords = (quiet, now) => `It is quiet time ${untilWords(quiet, now)}`;

/**
 * Returns when something goes on that waits for quiet hours to end, for the end of a sentence.
 *
 * @param {number | null} until
 * @param {number} now
 */
export function quietEndWords(until, now) {
  if (until === null) return "once the hub knows how late it is: until then it is quiet time";
  return `when quiet hours end at ${until - now < DAY_S ? timeOfDay(until) : when(until, now)}`;
}

/**
 * Returns hours in words: "19:30 to 7:00 the next morning, 11 hours 30 minutes".
 *
 * @param {{ from: number, until: number }} night
 */
export function spanWords({ from, until }) {
  const isOver = until <= from;
  const minutes = (isOver ? until + DAY_MINUTES : until) - from;
  const next = isOver ? ` the next ${until < 12 * 60 ? "morning" : "day"}` : "";
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const length = [hours > 0 ? count(hours, "hour") : "", rest > 0 ? count(rest, "minute") : ""].filter(Boolean).join(" ");
  return `${timeOfMinute(from)} to ${timeOfMinute(until)}${next}, ${length}`;
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
  return isNight && isLast ? "As by day" : LOUDNESS[step]?.words ?? "";
}

/**
 * Returns what goes next.
 *
 * @param {{ going: number, first_goes_at: number | null }} rules
 * @param {number} now
 */
export function goingWords({ going, first_goes_at: first }, now) {
  if (going === 0 || first === null) return "Nothing goes within the next 7 days.";
  const things = count(going, "recording or message", "recordings and messages");
  const goes = `${things} ${going === 1 ? "goes" : "go"} within the next 7 days`;
  const when_first = first <= now ? "within the hour" : `on ${dayOfMonth(first)}`;
  return `${goes}, ${going === 1 ? "" : "the first "}${when_first}. What you keep stays.`;
}

/**
 * Returns when a recording or message goes, if that is soon; nothing otherwise.
 *
 * @param {number | null} goesAt
 * @param {number} now
 */
export function goesWords(goesAt, now) {
  if (goesAt === null || goesAt - now > TOLD_AHEAD_S) return "";
  return goesAt <= now ? "goes within the hour" : `goes on ${dayOfMonth(goesAt)}`;
}

/**
 * Returns by which clock hours are quiet.
 *
 * @param {string | null} zone
 */
export function zoneWords(zone) {
  return zone === null
    ? "By UTC: the hub was not told where it lives."
    : `By the clock of ${zone.replace(/_/g, " ")}, where the hub lives.`;
}
