// @ts-check

// The sentences about Bluetooth, about meeting a toy, and about toys that are not what they were. Pure.

import { capital } from "./people-words.js";
import { isKeptAway } from "./words.js";

/** @typedef {import("./api-toys.js").Heard} Heard */
/** @typedef {import("./api-toys.js").Meeting} Meeting */
/** @typedef {import("./api.js").Toy} Toy */

/**
 * What is wrong, and what can be done about it, one thing after the other.
 *
 * @typedef {{ title: string, text: string, steps: string[] }} Trouble
 */

const ASK_HUB = "At the hub itself, “hutch toy scan” says what is missing. It is for whoever set the hub up.";

/**
 * Returns why Bluetooth cannot be used; null if it can, or nobody knows yet.
 *
 * @param {string | undefined} state
 * @returns {Trouble | null}
 */
export function radioTrouble(state) {
  switch (state) {
    case undefined: case "works": return null;
    case "starting":
      return { title: "Bluetooth is being started.", text: "This takes a few seconds.", steps: [] };
    case "unused":
      return {
        title: "Bluetooth is not used on this hub.", text: "Its settings say so, and without Bluetooth it reaches no toy.",
        steps: ["Whoever set the hub up can change that: in its settings, the word is “radio”."],
      };
    case "no_adapter":
      return {
        title: "The hub has no Bluetooth.", text: "No Bluetooth adapter was found in it.",
        steps: ["Is it a small plug? Push it in again, or try another socket.",
          "A hub without Bluetooth of its own needs such a plug: a Bluetooth USB adapter."],
      };
    case "off":
      return {
        title: "Bluetooth is switched off at the hub.", text: "Hutch could not switch it on.",
        steps: ["If the hub has a switch or a key for flight mode, use it.",
          "Otherwise type “sudo rfkill unblock bluetooth” at the hub itself."],
      };
    case "stuck":
      return {
        title: "The hub’s Bluetooth does not answer.", text: "Hutch switches it off and on now and then, and goes on by itself.",
        steps: ["Is it a small plug? Pull it out, and push it in again.", "If that does not help, restart the hub."],
      };
    case "no_daemon":
      return {
        title: "Bluetooth does not run on the hub.", text: "The part of its system that does it has stopped.",
        steps: ["Restart the hub.", "If that does not help, type “sudo systemctl start bluetooth” at the hub itself."],
      };
    case "denied":
      return {
        title: "Hutch may not use the hub’s Bluetooth.", text: "A file that allows it is missing from the hub’s system.",
        steps: ["Install Hutch once more: that brings the file back, and nothing is lost.", ASK_HUB],
      };
    case "no_bus":
      return {
        title: "Hutch cannot ask for Bluetooth.", text: "A part of the hub’s system does not answer.",
        steps: ["Restart the hub.", ASK_HUB],
      };
    default:
      return { title: "Bluetooth does not work on the hub.", text: "This page has no word yet for what is wrong.", steps: [ASK_HUB] };
  }
}

/** From how many dBm on a signal is as strong as that. */
const STRONG_DBM = -65;
const FAIR_DBM = -80;

/**
 * Returns how strong a toy is heard.
 *
 * @param {number | null} dbm
 * @returns {"strong" | "fair" | "weak" | null}
 */
export function signalLevel(dbm) {
  if (dbm === null) return null;
  return dbm >= STRONG_DBM ? "strong" : dbm >= FAIR_DBM ? "fair" : "weak";
}

/** @type {Record<"strong" | "fair" | "weak", string>} */
export const SIGNAL_WORDS = { strong: "Strong signal", fair: "Fair signal", weak: "Weak signal: bring it closer to the hub" };

/**
 * Returns what to call a toy that has no name yet.
 *
 * @param {string | null} character
 */
export const strangerWords = (character) => (character === null ? "A toy without a name" : `A ${character} without a name`);

/**
 * Returns what tells a toy from another one that looks the same: what it calls itself, and if need be the
 * end of its address.
 *
 * @param {Heard} heard
 * @param {Heard[]} all
 */
export function markWords({ address, name, character }, all) {
  const isAlone = all.filter((one) => one.name === name && one.character === character && one.toy === null).length < 2;
  return isAlone ? name : `${name}, number ${address.slice(-5)}`;
}

