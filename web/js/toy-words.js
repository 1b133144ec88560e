// @ts-check

// The sentences about toys: how one is met, how it is, and what it holds. Pure.

import { say } from "./language.js";
import { quietTimeWords } from "./quiet-words.js";
import { LOUDNESS } from "./rules-words.js";
import { when } from "./time.js";
import { isKeptAway } from "./words.js";

/** @typedef {import("./api.js").Animal} Animal */
/** @typedef {import("./api-toys.js").Heard} Heard */
/** @typedef {import("./api-toys.js").Meeting} Meeting */
/** @typedef {import("./api.js").Toy} Toy */
/** @typedef {import("./toy-troubles.js").Trouble} Trouble */

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
export const SIGNAL_WORDS = {
  strong: say("toys.signal_strong"), fair: say("toys.signal_fair"), weak: say("toys.signal_weak"),
};

/** @type {Record<import("./api-toys.js").Signal, { bars: number, text: string, last: string }>} */
const HEARD_WORDS = {
  close: { bars: 3, text: say("toys.heard_close"), last: say("toys.last_close") },
  next_room: { bars: 2, text: say("toys.heard_next_room"), last: say("toys.last_next_room") },
  faint: { bars: 1, text: say("toys.heard_faint"), last: say("toys.last_faint") },
};

/**
 * Returns how well the hub hears a toy, and how many of three bars that is; null if it never did.
 *
 * @param {import("./api-toys.js").Signal | null | undefined} signal
 * @param {string | undefined} presence
 * @returns {{ text: string, bars: number } | null}
 */
export function heardWords(signal, presence) {
  if (!signal || !(signal in HEARD_WORDS)) return null;
  const { bars, text, last } = HEARD_WORDS[signal];
  // A toy that sleeps says nothing: this is from before.
  const isThere = presence !== undefined && presence !== "asleep";
  return { text: isThere ? text : last, bars };
}

/**
 * Returns what to call a toy that has no name yet.
 *
 * @param {Animal | null} character
 */
export const strangerWords = (character) => say(character === null ? "toys.stranger" : `toys.stranger_${character}`);

/**
 * Returns what tells a toy from another one that looks the same: what it calls itself, and if need be the
 * end of its address.
 *
 * @param {Heard} heard
 * @param {Heard[]} all
 */
export function markWords({ address, name, character }, all) {
  const isAlone = all.filter((one) => one.name === name && one.character === character && one.toy === null).length < 2;
  return isAlone ? name : say("toys.mark", { name, end: address.slice(-5) });
}

/**
 * Returns how many toys are there.
 *
 * @param {number} n
 */
export const foundWords = (n) => (n === 0 ? say("toys.found_none") : say("toys.found", { n }));

/** What to try when the toy is not in the list. */
export const NOT_HEARD = [
  say("adopt.try_squeeze_again"), say("adopt.try_same_room"), say("adopt.try_close_apps_held"),
  say("adopt.try_batteries_silent"),
];

/**
 * Returns why a meeting came to nothing, and what to try.
 *
 * @param {Pick<Meeting, "state" | "why">} meeting
 * @returns {Trouble & { again: boolean }} `again`: whether another try with the same toy can help
 */
export function meetingTrouble({ state, why }) {
  if (state === "cancelled") {
    return { title: say("adopt.failed_cancelled"), again: true, steps: [], text: say("adopt.failed_cancelled_text") };
  }
  switch (why) {
    case "unreachable":
      return {
        title: say("adopt.failed_unreachable"), again: true, text: say("adopt.failed_unreachable_text"),
        steps: [say("adopt.try_awake"), say("adopt.try_closer"), say("adopt.try_close_apps")],
      };
    case "no_room":
      return {
        title: say("adopt.failed_no_room"), again: true, text: say("adopt.failed_no_room_text"),
        steps: [say("adopt.try_wait_for_room"), say("adopt.try_bigger_adapter")],
      };
    case "link_lost":
      return {
        title: say("adopt.failed_link_lost"), again: true, text: say("adopt.failed_link_lost_text"),
        steps: [say("adopt.try_closer"), say("adopt.try_awake")],
      };
    case "silent":
      return {
        title: say("adopt.failed_silent"), again: true, text: say("adopt.failed_silent_text"),
        steps: [say("adopt.try_closer"), say("adopt.try_batteries")],
      };
    case "confused":
      return {
        title: say("adopt.failed_confused"), again: true, text: say("adopt.failed_confused_text"),
        steps: [say("adopt.try_let_go_of_paws"), say("adopt.try_batteries_out")],
      };
    case "not_squeezed":
      return {
        title: say("adopt.failed_not_squeezed"), again: true, text: say("adopt.failed_not_squeezed_text"),
        steps: [say("adopt.try_another"), say("adopt.try_firmly")],
      };
    case "taken":
      return { title: say("adopt.failed_taken"), again: false, text: say("adopt.failed_taken_text"), steps: [] };
    case "timed_out":
      return {
        title: say("adopt.failed_timed_out"), again: true, text: say("adopt.failed_timed_out_text"), steps: [],
      };
    default:
      return {
        title: say("common.did_not_work"), again: true, text: say("adopt.let_go"), steps: NOT_HEARD.slice(0, 2),
      };
  }
}

/**
 * Returns whose animal a toy is: "Mia’s bear".
 *
 * @param {Pick<Toy, "character">} toy
 * @param {string | undefined} child
 */
