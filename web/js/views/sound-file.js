// @ts-check

import { decodeFile, lengthOf, makeTake } from "../audio.js";
import { say } from "../language.js";
import { N_BARS } from "../levels.js";
import { minutesAndSeconds, spokenLength } from "../time.js";
import { SIGN_BYTES, isWav } from "../wav.js";

/** @typedef {import("../audio.js").Take} Take */

// Ten minutes in every format that phones record in. A browser makes many bytes of each when it
// decodes, and some take a page's memory down with them.
const COMPRESSED_LIMIT_BYTES = 12_000_000;

const FLAT = Array.from({ length: N_BARS }, () => 0);

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
  if (!head) return { refusal: say("sound.file_unreadable") };
  const wav = isWav(head);
  if (wav && file.size > limit_bytes) {
    return { refusal: say("sound.file_too_large", { megabytes: megabytes(limit_bytes) }) };
  }
  if (!wav && file.size > COMPRESSED_LIMIT_BYTES) {
    return { refusal: say("sound.file_too_large_to_open", { megabytes: megabytes(COMPRESSED_LIMIT_BYTES) }) };
  }
  const length_ms = await lengthOf(file);
  const isLong = length_ms !== null && length_ms > longest_ms;
  if (isLong && !wav) {
    const lengths = { length: minutesAndSeconds(length_ms), longest: spokenLength(longest_ms) };
    return { refusal: say("sound.file_too_long", lengths) };
  }
  // The hub reads more kinds of WAV than some browsers, says what is wrong with the rest, and cuts
  // what would take a browser too much memory to draw.
  const asItIs = { wav: file, length_ms: length_ms ?? 0, waveform: FLAT, peak: null, name: file.name };
  if (isLong) return { take: asItIs };
  const bytes = await read(file);
  if (!bytes) return { refusal: say("sound.file_unreadable") };
  const take = await decodeFile(bytes).then(makeTake, () => null);
  if (wav) return { take: take ? { ...take, wav: file, peak: null, name: file.name } : asItIs };
  if (!take) return { refusal: say("sound.file_unknown") };
  if (take.wav.size > limit_bytes) {
    return { refusal: say("sound.wav_too_large", { megabytes: megabytes(limit_bytes) }) };
  }
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

/** @param {number} bytes */
const megabytes = (bytes) => Math.floor(bytes / 1_000_000);
