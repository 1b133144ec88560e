// @ts-check

// The sentences about people: who sent what, what a relative may do, what becomes of a relative's
// message. Pure; the caller brings the time.

import { lastUseWords, timeLeft } from "./account-words.js";
import { canSay, say } from "./language.js";
import { quietEndWords } from "./quiet-words.js";
import { day } from "./time.js";
import { deliveryStatus, failureWords, isLost, laterStatus, quietWords, status } from "./words.js";

/** @typedef {import("./api-people.js").People} People */
/** @typedef {import("./api-people.js").Relative} Relative */
/** @typedef {import("./api-people.js").Screen} Screen */
/** @typedef {import("./api.js").Item} Item */

/** What a relative can be to a child, in the order in which it is offered. */
export const RELATIONS = /** @type {const} */ ([
  "grandmother", "grandfather", "mother", "father", "aunt", "uncle", "cousin", "sibling", "godparent", "friend", "other",
]);

/** @param {string} word */
export const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);

/**
 * Returns a relation for a list of choices.
 *
 * @param {typeof RELATIONS[number]} relation
 */
export const relationWords = (relation) => say(`people.relation_${relation}`);

/**
 * Returns who sent a message, or on which screen a recording was made; null for what a toy recorded.
 *
 * @param {Pick<Item, "kind" | "sender" | "mine">} item
 * @param {People | undefined} people whom guardians know
 */
export function senderName({ kind, sender, mine }, people) {
  if (mine) return say("people.you");
  if (kind === "recording") return sender === null ? null : people?.screens.find(({ id }) => id === sender)?.name ?? null;
  return [...(people?.guardians ?? []), ...(people?.relatives ?? [])].find(({ id }) => id === sender)?.name
    ?? (people ? say("people.removed_relative") : null);
}

/**
 * Returns how many messages wait.
 *
 * @param {number} n
 */
export const waitingWords = (n) => say("people.waiting", { n });

/**
 * Returns what a relative may do with one child, for the list of relatives.
 *
 * @param {import("./api-people.js").Grant} grant
 * @param {string} child
 */
export function grantWords({ relation, needs_approval: isChecked, daily_limit: limit }, child) {
  const key = `people.relation_inside_${relation}`;
  const values = { child, relation: canSay(key) ? say(key) : relation };
  if (limit === null) return say(isChecked ? "people.grant_checked" : "people.grant_direct", values);
  return say(isChecked ? "people.grant_checked_limited" : "people.grant_direct_limited", { ...values, n: limit });
}

/**
 * Returns what state a relative is in: a word, a shape and a tone.
 *
 * @param {Relative} relative
 * @param {number} now
 * @returns {{ text: string, icon: string, tone: "good" | "wait" | "care" | "off" }}
 */
export function relativeState({ state, invite, sign_in_name: called, created_at: at }, now) {
  if (state === "blocked") return { text: say("people.paused"), icon: "pause", tone: "care" };
  const span = invite ? timeLeft(invite.expires_at, now) : "";
  if (state === "active") {
    const values = { name: called ?? "", date: day(at), span };
    return { text: say(invite ? "people.signs_in_new_link" : "people.signs_in", values), icon: "check", tone: "good" };
  }
  return invite && now < invite.expires_at
    ? { text: say("people.invited", { span }), icon: "clock", tone: "wait" }
    : { text: say("people.link_unused"), icon: "warning", tone: "care" };
}

/**
 * Returns what state a child screen is in.
 *
 * @param {Screen} screen
 * @param {number} now
 * @returns {ReturnType<typeof relativeState>}
 */
export function screenState({ state, invite, last_used_at: at }, now) {
  if (invite && now < invite.expires_at) {
    return { text: say("people.link_open", { span: timeLeft(invite.expires_at, now) }), icon: "clock", tone: "wait" };
  }
  if (state === "active") {
    return { text: at === null ? say("people.screen_not_used") : capital(lastUseWords(at, now)), icon: "check", tone: "good" };
  }
  return { text: say("people.link_unused"), icon: "warning", tone: "care" };
}

/**
 * Returns what a relative is told about their message. Relatives know no toy, and cannot squeeze its paw.
 *
 * @param {import("./api.js").Delivery} delivery
 * @param {{ child: string, now: number, quiet?: import("./api.js").Quiet | null }} scene
 * @returns {import("./words.js").Status}
 */
export function relativeStatus(delivery, { child, now, quiet }) {
  const toy = say("common.toy_of", { child });
  switch (delivery.state) {
    case "awaiting_approval":
      return status("wait", "clock", say("people.guardian_listens", { child }), ["withdraw"]);
    case "queued":
      if (delivery.waits_for === "time") return laterStatus(delivery, now);
      if (delivery.waits_for === "quiet") return status("wait", "moon", quietWords(delivery, now), ["withdraw"]);
      if (delivery.waits_for === "toy_of_theirs") return status("wait", "clock", say("message.waits_for_own_toy", { child }), ["withdraw"]);
      if (delivery.waits_for === "guardian") return status("wait", "clock", say("message.waits_for_guardian"), ["withdraw"]);
      return status("wait", "clock", delivery.waits_for === "previous"
        ? say("people.goes_after_previous", { child })
        : say("people.goes_when_awake", { child }), ["withdraw"]);
    case "on_toy":
      return quiet
        ? status("wait", "moon", say("people.there_quiet", { child, when: quietEndWords(quiet.until, now) }), ["withdraw"])
        : status("go", "heart", say("people.there", { child }), ["withdraw"]);
    case "declined":
      return status("off", "close", say("people.not_delivered"), []);
    case "failed":
      return isLost(delivery)
        ? status("care", "warning", failureWords(delivery.reason, toy), ["withdraw"])
        : status("wait", "clock", say("people.not_reached", { child }), ["withdraw"]);
    default:
      return deliveryStatus(delivery, { toy, child, now });
  }
}

/**
 * Returns what a relative reads under the name of a child.
 *
 * @param {import("./api.js").OwnGrant} grant
 */
export function ownGrantWords({ needs_approval: isChecked, daily_limit: limit, sent_today: sent }) {
  if (limit === null) return isChecked ? say("people.own_checked") : "";
  const left = Math.max(0, limit - sent);
  if (left === 0) return say(isChecked ? "people.own_checked_none_left" : "people.own_none_left");
  return say(isChecked ? "people.own_checked_left" : "people.own_left", { n: left });
}
