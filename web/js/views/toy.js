// @ts-check

import { actOnToy, recordOnToy } from "../api.js";
import { hint } from "../coach.js";
import { announce, button, h, icon, setText } from "../dom.js";
import { say } from "../language.js";
import { height, loudness } from "../levels.js";
import { holdOrTap } from "../press.js";
import { hush } from "../sounding.js";
import { store } from "../store.js";
import * as sync from "../sync.js";
import { errorWords, isLost, toyStateWords } from "../words.js";
import { microphoneHelp } from "./microphone-help.js";
import { recordingParts } from "./parts.js";
import { followSpeaker } from "./speaker.js";

/** @typedef {import("../api.js").DemoToy} DemoToy */

const SHORTEST_MS = 300;
// Where the message is that somebody may need help with.
const LATEST = 50;

/**
 * Makes a simulated toy that can be squeezed.
 *
 * @param {{ child: import("../api.js").Child, toy: import("../api.js").Toy }} scene
 * @returns {{ element: HTMLElement, forget: () => void }}
 */
export function toyStage({ child, toy }) {
  const names = { child: child.name, toy: toy.name };
  const eyes = h("img", { src: "/img/eyes-open.svg", alt: "" });
  const heart = h("span", { class: "toy-heart", "aria-hidden": "true" });
  const figure = h("div", { class: "toy", "aria-hidden": "true" },
    h("img", { src: `/img/toy-${toy.character}.svg`, alt: "" }), eyes, heart,
    h("span", { class: "toy-sleep" }, "z z z"),
    h("span", { class: "toy-voice" }));
  const play = button({ icon: "paw", class: "paw paw-play", label: say("toy.squeeze_blue", names) }, "",
    () => void squeeze());
  const record = h("button", { type: "button", class: "paw paw-record" }, icon("paw"));
  const scene = h("div", { class: "scene" },
    h("div", { class: "paw-place" }, play, h("span", { class: "paw-word", "aria-hidden": "true" }, say("toy.listen"))),
    figure,
    h("div", { class: "paw-place" }, record, h("span", { class: "paw-word", "aria-hidden": "true" }, say("toy.hold"))));
  const state = h("span", { class: "toy-state" });
  const advice = h("p", { class: "toy-hint" });
  const phrase = button({ icon: "speech", class: "button button-small" }, say("toy.sample"), () => void send(null));
  const rest = button({ icon: "moon", class: "button button-small" }, say("toy.let_sleep"), () => void toggleSleep());
  const trouble = h("div", { class: "toy-trouble", role: "alert", hidden: true });
  const unmute = button({ icon: "play", class: "button button-small" }, say("toy.hear_here"), () => speaker.retry());
  unmute.hidden = true;
  const element = h("section", { class: "stage", "aria-label": say("toy.stage", names) },
    scene,
    h("div", { class: "stage-words" },
      h("p", { class: "toy-name" }, h("strong", {}, toy.name), state),
      advice, trouble,
      h("div", { class: "stage-actions" }, phrase, rest, unmute)));

  /** @type {import("../audio.js").Microphone | null} */
  let microphone = null;
  /** @type {object | null} the press that waits for the microphone */
  let opening = null;
  let busy = false;
  let alive = true;
  let speaking = false;
  const speaker = followSpeaker(toy.id, (blocked) => { unmute.hidden = !blocked; });

  /** @returns {DemoToy} */
  const demo = () => store.get(`demo/${toy.id}`);

  /** @param {() => Promise<DemoToy>} act */
  const attempt = async (act) => {
    if (busy) return;
    busy = true;
    trouble.hidden = true;
    try {
      await sync.actOnToy(toy.id, act);
    } catch (error) {
      complain(h("p", {}, errorWords(error)));
    }
    busy = false;
  };
  const squeeze = () => attempt(() => actOnToy(toy.id, "play"));
  const toggleSleep = () => attempt(() => actOnToy(toy.id, demo().awake ? "sleep" : "wake"));
  const send = async (/** @type {Blob | null} */ wav) => {
    // A recording is not dropped because a squeeze is still on its way.
    while (busy) await new Promise((resolve) => setTimeout(resolve, 50));
    store.set("answering", child.id);
    await attempt(() => recordOnToy(toy.id, wav));
  };

  /** @param {Node} what */
  const complain = (what) => {
    if (!alive) return;
    trouble.replaceChildren(what);
    trouble.hidden = false;
  };

  const limit_ms = () => store.get("hub")?.slot_ms ?? 40_000;
  const start = async () => {
    if (opening || microphone) return;
    const asked = {};
    opening = asked;
    trouble.hidden = true;
    hush();
    try {
      const { Microphone } = await recordingParts();
      const opened = await Microphone.open((level, length_ms) => {
        record.style.setProperty("--level", height(level).toFixed(2));
        if (length_ms >= limit_ms()) void stop();
      });
      // Cancelled, or left, while the browser was asking.
      if (opening !== asked || !alive) {
        opened.discard();
        return;
      }
      microphone = opened;
    } catch (error) {
      if (opening !== asked) return;
      press.reset();
      complain(microphoneHelp(error));
    }
    opening = null;
    show();
    if (microphone) announce(say("toy.speak", names));
  };
  const stop = async () => {
    press.reset();
    opening = null;
    const open = microphone;
    microphone = null;
    record.style.removeProperty("--level");
    show();
    if (!open) return;
    const take = await open.stop(limit_ms());
    if (take.length_ms < SHORTEST_MS) {
      complain(h("p", {}, say("toy.too_short")));
    } else if (loudness(take.peak ?? 1) === "silent") {
      complain(h("p", {}, say("toy.too_quiet")));
    } else {
      await send(take.sound);
    }
  };
  const press = holdOrTap(record, {
    start: () => void start(), stop: () => void stop(), isReady: () => microphone !== null,
  });

  const show = () => {
    const now = demo();
    if (!now) return;
    const recording = microphone !== null;
    if (recording !== speaking) store.set("recording", recording);
    speaking = recording;
    eyes.src = now.awake ? "/img/eyes-open.svg" : "/img/eyes-closed.svg";
    element.dataset.state = recording ? "recording" : now.state;
    element.dataset.awake = String(now.awake);
    heart.dataset.led = now.led.mode;
    figure.style.setProperty("--period", `${now.led.period_ms || 500}ms`);
    setText(state, recording ? say("toy.listening") : toyStateWords(now));
    setText(advice, hint({
      demo: now, delivery: latestDelivery(), tried: store.get("tried") ?? {}, recording, names,
    }));
    record.setAttribute("aria-label", recording ? say("toy.release_red", names) : say("toy.hold_red", names));
    record.setAttribute("aria-pressed", String(recording));
    phrase.disabled = recording || now.state === "recording" || now.state === "record";
    setText(/** @type {Node} */ (rest.lastChild), now.awake ? say("toy.let_sleep") : say("toy.wake"));
    /** @type {Element} */ (rest.firstChild).className = `icon icon-${now.awake ? "moon" : "sun"}`;
    followLatest();
  };

  const latestMessage = () => {
    /** @type {string[]} */
    const ids = store.get(`thread/${child.id}`)?.ids ?? [];
    return ids.slice(-LATEST).filter((id) => store.get(`item/${id}`).kind === "message");
  };
  // The first one that is not at its end is the one to help with.
  const latestDelivery = () => {
    const open = ["queued", "sending", "on_toy", "failed"];
    const deliveries = latestMessage().map((id) => store.get(`delivery/${id}`)).filter(Boolean);
    return deliveries.find((one) => open.includes(one.state) && !isLost(one)) ?? deliveries.at(-1) ?? null;
  };
  let watched = "";
  let forgetLatest = () => {};
  const followLatest = () => {
    const ids = latestMessage();
    if (ids.join() === watched) return;
    watched = ids.join();
    forgetLatest();
    forgetLatest = store.watch(ids.map((id) => `delivery/${id}`), show);
  };

  const forget = store.watch([`demo/${toy.id}`, `thread/${child.id}`, "tried"], show);
  show();
  return {
    element,
    forget: () => {
      alive = false;
      microphone?.discard();
      if (speaking) store.set("recording", false);
      speaker.forget();
      forgetLatest();
      forget();
    },
  };
}
