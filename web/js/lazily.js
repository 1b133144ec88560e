// @ts-check

// What a first view does not need comes when somebody asks for it, and ahead of that once there is peace.

import { button, h } from "./dom.js";
import { say } from "./language.js";
import { store } from "./store.js";
import { waiting } from "./views/waiting.js";

const PEACE_MS = 3_000;

/** How seldom the page is loaded anew by itself because a file does not come. */
const RELOADS_EVERY_MS = 60_000;

/** When it was loaded anew for one. */
const RELOADED = "hutch-reloaded";

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
  /** @param {"first" | "by itself" | "asked"} why */
  const come = async (why) => {
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
    if (why !== "first" && store.get("link") === "live" && mayReload(why === "asked")) location.reload();
    else place.replaceChildren(notCome((isAsked) => void come(isAsked ? "asked" : "by itself")));
  };
  void come("first");
  return () => {
    isOver = true;
    leave();
  };
}

/**
 * Returns whether the page may be loaded anew, and takes note that it is: a file that never comes would have it loaded
 * again and again.
 *
 * @param {boolean} isAsked by somebody, who may as often as they like
 */
function mayReload(isAsked) {
  try {
    const may = isAsked || !(Date.now() - Number(sessionStorage.getItem(RELOADED)) < RELOADS_EVERY_MS);
    if (may) sessionStorage.setItem(RELOADED, String(Date.now()));
    return may;
  } catch {
    // A browser that keeps nothing.
    return isAsked;
  }
}

/** @param {(isAsked: boolean) => void} again */
function notCome(again) {
  let isTold = false;
  /** @param {boolean} isAsked */
  const retry = (isAsked) => {
    if (isTold) return;
    isTold = true;
    forget();
    again(isAsked);
  };
  const box = h("div", { class: "log-trouble", role: "alert" },
    h("p", {}, say("page.not_opened")), button({ class: "button button-small" }, say("common.try_again"), () => retry(true)));
  // Comes by itself with the hub, as long as somebody waits for it.
  const forget = store.watch(["link"], () => {
    if (!box.isConnected) forget();
    else if (store.get("link") === "live") retry(false);
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
