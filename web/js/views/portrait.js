// @ts-check

import { h, icon } from "../dom.js";

const ANIMALS = ["bear", "cat", "dog", "rabbit", "unicorn"];

/**
 * Makes a child's picture: its animal on its colour.
 *
 * @param {{ animal: string, color: string }} child
 */
export function portrait(child) {
  const animal = ANIMALS.includes(child.animal) ? child.animal : "heart";
  return h("span", { class: "portrait", "data-color": child.color, "aria-hidden": "true" },
    icon(animal));
}
