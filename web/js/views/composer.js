// @ts-check

import { Microphone, hush } from "../audio.js";
import { announce, button, h, icon, setText } from "../dom.js";
import { holdOrTap } from "../press.js";
import { loudness } from "../levels.js";
import { store } from "../store.js";
import { minutesAndSeconds } from "../time.js";
import { LOUDNESS_WORDS, errorWords, tooLongWords } from "../words.js";
import { meter } from "./meter.js";
import { microphoneHelp } from "./microphone-help.js";
import { outbox } from "./outbox.js";
import { readSoundFile } from "./sound-file.js";
import { soundbar } from "./soundbar.js";

/** @typedef {import("../audio.js").Take & { name?: string }} Take */

/**
 * Where a message is before it is one.
 *
 * @typedef {{ name: "idle", notice?: Node, undo?: Take } | { name: "asking" } | { name: "recording" }
 *   | { name: "reading" } | { name: "review", take: Take } | { name: "sending", take: Take }
 *   | { name: "trouble", take: Take, error: unknown }
 *   | { name: "too_long", take: Take, lengths: { length_ms: number, slot_ms: number } }} Phase
 */

// Shorter than this is a slip of the finger.
const SHORTEST_MS = 300;
const ASKING_MS = 500;
const UNDO_MS = 8_000;
// The key or finger that stopped the recording must not press Send, which appears under it.
const SETTLE_MS = 400;

/**
 * Makes the place where messages are spoken.
 *
 * @param {{ child: import("../api.js").Child, toyName: string,
 *   player: import("../player.js").Player, sent: () => void }} scene
 */
