// @ts-check

// The sentences about backups. Pure.

import { sizeWords } from "./amount-words.js";
import { say } from "./language.js";
import { when } from "./time.js";

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
