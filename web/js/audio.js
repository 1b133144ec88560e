// @ts-check

// Sound in: the microphone, and files.

import { peak, waveform } from "./levels.js";
import { resample } from "./resample.js";
import { MESSAGE_RATE, writeWav } from "./wav.js";

// A hub that lost its power does not refuse, it is silent; a few hundred bytes never take this long.
const LOADING_MS = 10_000;
// Some browsers load nothing of a sound before somebody plays it.
const ASKING_LENGTH_MS = 2_000;

/**
 * A finished recording.
 *
 * @typedef {object} Take
 * @property {Blob} sound a WAV file, or whatever somebody chose
 * @property {number} length_ms
 * @property {number[]} waveform 64 bars, 0 to 255
 * @property {number | null} peak 0 to 1; null for a file that was not recorded here
 * @property {Blob} [plain] the same as the WAV file that {@link makeTake} makes, if it is something else
 * @property {Take} [whole] what it was before it was trimmed
 */

/** Why there is no microphone. */
export class MicrophoneError extends Error {
  /** @param {"insecure" | "refused" | "missing" | "busy" | "unloaded" | "other"} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** The microphone while it is open. */
export class Microphone {
  /** @type {Float32Array[]} */
  #chunks = [];
  #n_samples = 0;
  #context;
  #stream;
  #node;

  /**
   * @param {AudioContext} context
   * @param {MediaStream} stream
   * @param {AudioWorkletNode} node
   * @param {(level: number, length_ms: number) => void} onLevel
   */
  constructor(context, stream, node, onLevel) {
    this.#context = context;
    this.#stream = stream;
    this.#node = node;
    node.port.onmessage = ({ data }) => {
      if (!data) return;
      this.#chunks.push(data);
      this.#n_samples += data.length;
      onLevel(peak(data), (this.#n_samples / context.sampleRate) * 1000);
    };
  }

  /**
   * Opens the microphone; call it from a tap or a key, or some browsers stay silent.
   *
   * @param {(level: number, length_ms: number) => void} onLevel called about 45 times a second
   * @returns {Promise<Microphone>}
   */
  static async open(onLevel) {
    if (!globalThis.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
      throw new MicrophoneError("insecure");
    }
    const context = new AudioContext();
    // A finger that is still down is no permission for sound in some browsers; lifting it is.
    // A context that was closed in between refuses, which is just as well.
    const wake = () => void context.resume().catch(() => {});
    addEventListener("pointerup", wake);
    context.addEventListener("statechange", () => {
      if (context.state === "closed") removeEventListener("pointerup", wake);
    });
    wake();
    /** @type {Promise<MediaStream> | null} */
    let asked = null;
    try {
      // The toy plays to a child, not into a call: its voice is to be left as it is.
      asked = navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
      const [stream] = await Promise.all([asked, loadRecorder(context)]);
      wake();
      const source = context.createMediaStreamSource(stream);
      const node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
      const microphone = new Microphone(context, stream, node, onLevel);
      source.connect(node);
      return microphone;
    } catch (error) {
      // What the browser may still grant is given back at once: nobody is recording.
      void asked?.then(stopTracks, () => {});
      void context.close();
      throw error instanceof MicrophoneError ? error : new MicrophoneError(reasonOf(error));
    }
  }

  /** Returns how much was recorded so far. */
  get length_ms() {
    return (this.#n_samples / this.#context.sampleRate) * 1000;
  }

  /**
   * Closes the microphone and returns what it heard, at most `limit_ms` of it.
   *
   * @param {number} limit_ms
   * @returns {Promise<Take>}
   */
  async stop(limit_ms) {
    const rate = this.#context.sampleRate;
    await this.#drain();
    stopTracks(this.#stream);
    void this.#context.close();
    const samples = resample(join(this.#chunks, this.#n_samples), rate, MESSAGE_RATE);
    return makeTake(samples.subarray(0, Math.floor((limit_ms / 1000) * MESSAGE_RATE)));
  }

  /** Closes the microphone and forgets what it heard. */
  discard() {
    stopTracks(this.#stream);
    void this.#context.close();
    this.#chunks = [];
  }

  /** Waits for the samples that are still in the audio thread. */
  #drain() {
    return new Promise((resolve) => {
      const take = this.#node.port.onmessage;
      this.#node.port.onmessage = (event) => {
        if (event.data === null) resolve(undefined);
        else take?.call(this.#node.port, event);
      };
      this.#node.port.postMessage("stop");
      // An audio thread that was put to sleep never answers; what is here is good enough.
      setTimeout(resolve, 300);
    });
  }
}

/**
 * @param {Float32Array} samples at the message rate
 * @returns {Take}
 */
export function makeTake(samples) {
  return {
    sound: new Blob([writeWav(samples, MESSAGE_RATE)], { type: "audio/wav" }),
    length_ms: (samples.length / MESSAGE_RATE) * 1000,
    waveform: waveform(samples),
    peak: peak(samples),
  };
}

/**
 * Lets the browser decode a sound file into mono samples at the message rate.
 *
 * @param {ArrayBuffer} file
 * @returns {Promise<Float32Array>}
 */
export async function decodeFile(file) {
  // The context does nothing but decode: its length does not matter.
  const context = new OfflineAudioContext(1, 1, 48_000);
  const sound = await context.decodeAudioData(file.slice(0));
  const mono = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel += 1) {
    const samples = sound.getChannelData(channel);
    for (let index = 0; index < mono.length; index += 1) {
      mono[index] = (mono[index] ?? 0) + (samples[index] ?? 0) / sound.numberOfChannels;
    }
  }
  return resample(mono, sound.sampleRate, MESSAGE_RATE);
}

/**
 * Returns how long a sound file says it is, without decoding it; nothing if it does not say.
 *
 * @param {Blob} file
 * @returns {Promise<number | null>}
 */
export async function lengthOf(file) {
  const address = URL.createObjectURL(file);
  const sound = document.createElement("audio");
  let timer = 0;
  const seconds = await new Promise((resolve) => {
    timer = setTimeout(() => resolve(NaN), ASKING_LENGTH_MS);
    sound.addEventListener("loadedmetadata", () => resolve(sound.duration));
    sound.addEventListener("error", () => resolve(NaN));
    sound.preload = "metadata";
    sound.src = address;
  });
  clearTimeout(timer);
  sound.removeAttribute("src");
  sound.load();
  URL.revokeObjectURL(address);
  return Number.isFinite(seconds) ? seconds * 1000 : null;
}

/**
 * Loads what runs in the audio thread; it comes from the hub, which may be away.
 *
 * @param {AudioContext} context
 */
async function loadRecorder(context) {
  let timer = 0;
  const patience = new Promise((_, reject) => { timer = setTimeout(reject, LOADING_MS); });
  const module = context.audioWorklet.addModule(new URL("./capture-worklet.js", import.meta.url).href);
  try {
    await Promise.race([module, patience]);
  } catch {
    throw new MicrophoneError("unloaded");
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {Float32Array[]} chunks
 * @param {number} n_samples
 */
function join(chunks, n_samples) {
  const all = new Float32Array(n_samples);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** @param {MediaStream} stream */
function stopTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}

/** @param {unknown} error */
function reasonOf(error) {
  switch (/** @type {{ name?: string }} */ (error)?.name) {
    case "NotAllowedError": case "SecurityError": return "refused";
    case "NotFoundError": case "OverconstrainedError": return "missing";
    case "NotReadableError": case "AbortError": return "busy";
    default: return "other";
  }
}
