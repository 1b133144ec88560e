// @ts-check

// Where minutes of the day lie on a dial of 24 hours. Midnight is above, noon below; the day goes round clockwise.

export const DAY_MINUTES = 24 * 60;
/** What hands snap to. */
export const QUARTER = 15;

/** @param {number} minute any number of days later or earlier, too */
export const ofDay = (minute) => ((minute % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;

/**
 * Returns where a minute lies, from the middle of the dial: to the right and down.
 *
 * @param {number} minute
 * @param {number} radius
 */
export function pointAt(minute, radius) {
  const turn = (minute / DAY_MINUTES) * 2 * Math.PI;
  return { x: round(radius * Math.sin(turn)), y: round(-radius * Math.cos(turn)) };
}

/**
 * Returns the quarter of an hour that lies in this direction from the middle.
 *
 * @param {number} right
 * @param {number} down
 */
export function minuteAt(right, down) {
  const turn = Math.atan2(right, 0 - down) / (2 * Math.PI);
  return ofDay(Math.round((turn * DAY_MINUTES) / QUARTER) * QUARTER);
}

/**
 * Returns the way along the dial from one minute on to another, for an SVG path.
 *
 * @param {{ from: number, until: number }} span
 * @param {number} radius
 */
export function arc({ from, until }, radius) {
  const [begin, end] = [pointAt(from, radius), pointAt(until, radius)];
  const isLong = ofDay(until - from) > DAY_MINUTES / 2 ? 1 : 0;
  return `M${begin.x} ${begin.y}A${radius} ${radius} 0 ${isLong} 1 ${end.x} ${end.y}`;
}

/**
 * Returns the minute that a hand is moved to: in steps from quarter to quarter, and never onto the other hand.
 *
 * @param {number} minute
 * @param {number} by
 * @param {number} other where the other hand is
 */
export function steppedTo(minute, by, other) {
  // From 19:40 on, a quarter more is 19:45.
  const onward = by > 0 ? Math.floor(minute / QUARTER) * QUARTER : Math.ceil(minute / QUARTER) * QUARTER;
  const next = ofDay(onward + by);
  return next === other ? ofDay(next + Math.sign(by) * QUARTER) : next;
}

/** @param {number} number */
const round = (number) => Math.round(number * 100) / 100 + 0;