export const whoseWords = ({ character }, child) =>
  (child === undefined ? say(`common.animal_${character}`) : say(`toys.whose_${character}`, { child }));

/**
 * Returns how a toy is: a word, a shape and a tone.
 *
 * @param {Pick<Toy, "name" | "retiring" | "guard">} toy
 * @param {string | undefined} presence
 * @returns {import("./views/people-part.js").State}
 */
export function toyState({ name: toy, retiring = false, guard = null }, presence) {
  if (retiring && presence === "awake") return { text: say("toys.state_tidying"), icon: "clock", tone: "wait" };
  if (retiring) return { text: say("toys.state_leaving", { toy }), icon: "clock", tone: "wait" };
  if (guard !== null && isKeptAway(guard)) return { text: say("toys.state_kept_away"), icon: "pause", tone: "care" };
  switch (presence) {
    case "awake": return { text: say("toys.state_awake"), icon: "check", tone: "good" };
    case "connecting": return { text: say("toys.state_connecting"), icon: "clock", tone: "wait" };
    case "unreachable":
      return { text: say("toys.state_unreachable"), icon: "warning", tone: "care" };
    case "no_room":
      return { text: say("toys.state_no_room"), icon: "clock", tone: "wait" };
    default: return { text: say("toys.state_asleep"), icon: "moon", tone: "wait" };
  }
}

/** What is said on the button that ends it. */
export const STILL_OURS = say("toys.still_ours");

/**
 * Returns what retiring a toy means, once it was reached and without that.
 *
 * @param {{ name: string, child: string | undefined }} toy
 */
export function retireWords({ name: toy, child }) {
  return {
    lead: say("toys.retire_question", { toy }),
    goes: [
      say("toys.retire_next_squeeze", { toy }),
      child === undefined
        ? say("toys.retire_taken_back_unknown", { toy })
        : say("toys.retire_taken_back", { child, toy }),
    ],
    stays: [
      child === undefined ? say("toys.retire_conversation_unknown") : say("toys.retire_conversation", { child }),
      say("toys.retire_last_recording", { toy }),
      say("toys.retire_again"),
    ],
    lost: {
      summary: say("toys.lost", { toy }),
      text: say("toys.lost_text", { toy }),
    },
  };
}

/**
 * Returns the step of loudness that comes nearest to a toy's volume; the middle one while nobody knows it.
 *
 * @param {number | null} volume
 */
export function volumeStep(volume) {
  if (volume === null) return Math.floor(LOUDNESS.length / 2);
  const far = (/** @type {number} */ step) => Math.abs((LOUDNESS[step]?.level ?? 255) - volume);
  return LOUDNESS.reduce((best, _, step) => (far(step) < far(best) ? step : best), 0);
}

/**
 * Returns what is to be known about how loud a toy is; nothing if there is nothing.
 *
 * @param {Toy} toy
 * @param {{ volume: number | null, presence: string | undefined, child: string | undefined }} scene
 */
export function volumeNote({ name: toy, wanted_volume: wanted = null, loudest = null }, { volume, presence, child }) {
  const isCapped = loudest !== null && (wanted ?? volume ?? 0) >= loudest && child !== undefined;
  if (wanted !== null && presence !== "awake") return say("toys.volume_soon", { toy });
  if (isCapped) return say("toys.volume_capped", { child });
  return wanted === null && volume === null ? say("toys.volume_unknown", { toy }) : "";
}

/**
 * Returns why nothing can be played on a toy; nothing if it can.
 *
 * @param {string | undefined} presence
 * @param {import("./api.js").Quiet | null} quiet
 * @param {{ toy: string, now: number }} scene
 */
export function whyNotPlayed(presence, quiet, { toy, now }) {
  if (quiet) return say("toys.not_played_quiet", { quiet: quietTimeWords(quiet, now) });
  return presence === "awake" ? "" : say("toys.not_played_asleep", { toy });
}

/**
 * Returns what a slot is called, what it holds, and what is asked before it is overwritten; null where that
 * is out of the question.
 *
 * @param {import("./api-toys.js").Slot} slot
 * @param {import("./api.js").Item | null} item
 * @param {{ toy: string, child: string, sender: string | null, now: number }} scene
 * @returns {{ title: string, text: string, question: string | null }}
 */
export function slotWords({ slot, holds, to_go }, item, { toy, child, sender, now }) {
  const n = slot + 1;
  const title = slot === 0 ? say("toys.slot_own") : slot === 1 ? say("toys.slot_mailbox") : say("toys.slot_other", { n });
  if (to_go) return { title, text: say("toys.slot_to_go", { toy }), question: null };
  const time = item ? when(item.at, now) : "";
  switch (holds) {
    case "recording": return { title, text: say("toys.slot_recording", { child, time }), question: null };
    case "silence": return { title, text: say("toys.slot_silence"), question: null };
    case "message": {
      const isUnheard = item?.delivery?.state === "on_toy";
      const told = item?.mine ? say("toys.slot_message_at", { time }) : sender && say("toys.slot_message_of", { sender, time });
      const question = isUnheard ? say("toys.silence_unheard", { child }) : say("toys.silence_heard", { toy });
      return { title, text: `${told || say("toys.slot_message")} ${say(isUnheard ? "toys.slot_unheard" : "toys.slot_heard", { child })}`, question };
    }
    default:
      return slot === 0
        ? { title, text: say("toys.slot_own_unknown", { toy }), question: null }
        : { title, text: say("toys.slot_unknown"), question: say("toys.silence_unknown") };
  }
}
