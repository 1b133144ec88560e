// @ts-check

import { hubNow } from "../api.js";
import { announce, button, h, icon, keepingFocus, setText } from "../dom.js";
import { andList, say } from "../language.js";
import { holdOrTap } from "../press.js";
import { loudness } from "../levels.js";
import { hush } from "../sounding.js";
import { store } from "../store.js";
import { minutesAndSeconds, when } from "../time.js";
import { LOUDNESS_WORDS, tooLongWords, unsentWords } from "../words.js";
import { microphoneHelp } from "./microphone-help.js";
import { partsHere, recordingParts } from "./parts.js";
import { soundbar } from "./soundbar.js";

/** @typedef {import("../audio.js").Take & { name?: string, send_at?: number | null }} Take `send_at`: when it sets out, if not at once */
/** @typedef {import("./outbox.js").Long} Long */

/**
 * Where a message is before it is one.
 *
 * @typedef {{ name: "idle", notice?: Node, undo?: Take } | { name: "asking" } | { name: "recording" }
 *   | { name: "reading" } | { name: "review", take: Take }
 *   | { name: "sending", take: Take, stop: () => void }
 *   | { name: "trouble", take: Take, long: Long, error: unknown }
 *   | { name: "too_long", take: Take, lengths: { length_ms: number, slot_ms: number } }} Phase
 */

// Shorter than this is a slip of the finger.
const SHORTEST_MS = 300;
const ASKING_MS = 500;
const UNDO_MS = 8_000;
const WAY_OUT_MS = 10_000;
/** What the hub says of a file that it will never take. */
const HOPELESS = [
  "empty_file", "no_sound_file", "no_sound_track", "protected_sound", "unknown_encoding", "sound_cut_off", "damaged_sound", "no_sound",
  "sound_too_hard",
];
// The key or finger that stopped the recording must not press Send, which appears under it.
const SETTLE_MS = 400;

/** Who has a take already, of those whom it is for: what failed is not sent twice to the others.
 *
 * @type {WeakMap<Take, Set<string>>}
 */
const reached = new WeakMap();

/**
 * Makes the place where messages are spoken.
 *
 * @param {{ to: () => import("../api.js").Child[], draft: string, toyName: () => string,
 *   player: import("../player.js").Player, sent: (to: import("../api.js").Child[]) => void }} scene `to`: whom they are for now;
 *   `draft`: under which name what is not sent yet is kept
 */
