// @ts-check

import { ApiError, sendMessage, sendRecording } from "../api.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { addItems, markTried } from "../sync.js";

/** @typedef {ReturnType<typeof makeOutbox>} Outbox */
/** @typedef {"cut" | "split" | null} Long */
/** @typedef {import("../api.js").Item} Item */
/** @typedef {import("../audio.js").Take & { send_at?: number | null }} Take */

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
  /** By what the hub knows each take again, and each choice of what becomes of it.
   *
   * @type {WeakMap<Take, Map<string, string>>}
   */
  const keys = new WeakMap();
  let busy = false;

  /**
   * @param {Take} take
   * @param {Long} long
   */
  const keyOf = (take, long) => {
    const known = keys.get(take) ?? new Map();
    keys.set(take, known);
    const choice = `${long}/${take.send_at}`;
    const key = known.get(choice) ?? newKey();
    known.set(choice, key);
    return key;
  };

  return {
    /**
     * Sends a take. Whoever does not know whether it arrived may send it again: the hub stores it once.
     *
     * @param {Take} take
     * @param {Long} long
     * @param {(share: number) => void} progress
     * @param {AbortSignal} signal stops it
     */
    async send(take, long, progress, signal) {
      if (busy) throw new ApiError(0, "busy", say("error.busy"));
      busy = true;
      try {
        const mark = store.mark();
        const sending = { key: keyOf(take, long), progress, signal };
        const { sound, send_at = null } = take;
        addItems(await (kind === "message"
          ? sendMessage(child, sound, { long, send_at }, sending) : sendRecording(child, sound, sending)), mark);
        markTried("said");
      } catch (error) {
        // It arrived, and somebody erased it before this page knew.
        if (!(error instanceof ApiError) || error.code !== "erased_since") throw error;
      } finally {
        busy = false;
      }
    },
  };
}

/** Returns what no other request has. */
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
