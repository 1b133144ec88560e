// @ts-check

// Recording is fetched once somebody is about to, and ahead of that once there is peace.

/** @typedef {typeof import("./recording-parts.js")} Parts */

/** @type {Parts | null} */
let here = null;

/**
 * Fetches what recording needs.
 *
 * @returns {Promise<Parts>}
 */
export async function recordingParts() {
  try {
    return here ??= await import("./recording-parts.js");
  } catch (error) {
    // As browsers tell that a file did not come; all else is a fault of ours.
    if (error instanceof TypeError) throw Object.assign(new Error("unloaded"), { reason: "unloaded" });
    throw error;
  }
}

/** Returns the same, where something was recorded already. */
export const partsHere = () => /** @type {Parts} */ (here);
