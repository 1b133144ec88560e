// @ts-check

import { h, icon } from "../dom.js";
import { fetchPicture, pictureHere } from "../pictures.js";

const ANIMALS = ["bear", "cat", "dog", "rabbit", "unicorn"];
// Enough for the largest of the small ones on a sharp screen.
const SMALL_PX = 192;
const LARGE_PX = 512;

/**
 * Makes a child's portrait: its picture, or its animal on its colour.
 *
 * @param {{ animal: string, color: string, id?: string, picture?: string | null }} child without an `id` it is the animal
 * @param {{ large?: boolean }} [look]
 */
export function portrait({ animal, color, id, picture }, { large = false } = {}) {
  const element = h("span", { class: "portrait", "data-color": color, "aria-hidden": "true" },
    icon(ANIMALS.includes(animal) ? animal : "heart"));
  if (id && picture) {
    const side = large ? LARGE_PX : SMALL_PX;
    const here = pictureHere({ id, picture });
    if (here) draw(element, here, side);
    else void fetchPicture({ id, picture }).then((bitmap) => { if (bitmap) draw(element, bitmap, side); });
  }
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {ImageBitmap} bitmap
 * @param {number} side
 */
function draw(element, bitmap, side) {
  const canvas = h("canvas", { width: String(side), height: String(side) });
  const context = canvas.getContext("2d");
  if (!context) return;
  context.imageSmoothingQuality = "high";
  const cut = Math.min(bitmap.width, bitmap.height);
  context.drawImage(bitmap, (bitmap.width - cut) / 2, (bitmap.height - cut) / 2, cut, cut, 0, 0, side, side);
  element.replaceChildren(canvas);
}
