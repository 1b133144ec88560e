import assert from "node:assert/strict";
import { test } from "node:test";

import { isAmong } from "../../web/js/views/outbox.js";

const NOW = 1_800_000_000;
const SLOT_MS = 40_000;
let made = 0;

function message(length_ms, changes = {}) {
  made += 1;
  return { id: `i${made}`, kind: "message", mine: true, at: NOW, length_ms, ...changes };
}

const arrived = (items, length_ms, ...choices) =>
  isAmong(items, { kind: "message", take: { length_ms }, since: NOW, before: [], choices }, SLOT_MS);

test("a message that arrived is known by its length", () => {
  assert.ok(arrived([message(2_010)], 2_000, null));
  assert.ok(!arrived([message(2_500)], 2_000, null));
  assert.ok(!arrived([], 2_000, null));
});

test("only what is a message, came since and was not there before counts", () => {
  const old = message(2_000);

  assert.ok(!arrived([message(2_000, { kind: "recording" })], 2_000, null));
  assert.ok(!arrived([message(2_000, { mine: false })], 2_000, null), "somebody else spoke as long");
  assert.ok(!arrived([message(2_000, { at: NOW - 60 })], 2_000, null));
  assert.ok(arrived([message(2_000, { at: NOW - 3 })], 2_000, null), "clocks may differ a little");
  assert.ok(!isAmong([old], { kind: "message", take: { length_ms: 2_000 }, since: NOW, before: [old.id], choices: [null] }, SLOT_MS));
});

test("a sound that was cut arrives as long as a slot", () => {
  assert.ok(arrived([message(SLOT_MS)], 95_000, "cut"));
  assert.ok(!arrived([message(SLOT_MS)], 95_000, null));
  assert.ok(arrived([message(30_000)], 30_000, "cut"), "one that fits is whole");
});

test("a sound that was split arrives as parts of one time, each a little longer or shorter", () => {
  const parts = [message(35_020), message(34_980), message(25_070)];

  assert.ok(arrived(parts, 95_000, "split"));
  assert.ok(!arrived(parts.slice(1), 95_000, "split"), "a part is missing");
  assert.ok(arrived([...parts, message(7_000, { at: NOW + 9 })], 95_000, "split"), "others do not disturb");
});

test("each way in which it was tried counts", () => {
  const parts = [message(35_000), message(35_000), message(25_000)];

  assert.ok(!arrived(parts, 95_000, "cut"));
  assert.ok(arrived(parts, 95_000, "split", "cut"));
});
