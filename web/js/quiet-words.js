// @ts-check

// The sentences about quiet hours that last, and about what goes soon. Pure; the caller brings the time.

import { say } from "./language.js";
import { dayOfMonth, timeOfDay, when } from "./time.js";

/** @typedef {import("./api.js").Quiet} Quiet */

const DAY_S = 86_400;

/** What goes within this time says so. */
const TOLD_AHEAD_S = 7 * DAY_S;

/**
 * Returns until when it is quiet, for the middle of a sentence: "until 7:00".
 *
 * @param {Quiet} quiet
 * @param {number} now
 */
export const untilWords = ({ until }, now) =>
  (until === null ? say("rules.until_unknown") : say("rules.until", { time: endTime(until, now) }));

/**
 * Returns what a child's screen says while it is quiet.
 *
 * @param {Quiet} quiet
 * @param {number} now
 */
export const quietTimeWords = ({ until }, now) =>
  (until === null ? say("rules.quiet_time_unknown") : say("rules.quiet_time_until", { time: endTime(until, now) }));

/**
 * Returns when something goes on that waits for quiet hours to end, for the end of a sentence.
 *
 * @param {number | null} until
 * @param {number} now
 */
export const quietEndWords = (until, now) =>
  (until === null ? say("rules.quiet_end_unknown") : say("rules.quiet_end_at", { time: endTime(until, now) }));

/**
 * Returns when quiet hours end; the date is said only where it is not clear.
 *
 * @param {number} until
 * @param {number} now
 */
const endTime = (until, now) => (until - now < DAY_S ? timeOfDay(until) : when(until, now));

/**
 * Returns when a recording or message goes, if that is soon; nothing otherwise.
 *
 * @param {number | null} goesAt
 * @param {number} now
 */
export function goesWords(goesAt, now) {
  if (goesAt === null || goesAt - now > TOLD_AHEAD_S) return "";
  return goesAt <= now ? say("rules.goes_within_hour") : say("rules.goes_on", { date: dayOfMonth(goesAt) });
}
