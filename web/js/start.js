// @ts-check

// What a new household still has to set up, and what was put off on this device. What is done follows from
// what the hub knows, so that it can be gone on with anywhere and at any time.

import { readTrust } from "./api-trust.js";
import { store } from "./store.js";
import { isGuardian, toyIds } from "./sync.js";
import { lookOnce } from "./trust.js";

/** @typedef {"child" | "toy" | "trust"} Step */
/**
 * @typedef {object} Kept what somebody said on this device
 * @property {Step[]} later which steps not now
 * @property {boolean} away whether to stop asking
 */

/** @type {Step[]} The account, with its recovery key, comes before them. */
export const STEPS = ["child", "toy", "trust"];
export const ALL = STEPS.length + 1;

/** @param {string | null} word @returns {word is Step} */
export const isStep = (word) => /** @type {(string | null)[]} */ (STEPS).includes(word);

/** @param {Step} step */
export const numberOf = (step) => STEPS.indexOf(step) + 2;

/** @param {string} account */
const keyOf = (account) => `hutch-start-${account}`;

/**
 * Returns what was kept, or nothing if that is no sense.
 *
 * @param {string | null} text
 * @returns {Kept}
 */
export function parse(text) {
  try {
    const { later, away } = JSON.parse(text ?? "");
    return { later: Array.isArray(later) ? later.filter(isStep) : [], away: away === true };
  } catch {
    return { later: [], away: false };
  }
}

/** @returns {Kept} */
function kept() {
  try {
    return parse(localStorage.getItem(keyOf(store.get("me").id)));
  } catch {
    return parse(null);
  }
}

/** @param {Kept} now */
function keep(now) {
  try {
    // eslint-disable-next-line no-restricted-properties -- Names of steps, and nothing of the household.
    localStorage.setItem(keyOf(store.get("me").id), JSON.stringify(now));
  } catch {
    // A browser that keeps nothing asks again.
  }
}

/** @param {Step} step */
export function putOff(step) {
  const { later, away } = kept();
  keep({ later: [...later.filter((one) => one !== step), step], away });
}

export const isPutAway = () => kept().away;

/** @param {boolean} away */
export function putAway(away) {
  keep({ ...kept(), away });
  store.set("start-away", away);
}

/** Returns whether there is something to set up here at all: what a demo keeps is gone when it stops. */
export const isAsked = () => isGuardian() && store.get("hub")?.demo === false;

/**
 * Returns the steps that are not done. That of a device is not known before somebody has looked.
 *
 * @returns {Step[]}
 */
export function leftSteps() {
  const done = {
    child: store.get("children")?.length > 0, toy: toyIds().length > 0, trust: store.get("trusts") === true,
  };
  return STEPS.filter((step) => !done[step]);
}

/**
 * Returns the steps that can be taken now: a toy is somebody's.
 *
 * @returns {Step[]}
 */
export const openSteps = () => leftSteps().filter((step) => step !== "toy" || store.get("children")?.length > 0);

/**
 * Returns what to do next.
 *
 * @param {Step[]} open
 * @param {{ after?: Step | null, later?: Step[] }} from `after`: what was just done or put off; without it, what
 *   was put off comes last
 * @returns {Step | null}
 */
export function choose(open, { after = null, later = [] }) {
  if (after) return open.find((step) => numberOf(step) > numberOf(after)) ?? null;
  return open.find((step) => !later.includes(step)) ?? open[0] ?? null;
}

/** @type {Promise<void> | null} */
let looking = null;

/** Looks whether this device trusts the hub, once for all who ask meanwhile. */
export function lookAtTrust() {
  looking ??= look().finally(() => { looking = null; });
  return looking;
}

async function look() {
  try {
    const { places } = await readTrust();
    store.set("trusts", await lookOnce(places.map(({ url }) => url)) === "trusted");
  } catch {
    // Without an answer it stays as it was; the next look tells.
  }
}

/**
 * Returns where to go next.
 *
 * @param {Step | null} after what was just done or put off
 */
export async function nextPlace(after) {
  await lookAtTrust();
  const next = choose(openSteps(), { after, later: kept().later });
  return next ? `#/start/${next}` : "#/";
}
