// @ts-check

// A size as people read it. Pure.

import { locale } from "./language.js";

const MEGA = 1_000_000;
const GIGA = 1_000 * MEGA;

/**
 * Returns a size as people read it: "1.3 MB".
 *
 * @param {number} bytes
 */
export function sizeWords(bytes) {
  const [unit, size, digits] = bytes < MEGA ? ["kilobyte", 1_000, 0] : bytes < GIGA ? ["megabyte", MEGA, 1] : ["gigabyte", GIGA, 1];
  const format = new Intl.NumberFormat(locale(), {
    style: "unit", unit: /** @type {string} */ (unit), maximumFractionDigits: /** @type {number} */ (digits),
  });
  // What is there is never nothing.
  const rounded = bytes > 0 && bytes < 1_000 ? 1 : bytes / /** @type {number} */ (size);
  return format.format(rounded);
}
