import assert from "node:assert/strict";
import { test } from "node:test";

import { height, loudness, peak, waveform } from "../../web/js/levels.js";
import { resample } from "../../web/js/resample.js";
import { isWav, readOwnWav, writeWav } from "../../web/js/wav.js";
import { bandPass, bestCorrelation, readWav } from "./dsp.mjs";

/** A tone of half amplitude. */
function tone(hertz, rate, seconds = 0.5) {
  return Float32Array.from({ length: Math.floor(rate * seconds) },
    (_, index) => 0.5 * Math.sin((2 * Math.PI * hertz * index) / rate));
}

/** Loudness of the middle, where no edge disturbs. */
function rms(samples) {
  const middle = samples.subarray(Math.floor(samples.length / 4), Math.floor((samples.length * 3) / 4));
  return Math.sqrt(middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length);
}

const decibels = (ratio) => 20 * Math.log10(ratio);

test("a WAV file says what is in it and reads back as it was", () => {
  const file = writeWav(Float32Array.of(0, 0.5, -0.5, 1, -1, 2), 16_000);
  const view = new DataView(file);

  assert.equal(file.byteLength, 44 + 12);
  assert.equal(view.getUint32(4, true), file.byteLength - 8);
  assert.equal(view.getUint32(24, true), 16_000);
  assert.equal(view.getUint16(22, true), 1);
  assert.equal(view.getUint32(40, true), 12);
  const samples = Array.from({ length: 6 }, (_, index) => view.getInt16(44 + 2 * index, true));
  assert.deepEqual(samples, [0, 16_384, -16_384, 32_767, -32_768, 32_767], "too loud is clipped, not wrapped");
  assert.equal(readWav(Buffer.from(file)).rate, 16_000);
});

test("WAV files are told from others by their first bytes", () => {
  assert.ok(isWav(writeWav(new Float32Array(0), 16_000)));
  assert.ok(!isWav(new TextEncoder().encode("ID3 some mp3 or other").buffer));
  assert.ok(!isWav(new ArrayBuffer(3)));
});

for (const rate of [48_000, 44_100, 96_000, 22_050, 8_000]) {
  test(`a voice keeps its pitch and level from ${rate} Hz`, () => {
    const wanted = tone(1000, 16_000);

    const got = resample(tone(1000, rate), rate, 16_000);

    assert.ok(Math.abs(got.length - wanted.length) <= 1);
    const error = got.subarray(0, 7999).map((sample, index) => sample - wanted[index]);
    assert.ok(decibels(rms(error) / rms(wanted)) < -70, `${decibels(rms(error) / rms(wanted))} dB`);
  });
}

test("what 16 kHz cannot hold is gone instead of folded into the voice", () => {
  for (const hertz of [9_000, 12_000, 20_000]) {
    const left = decibels(rms(resample(tone(hertz, 48_000), 48_000, 16_000)) / rms(tone(hertz, 48_000)));
    assert.ok(left < -75, `${hertz} Hz: ${left} dB`);
  }
});

test("the upper end of speech passes", () => {
  const loss = decibels(rms(resample(tone(6_800, 48_000), 48_000, 16_000)) / rms(tone(6_800, 48_000)));

  assert.ok(Math.abs(loss) < 0.2, `${loss} dB`);
});

test("the same rate is left alone", () => {
  const samples = tone(440, 16_000);

  assert.equal(resample(samples, 16_000, 16_000), samples);
});

test("40 s at 48 kHz become exactly 40 s", () => {
  assert.equal(resample(new Float32Array(48_000 * 40), 48_000, 16_000).length, 640_000);
});

test("a waveform has 64 bars, as tall as they are loud", () => {
  const samples = new Float32Array(6400);
  samples.fill(1, 0, 3200);
  samples.fill(0.01, 3200);

  const bars = waveform(samples);

  assert.equal(bars.length, 64);
  assert.equal(bars[0], 255);
  assert.ok(bars[63] > 0 && bars[63] < 80, `${bars[63]}`);
  assert.deepEqual(waveform(new Float32Array(10)).length, 64, "even of next to nothing");
});

test("heights are between nothing and all", () => {
  assert.equal(height(0), 0);
  assert.equal(height(1), 1);
  assert.equal(height(4), 1);
  assert.equal(height(0.00001), 0);
  assert.equal(peak(Float32Array.of(0.1, -0.7)), Math.fround(0.7));
});

test("silence, whispers and shouts are told apart from speech", () => {
  assert.equal(loudness(0.001), "silent");
  assert.equal(loudness(0.01), "quiet");
  assert.equal(loudness(0.4), null);
  assert.equal(loudness(1), "loud");
});

test("the yardstick finds the same sound, shifted and softer", () => {
  let seed = 7;
  const noise = Float32Array.from({ length: 20_000 }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  });
  const shifted = new Float32Array(26_000);
  shifted.set(noise.map((sample) => sample * 0.2), 3_210);

  const voice = (samples) => bandPass(samples, 16_000, 300, 3_400);
  const same = bestCorrelation(voice(noise), voice(shifted));
  const other = bestCorrelation(voice(noise), voice(tone(700, 16_000, 1.2)));

  assert.ok(same.correlation > 0.999, `${same.correlation}`);
  assert.equal(same.lag, 3_210);
  const half = bestCorrelation(voice(noise), voice(shifted.subarray(0, 13_210)));
  assert.ok(half.correlation < 0.75, `half of it is not it: ${half.correlation}`);
  assert.ok(other.correlation < 0.3, `${other.correlation}`);
});

test("the yardstick's band is 300 to 3,400 Hz", () => {
  const left = (hertz) => decibels(rms(bandPass(tone(hertz, 16_000), 16_000, 300, 3_400)) / rms(tone(hertz, 16_000)));

  assert.ok(Math.abs(left(1_000)) < 0.1);
  assert.ok(left(100) < -35, `${left(100)}`);
  assert.ok(left(4_000) < -35, `${left(4_000)}`);
});

test("what was written is read again, to the sample", () => {
  const samples = Float32Array.from([0, 0.5, -0.5, 0.25, -1]);

  assert.deepEqual([...readOwnWav(writeWav(samples, 16_000))], [...samples]);
});
