// @ts-check

import { decodeFile, lengthOf, makeTake } from "../audio.js";
import { N_BARS } from "../levels.js";
import { minutesAndSeconds } from "../time.js";
import { SIGN_BYTES, isWav } from "../wav.js";
import { atOnceWords } from "../words.js";

/** @typedef {import("../audio.js").Take} Take */

// Ten minutes in every format that phones record in. A browser makes many bytes of each when it
// decodes, and some take a page's memory down with them.
const COMPRESSED_LIMIT_BYTES = 12_000_000;

const FLAT = Array.from({ length: N_BARS }, () => 0);

const UNREADABLE = "That file could not be read. Copy it to this device and choose it again.";

/**
 * Reads a file that someone chose: WAV goes to the hub as it is, everything else that the browser
 * can decode becomes WAV here.
 *
 * @param {File} file
 * @param {{ limit_bytes: number, longest_ms: number }} hub what it takes
 * @returns {Promise<{ take: Take & { name: string } } | { refusal: string }>}
 */
export async function readSoundFile(file, { limit_bytes, longest_ms }) {
  const head = await read(file.slice(0, SIGN_BYTES));
  if (!head) return { refusal: UNREADABLE };
  const wav = isWav(head);
  if (wav && file.size > limit_bytes) return { refusal: tooLarge("That file is", limit_bytes) };
  if (!wav && file.size > COMPRESSED_LIMIT_BYTES) {
    return {
      refusal: `That file is larger than the ${megabytes(COMPRESSED_LIMIT_BYTES)} that this page can open. `
        + "Choose a shorter one, or a WAV file.",
    };
  }
  const length_ms = await lengthOf(file);
  const isLong = length_ms !== null && length_ms > longest_ms;
  if (isLong && !wav) {
    return {
      refusal: `That sound is ${minutesAndSeconds(length_ms)} long, and ${atOnceWords(longest_ms)}. `
        + "Choose a shorter one.",
    };
  }
  // The hub reads more kinds of WAV than some browsers, says what is wrong with the rest, and cuts
  // what would take a browser too much memory to draw.
  const asItIs = { wav: file, length_ms: length_ms ?? 0, waveform: FLAT, peak: null, name: file.name };
  if (isLong) return { take: asItIs };
  const bytes = await read(file);
  if (!bytes) return { refusal: UNREADABLE };
  const take = await decodeFile(bytes).then(makeTake, () => null);
  if (wav) return { take: take ? { ...take, wav: file, peak: null, name: file.name } : asItIs };
  if (!take) return { refusal: "This browser cannot read that file as sound. Choose a WAV, MP3 or M4A file." };
  if (take.wav.size > limit_bytes) return { refusal: tooLarge("As a WAV file, that sound is", limit_bytes) };
  return { take: { ...take, peak: null, name: file.name } };
}

/**
 * Reads a file, which may be gone by then or lie where the browser may not read.
 *
 * @param {Blob} file
 * @returns {Promise<ArrayBuffer | null>}
 */
function read(file) {
  return file.arrayBuffer().catch(() => null);
}

/**
 * @param {string} what
 * @param {number} limit_bytes
 */
function tooLarge(what, limit_bytes) {
  return `${what} larger than the ${megabytes(limit_bytes)} that Hutch takes. Choose a shorter one.`;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${Math.floor(bytes / 1_000_000)} MB`;
}
