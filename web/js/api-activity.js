// @ts-check

// The requests about the activity: who did what, and what guardians should know of.

import { request } from "./api.js";

/**
 * @typedef {{ id: number, at: number, deed: string, account: string | null, account_name: string | null,
 *   subject: string | null, subject_name: string | null, item: string | null, child: string | null,
 *   child_name: string | null, n: number | null, address: string | null, device: string | null }} Entry a name is
 *   null when whoever had it is gone
 * @typedef {{ id: number, chain: string }} Head an entry, and the link that it has in the chain
 * @typedef {{ head: Head | null, first_wrong: number | null }} Checked
 * @typedef {{ entries: Entry[], n: number, up_to: number }} News
 */

/**
 * @param {number | null} [before] leads further back
 * @returns {Promise<{ entries: Entry[], next: number | null }>}
 */
export const readActivity = (before = null) => request("GET", `/activity${before === null ? "" : `?before=${before}`}`);

/**
 * Returns what was done with one item, as far as one page has it.
 *
 * @param {string} item
 * @returns {Promise<Entry[]>}
 */
export const readItemActivity = async (item) => (await request("GET", `/activity?item=${item}&limit=100`)).entries;

/**
 * @param {{ id?: number, chain?: string, known?: number[] }} remembered `known`: what is passed over
 * @returns {Promise<Checked>}
 */
export const checkActivity = ({ id, chain, known }) => request("POST", "/activity/check", { id, chain, looked_at: known });

/** @returns {Promise<News>} */
export const readNews = () => request("GET", "/activity/news");

/**
 * @param {number} upTo
 * @returns {Promise<null>}
 */
export const markSeen = (upTo) => request("POST", "/activity/seen", { up_to: upTo });
