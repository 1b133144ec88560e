// @ts-check

// A list of any length of which only the rows near the view stand in the page. Whatever comes, goes or
// grows: what somebody is looking at stays where it is.

import { h, place } from "../dom.js";
import { Heights } from "../windowing.js";

/**
 * @typedef {import("../windowing.js").Row} Row
 * @typedef {{ element: HTMLElement, tick?: () => void, forget: () => void }} Made a row that stands in the page
 */

// What stands ready beyond the view on both sides, in pixels. Rows are costly: a few of them are many elements.
const READY = 120;
// A list of so few rows stands in the page as a whole.
const FEW = 12;
// Closer than this to the end counts as being there.
const NEAR = 80;
// Closer than this, there is no way on.
const VERY_NEAR = 2;
// So long after the last step somebody has stopped scrolling.
const REST_MS = 150;
// Where making rows takes longer, they come one by one, and are put into the page a moment later: a slow
// device has to scroll meanwhile.
const SPENT_MS = 2;

/**
 * @param {object} list
 * @param {HTMLOListElement} list.element
 * @param {() => HTMLElement} list.port what scrolls; it may be another in a low window
 * @param {HTMLElement[]} list.ports all that may be
 * @param {Record<string, number>} list.guesses how high rows of each kind are, about
 * @param {(row: Row) => Made} list.make
 * @param {() => void} list.moved called after each change of what is seen
 */
