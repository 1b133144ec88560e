// @ts-check

// The requests about people: children, relatives, child screens, and what is shared with whom.

import { request } from "./api.js";

/**
 * @typedef {import("./api.js").NewInvite} NewInvite
 * @typedef {{ child: string, relation: string, needs_approval: boolean, daily_limit: number | null }} Grant what a
 *   relative may do with one child
 * @typedef {{ id: string, expires_at: number }} OpenLink
 * @typedef {{ id: string, name: string, sign_in_name: string | null, created_at: number,
 *   state: "invited" | "active" | "blocked", invite: OpenLink | null, grants: Grant[] }} Relative
 * @typedef {{ id: string, name: string, child: string, created_at: number, state: "invited" | "active",
 *   invite: OpenLink | null, last_used_at: number | null }} Screen
 * @typedef {{ guardians: import("./api.js").Person[], relatives: Relative[], screens: Screen[] }} People
 */

/** @returns {Promise<People>} */
export const readPeople = () => request("GET", "/people");

/**
 * @param {{ name: string, animal: string, color: string }} child
 * @returns {Promise<import("./api.js").Child>}
 */
export const addChild = (child) => request("POST", "/children", child);

/**
 * @param {string} id
 * @param {{ name?: string, animal?: string, color?: string }} change
 * @returns {Promise<import("./api.js").Child>}
 */
export const changeChild = (id, change) => request("POST", `/children/${id}`, change);

/**
 * @param {{ name: string, grants: Grant[] }} relative
 * @returns {Promise<{ relative: Relative, invite: NewInvite }>}
 */
export const inviteRelative = (relative) => request("POST", "/relatives", relative);

/**
 * @param {string} id
 * @param {{ name?: string, grants?: Grant[] }} change
 * @returns {Promise<Relative>}
 */
export const changeRelative = (id, change) => request("POST", `/relatives/${id}`, change);

/**
 * @param {string} id
 * @param {"block" | "unblock"} action
 * @returns {Promise<Relative>}
 */
export const actOnRelative = (id, action) => request("POST", `/relatives/${id}/${action}`);

/**
 * @param {{ name: string, child: string }} screen
 * @returns {Promise<{ screen: Screen, invite: NewInvite }>}
 */
export const addScreen = (screen) => request("POST", "/screens", screen);

/**
 * Makes a new link for somebody who lost the one before, or a password.
 *
 * @param {"relatives" | "screens"} kind
 * @param {string} id
 * @returns {Promise<NewInvite>}
 */
export const inviteAgain = (kind, id) => request("POST", `/${kind}/${id}/invite`);

/**
 * @param {"relatives" | "screens"} kind
 * @param {string} id
 * @returns {Promise<null>}
 */
export const removePerson = (kind, id) => request("POST", `/${kind}/${id}/remove`);

/**
 * @param {string} item
 * @param {"share" | "unshare"} action
 * @param {string} account
 * @returns {Promise<import("./api.js").Item>}
 */
export const actOnSharing = (item, action, account) => request("POST", `/items/${item}/${action}`, { account });
