// @ts-check

// The request about written notes.

import { request } from "./api.js";

/**
 * Writes a note to an item; an empty one takes it away.
 *
 * @param {string} item
 * @param {string} text
 * @returns {Promise<import("./api.js").Item>}
 */
export const setNote = (item, text) => request("PUT", `/items/${item}/note`, { text });
