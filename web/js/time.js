// @ts-check

import { locale, say } from "./language.js";
import { once } from "./once.js";

/** @param {Intl.DateTimeFormatOptions} options */
const format = (options) => once(() => new Intl.DateTimeFormat(locale(), options));

const CLOCK = format({ timeStyle: "short" });
const DAY = format({ weekday: "long", day: "numeric", month: "long" });
const DAY_AND_YEAR = format({ day: "numeric", month: "long", year: "numeric" });
const DAY_AND_MONTH = format({ day: "numeric", month: "long" });
const SHORT_DAY = format({ day: "numeric", month: "short" });

/**
 * Returns minutes and seconds, rounded up to a whole second so that no sound reads as 0:00.
 *
 * @param {number} ms
 */
export function minutesAndSeconds(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000 - 0.05));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * Returns what is left while recording, in whole seconds that end at 0.
 *
 * @param {number} ms
 */
export function countdown(ms) {
  return say("time.seconds_left", { n: Math.max(0, Math.ceil(ms / 1000)) });
}

/**
 * Returns a length for a screen reader, "1 minute 5 seconds".
 *
 * @param {number} ms
 */
export function spokenLength(ms) {
  const all = Math.max(0, Math.ceil(ms / 1000 - 0.05));
  const minutes = say("time.minutes", { n: Math.floor(all / 60) });
  const seconds = say("time.seconds", { n: all % 60 });
  if (all < 60) return seconds;
  return all % 60 === 0 ? minutes : say("time.minutes_and_seconds", { minutes, seconds });
}

/**
 * Returns the time of day.
 *
 * @param {number} at Unix seconds
 */
export function timeOfDay(at) {
  return CLOCK().format(at * 1000);
}

/**
 * Returns the time of day that is so many minutes after midnight.
 *
 * @param {number} minute
 */
export function timeOfMinute(minute) {
  return CLOCK().format(new Date(2001, 0, 1, Math.floor(minute / 60), minute % 60));
}

/**
 * Returns the day and the month, "3 March".
 *
 * @param {number} at Unix seconds
 */
export function dayOfMonth(at) {
  return DAY_AND_MONTH().format(at * 1000);
}

/**
 * Returns the time of day, with the date unless it is today.
 *
 * @param {number} at Unix seconds
 * @param {number} now Unix seconds
 */
export function when(at, now) {
  return daysBetween(at, now) === 0
    ? timeOfDay(at)
    : say("time.day_and_time", { date: SHORT_DAY().format(at * 1000), time: timeOfDay(at) });
}

/**
 * Returns the words of a day line.
 *
 * @param {number} at Unix seconds
 * @param {number} now Unix seconds
 */
export function dayLine(at, now) {
  const days = daysBetween(at, now);
  if (days === 0) return say("time.today");
  if (days === 1) return say("time.yesterday");
  return days < 200 && days > 0 ? DAY().format(at * 1000) : DAY_AND_YEAR().format(at * 1000);
}

/**
 * Returns a text that is the same for all times of one local day.
 *
 * @param {number} at Unix seconds
 */
export function dayKey(at) {
  const date = new Date(at * 1000);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

/**
 * Returns how long until then, "in 2 minutes".
 *
 * @param {number} at Unix seconds
 * @param {number} now Unix seconds
 */
export function inHowLong(at, now) {
  const seconds = Math.round(at - now);
  if (seconds <= 2) return say("time.in_a_moment");
  if (seconds < 60) return say("time.in_seconds", { n: seconds });
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return say("time.in_minutes", { n: minutes });
  return say("time.in_hours", { n: Math.round(minutes / 60) });
}

/**
 * Days from `at` to `now` by the calendar; days with a clock change have 23 or 25 hours.
 *
 * @param {number} at
 * @param {number} now
 */
function daysBetween(at, now) {
  const midnight = (/** @type {number} */ seconds) => {
    const date = new Date(seconds * 1000);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  };
  return Math.round((midnight(now) - midnight(at)) / 86_400_000);
}

/**
 * Returns the date.
 *
 * @param {number} at Unix seconds
 */
export function day(at) {
  return DAY_AND_YEAR().format(at * 1000);
}
