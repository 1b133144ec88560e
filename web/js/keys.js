// @ts-check

// What is typed and read aloud: set-up codes, recovery keys, secrets. Pure.

const KEY_PREFIX = "AGE-SECRET-KEY-1";
const GROUP = 4;
/** How many letters and digits follow the beginning. */
export const KEY_LENGTH = 58;
/** None of 1, B, I and O, which look like others. */
const FOREIGN = /[1BIO]/;

/**
 * Returns a set-up code without what differs between keyboards; the hub forgives the rest.
 *
 * @param {string} typed
 */
export function tidyCode(typed) {
  return typed.normalize("NFKC").replace(/[\u2010-\u2015\u2212]/g, "-").replace(/\s*-\s*/g, "-").trim()
    .replace(/\s+/g, " ");
}

/**
 * Returns a one-time or recovery code as the hub has it.
 *
 * @param {string} typed
 */
export function tidyTotp(typed) {
  const code = tidyCode(typed);
  // Apps show six digits as "123 456".
  return /^[\d -]+$/.test(code) ? code.replace(/[ -]/g, "") : code.replace(/ /g, "");
}

/**
 * Returns the typed part of a key; who copies the beginning along, or a group too much space, is right.
 *
 * @param {string} typed
 */
export function tidyPart(typed) {
  return typed.normalize("NFKC").toUpperCase().replace(/[^A-Z0-9]/g, "");
}

/**
 * Returns a whole recovery key as the hub has it. It may be typed with other spaces, dashes and case,
 * without its beginning, and with the numbers that stand before its groups.
 *
 * @param {string} typed
 */
export function tidyKey(typed) {
  const text = typed.normalize("NFKC").toUpperCase().replace(/^\s*AGE\W*SECRET\W*KEY\W*1/, "");
  const words = text.split(/[^A-Z0-9]+/).filter(Boolean);
  const isNumbered = words.length > 1 && words.every((word, at) => at % 2 === 1 || word === String(at / 2 + 1));
  return KEY_PREFIX + words.filter((_, at) => !isNumbered || at % 2 === 1).join("");
}

/**
 * Returns how much of a recovery key is there, after its beginning, and the number of the first group
 * that has a sign which no key has.
 *
 * @param {string} typed
 * @returns {{ length: number, foreign: number | null }}
 */
export function measureKey(typed) {
  const rest = tidyKey(typed).slice(KEY_PREFIX.length);
  if (tidyPart(KEY_PREFIX).startsWith(rest)) return { length: 0, foreign: null };
  const at = rest.search(FOREIGN);
  return { length: rest.length, foreign: at < 0 ? null : placeInGroups(at + 1).group };
}

/**
 * Returns the secret of an invitation in the part of an address after the "#"; null if it is none. What
 * a message puts around a link may have come along.
 *
 * @param {string} hash
 * @returns {string | null}
 */
export function inviteIn(hash) {
  return /^#invite=([\w-]*)/.exec(hash)?.[1] ?? null;
}

/**
 * Returns a text in groups of four.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function groups(text) {
  return text.match(new RegExp(`.{1,${GROUP}}`, "g")) ?? [];
}

/**
 * Takes a recovery key apart: what all keys begin with, and the rest in groups.
 *
 * @param {string} key
 */
export function partsOfKey(key) {
  const start = key.startsWith(KEY_PREFIX) ? KEY_PREFIX : "";
  return { start, groups: groups(key.slice(start.length)) };
}

/**
 * Returns in which group and at which place in it a character of a key stands, both counted from 1.
 *
 * @param {number} at counted from 1, after what all keys begin with
 */
export function placeInGroups(at) {
  return { group: Math.ceil(at / GROUP), place: (at - 1) % GROUP + 1 };
}

/**
 * Returns the groups of a key with a question mark for each character that is asked for.
 *
 * @param {import("./api.js").KeyPart} part
 * @param {number} [length] of a key without its beginning
 */
export function askedGroups({ first, n }, length = KEY_LENGTH) {
  const signs = Array.from({ length }, (_, index) => (index + 1 >= first && index + 1 < first + n ? "?" : "·"));
  return groups(signs.join(""));
}

/**
 * Returns an SVG path with a square for every dark module.
 *
 * @param {string[]} rows "1" is dark
 */
export function pathOfModules(rows) {
  return rows.map((row, y) => [...row.matchAll(/1+/g)]
    .map((run) => `M${run.index} ${y}h${run[0].length}v1h-${run[0].length}z`).join("")).join("");
}

/**
 * Returns all time zones that the browser knows, with these among them.
 *
 * @param {string} mine
 * @returns {string[] | null} null if it does not tell
 */
export function timeZones(mine) {
  const known = /** @type {any} */ (Intl).supportedValuesOf?.("timeZone");
  return known ? [...new Set([...known, ...(mine ? [mine] : [])])].sort() : null;
}

/** Returns this device's time zone, or nothing. */
export function ownTimeZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
