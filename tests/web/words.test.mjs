import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  ACTION_WORDS, adviceWords, deliveryStatus, errorWords, failureWords, microphoneWords, presenceWords,
  toyStateWords, tooLongWords, unsentWords,
} from "../../web/js/words.js";
import { hint, lessons } from "../../web/js/coach.js";

const NOW = 1_800_000_000;
const NAMES = { toy: "Bentley", child: "Mia", now: NOW };
// The words come from where the hub has them, so that a new one cannot be forgotten here.
const [STATE_WORDS, FAILURE_WORDS] = readFileSync(new URL("../../src/model/delivery.rs", import.meta.url), "utf8")
  .split("impl Failure")
  .map((part) => [...part.matchAll(/=> "(\w+)"/g)].map(([, word]) => word));
const CODES = [...readFileSync(new URL("../../src/http/code.rs", import.meta.url), "utf8")
  .matchAll(/^ {4}\w+ = \d{3} "(\w+)",$/gm)].map(([, word]) => word);
const STATES = [...STATE_WORDS, "sending"];
const FAILURES = FAILURE_WORDS;

function delivery(changes) {
  return {
    id: "d", item: "i", toy: "t", state: "queued", percent: null, reason: null, tries: 0, next_try_at: null,
    queued_at: NOW - 60, heard_at: null, expires_at: NOW + 600, perhaps_heard: false, waits_for: null, ...changes,
  };
}

const DEMO = {
  id: "t", character: "bear", awake: true, connected: true, state: "idle", led: { mode: "off", period_ms: 0 },
  volume: 200, playing_ms: null, has_message: false, has_recording: false,
};

test("the words of the model are found", () => {
  assert.equal(STATES.length, 10);
  assert.equal(FAILURES.length, 7);
  assert.ok(CODES.length > 60 && CODES.includes("bad_query") && CODES.includes("internal"));
});

test("every state of a delivery has a sentence, a sign and a tone of its own", () => {
  const texts = new Set();
  for (const state of STATES) {
    const status = deliveryStatus(delivery({ state }), NAMES);

    assert.ok(status.text.length > 5, state);
    assert.doesNotMatch(status.text, /undefined|null|reload/i, state);
    assert.ok(status.icon && status.tone, state);
    texts.add(status.text);
  }
  assert.equal(texts.size, STATES.length);
});

test("a state from a newer hub says so instead of nothing", () => {
  assert.match(deliveryStatus(delivery({ state: "teleported" }), NAMES).text, /Reload the page/);
});

test("every failure has a sentence of its own, which names the toy if it is the toy's", () => {
  const texts = FAILURES.map((reason) => failureWords(reason, "Bentley"));

  assert.equal(new Set(texts).size, FAILURES.length);
  FAILURES.forEach((reason, index) => {
    assert.match(texts[index], reason === "damaged" ? /^Hutch.*\.$/ : /Bentley.*\.$/);
  });
});

test("a message that is lost can only be recorded again", () => {
  const status = deliveryStatus(delivery({ state: "failed", reason: "damaged" }), NAMES);

  assert.equal(status.text, "Hutch can no longer read this message. Record it again.");
  assert.deepEqual(status.actions, ["withdraw"]);
  assert.ok(!status.advice);
  const advice = hint({
    demo: DEMO, delivery: delivery({ state: "failed", reason: "damaged" }), tried: {}, recording: false, names: NAMES,
  });
  assert.equal(advice, status.text);
});

test("a failed delivery says when the next try is, offers one now and tells what to do", () => {
  const status = deliveryStatus(delivery({ state: "failed", reason: "key_refused", next_try_at: NOW + 120 }), NAMES);

  assert.equal(status.text, "Bentley did not take it. Hutch tries again in 2 minutes.");
  assert.deepEqual(status.actions, ["retry", "withdraw"]);
  assert.ok(status.advice);
  assert.ok(adviceWords("Bentley").length > 2);
});

test("a queued message says what it waits for", () => {
  const text = (waits_for, presence) => deliveryStatus(delivery({ waits_for }), { ...NAMES, presence }).text;
  assert.equal(text("toy_of_theirs", "awake"), "Waits until Mia has a toy again.");
  assert.equal(text("guardian", "awake"), "Waits until a parent signs in again, since the backup was restored.");

  for (const presence of [undefined, "asleep", "unreachable"]) {
    assert.equal(text("toy", presence), "Waiting for Bentley to wake up. Squeeze a paw and it goes.");
  }
  for (const presence of ["awake", "connecting"]) assert.equal(text("toy", presence), "Next in line for Bentley");
  assert.match(text("toy", "no_room"), /holds as many toys as it can/);
  assert.match(text("previous", "awake"), /once Mia has heard the one before/);
  assert.match(text(null), /Next in line/);
});

