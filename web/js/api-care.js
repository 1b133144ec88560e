// @ts-check

// The requests about what needs care, and about the token for figures.

import { request } from "./api.js";

/**
 * @typedef {{ about: string, how: string, verdict: "good" | "mind" | "ails", says: string, to_do: string | null,
 *   facts: { name: string, value: number }[], calls: boolean }} Finding
 *   `calls`: whether a guardian should look at it, though they came for something else
 * @typedef {{ looked_at: number | null, findings: Finding[] }} Care
 * @typedef {{ made_at: number | null, used_at: number | null }} Meter
 */

/** @returns {Promise<Care>} */
export const readCare = () => request("GET", "/care");

/** @returns {Promise<Care>} */
export const lookAgain = () => request("POST", "/care/look");

/** @returns {Promise<Meter>} */
export const readMeter = () => request("GET", "/care/meter");

/** @returns {Promise<{ token: string, made_at: number }>} */
export const makeMeter = () => request("POST", "/care/meter");

/** @returns {Promise<Meter>} */
export const revokeMeter = () => request("DELETE", "/care/meter");