/**
 * Returns how many toys are there.
 *
 * @param {number} n
 */
export const foundWords = (n) => (n === 0 ? "No toy is awake nearby." : n === 1 ? "1 toy is awake nearby." : `${n} toys are awake nearby.`);

/** What to try when the toy is not in the list. */
export const NOT_HEARD = [
  "Squeeze a paw once more. A toy that is left alone falls asleep again.",
  "Bring it into the same room as the hub.",
  "Close any other app that talks to the toy, on every phone nearby. A toy that somebody holds cannot be heard.",
  "If its voice sounds slow or hoarse, or it says nothing, put in fresh batteries.",
];

/**
 * Returns why a meeting came to nothing, and what to try.
 *
 * @param {Pick<Meeting, "state" | "why">} meeting
 * @returns {Trouble & { again: boolean }} `again`: whether another try with the same toy can help
 */
export function meetingTrouble({ state, why }) {
  if (state === "cancelled") {
    return {
      title: "This was ended.", again: true, steps: [],
      text: "Hutch meets one toy at a time, and somebody in your family began with another one, or stopped this one.",
    };
  }
  switch (why) {
    case "unreachable":
      return {
        title: "Hutch could not reach the toy.", again: true,
        text: "It may be asleep again, or somebody nearby is connected to it.",
        steps: ["Squeeze a paw, so that it is awake.", "Bring it closer to the hub.",
          "Close any other app that talks to the toy, on every phone nearby."],
      };
    case "no_room":
      return {
        title: "The hub cannot hold one more toy now.", again: true,
        text: "Its Bluetooth holds as many toys as it can at once. A toy that nobody touches is let go after ten minutes.",
        steps: ["Wait until another toy is asleep, and try again.",
          "If it happens often, a Bluetooth adapter that holds more toys helps."],
      };
    case "link_lost":
      return {
        title: "The connection to the toy broke off.", again: true, text: "It may have been too far away, or fallen asleep.",
        steps: ["Bring it closer to the hub.", "Squeeze a paw, so that it is awake."],
      };
    case "silent":
      return {
        title: "The toy stopped answering.", again: true, text: "It was there, and then it said nothing more.",
        steps: ["Bring it closer to the hub.", "If its voice sounds slow or hoarse, put in fresh batteries."],
      };
    case "confused":
      return {
        title: "The toy answered in a way that Hutch does not understand.", again: true,
        text: "Perhaps it was in the middle of something.",
        steps: ["Let go of its paws, and wait until it is quiet.",
          "If it happens again, take its batteries out for a moment. It may also be another kind of toy."],
      };
    case "not_squeezed":
      return {
        title: "No paw was squeezed within a minute.", again: true,
        text: "Hutch let go of the toy. Whoever’s it was, nothing was changed on it.",
        steps: ["If no heart blinked near you, it was another toy: choose another one.",
          "If it did, squeeze a paw firmly, in its middle."],
      };
    case "taken":
      return {
        title: "This toy has just been adopted.", again: false,
        text: "Somebody in your family was a moment faster. You find it under “Toys”.", steps: [],
      };
    case "timed_out":
      return {
        title: "Hutch has let go of the toy.", again: true,
        text: "It was squeezed, but nobody gave it a name within five minutes, and the toy needs its rest.", steps: [],
      };
    default:
      return {
        title: "That did not work.", again: true, text: "Hutch let go of the toy.", steps: NOT_HEARD.slice(0, 2),
      };
  }
}

/**
 * Returns whose animal a toy is: "Mia’s bear".
 *
 * @param {Pick<Toy, "character">} toy
 * @param {string | undefined} child
 */
export const whoseWords = ({ character }, child) => (child === undefined ? capital(character) : `${child}’s ${character}`);

/**
 * Returns how a toy is: a word, a shape and a tone.
 *
 * @param {Pick<Toy, "name" | "retiring" | "guard">} toy
 * @param {string | undefined} presence
 * @returns {import("./views/people-part.js").State}
 */
