// @ts-check

// The sentences of the door and of "You and this hub". Pure; the caller brings the time.

import { KEY_LENGTH, measureKey, placeInGroups } from "./keys.js";
import { canSay, say } from "./language.js";
import { day, timeOfDay, when } from "./time.js";
import { errorWords } from "./words.js";

/** @typedef {import("./language.js").Key} Key */

/**
 * What was refused: at which field, in which words, with which offers.
 *
 * @typedef {{ field: string | null, text: string, list?: string[], advice?: string[], wait_s?: number }} Trouble
 */

/** How many characters a password has at least.
 *
 * @type {Record<import("./api.js").Role, number>}
 */
export const PASSWORD_LENGTH = { guardian: 12, relative: 10, child_screen: 0 };

/** @param {unknown} error */
const partsOf = (error) => /** @type {{ code?: string, body?: Record<string, any> }} */ (error ?? {});

/**
 * Returns what to say when a request of the door or of the account was refused.
 *
 * @param {unknown} error
 * @returns {Trouble}
 */
export function trouble(error) {
  const { code, body = {} } = partsOf(error);
  switch (code) {
    case "wrong_code": return { field: "code", text: wrongCodeWords(body.tries_left) };
    case "code_renewed": return { field: "code", text: errorWords(error) };
    case "weak_password":
      return {
        field: "new_password", text: errorWords(error),
        list: sentences(body.reasons), advice: sentences(body.suggestions),
      };
    case "no_children": return { field: "children", text: errorWords(error) };
    case "bad_name": case "name_taken": return { field: "name", text: errorWords(error) };
    case "wrong_recovery_key": return { field: "key", text: errorWords(error) };
    case "bad_time_zone": return { field: "time_zone", text: errorWords(error) };
    case "wrong_password": return { field: "password", text: errorWords(error) };
    case "wrong_totp": case "wrong_totp_code": return { field: "totp", text: errorWords(error) };
    case "totp_switched": return { field: null, text: say("account.totp_switched") };
    case "wrong_part": return { field: "part", text: errorWords(error) };
    case "try_later": return { field: null, text: "", wait_s: Math.max(1, Math.ceil(Number(body.retry_after_s) || 1)) };
    case "stopped": return { field: null, text: say("form.stopped_try") };
    case "no_answer": return { field: null, text: say("form.no_answer") };
    default: return { field: null, text: errorWords(error) };
  }
}

/** @param {unknown} list what the hub says of a password */
function sentences(list) {
  return Array.isArray(list) ? list.map(({ code, message, ...values }) => {
    const key = `weak.${code}`;
    return canSay(key) ? say(key, values) : String(message);
  }) : [];
}

/** @param {unknown} left how many tries */
function wrongCodeWords(left) {
  return typeof left === "number" && left > 0 ? say("setup.wrong_code_tries", { n: left }) : say("error.wrong_code");
}

/**
 * Returns what a person who must wait is told.
 *
 * @param {number} seconds
 */
export function waitWords(seconds) {
  return inUnit(seconds, ["account.wait_seconds", "account.wait_minutes", "account.wait_hours", "account.wait_days"]);
}

/** @param {number} seconds */
export function spanWords(seconds) {
  return inUnit(seconds, ["account.seconds", "account.minutes", "account.hours", "account.days"]);
}

/**
 * @param {number} seconds
 * @param {[Key, Key, Key, Key]} sentences for seconds, minutes, hours and days
 */
function inUnit(seconds, [ofSeconds, ofMinutes, ofHours, ofDays]) {
  if (seconds < 60) return say(ofSeconds, { n: seconds });
  if (seconds < 3600) return say(ofMinutes, { n: Math.ceil(seconds / 60) });
  if (seconds <= 2 * 86_400) return say(ofHours, { n: Math.ceil(seconds / 3600) });
  return say(ofDays, { n: Math.ceil(seconds / 86_400) });
}

/**
 * Returns what to do when codes do not work because the hub does not know the time.
 *
 * @param {number} hub_s the hub's time, Unix seconds
 * @param {number} now
 */
