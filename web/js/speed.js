// @ts-check

// How fast sounds are played, on this device.

import { locale } from "./language.js";
import { once } from "./once.js";

const CHOICE = "hutch-speed";
const FIGURES = once(() => new Intl.NumberFormat(locale()));

/** The slowest is for those who hear badly. */
export const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

/** @returns {number} one of {@link SPEEDS} */
export function chosenSpeed() {
  try {
    const chosen = Number(localStorage.getItem(CHOICE));
    return SPEEDS.includes(chosen) ? chosen : 1;
  } catch {
    return 1;
  }
}

/** @param {number} speed */
export function chooseSpeed(speed) {
  try {
    // How fast somebody listens says nothing of a household.
    // eslint-disable-next-line no-restricted-properties
    localStorage.setItem(CHOICE, String(speed));
  } catch {
    // It holds for this visit then.
  }
}

/**
 * Returns the next faster one; after the fastest comes the slowest.
 *
 * @param {number} speed
 */
export const nextSpeed = (speed) => SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;

/**
 * Returns how a speed is written, "1.25×".
 *
 * @param {number} speed
 */
export const speedWords = (speed) => `${FIGURES().format(speed)}×`;
