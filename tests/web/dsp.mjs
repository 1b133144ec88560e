// How alike two sounds are: the yardstick of the browser tests.

/**
 * Reads a 16-bit PCM WAV file, mixing its channels.
 *
 * @param {Buffer} file
 */
export function readWav(file) {
  if (file.toString("latin1", 0, 4) !== "RIFF") throw new Error("not a WAV file");
  let at = 12;
  let rate = 0;
  let n_channels = 1;
  while (at + 8 <= file.length) {
    const name = file.toString("latin1", at, at + 4);
    const size = file.readUInt32LE(at + 4);
    if (name === "fmt ") {
      n_channels = file.readUInt16LE(at + 10);
      rate = file.readUInt32LE(at + 12);
      if (file.readUInt16LE(at + 22) !== 16) throw new Error("not 16-bit");
    }
    if (name === "data") {
      const n = Math.floor(Math.min(size, file.length - at - 8) / 2 / n_channels);
      const samples = Float32Array.from({ length: n }, (_, index) => {
        let sum = 0;
        for (let channel = 0; channel < n_channels; channel += 1) {
          sum += file.readInt16LE(at + 8 + 2 * (index * n_channels + channel));
        }
        return sum / n_channels / 32_768;
      });
      return { rate, samples };
    }
    at += 8 + size + (size % 2);
  }
  throw new Error("no sound in the file");
}

/**
 * Keeps what lies between two frequencies: a windowed-sinc filter without delay.
 *
 * @param {Float32Array} samples
 * @param {number} rate
 * @param {number} low Hz
 * @param {number} high Hz
 */
export function bandPass(samples, rate, low, high) {
  const reach = 256;
  const ideal = (/** @type {number} */ hertz, /** @type {number} */ n) =>
    (n === 0 ? (2 * hertz) / rate : Math.sin((2 * Math.PI * hertz * n) / rate) / (Math.PI * n));
  const taps = Float64Array.from({ length: 2 * reach + 1 }, (_, index) => {
    const n = index - reach;
    const window = 0.42 + 0.5 * Math.cos((Math.PI * n) / reach) + 0.08 * Math.cos((2 * Math.PI * n) / reach);
    return (ideal(high, n) - ideal(low, n)) * window;
  });
  return Float32Array.from(samples, (_, center) => {
    let sum = 0;
    const from = Math.max(0, center - reach);
    const to = Math.min(samples.length - 1, center + reach);
    for (let at = from; at <= to; at += 1) sum += samples[at] * taps[center - at + reach];
    return sum;
  });
}

/**
 * Correlates two sounds at the lag where they agree best, -1 to 1. What is missing of the spoken one
 * counts against it; what the microphone heard before and after does not.
 *
 * @param {Float32Array} spoken
 * @param {Float32Array} heard
 * @returns {{ correlation: number, lag: number }} lag in samples of `heard` behind `spoken`
 */
export function bestCorrelation(spoken, heard) {
  let size = 1;
  while (size < spoken.length + heard.length) size *= 2;
  const a = transform(padded(spoken, size), new Float64Array(size), false);
  const b = transform(padded(heard, size), new Float64Array(size), false);
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let k = 0; k < size; k += 1) {
    re[k] = b.re[k] * a.re[k] + b.im[k] * a.im[k];
    im[k] = b.im[k] * a.re[k] - b.re[k] * a.im[k];
  }
  const product = transform(re, im, true).re;
  let best = 0;
  for (let lag = 1; lag < size; lag += 1) if (product[lag] > product[best]) best = lag;
  const lag = best > size / 2 ? best - size : best;
  const energy = (/** @type {Float32Array} */ samples) => samples.reduce((sum, sample) => sum + sample * sample, 0);
  const during = heard.subarray(Math.max(0, lag), Math.max(0, lag + spoken.length));
  const scale = Math.sqrt(energy(spoken) * energy(during)) * size;
  return { correlation: scale > 0 ? product[best] / scale : 0, lag };
}

/**
 * Returns how alike a heard WAV file is to a spoken one in the band of the telephone.
 *
 * @param {Buffer} spokenFile
 * @param {Buffer} heardFile
 * @param {(samples: Float32Array, from: number, to: number) => Float32Array} resample
 */
export function likeness(spokenFile, heardFile, resample) {
  const [spoken, heard] = [spokenFile, heardFile].map((file) => {
    const { rate, samples } = readWav(file);
    return bandPass(resample(samples, rate, 16_000), 16_000, 300, 3_400);
  });
  return bestCorrelation(spoken, heard);
}

function padded(samples, size) {
  const wide = new Float64Array(size);
  wide.set(samples);
  return wide;
}

/** The fast Fourier transform, in place; the inverse is left unscaled. */
function transform(re, im, inverse) {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i += 1) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let length = 2; length <= n; length *= 2) {
    const angle = ((inverse ? 2 : -2) * Math.PI) / length;
    for (let offset = 0; offset < length / 2; offset += 1) {
      const cos = Math.cos(angle * offset);
      const sin = Math.sin(angle * offset);
      for (let start = offset; start < n; start += length) {
        const other = start + length / 2;
        const x = re[other] * cos - im[other] * sin;
        const y = re[other] * sin + im[other] * cos;
        re[other] = re[start] - x;
        im[other] = im[start] - y;
        re[start] += x;
        im[start] += y;
      }
    }
  }
  return { re, im };
}
