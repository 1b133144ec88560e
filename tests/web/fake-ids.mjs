// Ids as the hub makes them.

import { randomInt } from "node:crypto";

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

/** Makes 26 letters that look like an id. */
export const newId = () => Array.from({ length: 26 }, () => LETTERS[randomInt(LETTERS.length)]).join("");

/** Makes one that is always the same. @param {string} letter @param {number} n */
export const idOf = (letter, n) => letter.repeat(26 - String(n).length) + [...String(n)].map((digit) => LETTERS[Number(digit)]).join("");
