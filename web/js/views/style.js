// @ts-check

// What the page is made of, side by side: for whoever changes how it looks. It stands at "/style" of
// a demo, asks the hub for nothing but whether it is one, and is fetched only there.

import { button, h, icon, rest } from "../dom.js";
import { say } from "../language.js";
import { Player } from "../player.js";
import { field } from "./form.js";
import { portrait } from "./portrait.js";
import { soundbar } from "./soundbar.js";
import { waiting } from "./waiting.js";

/** @typedef {import("../language.js").Key} Key */

const COLORS = [
  ["paper", "surface", "sunken", "hairline", "edge", "ink", "ink-soft"],
  ["plum", "plum-strong", "on-plum", "plum-soft"],
  ["leaf", "amber", "amber-soft", "brick", "on-brick"],
  ["child-plum", "child-leaf", "child-sky", "child-sun", "child-coral", "child-stone", "on-child"],
  ["paw-blue", "paw-red", "on-paw", "heart-dark", "heart-light", "stage-top", "stage-bottom"],
];
const SIZES = ["text-1", "text-2", "text-3", "text-4", "text-5"];
const SPACES = ["space-1", "space-2", "space-3", "space-4", "space-5", "space-6"];
const ANIMALS = ["bear", "cat", "dog", "rabbit", "unicorn"];
const CHILD_COLORS = ["plum", "leaf", "sky", "sun", "coral", "stone"];
const SIGNS = [
  "play", "pause", "onward", "microphone", "stop", "send", "discard", "file", "back", "forward", "clock", "check", "warning", "undo", "close",
  "moon", "sun", "shield", "speech", "down", "person", "people", "plus", "edit", "tablet", "share", "hear", "keep", "heart", "paw", "mark",
];

/** Each tone with the sign and the sentence that it stands with.
 *
 * @type {[string, string, Key][]}
 */
const TONES = [
  ["wait", "clock", "style.tone_wait"], ["go", "send", "style.tone_go"], ["good", "check", "style.tone_good"],
  ["care", "warning", "style.tone_care"], ["off", "close", "style.tone_off"],
];

/**
 * Shows all of it.
 *
 * @param {HTMLElement} root
 */
export function stylePage(root) {
  document.title = `${say("style.title")} · Hutch`;
  root.dataset.view = "style";
  root.replaceChildren(h("div", { class: "style" },
    h("header", { class: "brand" }, h("span", { class: "mark", "aria-hidden": "true" }, icon("mark")), h("h1", {}, say("style.title"))),
    part("style.colors", ...COLORS.map((row) => h("ul", { class: "style-row" }, ...row.map(swatch)))),
    part("style.type", ...SIZES.map((size) => h("p", { class: "style-type", "data-token": size }, say("style.sample")))),
    part("style.space", h("ul", { class: "style-row" }, ...SPACES.map((name) =>
      h("li", { class: "style-space" }, h("span", { class: "style-block", "data-token": name }), h("code", {}, name))))),
    part("style.signs", h("ul", { class: "style-row" }, ...SIGNS.map((name) =>
      h("li", { class: "style-sign" }, icon(name), h("code", {}, name))))),
    part("style.children", h("ul", { class: "style-row" }, ...ANIMALS.flatMap((animal) =>
      CHILD_COLORS.map((color) => h("li", {}, portrait({ animal, color })))))),
    part("style.buttons", ...buttons()),
    part("style.fields", ...fields()),
    part("style.states", h("div", { class: "bubble bubble-mine" }, h("div", { class: "bubble-body" }, ...TONES.map(([tone, sign, words]) =>
      h("div", { class: "journey", "data-tone": tone }, h("p", { class: "status" }, icon(sign), h("span", {}, say(words))))))),
    h("progress", { max: "100", value: "40", "aria-label": say("style.tone_go") })),
    part("style.sound", h("div", { class: "bubble bubble-theirs" }, h("div", { class: "bubble-body" }, sound()))),
    part("style.waiting", waiting(say("style.waiting"))),
    part("style.empty", h("div", { class: "empty" }, h("span", { class: "empty-sign" }, icon("paw")),
      h("p", { class: "empty-title" }, say("style.empty_title")), h("p", {}, say("style.sample")))),
    part("style.motion", h("div", { class: "style-motion" },
      h("span", { class: "toy-heart style-heart", "data-led": "blink" }), h("p", {}, say("style.motion_words")))),
  ));
  for (const one of root.querySelectorAll("[data-token]")) showToken(/** @type {HTMLElement} */ (one));
}

/** @param {HTMLElement} element */
function showToken(element) {
  const token = `var(--${element.dataset["token"]})`;
  if (element.matches(".style-type")) element.style.setProperty("font-size", token);
  else if (element.matches(".style-color")) element.style.setProperty("background", token);
  else element.style.setProperty("width", token);
}

/** A sound that is only to be looked at. */
function sound() {
  const player = new Player(/** @type {HTMLAudioElement} */ (document.getElementById("player")));
  const waveform = Array.from({ length: 64 }, (_, at) => Math.round(40 + 200 * Math.abs(Math.sin(at / 5))));
  return soundbar({ id: "style", url: () => "", waveform, length_ms: 12_000, label: say("style.sound"), player }).element;
}

/**
 * @param {Key} title
 * @param {...Node} nodes
 */
function part(title, ...nodes) {
  return h("section", { class: "style-part" }, h("h2", {}, say(title)), ...nodes);
}

/** @param {string} name */
function swatch(name) {
  return h("li", { class: "style-swatch" }, h("span", { class: "style-color", "data-token": name }), h("code", {}, name));
}

function buttons() {
  const nothing = () => {};
  const kinds = ["button", "button button-primary", "button button-danger", "button button-small", "button button-small button-quiet"];
  const resting = button({ class: "button button-primary", icon: "send" }, say("style.button"), nothing);
  rest(resting, true);
  return [h("div", { class: "style-row" },
    ...kinds.map((look) => button({ class: look, icon: "send" }, say("style.button"), nothing)), resting),
  h("div", { class: "style-row" }, h("span", { class: "badge" }, say("style.badge")), h("span", { class: "tag" }, say("style.badge")))];
}

function fields() {
  const usual = field({ label: say("style.field"), name: "usual", hint: [say("style.sample")] }, {});
  const wrong = field({ label: say("style.field"), name: "wrong" }, { value: "?" });
  wrong.refuse({ text: say("style.field_wrong") });
  const choices = h("fieldset", { class: "choices" }, h("legend", {}, say("style.choices")), h("div", { class: "choices-row" },
    ...CHILD_COLORS.slice(0, 4).map((color, at) => h("label", { class: "choice" },
      h("input", { type: "radio", class: "unseen", name: "style-choice", checked: at === 0 }),
      h("span", { class: "swatch", "data-color": color }), h("span", {}, color)))));
  const tick = h("label", { class: "tick" }, h("input", { type: "checkbox", class: "unseen", checked: true }),
    h("span", { class: "tick-box", "aria-hidden": "true" }, icon("check")), h("span", {}, say("style.tick")));
  return [usual.element, wrong.element, choices, tick];
}
