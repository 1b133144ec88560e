// @ts-check

import { hubNow } from "../api.js";
import { announce, button, h, icon, keepingFocus, rest, setText } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { isGuardian, isSignedOut, readOlder, readThread, refreshChildren } from "../sync.js";
import { dayKey, dayLine } from "../time.js";
import { errorWords } from "../words.js";
import { childLine } from "./child-line.js";
import { bubble } from "./bubble.js";
import { composer } from "./composer.js";
import { portrait } from "./portrait.js";
import { toyStage } from "./toy.js";
import { waiting } from "./waiting.js";

/** @typedef {import("../api.js").Child} Child */

// Closer than this to the end counts as reading the newest.
const NEAR_PX = 80;
const TICK_MS = 1_000;

/**
 * Shows the conversation with one child.
 *
 * @param {HTMLElement} root
 * @param {{ child: Child, player: import("../player.js").Player, moved: boolean }} scene
 * @returns {() => void} cleanup
 */
export function conversation(root, { child, player, moved }) {
  const toys = child.toys.map((id) => store.get(`toy/${id}`)).filter(Boolean);
  const toyName = isGuardian() ? toys[0]?.name ?? say("common.the_toy") : say("common.toy_of", { child: child.name });
  root.setAttribute("aria-label", child.name);

  const title = h("h2", { tabindex: "-1" }, child.name);
  const presence = h("p", { class: "room-presence" });
  const head = h("header", { class: "room-head" },
    h("a", { class: "back", href: "#/", "aria-label": say("common.back_to_children") }, icon("back")),
    portrait(child), h("div", { class: "room-names" }, title, presence));
  if (isGuardian()) {
    head.append(h("a", {
      class: "back room-change", href: `#/change-child/${child.id}`,
      "aria-label": say("child.change", { child: child.name }),
    }, icon("edit")));
  }
  const showPresence = () => setText(presence, childLine(child));
  showPresence();

  const log = thread(child, { player, toyName });
  const sent = () => {
    log.toEnd();
    // One message less today.
    if (child.grant) void refreshChildren().catch(() => {});
  };
  const voice = composer({ to: () => [child], draft: child.id, toyName: () => toyName, player, sent });
  root.append(head);
  const forgets = [
    store.watch(["children", ...toys.flatMap(({ id }) => [`presence/${id}`, `toy/${id}`])], showPresence),
    log.forget, voice.forget,
  ];
  const stages = toys
    .filter((toy) => store.get(`demo/${toy.id}`))
    .map((toy) => toyStage({ child, toy }));
  if (isGuardian() && child.toys.length === 0) {
    root.append(h("div", { class: "no-toy" },
      h("p", {}, say("talk.no_toy", { child: child.name })),
      h("a", { class: "button button-small", href: "#/toys/adopt" }, icon("plus"), h("span", {}, say("adopt.title")))));
  }
  if (stages.length > 0) {
    const stand = h("div", { class: "stages" }, ...stages.map((stage) => stage.element));
    const fold = button({ class: "fold", icon: toys[0].character }, say("talk.hide_toy"), () => {
      stand.hidden = !stand.hidden;
      fold.setAttribute("aria-expanded", String(!stand.hidden));
      setText(/** @type {Node} */ (fold.lastChild), stand.hidden ? say("talk.show_toy") : say("talk.hide_toy"));
      fold.classList.toggle("is-folded", stand.hidden);
    });
    fold.setAttribute("aria-expanded", "true");
    head.append(fold);
    root.append(stand);
    forgets.push(...stages.map((stage) => stage.forget));
  }
  root.append(log.element, voice.element);
  voice.acceptDrops(root);
  if (moved) title.focus({ preventScroll: true });
  return () => { for (const forget of forgets) forget(); };
}

/**
 * @param {Child} child
 * @param {{ player: import("../player.js").Player, toyName: string }} scene
 */
