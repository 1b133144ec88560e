// @ts-check

// The requests of somebody whose household comes back from a backup: each with the set-up code.

import { request, send } from "./api.js";

/**
 * @typedef {{ id: string, folder: string | null, made_at: number | null, bytes: number,
 *   opens: "recovery_key" | "passphrase" | null, key_made_at: number | null }} BackupOffer `folder`: null for one that a browser sent
 * @typedef {"mistyped" | "other_key" | "wants_passphrase" | "wants_key" | "no_backup" | "damaged" | "newer" | "no_room" |
 *   "unreadable" | "under_way" | "internal"} Fault
 * @typedef {{ made_at: number, items: number, erased: number, knows_erased: boolean }} Returned
 * @typedef {{ state: "idle" | "looking" | "unpacking" | "opening" | "failed" | "ready", done: number, of: number,
 *   fault: Fault | null, returned: Returned | null }} Restoring
 */

/** @param {string} code */
const withCode = (code) => ({ "Hutch-Setup-Code": code });

/**
 * @param {string} code
 * @returns {Promise<BackupOffer[]>} the latest first
 */
export const readOffers = async (code) =>
  (await request("GET", "/restore/backups", null, undefined, { also: withCode(code) })).backups;

/**
 * @param {string} code
 * @param {Blob} file
 * @param {{ progress: (share: number) => void, signal: AbortSignal }} sending
 * @returns {Promise<BackupOffer>}
 */
export const sendBackup = (code, file, sending) => send("/restore/file", file,
  { "Content-Type": "application/octet-stream", ...withCode(code) }, sending);

/**
 * @param {string} code
 * @param {{ backup: string, key: string }} wanted `key`: the recovery key, or the passphrase of the backup
 * @returns {Promise<Restoring>}
 */
export const restore = (code, wanted) => request("POST", "/restore", wanted, undefined, { also: withCode(code) });

/**
 * @param {string} code
 * @returns {Promise<Restoring>}
 */
export const readRestoring = (code) => request("GET", "/restore", null, undefined, { also: withCode(code) });
