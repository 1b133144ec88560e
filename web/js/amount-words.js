// @ts-check

// The sentences about how much is kept. Pure; the caller brings the time.

import { locale, say } from "./language.js";
import { day, when } from "./time.js";

/** @typedef {import("./api-amounts.js").ChildAmounts} ChildAmounts */

/** @param {number} n */
export const countWords = (n) => new Intl.NumberFormat(locale()).format(n);

/**
 * Returns when what is kept of a child goes, backups counted.
 *
 * @param {Pick<ChildAmounts, "retention_days" | "going" | "next_goes_at" | "kept">} of
 * @param {number} now
 * @param {ReturnType<typeof import("./backup-words.js").held>} held by backups, of what is erased now
 * @returns {string[]}
 */
export function goesWords({ retention_days: days, going, next_goes_at: next, kept }, now, held) {
  const soon = next === null || going === 0
    ? say("amounts.none_goes")
    : say("amounts.goes", { n: going, when: when(next, now) });
  return [
    ...(days === null ? [say("amounts.for_ever")] : [say("amounts.after_days", { n: days }), soon]),
    ...(kept > 0 ? [say("amounts.kept", { n: kept })] : []),
    ...(held.how === "until" ? [say("amounts.until", { day: day(held.at) })] : held.how === "open" ? [say("amounts.until_open")] : []),
  ];
}
