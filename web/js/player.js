// @ts-check

/**
 * Plays one sound at a time and tells who is interested how far it is.
 *
 * @typedef {{ playing: boolean, position_ms: number, failed: boolean }} Playing
 */
export class Player {
  #element;
  /** @type {string | null} */
  #id = null;
  /** @type {Map<string, Set<(playing: Playing) => void>>} */
  #listeners = new Map();
  /** @type {Set<(id: string) => void>} */
  #ends = new Set();
  #frame = 0;
  #failed = false;
  /** @type {number | null} a position asked for before the sound was there */
  #wanted_ms = null;

  /**
   * @param {HTMLAudioElement} element
   * @param {number} speed
   */
  constructor(element, speed = 1) {
    this.#element = element;
    element.preservesPitch = true;
    this.speed = speed;
    for (const event of ["play", "pause", "ended", "seeked"]) {
      element.addEventListener(event, () => this.#tell());
    }
    element.addEventListener("ended", () => {
      const id = this.#id;
      if (id !== null) for (const tell of [...this.#ends]) tell(id);
    });
    element.addEventListener("loadedmetadata", () => this.#seekAsWanted());
    element.addEventListener("error", () => {
      // Taking a sound away is not a fault of it.
      if (!element.getAttribute("src")) return;
      this.#failed = true;
      this.#tell();
    });
  }

  /**
   * @param {string} id
   * @param {(playing: Playing) => void} tell
   * @returns {() => void}
   */
  listen(id, tell) {
    const listeners = this.#listeners.get(id) ?? new Set();
    listeners.add(tell);
    this.#listeners.set(id, listeners);
    return () => {
      listeners.delete(tell);
      if (listeners.size === 0 && this.#listeners.get(id) === listeners) this.#listeners.delete(id);
    };
  }

  /**
   * Calls `tell` whenever a sound was played to its end.
   *
   * @param {(id: string) => void} tell
   * @returns {() => void}
   */
  whenEnded(tell) {
    this.#ends.add(tell);
    return () => this.#ends.delete(tell);
  }

  /** How fast sounds are played; they keep their pitch. */
  get speed() {
    return this.#element.defaultPlaybackRate;
  }

  set speed(speed) {
    // Each new sound begins with the one that is the default.
    this.#element.defaultPlaybackRate = speed;
    this.#element.playbackRate = speed;
    this.#tell();
  }

  /** The sound that plays, or did last. */
  get current() {
    return this.#id;
  }

  /**
   * Returns how far a sound is.
   *
   * @param {string} id
   * @returns {Playing}
   */
  of(id) {
    if (this.#id !== id) return { playing: false, position_ms: 0, failed: false };
    const { paused, ended, currentTime } = this.#element;
    return {
      playing: !paused && !ended && !this.#failed,
      position_ms: ended ? 0 : (this.#wanted_ms ?? currentTime * 1000),
      failed: this.#failed,
    };
  }

  /**
   * Plays the sound, or pauses it if it is playing.
   *
   * @param {string} id
   * @param {() => string} url
   */
  toggle(id, url) {
    if (this.#id === id && !this.#element.paused) {
      this.#element.pause();
      return;
    }
    this.#load(id, url);
    this.#start();
  }

  /**
   * Goes to a position, playing or not.
   *
   * @param {string} id
   * @param {() => string} url
   * @param {number} position_ms
   */
  seek(id, url, position_ms) {
    this.#load(id, url);
    this.#wanted_ms = position_ms;
    this.#seekAsWanted();
    this.#tell();
  }

  /** Pauses whatever plays. */
  pause() {
    this.#element.pause();
  }

  /**
   * Forgets the sound if it is this one.
   *
   * @param {string} id
   */
  forget(id) {
    if (this.#id !== id) return;
    this.#element.pause();
    this.#element.removeAttribute("src");
    this.#element.load();
    this.#id = null;
  }

  /**
   * @param {string} id
   * @param {() => string} url
   */
  #load(id, url) {
    if (this.#id === id && !this.#failed) return;
    const before = this.#id;
    this.#element.pause();
    this.#id = id;
    this.#failed = false;
    this.#wanted_ms = null;
    this.#element.src = url();
    if (before && before !== id) this.#tellOne(before, { playing: false, position_ms: 0, failed: false });
  }

  #start() {
    // A refusal shows through the error event; being paused again at once is no error.
    this.#element.play().catch(() => this.#tell());
  }

  #seekAsWanted() {
    if (this.#wanted_ms === null || this.#element.readyState < 1) return;
    this.#element.currentTime = this.#wanted_ms / 1000;
    this.#wanted_ms = null;
  }

  #tell() {
    cancelAnimationFrame(this.#frame);
    if (!this.#id) return;
    const now = this.of(this.#id);
    this.#tellOne(this.#id, now);
    if (now.playing) this.#frame = requestAnimationFrame(() => this.#tell());
  }

  /**
   * @param {string} id
   * @param {Playing} playing
   */
  #tellOne(id, playing) {
    for (const tell of [...(this.#listeners.get(id) ?? [])]) tell(playing);
  }
}
