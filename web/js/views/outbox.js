// @ts-check

import { ApiError, hubNow, sendMessage, sendRecording, stopped } from "../api.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { addItems, markTried, readThread } from "../sync.js";

const SAME_LENGTH_MS = 40;
const CLOCK_SLACK_S = 5;
// A hub that had everything may have been at it still when the connection broke.
const LOOKS = 3;
const LOOK_PAUSE_MS = 2_000;

/** @typedef {ReturnType<typeof makeOutbox>} Outbox */
/** @typedef {"cut" | "split" | null} Long */
/** @typedef {import("../api.js").Item} Item */

/**
 * Tries whose end nobody saw.
 *
 * @typedef {object} Unsure
 * @property {Item["kind"]} kind
 * @property {import("../audio.js").Take} take
 * @property {number} since when the first of them began, in the hub's Unix seconds
 * @property {string[]} before what was in the conversation then
 * @property {Long[]} choices what the hub was asked to do with a long take
 * @property {boolean} complete whether the hub may have all of it
 */

/** @type {Map<string, Outbox>} by child and kind */
const outboxes = new Map();

/**
 * Returns the one that sends takes to a child (or, on its screen, from it), each at most once. It outlives the view that uses
 * it: who looks away while something is sent must not be able to send it again.
 *
 * @param {string} child
 * @param {Item["kind"]} [kind] what becomes of a take
 * @returns {Outbox}
 */
export function outbox(child, kind = "message") {
  const key = `${child}/${kind}`;
  const known = outboxes.get(key) ?? makeOutbox(child, kind);
  outboxes.set(key, known);
  return known;
}

/**
 * @param {string} child
 * @param {Item["kind"]} kind
 */
function makeOutbox(child, kind) {
  /** @type {typeof sendMessage} */
  const post = kind === "message" ? sendMessage
    : (_, wav, __, progress, signal) => sendRecording(child, wav, progress, signal);
  /** @type {Unsure | null} */
  let unsure = null;
  let busy = false;

  return {
    /**
     * @param {import("../audio.js").Take} take
     * @param {Long} long
     * @param {(share: number) => void} progress
     * @param {AbortSignal} signal stops it
     */
    async send(take, long, progress, signal) {
      if (busy) throw new ApiError(0, "busy", say("error.busy"));
      busy = true;
      try {
        const earlier = unsure?.take === take ? unsure : null;
        if (earlier && await unlessStopped(hasArrived(child, earlier, signal), signal)) {
          unsure = null;
          markTried("said");
          return;
        }
        const trying = {
          kind, take,
          since: earlier?.since ?? hubNow(),
          before: earlier?.before ?? idsOf(child),
          choices: [...(earlier?.choices ?? []), long],
          complete: earlier?.complete ?? false,
        };
        unsure = trying;
        const mark = store.mark();
        const sending = post(child, take.wav, long, (share) => {
          trying.complete ||= share >= 1;
          progress(share);
        }, signal).catch((error) => {
          // An answer, even a refusal, is certain; only silence is not.
          if (error.status !== 0) unsure = null;
          throw error;
        });
        const items = await sending;
        unsure = null;
        addItems(items, mark);
        markTried("said");
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
 * @param {Unsure} unsure
 * @param {AbortSignal} signal
 */
async function hasArrived(child, unsure, signal) {
  const slot_ms = store.get("hub")?.slot_ms ?? Infinity;
  for (let look = 1; ; look += 1) {
    await readThread(child);
    const items = idsOf(child).map((id) => store.get(`item/${id}`));
    if (isAmong(items, unsure, slot_ms)) return true;
    if (!unsure.complete || look === LOOKS || signal.aborted) return false;
    await new Promise((resolve) => setTimeout(resolve, LOOK_PAUSE_MS));
  }
}

/**
 * Returns whether one of these tries became messages (or recordings).
 *
 * @param {Item[]} items the conversation
 * @param {Pick<Unsure, "kind" | "since" | "before" | "choices"> & { take: { length_ms: number } }} tries
 * @param {number} slot_ms
 */
export function isAmong(items, { kind, take, since, before, choices }, slot_ms) {
  const fresh = items.filter((item) => item.kind === kind && item.mine
    && item.at >= since - CLOCK_SLACK_S && !before.includes(item.id));
  return choices.some((long) => {
    if (long !== "split") {
      const length_ms = long === "cut" ? Math.min(take.length_ms, slot_ms) : take.length_ms;
      return fresh.some((item) => Math.abs(item.length_ms - length_ms) <= SAME_LENGTH_MS);
    }
    // The parts of one sound have the same time.
    return fresh.some(({ at }) => {
      const parts = fresh.filter((item) => item.at === at);
      const sum_ms = parts.reduce((sum, part) => sum + part.length_ms, 0);
      return Math.abs(sum_ms - take.length_ms) <= SAME_LENGTH_MS * parts.length;
    });
  });
}

/**
 * @param {string} child
 * @returns {string[]}
 */
function idsOf(child) {
  return store.get(`thread/${child}`)?.ids ?? [];
}

/**
 * Passes a result on, unless nobody waits for it any more.
 *
 * @template T
 * @param {Promise<T>} result
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 */
function unlessStopped(result, signal) {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(stopped()), { once: true });
    result.then(resolve, reject);
  });
}
