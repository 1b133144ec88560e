// @ts-check

// Whether playing goes on by itself to what is new, on this device.

const CHOICE = "hutch-onward";
const OFF = "off";

/** @type {boolean | null} what was chosen in this visit */
let chosen = null;

/** Returns whether it does; it does unless somebody said otherwise. */
export function goesOn() {
  if (chosen !== null) return chosen;
  try {
    return localStorage.getItem(CHOICE) !== OFF;
  } catch {
    return true;
  }
}

/** @param {boolean} isOn */
export function chooseToGoOn(isOn) {
  chosen = isOn;
  try {
    if (isOn) localStorage.removeItem(CHOICE);
    // How somebody listens says nothing of a household.
    // eslint-disable-next-line no-restricted-properties
    else localStorage.setItem(CHOICE, OFF);
  } catch {
    // It holds for this visit then.
  }
}

/**
 * Returns what is played after something: the next one that is new; null if none is.
 *
 * @param {string} ended
 * @param {string[]} ids a conversation, the oldest first
 * @param {string[]} fresh what was not played yet
 * @returns {string | null}
 */
export function nextNew(ended, ids, fresh) {
  const at = ids.indexOf(ended);
  return at < 0 ? null : ids.slice(at + 1).find((id) => fresh.includes(id)) ?? null;
}
