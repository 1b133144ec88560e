// @ts-check

// The sentences of the door and of "You and this hub". Pure; the caller brings the time.

import { KEY_LENGTH, measureKey, placeInGroups } from "./keys.js";
import { count, day, timeOfDay, when } from "./time.js";
import { errorWords } from "./words.js";

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
    case "wrong_code":
      return { field: "code", text: `That is not the set-up code of this hub. ${triesWords(body.tries_left)}` };
    case "code_renewed":
      return { field: "code", text: "The hub has made a new set-up code, and the old one no longer counts. Look it up again." };
    case "weak_password":
      return {
        field: "new_password", text: "This password is too easy to guess.",
        list: sentences(body.reasons), advice: sentences(body.suggestions),
      };
    case "no_children": return { field: "children", text: errorWords(error) };
    case "bad_name": return { field: "name", text: errorWords(error) };
    case "name_taken":
      return { field: "name", text: "Somebody here has that name already. Choose another one, perhaps with a last name." };
    case "wrong_recovery_key":
      return { field: "key", text: "Name and recovery key do not fit together. Compare the key letter by letter; is it "
        + "the newest one that was printed?" };
    case "bad_time_zone": return { field: "time_zone", text: "The hub does not know this time zone. Choose another one." };
    case "wrong_password":
      return { field: "password", text: "Name and password do not fit together. Look at capital letters and the keyboard’s language." };
    case "wrong_totp":
      return { field: "totp", text: "That code is not right, or was used already. Wait for the next one in your app." };
    case "wrong_totp_code":
      return { field: "totp", text: "That code does not fit. Wait for the next one in your app. If it never fits, "
        + "the phone’s clock is off." };
    case "totp_switched": return { field: null, text: "Two-step sign-in was switched on already. Load this page again." };
    case "wrong_part":
      return { field: "part", text: "That is not what stands there. Compare it letter by letter with your copy." };
    case "try_later": return { field: null, text: "", wait_s: Math.max(1, Math.ceil(Number(body.retry_after_s) || 1)) };
    case "stopped":
      return { field: null, text: "You stopped waiting. Hutch may have done it all the same: try again, and it says so." };
    case "no_answer":
      return { field: null, text: "Hutch is not answering. Is the hub switched on, and is this device on the same network? "
        + "What you typed is still here." };
    default: return { field: null, text: errorWords(error) };
  }
}

/** @param {unknown} list */
function sentences(list) {
  return Array.isArray(list) ? list.map(String) : [];
}

/** @param {unknown} left */
function triesWords(left) {
  return typeof left === "number" && left > 0
    ? `${count(left, "more try", "more tries")}, then the hub makes a new one.`
    : "Compare it once more.";
}

/**
 * Returns what a person who must wait is told.
 *
 * @param {number} seconds
 */
export function waitWords(seconds) {
  return `There were too many wrong tries. You can try again in ${spanWords(seconds)}.`;
}

/** @param {number} seconds */
export function spanWords(seconds) {
  if (seconds < 60) return count(seconds, "second");
  if (seconds < 3600) return count(Math.ceil(seconds / 60), "minute");
  if (seconds <= 2 * 86_400) return count(Math.ceil(seconds / 3600), "hour");
  return count(Math.ceil(seconds / 86_400), "day");
}

/**
 * Returns what to do when codes do not work because the hub does not know the time.
 *
 * @param {number} hub_s the hub's time, Unix seconds
 * @param {number} now
 */
export function clockWords(hub_s, now) {
  return `The code depends on the time, and the hub is not sure of it: its clock says ${when(hub_s, now)}. It takes codes `
    + "again once it has got the time from your network. A recovery code works now.";
}

/**
 * Returns how far a new password is.
 *
 * @param {string} password
 * @param {import("./api.js").Role} [role] whose it is
 */
export function lengthWords(password, role = "guardian") {
  const n = [...password].length;
  const enough = PASSWORD_LENGTH[role];
  if (n === 0) return `At least ${enough} characters. A few uncommon words are easier to type than signs.`;
  if (n < enough) return `${n} of at least ${enough} characters.`;
  return "Long enough. Hutch checks whether it is hard to guess when you go on.";
}

/**
 * Returns which part of the recovery key to type.
 *
 * @param {import("./api.js").KeyPart} part whole groups
 */
export function partWords({ first, n }) {
  const [from, to] = [placeInGroups(first).group, placeInGroups(first + n - 1).group];
  return `Type groups ${from} ${to - from === 1 ? "and" : "to"} ${to} of your copy. They are marked above.`;
}

/**
 * Returns how far a recovery key is that is being typed.
 *
 * @param {string} typed
 */
export function keyLengthWords(typed) {
  const { length } = measureKey(typed);
  if (length === 0) return "Type or paste it, in groups or not. Capitals, spaces and the numbers of the groups do not matter.";
  return length < KEY_LENGTH ? `${length} of ${KEY_LENGTH} letters and digits.` : "";
}

/**
 * Returns what can be seen to be wrong with a recovery key before the hub is asked; null if nothing.
 *
 * @param {string} typed
 * @returns {Trouble | null}
 */
export function keyTrouble(typed) {
  const { length, foreign } = measureKey(typed);
  if (foreign !== null) {
    return { field: "key", text: `Look at group ${foreign} again: no key has a B, an I, an O or a 1 there. `
      + "Perhaps it is an 8, an L or a zero." };
  }
  if (length === KEY_LENGTH) return null;
  return { field: "key", text: `After AGE-SECRET-KEY-1 a key has ${KEY_LENGTH} letters and digits; here are `
    + `${length}. Compare it group by group.` };
}

/**
 * Returns how long an invitation is still good.
 *
 * @param {number} until Unix seconds
 * @param {number} now
 */
export function goodForWords(until, now) {
  return `good for ${spanWords(Math.max(1, Math.ceil(until - now)))} more`;
}

/**
 * Returns by which name a guardian signs in, and since when.
 *
 * @param {import("./api.js").Person} person
 */
export function personWords({ sign_in_name: called, created_at: at }) {
  return `Signs in as “${called}”, here since ${day(at)}`;
}

/**
 * Returns what keeps a guardian from signing in, if anything does.
 *
 * @param {import("./api.js").Person} person
 * @param {number} now
 */
export function guardianState({ has_password: hasPassword, invite }, now) {
  if (invite) return `Has a link, ${goodForWords(invite.expires_at, now)}`;
  return hasPassword ? null : "Cannot sign in since the keys were changed: make a new link";
}

/**
 * Returns how long ago a browser was used.
 *
 * @param {number} at Unix seconds
 * @param {number} now
 */
export function lastUseWords(at, now) {
  const seconds = now - at;
  if (seconds < 90) return "used just now";
  if (seconds < 3600) return `used ${count(Math.round(seconds / 60), "minute")} ago`;
  const words = when(at, now);
  return words === timeOfDay(at) ? `used today, ${words}` : `used on ${words}`;
}
