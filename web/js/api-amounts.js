// @ts-check

// The request about what is kept, in numbers.

import { request } from "./api.js";

/**
 * @typedef {{ n: number, bytes: number }} Amount
 * @typedef {{ child: string, recordings: Amount, messages: Amount, notes: Amount, pictures: Amount, own_picture: Amount, kept: number,
 *   oldest_at: number | null, retention_days: number | null, going: number, next_goes_at: number | null }} ChildAmounts
 *   `going`: how many go by themselves within a day
 * @typedef {{ account: string, messages: Amount, shared: number }} RelativeAmounts
 * @typedef {{ children: ChildAmounts[], relatives: RelativeAmounts[], sessions: number, activity: number,
 *   places: number, waiting: Amount, database_bytes: number, replaced_bytes?: number | null }} Amounts `replaced_bytes`: of the
 *   household that was here before a restore, if it is kept
 */

/** @returns {Promise<Amounts>} */
export const readAmounts = () => request("GET", "/privacy");
