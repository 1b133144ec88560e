// @ts-check

import { button, h, icon, keepingFocus, setText, svg } from "../dom.js";
import { say } from "../language.js";
import { N_BARS } from "../levels.js";
import { chooseToGoOn, goesOn } from "../onward.js";
import { chooseSpeed, nextSpeed, speedWords } from "../speed.js";
import { minutesAndSeconds, spokenLength } from "../time.js";

const STEP_MS = 2_000;
const WIDTH = N_BARS * 4;
const HEIGHT = 40;
const SHORTEST = 1.5;

/**
 * Makes a sound to listen to: play button, waveform as the seek bar, and its time.
 *
 * @param {object} sound
 * @param {string} sound.id
 * @param {() => string} sound.url
 * @param {number[]} sound.waveform
 * @param {number} sound.length_ms
 * @param {string} sound.label whose sound it is, for those who hear the page
 * @param {import("../player.js").Player} sound.player
 * @param {() => void} [sound.onPlay]
 * @param {boolean} [sound.isOneOfMany] whether what is new may be played after it
 * @returns {{ element: HTMLElement, forget: () => void }}
 */
export function soundbar({ id, url, waveform, length_ms, label, player, onPlay, isOneOfMany = false }) {
  const sign = icon("play");
  const play = button({ class: "play", label: say("sound.play", { sound: label }) }, "", () => toggle());
  play.append(sign);
  const slider = h("input", {
    type: "range", class: "seek", min: "0", max: String(Math.round(length_ms)), step: "10",
    value: "0", "aria-label": say("sound.position_in", { sound: label }),
  });
  const time = h("span", { class: "sound-time" }, minutesAndSeconds(length_ms));
  const wave = h("div", { class: "wave" }, slider);
  const rest = bars(waveform, "wave-rest");
  const played = /** @type {SVGSVGElement} */ (rest.cloneNode(true));
  played.setAttribute("class", "wave-played");
  wave.append(rest, played);
  const failure = h("p", { class: "sound-failure" }, say("sound.unplayable"));
  const element = h("div", { class: "sound" }, play, wave, time);

  // It is there while there is something to hear of it.
  const speed = button({ class: "speed" }, "", () => {
    player.speed = nextSpeed(player.speed);
    chooseSpeed(player.speed);
  });
  const onward = button({ icon: "onward", class: "speed onward", label: say("sound.onward") }, "", () => {
    chooseToGoOn(!goesOn());
    showOnward();
  });
  const showOnward = () => onward.setAttribute("aria-pressed", String(goesOn()));
  const showSpeed = (/** @type {boolean} */ isHeard) => keepingFocus(element, () => {
    if (!isHeard) {
      speed.remove();
      onward.remove();
      return;
    }
    if (isOneOfMany && !onward.isConnected) {
      showOnward();
      wave.after(onward);
    }
    setText(speed, speedWords(player.speed));
    speed.setAttribute("aria-label", say("sound.speed", { speed: speedWords(player.speed) }));
    if (!speed.isConnected) wave.after(speed);
  }, () => play);

  const toggle = () => {
    player.toggle(id, url);
    onPlay?.();
  };
  const seek = (/** @type {number} */ ms) =>
    player.seek(id, url, Math.max(0, Math.min(length_ms - 20, ms)));

  slider.addEventListener("input", () => seek(Number(slider.value)));
  slider.addEventListener("keydown", (event) => {
    const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (direction) {
      event.preventDefault();
      seek(Number(slider.value) + direction * Math.min(STEP_MS, length_ms / 8));
    } else if (event.key === " ") {
      event.preventDefault();
      toggle();
    }
  });

  const show = (/** @type {import("../player.js").Playing} */ { playing, position_ms, failed }) => {
    sign.className = `icon icon-${playing ? "pause" : "play"}`;
    play.setAttribute("aria-label", say(playing ? "sound.pause" : "sound.play", { sound: label }));
    element.classList.toggle("is-playing", playing);
    const position = Math.min(position_ms, length_ms);
    slider.value = String(position);
    slider.setAttribute("aria-valuetext",
      say("sound.position", { position: spokenLength(position), length: spokenLength(length_ms) }));
    wave.style.setProperty("--played", String(length_ms > 0 ? position / length_ms : 0));
    setText(time, minutesAndSeconds(position > 0 ? position : length_ms));
    showSpeed(playing || position > 0);
    if (failed) element.append(failure);
    else failure.remove();
  };
  // It may have begun to play before it stood here.
  show(player.of(id));
  return { element, forget: player.listen(id, show) };
}

/**
 * Draws a waveform as one path.
 *
 * @param {number[]} waveform 0 to 255
 * @param {string} className
 */
export function bars(waveform, className) {
  return svg("svg", {
    class: className, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none",
    "aria-hidden": "true", focusable: "false",
  }, svg("path", { d: barsPath(waveform), "vector-effect": "non-scaling-stroke" }));
}

/**
 * Returns the path of a waveform's bars.
 *
 * @param {number[]} waveform 0 to 255
 */
export function barsPath(waveform) {
  return waveform.map((level, bar) => {
    const tall = Math.max(SHORTEST, (level / 255) * (HEIGHT - 4));
    const x = ((bar + 0.5) * WIDTH) / waveform.length;
    return `M${x.toFixed(1)} ${((HEIGHT - tall) / 2).toFixed(1)}v${tall.toFixed(1)}`;
  }).join("");
}