test("sending tells how far it is, and no percent yet is none", () => {
  assert.equal(deliveryStatus(delivery({ state: "sending", percent: 40 }), NAMES).text, "On its way to Bentley, 40 %");
  assert.equal(deliveryStatus(delivery({ state: "sending" }), NAMES).text, "On its way to Bentley, 0 %");
});

test("on the toy is the heart, and perhaps heard is said as perhaps", () => {
  assert.equal(deliveryStatus(delivery({ state: "on_toy" }), NAMES).text, "Bentley’s heart is blinking");
  assert.match(deliveryStatus(delivery({ state: "on_toy", perhaps_heard: true }), NAMES).text, /^Perhaps heard/);
});

test("heard says when", () => {
  assert.match(deliveryStatus(delivery({ state: "heard", heard_at: NOW - 5 }), NAMES).text, /^Mia heard it, \d/);
  assert.equal(deliveryStatus(delivery({ state: "heard" }), NAMES).text, "Mia heard it");
});

test("what has ended offers nothing more", () => {
  for (const state of ["heard", "expired", "withdrawn"]) {
    assert.deepEqual(deliveryStatus(delivery({ state }), NAMES).actions, [], state);
  }
});

test("what waits for a guardian is decided on, and what was declined can still go", () => {
  const waiting = deliveryStatus(delivery({ state: "awaiting_approval" }), NAMES);
  const declined = deliveryStatus(delivery({ state: "declined" }), { ...NAMES, sender: "Ruth" });

  assert.deepEqual(waiting.actions, ["approve", "decline"]);
  assert.equal(waiting.text, "Waits for you: Mia hears it once you let it through.");
  assert.deepEqual(declined.actions, ["approve"]);
  assert.equal(declined.text, "Declined. Ruth sees “Not delivered”.");
});

test("every action has words", () => {
  for (const { words, icon } of Object.values(ACTION_WORDS)) assert.ok(words && icon);
});

test("every presence has words", () => {
  const words = ["asleep", "connecting", "awake", "unreachable", "no_room"].map((one) => presenceWords("Bentley", one));

  assert.equal(new Set(words).size, 5);
  assert.equal(presenceWords("Bentley", undefined), "Bentley");
});

test("a simulated toy says what it is doing", () => {
  assert.equal(toyStateWords({ ...DEMO, awake: false }), "asleep");
  assert.equal(toyStateWords(DEMO), "awake");
  assert.equal(toyStateWords({ ...DEMO, led: { mode: "blink", period_ms: 500 } }), "heart blinking");
  assert.equal(toyStateWords({ ...DEMO, state: "playback" }), "talking");
});

test("every code of the hub has a sentence of the page", () => {
  const body = { length_ms: 41_000, slot_ms: 40_000, limit: 5, retry_after_s: 60, encoding: "WMA", kind: "HEIC" };
  const general = errorWords({ code: "unknown" });
  for (const code of CODES) {
    const text = errorWords({ code, message: "the hub says it in English", body });

    assert.match(text, /^[A-Z\d].*[.?]$/, code);
    assert.notEqual(text, general, code);
    assert.doesNotMatch(text, new RegExp(`in English|undefined|null|NaN|[{}]|\\(${code}\\)`), code);
  }
});

test("errors are sentences, and only of what is new to the page the code", () => {
  assert.match(errorWords({ code: "no_answer", message: "x" }), /not answering/);
  assert.match(errorWords({ code: "bad_sound", message: "the file has no sound" }), /^Hutch cannot use this sound/);
  assert.equal(errorWords({ code: "message_too_long", body: { length_ms: 41_000, slot_ms: 40_000 } }),
    "The message lasts 41 seconds, and the toy keeps 40 seconds at a time. Let Hutch cut it or split it.");
  assert.equal(errorWords({ code: "try_later", body: { retry_after_s: 120 } }),
    "Too many tries. You can try again in 2 minutes.");
  assert.equal(errorWords({ code: "moon_too_full", message: "The moon is too full." }),
    "Hutch did not do that (moon_too_full). Reload the page and try again.");
  assert.equal(errorWords({ code: "unknown", message: "" }), "Something went wrong. Please try again.");
  assert.equal(errorWords(new TypeError("x is not a function")), "Something went wrong. Please try again.");
});

