// Playing on by itself: to what, and whether at all.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Player } from "../../web/js/player.js";
import { nextNew } from "../../web/js/onward.js";

let n = 0;
/** Loads the module as a new visit does. */
const visit = () => import(`../../web/js/onward.js?visit=${n += 1}`);

/** Keeps what a browser would, for one test. */
function browser(t, storage) {
  const before = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  t.after(() => (before ? Object.defineProperty(globalThis, "localStorage", before) : delete globalThis.localStorage));
  Object.defineProperty(globalThis, "localStorage", { ...storage, configurable: true });
}

test("the next one that is new is played, and nothing before it", () => {
  const ids = ["a", "b", "c", "d"];

  assert.equal(nextNew("a", ids, ["d", "c"]), "c");
  assert.equal(nextNew("c", ids, ["b", "d"]), "d");
  assert.equal(nextNew("d", ids, ["b"]), null);
  assert.equal(nextNew("a", ids, []), null);
  assert.equal(nextNew("elsewhere", ids, ["a"]), null);
});

test("it goes on unless somebody said otherwise, and the device remembers", async (t) => {
  const kept = new Map();
  const getItem = (key) => kept.get(key) ?? null;
  const setItem = (key, text) => kept.set(key, text);
  browser(t, { value: { getItem, setItem, removeItem: (key) => kept.delete(key) } });
  const first = await visit();
  assert.equal(first.goesOn(), true);
  first.chooseToGoOn(false);
  assert.equal(first.goesOn(), false);

  const second = await visit();
  assert.equal(second.goesOn(), false);
  second.chooseToGoOn(true);
  assert.equal(kept.size, 0);
  assert.equal((await visit()).goesOn(), true);
});

test("where nothing may be kept, it holds for the visit", async (t) => {
  browser(t, { get() { throw new Error("denied"); } });
  const { chooseToGoOn, goesOn } = await visit();
  assert.equal(goesOn(), true);

  chooseToGoOn(false);

  assert.equal(goesOn(), false);
});

test("a player tells what ended, and nothing to who no longer listens", (t) => {
  globalThis.cancelAnimationFrame = () => {};
  t.after(() => delete globalThis.cancelAnimationFrame);
  const element = Object.assign(new EventTarget(), { paused: true, pause() {}, play: async () => {} });
  const player = new Player(element);
  const ended = [];
  const forget = player.whenEnded((id) => ended.push(id));
  element.dispatchEvent(new Event("ended"));
  player.toggle("a", () => "");
  element.dispatchEvent(new Event("pause"));
  assert.deepEqual(ended, []);

  element.dispatchEvent(new Event("ended"));
  forget();
  element.dispatchEvent(new Event("ended"));

  assert.deepEqual(ended, ["a"]);
});
