// @ts-check

// The sentences of the activity. Pure; the caller brings who reads, and the time.

import { deviceWords } from "./account-words.js";
import { say } from "./language.js";
import { timeOfDay, when } from "./time.js";

/** @typedef {import("./api-activity.js").Entry} Entry */
/** @typedef {import("./language.js").Key} Key */
/** @typedef {import("./language.js").Values} Values */

/**
 * Returns what was done, as one would tell it.
 *
 * @param {Entry} entry
 * @param {string} me whose page it is
 */
export function deedWords(entry, me) {
  const { deed, n } = entry;
  const isMine = entry.account === me;
  const who = whoWords(entry);
  /**
   * @param {Key} theirs somebody else or the hub did it
   * @param {Key} mine
   * @param {Values} [values]
   */
  const told = (theirs, mine, values = {}) => (isMine ? say(mine, values) : say(theirs, { who, ...values }));
  const isToMe = entry.subject === me && !isMine;
  const whom = entry.subject_name ?? say("activity.whom_gone");
  const relative = entry.subject_name ?? say("activity.relative_gone");
  const child = entry.child_name ?? say("activity.child_gone");
  const isOfChild = entry.child !== null;
  const toy = entry.subject_name
    ?? (isOfChild && !["toy_adopted", "toy_given"].includes(deed) ? say("activity.a_toy_of", { child }) : say("activity.a_toy"));
  const toyFirst = entry.subject_name
    ?? (isOfChild ? say("activity.a_toy_of_first", { child }) : say("activity.a_toy_first"));
  switch (deed) {
    case "set_up": return told("activity.set_up", "activity.set_up_you");
    case "signed_in": return placed(told("activity.signed_in", "activity.signed_in_you"), entry);
    case "new_device": return placed(told("activity.new_device", "activity.new_device_you"), entry);
    case "sign_in_failed":
      if (entry.subject === null) return placed(say("activity.sign_in_failed_unknown"), entry);
      return placed(isToMe ? say("activity.sign_in_failed_as_you") : say("activity.sign_in_failed", { whom }), entry);
    case "sessions_ended":
      return n === null
        ? told("activity.sessions_ended", "activity.sessions_ended_you")
        : told("activity.sessions_ended_counted", "activity.sessions_ended_counted_you", { n });
    case "password_changed": return told("activity.password_changed", "activity.password_changed_you");
    case "two_step_on": return told("activity.two_step_on", "activity.two_step_on_you");
    case "two_step_off": return told("activity.two_step_off", "activity.two_step_off_you");
    case "recovery_key_made": return told("activity.recovery_key_made", "activity.recovery_key_made_you");
    case "recovery_key_used": return placed(told("activity.recovery_key_used", "activity.recovery_key_used_you"), entry);
    case "root_changed": return say("activity.root_changed");
    case "restored": return say("activity.restored");
    case "replaced_erased":
      return entry.account === null
        ? say("activity.replaced_gone")
        : told("activity.replaced_erased", "activity.replaced_erased_you");
    case "account_reset": return isToMe ? say("activity.account_reset_for_you") : say("activity.account_reset", { whom });
    case "invited": return told("activity.invited", "activity.invited_you", { whom });
    case "guardian_invited": return told("activity.guardian_invited", "activity.guardian_invited_you");
    case "invite_withdrawn":
      if (!entry.subject_name) return told("activity.invite_withdrawn", "activity.invite_withdrawn_you");
      return isToMe
        ? say("activity.invite_withdrawn_of_yours", { who })
        : told("activity.invite_withdrawn_of", "activity.invite_withdrawn_of_you", { whom });
    case "invite_accepted": return told("activity.invite_accepted", "activity.invite_accepted_you");
    case "link_renewed":
      return isToMe
        ? say("activity.link_renewed_for_you", { who })
        : told("activity.link_renewed", "activity.link_renewed_you", { whom });
    case "account_changed": return told("activity.account_changed", "activity.account_changed_you", { relative });
    case "account_blocked": return told("activity.account_blocked", "activity.account_blocked_you", { relative });
    case "account_unblocked": return told("activity.account_unblocked", "activity.account_unblocked_you", { relative });
    case "account_removed": return told("activity.account_removed", "activity.account_removed_you");
    case "account_erased": return counted(told("activity.account_erased", "activity.account_erased_you"), n);
    case "child_added": return told("activity.child_added", "activity.child_added_you", { child });
    case "child_changed": return told("activity.child_changed", "activity.child_changed_you", { child });
    case "rules_changed": return told("activity.rules_changed", "activity.rules_changed_you", { child });
    case "child_erased": return counted(told("activity.child_erased", "activity.child_erased_you"), n);
    case "approved": return told("activity.approved", "activity.approved_you", { relative, child });
    case "declined": return told("activity.declined", "activity.declined_you", { relative, child });
    case "shared": return told("activity.shared", "activity.shared_you", { relative, child });
    case "unshared": return told("activity.unshared", "activity.unshared_you", { relative, child });
    case "kept": return told("activity.kept", "activity.kept_you", { child });
    case "unkept": return told("activity.unkept", "activity.unkept_you", { child });
    case "note_written": return told("activity.note_written", "activity.note_written_you", { child });
    case "note_changed": return told("activity.note_changed", "activity.note_changed_you", { child });
    case "note_removed": return told("activity.note_removed", "activity.note_removed_you", { child });
    case "erased":
      return isOfChild
        ? told("activity.erased_of_child", "activity.erased_of_child_you", { n: n ?? 1, child })
        : told("activity.erased", "activity.erased_you", { n: n ?? 1 });
    case "time_over": return say(isOfChild ? "activity.time_over_of_child" : "activity.time_over", { n: n ?? 1, child });
    case "keys_changing": return told("activity.keys_changing", "activity.keys_changing_you");
    case "keys_changed": return say("activity.keys_changed");
    case "hub_stolen": return told("activity.hub_stolen", "activity.hub_stolen_you");
    case "meter_made": return told("activity.meter_made", "activity.meter_made_you");
    case "meter_revoked": return told("activity.meter_revoked", "activity.meter_revoked_you");
    case "toy_adopted": return told("activity.toy_adopted", "activity.toy_adopted_you", { toy, child });
    case "toy_renamed": return told("activity.toy_renamed", "activity.toy_renamed_you", { toy });
    case "toy_given": return told("activity.toy_given", "activity.toy_given_you", { toy, child });
    case "slot_silenced": return told("activity.slot_silenced", "activity.slot_silenced_you", { toy });
    case "toy_retired": return told("activity.toy_retired", "activity.toy_retired_you", { toy });
    case "toy_let_go":
      return entry.account === null
        ? say("activity.toy_tidied_up", { toy: toyFirst })
        : told("activity.toy_let_go", "activity.toy_let_go_you", { toy });
    case "toy_trusted": return told("activity.toy_trusted", "activity.toy_trusted_you", { toy });
    case "guard_table": return say("activity.guard_table", { toy });
    case "guard_config": return say("activity.guard_config", { toy: toyFirst });
    case "guard_second_address": return say("activity.guard_second_address", { toy });
    case "guard_name": return say("activity.guard_name", { toy: toyFirst });
    case "guard_game": return say("activity.guard_game", { toy: toyFirst });
    default: return told("activity.unknown", "activity.unknown_you");
  }
}

