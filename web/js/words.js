// @ts-check

// Every sentence that depends on what the hub says. Pure; the caller brings the time.

import { quietEndWords } from "./rules-words.js";
import { count, inHowLong, minutesAndSeconds, spokenLength, when } from "./time.js";

/** @typedef {import("./api.js").Delivery} Delivery */
/** @typedef {import("./api.js").DemoToy} DemoToy */
/** @typedef {import("./api.js").Presence} Presence */
/** @typedef {"retry" | "withdraw" | "heard" | "approve" | "decline"} Action */

/**
 * What a bubble says about a delivery: a word, a shape and a colour.
 *
 * @typedef {object} Status
 * @property {string} text
 * @property {string} icon
 * @property {"wait" | "go" | "good" | "care" | "off"} tone
 * @property {Action[]} actions
 * @property {boolean} [advice] whether to offer "What to do"
 */

/**
 * Returns what to say about a delivery.
 *
 * @param {Delivery} delivery
 * @param {{ toy: string, child: string, now: number, presence?: Presence, sender?: string,
 *   quiet?: import("./api.js").Quiet | null, guard?: import("./api.js").Guard | null }} scene `now` in Unix seconds;
 *   `presence` is the toy's; `sender`: who sent it, if it was somebody else; `quiet`: the child's quiet hours, while they last;
 *   `guard`: in what the toy is not what it was
 * @returns {Status}
 */
export function deliveryStatus(delivery, scene) {
  const { toy, child, now, sender } = scene;
  switch (delivery.state) {
    case "awaiting_approval":
      return status("care", "clock", `Waits for you: ${child} hears it once you let it through.`, ["approve", "decline"]);
    case "queued":
      return delivery.waits_for === "quiet"
        ? status("wait", "moon", quietWords(delivery, now), ["withdraw"])
        : status("wait", "clock", queuedWords(delivery, scene), ["withdraw"]);
    case "sending":
      return status("go", "send", `On its way to ${toy}, ${delivery.percent ?? 0} %`, []);
    case "on_toy":
      return delivery.perhaps_heard
        ? status("go", "heart", `Perhaps heard: the squeeze that woke ${toy} may have played it.`,
          ["heard", "withdraw"])
        : scene.quiet
          ? status("wait", "moon", `On ${toy}. Its heart blinks again ${quietEndWords(scene.quiet.until, now)}.`, ["heard", "withdraw"])
          : status("go", "heart", `${toy}’s heart is blinking`, ["heard", "withdraw"]);
    case "heard": {
      const at = delivery.heard_at === null ? "" : `, ${when(delivery.heard_at, now)}`;
      return status("good", "check", `${child} heard it${at}`, []);
    }
    case "declined":
      return status("off", "close", sender ? `Declined. ${sender} sees “Not delivered”.` : "Declined", ["approve"]);
    case "failed":
      if (isLost(delivery)) return status("care", "warning", failureWords(delivery.reason, toy), ["withdraw"]);
      return {
        ...status("care", "warning", failedWords(delivery, toy, now), ["retry", "withdraw"]),
        advice: true,
      };
    case "expired":
      return status("off", "close",
        `${child} did not hear it in time, so Hutch took it back. You can record it again.`, []);
    case "withdrawing":
      return status("wait", "undo", `Taken back. ${toy} forgets it at the next squeeze.`, []);
    case "withdrawn":
      return status("off", "undo", "Taken back", []);
    default:
      return status("off", "clock", "Hutch knows more about this message than this page does. "
        + "Reload the page.", []);
  }
}

/**
 * Returns whether no other try will help: the message itself is lost.
 *
 * @param {Delivery} delivery
 */
export function isLost(delivery) {
  return delivery.state === "failed" && delivery.reason === "damaged";
}

/**
 * Returns that a message waits for quiet hours to end.
 *
 * @param {Delivery} delivery
 * @param {number} now
 */
export const quietWords = ({ waits_until: until }, now) => `Goes ${quietEndWords(until ?? null, now)}.`;

/**
 * @param {Delivery} delivery
 * @param {{ toy: string, child: string, presence?: Presence, guard?: import("./api.js").Guard | null }} scene
 */
function queuedWords(delivery, { toy, child, presence, guard }) {
  if (isKeptAway(guard)) return `Waits until you have looked at ${toy}, under “Toys”.`;
  if (delivery.waits_for === "previous") return `Goes to ${toy} once ${child} has heard the one before.`;
  // A toy that is there and does something else is not to be woken up.
  const isThere = presence === "awake" || presence === "connecting";
  if (delivery.waits_for === "toy" && presence === "no_room") {
    return `Waiting until the hub can reach ${toy}: it holds as many toys as it can at once.`;
  }
  if (delivery.waits_for === "toy" && !isThere) {
    return `Waiting for ${toy} to wake up. Squeeze a paw and it goes.`;
  }
  return `Next in line for ${toy}`;
}

