// @ts-check

import { speakerUrl } from "../api.js";
import { hush } from "../sounding.js";
import { store } from "../store.js";

// The toy's clock and the page's player do not start in the same instant; a tail shorter than this
// is played to its end instead of being cut off.
const TAIL_S = 0.8;

/**
 * Plays in the page what a simulated toy's speaker plays, as long as it does.
 *
 * @param {string} toy
 * @param {(blocked: boolean) => void} tell whether the browser keeps the page silent
 * @returns {{ retry: () => void, forget: () => void }}
 */
export function followSpeaker(toy, tell) {
  const speaker = /** @type {HTMLAudioElement} */ (document.getElementById("speaker"));
  const key = `demo/${toy}`;
  let talking = store.get(key)?.state === "playback";

  const start = () => {
    hush();
    speaker.src = speakerUrl(toy);
    speaker.play().then(() => tell(false), (error) => tell(error?.name === "NotAllowedError"));
  };
  const show = () => {
    const now = store.get(key)?.state === "playback";
    if (now === talking) return;
    talking = now;
    if (now) {
      start();
    } else {
      tell(false);
      if (speaker.duration - speaker.currentTime > TAIL_S) speaker.pause();
    }
  };
  const forget = store.watch([key], show);
  return {
    retry: start,
    forget: () => {
      forget();
      speaker.pause();
    },
  };
}
