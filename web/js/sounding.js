// @ts-check

// Sound out: in which form the hub sends it, and silence.

/**
 * Returns what the hub is to send: Ogg Opus where the browser plays it, else WAV.
 *
 * @returns {"ogg" | "wav"}
 */
export function playableFormat() {
  return document.createElement("audio").canPlayType('audio/ogg; codecs="opus"') ? "ogg" : "wav";
}

/** Silences what the page plays, so that it does not end up in a recording. */
export function hush() {
  for (const element of document.querySelectorAll("audio")) element.pause();
}
