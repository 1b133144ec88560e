// @ts-check

import { svg } from "../dom.js";
import { pathOfModules } from "../keys.js";

// A reader wants so much light around it.
const QUIET = 4;

/**
 * Draws a QR code: always dark on light, whatever the theme, because readers want that.
 *
 * @param {string[]} rows "1" is dark
 * @param {string} label
 */
export function qr(rows, label) {
  const size = rows.length + 2 * QUIET;
  return svg("svg", {
    class: "qr", viewBox: `${-QUIET} ${-QUIET} ${size} ${size}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges",
  },
  svg("rect", { x: String(-QUIET), y: String(-QUIET), width: String(size), height: String(size), fill: "#fff" }),
  svg("path", { d: pathOfModules(rows), fill: "#000" }));
}
