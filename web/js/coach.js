// @ts-check

// What a newcomer to the demo tries next. Pure.

import { say } from "./language.js";
import { failureWords, isLost } from "./words.js";

/** @typedef {import("./api.js").DemoToy} DemoToy */
/** @typedef {import("./api.js").Delivery} Delivery */
/** @typedef {{ said?: boolean, heard?: boolean, answered?: boolean, listened?: boolean }} Tried */

/**
 * The loop that Hutch is there for, as four things to try.
 *
 * @param {Tried} tried
 * @param {{ child: string, toy: string }} names
 * @returns {{ words: string, done: boolean }[]}
 */
export function lessons(tried, { child, toy }) {
  return [
    { words: say("coach.lesson_say", { child }), done: tried.said === true },
    { words: say("coach.lesson_squeeze", { child, toy }), done: tried.heard === true },
    { words: say("coach.lesson_answer", { child }), done: tried.answered === true },
    { words: say("coach.lesson_play"), done: tried.listened === true },
  ];
}

/**
 * Returns the one sentence that helps now.
 *
 * @param {{ demo: DemoToy, delivery: Delivery | null, tried: Tried, recording: boolean,
 *   names: { child: string, toy: string } }} scene `delivery` is the latest message's
 * @returns {string}
 */
export function hint({ demo, delivery, tried, recording, names: { child, toy } }) {
  if (recording) return say("coach.speak", { child });
  if (demo.state === "playback") return say("coach.playing", { child });
  if (demo.state === "record" || demo.state === "recording") return say("coach.listening", { toy });
  if (demo.state === "download") return say("coach.fetching");
  if (delivery) {
    const state = delivery.state;
    if (state === "sending") return say("coach.on_its_way", { toy });
    if (state === "queued" && delivery.waits_for === "time") return say("coach.later", { toy });
    if (state === "queued" && !demo.awake) return say("coach.asleep", { toy });
    if (state === "queued") return say("coach.in_a_moment", { toy });
    if (isLost(delivery)) return failureWords(delivery.reason, toy);
    if (state === "failed") return say("coach.failed");
    if (state === "on_toy") {
      return demo.awake
        ? say("coach.waiting_awake", { child })
        : say("coach.waiting_asleep", { toy });
    }
  }
  if (tried.answered && !tried.listened) return say("coach.answered", { child });
  if (tried.heard && !tried.answered) {
    return say("coach.answer", { child });
  }
  if (tried.said && tried.heard && tried.answered && tried.listened) {
    return say("coach.done");
  }
  if (demo.has_message && tried.said) return say("coach.once_more");
  return say("coach.begin", { child, toy });
}
