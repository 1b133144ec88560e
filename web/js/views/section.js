// @ts-check

import { h } from "../dom.js";

/**
 * Makes a part of "You and this hub": a heading, what is so now, and a place where something is done
 * about it.
 *
 * @param {string} name
 * @param {string} title
 */
export function section(name, title) {
  const heading = h("h3", { id: `you-${name}`, tabindex: "-1" }, title);
  const place = h("div", { class: "you-place" });
  const element = h("section", { class: "you-section", "aria-labelledby": heading.id }, heading, place);
  let forget = () => {};
  return {
    name, element, place,
    /**
     * Shows something else there, and leaves nothing of what was there before.
     *
     * @param {Node[]} nodes
     * @param {() => void} [leave]
     */
    show(nodes, leave = () => {}) {
      const focused = document.activeElement;
      const had = place.contains(focused);
      forget();
      forget = leave;
      place.replaceChildren(...nodes);
      // What is still there keeps the focus.
      const next = had && focused instanceof HTMLElement && place.contains(focused) ? focused : heading;
      if (had) next.focus({ preventScroll: true });
    },
    forget() {
      forget();
      forget = () => {};
      place.replaceChildren();
    },
    focusHeading() {
      heading.focus({ preventScroll: true });
    },
    focus() {
      element.scrollIntoView();
      const first = place.querySelector("input:not([hidden]), button");
      if (first instanceof HTMLElement) first.focus({ preventScroll: true });
      else heading.focus({ preventScroll: true });
    },
  };
}
