// @ts-check

// Whether this device trusts the hub, and what kind of device it is.
//
// A warning that somebody clicked away is remembered for one certificate. The hub shows two, one by name and
// one by address: so a page that was opened by name gets through to an address only if the device trusts what
// both stand under, or if both warnings were clicked away. Chromium tells even that apart: it takes no service
// worker from where it warned.

import { probe } from "./api-trust.js";

/**
 * @typedef {"ios" | "android" | "windows" | "macos" | "linux" | "firefox"} Guide which way to trust suits
 * @typedef {"trusted" | "refused" | "unknown"} Worker what the browser thinks of a service worker from here
 * @typedef {"trusted" | "not_yet" | "perhaps" | "unknown"} Verdict `perhaps`: not yet, or the hub's name is not
 *   found; `unknown`: there is nothing to tell it by
 */

/** @type {Guide[]} */
export const GUIDES = ["ios", "android", "windows", "macos", "linux", "firefox"];

const EVERY_MS = 4_000;
const PATIENCE_MS = 3_500;
const WORKER = "/js/trust-worker.js";
// No page is there: the worker looks after nothing.
const NOWHERE = "/js/nowhere/";

/**
 * Returns what kind of device this is.
 *
 * @param {{ userAgent: string, maxTouchPoints?: number }} browser
 * @returns {Guide}
 */
export function guideFor({ userAgent, maxTouchPoints = 0 }) {
  // An iPad says that it is a Mac; there is no Mac with a touch screen.
  if (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)) return "ios";
  if (/Android/.test(userAgent)) return "android";
  // Elsewhere Firefox has a store of its own, whatever the system trusts.
  if (/Firefox\//.test(userAgent)) return "firefox";
  if (/Windows/.test(userAgent)) return "windows";
  return /Macintosh|Mac OS X/.test(userAgent) ? "macos" : "linux";
}

/**
 * Returns whether it is the one browser that does not look where Android keeps its certificates.
 *
 * @param {string} userAgent
 */
export const isFirefoxOnAndroid = (userAgent) => /Android/.test(userAgent) && /Firefox\//.test(userAgent);

/**
 * Returns whether a host is an address and not a name.
 *
 * @param {string} host as `location.hostname` has it
 */
export const isAddress = (host) => /^\d+(\.\d+){3}$/.test(host) || host.startsWith("[");

/** @param {string} host */
const isThisComputer = (host) => host === "localhost" || /^127\./.test(host) || host === "[::1]";

/**
 * Returns whether a place leads to the computer itself, whichever it is.
 *
 * @param {string} place
 */
export const isOnlyHere = (place) => isThisComputer(new URL(place).hostname);

/**
 * Returns where to ask: the places of the hub that show the other certificate.
 *
 * @param {string[]} places
 * @param {string} here `location.hostname`
 */
export function counterparts(places, here) {
  return places.filter((place) => {
    const { hostname } = new URL(place);
    // The policy of the page can name no address of the sixth version.
    if (hostname.startsWith("[") || isAddress(hostname) === isAddress(here)) return false;
    return isThisComputer(hostname) === isThisComputer(here);
  });
}

/**
 * Returns what follows from what was found.
 *
 * @param {{ worker: Worker, reached: boolean | null, byName: boolean }} found `reached`: whether one of the places got
 *   through, null if there was none to ask; `byName`: whether they have names, which a device may not find
 * @returns {Verdict}
 */
export function verdict({ worker, reached, byName }) {
  if (worker === "trusted") return "trusted";
  if (worker === "refused") return "not_yet";
  if (reached === null) return "unknown";
  if (reached) return "trusted";
  return byName ? "perhaps" : "not_yet";
}

/**
 * Looks whether this device trusts the hub.
 *
 * @param {string[]} places
 * @returns {Promise<Verdict>}
 */
export async function lookOnce(places) {
  const others = counterparts(places, location.hostname);
  const byName = !others.some((place) => isAddress(new URL(place).hostname));
  const worker = await askWorker();
  // Where the browser says it of a worker, nobody else has to be asked.
  const answers = worker === "unknown" ? await Promise.all(others.map((place) => probe(place, PATIENCE_MS))) : [];
  return verdict({ worker, reached: answers.length > 0 ? answers.includes(true) : null, byName });
}

/**
 * Tells whether this device trusts the hub, and again whenever that changes.
 *
 * @param {string[]} places
 * @param {(verdict: Verdict) => void} tell
 * @returns {() => void} stops it
 */
export function watchTrust(places, tell) {
  /** @type {Verdict | null} */
  let known = null;
  let asking = false;
  let stopped = false;
  const look = async () => {
    if (asking || stopped || document.hidden) return;
    asking = true;
    const now = await lookOnce(places);
    asking = false;
    if (stopped || now === known) return;
    known = now;
    tell(now);
  };
  const soon = () => void look();
  const timer = setInterval(soon, EVERY_MS);
  // Whoever comes back from the settings wants to know at once.
  document.addEventListener("visibilitychange", soon);
  addEventListener("focus", soon);
  soon();
  return () => {
    stopped = true;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", soon);
    removeEventListener("focus", soon);
  };
}

/** @returns {Promise<Worker>} */
async function askWorker() {
  // Others take it whatever they think of the certificate, or refuse it for reasons of their own.
  if (!/Chrome\//.test(navigator.userAgent) || !navigator.serviceWorker) return "unknown";
  try {
    const worker = await navigator.serviceWorker.register(WORKER, { scope: NOWHERE });
    await worker.unregister();
    return "trusted";
  } catch (error) {
    return error instanceof DOMException && /certificate/i.test(error.message) ? "refused" : "unknown";
  }
}
