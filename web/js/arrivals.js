// @ts-check

// The order of a conversation: by time, and within one second as the hub told of what came.

import { store } from "./store.js";

/**
 * Items that the hub told of while the page was open, as they came.
 *
 * @type {Map<string, number>}
 */
const heardOf = new Map();

/** @param {string} id an item that the hub told of */
export function noteArrival(id) {
  if (!heardOf.has(id)) heardOf.set(id, heardOf.size + 1);
}

/**
 * Returns items by time, and those of one second as the hub told of them: it may answer in another order.
 *
 * @param {string[]} ids
 */
export const inOrder = (ids) => ids.sort(byTime);

/**
 * Returns ordered items with one more in its place, which is near the end.
 *
 * @param {string[]} ids
 * @param {string} id
 */
export function withOne(ids, id) {
  let place = ids.length;
  while (place > 0 && byTime(ids[place - 1] ?? "", id) > 0) place -= 1;
  return [...ids.slice(0, place), id, ...ids.slice(place)];
}

/**
 * @param {string} a
 * @param {string} b
 */
function byTime(a, b) {
  const at = (/** @type {string} */ id) => store.get(`item/${id}`)?.at ?? 0;
  const nth = (/** @type {string} */ id) => heardOf.get(id) ?? 0;
  return at(a) - at(b) || nth(a) - nth(b);
}
