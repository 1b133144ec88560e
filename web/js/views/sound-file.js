// @ts-check

import { decodeFile, lengthOf, makeTake } from "../audio.js";
import { say } from "../language.js";
import { N_BARS } from "../levels.js";
import { SIGN_BYTES, isWav } from "../wav.js";

/** @typedef {import("../audio.js").Take} Take */

// Ten minutes in every format that phones record in. A browser makes many bytes of each when it
// decodes, and some take a page's memory down with them: what is larger is not drawn here.
const DRAWN_BYTES = 12_000_000;

const FLAT = Array.from({ length: N_BARS }, () => 0);

/**
 * Reads a file that someone chose. It goes to the hub as it is, which knows more kinds than a browser, says what is
 * wrong with the rest, and cuts what is too long; what the browser can decode can be heard before.
 *
 * @param {File} file
 * @param {{ limit_bytes: number, longest_ms: number }} hub what it takes
 * @returns {Promise<{ take: Take & { name: string } } | { refusal: string }>}
 */
export async function readSoundFile(file, { limit_bytes, longest_ms }) {
  if (file.size > limit_bytes) {
    return { refusal: say("sound.file_too_large", { megabytes: Math.floor(limit_bytes / 1_000_000) }) };
  }
  const head = await read(file.slice(0, SIGN_BYTES));
  if (!head) return { refusal: say("sound.file_unreadable") };
  if (!isWav(head) && !maySound(file.type)) return { refusal: say("sound.file_unknown") };
  const length_ms = await lengthOf(file);
  const asItIs = { sound: file, length_ms: length_ms ?? 0, waveform: FLAT, peak: null, name: file.name };
  const isLong = length_ms !== null && length_ms > longest_ms;
  if (isLong || (!isWav(head) && file.size > DRAWN_BYTES)) return { take: asItIs };
  const bytes = await read(file);
  if (!bytes) return { refusal: say("sound.file_unreadable") };
  const take = await decodeFile(bytes).then(makeTake, () => null);
  return { take: take ? { ...take, sound: file, plain: take.sound, peak: null, name: file.name } : asItIs };
}

/**
 * Returns whether a file of this type can be a sound: systems do not know every kind of sound by its name.
 *
 * @param {string} type
 */
const maySound = (type) => /^$|^(audio|video)\/|^application\/(ogg|octet-stream)$/.test(type);

/**
 * Reads a file, which may be gone by then or lie where the browser may not read.
 *
 * @param {Blob} file
 * @returns {Promise<ArrayBuffer | null>}
 */
function read(file) {
  return file.arrayBuffer().catch(() => null);
}
