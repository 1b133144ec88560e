// @ts-check

// What this browser remembers of the activity: the last entry that it has seen, by its number and its
// link. Whoever can write to the hub's database can also make the chain anew; what stands here they
// cannot reach.

import { checkActivity } from "./api-activity.js";

/** @typedef {import("./api-activity.js").Head} Head */

/**
 * What was remembered. `known` are entries that do not fit, which somebody has looked at: the hub passes over
 * them, so that they do not hide the next.
 *
 * @typedef {Head & { known?: number[] }} Remembered
 * @typedef {{ at: number, end: number, isKnown: boolean }} Wrong the first entry that does not fit, where the
 *   activity ends, and whether somebody has looked at it
 */

/** @param {string} account */
const keyOf = (account) => `hutch-activity-${account}`;

/**
 * Returns what was remembered, or nothing if that is no sense.
 *
 * @param {string | null} text
 * @returns {Remembered | null}
 */
export function parse(text) {
  try {
    const { id, chain, known } = JSON.parse(text ?? "");
    const isHead = Number.isSafeInteger(id) && id > 0 && typeof chain === "string" && /^[0-9a-f]{64}$/.test(chain);
    if (!isHead) return null;
    const isKnown = Array.isArray(known) && known.length > 0 && known.every(Number.isSafeInteger);
    return isKnown ? { id, chain, known } : { id, chain };
  } catch {
    return null;
  }
}

/**
 * Decides what a check came to, and what to remember from here on. What does not fit is told again and
 * again, until somebody has looked at it.
 *
 * @param {Remembered | null} before
 * @param {import("./api-activity.js").Checked} checked
 * @returns {{ wrong: Wrong | null, remember: Remembered | null }}
 */
export function judge(before, { head, first_wrong: at }) {
  const end = head?.id ?? 0;
  if (at !== null) return { wrong: { at, end, isKnown: false }, remember: before };
  const known = before?.known ?? [];
  const [first] = known;
  return first !== undefined && head
    ? { wrong: { at: first, end, isKnown: true }, remember: { ...head, known } }
    : { wrong: null, remember: head };
}

/**
 * Has the activity checked against what is remembered, and remembers its end if it fits.
 *
 * @param {string} account
 * @returns {Promise<Wrong | null>}
 */
export async function checkAgain(account) {
  const before = recall(account);
  const { wrong, remember } = judge(before, await checkActivity(before ?? {}));
  if (remember) keep(account, remember);
  return wrong;
}

// Where more does not fit than that, it goes on being told.
const MOST_KNOWN = 50;

/**
 * Goes on from the end as it is: somebody has looked at what does not fit, all of it.
 *
 * @param {string} account
 * @returns {Promise<Wrong | null>}
 */
export async function goOn(account) {
  // What does not fit in itself; what only does not fit to what was remembered is not among it.
  /** @type {number[]} */
  const known = [];
  let { head, first_wrong: at } = await checkActivity({});
  while (at !== null && known.length < MOST_KNOWN) {
    known.push(at);
    ({ head, first_wrong: at } = await checkActivity({ known }));
  }
  if (head) keep(account, known.length > 0 ? { ...head, known } : head);
  else forget(account);
  return checkAgain(account);
}

/**
 * @param {string} account
 * @returns {Remembered | null}
 */
function recall(account) {
  try {
    return parse(localStorage.getItem(keyOf(account)));
  } catch {
    // A browser may be told to keep nothing.
    return null;
  }
}

/**
 * @param {string} account
 * @param {Remembered} remembered
 */
function keep(account, remembered) {
  try {
    // eslint-disable-next-line no-restricted-properties -- a number and a hash say nothing of a household
    localStorage.setItem(keyOf(account), JSON.stringify(remembered));
  } catch {
    // Then it remembers nothing, and is told of nothing.
  }
}

/** @param {string} account */
function forget(account) {
  try {
    localStorage.removeItem(keyOf(account));
  } catch {
    // There is nothing to forget.
  }
}
