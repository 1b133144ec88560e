// @ts-check

// Who is here, and at which hub: what everything else waits for. It is asked while the words are still on
// their way.

import { readDoor, readHub, readMe } from "./api.js";

/**
 * `me` and `hub` are only there for somebody who is signed in.
 *
 * @typedef {{ door: import("./api.js").Door, me?: import("./api.js").Me, hub?: import("./api.js").HubInfo }} Arrival
 */

/** @type {Promise<Arrival | null> | null} */
let ahead = null;

/** Begins to ask, for the next who wants to know. */
export function askAhead() {
  // Without its words a page cannot say what went wrong: whoever wants to know asks again.
  ahead = ask().catch(() => null);
}

/**
 * Returns who is here.
 *
 * @param {number} [patienceMs] for the first answer
 * @returns {Promise<Arrival>}
 */
export async function arrive(patienceMs) {
  const asked = ahead;
  ahead = null;
  return await asked ?? ask(patienceMs);
}

/**
 * @param {number} [patienceMs]
 * @returns {Promise<Arrival>}
 */
async function ask(patienceMs) {
  const door = await readDoor(patienceMs);
  if (door.state !== "signed_in") return { door };
  const [me, hub] = await Promise.all([readMe(), readHub()]);
  return { door, me, hub };
}
