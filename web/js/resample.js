// @ts-check

// A windowed sinc, 32 zero crossings to each side of the centre: over 80 dB of stop band, so that
// nothing above 8 kHz folds into a voice. The same code in every browser, unlike the resamplers
// hidden in their audio contexts.
const ZERO_CROSSINGS = 32;
const KAISER_BETA = 9;
// The transition band ends at the new Nyquist frequency instead of straddling it.
const PASS = 0.94;

/**
 * Changes the rate of mono samples.
 *
 * @param {Float32Array} samples
 * @param {number} from
 * @param {number} to
 * @returns {Float32Array}
 */
export function resample(samples, from, to) {
  if (from === to) return samples;
  const divisor = greatestCommonDivisor(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const cutoff = PASS * Math.min(1, to / from);
  const reach = Math.ceil(ZERO_CROSSINGS / cutoff);
  const phases = filterPhases(up, cutoff, reach);
  const n_out = Math.floor((samples.length * up) / down);
  const out = new Float32Array(n_out);
  for (let index = 0; index < n_out; index += 1) {
    const position = index * down;
    const center = Math.floor(position / up);
    const taps = /** @type {Float32Array} */ (phases[position % up]);
    const first = Math.max(0, center - reach + 1);
    const last = Math.min(samples.length - 1, center + reach);
    let sum = 0;
    for (let at = first; at <= last; at += 1) {
      sum += /** @type {number} */ (samples[at]) * /** @type {number} */ (taps[at - center + reach - 1]);
    }
    out[index] = sum;
  }
  return out;
}

/**
 * One set of taps for each position that an output sample can have between two input samples.
 *
 * @param {number} up
 * @param {number} cutoff relative to the input's Nyquist frequency
 * @param {number} reach taps to each side
 */
function filterPhases(up, cutoff, reach) {
  const phases = [];
  for (let phase = 0; phase < up; phase += 1) {
    const taps = new Float32Array(2 * reach);
    let total = 0;
    for (let tap = 0; tap < taps.length; tap += 1) {
      const distance = tap - reach + 1 - phase / up;
      const value = sinc(distance * cutoff) * kaiser(distance / reach);
      taps[tap] = value;
      total += value;
    }
    // Each phase passes a constant unchanged; otherwise their differences would hum.
    for (let tap = 0; tap < taps.length; tap += 1) taps[tap] = (taps[tap] ?? 0) / total;
    phases.push(taps);
  }
  return phases;
}

/** @param {number} x */
function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param {number} x -1 to 1 */
function kaiser(x) {
  return Math.abs(x) < 1 ? bessel(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel(KAISER_BETA) : 0;
}

/**
 * The modified Bessel function of the first kind, order 0, by its series.
 *
 * @param {number} x
 */
function bessel(x) {
  let term = 1;
  let sum = 1;
  for (let n = 1; term > sum * 1e-12; n += 1) {
    term *= (x / (2 * n)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function greatestCommonDivisor(a, b) {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
