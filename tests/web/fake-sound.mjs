// Sounds for the scripted hub: plain WAV files, measured and cut.

// The hub cuts where somebody paused; here somebody pauses every 35 s.
const PART_MS = 35_000;
const SHORTEST_PART_MS = 1_000;

/** A tone of a second and a half, the fake toy's "sample phrase". */
export function toneWav(seconds = 1.5, rate = 16_000) {
  const n = Math.floor(seconds * rate);
  const file = Buffer.alloc(44 + 2 * n);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + 2 * n, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(2 * n, 40);
  for (let i = 0; i < n; i += 1) {
    const envelope = Math.abs(Math.sin((i / n) * Math.PI * 5));
    file.writeInt16LE(Math.round(9000 * envelope * Math.sin((2 * Math.PI * 330 * i) / rate)), 44 + 2 * i);
  }
  return file;
}

/** @param {Buffer} wav */
const bytesPerSecond = (wav) => wav.readUInt32LE(28);

/** @param {Buffer} wav */
export function lengthMs(wav) {
  return Math.ceil(((wav.length - 44) / bytesPerSecond(wav)) * 1000);
}

/**
 * Returns a piece of a WAV file as a file of its own.
 *
 * @param {Buffer} wav
 * @param {number} from_ms
 * @param {number} to_ms
 */
export function piece(wav, from_ms, to_ms) {
  const at = (ms) => 44 + 2 * Math.floor((ms / 2000) * bytesPerSecond(wav));
  return Buffer.concat([wav.subarray(0, 44), wav.subarray(at(from_ms), at(to_ms))]);
}

/**
 * Divides a WAV file into parts that each fit a slot.
 *
 * @param {Buffer} wav
 * @param {number} slot_ms
 */
export function split(wav, slot_ms) {
  const parts = [];
  const all_ms = lengthMs(wav);
  let from_ms = 0;
  while (all_ms - from_ms > slot_ms) {
    const to_ms = Math.min(from_ms + Math.min(PART_MS, slot_ms), all_ms - SHORTEST_PART_MS);
    parts.push(piece(wav, from_ms, to_ms));
    from_ms = to_ms;
  }
  return [...parts, piece(wav, from_ms, all_ms)];
}

/** @param {Buffer} wav */
export function waveformOf(wav) {
  const n = Math.floor((wav.length - 44) / 2);
  return Array.from({ length: 64 }, (_, bar) => {
    let peak = 0;
    for (let i = Math.floor((bar * n) / 64); i < Math.floor(((bar + 1) * n) / 64); i += 1) {
      peak = Math.max(peak, Math.abs(wav.readInt16LE(44 + 2 * i)) / 32_768);
    }
    return peak <= 0 ? 0 : Math.round(255 * Math.max(0, 1 + (20 * Math.log10(peak)) / 50));
  });
}