export function clockWords(hub_s, now) {
  return say("account.clock", { time: when(hub_s, now) });
}

/**
 * Returns how far a new password is.
 *
 * @param {string} password
 * @param {import("./api.js").Role} [role] whose it is
 */
export function lengthWords(password, role = "guardian") {
  const typed = [...password].length;
  const least = PASSWORD_LENGTH[role];
  if (typed === 0) return say("account.password_length", { least });
  if (typed < least) return say("account.password_length_typed", { typed, least });
  return say("account.password_long_enough");
}

/**
 * Returns which part of the recovery key to type.
 *
 * @param {import("./api.js").KeyPart} part whole groups
 */
export function partWords({ first: at, n }) {
  const [first, last] = [placeInGroups(at).group, placeInGroups(at + n - 1).group];
  return last - first === 1 ? say("key.part_two_groups", { first, last }) : say("key.part_groups", { first, last });
}

/**
 * Returns how far a recovery key is that is being typed.
 *
 * @param {string} typed
 */
export function keyLengthWords(typed) {
  const { length } = measureKey(typed);
  if (length === 0) return say("key.typing_hint");
  return length < KEY_LENGTH ? say("key.typed_length", { typed: length, all: KEY_LENGTH }) : "";
}

/**
 * Returns what can be seen to be wrong with a recovery key before the hub is asked; null if nothing.
 *
 * @param {string} typed
 * @returns {Trouble | null}
 */
export function keyTrouble(typed) {
  const { length, foreign } = measureKey(typed);
  if (foreign !== null) return { field: "key", text: say("key.foreign_sign", { group: foreign }) };
  if (length === KEY_LENGTH) return null;
  return { field: "key", text: say("key.wrong_length", { all: KEY_LENGTH, typed: length }) };
}

/**
 * Returns how long it is until then, "10 minutes".
 *
 * @param {number} until Unix seconds
 * @param {number} now
 */
export function timeLeft(until, now) {
  return spanWords(Math.max(1, Math.ceil(until - now)));
}

/**
 * Returns how long an invitation is still good.
 *
 * @param {number} until Unix seconds
 * @param {number} now
 */
export function goodForWords(until, now) {
  return say("account.good_for", { span: timeLeft(until, now) });
}

/**
 * Returns by which name a guardian signs in, and since when.
 *
 * @param {import("./api.js").Person} person
 */
export function personWords({ sign_in_name: name, created_at: at }) {
  return say("account.signs_in_as", { name, date: day(at) });
}

/**
 * Returns what keeps a guardian from signing in, if anything does.
 *
 * @param {import("./api.js").Person} person
 * @param {number} now
 */
export function guardianState({ has_password: hasPassword, invite }, now) {
  if (invite) return say("account.has_link", { span: timeLeft(invite.expires_at, now) });
  return hasPassword ? null : say("account.cannot_sign_in");
}

/**
 * Returns how long ago a browser was used.
 *
 * @param {number} at Unix seconds
 * @param {number} now
 */
export function lastUseWords(at, now) {
  const seconds = now - at;
  if (seconds < 90) return say("account.used_just_now");
  if (seconds < 3600) return say("account.used_minutes_ago", { n: Math.round(seconds / 60) });
  const time = timeOfDay(at);
  const date = when(at, now);
  return date === time ? say("account.used_today", { time }) : say("account.used_on", { date });
}

/**
 * Returns why a password should be changed; null where it is good.
 *
 * @param {import("./api.js").Me["password_advice"]} advice
 */
export function passwordAdvice(advice) {
  if (advice === null) return null;
  return advice === "names" ? say("account.advice_names") : say("account.advice_weak");
}

/**
 * Returns what sort of browser somebody used.
 *
 * @param {string} device as the hub tells it: "Firefox on Android", "A browser"
 */
export function deviceWords(device) {
  const [, browser = device, system] = /^(.+) on (.+)$/.exec(device) ?? [];
  const name = browser === "A browser" ? say("account.a_browser") : browser;
  return system === undefined ? name : say("account.browser_on", { browser: name, system });
}
