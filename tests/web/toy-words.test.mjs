import assert from "node:assert/strict";
import { test } from "node:test";

import {
  STILL_OURS, foundWords, heardWords, markWords, meetingTrouble, retireWords, signalLevel,
  slotWords, strangerWords, toyState, volumeNote, volumeStep, whoseWords, whyNotPlayed,
} from "../../web/js/toy-words.js";
import { guardTrouble, radioTrouble } from "../../web/js/toy-troubles.js";
import { deliveryStatus } from "../../web/js/words.js";
import { FakeToys } from "./fake-toys.mjs";

const BENTLEY = { id: "t", name: "Bentley", character: "bear", child: "mia", presence: "asleep", volume: null };
const JARGON = /gatt|d-bus|dbus|identifier|firmware|address|baseline|daemon|rssi|dbm|link_|null|undefined/i;

/** Asserts that something is told to the end, and in words that a parent knows. */
function assertPlain({ title, text, steps }) {
  for (const sentence of [title, text, ...steps]) {
    assert.match(sentence, /^[A-Z].*[.?]$/, sentence);
    assert.doesNotMatch(sentence, JARGON);
    assert.doesNotMatch(sentence, /!/);
  }
}

test("whatever is wrong with Bluetooth has a sentence, and a way on", () => {
  for (const state of ["unused", "no_bus", "denied", "no_daemon", "no_adapter", "off", "stuck", "a word of later"]) {
    const trouble = radioTrouble(state);
    assertPlain(trouble);
    assert.ok(trouble.steps.length > 0, state);
  }
  assertPlain(radioTrouble("starting"));
  assert.equal(radioTrouble("works"), null);
  assert.equal(radioTrouble(undefined), null, "nobody knows yet");
});

test("however a meeting ends, it is told, and whether another try helps", () => {
  const failures = ["unreachable", "no_room", "link_lost", "silent", "confused", "not_squeezed", "timed_out", "a word of later", null];
  for (const why of failures) {
    const trouble = meetingTrouble({ state: "failed", why });
    assertPlain(trouble);
    assert.equal(trouble.again, true, String(why));
  }
  assert.equal(meetingTrouble({ state: "failed", why: "taken" }).again, false);
  assertPlain(meetingTrouble({ state: "failed", why: "taken" }));
  assert.match(meetingTrouble({ state: "cancelled", why: null }).text, /one toy at a time/);
});

test("each sign of a toy that is not what it was says what to do", () => {
  for (const guard of ["table", "name", "config", "second_address", "game", "a word of later"]) {
    const trouble = guardTrouble({ ...BENTLEY, guard });
    assertPlain(trouble);
    assert.match(trouble.title, /Bentley/);
    assert.ok(trouble.steps.length > 0);
  }
  for (const guard of ["table", "name", "config", "second_address", "game"]) {
    const { steps } = guardTrouble({ ...BENTLEY, guard });
    assert.match(steps.join(" "), /still your toy/, `${guard} leads to “${STILL_OURS}”`);
  }
  assert.equal(guardTrouble({ ...BENTLEY, guard: null }), null);
  assert.equal(guardTrouble(BENTLEY), null, "an older hub tells nothing of it");
});

test("a toy is as its presence says, unless it leaves or is kept away from", () => {
  const state = (toy, presence) => toyState({ ...BENTLEY, ...toy }, presence);
  assert.deepEqual(["awake", "connecting", "asleep", undefined].map((one) => state({}, one).text), ["Awake", "Waking up", "Asleep", "Asleep"]);
  assert.equal(state({}, "unreachable").tone, "care");
  assert.match(state({}, "no_room").text, /holds as many toys as it can/);
  assert.match(state({ retiring: true }, "awake").text, /^On its way out\. Hutch tidies up/);
  assert.match(state({ retiring: true }, "asleep").text, /^On its way out\. Squeeze one of Bentley’s paws/);
  assert.equal(state({ guard: "table" }, "awake").text, "Hutch sends it nothing");
  assert.equal(state({ guard: "game" }, "awake").text, "Awake", "Hutch still talks to it");
});

test("a message for a toy that is kept away from waits for a guardian", () => {
  const delivery = { state: "queued", waits_for: "toy" };
  const scene = { toy: "Bentley", child: "Mia", now: 0, presence: "asleep" };
  assert.equal(deliveryStatus(delivery, { ...scene, guard: "config" }).text, "Waits until you have looked at Bentley, under “Toys”.");
  assert.match(deliveryStatus(delivery, { ...scene, guard: "name" }).text, /Squeeze a paw/);
});

test("a signal is a word", () => {
  assert.deepEqual([-30, -65, -66, -80, -81, -127].map(signalLevel), ["strong", "strong", "fair", "fair", "weak", "weak"]);
  assert.equal(signalLevel(null), null);
});

