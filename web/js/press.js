// @ts-check

/** A press that lasts at least this long was meant to be held. */
export const HOLD_MS = 350;

/**
 * Tells holding from tapping: hold to record and let go, or tap to start and tap to stop.
 *
 * Pure; the caller brings the time.
 */
export class HoldOrTap {
  #active = false;
  /** @type {number | null} when the press that started it began */
  #heldSince = null;

  /**
   * The button went down.
   *
   * @param {number} now ms
   * @returns {"start" | "stop"}
   */
  down(now) {
    this.#active = !this.#active;
    this.#heldSince = this.#active ? now : null;
    return this.#active ? "start" : "stop";
  }

  /**
   * The button came up. `ready` says whether sound is already being recorded: someone who answered
   * the browser's question about the microphone in between did not mean to stop.
   *
   * @param {number} now ms
   * @param {boolean} ready
   * @returns {"stop" | null}
   */
  up(now, ready) {
    const since = this.#heldSince;
    this.#heldSince = null;
    if (!this.#active || since === null || !ready || now - since < HOLD_MS) return null;
    this.#active = false;
    return "stop";
  }

  /** Recording ended by itself or never began. */
  reset() {
    this.#active = false;
    this.#heldSince = null;
  }
}

/**
 * Keeps a key that is held down from pressing the buttons inside that get the focus meanwhile.
 *
 * @param {HTMLElement} root
 */
export function ignoreHeldKeys(root) {
  /** @type {EventTarget | null} where the key went down */
  let pressed = null;
  const isPress = (/** @type {KeyboardEvent} */ event) => isKey(event)
    && event.target instanceof HTMLButtonElement;
  root.addEventListener("keydown", (event) => {
    if (!event.repeat) pressed = event.target;
    else if (isPress(event)) event.preventDefault();
  });
  // The space bar presses when it comes up.
  root.addEventListener("keyup", (event) => {
    if (isPress(event) && event.target !== pressed) event.preventDefault();
    pressed = null;
  });
}

/**
 * Makes a button record while held, or from tap to tap; by pointer, by keys and by assistive tools.
 *
 * @param {HTMLButtonElement} button
 * @param {{ start: () => void, stop: (by: "keys" | "pointer") => void, isReady: () => boolean }} acts
 * @returns {HoldOrTap}
 */
export function holdOrTap(button, acts) {
  const press = new HoldOrTap();
  /** @param {"keys" | "pointer"} by */
  const down = (by) => {
    if (button.disabled) return;
    if (press.down(performance.now()) === "start") acts.start();
    else acts.stop(by);
  };
  /** @param {"keys" | "pointer"} by */
  const up = (by) => {
    if (press.up(performance.now(), acts.isReady()) === "stop") acts.stop(by);
  };

  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    // A finger that slides off the button while held still lets go of it.
    button.setPointerCapture(event.pointerId);
    down("pointer");
  });
  button.addEventListener("pointerup", () => up("pointer"));
  button.addEventListener("pointercancel", () => up("pointer"));
  button.addEventListener("contextmenu", (event) => event.preventDefault());

  button.addEventListener("keydown", (event) => {
    if (!isKey(event)) return;
    event.preventDefault();
    if (!event.repeat) down("keys");
  });
  button.addEventListener("keyup", (event) => {
    if (!isKey(event)) return;
    event.preventDefault();
    up("keys");
  });

  // Screen readers and switches send a click without pointer or key: a tap.
  button.addEventListener("click", (event) => {
    if (event.detail > 0) return;
    down("keys");
    up("keys");
  });
  return press;
}

/** @param {KeyboardEvent} event */
function isKey(event) {
  return event.key === " " || event.key === "Enter";
}
