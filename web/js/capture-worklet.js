// @ts-check

// Runs in the audio thread: hands the microphone's samples to the page in small chunks.

const CHUNK_SAMPLES = 1024;

class Capture extends AudioWorkletProcessor {
  #chunk = new Float32Array(CHUNK_SAMPLES);
  #filled = 0;
  #stopped = false;

  constructor() {
    super();
    this.port.onmessage = () => {
      this.#flush();
      this.#stopped = true;
      this.port.postMessage(null);
    };
  }

  /**
   * @param {Float32Array[][]} inputs
   * @returns {boolean}
   */
  process(inputs) {
    const channels = inputs[0] ?? [];
    const n_samples = channels[0]?.length ?? 0;
    for (let index = 0; index < n_samples && !this.#stopped; index += 1) {
      let sum = 0;
      for (const channel of channels) sum += channel[index] ?? 0;
      this.#chunk[this.#filled] = sum / channels.length;
      this.#filled += 1;
      if (this.#filled === CHUNK_SAMPLES) this.#flush();
    }
    return !this.#stopped;
  }

  #flush() {
    if (this.#filled > 0) this.port.postMessage(this.#chunk.slice(0, this.#filled));
    this.#filled = 0;
  }
}

registerProcessor("capture", Capture);
