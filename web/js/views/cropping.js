// @ts-check

import { SIDE, mostZoom, movedBy, squareOf, wholeCrop, zoomedTo } from "../crop.js";
import { h, setText } from "../dom.js";
import { say } from "../language.js";

/** @typedef {import("../crop.js").Crop} Crop */

const QUALITY = 0.92;
/** How far an arrow key goes, in sides of the square; with Shift less. */
const STEP = 0.05;
const SMALL_STEP = 0.01;
const ZOOM_STEP = 1.1;
// A turn of most wheels by one notch.
const WHEEL_PX = 400;

/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Makes the place where a picture is moved and zoomed until the face lies in the circle: with fingers, a mouse and its
 * wheel, keys, or the slider.
 *
 * @param {ImageBitmap} bitmap
 * @param {string} name of the child
 */
export function cropping(bitmap, name) {
  const canvas = h("canvas", { width: String(SIDE), height: String(SIDE) });
  const hint = h("p", { class: "field-hint", id: "crop-hint" }, say("picture.frame_hint"));
  const frame = h("div", {
    class: "crop-frame", tabindex: "0", role: "application", "aria-label": say("picture.frame", { child: name }),
    "aria-describedby": "crop-hint",
  }, canvas, h("div", { class: "crop-mask", "aria-hidden": "true" }));
  const most = mostZoom(bitmap);
  const slider = h("input", {
    type: "range", id: "crop-zoom", min: "100", max: String(Math.round(most * 100)), step: "1", value: "100", disabled: most === 1,
  });
  const percent = h("output", { class: "crop-percent", for: "crop-zoom" });
  let crop = wholeCrop(bitmap);

  const draw = (/** @type {HTMLCanvasElement} */ on = canvas) => {
    const context = on.getContext("2d");
    if (!context) return;
    const { left, top, side } = squareOf(crop, bitmap);
    context.imageSmoothingQuality = "high";
    // What can be seen through is sent as if it lay on paper.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, on.width, on.height);
    context.drawImage(bitmap, left, top, side, side, 0, 0, on.width, on.height);
  };
  /** @param {Crop} next */
  const show = (next) => {
    crop = next;
    const shown = Math.round(crop.zoom * 100);
    slider.value = String(shown);
    slider.setAttribute("aria-valuetext", say("picture.zoom_percent", { n: shown }));
    setText(percent, say("picture.zoom_percent", { n: shown }));
    draw();
  };

  /**
   * Where something is on the frame, in sides of the square from its middle.
   *
   * @param {{ clientX: number, clientY: number }} at
   */
  const placeOf = ({ clientX, clientY }) => {
    const box = frame.getBoundingClientRect();
    return { right: (clientX - box.left) / box.width - 0.5, down: (clientY - box.top) / box.height - 0.5 };
  };
  /** Fingers on the frame.
   *
   * @type {Map<number, { right: number, down: number }>}
   */
  const fingers = new Map();
  const grip = () => {
    const [one, two] = fingers.values();
    if (!one) return null;
    if (!two) return { ...one, apart: 0 };
    return {
      right: (one.right + two.right) / 2, down: (one.down + two.down) / 2,
      apart: Math.hypot(one.right - two.right, one.down - two.down),
    };
  };
  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    frame.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, placeOf(event));
  });
  frame.addEventListener("pointermove", (event) => {
    const before = grip();
    if (!before || !fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, placeOf(event));
    const now = grip();
    if (!now) return;
    let next = movedBy(crop, bitmap, { right: before.right - now.right, down: before.down - now.down });
    if (before.apart > 0 && now.apart > 0) next = zoomedTo(next, bitmap, next.zoom * now.apart / before.apart, now);
    show(next);
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
    frame.addEventListener(end, (event) => { fingers.delete(event.pointerId); });
  }
  frame.addEventListener("wheel", (event) => {
    event.preventDefault();
    show(zoomedTo(crop, bitmap, crop.zoom * 2 ** (-event.deltaY / WHEEL_PX), placeOf(event)));
  }, { passive: false });
  frame.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const [right, down] = ARROWS[event.key] ?? [0, 0];
    const step = event.shiftKey ? SMALL_STEP : STEP;
    if (right !== 0 || down !== 0) show(movedBy(crop, bitmap, { right: right * step, down: down * step }));
    else if (event.key === "+" || event.key === "=") show(zoomedTo(crop, bitmap, crop.zoom * ZOOM_STEP));
    else if (event.key === "-") show(zoomedTo(crop, bitmap, crop.zoom / ZOOM_STEP));
    else return;
    event.preventDefault();
  });
  slider.addEventListener("input", () => show(zoomedTo(crop, bitmap, Number(slider.value) / 100)));
  show(crop);

  return {
    element: h("div", { class: "crop" }, frame, hint,
      h("div", { class: "crop-zoom" }, h("label", { for: "crop-zoom" }, say("picture.zoom")), slider, percent)),
    frame,
    /**
     * Returns what lies in the square, small enough to be sent.
     *
     * @returns {Promise<Blob | null>}
     */
    cut: () => {
      const side = Math.max(1, Math.min(SIDE, Math.round(squareOf(crop, bitmap).side)));
      const small = h("canvas", { width: String(side), height: String(side) });
      draw(small);
      return new Promise((made) => { small.toBlob(made, "image/jpeg", QUALITY); });
    },
    /** Leaves nothing of it. */
    forget: () => bitmap.close(),
  };
}