/** What somebody should look at who goes through the list. */
const NOTABLE = ["sign_in_failed", "recovery_key_used", "account_reset", "root_changed", "restored", "hub_stolen", "guard_table", "guard_config",
  "guard_second_address", "guard_name", "guard_game"];

/** @param {Entry} entry */
export const isNotable = ({ deed }) => NOTABLE.includes(deed);

/**
 * Returns a sentence with how much went, while that is known.
 *
 * @param {string} sentence
 * @param {number | null} n
 */
const counted = (sentence, n) => (n === null || n === 0 ? sentence : say("activity.with_erased", { deed: sentence, n }));

/**
 * Returns a sentence with where and with what, while that is known.
 *
 * @param {string} sentence
 * @param {Entry} entry
 */
const placed = (sentence, { address, device }) =>
  (device && address ? say("activity.with_place", { deed: sentence, device: deviceWords(device), address }) : sentence);

/**
 * Returns who did it, at the beginning of a sentence.
 *
 * @param {Entry} entry
 */
function whoWords({ account, account_name: name }) {
  return account === null ? say("activity.the_hub") : name ?? say("activity.who_is_gone");
}

/**
 * Returns what a guardian should know of, with its time.
 *
 * @param {Entry} entry
 * @param {string} me
 * @param {number} now
 */
export function newsWords(entry, me, now) {
  const time = when(entry.at, now);
  return say(time === timeOfDay(entry.at) ? "activity.news_today" : "activity.news_on", { deed: deedWords(entry, me), time });
}

/**
 * Returns what to say about an activity that does not fit.
 *
 * @param {import("./activity-memory.js").Wrong} wrong
 * @returns {{ title: string, what: string, why: string, todo: string }}
 */
export function wrongWords({ at, end }) {
  const entry = String(at);
  return {
    title: say("activity.wrong_title"),
    what: end < at ? say("activity.wrong_cut", { entry }) : say("activity.wrong_edited", { entry }),
    why: say("activity.wrong_why"),
    todo: say("activity.wrong_todo"),
  };
}
