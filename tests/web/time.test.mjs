import assert from "node:assert/strict";
import { test } from "node:test";

import {
  countdown, dayKey, dayLine, inHowLong, minutesAndSeconds, spokenLength, when,
} from "../../web/js/time.js";

const NOON = Date.UTC(2026, 4, 12, 12) / 1000;
const HOUR = 3600;

test("a length counts up to whole seconds and is never 0:00 for a sound", () => {
  assert.equal(minutesAndSeconds(0), "0:00");
  assert.equal(minutesAndSeconds(400), "0:01");
  assert.equal(minutesAndSeconds(40_000), "0:40");
  assert.equal(minutesAndSeconds(40_020), "0:40", "a frame of rounding is not another second");
  assert.equal(minutesAndSeconds(61_500), "1:02");
});

test("the countdown starts at all of it and ends at nothing", () => {
  assert.equal(countdown(40_000), "40 s left");
  assert.equal(countdown(39_999), "40 s left");
  assert.equal(countdown(1), "1 s left");
  assert.equal(countdown(0), "0 s left");
  assert.equal(countdown(-20), "0 s left");
});

test("a length is spoken in words", () => {
  assert.equal(spokenLength(0), "0 seconds");
  assert.equal(spokenLength(1000), "1 second");
  assert.equal(spokenLength(125_000), "2 minutes 5 seconds");
  assert.equal(spokenLength(60_000), "1 minute");
});

test("day lines name today, yesterday and then the date", () => {
  assert.equal(dayLine(NOON, NOON + 2 * HOUR), "Today");
  assert.equal(dayLine(NOON - 24 * HOUR, NOON), "Yesterday");
  assert.match(dayLine(NOON - 3 * 24 * HOUR, NOON), /Saturday.*9/);
  assert.match(dayLine(NOON - 400 * 24 * HOUR, NOON), /2025/);
});

test("times of one day share a key and others do not", () => {
  assert.equal(dayKey(NOON), dayKey(NOON + HOUR));
  assert.notEqual(dayKey(NOON), dayKey(NOON + 24 * HOUR));
});

test("a time carries its date unless it is today", () => {
  assert.match(when(NOON, NOON + HOUR), /^\d{1,2}:\d\d/);
  assert.match(when(NOON - 48 * HOUR, NOON), /10 May|May 10/);
});

test("the next try is said as people say it", () => {
  assert.equal(inHowLong(NOON + 1, NOON), "in a moment");
  assert.equal(inHowLong(NOON - 30, NOON), "in a moment");
  assert.equal(inHowLong(NOON + 45, NOON), "in 45 seconds");
  assert.equal(inHowLong(NOON + 62, NOON), "in 1 minute");
  assert.equal(inHowLong(NOON + 120, NOON), "in 2 minutes");
  assert.equal(inHowLong(NOON + 7200, NOON), "in 2 hours");
});
