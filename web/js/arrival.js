// @ts-check

// Who is here, and what the first view shows them: what everything else waits for. It is asked while the
// words and the rest of the page are still on their way.

import { readChildren, readDemoToys, readDoor, readHub, readMe, readToys, readWaiting } from "./api.js";
import { readKeys } from "./api-keys.js";
import { readPeople } from "./api-people.js";
import { store } from "./store.js";

/**
 * What is being read for the first view. `household` and `demo`: for guardians only; `mark`: of the store, when it was asked.
 *
 * @typedef {{ mark: number, hub: import("./api.js").HubInfo, children: Promise<import("./api.js").Child[]>,
 *   demo: Promise<import("./api.js").DemoToy[]>, household?: ReturnType<typeof askHousehold> }} First
 */
/**
 * `me` and `first` are only there for somebody who is signed in.
 *
 * @typedef {{ door: import("./api.js").Door, me?: import("./api.js").Me, first?: First }} Arrival
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
  const mark = store.mark();
  const children = heeded(readChildren());
  const [me, hub] = await Promise.all([readMe(), readHub()]);
  if (me.role !== "guardian") return { door, me, first: { mark, hub, children, demo: Promise.resolve([]) } };
  const demo = heeded(hub.demo ? readDemoToys() : Promise.resolve([]));
  return { door, me, first: { mark, hub, children, demo, household: askHousehold() } };
}

/** Asks for what the first view shows guardians alone. */
export const askHousehold = () => ({
  toys: heeded(readToys()), people: heeded(readPeople()), waiting: heeded(readWaiting()), keys: heeded(readKeys()),
});

/**
 * Returns an answer whose failure somebody will hear of later.
 *
 * @template T
 * @param {Promise<T>} answer
 */
function heeded(answer) {
  answer.catch(() => {});
  return answer;
}
