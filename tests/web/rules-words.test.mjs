import assert from "node:assert/strict";
import { test } from "node:test";

import { relativeStatus } from "../../web/js/people-words.js";
import { goesWords, quietEndWords, quietTimeWords, untilWords } from "../../web/js/quiet-words.js";
import {
  KEPT_FOR, LOUDNESS, fieldTime, goingWords, loudnessStep, loudnessWords, minuteOf, nightsOf, spanWords, spansOf,
  zoneWords,
} from "../../web/js/rules-words.js";
import { dayOfMonth, timeOfDay, timeOfMinute } from "../../web/js/time.js";
import { deliveryStatus } from "../../web/js/words.js";

const NOW = 1_800_000_000;
const DAY_S = 86_400;
const MORNING = NOW + 8 * 3_600;
const HOURS = { until: MORNING, because: "hours" };
const CLOCK = { until: null, because: "clock" };

function delivery(changes) {
  return {
    id: "d", item: "i", toy: "t", state: "queued", percent: null, reason: null, tries: 0, next_try_at: null,
    queued_at: NOW - 60, heard_at: null, expires_at: NOW + 600, perhaps_heard: false, waits_for: "quiet",
    waits_until: MORNING, ...changes,
  };
}

test("hours over midnight end the next morning", () => {
  const evening = timeOfMinute(19 * 60 + 30);
  assert.equal(spanWords({ from: 19 * 60 + 30, until: 7 * 60 }),
    `${evening} to ${timeOfMinute(7 * 60)} the next morning, 11 hours 30 minutes`);
  assert.equal(spanWords({ from: 13 * 60, until: 15 * 60 }), `${timeOfMinute(13 * 60)} to ${timeOfMinute(15 * 60)}, 2 hours`);
  assert.match(spanWords({ from: 22 * 60, until: 13 * 60 }), /the next day, 15 hours$/);
  assert.match(spanWords({ from: 0, until: 1 }), / 1 minute$/);
});

test("the same hours on several days are one night, and come apart again", () => {
  const from = (weekday) => (weekday === 5 || weekday === 6 ? 1230 : 1170);
  const spans = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, from: from(weekday), until: 420 }));

  const nights = nightsOf(spans);

  const [most, some] = [{ days: [1, 2, 3, 4, 7], from: 1170 }, { days: [5, 6], from: 1230 }];
  assert.deepEqual(nights, [{ ...most, until: 420 }, { ...some, until: 420 }]);
  assert.deepEqual(spansOf(nights), spans);
  assert.deepEqual(nightsOf([]), []);
});

test("what a time field holds is a minute, and nothing is none", () => {
  assert.equal(minuteOf("19:30"), 1170);
  assert.equal(minuteOf("00:00"), 0);
  assert.equal(minuteOf(""), null);
  for (const minute of [0, 61, 1439]) assert.equal(minuteOf(fieldTime(minute)), minute);
});

test("until when it is quiet is a time, or that nobody knows", () => {
  assert.equal(untilWords(HOURS, NOW), `until ${timeOfDay(MORNING)}`);
  assert.equal(quietTimeWords(HOURS, NOW), `It is quiet time until ${timeOfDay(MORNING)}`);
  assert.equal(quietTimeWords(CLOCK, NOW), "It is quiet time until the hub knows how late it is");
  assert.match(untilWords({ until: NOW + 3 * DAY_S, because: "hours" }, NOW), /,/);
});

test("a message that waits for the morning says until when, to everybody", () => {
  const scene = { toy: "Bentley", child: "Mia", now: NOW };
  const end = quietEndWords(MORNING, NOW);
  assert.equal(end, `when quiet hours end at ${timeOfDay(MORNING)}`);
  assert.equal(deliveryStatus(delivery({}), scene).text, `Goes ${end}.`);
  assert.equal(relativeStatus(delivery({}), scene).text, `Goes ${end}.`);
  assert.equal(deliveryStatus(delivery({}), scene).icon, "moon");
  assert.match(deliveryStatus(delivery({ waits_until: null }), scene).text, /once the hub knows how late it is/);
  const failed = deliveryStatus(delivery({ state: "failed", reason: "silent" }), scene);
  assert.equal(failed.text, `Bentley stopped answering. Hutch tries again ${end}.`);
});

test("nobody says that a heart blinks while it is dark", () => {
  const scene = { toy: "Bentley", child: "Mia", now: NOW, quiet: HOURS };
  const there = delivery({ state: "on_toy", waits_for: null, waits_until: null });

  assert.match(deliveryStatus(there, scene).text, /^On Bentley\. Its heart blinks again when quiet hours end/);
  assert.match(relativeStatus(there, scene).text, /blinks again when quiet hours end/);
  assert.match(deliveryStatus(there, { ...scene, quiet: null }).text, /is blinking$/);
});

test("each step of loudness is nearest to itself", () => {
  LOUDNESS.forEach(({ level }, step) => assert.equal(loudnessStep(level), step));
  assert.equal(loudnessStep(0), 0);
  assert.equal(loudnessStep(255), LOUDNESS.length - 2, "louder than any step is not without end");
  assert.equal(loudnessWords(LOUDNESS.length - 1, true), "As by day");
  assert.equal(loudnessWords(LOUDNESS.length - 1, false), "As loud as the toy goes");
});

test("what goes next is told in words, and when", () => {
  const first = NOW + 2 * DAY_S;
  assert.equal(goingWords({ going: 0, first_goes_at: null }, NOW), "Nothing goes within the next 7 days.");
  assert.equal(goingWords({ going: 1, first_goes_at: first }, NOW),
    `1 recording or message goes within the next 7 days, on ${dayOfMonth(first)}. What you keep stays.`);
  assert.equal(goingWords({ going: 3, first_goes_at: NOW }, NOW),
    "3 recordings and messages go within the next 7 days, the first within the hour. What you keep stays.");
  assert.equal(goesWords(first, NOW), `goes on ${dayOfMonth(first)}`);
  assert.equal(goesWords(NOW - 1, NOW), "goes within the hour");
  assert.equal(goesWords(NOW + 8 * DAY_S, NOW), "");
  assert.equal(goesWords(null, NOW), "");
  assert.deepEqual(KEPT_FOR.map(({ days }) => days), [30, 90, 365, null]);
});

test("the clock that hours go by has a place", () => {
  assert.equal(zoneWords("America/New_York"), "By the clock of America/New York, where the hub lives.");
  assert.match(zoneWords(null), /UTC/);
});