/**
 * @param {Delivery} delivery
 * @param {string} toy
 * @param {number} now
 */
function failedWords(delivery, toy, now) {
  if (delivery.waits_for === "quiet") {
    return `${failureWords(delivery.reason, toy)} Hutch tries again ${quietEndWords(delivery.waits_until ?? null, now)}.`;
  }
  const next = delivery.next_try_at === null
    ? `Hutch tries again when ${toy} wakes up.`
    : `Hutch tries again ${inHowLong(delivery.next_try_at, now)}.`;
  return `${failureWords(delivery.reason, toy)} ${next}`;
}

/**
 * Returns what happened, in a sentence.
 *
 * @param {Delivery["reason"]} reason
 * @param {string} toy
 */
export function failureWords(reason, toy) {
  switch (reason) {
    case "unreachable":
      return `${toy} was awake for a moment, but Hutch could not reach it.`
        + " It may be asleep again, or someone nearby is connected to it.";
    case "link_lost": return `The connection to ${toy} broke off.`;
    case "silent": return `${toy} stopped answering.`;
    case "gave_up": return `${toy} stopped listening before the end.`;
    case "key_refused": return `${toy} did not take it.`;
    case "confused": return `${toy} answered in a way that Hutch does not understand.`;
    case "damaged": return "Hutch can no longer read this message. Record it again.";
    default: return `It did not reach ${toy}.`;
  }
}

/**
 * Returns what a parent can try.
 *
 * @param {string} toy
 */
export function adviceWords(toy) {
  return [
    `Squeeze one of ${toy}’s paws: that wakes it up.`,
    `Bring ${toy} into the same room as the hub.`,
    "Close any other app that talks to the toy, on every phone nearby. It speaks to one at a time.",
    "If its voice sounds slow or hoarse, put in fresh batteries.",
  ];
}

/** @type {Record<Action, { words: string, icon: string }>} */
export const ACTION_WORDS = {
  approve: { words: "Let it through", icon: "check" },
  decline: { words: "Decline", icon: "close" },
  retry: { words: "Try now", icon: "send" },
  withdraw: { words: "Take back", icon: "undo" },
  heard: { words: "Mark as heard", icon: "check" },
};

/**
 * Returns whether Hutch keeps away from a toy until a guardian has looked at it.
 *
 * @param {import("./api.js").Guard | null | undefined} guard
 */
export const isKeptAway = (guard) => guard === "table" || guard === "config";

/**
 * Returns what to say about a toy.
 *
 * @param {string} toy
 * @param {string | undefined} presence
 */
export function presenceWords(toy, presence) {
  switch (presence) {
    case "asleep": return `${toy} is asleep`;
    case "connecting": return `${toy} is waking up`;
    case "awake": return `${toy} is awake`;
    case "unreachable": return `Hutch cannot reach ${toy}`;
    case "no_room": return `${toy} waits for another toy to be let go`;
    default: return toy;
  }
}

/**
 * Returns what a simulated toy is doing.
 *
 * @param {DemoToy} toy
 */
export function toyStateWords(toy) {
  if (!toy.awake) return "asleep";
  switch (toy.state) {
    case "recording": case "record": return "listening";
    case "playback": return "talking";
    case "upload": return "taking a message";
    case "download": return "giving its recording to Hutch";
    default: return toy.led.mode === "blink" ? "heart blinking" : "awake";
  }
}

/**
 * Returns the sentence for a request that did not work out.
 *
 * @param {unknown} error
 */
export function errorWords(error) {
  /** @type {{ code?: string, message?: string, body?: Record<string, any> }} */
  const { code, message, body } = error ?? {};
  switch (code) {
    case "no_answer": return "Hutch is not answering.";
    case "not_allowed": return "This is for guardians to do. Ask one of them.";
    case "blocked": return "A guardian has paused this account. Ask them.";
    case "daily_limit": return limitWords(body);
    case "quiet_hours": return "It is quiet time now. Listen again when it is over.";
    case "not_granted": return "This relative may not hear that child. A guardian can change that under “People”.";
    case "no_such_account": return "That account is not here any more.";
    case "no_children": return "Choose at least one child.";
    case "bad_choice": return "Hutch does not know one of these choices. Load the page again.";
    case "not_signed_in": return "This browser was no longer signed in.";
    case "too_late": return "Too late for that: it has moved on in the meantime.";
    case "too_slow": return "The connection was too slow. Come closer to the router and try again.";
    default:
      return code && message ? asSentence(message) : "Something went wrong. Please try again.";
  }
}

