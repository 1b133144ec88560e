// @ts-check

import { decodeFile, makeTake } from "../audio.js";
import { isWav } from "../wav.js";

/** @typedef {import("../audio.js").Take} Take */

/**
 * Reads a file that someone chose: WAV goes to the hub as it is, everything else that the browser
 * can decode becomes WAV here.
 *
 * @param {File} file
 * @param {number} limit_bytes
 * @returns {Promise<{ take: Take & { name: string } } | { refusal: string }>}
 */
export async function readSoundFile(file, limit_bytes) {
  let bytes;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    return { refusal: "That file could not be read. Copy it to this device and choose it again." };
  }
  const wav = isWav(bytes);
  if (wav && bytes.byteLength > limit_bytes) {
    const megabytes = Math.floor(limit_bytes / 1_000_000);
    return { refusal: `That file is larger than the ${megabytes} MB that Hutch takes. Choose a shorter one.` };
  }
  const take = await decodeFile(bytes).then(makeTake, () => null);
  if (take) return { take: { ...take, wav: wav ? file : take.wav, peak: null, name: file.name } };
  if (!wav) return { refusal: "This browser cannot read that file as sound. Choose a WAV, MP3 or M4A file." };
  // The hub reads more kinds of WAV than some browsers, and says what is wrong with the rest.
  return { take: { wav: file, length_ms: 0, waveform: [], peak: null, name: file.name } };
}
