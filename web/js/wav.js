// @ts-check

/** The rate at which messages are sent to the hub. */
export const MESSAGE_RATE = 16_000;

/** How many of a file's first bytes {@link isWav} looks at. */
export const SIGN_BYTES = 12;

const HEADER_BYTES = 44;

/**
 * Writes mono samples (-1 to 1) as a 16-bit WAV file.
 *
 * @param {Float32Array} samples
 * @param {number} rate
 * @returns {ArrayBuffer}
 */
export function writeWav(samples, rate) {
  const n_bytes = samples.length * 2;
  const file = new ArrayBuffer(HEADER_BYTES + n_bytes);
  const view = new DataView(file);
  writeText(view, 0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + n_bytes, true);
  writeText(view, 8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  writeText(view, 36, "data");
  view.setUint32(40, n_bytes, true);
  for (let index = 0; index < samples.length; index += 1) {
    view.setInt16(HEADER_BYTES + index * 2, toInteger(samples[index] ?? 0), true);
  }
  return file;
}

/**
 * Returns the samples (-1 to 1) of a file of {@link writeWav}.
 *
 * @param {ArrayBuffer} file
 */
export function readOwnWav(file) {
  const view = new DataView(file);
  const n = Math.floor((file.byteLength - HEADER_BYTES) / 2);
  return Float32Array.from({ length: n }, (_, index) => view.getInt16(HEADER_BYTES + index * 2, true) / 32_768);
}

/**
 * Returns whether these bytes start like a WAV file.
 *
 * @param {ArrayBuffer} file
 */
export function isWav(file) {
  if (file.byteLength < SIGN_BYTES) return false;
  const view = new DataView(file);
  return readText(view, 0) === "RIFF" && readText(view, 8) === "WAVE";
}

/** @param {number} sample */
function toInteger(sample) {
  const scaled = Math.round(sample * 32_768);
  return Math.max(-32_768, Math.min(32_767, scaled));
}

/**
 * @param {DataView} view
 * @param {number} at
 * @param {string} text
 */
function writeText(view, at, text) {
  for (let index = 0; index < text.length; index += 1) {
    view.setUint8(at + index, text.charCodeAt(index));
  }
}

/**
 * @param {DataView} view
 * @param {number} at
 */
function readText(view, at) {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
}
