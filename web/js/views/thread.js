// @ts-check

import { hubNow, soundUrl } from "../api.js";
import { announce, button, h, keepingFocus, rest, setText } from "../dom.js";
import { say } from "../language.js";
import { goesOn, nextNew } from "../onward.js";
import { playableFormat } from "../sounding.js";
import { store } from "../store.js";
import { isGuardian, isSignedOut, markPlayed, newAnswers, readThread } from "../sync.js";
import { forgetOlder, readOlder } from "../thread-pages.js";
import { dayKey, dayLine } from "../time.js";
import { errorWords } from "../words.js";
import { bubble } from "./bubble.js";
import { longList } from "./long-list.js";
import { portrait } from "./portrait.js";
import { waiting } from "./waiting.js";

/** @typedef {import("./long-list.js").Row} Row */

// So many views away from the beginning, what was said before is read.
const AHEAD = 3;
// So many views away from the end, there is a way back to it.
const FAR = 1;
const TICK_MS = 1_000;
const GUESSES = { message: 170, recording: 150, day: 24 };

/** A low window scrolls as a whole (css/conversation.css). */
const LOW = matchMedia("(max-height: 599px)");
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Makes what was said, the newest at the bottom.
 *
 * @param {import("../api.js").Child} child
 * @param {{ root: HTMLElement, player: import("../player.js").Player, toyName: string, aside: HTMLElement }} scene `aside`: where there is room to say something
 */
