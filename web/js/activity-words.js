// @ts-check

// The sentences of the activity. Pure; the caller brings who reads, and the time.

import { capital } from "./people-words.js";
import { count, timeOfDay, when } from "./time.js";

/** @typedef {import("./api-activity.js").Entry} Entry */

/**
 * Returns what was done, as one would tell it.
 *
 * @param {Entry} entry
 * @param {string} me whose page it is
 */
export function deedWords(entry, me) {
  const { deed, n } = entry;
  const who = whoWords(entry, me);
  const their = entry.account === me ? "your" : "their";
  const whom = whomWords(entry, me, "somebody who is gone");
  const relative = whomWords(entry, me, "a removed relative");
  const child = entry.child_name ?? "a child who is gone";
  const ofChild = entry.child === null ? "" : ` of ${child}`;
  const toy = entry.subject_name ?? (deed === "toy_adopted" ? "a toy" : `a toy${ofChild}`);
  switch (deed) {
    case "set_up": return `${who} set this hub up`;
    case "signed_in": return `${who} signed in${placeWords(entry)}`;
    case "new_device": return `${who} signed in on a new device${placeWords(entry)}`;
    case "sign_in_failed":
      return entry.subject === null
        ? `Somebody tried to get in under a name that nobody here has${placeWords(entry)}`
        : `Somebody tried to get in as ${whom}, and could not${placeWords(entry)}`;
    case "sessions_ended": return `${who} signed ${n === null ? "other browsers" : count(n, "browser")} out`;
    case "password_changed": return `${who} changed ${their} password`;
    case "two_step_on": return `${who} switched two-step sign-in on`;
    case "two_step_off": return `${who} switched two-step sign-in off`;
    case "recovery_key_made": return `${who} made a new recovery key`;
    case "recovery_key_used": return `${who} came back in with the recovery key${placeWords(entry)}`;
    case "root_changed": return "Somebody at the hub’s own terminal gave it another certificate to trust, so every device warns once";
    case "account_reset": return `Somebody at the hub’s own terminal signed ${whom} out everywhere`;
    case "invited": return `${who} invited ${whom}`;
    case "guardian_invited": return `${who} invited another guardian`;
    case "invite_withdrawn":
      return `${who} took ${entry.subject_name ? `the invitation of ${whom}` : "an invitation"} back`;
    case "invite_accepted": return `${who} accepted an invitation`;
    case "link_renewed": return `${who} made a new link for ${whom}`;
    case "account_changed": return `${who} changed the name or the children of ${relative}`;
    case "account_blocked": return `${who} kept ${relative} from signing in`;
    case "account_unblocked": return `${who} let ${relative} sign in again`;
    case "account_removed": return `${who} removed somebody from this household`;
    case "account_erased": return `${who} erased somebody, with everything that they had sent${countWords(n)}`;
    case "child_added": return `${who} added ${child}`;
    case "child_changed": return `${who} changed the name or the picture of ${child}`;
    case "rules_changed": return `${who} changed the rules for ${child}: quiet hours, volume or how long sound is kept`;
    case "child_erased": return `${who} erased a child, with everything that belonged to it${countWords(n)}`;
    case "approved": return `${who} let a message from ${relative} through to ${child}`;
    case "declined": return `${who} declined a message from ${relative} for ${child}`;
    case "shared": return `${who} shared something of ${child} with ${relative}`;
    case "unshared": return `${who} took something of ${child} back from ${relative}`;
    case "kept": return `${who} kept something of ${child} for good`;
    case "unkept": return `${who} stopped keeping something of ${child} for good`;
    case "erased": return `${who} erased ${soundsWords(n ?? 1)}${ofChild}`;
    case "time_over": return `${who} erased ${soundsWords(n ?? 1)}${ofChild}, as the time was over`;
    case "keys_changing": return `${who} began to change the household’s keys`;
    case "keys_changed": return "The household’s keys were changed";
    case "hub_stolen": return `${who} said that the hub was stolen`;
    case "toy_adopted": return `${who} adopted ${toy} for ${child}`;
    case "toy_retired": return `${who} retired ${toy}`;
    case "toy_let_go": return entry.account === null ? `${capital(toy)} was tidied up and let go`
      : `${who} let ${toy} go without reaching it once more`;
    case "toy_trusted": return `${who} said that ${toy} is still the toy that was adopted`;
    case "guard_table": return `Something that is made differently answered in the place of ${toy}`;
    case "guard_config": return `${capital(toy)} bore another mark than before`;
    case "guard_second_address": return `Something else said that it was ${toy}`;
    case "guard_name": return `${capital(toy)} called itself something else than before`;
    case "guard_game": return `${capital(toy)} behaved as in a game that Hutch had not begun`;
    default: return `${who} did something that this page has no word for yet`;
  }
}

/** What somebody should look at who goes through the list. */
const NOTABLE = ["sign_in_failed", "recovery_key_used", "account_reset", "root_changed", "hub_stolen", "guard_table", "guard_config",
  "guard_second_address", "guard_name", "guard_game"];

/** @param {Entry} entry */
export const isNotable = ({ deed }) => NOTABLE.includes(deed);

/** @param {number} n */
const soundsWords = (n) => (n === 1 ? "a recording or message" : `${n} recordings or messages`);

/** @param {number | null} n */
const countWords = (n) => (n === null || n === 0 ? "" : `: ${soundsWords(n)}`);

/**
 * Returns who did it, at the beginning of a sentence.
 *
 * @param {Entry} entry
 * @param {string} me
 */
function whoWords({ account, account_name: name }, me) {
  if (account === null) return "The hub";
  return account === me ? "You" : name ?? "Somebody who is gone";
}

/**
 * Returns to whom it was done.
 *
 * @param {Entry} entry
 * @param {string} me
 * @param {string} nobody
 */
function whomWords({ subject, subject_name: name }, me, nobody) {
  return subject === me ? "you" : name ?? nobody;
}

/**
 * Returns where and with what, while that is known.
 *
 * @param {Entry} entry
 */
const placeWords = ({ address, device }) => (device && address ? `: ${device}, ${address}` : "");

/**
 * Returns what a guardian should know of, with its time.
 *
 * @param {Entry} entry
 * @param {string} me
 * @param {number} now
 */
export function newsWords(entry, me, now) {
  const at = when(entry.at, now);
  return `${deedWords(entry, me)} (${at === timeOfDay(entry.at) ? `today, ${at}` : at})`;
}

/**
 * Returns what to say about an activity that does not fit.
 *
 * @param {import("./activity-memory.js").Wrong} wrong
 * @returns {{ title: string, what: string, why: string, todo: string }}
 */
export function wrongWords({ at, end }) {
  return {
    title: "The activity is not what this browser remembers",
    what: end < at
      ? `It ends before entry ${at}, which this browser has seen.`
      : `Entry ${at} does not fit: it, or entries before this one, were changed or removed.`,
    why: "That is so after the hub was restored from a backup, or when somebody changed its database.",
    todo: "If nobody here restored a backup, somebody had the hub or its card in their hands. See who is "
      + "signed in, change your password, and change the household’s keys.",
  };
}