export function longList({ element, port, ports, guesses, make, moved }) {
  const heights = new Heights(guesses);
  /** @type {Map<string, Made>} */
  const made = new Map();
  /** @type {WeakMap<Element, string>} */
  const keys = new WeakMap();
  /** @type {HTMLElement[]} */
  const spaces = [];
  /** @type {{ key: string, y: number } | null} what is looked at, and where it stands in what scrolls */
  let anchor = null;
  let isAtEnd = true;
  // Setting the place while somebody scrolls would stop them. The space above gives or takes what rows turn out to
  // be higher or lower than was thought, and what is read before them; it is settled once they rest.
  let isScrolling = false;
  let lent = 0;
  let isWhole = false;
  // New rows were made, and are put into the page next.
  let isBuilt = false;
  let width = 0;
  let timer = 0;
  let resting = 0;
  // Where the page itself scrolled to.
  let own = -1;
  // Where it was scrolled to when somebody last looked.
  let seenAt = 0;

  const keyOf = (/** @type {number} */ at) => heights.rowAt(at).key;
  const viewTop = () => port().getBoundingClientRect().top;
  /** @param {number} top */
  const scrollTo = (top) => {
    const one = port();
    one.scrollTop = top;
    own = one.scrollTop;
    seenAt = own;
  };
  const toEnd = () => scrollTo(port().scrollHeight);
  /** @param {HTMLElement} one */
  const placeInPort = (one) => one.getBoundingClientRect().top - viewTop() + port().scrollTop;
  const isFocused = (/** @type {HTMLElement} */ one) => one.contains(document.activeElement);

  /** @returns {{ top: number, bottom: number }} what is seen, counted from the top of the list */
  const view = () => {
    const high = port().clientHeight;
    const at = anchor ? heights.placeOf(anchor.key) : -1;
    if (isAtEnd && !isScrolling) {
      const end = heights.between(0, heights.length);
      return { top: end - high, bottom: end };
    }
    const top = port().scrollTop + (anchor && at >= 0 ? heights.topOf(at) - anchor.y : lent - placeInPort(element));
    return { top, bottom: top + high };
  };

  const lookAround = () => {
    const top = viewTop();
    const bottom = top + port().clientHeight;
    anchor = null;
    seenAt = port().scrollTop;
    let isHeld = false;
    for (const { key, kind } of rowsInPage()) {
      const one = /** @type {Made} */ (made.get(key)).element;
      const box = one.getBoundingClientRect();
      if (box.bottom <= top || bottom <= box.top) continue;
      // What somebody works on holds best, and a line between rows worst: it goes when others come.
      const isBetter = anchor === null || (!isHeld && isFocused(one)) || heights.rowAt(heights.placeOf(anchor.key)).kind === "day";
      if (!isBetter || (anchor !== null && kind === "day")) continue;
      anchor = { key, y: box.top - top + port().scrollTop };
      isHeld = isFocused(one);
    }
  };

  /** @returns {Row[]} in their order */
  const rowsInPage = () => [...element.children].map((one) => heights.placeOf(keys.get(one) ?? ""))
    .filter((at) => at >= 0).map((at) => heights.rowAt(at));

  /** Puts what is looked at back in its place. */
  const settle = () => {
    if (isAtEnd && !isScrolling) {
      toEnd();
      return;
    }
    const held = anchor && made.get(anchor.key)?.element;
    if (!anchor || !held?.isConnected) return;
    let off = placeInPort(held) - anchor.y;
    const above = element.firstElementChild;
    if (isScrolling && above instanceof HTMLElement && above === spaces[0]) {
      const high = above.getBoundingClientRect().height;
      // Where nothing is left to give, all is given back at once.
      const given = off < high ? off : -lent;
      above.style.height = `${high - given}px`;
      lent += given;
      off -= given;
    }
    if (Math.abs(off) < 0.5) return;
    anchor.y += off;
    scrollTo(port().scrollTop + off);
  };

  /** @returns {number[]} rows that stay in the page wherever they are: something there is not finished */
  const held = () => [...made].flatMap(([key, { element: one }]) => {
    const at = heights.placeOf(key);
    // The tabulator leads to what is beside it.
    if (isFocused(one)) return [at - 1, at, at + 1];
    return one.querySelector("form") ? [at] : [];
  });

  /** @returns {{ wanted: number[], fresh: number[] }} what should stand in the page; and what is to be made of it */
  const looked = () => {
    const { top, bottom } = view();
    const isShort = heights.length <= FEW;
    const { from, to } = isShort ? { from: 0, to: heights.length } : heights.within(top - READY, bottom + READY);
    const seen = heights.within(top, bottom);
    const near = Array.from({ length: to - from }, (_, n) => from + n);
    const wanted = [...new Set([...near, ...held()])].filter((at) => 0 <= at && at < heights.length);
    const isSeen = (/** @type {number} */ at) => seen.from <= at && at < seen.to;
    const fresh = wanted.filter((at) => !made.has(keyOf(at))).sort((a, b) => Number(isSeen(b)) - Number(isSeen(a)));
    return { wanted, fresh };
  };

  /** @param {number[]} wanted */
  const put = (wanted) => {
    const pieces = heights.pieces(wanted.filter((at) => made.has(keyOf(at))));
    const shown = new Set(pieces.flatMap((one) => ("row" in one ? [keyOf(one.row)] : [])));
    for (const [key, one] of made) if (!shown.has(key)) drop(key, one);
    const added = [...made].filter(([, one]) => !one.element.isConnected);
    let n = 0;
    if (!isScrolling || !pieces[0] || "row" in pieces[0]) lent = 0;
    place(element, pieces.map((one) => {
      if ("row" in one) return number(/** @type {Made} */ (made.get(keyOf(one.row))).element, one.row);
      const space = spaces[n] ??= h("li", { class: "thread-space", "aria-hidden": "true" });
      space.style.height = `${Math.max(0, one.space - (n === 0 && pieces[0] === one ? lent : 0))}px`;
      n += 1;
      return space;
    }));
    for (const [key, one] of added) heights.measure(key, one.element.getBoundingClientRect().height);
    settle();
  };

  const draw = () => {
    clearTimeout(timer);
    timer = 0;
    lookAgain();
    const { wanted, fresh } = looked();
    if (fresh.length > 0 && !isBuilt) {
      const began = performance.now();
      for (const at of fresh) {
        bring(heights.rowAt(at));
        isBuilt = performance.now() - began > SPENT_MS;
        if (isBuilt) break;
      }
      if (isBuilt) {
        drawSoon();
        return;
      }
    }
    isBuilt = false;
    put(wanted);
    if (!anchor) lookAround();
    if (looked().fresh.length > 0) drawSoon();
    moved();
  };
  const drawSoon = () => { timer ||= setTimeout(draw); };

  /**
   * @param {Row} row
   * @returns {HTMLElement}
   */
  const bring = (row) => {
    const one = make(row);
    made.set(row.key, one);
    keys.set(one.element, row.key);
    sizes.observe(one.element);
    return one.element;
  };
  /**
   * @param {string} key
   * @param {Made} one
   */
  const drop = (key, one) => {
    sizes.unobserve(one.element);
    one.forget();
    made.delete(key);
  };
  /**
   * Says which of how many a row is, as far as anybody knows.
   *
   * @param {HTMLElement} one
   * @param {number} at
   */
  const number = (one, at) => {
    const of = String(isWhole ? heights.length : -1);
    const nth = String(at + 1);
    if (one.getAttribute("aria-posinset") !== nth) one.setAttribute("aria-posinset", nth);
    if (one.getAttribute("aria-setsize") !== of) one.setAttribute("aria-setsize", of);
    return one;
  };

  const sizes = new ResizeObserver((entries) => {
    const now = element.clientWidth;
    if (now !== width) {
      width = now;
      heights.gap = Number.parseFloat(getComputedStyle(element).rowGap) || 0;
      heights.forget();
      for (const [key, one] of made) heights.measure(key, one.element.getBoundingClientRect().height);
    }
    for (const { target, borderBoxSize } of entries) {
      const key = keys.get(target);
      const height = borderBoxSize[0]?.blockSize;
      if (key !== undefined && height !== undefined && made.has(key)) heights.measure(key, height);
    }
    settle();
    drawSoon();
  });
  const look = () => {
    const { scrollHeight, scrollTop, clientHeight } = port();
    if (Math.abs(scrollTop - own) >= 1) {
      own = -1;
      const left = scrollHeight - scrollTop - clientHeight;
      // Going all the way would take what somebody is at by keyboard out of sight.
      isAtEnd = left < (isFocused(element) ? VERY_NEAR : NEAR);
      // Nobody scrolls on from the very end: it is held, whatever comes or grows.
      isScrolling = left >= VERY_NEAR;
      clearTimeout(resting);
      if (isScrolling) resting = setTimeout(rested, REST_MS);
    }
    lookAround();
  };
  // Browsers tell of scrolling with the next frame. What comes before that must not put back what was looked at then.
  const lookAgain = () => { if (Math.abs(port().scrollTop - seenAt) >= 1) look(); };
  const scrolled = () => {
    look();
    // What is new comes after the frame: both at once would take a slow device too long.
    drawSoon();
  };
  const rested = () => {
    isScrolling = false;
    // Whoever stopped a little above the end stays there, until something comes or grows.
    const wasAtEnd = isAtEnd;
    isAtEnd = false;
    if (lent !== 0) draw();
    isAtEnd = wasAtEnd;
  };
  for (const one of ports) {
    sizes.observe(one);
    one.addEventListener("scroll", scrolled, { passive: true });
  }
  sizes.observe(element);

  return {
    /**
     * Takes other rows.
     *
     * @param {Row[]} next
     * @param {boolean} whole whether there are no others
     */
    take(next, whole) {
      lookAgain();
      isWhole = whole;
      heights.gap = Number.parseFloat(getComputedStyle(element).rowGap) || 0;
      const stays = new Set(next.map(({ key }) => key));
      // What is looked at may be gone; what is beside it holds the place then.
      if (anchor && !stays.has(anchor.key)) {
        const { y } = anchor;
        const beside = rowsInPage().filter(({ key, kind }) => stays.has(key) && kind !== "day")
          .map(({ key }) => ({ key, y: placeInPort(/** @type {Made} */ (made.get(key)).element) }));
        anchor = beside.sort((a, b) => Math.abs(a.y - y) - Math.abs(b.y - y))[0] ?? null;
      }
      for (const [key, one] of made) if (!stays.has(key)) drop(key, one);
      heights.take(next);
      draw();
    },
    toEnd() {
      isAtEnd = true;
      isScrolling = false;
      draw();
      toEnd();
    },
    settle,
    /**
     * Scrolls to a row, if it is not seen.
     *
     * @param {string} key
     * @param {ScrollBehavior} behavior
     */
    reveal(key, behavior) {
      const at = heights.placeOf(key);
      if (at < 0) return;
      const { top, bottom } = view();
      const [begin, end] = [heights.topOf(at), heights.topOf(at + 1)];
      if (top <= begin && end <= bottom) return;
      port().scrollBy({ top: begin < top ? begin - top : end - bottom, behavior });
    },
    /** Returns whether the end is seen. */
    isAtEnd: () => isAtEnd,
    /** Returns how far the view is from the top of the list, and from its end, in views. */
    away() {
      const { top, bottom } = view();
      const high = Math.max(1, port().clientHeight);
      return { top: top / high, end: (heights.between(0, heights.length) - bottom) / high };
    },
    tick() { for (const one of made.values()) one.tick?.(); },
    forget() {
      clearTimeout(timer);
      clearTimeout(resting);
      sizes.disconnect();
      for (const one of ports) one.removeEventListener("scroll", scrolled);
      for (const one of made.values()) one.forget();
      made.clear();
    },
  };
}
