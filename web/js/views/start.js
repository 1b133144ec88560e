// @ts-check

import { announce, button, h, keepingFocus } from "../dom.js";
import { say } from "../language.js";
import { isStep, leftSteps, nextPlace, numberOf, openSteps, putOff } from "../start.js";
import { store } from "../store.js";
import { adoption } from "./adoption.js";
import { childView } from "./child.js";
import { LOOKS, progress } from "./start-card.js";
import { trustRoom } from "./trust.js";
import { waiting } from "./waiting.js";

/** @typedef {import("../start.js").Step} Step */
/**
 * What stands around a view that is a step of the set-up.
 *
 * @typedef {object} Frame
 * @property {HTMLElement} above
 * @property {HTMLElement} below
 * @property {() => void} done goes on to the next step
 */

/**
 * Shows a step of the set-up: the view that stands elsewhere too, with a way on.
 *
 * @param {HTMLElement} root
 * @param {{ step: string | null, moved: boolean }} scene `step`: null for the next one
 * @returns {() => void} leaves nothing of it
 */
export function startRoom(root, { step, moved }) {
  let alive = true;
  /** @param {Step | null} after */
  const goOn = async (after) => {
    const place = await nextPlace(after);
    if (!alive) return;
    if (after && leftSteps().length === 0) announce(say("start.finished"));
    // A step that is over is nothing to come back to.
    location.replace(place);
  };
  let leave = () => {};
  if (isStep(step) && openSteps().includes(step)) {
    const { frame, forget } = frameOf(step, () => void goOn(step));
    const scene = { moved, frame };
    const leaveView = step === "child" ? childView(root, { child: null, ...scene })
      : step === "toy" ? adoption(root, scene) : trustRoom(root, scene);
    leave = () => {
      forget();
      leaveView();
    };
  } else {
    root.replaceChildren(waiting(say("start.looking")));
    void goOn(null);
  }
  return () => {
    alive = false;
    leave();
    root.replaceChildren();
  };
}

/**
 * @param {Step} step
 * @param {() => void} done
 * @returns {{ frame: Frame, forget: () => void }}
 */
function frameOf(step, done) {
  const later = button({ class: "button button-quiet" }, LOOKS[step].later, () => {
    putOff(step);
    done();
  });
  const ready = button({ class: "button button-primary" }, say("common.done"), done);
  const below = h("div", { class: "start-below form-actions" }, later);
  const show = () => {
    if (step !== "trust" || store.get("trusts") !== true) return;
    keepingFocus(below, () => below.replaceChildren(ready), () => ready);
  };
  show();
  return { frame: { above: progress(numberOf(step)), below, done }, forget: store.watch(["trusts"], show) };
}
