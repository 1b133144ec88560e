// @ts-check

// The requests about the household's keys.

import { request } from "./api.js";

/**
 * @typedef {{ done: number, of: number }} KeyProgress
 * @typedef {import("./api.js").Proof & { new_password?: string, remove?: string, stolen?: boolean }} KeyChange
 * @typedef {{ account: string, name: string, invite: import("./api.js").NewInvite }} GuardianLink
 * @typedef {import("./api.js").NewKey & { me: import("./api.js").Me, links: GuardianLink[] }} ChangedKeys
 */

// A small hub makes two keys of passwords, and what it answers is shown only once.
const PATIENCE_MS = 60_000;

/** @returns {Promise<KeyProgress | null>} how far a change has come; null when there is none */
export const readKeys = async () => (await request("GET", "/keys")).changing;

/**
 * @param {KeyChange} change
 * @returns {Promise<ChangedKeys>}
 */
export const changeKeys = (change) => request("POST", "/keys/change", change, PATIENCE_MS);

/**
 * Makes another link for a guardian, whose password opens nothing any more or was forgotten.
 *
 * @param {string} id
 * @returns {Promise<import("./api.js").NewInvite>}
 */
export const inviteGuardianAgain = (id) => request("POST", `/guardians/${id}/invite`);
