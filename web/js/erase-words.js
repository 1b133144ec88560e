// @ts-check

// What is said before something is erased for good: what goes, and what Hutch has no hand in.

import { andList, say } from "./language.js";

/**
 * @typedef {object} EraseWords
 * @property {string} lead
 * @property {string[]} goes
 * @property {string[]} stays
 * @property {string} sure on the button that does it
 */

const COPIES = say("erase.copies");
const CARD = say("erase.card");

/** States in which a toy may hold a message, or some of it. */
const MAYBE_THERE = new Set(["sending", "on_toy", "heard", "failed", "withdrawing", "expired"]);

/**
 * @param {object} item
 * @param {"recording" | "message"} item.kind
 * @param {string | null} item.toy what the toy is called; null for what a child's screen recorded
 * @param {string | null} item.state of its delivery
 * @param {string[]} item.heardBy relatives that it was shared with
 * @returns {EraseWords}
 */
export function itemWords({ kind, toy, state, heardBy }) {
  const isMessage = kind === "message";
  return {
    lead: say(isMessage ? "erase.message_lead" : "erase.recording_lead"),
    goes: [
      say(isMessage ? "erase.message_goes" : "erase.recording_goes"),
      ...(isMessage && state !== null && MAYBE_THERE.has(state) ? [say("erase.message_on_toy", { toy: toy ?? "" })] : []),
    ],
    stays: [
      ...(isMessage || toy === null ? [] : [say("erase.recording_on_toy")]),
      ...(heardBy.length > 0 ? [say("erase.may_have_heard", { names: andList(heardBy), n: heardBy.length })] : []),
      COPIES, CARD,
    ],
    sure: say("erase.item_sure"),
  };
}

/**
 * @param {object} child
 * @param {string} child.name
 * @param {string[]} child.toys what its toys are called
 * @param {string[]} child.screens what its screens are called
 * @param {string[]} child.only relatives who have no other child here
 * @returns {EraseWords}
 */
export function childWords({ name, toys, screens, only }) {
  return {
    lead: say("erase.child_lead", { child: name }),
    goes: [
      say("erase.child_sounds_go", { child: name }),
      screens.length > 0
        ? say("erase.child_look_and_screens_go", { screens: andList(screens), n: screens.length })
        : say("erase.child_look_goes"),
      ...(toys.length > 0 ? [say("erase.child_adoption_goes", { toys: andList(toys), n: toys.length })] : []),
    ],
    stays: [
      ...(toys.length > 0 ? [say("erase.child_toys_keep", { toys: andList(toys), n: toys.length })] : []),
      ...(only.length > 0 ? [say("erase.child_only", { names: andList(only), n: only.length })] : []),
      say("erase.heard_is_heard"), COPIES, CARD,
    ],
    sure: say("erase.name_sure", { name }),
  };
}

/**
 * @param {string} name
 * @returns {EraseWords}
 */
export function relativeWords(name) {
  return {
    lead: say("erase.relative_lead", { name }),
    goes: [
      say("erase.relative_signed_out", { name }),
      say("erase.relative_sounds_go", { name }),
      say("erase.relative_or_remove"),
    ],
    stays: [say("erase.children_heard"), COPIES, CARD],
    sure: say("erase.name_sure", { name }),
  };
}

/**
 * Returns what is said of a relative whose children are all gone.
 *
 * @param {string} name
 */
export const noChildWords = (name) => say("erase.relative_without_child", { name });

/** @type {EraseWords} */
export const HOUSEHOLD_WORDS = {
  lead: say("erase.household_lead"),
  goes: [say("erase.household_goes"), say("erase.household_recovery_key"), say("erase.household_begins_anew")],
  stays: [say("erase.household_toys_keep"), say("erase.heard_is_heard"), say("erase.household_copies"), CARD],
  sure: say("erase.everything"),
};

/** The household that was here before a restore.
 *
 * @type {EraseWords}
 */
export const REPLACED_WORDS = {
  lead: say("backup.replaced_lead"), goes: [say("backup.replaced_goes")], stays: [COPIES, CARD], sure: say("backup.replaced_erase"),
};

/**
 * Returns what became of it, for those who hear the page.
 *
 * @param {boolean} gone
 */
export const erasedWords = (gone) => say(gone ? "erase.erased" : "erase.erased_soon");
