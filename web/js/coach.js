// @ts-check

// What a newcomer to the demo tries next. Pure.

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
    { words: `Say something to ${child}.`, done: tried.said === true },
    { words: `Squeeze ${toy}’s blue paw and hear what ${child} hears.`, done: tried.heard === true },
    { words: `Answer as ${child}, with the red paw.`, done: tried.answered === true },
    { words: "Play the answer.", done: tried.listened === true },
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
  if (recording) return `Speak as ${child} would. Let go when you are done, or tap again.`;
  if (demo.state === "playback") return `This is what ${child} hears.`;
  if (demo.state === "record" || demo.state === "recording") return `${toy} is listening.`;
  if (demo.state === "download") return "Hutch is fetching the recording.";
  if (delivery) {
    const state = delivery.state;
    if (state === "sending") return `Your message is on its way to ${toy}.`;
    if (state === "queued" && !demo.awake) return `${toy} is asleep. Squeeze a paw to wake it up.`;
    if (state === "queued") return `Your message goes to ${toy} in a moment.`;
    if (isLost(delivery)) return failureWords(delivery.reason, toy);
    if (state === "failed") return "That did not work. Hutch keeps trying by itself.";
    if (state === "on_toy") {
      return demo.awake
        ? `A message is waiting. Squeeze the blue paw, as ${child} would.`
        : `A message is waiting. Squeeze the blue paw: that wakes ${toy}, too.`;
    }
  }
  if (tried.answered && !tried.listened) return `${child} answered. Press play in the conversation.`;
  if (tried.heard && !tried.answered) {
    return `Now answer as ${child}: hold the red paw and speak, or choose the sample phrase.`;
  }
  if (tried.said && tried.heard && tried.answered && tried.listened) {
    return "That is all of Hutch in one round. Blue paw: listen. Red paw: speak.";
  }
  if (demo.has_message && tried.said) return "Blue paw: hear it once more. Red paw: answer.";
  return `Say something to ${child} with the round button. It travels to ${toy}.`;
}
