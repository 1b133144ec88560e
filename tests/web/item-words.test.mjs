// What the page knows of a message or recording, in sentences.

import assert from "node:assert/strict";
import { test } from "node:test";

import { itemLines } from "../../web/js/item-words.js";

const NOW = 1_800_000_000;
const ME = "me";
const SCENE = { delivery: null, entries: [], me: ME, child: "Mia", toy: "Bentley", sender: null, sharedWith: [], now: NOW };
const MESSAGE = { kind: "message", at: NOW - 100, mine: false };
const RECORDING = { kind: "recording", at: NOW - 100, mine: false };

const texts = (item, scene) => itemLines(item, { ...SCENE, ...scene }).map(({ text }) => text);
const delivery = (changes) => ({
  state: "queued", tries: 0, send_at: null, heard_at: null, expires_at: NOW + 600, perhaps_heard: false, ...changes,
});
const entry = (deed, at, changes) => ({
  id: 1, at, deed, account: "anna", account_name: "Anna", subject: "ruth", subject_name: "Ruth", item: "i", child: "mia",
  child_name: "Mia", n: null, address: null, device: null, ...changes,
});

test("it begins with who sent it, or what recorded it", () => {
  assert.deepEqual(texts({ ...MESSAGE, mine: true }), ["You sent it"]);
  assert.deepEqual(texts(MESSAGE, { sender: "Ruth" }), ["Ruth sent it"]);
  assert.deepEqual(texts(MESSAGE), ["Somebody sent it"]);
  assert.deepEqual(texts(RECORDING), ["Recorded by Bentley"]);
  assert.deepEqual(texts(RECORDING, { sender: "the tablet" }), ["Recorded on the tablet"]);
});

test("what happened stands in its order, with its time", () => {
  const lines = itemLines(MESSAGE, {
    ...SCENE, sender: "Ruth", delivery: delivery({ state: "heard", heard_at: NOW - 10 }),
    entries: [entry("kept", NOW - 5, { account: ME }), entry("approved", NOW - 50)],
  });

  assert.deepEqual(lines.map(({ at }) => at), [NOW - 100, NOW - 50, NOW - 10, NOW - 5]);
  assert.match(lines[1].text, /^Anna .+Ruth/);
  assert.equal(lines[2].text, "Mia heard it");
  assert.match(lines[3].text, /^You /);
});

test("how it stands comes last: on the toy, perhaps heard, tried, given up when, shared with whom", () => {
  assert.match(texts(MESSAGE, { delivery: delivery({ state: "on_toy" }) })[1], /^Bentley has it/);
  assert.match(texts(MESSAGE, { delivery: delivery({ state: "on_toy" }), toy: "the toy" })[1], /^The toy has it/);
  assert.match(texts(MESSAGE, { delivery: delivery({ state: "on_toy", perhaps_heard: true }) })[1], /^Mia may have heard it/);
  const failed = texts(MESSAGE, { delivery: delivery({ state: "failed", tries: 3, send_at: NOW - 60 }) });
  assert.equal(failed.length, 4);
  assert.match(failed[1], /^Meant to set out: \d/);
  assert.equal(failed[2], "Tries that failed so far: 3");
  assert.match(failed[3], /^If nobody has heard it by \d.+, Hutch gives up$/);
  for (const state of ["heard", "expired", "withdrawn", "declined", "awaiting_approval"]) {
    assert.ok(!texts(MESSAGE, { delivery: delivery({ state }) }).some((text) => /gives up/.test(text)), state);
  }
  assert.equal(texts(RECORDING, { sharedWith: ["Ruth", "Tom"] }).at(-1), "Shared with Ruth and Tom");
});