test("only who sends hears that the recording is still here", () => {
  assert.equal(errorWords({ code: "no_answer" }), "Hutch is not answering.");
  assert.equal(unsentWords({ code: "no_answer" }), "Hutch is not answering. Your recording is still here.");
  assert.equal(unsentWords({ code: "stopped", message: "Sending was stopped." }),
    "Sending was stopped. Your recording is still here.");
  assert.match(unsentWords({ code: "bad_sound", message: "the file has no sound" }), /^Hutch cannot .*another file\.$/);
});

test("each reason for a missing microphone has words of its own and a way out", () => {
  const titles = new Set();
  for (const reason of ["insecure", "refused", "missing", "busy", "unloaded", "other"]) {
    const { title, text, steps } = microphoneWords(reason, { origin: "http://hutch.local" });

    assert.ok(title && text, reason);
    assert.ok(Array.isArray(steps), reason);
    titles.add(title);
  }
  assert.equal(titles.size, 6);
  assert.match(microphoneWords("insecure", { origin: "http://hutch.local" }).steps[0], /https:\/\/hutch\.local/);
  assert.match(microphoneWords("unloaded", { origin: "" }).text, /did not answer/);
});

test("a long sound is offered whole in parts, or its beginning", () => {
  const words = tooLongWords({ length_ms: 95_000, slot_ms: 40_000, longest_ms: Infinity }, "Bentley");

  assert.equal(words.text, "This sound is 1:35 long. Bentley can hold 40 seconds.");
  assert.equal(words.cut, "Send the first 40 seconds");
  assert.equal(words.split, "Send all of it, in parts");
});

test("of a sound that is longer than what goes at once, only the beginning is offered", () => {
  const words = (length_ms) => tooLongWords({ length_ms, slot_ms: 40_000, longest_ms: 600_000 }, "Bentley");

  assert.equal(words(600_000).split, "Send all of it, in parts");
  assert.equal(words(600_001).split, null);
  assert.equal(words(720_000).text,
    "This sound is 12:00 long. Bentley can hold 40 seconds, and Hutch sends at most 10 minutes at once.");
});

test("no sentence shouts or talks shop", () => {
  const all = [
    ...STATES.map((state) => deliveryStatus(delivery({ state }), NAMES).text),
    ...FAILURES.map((reason) => failureWords(reason, "Bentley")),
    ...adviceWords("Bentley"),
  ];
  for (const text of all) assert.doesNotMatch(text, /!|GATT|device|error|invalid|timeout/i, text);
});

test("the coach leads through the loop, one step at a time", () => {
  const names = { child: "Mia", toy: "Bentley" };
  const say = (changes) => hint({ demo: DEMO, delivery: null, tried: {}, recording: false, names, ...changes });

  assert.match(say({}), /Say something to Mia/);
  assert.match(say({ delivery: delivery({}), demo: { ...DEMO, awake: false } }), /Squeeze a paw to wake it up/);
  assert.match(say({ delivery: delivery({ state: "sending" }) }), /on its way/);
  assert.match(say({ delivery: delivery({ state: "on_toy" }) }), /Squeeze the blue paw/);
  assert.match(say({ demo: { ...DEMO, state: "playback" } }), /what Mia hears/);
  assert.match(say({ tried: { said: true, heard: true } }), /Now answer as Mia/);
  assert.match(say({ tried: { said: true, heard: true, answered: true } }), /Press play/);
  assert.match(say({ tried: { said: true, heard: true, answered: true, listened: true } }), /one round/);
});

test("lessons tick off what was tried", () => {
  const done = lessons({ said: true, heard: true }, { child: "Mia", toy: "Bentley" }).map((lesson) => lesson.done);

  assert.deepEqual(done, [true, true, false, false]);
});

test("what may not be done says whom to ask, and when", () => {
  const refusal = (code, body) => errorWords({ code, message: "no", body });

  assert.equal(refusal("blocked"), "A guardian has paused this account. Ask them.");
  assert.match(refusal("not_allowed"), /guardians/);
  assert.match(refusal("not_granted"), /“People”/);
  assert.equal(refusal("no_children"), "Choose at least one child.");
  assert.equal(refusal("daily_limit", { limit: 5, retry_after_s: 7_200 }),
    "5 messages a day are agreed, and today’s are sent. The next one can go in 2 hours.");
  assert.equal(refusal("daily_limit"), "Today’s messages are sent. The next one can go tomorrow.");
  assert.match(unsentWords({ code: "daily_limit", body: { limit: 1, retry_after_s: 60 } }),
    /^1 message a day is agreed, and today’s is sent\. .* Your recording is still here\.$/);
});