export function toyState({ name, retiring = false, guard = null }, presence) {
  if (retiring && presence === "awake") return { text: "On its way out. Hutch tidies up on it, which takes a few minutes", icon: "clock", tone: "wait" };
  if (retiring) return { text: `On its way out. Squeeze one of ${name}’s paws: then Hutch tidies up and lets it go`, icon: "clock", tone: "wait" };
  if (guard !== null && isKeptAway(guard)) return { text: "Hutch sends it nothing", icon: "pause", tone: "care" };
  switch (presence) {
    case "awake": return { text: "Awake", icon: "check", tone: "good" };
    case "connecting": return { text: "Waking up", icon: "clock", tone: "wait" };
    case "unreachable":
      return { text: "Hutch could not reach it. It is asleep again, or somebody nearby is connected to it", icon: "warning", tone: "care" };
    case "no_room":
      return { text: "Awake, but the hub’s Bluetooth holds as many toys as it can at once. It gets its turn when another one is let go", icon: "clock", tone: "wait" };
    default: return { text: "Asleep", icon: "moon", tone: "wait" };
  }
}

/**
 * Returns what a guardian should know of a toy that is not what it was when it was adopted.
 *
 * @param {Pick<Toy, "name" | "guard">} toy
 * @returns {Trouble | null}
 */
export function guardTrouble({ name, guard }) {
  switch (guard) {
    case null: case undefined: return null;
    case "table":
      return {
        title: `This may not be ${name}.`,
        text: `Something answers in ${name}’s place, but it is made differently from the toy that you adopted. Hutch sends it nothing.`,
        steps: [`Was ${name} repaired or exchanged? Then say that it is still your toy.`,
          `If nobody knows of anything, somebody may have another device near you that pretends to be ${name}. Retire ${name}, or wait `
            + "and see whether it is gone tomorrow."],
      };
    case "config":
      return {
        title: `This may be another toy than ${name}.`,
        text: `The mark that Hutch knows ${name} by is a different one now. Hutch sends it nothing.`,
        steps: [`Did somebody set ${name} up with another app or another hub? Then say that it is still your toy.`,
          `If not, see where ${name} is, and retire it if it is not with you.`],
      };
    case "name":
      return {
        title: `${name} calls itself something else than before.`,
        text: "What a toy calls itself over Bluetooth does not change by itself.",
        steps: [`Was ${name} repaired, or changed with another app? Then say that it is still your toy.`,
          `If nobody knows of anything, another device may pretend to be ${name}: send nothing to it that only your child should hear.`],
      };
    case "second_address":
      return {
        title: `Something else says that it is ${name}.`,
        text: `Another device near you bears ${name}’s mark. Hutch keeps to the toy that you adopted.`,
        steps: [`Squeeze one of ${name}’s paws and keep it close to the hub, so that Hutch has hold of it.`,
          "Is it another toy of yours that was set up with the same app? Then say that all is well: it is still your toy.",
          "If nobody knows of anything, somebody near you may have made a copy."],
      };
    case "game":
      return {
        title: `${name} behaved as in a game that Hutch had not begun.`,
        text: "It told of a squeezed paw as toys do in a game only. Somebody else near you may have begun one.",
        steps: [`Take out ${name}’s batteries for a moment, and put them in again.`,
          "If it happens once only, say that it is still your toy. If it happens again, somebody else may be talking to it: "
            + "keep it close to the hub, or retire it."],
      };
    default:
      return {
        title: `${name} is not quite what it was.`, text: "Hutch knows more about it than this page does.",
        steps: ["Load the page again."],
      };
  }
}

/** What is said on the button that ends it. */
export const STILL_OURS = "It is still our toy";

/**
 * Returns what retiring a toy means, once it was reached and without that.
 *
 * @param {{ name: string, child: string }} toy
 */
export function retireWords({ name, child }) {
  return {
    lead: `Retire ${name}?`,
    goes: [
      `When a paw of ${name} is squeezed next, Hutch overwrites the messages on it with silence, darkens its heart and lets it go. `
        + "That takes a few minutes.",
      `Messages that ${child} has not heard on ${name} yet are taken back.`,
    ],
    stays: [
      `What ${child} said and heard stays in the conversation.`,
      `${name} itself may keep what it recorded last, until somebody records something else.`,
      "It can be adopted again at any time.",
    ],
    lost: {
      summary: `${name} is lost or broken`,
      text: `Hutch can let it go without reaching it once more. Then its last message and its last recording stay on ${name}, and `
        + "whoever finds it can play them with a squeeze.",
    },
  };
}
