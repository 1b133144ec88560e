import assert from "node:assert/strict";
import { test } from "node:test";

import { Player } from "../../web/js/player.js";
import { SPEEDS, chooseSpeed, chosenSpeed, nextSpeed, speedWords } from "../../web/js/speed.js";

/** Keeps what a browser would, for one test. */
function browser(t, kept = new Map()) {
  const before = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  t.after(() => (before ? Object.defineProperty(globalThis, "localStorage", before) : delete globalThis.localStorage));
  const value = { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text) };
  Object.defineProperty(globalThis, "localStorage", { value, configurable: true });
  return kept;
}

test("one tap makes it faster, and after the fastest comes the slowest", () => {
  let speed = 1;
  const heard = SPEEDS.map(() => { speed = nextSpeed(speed); return speed; });

  assert.deepEqual(heard, [1.25, 1.5, 2, 0.75, 1]);
  assert.equal(speedWords(1.25), "1.25×");
});

test("a device remembers its speed, and no other figure", (t) => {
  const kept = browser(t);
  assert.equal(chosenSpeed(), 1);
  chooseSpeed(1.5);
  assert.equal(chosenSpeed(), 1.5);
  for (const text of ["17", "0", "fast", ""]) {
    kept.set("hutch-speed", text);
    assert.equal(chosenSpeed(), 1, text);
  }
});

test("where nothing may be kept, sounds are played at their own speed", (t) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  t.after(() => (before ? Object.defineProperty(globalThis, "localStorage", before) : delete globalThis.localStorage));
  Object.defineProperty(globalThis, "localStorage", { get() { throw new Error("denied"); }, configurable: true });

  chooseSpeed(2);

  assert.equal(chosenSpeed(), 1);
});

test("a player keeps its speed from one sound to the next, and the pitch with it", (t) => {
  globalThis.cancelAnimationFrame = () => {};
  t.after(() => delete globalThis.cancelAnimationFrame);
  const element = Object.assign(new EventTarget(), { defaultPlaybackRate: 1, playbackRate: 1, preservesPitch: false });
  const player = new Player(element, 0.75);
  assert.deepEqual([element.defaultPlaybackRate, element.playbackRate, element.preservesPitch], [0.75, 0.75, true]);

  player.speed = 2;

  assert.deepEqual([player.speed, element.defaultPlaybackRate, element.playbackRate], [2, 2, 2]);
});
