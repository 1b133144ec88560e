// @ts-check

import { ApiError, hubNow, sendMessage } from "../api.js";
import { store } from "../store.js";
import { addItems, markTried, noticingSignOut, readThread } from "../sync.js";

const SAME_LENGTH_MS = 40;
const CLOCK_SLACK_S = 5;

/** @typedef {ReturnType<typeof makeOutbox>} Outbox */

/** @type {Map<string, Outbox>} */
const outboxes = new Map();

/**
 * Returns the one that sends takes to a child, each at most once. It outlives the view that uses
 * it: who looks away while something is sent must not be able to send it again.
 *
 * @param {string} child
 * @returns {Outbox}
 */
export function outbox(child) {
  const known = outboxes.get(child) ?? makeOutbox(child);
  outboxes.set(child, known);
  return known;
}

/** @param {string} child */
function makeOutbox(child) {
  /** @type {{ take: import("../audio.js").Take, at: number } | null} a try whose end nobody saw */
  let unsure = null;
  let busy = false;

  return {
    /**
     * @param {import("../audio.js").Take} take
     * @param {"cut" | "split" | null} long
     * @param {(share: number) => void} progress
     */
    async send(take, long, progress) {
      if (busy) throw new ApiError(0, "busy", "The message is already on its way.");
      busy = true;
      try {
        if (unsure?.take === take && await hasArrived(child, take, unsure.at)) {
          unsure = null;
          markTried("said");
          return;
        }
        unsure = { take, at: hubNow() };
        const mark = store.mark();
        const items = await noticingSignOut(sendMessage(child, take.wav, long, progress));
        unsure = null;
        addItems(items, mark);
        markTried("said");
      } catch (error) {
        // An answer, even a refusal, is certain; only silence is not.
        if (!(error instanceof ApiError) || error.status !== 0) unsure = null;
        throw error;
      } finally {
        busy = false;
      }
    },
  };
}

/**
 * The connection broke while a message was sent: the hub may have it all the same.
 *
 * @param {string} child
 * @param {import("../audio.js").Take} take
 * @param {number} since
 */
async function hasArrived(child, take, since) {
  await noticingSignOut(readThread(child));
  return store.get(`thread/${child}`).ids
    .map((/** @type {string} */ id) => store.get(`item/${id}`))
    .some((/** @type {import("../api.js").Item} */ item) => item.kind === "message"
      && item.at >= since - CLOCK_SLACK_S
      && Math.abs(item.length_ms - take.length_ms) <= SAME_LENGTH_MS);
}