export function thread(child, { root, player, toyName, aside }) {
  const key = `thread/${child.id}`;
  const list = h("ol", { class: "thread", "aria-label": say("talk.voices", { child: child.name, toy: toyName }) });
  const trouble = h("div", { class: "log-trouble", role: "alert", hidden: true });
  const earlier = button({ class: "button button-small earlier" }, say("talk.show_earlier"), () => void older());
  earlier.hidden = true;
  const empty = h("div", { class: "empty", hidden: true },
    h("span", { class: "empty-portrait" }, portrait(child)),
    h("p", { class: "empty-title" }, say("talk.empty")),
    h("p", {}, say(isGuardian() ? "talk.empty_guardian" : "talk.empty_relative", { child: child.name })));
  const back = button({ class: "to-end", icon: "down" }, say("talk.to_newest"), () => toEnd());
  back.hidden = true;
  const wait = waiting(say("talk.reading"));
  // Focusable, so that keys can scroll what holds nothing else to focus.
  const scroller = h("div", {
    class: "log", role: "group", tabindex: "0", "aria-label": say("talk.conversation", { child: child.name }),
  }, earlier, wait, trouble, empty, list);
  const element = h("div", { class: "log-frame" }, scroller, back);
  let newest = "";
  let isNewBelow = false;
  let isShown = false;
  let ahead = 0;

  const make = (/** @type {Row} */ { key: row, kind }) => {
    if (kind !== "day") return bubble(store.get(`item/${row}`), { child, player, leaving });
    const { at } = store.get(`item/${days.get(row)}`);
    const words = h("span", {}, dayLine(at, hubNow()));
    return { element: h("li", { class: "day" }, words), tick: () => setText(words, dayLine(at, hubNow())), forget() {} };
  };
  const moved = () => {
    const { top, end } = rows.away();
    if (rows.isAtEnd()) isNewBelow = false;
    const isFar = isNewBelow || (!rows.isAtEnd() && end > FAR);
    setText(/** @type {Node} */ (back.lastChild), say(isNewBelow ? "talk.new_below" : "talk.to_newest"));
    if (back.hidden === isFar) keepingFocus(element, () => { back.hidden = !isFar; }, () => scroller);
    if (top < AHEAD && isShown && trouble.hidden) ahead ||= setTimeout(() => void older());
  };
  const rows = longList({
    element: list, port: () => (LOW.matches ? root : scroller), ports: [scroller, root], guesses: GUESSES, make, moved,
  });
  const toEnd = () => rows.toEnd();

  /** @type {import("./parting.js").Leaving} */
  const leaving = {
    hidden: new Set(), show: () => { if (isHere) show(); }, place: scroller, aside, finish() {},
    find: (id) => list.querySelector(`[data-item="${CSS.escape(id)}"] .play`),
  };

  /** @type {Map<string, string>} the day lines, each with an item of its day */
  const days = new Map();
  /** @type {Map<string, { day: string, row: Row }>} */
  const known = new Map();
  /** @param {string} id */
  const knownOf = (id) => {
    const { at, kind } = store.get(`item/${id}`);
    const one = { day: dayKey(at), row: { key: id, kind } };
    known.set(id, one);
    return one;
  };
  /**
   * Returns the items in order, with a line wherever a day begins.
   *
   * @param {string[]} ids
   */
  const layOut = (ids) => {
    /** @type {Row[]} */
    const rowsOfAll = [];
    days.clear();
    for (const id of ids) {
      const { day, row } = known.get(id) ?? knownOf(id);
      if (!days.has(day)) {
        days.set(day, id);
        rowsOfAll.push({ key: day, kind: "day" });
      }
      rowsOfAll.push(row);
    }
    return rowsOfAll;
  };

  const show = () => {
    /** @type {import("../sync.js").Thread | undefined} */
    const talk = store.get(key);
    if (!talk) return;
    wait.remove();
    trouble.hidden = true;
    const ids = talk.ids.filter((id) => !leaving.hidden.has(id));
    empty.hidden = ids.length > 0;
    earlier.hidden = talk.next === null;
    const latest = talk.ids.at(-1) ?? "";
    const hasGrown = isShown && latest !== "" && latest !== newest && !known.has(latest);
    isShown = true;
    newest = latest;
    isNewBelow ||= hasGrown && !rows.isAtEnd();
    const heard = player.current;
    if (heard !== null && known.has(heard) && !ids.includes(heard)) player.forget(heard);
    rows.take(layOut(ids), talk.next === null);
    if (hasGrown && store.get(`item/${latest}`).kind === "recording") {
      announce(say("talk.answered", { child: child.name }));
      playOwn(latest);
    }
  };

  /**
   * Whoever tries the demo and has just answered for the child hears it without a further press, once.
   *
   * @param {string} id
   */
  const playOwn = (id) => {
    if (store.get("answering") !== child.id) return;
    store.set("answering", null);
    if (store.get("tried")?.listened || store.get("recording")) return;
    const forget = player.listen(id, ({ playing }) => {
      if (!playing) return;
      forget();
      markPlayed(store.get(`item/${id}`));
    });
    player.toggle(id, () => soundUrl(id, playableFormat()));
  };

  /** @param {string} ended what was played to its end */
  const playOn = (ended) => {
    const ids = (store.get(key)?.ids ?? []).filter((/** @type {string} */ id) => !leaving.hidden.has(id));
    const next = nextNew(ended, ids, newAnswers(child.id));
    if (!next || !goesOn() || store.get("recording") || store.get(`item/${ended}`)?.kind !== "recording") return;
    const hadFocus = leaving.find(ended)?.matches(":focus") ?? false;
    player.toggle(next, () => soundUrl(next, playableFormat()));
    markPlayed(store.get(`item/${next}`));
    rows.reveal(next, CALM.matches ? "instant" : "smooth");
    if (hadFocus) leaving.find(next)?.focus({ preventScroll: true });
  };

  /**
   * @param {unknown} error
   * @param {() => Promise<void>} retry
   */
  const complain = (error, retry) => {
    const again = button({ class: "button button-small" }, say("common.try_again"), () => {
      rest(again, true);
      void retry();
    });
    keepingFocus(scroller, () => {
      wait.remove();
      trouble.replaceChildren(h("p", {}, errorWords(error)), again);
      trouble.hidden = false;
      earlier.hidden = true;
    }, () => again);
    rows.settle();
  };
  let reading = false;
  const read = async () => {
    if (reading) return;
    reading = true;
    try {
      await readThread(child.id);
    } catch (error) {
      // What is here already is told of by the strip at the top, and read again by itself.
      if (!isSignedOut(error) && !store.get(key)) complain(error, read);
    }
    reading = false;
  };
  let isGoingBack = false;
  const older = async () => {
    clearTimeout(ahead);
    ahead = 0;
    if (!isHere || isGoingBack || store.get(key)?.next === null) return;
    isGoingBack = true;
    rest(earlier, true);
    try {
      await readOlder(child.id);
    } catch (error) {
      if (!isSignedOut(error) && isHere) complain(error, older);
    }
    rest(earlier, false);
    isGoingBack = false;
    // They may be few, and the view still near the beginning.
    if (isHere && trouble.hidden) moved();
  };

  let isHere = true;
  const timer = setInterval(() => rows.tick(), TICK_MS);
  const forgetThread = store.watch([key], () => {
    keepingFocus(scroller, show, () => (earlier.hidden ? scroller : earlier));
  });
  const forgetEnds = player.whenEnded(playOn);
  const forgetLink = store.watch(["link"], () => {
    if (store.get("link") === "live" && !store.get(key)) void read();
  });
  show();
  void read();
  return {
    element,
    toEnd,
    forget: () => {
      isHere = false;
      leaving.finish();
      clearInterval(timer);
      forgetThread();
      forgetEnds();
      forgetLink();
      rows.forget();
      forgetOlder(child.id);
    },
  };
}
