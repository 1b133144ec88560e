// @ts-check

// The older pages of a conversation: read on the way up, and let go when nobody looks at it any more.

import { readItems } from "./api.js";
import { store } from "./store.js";
import { newAnswers, takePage, waitingIds } from "./sync.js";

/** @typedef {import("./sync.js").Thread} Thread */

const pause = () => new Promise((resolve) => { setTimeout(resolve); });

// What the store keeps of an item.
const KEPT_OF_ITEM = ["item", "delivery", "shared", "kept", "note"];

/**
 * Reads one page further back.
 *
 * @param {string} child
 */
export async function readOlder(child) {
  const mark = store.mark();
  /** @type {Thread} */
  const thread = store.get(`thread/${child}`);
  const page = await readItems(child, thread.next);
  const ids = takePage(page, mark);
  // A slow device has to scroll meanwhile.
  await pause();
  const current = /** @type {Thread} */ (store.get(`thread/${child}`));
  // It was read anew meanwhile, and this is no longer what comes before it.
  if (current.next !== thread.next) return;
  const known = new Set(current.ids);
  const fresh = ids.filter((id) => !known.has(id) && store.get(`gone/${id}`) !== true);
  store.set(`thread/${child}`, { ...current, ids: [...fresh, ...current.ids], next: page.next });
}

/**
 * Lets go of what was read further back than the newest page, once nobody looks at it: the hub has it.
 *
 * @param {string} child
 */
export function forgetOlder(child) {
  /** @type {Thread | undefined} */
  const thread = store.get(`thread/${child}`);
  const from = thread?.newest ? thread.ids.indexOf(thread.newest.first) : -1;
  if (!thread?.newest || from <= 0) return;
  const needed = new Set([...waitingIds(), ...newAnswers(child)]);
  store.set(`thread/${child}`, { ...thread, ids: thread.ids.slice(from), next: thread.newest.next });
  for (const id of thread.ids.slice(0, from)) {
    if (!needed.has(id)) store.drop(KEPT_OF_ITEM.map((what) => `${what}/${id}`));
  }
}
