// @ts-check

// The sentences about backups. Pure.

import { sizeWords } from "./size-words.js";
import { say } from "./language.js";
import { day, when } from "./time.js";

/** @typedef {import("./api-backups.js").Backups} Backups */
/** @typedef {import("./api-backups.js").BackupPlace} BackupPlace */

/**
 * Returns what is said of a folder for backups: first how it is, then more of it.
 *
 * @param {BackupPlace} place
 * @param {number} now Unix seconds
 * @returns {{ state: { text: string, icon: string, tone: "good" | "wait" | "care" }, more: string[] }}
 */
export function placeWords(place, now) {
  const { folder, there, n, latest_at: latest, oldest_at: oldest, rehearsed_at: rehearsed, fails_since: fails } = place;
  const more = [];
  if (latest !== null) more.push(say("backup.latest", { when: when(latest, now), size: sizeWords(place.latest_bytes) }));
  if (oldest !== null && 1 < n) more.push(say("backup.oldest", { n, when: when(oldest, now) }));
  if (latest !== null) {
    more.push(rehearsed === null ? say("backup.not_rehearsed") : say("backup.rehearsed", { when: when(rehearsed, now) }));
  }
  if (!there) return { state: { text: say("backup.not_there", { folder }), icon: "warning", tone: "wait" }, more: [] };
  if (fails !== null) {
    return { state: { text: say("backup.fails", { folder, when: when(fails, now) }), icon: "warning", tone: "care" }, more };
  }
  return latest === null
    ? { state: { text: say("backup.ready", { folder }), icon: "clock", tone: "wait" }, more }
    : { state: { text: say("backup.there", { folder }), icon: "check", tone: "good" }, more };
}

/**
 * Returns whether there may be backups in a folder that nobody can count just now.
 *
 * @param {BackupPlace} place
 */
export const isUncounted = ({ there, readable, made_at: made }) => (there ? !readable : made !== null);

/** @param {BackupPlace} place */
export const isCounted = ({ there, readable }) => there && readable;

/**
 * Returns what backups hold of what is erased now: none of it, all of it until a day, or until a day that
 * nobody can say.
 *
 * @param {Backups | null} backups null where they cannot be looked at
 * @returns {{ how: "none" | "open" } | { how: "until", at: number }}
 */
export function held(backups) {
  if (!backups) return { how: "open" };
  const { places, replaced } = backups;
  const fails = places.filter(isCounted).some(({ n, fails_since: since }) => 0 < n && since !== null);
  if (fails || places.some((place) => isUncounted(place) || 0 < place.staying)) return { how: "open" };
  const all = [...places.filter(isCounted).map(({ gone_by: at }) => at), replaced?.goes_at ?? null];
  const days = all.filter((at) => at !== null);
  return days.length > 0 ? { how: "until", at: Math.max(...days) } : { how: "none" };
}

/**
 * Adds up the backups that can be counted.
 *
 * @param {BackupPlace[]} places
 */
export function counted(places) {
  const all = places.filter(isCounted);
  const days = all.flatMap(({ gone_by: at }) => (at === null ? [] : [at]));
  return {
    n: all.reduce((sum, place) => sum + place.n, 0), bytes: all.reduce((sum, place) => sum + place.bytes, 0),
    staying: all.reduce((sum, place) => sum + place.staying, 0), goneBy: days.length > 0 ? Math.max(...days) : null,
  };
}

/**
 * Returns until when backups hold what is erased now, and what stands in the way of knowing it.
 *
 * @param {Backups | null} backups null where they cannot be looked at
 * @param {number} now Unix seconds
 * @returns {string[]}
 */
export function heldWords(backups, now) {
  if (!backups) return [say("amounts.backups_unknown")];
  const { places, under_way: isUnderWay, replaced } = backups;
  const { staying, goneBy } = counted(places);
  return [
    ...(places.length === 0 ? [say("backup.none_here")] : []),
    ...(isUnderWay ? [say("backup.under_way")] : []),
    ...(goneBy === null ? [] : [say("backup.until", { day: day(goneBy) })]),
    ...(staying > 0 ? [say("backup.staying", { n: staying })] : []),
    ...places.flatMap((place) => placeHeld(place, now)),
    ...(replaced ? [say("backup.replaced", { size: sizeWords(replaced.bytes), day: day(replaced.goes_at) })] : []),
  ];
}

/**
 * @param {BackupPlace} place
 * @param {number} now
 */
function placeHeld(place, now) {
  const { folder, there, n, fails_since: fails } = place;
  if (isUncounted(place)) return [say(there ? "backup.unread" : "backup.uncounted_away", { folder })];
  if (!there) return [say("backup.away_none", { folder })];
  if (n === 0) return [say("backup.ready", { folder })];
  return fails === null ? [] : [say("backup.none_goes", { folder, when: when(fails, now) })];
}
