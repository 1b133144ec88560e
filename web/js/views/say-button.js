// @ts-check

import { Microphone } from "../audio.js";
import { announce, h, icon } from "../dom.js";
import { say } from "../language.js";
import { holdOrTap } from "../press.js";
import { hush } from "../sounding.js";
import { store } from "../store.js";
import { errorWords } from "../words.js";
import { microphoneHelp } from "./microphone-help.js";
import { outbox } from "./outbox.js";

const SHORTEST_MS = 300;
const DONE_MS = 2_500;

const LOOKS = {
  idle: { icon: "microphone", label: say("screen.say") },
  asking: { icon: "stop", label: say("screen.stop") },
  recording: { icon: "stop", label: say("screen.stop_and_send") },
  sending: { icon: "send", label: say("screen.sending") },
  done: { icon: "check", label: say("screen.sent") },
  trouble: { icon: "undo", label: say("screen.unsent") },
};

/** @typedef {keyof typeof LOOKS} Phase */

/**
 * Makes the button that records, and sends what was said at once: nobody who cannot read decides twice.
 *
 * @param {import("../api.js").Child} child
 * @param {{ begin: () => void, tell: (words: Node | null) => void }} scene `tell`: for grown-ups, if
 *   something is wrong
 */
export function sayButton(child, { begin, tell }) {
  const sign = icon("microphone");
  const element = h("button", { type: "button", class: "screen-button screen-say" }, sign);
  let phase = /** @type {Phase} */ ("idle");
  /** @type {Microphone | null} */
  let microphone = null;
  /** @type {import("../audio.js").Take | null} what could not be sent yet */
  let unsent = null;
  const post = outbox(child.id, "recording");
  let timer = 0;
  let alive = true;

  /** @param {Phase} next */
  const enter = (next) => {
    if (!alive) return;
    clearTimeout(timer);
    phase = next;
    element.dataset.phase = next;
    sign.className = `icon icon-${LOOKS[next].icon}`;
    element.setAttribute("aria-label", LOOKS[next].label);
    store.set("recording", next === "recording" || next === "asking");
    if (next === "done") timer = setTimeout(() => enter("idle"), DONE_MS);
  };
  // What is waited for may change it meanwhile.
  const isIn = (/** @type {Phase} */ one) => phase === one;
  const press = holdOrTap(element, {
    start: () => void start(), stop: () => void stop(), isReady: () => phase === "recording",
  });

  const start = async () => {
    if (phase === "trouble") {
      press.reset();
      void send();
      return;
    }
    if (phase !== "idle" && phase !== "done") {
      press.reset();
      return;
    }
    begin();
    hush();
    tell(null);
    enter("asking");
    try {
      const most_ms = store.get("hub")?.slot_ms ?? 40_000;
      const opened = await Microphone.open((_, length_ms) => { if (length_ms >= most_ms) void stop(); });
      if (!isIn("asking") || !alive) {
        opened.discard();
        return;
      }
      microphone = opened;
      enter("recording");
      announce(say("talk.recording"));
    } catch (error) {
      press.reset();
      enter("idle");
      if (alive) tell(microphoneHelp(error));
    }
  };
  const stop = async () => {
    press.reset();
    const open = microphone;
    microphone = null;
    if (!open) {
      if (phase === "asking") enter("idle");
      return;
    }
    enter("sending");
    const take = await open.stop(store.get("hub")?.slot_ms ?? 40_000);
    if (take.length_ms < SHORTEST_MS) {
      enter("idle");
      return;
    }
    unsent = take;
    await send();
  };
  const send = async () => {
    if (!unsent) {
      enter("idle");
      return;
    }
    enter("sending");
    try {
      await post.send(unsent, null, () => {}, new AbortController().signal);
      unsent = null;
      tell(null);
      enter("done");
      announce(say("talk.sent"));
    } catch (error) {
      const { status, code } = /** @type {import("../api.js").ApiError} */ (error);
      // What the hub refuses once it refuses again: the next word is not to wait for that.
      const isFinal = status >= 400 && status < 500 && code !== "not_signed_in";
      if (isFinal) unsent = null;
      enter(isFinal ? "idle" : "trouble");
      if (alive) tell(h("p", {}, icon("warning"), h("span", {}, errorWords(error))));
    }
  };
  enter("idle");
  return {
    element,
    forget() {
      alive = false;
      clearTimeout(timer);
      microphone?.discard();
      store.set("recording", false);
    },
  };
}
