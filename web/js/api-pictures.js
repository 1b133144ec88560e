// @ts-check

// The requests about pictures of children.

import { BASE, request } from "./api.js";

/** @typedef {import("./api.js").Child} Child */

// It is small, and the hub has only to open it.
const PATIENCE_MS = 15_000;
// A hub that is busy with a sound does that first.
const MAKE_MS = 60_000;

/**
 * Reads a child's picture. Nothing keeps it but this page.
 *
 * @param {string} child
 * @returns {Promise<Blob | null>} null if it has none, or none can be had
 */
export async function readPicture(child) {
  try {
    const response = await fetch(`${BASE}/children/${child}/picture`, {
      cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return response.ok ? await response.blob() : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} child
 * @param {Blob} picture
 * @returns {Promise<Child>}
 */
export const setPicture = (child, picture) => request("PUT", `/children/${child}/picture`, picture, MAKE_MS);

/**
 * @param {string} child
 * @returns {Promise<Child>}
 */
export const removePicture = (child) => request("DELETE", `/children/${child}/picture`);
