// @ts-check

// What is said before something is erased for good: what goes, and what Hutch has no hand in.

import { andWords } from "./people-words.js";

/**
 * @typedef {object} EraseWords
 * @property {string} lead
 * @property {string[]} goes
 * @property {string[]} stays
 * @property {string} sure on the button that does it
 */

const COPIES = "Copies of Hutch’s files that were made before, a backup perhaps, still hold it.";
const CARD = "A memory card may keep worn-out cells; what is in them is locked, except messages that were not heard yet.";

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
    lead: `Erase this ${kind} for good?`,
    goes: [
      isMessage ? "It is gone from this hub, for you and for everybody who could hear it." : "It is gone from this hub, for everybody.",
      ...(isMessage && state !== null && MAYBE_THERE.has(state)
        ? [`If ${toy} still holds it, Hutch overwrites it there with silence as soon as ${toy} is awake.`] : []),
    ],
    stays: [
      ...(isMessage || toy === null ? [] : ["A toy keeps its last recording until the next one. Hutch does not fetch this one again."]),
      ...(heardBy.length > 0 ? [`${andWords(heardBy)} may have heard it.`] : []),
      COPIES, CARD,
    ],
    sure: "Erase for good",
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
    lead: `Erase ${name} and everything about ${name} for good?`,
    goes: [
      `Everything that ${name} said, and everything that was said to ${name}, for everybody.`,
      `The name, the picture and the rules${screens.length > 0 ? `, and ${andWords(screens)}: signed out at once` : ""}.`,
      ...(toys.length > 0 ? [`The adoption of ${andWords(toys)}: Hutch does not connect any more.`] : []),
    ],
    stays: [
      ...(toys.length > 0 ? [`Hutch cannot reach into a toy that it no longer adopts: ${andWords(toys)} `
        + `${toys.length === 1 ? "keeps its" : "keep their"} last message and last recording until something takes their place. To `
        + "clear a message there, erase it first and wait until the toy was awake."] : []),
      ...(only.length > 0 ? [`${andWords(only)} ${only.length === 1 ? "has" : "have"} no other child here and will see nothing. You find them under “People”.`] : []),
      "Whoever heard something has heard it.", COPIES, CARD,
    ],
    sure: `Erase ${name} for good`,
  };
}

/**
 * @param {string} name
 * @returns {EraseWords}
 */
export function relativeWords(name) {
  return {
    lead: `Erase ${name} and everything that ${name} sent for good?`,
    goes: [
      `${name} is signed out everywhere, and cannot sign in any more.`,
      `Every message that ${name} sent goes, for everybody, heard or not. If a toy still holds one, Hutch overwrites it there `
        + "with silence as soon as the toy is awake.",
      "To keep what was sent, choose “Remove” instead.",
    ],
    stays: ["What the children heard, they have heard.", COPIES, CARD],
    sure: `Erase ${name} for good`,
  };
}

/**
 * Returns what is said of a relative whose children are all gone.
 *
 * @param {string} name
 */
export const noChildWords = (name) => `${name} has no child here any more, and sees nothing. Choose one under “Change”, or let ${name} go.`;

/** @type {EraseWords} */
export const HOUSEHOLD_WORDS = {
  lead: "Erase everything for good, and begin anew?",
  goes: [
    "Every recording, message, child, toy and account, and all keys: nobody can sign in any more, you neither.",
    "The recovery key opens nothing any more.",
    "This hub begins anew: with a new set-up code, shown at the hub itself, and browsers ask once more whether to trust it.",
  ],
  stays: [
    "Toys keep their last message and their last recording until something takes their place.",
    "Whoever heard something has heard it.",
    "Copies of Hutch’s files that were made before, a backup perhaps, still hold what was in them.", CARD,
  ],
  sure: "Erase everything",
};

/**
 * Returns what became of it, for those who hear the page.
 *
 * @param {boolean} gone
 */
export const erasedWords = (gone) => (gone ? "Erased."
  : "Erased. Somebody was just reading from it, so the last trace of it leaves Hutch’s files within a minute.");
