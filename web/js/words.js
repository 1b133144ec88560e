// @ts-check

// Every sentence that depends on what the hub says. Pure; the caller brings the time.

import { canSay, say } from "./language.js";
import { quietEndWords } from "./quiet-words.js";
import { inHowLong, minutesAndSeconds, spokenLength, when } from "./time.js";

/** @typedef {import("./api.js").Delivery} Delivery */
/** @typedef {import("./api.js").DemoToy} DemoToy */
/** @typedef {import("./api.js").Presence} Presence */
/** @typedef {"retry" | "withdraw" | "heard" | "approve" | "decline" | "send-now"} Action as the hub calls it */

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
      return status("care", "clock", say("message.awaits_approval", { child }), ["approve", "decline"]);
    case "queued":
      if (delivery.waits_for === "time") return laterStatus(delivery, now);
      return delivery.waits_for === "quiet"
        ? status("wait", "moon", quietWords(delivery, now), ["withdraw"])
        : status("wait", "clock", queuedWords(delivery, scene), ["withdraw"]);
    case "sending":
      return status("go", "send", say("message.sending", { toy, percent: delivery.percent ?? 0 }), []);
    case "on_toy": {
      if (delivery.perhaps_heard) {
        return status("go", "heart", say("message.perhaps_heard", { toy }), ["heard", "withdraw"]);
      }
      if (!scene.quiet) return status("go", "heart", say("message.on_toy", { toy }), ["heard", "withdraw"]);
      const when_quiet_ends = quietEndWords(scene.quiet.until, now);
      return status("wait", "moon", say("message.on_toy_quiet", { toy, when_quiet_ends }), ["heard", "withdraw"]);
    }
    case "heard":
      return status("good", "check", delivery.heard_at === null
        ? say("message.heard", { child })
        : say("message.heard_at", { child, time: when(delivery.heard_at, now) }), []);
    case "declined":
      return status("off", "close",
        sender ? say("message.declined_sender", { sender }) : say("message.declined"), ["approve"]);
    case "failed":
      if (isLost(delivery)) return status("care", "warning", failureWords(delivery.reason, toy), ["withdraw"]);
      return {
        ...status("care", "warning", failedWords(delivery, scene), ["retry", "withdraw"]),
        advice: true,
      };
    case "expired":
      return status("off", "close", say("message.expired", { child }), []);
    case "withdrawing":
      return status("wait", "undo", say("message.withdrawing", { toy }), []);
    case "withdrawn":
      return status("off", "undo", say("message.withdrawn"), []);
    default:
      return status("off", "clock", say("message.newer_state"), []);
  }
}

/**
 * Returns what to say about a message that was sent for later.
 *
 * @param {Delivery} delivery
 * @param {number} now
 */
export const laterStatus = ({ waits_until: until }, now) => status("wait", "clock",
  until === null || until === undefined ? say("message.later_unknown") : say("message.later", { time: when(until, now) }), ["send-now", "withdraw"]);

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
export const quietWords = ({ waits_until: until }, now) =>
  say("message.after_quiet", { when_quiet_ends: quietEndWords(until ?? null, now) });

/**
 * @param {Delivery} delivery
 * @param {{ toy: string, child: string, presence?: Presence, guard?: import("./api.js").Guard | null }} scene
 */
function queuedWords(delivery, { toy, child, presence, guard }) {
  if (isKeptAway(guard)) return say("message.kept_away", { toy });
  if (delivery.waits_for === "toy_of_theirs") return say("message.waits_for_own_toy", { child });
  if (delivery.waits_for === "guardian") return say("message.waits_for_guardian");
  if (delivery.waits_for === "previous") return say("message.after_previous", { toy, child });
  // A toy that is there and does something else is not to be woken up.
  const isThere = presence === "awake" || presence === "connecting";
  if (delivery.waits_for === "toy" && presence === "no_room") return say("message.no_room", { toy });
  if (delivery.waits_for === "toy" && !isThere) return say("message.waits_for_toy", { toy });
  return say("message.next_in_line", { toy });
}

/**
 * @param {Delivery} delivery
 * @param {{ toy: string, child: string, now: number }} scene
 */
function failedWords(delivery, scene) {
  return `${failureWords(delivery.reason, scene.toy)} ${nextTryWords(delivery, scene)}`;
}

/**
 * @param {Delivery} delivery
 * @param {{ toy: string, child: string, now: number }} scene
 */
function nextTryWords({ waits_for, waits_until, next_try_at }, { toy, child, now }) {
  if (waits_for === "toy_of_theirs") return say("message.waits_for_own_toy", { child });
  if (waits_for === "guardian") return say("message.waits_for_guardian");
  if (waits_for === "quiet") {
    return say("message.tries_when_quiet_ends", { when_quiet_ends: quietEndWords(waits_until ?? null, now) });
  }
  return next_try_at === null
    ? say("message.tries_when_awake", { toy })
    : say("message.tries_again", { when: inHowLong(next_try_at, now) });
}

/**
 * Returns what happened, in a sentence.
 *
 * @param {Delivery["reason"]} reason
 * @param {string} toy
 */
export function failureWords(reason, toy) {
  switch (reason) {
    case "unreachable": return say("message.failed_unreachable", { toy });
    case "link_lost": return say("message.failed_link_lost", { toy });
    case "silent": return say("message.failed_silent", { toy });
    case "gave_up": return say("message.failed_gave_up", { toy });
    case "key_refused": return say("message.failed_key_refused", { toy });
    case "confused": return say("message.failed_confused", { toy });
    case "damaged": return say("message.failed_damaged");
    default: return say("message.failed_other", { toy });
  }
}