/**
 * Returns that there were enough messages for today, and when there may be more.
 *
 * @param {Record<string, any>} [body]
 */
function limitWords({ limit, retry_after_s: wait_s } = {}) {
  const enough = typeof limit === "number"
    ? `${count(limit, "message")} a day ${limit === 1 ? "is" : "are"} agreed, and today’s ${limit === 1 ? "is" : "are"} sent.`
    : "Today’s messages are sent.";
  return `${enough} The next one can go ${Number(wait_s) > 0 ? inHowLong(Number(wait_s), 0) : "tomorrow"}.`;
}

/**
 * Returns the sentence for a message that was not sent, or of which nobody knows whether it was.
 *
 * @param {unknown} error
 */
export function unsentWords(error) {
  const { code } = /** @type {{ code?: string }} */ (error ?? {});
  const isKept = ["no_answer", "stopped", "not_signed_in", "daily_limit", "not_allowed", "no_toy"].includes(code ?? "");
  return isKept ? `${errorWords(error)} Your recording is still here.` : errorWords(error);
}

/**
 * @param {string} message
 */
function asSentence(message) {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/**
 * Returns what happened when the microphone could not be had, and the way out.
 *
 * @param {import("./audio.js").MicrophoneError["reason"]} reason
 * @param {{ origin: string }} where
 * @returns {{ title: string, text: string, steps: string[] }}
 */
export function microphoneWords(reason, { origin }) {
  switch (reason) {
    case "insecure":
      return {
        title: "This page cannot use the microphone here.",
        text: "Browsers lend the microphone only to addresses that start with https.",
        steps: [`Open ${origin.replace(/^http:/, "https:")} instead.`,
          "Or choose a sound file: that works everywhere."],
      };
    case "refused":
      return {
        title: "This page may not use the microphone.",
        text: "Here is how to allow it.",
        steps: ["Tap the sign to the left of the address at the top of the browser.",
          "Find “Microphone” and choose “Allow”.",
          "On a phone, the browser itself may need it too: Settings, Apps, your browser, Permissions.",
          "Come back and try again."],
      };
    case "missing":
      return {
        title: "No microphone was found.",
        text: "Plug one in and try again, or choose a sound file.",
        steps: [],
      };
    case "busy":
      return {
        title: "Another program is using the microphone.",
        text: "Close it, a call perhaps, and try again.",
        steps: [],
      };
    case "unloaded":
      return {
        title: "The recorder could not be loaded.",
        text: "It comes from Hutch, which did not answer.",
        steps: ["See whether the hub is switched on, and whether this device is on the same network.",
          "Then try again."],
      };
    default:
      return {
        title: "The microphone did not start.",
        text: "Try again. If it keeps happening, close the browser and open this page anew.",
        steps: [],
      };
  }
}

/** @type {Record<"silent" | "quiet" | "loud", string>} */
export const LOUDNESS_WORDS = {
  silent: "That was silent. Is the microphone switched on?",
  quiet: "That was very quiet. Hutch makes it louder, but closer to the microphone sounds better.",
  loud: "That was very loud and may crackle. A little more distance helps.",
};

/**
 * Returns the offer for a sound that is longer than a slot; `split` is null for one that is too long
 * even for that.
 *
 * @param {{ length_ms: number, slot_ms: number, longest_ms: number }} lengths
 * @param {string} toy
 * @returns {{ text: string, cut: string, split: string | null }}
 */
export function tooLongWords({ length_ms, slot_ms, longest_ms }, toy) {
  const limits = `This sound is ${minutesAndSeconds(length_ms)} long. ${toy} can hold ${slot_ms / 1000} seconds`;
  const cut = `Send the first ${slot_ms / 1000} seconds`;
  if (length_ms > longest_ms) {
    return { text: `${limits}, and ${atOnceWords(longest_ms)}.`, cut, split: null };
  }
  return { text: `${limits}.`, cut, split: "Send all of it, in parts" };
}

/**
 * Returns how much goes at once, for the middle of a sentence.
 *
 * @param {number} longest_ms
 */
export function atOnceWords(longest_ms) {
  return `Hutch sends at most ${spokenLength(longest_ms)} at once`;
}

/**
 * Puts together what a bubble says.
 *
 * @param {Status["tone"]} tone
 * @param {string} icon
 * @param {string} text
 * @param {Action[]} actions
 * @returns {Status}
 */
export function status(tone, icon, text, actions) {
  return { text, icon, tone, actions };
}
