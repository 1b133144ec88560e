// @ts-check

// What a device needs to trust the hub. Nobody has to be signed in for it.

import { request } from "./api.js";

/**
 * @typedef {{ root: string, names: string, addresses: string }} Fingerprints SHA-256, in hexadecimal
 * @typedef {{ url: string, qr: string[] }} Place an address of the page
 * @typedef {{ fingerprints: Fingerprints, places: Place[] }} Trust what has a name comes first
 */

/** @returns {Promise<Trust>} */
export const readTrust = () => request("GET", "/trust");

export const CERTIFICATE_URL = "/trust/hutch-root.crt";
export const PROFILE_URL = "/trust/hutch.mobileconfig";

/**
 * Asks for nothing at another address of the hub; that it gets through is the answer.
 *
 * @param {string} place
 * @param {number} patienceMs
 * @returns {Promise<boolean>}
 */
export async function probe(place, patienceMs) {
  try {
    await fetch(`${place}/probe`, {
      mode: "no-cors", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(patienceMs),
    });
    return true;
  } catch {
    return false;
  }
}
