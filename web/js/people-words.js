// @ts-check

// The sentences about people: who sent what, what a relative may do, what becomes of a relative's
// message. Pure; the caller brings the time.

import { goodForWords, lastUseWords } from "./account-words.js";
import { quietEndWords } from "./rules-words.js";
import { count, day } from "./time.js";
import { deliveryStatus, failureWords, isLost, quietWords, status } from "./words.js";

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
 * @param {string} relation
 */
export const relationWords = (relation) => (relation === "other" ? "Something else" : capital(relation));

/**
 * Returns names as one says them: "Mia, Ben and Lu".
 *
 * @param {string[]} names
 */
export function andWords(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/**
 * Returns who sent a message, or on which screen a recording was made; null for what a toy recorded.
 *
 * @param {Pick<Item, "kind" | "sender" | "mine">} item
 * @param {People | undefined} people whom guardians know
 */
export function senderName({ kind, sender, mine }, people) {
  if (mine) return "You";
  if (kind === "recording") return sender === null ? null : people?.screens.find(({ id }) => id === sender)?.name ?? null;
  return [...(people?.guardians ?? []), ...(people?.relatives ?? [])].find(({ id }) => id === sender)?.name
    ?? (people ? "A removed relative" : null);
}

/**
 * Returns how many messages wait.
 *
 * @param {number} n
 */
export const waitingWords = (n) => `${count(n, "message")} ${n === 1 ? "waits" : "wait"} for you`;

/**
 * Returns what a relative may do with one child, for the list of relatives.
 *
 * @param {import("./api-people.js").Grant} grant
 * @param {string} child
 */
export function grantWords({ relation, needs_approval: isChecked, daily_limit: limit }, child) {
  return [
    `${child}: ${relation === "other" ? "relative" : relation}`,
    isChecked ? "you listen first" : "goes straight to the toy",
    limit === null ? "as many messages as they like" : `${count(limit, "message")} a day`,
  ].join(", ");
}

/**
 * Returns what state a relative is in: a word, a shape and a tone.
 *
 * @param {Relative} relative
 * @param {number} now
 * @returns {{ text: string, icon: string, tone: "good" | "wait" | "care" | "off" }}
 */
export function relativeState({ state, invite, sign_in_name: called, created_at: at }, now) {
  if (state === "blocked") return { text: "Paused: cannot sign in", icon: "pause", tone: "care" };
  if (state === "active") {
    const link = invite ? `. A new link is ${goodForWords(invite.expires_at, now)}` : "";
    return { text: `Signs in as “${called ?? ""}”, invited on ${day(at)}${link}`, icon: "check", tone: "good" };
  }
  return invite && now < invite.expires_at
    ? { text: `Invited. The link is ${goodForWords(invite.expires_at, now)}`, icon: "clock", tone: "wait" }
    : { text: "The link was not used in time. Make a new one", icon: "warning", tone: "care" };
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
    return { text: `The link is ${goodForWords(invite.expires_at, now)}`, icon: "clock", tone: "wait" };
  }
  if (state === "active") return { text: at === null ? "Not used yet" : capital(lastUseWords(at, now)), icon: "check", tone: "good" };
  return { text: "The link was not used in time. Make a new one", icon: "warning", tone: "care" };
}

/**
 * Returns what a relative is told about their message. Relatives know no toy, and cannot squeeze its paw.
 *
 * @param {import("./api.js").Delivery} delivery
 * @param {{ child: string, now: number, quiet?: import("./api.js").Quiet | null }} scene
 * @returns {import("./words.js").Status}
 */
export function relativeStatus(delivery, { child, now, quiet }) {
  const toy = `${child}’s toy`;
  switch (delivery.state) {
    case "awaiting_approval":
      return status("wait", "clock", `A guardian of ${child} listens first.`, ["withdraw"]);
    case "queued":
      if (delivery.waits_for === "quiet") return status("wait", "moon", quietWords(delivery, now), ["withdraw"]);
      return status("wait", "clock", delivery.waits_for === "previous"
        ? `Goes to ${toy} once ${child} has heard the one before.`
        : `Goes to ${toy} when it wakes up.`, ["withdraw"]);
    case "on_toy":
      if (quiet) return status("wait", "moon", `It is there. The heart of ${toy} blinks again ${quietEndWords(quiet.until, now)}.`, ["withdraw"]);
      return status("go", "heart", `It is there: the heart of ${toy} is blinking.`, ["withdraw"]);
    case "declined":
      return status("off", "close", "Not delivered", []);
    case "failed":
      return isLost(delivery)
        ? status("care", "warning", failureWords(delivery.reason, toy), ["withdraw"])
        : status("wait", "clock", `It has not reached ${toy} yet. Hutch keeps trying.`, ["withdraw"]);
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
  const checked = isChecked ? "A guardian listens first" : "";
  if (limit === null) return checked;
  const left = Math.max(0, limit - sent);
  const today = left === 0 ? "no more messages today" : `${count(left, "more message")} today`;
  return checked ? `${checked}, ${today}` : capital(today);
}
