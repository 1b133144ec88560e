// @ts-check

// The requests about backups.

import { request } from "./api.js";

/**
 * @typedef {{ folder: string, there: boolean, readable: boolean, n: number, bytes: number, staying: number, gone_by: number | null,
 *   made_at: number | null, latest_at: number | null, latest_bytes: number, oldest_at: number | null,
 *   rehearsed_at: number | null, fails_since: number | null }} BackupPlace
 *   `there`: whether it is, for a stick may be elsewhere; `staying`: how many stay until somebody removes them; `gone_by`: when the
 *   last of the others is gone, if one is made each night; `made_at`: when the hub last knew one to be made there;
 *   `rehearsed_at`: when a restore was last tried
 * @typedef {{ places: BackupPlace[], keeps: { days: number, weeks: number, months: number }, under_way: boolean,
 *   replaced?: { bytes: number, goes_at: number } | null }} Backups `keeps`: of how many of the last days, weeks and months one
 *   stays; `replaced`: the household that was here before a restore
 */

/** @returns {Promise<Backups>} */
export const readBackups = () => request("GET", "/backups");

/** @returns {Promise<Backups>} */
export const eraseReplaced = () => request("POST", "/backups/replaced/erase");

/** @returns {Promise<Backups>} */
export const makeBackup = () => request("POST", "/backups");