/**
 * Returns what a parent can try.
 *
 * @param {string} toy
 */
export function adviceWords(toy) {
  return [
    say("message.advice_squeeze", { toy }),
    say("message.advice_closer", { toy }),
    say("message.advice_other_apps"),
    say("message.advice_batteries"),
  ];
}

/** @type {Record<Action, { words: string, icon: string }>} */
export const ACTION_WORDS = {
  approve: { words: say("message.action_approve"), icon: "check" },
  decline: { words: say("message.action_decline"), icon: "close" },
  retry: { words: say("common.try_now"), icon: "send" },
  withdraw: { words: say("message.action_withdraw"), icon: "undo" },
  heard: { words: say("message.action_heard"), icon: "check" },
  "send-now": { words: say("message.action_send_now"), icon: "send" },
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
    case "asleep": return say("presence.asleep", { toy });
    case "connecting": return say("presence.connecting", { toy });
    case "awake": return say("presence.awake", { toy });
    case "unreachable": return say("presence.unreachable", { toy });
    case "no_room": return say("presence.no_room", { toy });
    default: return toy;
  }
}

/**
 * Returns what a simulated toy is doing.
 *
 * @param {DemoToy} toy
 */
export function toyStateWords(toy) {
  if (!toy.awake) return say("demo_toy.asleep");
  switch (toy.state) {
    case "recording": case "record": return say("demo_toy.listening");
    case "playback": return say("demo_toy.talking");
    case "upload": return say("demo_toy.taking");
    case "download": return say("demo_toy.giving");
    default: return toy.led.mode === "blink" ? say("demo_toy.heart_blinking") : say("demo_toy.awake");
  }
}

/**
 * Returns the sentence for a request that did not work out. The hub's own is English, for programs that
 * speak with it.
 *
 * @param {unknown} error
 */
export function errorWords(error) {
  /** @type {{ code?: unknown, message?: string, body?: Record<string, any> }} */
  const { code, message, body = {} } = error ?? {};
  if (typeof code !== "string" || code === "unknown") return say("common.went_wrong");
  switch (code) {
    // What the page says of itself, and differently in each place.
    case "stopped": case "busy": return message ?? "";
    case "daily_limit": return limitWords(body);
    case "unknown_encoding": return say("error.unknown_encoding", { encoding: String(body.encoding) });
    case "unknown_picture": return say("error.unknown_picture", { kind: String(body.kind) });
    case "message_too_long":
      return say("error.message_too_long", { length: spokenLength(body.length_ms), slot: spokenLength(body.slot_ms) });
    case "try_later": return say("error.try_later", { when: inHowLong(Number(body.retry_after_s), 0) });
    default: {
      const key = `error.${code}`;
      return canSay(key) ? say(key) : say("error.unknown", { code });
    }
  }
}

/**
 * Returns that there were enough messages for today, and when there may be more.
 *
 * @param {Record<string, any>} body
 */
function limitWords({ limit, retry_after_s: wait_s }) {
  const enough = typeof limit === "number" ? say("error.daily_limit", { n: limit }) : say("error.daily_limit_unknown");
  const next = Number(wait_s) > 0
    ? say("error.daily_limit_next", { when: inHowLong(Number(wait_s), 0) })
    : say("error.daily_limit_tomorrow");
  return `${enough} ${next}`;
}

/**
 * Returns the sentence for a message that was not sent, or of which nobody knows whether it was.
 *
 * @param {unknown} error
 */
export function unsentWords(error) {
  const { code } = /** @type {{ code?: string }} */ (error ?? {});
  const isKept = ["no_answer", "stopped", "not_signed_in", "daily_limit", "not_allowed", "no_toy"].includes(code ?? "");
  return isKept ? `${errorWords(error)} ${say("message.recording_is_here")}` : errorWords(error);
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
        title: say("microphone.insecure"),
        text: say("microphone.insecure_text"),
        steps: [say("microphone.insecure_open", { address: origin.replace(/^http:/, "https:") }),
          say("microphone.insecure_file")],
      };
    case "refused":
      return {
        title: say("microphone.refused"),
        text: say("microphone.refused_text"),
        steps: [say("microphone.refused_sign"), say("microphone.refused_allow"), say("microphone.refused_phone"),
          say("microphone.refused_back")],
      };
    case "missing":
      return { title: say("microphone.missing"), text: say("microphone.missing_text"), steps: [] };
    case "busy":
      return { title: say("microphone.busy"), text: say("microphone.busy_text"), steps: [] };
    case "unloaded":
      return {
        title: say("microphone.unloaded"),
        text: say("microphone.unloaded_text"),
        steps: [say("microphone.unloaded_hub"), say("microphone.unloaded_again")],
      };
    default:
      return { title: say("microphone.other"), text: say("microphone.other_text"), steps: [] };
  }
}

/** @type {Record<"silent" | "quiet" | "loud", string>} */
export const LOUDNESS_WORDS = {
  silent: say("sound.silent"),
  quiet: say("sound.quiet"),
  loud: say("sound.loud"),
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
  const lengths = { n: slot_ms / 1000, length: minutesAndSeconds(length_ms), toy };
  const cut = say("sound.cut", { n: slot_ms / 1000 });
  return length_ms > longest_ms
    ? { text: say("sound.too_long_to_split", { ...lengths, longest: spokenLength(longest_ms) }), cut, split: null }
    : { text: say("sound.too_long", lengths), cut, split: say("sound.split") };
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
