// @ts-check

import { actOnToy } from "../api.js";
import { button, h, setText } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import * as sync from "../sync.js";
import { errorWords, toyStateWords } from "../words.js";

/** @typedef {import("../api.js").DemoToy} DemoToy */

/** Makes the simulated toys of a demo that nobody adopted yet, to be squeezed; nothing where there are none. */
export function playmates() {
  const stand = h("div", { class: "playmates-stand" });
  const element = h("section", { class: "playmates", "aria-labelledby": "playmates-title", hidden: true },
    h("h3", { id: "playmates-title" }, say("playmates.title")), stand);
  /** @type {Map<string, ReturnType<typeof playmate>>} */
  const all = new Map();
  const show = () => {
    const adopted = sync.toyIds();
    /** @type {string[]} */
    const ids = (store.get("playroom") ?? []).filter((/** @type {string} */ id) => !adopted.includes(id));
    for (const [id, old] of all) {
      if (ids.includes(id)) continue;
      all.delete(id);
      old.forget();
      old.element.remove();
    }
    for (const id of ids) {
      if (all.has(id)) continue;
      const made = playmate(id);
      all.set(id, made);
      stand.append(made.element);
    }
    element.hidden = ids.length === 0;
  };
  const forget = store.watch(["playroom", "toys"], show);
  show();
  return {
    element,
    forget() {
      forget();
      for (const one of all.values()) one.forget();
    },
  };
}

/** @param {string} id */
function playmate(id) {
  /** @returns {DemoToy} */
  const demo = () => store.get(`demo/${id}`);
  const { character } = demo();
  const eyes = h("img", { src: "/img/eyes-open.svg", alt: "" });
  const heart = h("span", { class: "toy-heart" });
  const figure = h("div", { class: "toy", "aria-hidden": "true" },
    h("img", { src: `/img/toy-${character}.svg`, alt: "" }), eyes, heart, h("span", { class: "toy-sleep" }, "z z z"));
  const state = h("p", { class: "toy-name" }, h("strong", {}, say(`playmates.the_${character}`)), h("span", { class: "toy-state" }));
  const trouble = h("p", { class: "toy-trouble", role: "alert", hidden: true });
  const squeeze = button({ icon: "paw", class: "button" }, say(`playmates.squeeze_${character}`), async () => {
    trouble.hidden = true;
    try {
      await sync.actOnToy(id, () => actOnToy(id, "play"));
    } catch (error) {
      setText(trouble, errorWords(error));
      trouble.hidden = false;
    }
  });
  const element = h("div", { class: "stage playmate" }, h("div", { class: "scene" }, figure), state, squeeze, trouble);
  const show = () => {
    const now = demo();
    if (!now) return;
    eyes.src = now.awake ? "/img/eyes-open.svg" : "/img/eyes-closed.svg";
    element.dataset.awake = String(now.awake);
    heart.dataset.led = now.led.mode;
    figure.style.setProperty("--period", `${now.led.period_ms || 500}ms`);
    setText(/** @type {Node} */ (state.lastChild), toyStateWords(now));
  };
  show();
  return { element, forget: store.watch([`demo/${id}`], show) };
}
