// @ts-check

// What nobody needs before they speak or choose a file.

export { Microphone } from "../audio.js";
export { laterChoice } from "./later.js";
export { meter } from "./meter.js";
export { outbox } from "./outbox.js";
export { readSoundFile } from "./sound-file.js";
export { trimming } from "./trimming.js";
