// @ts-check

// The requests about what holds for a child, and about what is kept.

import { request } from "./api.js";

/**
 * @typedef {{ weekday: number, from: number, until: number }} Span quiet hours that begin on one day, 1 for Monday;
 *   in minutes after midnight, and over it unless `until` is later
 * @typedef {{ quiet: Span[], max_volume: number | null, night_volume: number | null,
 *   retention_days: number | null }} Wanted
 * @typedef {Wanted & { time_zone: string | null, quiet_now: import("./api.js").Quiet | null, quiet_at: number | null,
 *   going: number, first_goes_at: number | null }} Rules `going`: how many items go by themselves within a week
 */

/**
 * @param {string} child
 * @param {number | null} [days] counts what is going as if things were kept for that long
 * @returns {Promise<Rules>}
 */
export const readRules = (child, days = null) =>
  request("GET", `/children/${child}/rules${days === null ? "" : `?retention_days=${days}`}`);

/**
 * @param {string} child
 * @param {Wanted} rules
 * @returns {Promise<Rules>}
 */
export const setRules = (child, rules) => request("PUT", `/children/${child}/rules`, rules);

/**
 * @param {string} item
 * @param {boolean} kept
 * @returns {Promise<import("./api.js").Item>}
 */
export const setKept = (item, kept) => request("PUT", `/items/${item}/kept`, { kept });