test("how well a toy is heard is a word and a number of bars", () => {
  assert.deepEqual(heardWords("close", "awake"), { text: "Close by", bars: 3 });
  assert.deepEqual(heardWords("next_room", "unreachable"), { text: "As if in the next room", bars: 2 });
  assert.equal(heardWords("faint", "asleep").text, "Hardly heard the last time");
  assert.equal(heardWords(null, "awake"), null);
  assert.equal(heardWords(undefined, "awake"), null, "an older hub tells nothing of it");
  assert.equal(heardWords("a word of later", "awake"), null);
});

test("how loud a toy is, is the nearest of five steps", () => {
  assert.deepEqual([0, 40, 70, 140, 200, 240, 255].map(volumeStep), [0, 0, 1, 2, 3, 4, 4]);
  assert.equal(volumeStep(null), 2, "nobody knows it yet");
  const note = (toy, live) => volumeNote({ ...BENTLEY, ...toy }, { volume: 100, presence: "awake", child: "Mia", ...live });
  assert.equal(note({}, {}), "");
  assert.match(note({ loudest: 100 }, {}), /rules for Mia/);
  assert.match(note({ wanted_volume: 40 }, { presence: "asleep" }), /as soon as Hutch reaches it/);
  assert.match(note({}, { volume: null }), /finds out/);
});

test("a slot says what it holds, and what would be lost with that", () => {
  const scene = { toy: "Bentley", child: "Mia", sender: null, now: 1_800_000_000 };
  const words = (slot, item = null, more = {}) =>
    slotWords({ slot: 1, item: null, to_go: false, ...slot }, item, { ...scene, ...more });
  const item = { at: 1_800_000_000, mine: false, delivery: { state: "on_toy" } };
  const unheard = words({ holds: "message" }, item, { sender: "Ruth" });
  assert.match(unheard.text, /^From Ruth, .*Mia has not heard it yet\.$/);
  assert.match(unheard.question, /taken back/);
  const heard = words({ holds: "message" }, { ...item, mine: true, delivery: { state: "heard" } });
  assert.match(heard.text, /^Your message, .*to be heard again/);
  assert.doesNotMatch(heard.question, /taken back/);
  assert.match(words({ holds: "message" }).text, /^A message\./, "it is not here any more");
  assert.equal(words({ holds: "message", to_go: true }, item).question, null, "that is asked once");
  assert.equal(words({ holds: "silence" }).question, null);
  assert.match(words({ slot: 4, holds: "unknown" }).title, /Memory 5/);
  assert.match(words({ slot: 4, holds: "a word of later" }).text, /nobody knows/);
  for (const holds of ["recording", "unknown"]) {
    assert.equal(words({ slot: 0, holds }, item).question, null, "what the child recorded is never overwritten");
  }
});

test("the page says why nothing is played on a toy", () => {
  const scene = { toy: "Bentley", child: "Mia", now: 1_800_000_000 };
  assert.equal(whyNotPlayed("awake", null, scene), "");
  assert.match(whyNotPlayed("asleep", null, scene), /^Bentley is asleep\. Squeeze a paw/);
  assert.match(whyNotPlayed(undefined, null, scene), /asleep/);
  assert.match(whyNotPlayed("awake", { until: null, because: "clock" }, scene), /^It is quiet time/);
});

test("toys without a name are told apart", () => {
  const [one, two] = [FakeToys.stranger(), FakeToys.stranger({ address: "C0:FF:EE:00:12:AB" })];
  assert.equal(markWords(one, [one]), "CloudPets B 1.0.19");
  assert.equal(markWords(two, [one, two]), "CloudPets B 1.0.19, number 12:AB");
  assert.equal(markWords(one, [one, FakeToys.own(BENTLEY)]), "CloudPets B 1.0.19", "one of ours has a name");
  assert.equal(strangerWords(null), "A toy without a name");
  assert.equal(strangerWords("rabbit"), "A rabbit without a name");
  assert.deepEqual([0, 1, 2].map(foundWords), ["No toy is awake nearby.", "1 toy is awake nearby.", "2 toys are awake nearby."]);
});

test("whose animal it is", () => {
  assert.equal(whoseWords(BENTLEY, "Mia"), "Mia’s bear");
  assert.equal(whoseWords(BENTLEY, undefined), "Bear");
});

test("before a toy is retired one knows what stays on it", () => {
  const { lead, goes, stays, lost } = retireWords({ name: "Bentley", child: "Mia" });
  assert.equal(lead, "Retire Bentley?");
  assert.match(goes.join(" "), /silence/);
  assert.match(stays.join(" "), /conversation/);
  assert.match(lost.text, /last message and its last recording stay on Bentley/);
});