export function composer({ child, toyName, player, sent }) {
  const slot_ms = () => store.get("hub")?.slot_ms ?? 40_000;
  const post = outbox(child.id);
  const draftKey = `draft/${child.id}`;
  const panel = h("div", { class: "composer-panel" });
  const left = h("div", { class: "composer-left" });
  const right = h("div", { class: "composer-right" });
  const sign = icon("microphone");
  const record = h("button", { type: "button", class: "record" }, sign);
  const element = h("section", { class: "composer", "aria-label": `Say something to ${child.name}` },
    panel, h("div", { class: "composer-controls" }, left, record, right));
  const picker = h("input", { type: "file", accept: "audio/*,.wav", hidden: true, tabindex: "-1" });
  picker.addEventListener("change", () => {
    const file = picker.files?.[0];
    picker.value = "";
    if (file) void takeFile(file);
  });
  element.append(picker);

  /** @type {Phase} */
  let phase = { name: "idle" };
  /** @type {Microphone | null} */
  let microphone = null;
  /** @type {() => void} */
  let tidy = () => {};
  let alive = true;
  let stoppedAt = 0;

  const press = holdOrTap(record, {
    start: () => void start(),
    stop: (by) => void stop(by),
    isReady: () => phase.name === "recording",
  });

  /** @param {Phase} next */
  const enter = (next) => {
    if (!alive) return;
    tidy();
    tidy = () => {};
    phase = next;
    element.dataset.phase = next.name;
    panel.replaceChildren();
    left.replaceChildren();
    right.replaceChildren();
    const recording = next.name === "recording" || next.name === "asking";
    sign.className = `icon icon-${recording ? "stop" : "microphone"}`;
    record.setAttribute("aria-label", recording ? "Stop recording" : `Record a message for ${child.name}`);
    record.hidden = !["idle", "asking", "recording"].includes(next.name);
    store.set(draftKey, "take" in next && next.name !== "sending" ? { take: next.take } : null);
    show[next.name](/** @type {any} */ (next));
  };

  const discardButton = () => button({ icon: "discard", class: "button button-quiet" }, "Discard",
    () => discard());

  const show = {
    /** @param {Extract<Phase, { name: "idle" }>} idle */
    idle({ notice, undo }) {
      if (undo) {
        const back = button({ icon: "undo", class: "button button-small" }, "Undo",
          () => enter({ name: "review", take: undo }));
        panel.append(h("p", { class: "composer-hint" }, "Discarded.", back));
        const timer = setTimeout(() => { if (phase.name === "idle") enter({ name: "idle" }); }, UNDO_MS);
        tidy = () => clearTimeout(timer);
      } else {
        panel.append(notice ?? h("p", { class: "composer-hint" }, "Hold to talk, or tap"));
      }
      left.append(button({ icon: "file", class: "button button-quiet" }, "Sound file", () => picker.click()));
    },
    asking() {
      const hint = h("p", { class: "composer-hint" }, " ");
      panel.append(hint);
      left.append(button({ icon: "close", class: "button button-quiet" }, "Cancel", () => discard()));
      const timer = setTimeout(() => {
        setText(hint, "Your browser asks whether this page may use the microphone. Choose “Allow”.");
      }, ASKING_MS);
      tidy = () => clearTimeout(timer);
    },
    recording() {
      const live = meter(slot_ms());
      panel.append(live.element);
      left.append(discardButton());
      right.append(h("p", { class: "composer-hint" }, "Tap, or let go, to stop"));
      levels = live.add;
    },
    reading() {
      panel.append(h("p", { class: "composer-hint", role: "status" }, "Reading the file …"));
    },
    /** @param {Extract<Phase, { name: "review" }>} review */
    review({ take }) {
      showTake(take);
      const remark = take.peak === null ? null : loudness(take.peak);
      if (remark) panel.append(h("p", { class: "composer-remark" }, icon("warning"), LOUDNESS_WORDS[remark]));
      left.append(discardButton());
      const go = button({ icon: "send", class: "button button-primary" }, `Send to ${child.name}`, () => {
        if (performance.now() - stoppedAt > SETTLE_MS) void send(take, null);
      });
      right.append(go);
    },
    /** @param {Extract<Phase, { name: "sending" }>} sending */
    sending({ take }) {
      showTake(take);
      const words = h("span", {}, "Sending to Hutch");
      const progress = h("progress", { max: "1", value: "0", "aria-label": "Sending to Hutch" });
      panel.append(h("div", { class: "composer-progress" }, words, progress));
      uploaded = (share) => {
        progress.value = share;
        setText(words, share < 1 ? `Sending to Hutch, ${Math.floor(share * 100)} %` : "Hutch is taking it in");
      };
    },
    /** @param {Extract<Phase, { name: "trouble" }>} trouble */
    trouble({ take, error }) {
      showTake(take);
      panel.append(h("p", { class: "composer-trouble", role: "alert" }, icon("warning"), errorWords(error)));
      left.append(discardButton());
      right.append(button({ icon: "send", class: "button button-primary" }, "Try again",
        () => void send(take, null)));
    },
    /** @param {Extract<Phase, { name: "too_long" }>} tooLong */
    too_long({ take, lengths }) {
      const words = tooLongWords(lengths, toyName);
      showTake(take);
      panel.append(h("p", { class: "composer-remark", role: "alert" }, icon("clock"), words.text),
        h("div", { class: "composer-choices" },
          button({ class: "button button-primary" }, words.cut, () => void send(take, "cut")),
          button({ class: "button" }, words.split, () => void send(take, "split"))));
      left.append(discardButton());
    },
  };

  /** @type {(level: number, length_ms: number) => void} */
  let levels = () => {};
  /** @type {(share: number) => void} */
  let uploaded = () => {};

  /** @param {Take} take */
  const showTake = (take) => {
    if (take.name) panel.append(h("p", { class: "composer-file" }, take.name));
    if (take.length_ms <= 0) return;
    const address = URL.createObjectURL(take.wav);
    const heard = soundbar({
      id: address, url: () => address, waveform: take.waveform, length_ms: take.length_ms,
      label: "what you recorded", player,
    });
    panel.append(heard.element);
    tidy = () => {
      heard.forget();
      player.forget(address);
      URL.revokeObjectURL(address);
    };
  };

  const start = async () => {
    if (phase.name !== "idle") return;
    hush();
    const asked = /** @type {Phase} */ ({ name: "asking" });
    enter(asked);
    try {
      const opened = await Microphone.open((level, length_ms) => {
        levels(level, length_ms);
        if (length_ms >= slot_ms()) void stop("limit");
      });
      if (phase !== asked || !alive) {
        opened.discard();
        return;
      }
      microphone = opened;
      enter({ name: "recording" });
      announce("Recording.");
    } catch (error) {
      press.reset();
      if (phase === asked) enter({ name: "idle", notice: microphoneHelp(error) });
    }
  };

  /** @param {"keys" | "pointer" | "limit"} by */
  const stop = async (by) => {
    press.reset();
    const open = microphone;
    microphone = null;
    levels = () => {};
    if (!open) {
      if (phase.name === "asking") enter({ name: "idle" });
      return;
    }
    const take = await open.stop(slot_ms());
    stoppedAt = performance.now();
    if (!alive) {
      store.set(draftKey, { take });
      return;
    }
    if (take.length_ms < SHORTEST_MS) {
      enter({ name: "idle", notice: h("p", { class: "composer-hint" }, "That was too short. Hold the button while you speak.") });
      return;
    }
    enter({ name: "review", take });
    announce(by === "limit"
      ? `That was ${slot_ms() / 1000} seconds, as much as ${toyName} can hold. Listen, send or discard.`
      : `Recorded ${minutesAndSeconds(take.length_ms)}. Listen, send or discard.`);
    if (by === "limit") {
      panel.append(h("p", { class: "composer-remark" }, icon("clock"),
        `That was ${slot_ms() / 1000} seconds, as much as ${toyName} can hold.`));
    }
    /** @type {HTMLElement | null} */ (right.querySelector("button"))?.focus({ preventScroll: true });
  };

  const discard = () => {
    press.reset();
    const take = "take" in phase ? phase.take : undefined;
    microphone?.discard();
    microphone = null;
    enter(take ? { name: "idle", undo: take } : { name: "idle" });
    announce("Discarded.");
    record.focus({ preventScroll: true });
  };

  /**
   * @param {Take} take
   * @param {"cut" | "split" | null} long
   */
  const send = async (take, long) => {
    if (!["review", "trouble", "too_long"].includes(phase.name)) return;
    player.pause();
    enter({ name: "sending", take });
    try {
      await post.send(take, long, (share) => uploaded(share));
      if (!alive) return;
      enter({ name: "idle" });
      announce("Sent.");
      sent();
      record.focus({ preventScroll: true });
    } catch (error) {
      if (!alive) {
        store.set(draftKey, { take, error });
        return;
      }
      const { code, body } = /** @type {import("../api.js").ApiError} */ (error);
      if (code === "message_too_long") {
        enter({ name: "too_long", take, lengths: { length_ms: body.length_ms, slot_ms: body.slot_ms } });
      } else {
        enter({ name: "trouble", take, error });
      }
    }
  };

  /** @param {File} file */
  const takeFile = async (file) => {
    if (phase.name !== "idle") return;
    enter({ name: "reading" });
    const read = await readSoundFile(file, store.get("hub")?.max_upload_bytes ?? Infinity);
    enter("take" in read
      ? { name: "review", take: read.take }
      : {
        name: "idle",
        notice: h("p", { class: "composer-trouble", role: "alert" }, icon("warning"), read.refusal),
      });
  };

  const warn = (/** @type {BeforeUnloadEvent} */ event) => {
    if (phase.name !== "idle") event.preventDefault();
  };
  addEventListener("beforeunload", warn);
  // What was left behind here, or comes back from a sending that failed while nobody looked.
  const pickUp = (draft = store.get(draftKey)) => {
    if (phase.name !== "idle" || !draft) return;
    enter(draft.error
      ? { name: "trouble", take: draft.take, error: draft.error }
      : { name: "review", take: draft.take });
  };
  const leftBehind = store.get(draftKey);
  enter({ name: "idle" });
  pickUp(leftBehind);
  const forgetDraft = store.watch([draftKey], () => pickUp());

  return {
    element,
    /** @param {HTMLElement} area */
    acceptDrops(area) {
      area.ondragover = (event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        area.classList.toggle("is-drop", phase.name === "idle");
      };
      area.ondragleave = (event) => {
        if (!area.contains(/** @type {Node | null} */ (event.relatedTarget))) area.classList.remove("is-drop");
      };
      area.ondrop = (event) => {
        event.preventDefault();
        area.classList.remove("is-drop");
        const file = event.dataTransfer?.files[0];
        if (file) void takeFile(file);
      };
    },
    forget() {
      alive = false;
      forgetDraft();
      // What was being said is kept for when one comes back.
      void microphone?.stop(slot_ms()).then((take) => {
        if (take.length_ms >= SHORTEST_MS) store.set(draftKey, { take });
      });
      tidy();
      removeEventListener("beforeunload", warn);
    },
  };
}
