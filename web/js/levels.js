// @ts-check

/** Bars of a waveform, everywhere. */
export const N_BARS = 64;

// Quieter than this is an empty room or a muted microphone, not a voice.
const SILENCE = 0.004;
const QUIET = 0.03;
const LOUD = 0.985;
const FLOOR_DB = -50;

/**
 * Returns the largest absolute sample.
 *
 * @param {Float32Array} samples
 */
export function peak(samples) {
  let largest = 0;
  for (const sample of samples) largest = Math.max(largest, Math.abs(sample));
  return largest;
}

/**
 * Returns how tall a level is drawn, 0 to 1: as loud as it is heard, so by decibels.
 *
 * @param {number} level 0 to 1
 */
export function height(level) {
  if (level <= 0) return 0;
  const db = 20 * Math.log10(level);
  return Math.max(0, Math.min(1, 1 - db / FLOOR_DB));
}

/**
 * Returns 64 bars of 0 to 255 for mono samples, scaled like those of the hub.
 *
 * @param {Float32Array} samples
 */
export function waveform(samples) {
  return Array.from({ length: N_BARS }, (_, bar) => {
    const from = Math.floor((bar * samples.length) / N_BARS);
    const to = Math.floor(((bar + 1) * samples.length) / N_BARS);
    return Math.round(height(peak(samples.subarray(from, to))) * 255);
  });
}

/**
 * Returns what to say about the loudness of a take, or nothing if it is fine.
 *
 * @param {number} largest the take's peak, 0 to 1
 * @returns {"silent" | "quiet" | "loud" | null}
 */
export function loudness(largest) {
  if (largest < SILENCE) return "silent";
  if (largest < QUIET) return "quiet";
  return largest > LOUD ? "loud" : null;
}
