// @ts-check

// The live events into the store. The browser reconnects by itself after a broken connection, but not
// after an answer that is no stream (a restarting hub); this does. A stream that ends with its session
// leads to the door.

import { ApiError, EVENTS_URL, onSignedOut, readDoor } from "./api.js";
import { arrive } from "./arrival.js";
import { store } from "./store.js";
import { Stream } from "./stream.js";
import * as sync from "./sync.js";

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8_000;
// A sleeping laptop wakes with a stream that looks open and is dead.
const NAP_MS = 30_000;
// The hub says something at least every 15 s. One beat may be late and one may get lost; a hub that
// lost its power or its network says nothing of it, and a browser waits for hours.
const SILENCE_MS = 40_000;
// Somebody looks at a page that says that the hub is away: a question into nowhere is asked again soon.
const AWAY_PATIENCE_MS = 5_000;
// Who signs in in one tab is somebody else in all of them, which each of them has to hear of.
const STRANGER_MS = 500;

/** What becomes of each event.
 *
 * @type {Record<string, (news: any) => void>}
 */
const TAKE = {
  hello() {
    retryMs = FIRST_RETRY_MS;
    void refresh();
  },
  delivery: sync.takeDelivery,
  toy: sync.takeToy,
  radio: sync.takeRadio,
  meeting: sync.takeMeeting,
  item: (news) => void sync.takeItem(news).catch(() => connect()),
  keys: sync.takeKeys,
  care: () => void sync.refreshCare().catch(() => {}),
  sessions: takeSessions,
  erased: sync.takeErased,
  demo_toy: sync.takeDemoToy,
  beat() {},
};

const stream = new Stream(EVENTS_URL, Object.keys(TAKE), {
  hear(name, news) {
    expectNews();
    TAKE[name]?.(news);
  },
  lose(isOver) {
    lose();
    if (isOver) retryLater();
    void askWhy();
  },
  stranger: () => meetSoon(STRANGER_MS),
});
/** Counts how often it was begun and ended to follow. */
let turn = 0;
let retryMs = FIRST_RETRY_MS;
let timer = 0;
let silence = 0;
let hiddenSince = 0;

/** Follows the hub from here on. */
export function follow() {
  onSignedOut(() => leave());
  void meet();
  addEventListener("online", again);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hiddenSince = Date.now();
    else if (Date.now() - hiddenSince > NAP_MS) again();
  });
  // What is frozen hears nothing: another tab has to.
  document.addEventListener("freeze", () => {
    clearTimeout(silence);
    stream.close();
  });
  document.addEventListener("resume", again);
}

/** Goes to the door, and in if somebody is signed in. Streams cannot tell why they were refused. */
export async function meet() {
  clearTimeout(timer);
  try {
    const { door, me, first } = await arrive(store.get("away") ? AWAY_PATIENCE_MS : undefined);
    store.set("away", false);
    if (!me) {
      leave(door);
      return;
    }
    store.set("me", me);
    store.set("door", door);
    await sync.readEverything(first);
  } catch (error) {
    if (sync.isSignedOut(error)) return;
    if (error instanceof ApiError && error.status === 0) store.set("away", true);
    retryLater();
    return;
  }
  connect();
}

/**
 * Nobody is signed in: what is here stays until somebody is.
 *
 * @param {import("./api.js").Door} door
 */
function leave(door = { ...store.get("door"), state: "signed_out" }) {
  clearTimeout(timer);
  clearTimeout(silence);
  turn += 1;
  stream.close();
  store.set("link", "closed");
  store.set("door", door);
}

/** Something changed that may have brought the hub back. */
function again() {
  if (store.get("door")) connect();
  else void meet();
}

/** Follows the hub anew, and reads what was missed. */
export function connect() {
  if (store.get("door")?.state !== "signed_in") return;
  clearTimeout(timer);
  turn += 1;
  expectNews();
  stream.open(store.get("me").id);
}

/** Begins to wait for the next word of the hub. */
function expectNews() {
  clearTimeout(silence);
  silence = setTimeout(() => {
    lose();
    if (store.get("link") === "lost") connect();
  }, SILENCE_MS);
}

/** A stream ended: with its session, or the hub is away and the browser calls it again by itself. */
async function askWhy() {
  const asked = turn;
  const door = await readDoor().catch(() => null);
  if (turn === asked && door?.state === "signed_out") leave(door);
}

/** Says that the hub is away, unless it is there and refuses. */
function lose() {
  if (store.get("link") !== "closed") store.set("link", "lost");
}

/** The first word of a stream, and the word after a gap: what is here may be old, read it again. */
async function refresh() {
  try {
    await sync.readEverything();
    takeSessions();
    store.set("link", "live");
  } catch (error) {
    if (!sync.isSignedOut(error)) {
      lose();
      retryLater();
    }
  }
}

/** Other browsers signed in, or out: whoever shows them asks which. */
function takeSessions() {
  store.set("sessions", (store.get("sessions") ?? 0) + 1);
}

function retryLater() {
  meetSoon(retryMs);
  retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
}

/** @param {number} ms */
function meetSoon(ms) {
  clearTimeout(timer);
  timer = setTimeout(() => void meet(), ms);
}