export function composer({ to, draft, toyName, player, sent }) {
  const slot_ms = () => store.get("hub")?.slot_ms ?? 40_000;
  const longest_ms = () => store.get("hub")?.longest_ms ?? Infinity;
  const names = () => andList(to().map(({ name }) => name));
  const draftKey = `draft/${draft}`;
  const panel = h("div", { class: "composer-panel" });
  const left = h("div", { class: "composer-left" });
  const right = h("div", { class: "composer-right" });
  const sign = icon("microphone");
  const record = h("button", { type: "button", class: "record" }, sign);
  const element = h("section", { class: "composer" },
    panel, h("div", { class: "composer-controls" }, left, record, right));
  const picker = h("input", { type: "file", accept: "audio/*,video/mp4,.mp3,.m4a,.ogg,.opus,.flac,.wav", hidden: true, tabindex: "-1" });
  picker.addEventListener("change", () => {
    const file = picker.files?.[0];
    picker.value = "";
    if (file) void takeFile(file);
  });
  element.append(picker);

  /** @type {Phase} */
  let phase = { name: "idle" };
  /** @type {import("../audio.js").Microphone | null} */
  let microphone = null;
  /** @type {(() => void)[]} what to do when the phase ends */
  let endings = [];
  let alive = true;
  let stoppedAt = 0;

  const press = holdOrTap(record, {
    start: () => void start(),
    stop: (by) => void stop(by),
    isReady: () => phase.name === "recording",
  });

  const tidy = () => {
    for (const end of endings) end();
    endings = [];
  };
  /**
   * @param {() => void} act
   * @param {number} ms how long into the phase
   */
  const later = (act, ms) => {
    const timer = setTimeout(act, ms);
    endings.push(() => clearTimeout(timer));
  };

  /** @param {Phase} next */
  const enter = (next) => {
    if (!alive) return;
    keepingFocus(element, () => change(next), () => /** @type {HTMLElement | null} */ (
      element.querySelector(".composer-next") ?? record));
  };
  /** @param {Phase} next */
  const change = (next) => {
    tidy();
    phase = next;
    element.dataset.phase = next.name;
    panel.replaceChildren();
    left.replaceChildren();
    right.replaceChildren();
    const recording = next.name === "recording" || next.name === "asking";
    store.set("recording", recording);
    sign.className = `icon icon-${recording ? "stop" : "microphone"}`;
    const child = names();
    element.setAttribute("aria-label", child ? say("talk.say_to", { child }) : say("talk.say"));
    record.setAttribute("aria-label",
      recording ? say("talk.stop_recording") : child ? say("talk.record", { child }) : say("talk.record_message"));
    record.hidden = !["idle", "asking", "recording"].includes(next.name);
    store.set(draftKey, "take" in next && next.name !== "sending" ? { take: next.take } : null);
    show[next.name](/** @type {any} */ (next));
  };
  /**
   * A take that does not fit is not sent before somebody chose what becomes of it.
   *
   * @param {Take} take
   * @returns {Phase}
   */
  const phaseOf = (take) => (take.length_ms > slot_ms()
    ? { name: "too_long", take, lengths: { length_ms: take.length_ms, slot_ms: slot_ms() } }
    : { name: "review", take });

  const discardButton = (escape = false) => button({ icon: "discard", class: "button button-quiet", escape },
    say("talk.discard"), () => discard());

  const chooseFirst = () => h("p", { class: "composer-hint composer-next", tabindex: "-1" }, say("error.no_children"));
  /**
   * @param {string} words
   * @param {() => void} act
   */
  const offerSending = (words, act) => {
    const offer = to().length > 0 ? button({ icon: "send", class: "button button-primary composer-next" }, words, act) : chooseFirst();
    right.append(offer);
    return offer;
  };

  /**
   * After ten seconds of waiting there is a way out.
   *
   * @param {string} words
   * @param {() => void} act
   */
  const wayOut = (words, act) => later(() => {
    panel.append(button({ icon: "close", class: "button button-small composer-way-out" }, words, act));
  }, WAY_OUT_MS);

  const show = {
    /** @param {Extract<Phase, { name: "idle" }>} idle */
    idle({ notice, undo }) {
      if (undo) {
        const back = button({ icon: "undo", class: "button button-small" }, say("talk.undo"),
          () => enter(phaseOf(undo)));
        panel.append(h("p", { class: "composer-hint" }, say("talk.discarded"), back));
        later(() => enter({ name: "idle" }), UNDO_MS);
      } else {
        panel.append(notice ?? h("p", { class: "composer-hint" }, say("talk.hold_to_talk")));
      }
      left.append(button({ icon: "file", class: "button button-quiet" }, say("talk.sound_file"), () => picker.click()));
    },
    asking() {
      const hint = h("p", { class: "composer-hint" }, " ");
      panel.append(hint);
      left.append(button({ icon: "close", class: "button button-quiet", escape: true }, say("common.cancel"), () => discard()));
      later(() => {
        setText(hint, say("talk.ask_microphone"));
      }, ASKING_MS);
    },
    recording() {
      const live = partsHere().meter(slot_ms());
      panel.append(live.element);
      left.append(discardButton(true));
      right.append(h("p", { class: "composer-hint" }, say("talk.stop_hint")));
      levels = live.add;
    },
    reading() {
      panel.append(h("p", { class: "composer-hint composer-next", role: "status", tabindex: "-1" },
        say("talk.reading_file")));
      wayOut(say("common.cancel"), () => enter({ name: "idle" }));
    },
    /** @param {Extract<Phase, { name: "review" }>} review */
    review({ take }) {
      showTake(take);
      const remark = take.peak === null ? null : loudness(take.peak);
      if (remark) panel.append(h("p", { class: "composer-remark" }, icon("warning"), LOUDNESS_WORDS[remark]));
      left.append(discardButton());
      const sendWords = () => (take.send_at
        ? say("later.submit", { child: names(), time: when(take.send_at, hubNow()) }) : say("talk.send_to", { child: names() }));
      const press = offerSending(sendWords(), () => {
        if (performance.now() - stoppedAt > SETTLE_MS) void send(take, null);
      });
      if (to().length > 0) panel.append(partsHere().laterChoice(take.send_at ?? null, (at) => {
        take.send_at = at;
        setText(/** @type {Node} */ (press.lastChild), sendWords());
      }));
    },
    /** @param {Extract<Phase, { name: "sending" }>} sending */
    sending({ take, stop: stopSending }) {
      showTake(take);
      const words = h("span", {}, say("talk.sending"));
      const progress = h("progress", { max: "1", value: "0", "aria-label": say("talk.sending") });
      panel.append(h("div", { class: "composer-progress composer-next", tabindex: "-1" }, words, progress));
      uploaded = (share) => {
        progress.value = share;
        const percent = Math.floor(share * 100);
        setText(words, share < 1 ? say("talk.sending_share", { percent }) : say("talk.taking_in"));
      };
      wayOut(say("talk.stop_sending"), stopSending);
    },
    /** @param {Extract<Phase, { name: "trouble" }>} trouble */
    trouble({ take, long, error }) {
      showTake(take);
      const has = to().filter(({ id }) => reached.get(take)?.has(id)).map(({ name }) => name);
      panel.append(h("p", { class: "composer-trouble", role: "alert" }, icon("warning"), unsentWords(error)),
        ...(has.length > 0 ? [h("p", { class: "composer-remark" }, icon("check"), say("talk.reached", { n: has.length, children: andList(has) }))] : []));
      const { code } = /** @type {{ code?: string }} */ (error);
      const discarding = discardButton();
      left.append(discarding);
      // Another try of the same file would end the same way.
      if (HOPELESS.includes(code ?? "")) {
        discarding.classList.add("composer-next");
        return;
      }
      offerSending(say("common.try_again"), () => void send(take, long));
      // What got lost on the way goes by itself once the hub is there again: it takes it once, however often it comes.
      if (code !== "no_answer") return;
      let wasLost = store.get("link") === "lost";
      endings.push(store.watch(["link"], () => {
        const link = store.get("link");
        wasLost ||= link === "lost";
        if (wasLost && link === "live") void send(take, long);
      }));
    },
    /** @param {Extract<Phase, { name: "too_long" }>} tooLong */
    too_long({ take, lengths }) {
      const words = tooLongWords({ ...lengths, longest_ms: longest_ms() }, toyName());
      showTake(take);
      const choices = h("div", { class: "composer-choices" });
      const isFor = to().length > 0;
      if (isFor) choices.append(button({ class: "button button-primary composer-next" }, words.cut, () => void send(take, "cut")));
      else choices.append(chooseFirst());
      if (isFor && words.split) choices.append(button({ class: "button" }, words.split, () => void send(take, "split")));
      panel.append(h("p", { class: "composer-remark", role: "alert" }, icon("clock"), words.text), choices);
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
    const address = URL.createObjectURL(take.sound);
    const heard = soundbar({
      id: address, url: () => address, waveform: take.waveform, length_ms: take.length_ms,
      label: say("talk.what_you_recorded"), player,
    });
    panel.append(heard.element);
    if (phase.name === "review" || phase.name === "too_long") {
      panel.append(partsHere().trimming(take, (kept) => enter(phaseOf(kept))) ?? "");
    }
    endings.push(() => {
      heard.forget();
      player.forget(address);
      URL.revokeObjectURL(address);
    });
  };

  const start = async () => {
    if (phase.name !== "idle") {
      // The second of two quick taps, while what was said is still being put away.
      press.reset();
      return;
    }
    hush();
    const asked = /** @type {Phase} */ ({ name: "asking" });
    enter(asked);
    try {
      const { Microphone } = await recordingParts();
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
      announce(say("talk.recording"));
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
    const recorded = phase;
    const take = await open.stop(slot_ms());
    stoppedAt = performance.now();
    if (!alive) {
      store.set(draftKey, { take });
      return;
    }
    if (phase !== recorded) return;
    if (take.length_ms < SHORTEST_MS) {
      enter({ name: "idle", notice: h("p", { class: "composer-hint" }, say("talk.too_short")) });
      return;
    }
    enter(phaseOf(take));
    const limit = { n: slot_ms() / 1000, toy: toyName() };
    announce(by === "limit"
      ? say("talk.limit_told", limit)
      : say("talk.recorded", { length: minutesAndSeconds(take.length_ms) }));
    if (by === "limit") panel.append(h("p", { class: "composer-remark" }, icon("clock"), say("talk.limit", limit)));
  };

  const discard = () => {
    press.reset();
    const take = "take" in phase ? phase.take : undefined;
    microphone?.discard();
    microphone = null;
    enter(take ? { name: "idle", undo: take } : { name: "idle" });
    announce(say("talk.discarded"));
  };

  /**
   * @param {Take} take
   * @param {Long} long
   */
  const send = async (take, long) => {
    if (!["review", "trouble", "too_long"].includes(phase.name)) return;
    player.pause();
    const sending = new AbortController();
    const all = to();
    const has = reached.get(take) ?? new Set();
    reached.set(take, has);
    enter({ name: "sending", take, stop: () => sending.abort() });
    try {
      for (const [at, { id }] of all.entries()) {
        if (has.has(id)) continue;
        await partsHere().outbox(id).send(take, long, (share) => uploaded((at + share) / all.length), sending.signal);
        has.add(id);
      }
      if (!alive) return;
      enter({ name: "idle" });
      announce(say("talk.sent"));
      sent(all);
    } catch (error) {
      if (!alive) {
        store.set(draftKey, { take, long, error });
        return;
      }
      const { code, body } = /** @type {import("../api.js").ApiError} */ (error);
      if (code === "message_too_long") {
        enter({ name: "too_long", take, lengths: { length_ms: body.length_ms, slot_ms: body.slot_ms } });
      } else {
        enter({ name: "trouble", take, long, error });
      }
    }
  };

  /** @param {File} file */
  const takeFile = async (file) => {
    if (phase.name !== "idle") return;
    const reading = /** @type {Phase} */ ({ name: "reading" });
    enter(reading);
    const parts = await recordingParts().catch(() => null);
    const read = await parts?.readSoundFile(file, {
      limit_bytes: store.get("hub")?.max_upload_bytes ?? Infinity, longest_ms: longest_ms(),
    }) ?? { refusal: say("page.not_fetched") };
    if (phase !== reading) return;
    enter("take" in read
      ? phaseOf(read.take)
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
      ? { name: "trouble", take: draft.take, long: draft.long, error: draft.error }
      : phaseOf(draft.take));
  };
  const leftBehind = store.get(draftKey);
  enter({ name: "idle" });
  pickUp(leftBehind);
  const forgetDraft = store.watch([draftKey], () => pickUp());
  let refuseDrops = () => {};

  return {
    element,
    /** Others were chosen. */
    retarget() {
      if (!["sending", "asking", "recording"].includes(phase.name)) enter(phase);
    },
    /** @param {HTMLElement} area */
    acceptDrops(area) {
      refuseDrops = () => {
        Object.assign(area, { ondragover: null, ondragleave: null, ondrop: null });
        area.classList.remove("is-drop");
      };
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
      store.set("recording", false);
      forgetDraft();
      refuseDrops();
      // What was being said is kept for when one comes back.
      void microphone?.stop(slot_ms()).then((take) => {
        if (take.length_ms >= SHORTEST_MS) store.set(draftKey, { take });
      });
      tidy();
      removeEventListener("beforeunload", warn);
    },
  };
}
