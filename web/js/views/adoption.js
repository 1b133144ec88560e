// @ts-check

import { ApiError } from "../api.js";
import { endMeeting, meetToy, readMeeting } from "../api-toys.js";
import { button, h, icon } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { followMeeting, isSignedOut, refreshAdopted } from "../sync.js";
import { errorWords } from "../words.js";
import { failureOf, meetingFailed, meetingStep } from "./meeting.js";
import { namingStep } from "./naming.js";
import { nearby } from "./nearby.js";
import { playmates } from "./playmates.js";
import { portrait } from "./portrait.js";

/**
 * @typedef {import("../api-toys.js").Heard} Heard
 * @typedef {import("../api-toys.js").Meeting} Meeting
 * @typedef {{ heading: HTMLElement, nodes: Node[], forget: () => void }} Step
 * @typedef {import("./start.js").Frame} Frame
 */

/**
 * Shows how a toy is adopted: it is heard, met, and given a name.
 *
 * @param {HTMLElement} root
 * @param {{ moved: boolean, frame?: Frame | null }} scene `frame`: the set-up, while it is a step of it
 * @returns {() => void} leaves nothing of it, and lets go of a toy that was being met
 */
export function adoption(root, { moved, frame = null }) {
  root.setAttribute("aria-label", say("adopt.title"));
  const title = h("h2", { tabindex: "-1" }, say("adopt.title"));
  const place = h("div", { class: "adopting" });
  const beside = playmates();
  root.replaceChildren(h("div", { class: "you" },
    h("header", { class: "room-head" },
      h("a", {
        class: "back back-always", href: frame ? "#/" : "#/toys",
        "aria-label": say(frame ? "common.back_to_children" : "adopt.back"),
      }, icon("back")), title),
    h("div", { class: "you-body" }, ...(frame ? [frame.above, place, frame.below] : [place]), beside.element)));

  let alive = true;
  let leaveStep = () => {};
  /** @type {Heard | null} what was chosen */
  let chosen = null;
  /** @type {string | null} the meeting that goes on */
  let met = null;
  let unwatch = () => {};
  /** @type {import("./naming.js").Typed | null} */
  let typed = null;

  /**
   * @param {Step} step
   * @param {boolean} [isFirst]
   */
  const show = ({ heading, nodes, forget }, isFirst = false) => {
    leaveStep();
    leaveStep = forget;
    place.replaceChildren(...nodes);
    if (isFirst) return;
    heading.focus({ preventScroll: true });
    place.parentElement?.scrollTo(0, 0);
  };
  /** Lets go of a toy that is being met. */
  const letGo = () => {
    unwatch();
    unwatch = () => {};
    if (met) void endMeeting(met).catch(() => {});
    met = null;
  };

  /** @param {{ wrong?: string | null, isFirst?: boolean }} [how] */
  const look = ({ wrong = null, isFirst = false } = {}) => {
    letGo();
    if (frame) frame.below.hidden = false;
    show(nearby({ choose: (heard) => void meet(heard), wrong }), isFirst);
  };

  /** @param {Heard} heard */
  const meet = async (heard) => {
    letGo();
    if (chosen?.address !== heard.address) typed = null;
    chosen = heard;
    const step = meetingStep({ another: () => look() });
    let isHere = true;
    show({ ...step, forget: () => { isHere = false; } });
    step.show(undefined);
    try {
      const id = await followMeeting(() => meetToy(heard.address));
      if (!alive || !isHere) {
        void endMeeting(id).catch(() => {});
        return;
      }
      met = id;
      unwatch = follow(id, step);
    } catch (error) {
      if (!alive || !isHere || isSignedOut(error)) return;
      const isRefused = error instanceof ApiError && error.status >= 400 && error.status < 500;
      if (isRefused) look({ wrong: errorWords(error) });
      else show(meetingFailed(
        { title: say("common.did_not_work"), text: errorWords(error), steps: [], again: true }, ways));
    }
  };
  const ways = { again: () => { if (chosen) void meet(chosen); }, another: () => look() };

  /**
   * Shows how a meeting goes on.
   *
   * @param {string} id
   * @param {ReturnType<typeof meetingStep>} step
   */
  const follow = (id, step) => {
    const key = `meeting/${id}`;
    let state = "";
    const tell = () => {
      /** @type {Meeting} */
      const meeting = store.get(key);
      if (met !== id || meeting.state === state) return;
      state = meeting.state;
      const failure = failureOf(meeting);
      if (failure) {
        met = null;
        show(meetingFailed(failure, ways));
      } else if (state === "squeezed") {
        show(namingStep({ meeting, typed, keep: (now) => { typed = now; }, done, cancel: () => look() }));
      } else if (state !== "adopted") {
        step.show(meeting);
      }
    };
    const forgets = [
      store.watch([key], tell),
      // What happened while the hub was away was told to nobody.
      store.watch(["link"], () => {
        if (store.get("link") !== "live" || met !== id) return;
        void followMeeting(() => readMeeting(id)).catch((error) => {
          if (error instanceof ApiError && error.status === 404 && met === id) {
            look({ wrong: say("adopt.let_go_choose") });
          }
        });
      }),
    ];
    tell();
    return () => { for (const forget of forgets) forget(); };
  };

  /** @param {import("../api.js").Toy} toy */
  const done = async (toy) => {
    met = null;
    unwatch();
    typed = null;
    await refreshAdopted().catch(() => {});
    if (!alive) return;
    show(adopted(toy, () => look(), frame));
    if (frame) frame.below.hidden = true;
  };

  look({ isFirst: true });
  if (moved) title.focus({ preventScroll: true });
  return () => {
    alive = false;
    letGo();
    leaveStep();
    beside.forget();
    root.replaceChildren();
  };
}

/**
 * Makes what is shown when a toy is somebody's.
 *
 * @param {import("../api.js").Toy} toy
 * @param {() => void} another
 * @param {Frame | null} frame
 * @returns {Step}
 */
function adopted({ name: toy, character, child: id }, another, frame) {
  /** @type {import("../api.js").Child | undefined} */
  const child = (store.get("children") ?? []).find((/** @type {import("../api.js").Child} */ one) => one.id === id);
  const words = child ? {
    title: say("adopt.done", { toy, child: child.name }), text: say("adopt.done_text", { toy, child: child.name }),
    talk: say("adopt.talk", { child: child.name }),
  } : {
    title: say("adopt.done_unknown", { toy }), text: say("adopt.done_text_unknown", { toy }),
    talk: say("adopt.talk_unknown"),
  };
  const heading = h("h3", { tabindex: "-1" }, words.title);
  return {
    heading, forget() {},
    nodes: [
      h("span", { class: "empty-portrait" }, portrait({ animal: character, color: child?.color ?? "stone" })), heading,
      h("p", {}, words.text),
      h("div", { class: "form-actions" },
        frame ? button({ class: "button button-primary" }, say("start.go_on"), frame.done)
          : h("a", { class: "button button-primary", href: `#/child/${id}` }, icon("speech"), h("span", {}, words.talk)),
        button({ class: "button" }, say("adopt.one_more"), another),
        ...(frame ? [] : [h("a", { class: "button button-quiet", href: "#/toys" }, say("adopt.all"))])),
    ],
  };
}
