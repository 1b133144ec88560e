// @ts-check

// The requests that cannot be taken back. Each needs the password, given a moment ago.

import { request } from "./api.js";

/** @typedef {{ gone: boolean }} Erasure `gone`: false while somebody is still reading it; then it goes a little later */

/**
 * Erases a recording or message, also if the page is left meanwhile.
 *
 * @param {string} id
 * @returns {Promise<Erasure>}
 */
export const eraseItem = (id) => request("POST", `/items/${id}/erase`, null, undefined, { keepalive: true });

/**
 * @param {string} id
 * @returns {Promise<Erasure>}
 */
export const eraseChild = (id) => request("POST", `/children/${id}/erase`);

/**
 * @param {string} id
 * @returns {Promise<Erasure>}
 */
export const eraseRelative = (id) => request("POST", `/relatives/${id}/erase`);

/**
 * Begins to erase everything; the hub is away for a moment then, and another one afterwards.
 *
 * @param {string} name what the household is called, or whoever asks
 * @returns {Promise<null>}
 */
export const eraseHousehold = (name) => request("POST", "/household/erase", { name });
