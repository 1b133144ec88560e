// @ts-check

// What a first view does not need comes when somebody asks for it, and ahead of that once there is peace.

import { button, h } from "./dom.js";
import { say } from "./language.js";
import { store } from "./store.js";
import { waiting } from "./views/waiting.js";

const PEACE_MS = 3_000;

/** What is here, by what fetched it.
 *
 * @type {Map<() => Promise<unknown>, unknown>}
 */
const here = new Map();

/**
 * Fetches what a view is made of, once.
 *
 * @template M
 * @param {() => Promise<M>} load
 * @returns {Promise<M>}
 */
async function fetchOnce(load) {
  const module = await load();
  here.set(load, module);
  return module;
}

/**
 * Shows a view whose file may have to come first.
 *
 * @template M
 * @param {HTMLElement} place
 * @param {() => Promise<M>} load imports the file; the same function each time
 * @param {(module: M) => (() => void)} show
 * @returns {() => void} cleanup
 */
export function showLazily(place, load, show) {
  if (here.has(load)) return show(/** @type {M} */ (here.get(load)));
  let leave = () => {};
  let isOver = false;
  let tries = 0;
  const come = async () => {
    tries += 1;
    place.replaceChildren(waiting(say("page.opening")));
    const module = await fetchOnce(load).catch((error) => {
      // As browsers tell that a file did not come; all else is a fault of ours.
      if (!(error instanceof TypeError)) throw error;
      return null;
    });
    if (isOver) return;
    if (module) {
      place.replaceChildren();
      leave = show(module);
      return;
    }
    // Some browsers remember that a file did not come, and ask no more for it.
    if (1 < tries && store.get("link") === "live") location.reload();
    else place.replaceChildren(notCome(() => void come()));
  };
  void come();
  return () => {
    isOver = true;
    leave();
  };
}

/** @param {() => void} again */
function notCome(again) {
  let isTold = false;
  const retry = () => {
    if (isTold) return;
    isTold = true;
    forget();
    again();
  };
  const box = h("div", { class: "log-trouble", role: "alert" },
    h("p", {}, say("page.not_opened")), button({ class: "button button-small" }, say("common.try_again"), retry));
  // Comes by itself with the hub, as long as somebody waits for it.
  const forget = store.watch(["link"], () => {
    if (!box.isConnected) forget();
    else if (store.get("link") === "live") retry();
  });
  return box;
}

/**
 * Fetches, one after the other, what somebody may ask for soon.
 *
 * @param {(() => Promise<unknown>)[]} loads
 */
export function fetchAhead(loads) {
  onceAtPeace(async () => {
    // Whoever comes for it says what went wrong.
    for (const load of loads) await fetchOnce(load).catch(() => {});
  });
}

/**
 * Does something that nobody waits for.
 *
 * @param {() => unknown} act
 */
export function onceAtPeace(act) {
  const rest = typeof requestIdleCallback === "function"
    ? (/** @type {() => void} */ next) => requestIdleCallback(next)
    : (/** @type {() => void} */ next) => setTimeout(next, 0);
  setTimeout(() => rest(() => void act()), PEACE_MS);
}
