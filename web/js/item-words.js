// @ts-check

// What is known of a message or recording: who sent it, what was done with it, and how far it came. Pure.

import { deedWords } from "./activity-words.js";
import { andList, say } from "./language.js";
import { capital } from "./people-words.js";
import { when } from "./time.js";

/** @typedef {{ at: number | null, text: string }} Line without a time: so it is now */

const UNDER_WAY = ["queued", "sending", "failed", "on_toy"];

/**
 * Returns what is known of an item, in the order in which it happened; what is so now stands at the end.
 *
 * @param {Pick<import("./api.js").Item, "kind" | "at" | "mine">} item
 * @param {object} scene
 * @param {import("./api.js").Delivery | null} scene.delivery
 * @param {import("./api-activity.js").Entry[]} scene.entries what was done with it
 * @param {string} scene.me
 * @param {string} scene.child
 * @param {string} scene.toy
 * @param {string | null} scene.sender who sent it, or the screen that recorded it
 * @param {string[]} scene.sharedWith
 * @param {number} scene.now
 * @returns {Line[]}
 */
export function itemLines(item, { delivery, entries, me, child, toy, sender, sharedWith, now }) {
  /** @type {Line[]} */
  const done = [
    ...entries.map((entry) => ({ at: entry.at, text: deedWords(entry, me) })),
  ];
  if (delivery?.heard_at) done.push({ at: delivery.heard_at, text: say("details.heard", { child }) });
  return [
    { at: item.at, text: originWords(item, { sender, toy }) },
    ...done.sort((a, b) => (a.at ?? 0) - (b.at ?? 0)),
    ...(delivery ? standing(delivery, { child, toy, now }) : []),
    ...(sharedWith.length > 0 ? [say("share.shared_with", { names: andList(sharedWith) })] : []),
  ].map((line) => (typeof line === "string" ? { at: null, text: line } : line));
}

/**
 * @param {Pick<import("./api.js").Item, "kind" | "mine">} item
 * @param {{ sender: string | null, toy: string }} scene
 */
function originWords({ kind, mine }, { sender, toy }) {
  if (kind === "recording") {
    return sender === null ? say("details.recorded_toy", { toy }) : say("details.recorded_screen", { screen: sender });
  }
  if (mine) return say("details.sent_you");
  return sender === null ? say("details.sent_somebody") : say("details.sent", { sender });
}

/**
 * @param {import("./api.js").Delivery} delivery
 * @param {{ child: string, toy: string, now: number }} scene
 * @returns {string[]}
 */
function standing(delivery, { child, toy, now }) {
  const { state, tries, send_at: sendAt, expires_at: expiresAt, perhaps_heard: isPerhaps } = delivery;
  return [
    ...(sendAt ? [say("details.later", { time: when(sendAt, now) })] : []),
    ...(state !== "on_toy" ? []
      : [isPerhaps ? say("details.perhaps", { child, toy }) : capital(say("details.on_toy", { toy }))]),
    ...(tries > 0 ? [say("details.tries", { n: tries })] : []),
    ...(UNDER_WAY.includes(state) ? [say("details.expires", { time: when(expiresAt, now) })] : []),
  ];
}