function thread(child, { player, toyName }) {
  const key = `thread/${child.id}`;
  /** @type {Map<string, ReturnType<typeof bubble>>} */
  const bubbles = new Map();
  const list = h("ol", { class: "thread" });
  const trouble = h("div", { class: "log-trouble", role: "alert", hidden: true });
  const earlier = button({ class: "button button-small earlier" }, say("talk.show_earlier"), () => void older());
  earlier.hidden = true;
  const empty = h("div", { class: "empty", hidden: true },
    h("span", { class: "empty-portrait" }, portrait(child)),
    h("p", { class: "empty-title" }, say("talk.empty")),
    h("p", {}, say(isGuardian() ? "talk.empty_guardian" : "talk.empty_relative", { child: child.name })));
  const unread = button({ class: "to-end", icon: "down" }, say("talk.new_below"), () => toEnd());
  unread.hidden = true;
  const wait = waiting(say("talk.reading"));
  // Focusable, so that keys can scroll what holds nothing else to focus.
  const scroller = h("div", {
    class: "log", role: "group", tabindex: "0", "aria-label": say("talk.conversation", { child: child.name }),
  }, earlier, wait, trouble, empty, list);
  const element = h("div", { class: "log-frame" }, scroller, unread);
  let atEnd = true;
  let shown = false;

  const toEnd = () => {
    atEnd = true;
    unread.hidden = true;
    scroller.scrollTop = scroller.scrollHeight;
  };
  scroller.addEventListener("scroll", () => {
    atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
    if (atEnd) unread.hidden = true;
  }, { passive: true });
  // States, the composer and the window change heights; who reads the end stays at the end.
  const sizes = new ResizeObserver(() => { if (atEnd) scroller.scrollTop = scroller.scrollHeight; });
  sizes.observe(list);
  sizes.observe(scroller);

  const show = () => {
    /** @type {import("../sync.js").Thread | undefined} */
    const known = store.get(key);
    if (!known) return;
    wait.remove();
    trouble.hidden = true;
    empty.hidden = known.ids.length > 0;
    earlier.hidden = known.next === null;
    const first = !shown;
    shown = true;
    const newest = known.ids.at(-1) ?? "";
    const hasGrown = !first && newest !== "" && !bubbles.has(newest);
    const before = { height: scroller.scrollHeight, top: scroller.scrollTop };
    for (const [id, old] of bubbles) {
      if (known.ids.includes(id)) continue;
      old.forget();
      player.forget(id);
      bubbles.delete(id);
    }
    const nodes = layOut(known.ids, (id) => {
      const made = bubbles.get(id) ?? bubble(store.get(`item/${id}`), { child, player });
      bubbles.set(id, made);
      return made.element;
    });
    place(list, nodes);
    if (first || atEnd) {
      toEnd();
    } else if (hasGrown) {
      unread.hidden = false;
    } else {
      // What was put above must not push away what is being read.
      scroller.scrollTop = before.top + scroller.scrollHeight - before.height;
    }
    if (hasGrown && store.get(`item/${newest}`).kind === "recording") {
      announce(say("talk.answered", { child: child.name }));
    }
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
  const older = async () => {
    rest(earlier, true);
    try {
      await readOlder(child.id);
    } catch (error) {
      if (!isSignedOut(error)) complain(error, older);
    }
    rest(earlier, false);
  };

  const timer = setInterval(() => { for (const one of bubbles.values()) one.tick(); }, TICK_MS);
  const forgetThread = store.watch([key], () => {
    keepingFocus(scroller, show, () => (earlier.hidden ? scroller : earlier));
  });
  const forgetLink = store.watch(["link"], () => {
    if (store.get("link") === "live" && !store.get(key)) void read();
  });
  show();
  void read();
  list.setAttribute("aria-label", say("talk.voices", { child: child.name, toy: toyName }));
  return {
    element,
    toEnd,
    forget: () => {
      clearInterval(timer);
      sizes.disconnect();
      forgetThread();
      forgetLink();
      for (const one of bubbles.values()) one.forget();
    },
  };
}

/**
 * Returns the bubbles in order, with a line wherever a day begins.
 *
 * @param {string[]} ids
 * @param {(id: string) => HTMLElement} elementOf
 */
function layOut(ids, elementOf) {
  const nodes = [];
  let day = "";
  for (const id of ids) {
    const { at } = store.get(`item/${id}`);
    if (dayKey(at) !== day) {
      day = dayKey(at);
      nodes.push(h("li", { class: "day" }, h("span", {}, dayLine(at, hubNow()))));
    }
    nodes.push(elementOf(id));
  }
  return nodes;
}

/**
 * Makes these the children of a list, leaving alone what is in its place already: an element that
 * is moved loses its focus.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement[]} nodes
 */
function place(list, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...list.children]) if (!wanted.has(/** @type {HTMLElement} */ (node))) node.remove();
  nodes.forEach((node, index) => {
    const there = list.children[index] ?? null;
    if (there !== node) list.insertBefore(node, there);
  });
}
