import assert from "node:assert/strict";
import { test } from "node:test";

import { Microphone } from "../../web/js/audio.js";

/**
 * Stands in for a browser whose answers a test gives: `grant` is the person's, `load` the hub's.
 *
 * @param {import("node:test").TestContext} t
 */
function browser(t) {
  const answers = { closed: 0 };
  const promise = (name) => new Promise((resolve, reject) => { answers[name] = { resolve, reject }; });
  const granted = promise("grant");
  const loaded = promise("load");
  class AudioContext {
    state = "running";
    audioWorklet = { addModule: () => loaded };
    addEventListener() {}
    resume() { return Promise.resolve(); }
    close() {
      answers.closed += 1;
      return Promise.resolve();
    }
  }
  const stubs = {
    AudioContext, isSecureContext: true, addEventListener() {}, removeEventListener() {},
    navigator: { mediaDevices: { getUserMedia: () => granted } },
  };
  for (const [name, value] of Object.entries(stubs)) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    t.after(() => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name]));
  }
  return answers;
}

/** A stream that counts how often it was stopped. */
function stream() {
  const track = { stopped: 0, stop() { track.stopped += 1; } };
  return { track, getTracks: () => [track] };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

test("a microphone that is granted after the recorder failed to load is given back", async (t) => {
  const answers = browser(t);
  const { grant, load } = answers;
  const late = stream();
  const opening = Microphone.open(() => {});

  load.reject(Object.assign(new Error("no"), { name: "AbortError" }));
  await assert.rejects(opening, { reason: "unloaded" });
  assert.equal(late.track.stopped, 0);
  grant.resolve(late);
  await settled();

  assert.equal(late.track.stopped, 1);
  assert.equal(answers.closed, 1);
});

test("a microphone that was granted before is given back, too", async (t) => {
  const { grant, load } = browser(t);
  const early = stream();
  const opening = Microphone.open(() => {});

  grant.resolve(early);
  await settled();
  load.reject(new TypeError("the hub is away"));
  await assert.rejects(opening, { reason: "unloaded" });
  await settled();

  assert.equal(early.track.stopped, 1);
});

test("a hub that never answers fails to load the recorder after ten seconds", async (t) => {
  browser(t);
  const timers = [];
  t.mock.method(globalThis, "setTimeout", (act, ms) => timers.push({ act, ms }));
  const opening = Microphone.open(() => {});

  for (const { act } of timers.filter(({ ms }) => ms <= 10_000)) act();

  await assert.rejects(opening, { reason: "unloaded" });
});

for (const [name, reason] of [["NotAllowedError", "refused"], ["NotFoundError", "missing"], ["NotReadableError", "busy"]]) {
  test(`a microphone is ${reason} when the browser says ${name}`, async (t) => {
    const { grant, load } = browser(t);
    const opening = Microphone.open(() => {});

    load.resolve();
    grant.reject(Object.assign(new Error("no"), { name }));

    await assert.rejects(opening, { reason });
  });
}
