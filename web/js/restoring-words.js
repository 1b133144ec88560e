// @ts-check

// The sentences of a household that comes back. Pure.

import { keyTrouble } from "./account-words.js";
import { sizeWords } from "./size-words.js";
import { measureKey, tidyKey } from "./keys.js";
import { say } from "./language.js";
import { day, timeOfDay } from "./time.js";

/** @typedef {import("./api-restoring.js").BackupOffer} BackupOffer */
/** @typedef {import("./api-restoring.js").Fault} Fault */
/** @typedef {import("./api-restoring.js").Restoring} Restoring */
/** @typedef {import("./api-restoring.js").Returned} Returned */

/** @param {number} at */
const moment = (at) => say("time.day_and_time", { date: day(at), time: timeOfDay(at) });

/**
 * Returns what is said of a backup: first when it was made, then more of it.
 *
 * @param {BackupOffer} offer
 * @returns {[string, string]}
 */
export function offerWords({ made_at: made, folder, bytes, opens, key_made_at: key }) {
  const size = sizeWords(bytes);
  if (made === null || folder === null) return [say("restoring.sent"), size];
  const opening = opens === "passphrase" ? say("restoring.opens_with_passphrase")
    : key === null ? "" : say("restoring.opens_with_key", { day: day(key) });
  return [moment(made), [size, say("restoring.in_folder", { folder }), opening].filter(Boolean).join(" · ")];
}

/**
 * Returns what was typed as the hub takes it, or what is wrong with it.
 *
 * @param {string} typed
 * @param {BackupOffer["opens"]} opens what opens the backup, if that is known
 * @returns {{ key: string } | { text: string }}
 */
export function readKey(typed, opens) {
  const isKey = opens === "recovery_key" || (opens === null && (/^\s*AGE\W*SECRET/i.test(typed) || measureKey(typed).length === 58));
  if (!isKey) return { key: typed.trim() };
  const wrong = keyTrouble(typed);
  return wrong ? { text: wrong.text } : { key: tidyKey(typed) };
}

/**
 * Returns how far it is, in words and from 0 to 1; no number where nobody knows.
 *
 * @param {Restoring} restoring
 * @returns {{ text: string, share: number | null }}
 */
export function stageWords({ state, done, of }) {
  if (state === "unpacking" && 0 < of) {
    return { text: say("restoring.unpacking", { done: sizeWords(done), all: sizeWords(of) }), share: done / of };
  }
  if (state === "opening" && 0 < done) return { text: say("restoring.opening", { n: done }), share: null };
  return { text: say("restoring.looking_through"), share: null };
}

/** @type {Record<Fault, string>} */
const FAULTS = {
  mistyped: say("restoring.fault_mistyped"),
  other_key: say("restoring.fault_other_key"),
  wants_passphrase: say("restoring.fault_wants_passphrase"),
  wants_key: say("restoring.fault_wants_key"),
  no_backup: say("error.no_backup"),
  damaged: say("restoring.fault_damaged"),
  newer: say("restoring.fault_newer"),
  no_room: say("error.no_room_for_backup"),
  unreadable: say("restoring.fault_unreadable"),
  under_way: say("restoring.fault_under_way"),
  internal: say("restoring.fault_internal"),
};

/**
 * Returns why nothing came back, and whether that lies in what was typed.
 *
 * @param {Fault | null} fault
 */
export function faultWords(fault) {
  const isTyped = fault !== null && ["mistyped", "other_key", "wants_passphrase", "wants_key"].includes(fault);
  return { text: FAULTS[fault ?? "internal"], field: isTyped ? "key" : null };
}

/**
 * Returns what came back, a sentence each.
 *
 * @param {Returned} returned
 */
export function returnedWords({ made_at: made, items, erased, knows_erased: knows }) {
  return [
    say("restoring.as_of", { when: moment(made), n: items }),
    ...(knows ? [] : [say("restoring.erased_unknown")]),
    ...(knows && 0 < erased ? [say("restoring.erased_again", { n: erased })] : []),
  ];
}
