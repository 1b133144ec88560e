// @ts-check

// The requests about backups.

import { request } from "./api.js";

/**
 * @typedef {{ folder: string, there: boolean, n: number, latest_at: number | null, latest_bytes: number,
 *   oldest_at: number | null, rehearsed_at: number | null, fails_since: number | null }} BackupPlace
 *   `there`: whether it is, for a stick may be elsewhere; `rehearsed_at`: when a restore was last tried
 * @typedef {{ places: BackupPlace[], under_way: boolean, replaced?: { bytes: number, goes_at: number } | null }} Backups `replaced`: the
 *   household that was here before a restore
 */

/** @returns {Promise<Backups>} */
export const readBackups = () => request("GET", "/backups");

/** @returns {Promise<Backups>} */
export const eraseReplaced = () => request("POST", "/backups/replaced/erase");

/** @returns {Promise<Backups>} */
export const makeBackup = () => request("POST", "/backups");
