import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { deedWords, isNotable, newsWords, wrongWords } from "../../web/js/activity-words.js";
import { judge, parse } from "../../web/js/activity-memory.js";

const NOW = 1_800_000_000;
const CHAIN = "0123456789abcdef".repeat(4);
const entry = (deed, changes) => ({
  id: 1, at: NOW - 60, deed, account: "s", account_name: "Sam", subject: null, subject_name: null, item: null, child: null,
  child_name: null, n: null, address: null, device: null, ...changes,
});
const place = { address: "192.168.1.7", device: "Firefox on Android" };
const source = readFileSync(new URL("../../src/model/deed.rs", import.meta.url), "utf8");
const DEEDS = [...source.matchAll(/Self::\w+ => "(\w+)"/g)].map(([, word]) => word);

test("every deed that the hub knows has a sentence of its own", () => {
  const sentences = DEEDS.map((deed) => deedWords(entry(deed), "me"));

  assert.ok(DEEDS.length >= 36);
  assert.equal(new Set(sentences).size, DEEDS.length);
  for (const words of sentences) {
    assert.doesNotMatch(words, /no word for|null|undefined|[.!]$/, words);
    assert.match(words, /^[A-Z]/, words);
  }
  assert.equal(deedWords(entry("from_a_later_version"), "me"), "Sam did something that this page has no word for yet");
});

test("it says who, where and with what, while that is known", () => {
  assert.equal(deedWords(entry("new_device", place), "me"), "Sam signed in on a new device: Firefox on Android, 192.168.1.7");
  assert.equal(deedWords(entry("new_device"), "me"), "Sam signed in on a new device");
  assert.equal(deedWords(entry("signed_in", place), "s"), "You signed in: Firefox on Android, 192.168.1.7");
  assert.equal(deedWords(entry("password_changed"), "s"), "You changed your password");
  assert.equal(deedWords(entry("password_changed"), "me"), "Sam changed their password");
  const tried = entry("sign_in_failed", { account: null, account_name: null, ...place });
  assert.equal(deedWords({ ...tried, subject: "s", subject_name: "Sam" }, "s"),
    "Somebody tried to get in as you, and could not: Firefox on Android, 192.168.1.7");
  assert.equal(deedWords(tried, "s"),
    "Somebody tried to get in under a name that nobody here has: Firefox on Android, 192.168.1.7");
});

test("who is gone has no name", () => {
  const gone = { account_name: null, subject: "r" };

  assert.equal(deedWords(entry("shared", { ...gone, child: "c", child_name: "Mia" }), "me"),
    "Somebody who is gone shared something of Mia with a removed relative");
  assert.equal(deedWords(entry("child_changed", { child: "c" }), "me"), "Sam changed the name or the picture of a child who is gone");
  assert.equal(deedWords(entry("time_over", { account: null, account_name: null, n: 4 }), "me"),
    "The hub erased 4 recordings or messages, as the time was over");
  assert.equal(deedWords(entry("replaced_erased", { account: null, account_name: null }), "me"),
    "The household that was here before a backup was restored is gone: its 30 days were over");
  assert.equal(deedWords(entry("replaced_erased"), "s"),
    "You erased the household that was here before a backup was restored");
  assert.equal(deedWords(entry("child_erased", { child: "c", n: 1 }), "me"),
    "Sam erased a child, with everything that belonged to it: a recording or message");
  assert.equal(deedWords(entry("erased", { child: "c", child_name: "Mia" }), "me"), "Sam erased a recording or message of Mia");
});

test("toys are adopted, let go and guarded", () => {
  const mia = { child: "c", child_name: "Mia" };
  const hub = { account: null, account_name: null, ...mia };
  assert.equal(deedWords(entry("toy_adopted", mia), "me"), "Sam adopted a toy for Mia");
  assert.equal(deedWords(entry("toy_retired", mia), "s"), "You retired a toy of Mia");
  assert.equal(deedWords(entry("toy_let_go", mia), "me"), "Sam let a toy of Mia go without reaching it once more");
  assert.equal(deedWords(entry("toy_let_go", hub), "me"), "A toy of Mia was tidied up and let go");
  const bentley = { subject: "t", subject_name: "Bentley" };
  assert.equal(deedWords(entry("toy_adopted", { ...mia, ...bentley }), "me"), "Sam adopted Bentley for Mia");
  assert.equal(deedWords(entry("toy_given", { ...mia, ...bentley }), "me"), "Sam gave Bentley to Mia");
  assert.equal(deedWords(entry("toy_given", mia), "s"), "You gave a toy to Mia");
  assert.equal(deedWords(entry("toy_renamed", { ...mia, ...bentley }), "me"), "Sam gave Bentley a new name");
  assert.equal(deedWords(entry("guard_config", { ...hub, ...bentley }), "me"), "Bentley bore another mark than before");
  assert.equal(deedWords(entry("guard_name", hub), "me"), "A toy of Mia called itself something else than before");
  assert.equal(isNotable(entry("guard_table", hub)), true);
  assert.equal(isNotable(entry("toy_adopted", mia)), false);
});

test("how many is said as one says it", () => {
  assert.equal(deedWords(entry("sessions_ended", { n: 1 }), "me"), "Sam signed 1 browser out");
  assert.equal(deedWords(entry("sessions_ended", { n: 3 }), "me"), "Sam signed 3 browsers out");
});

test("news have their time", () => {
  const at = NOW - 3 * 86_400;

  assert.match(newsWords(entry("new_device"), "me", NOW), /^Sam signed in on a new device \(today, \d\d:\d\d\)$/);
  assert.match(newsWords(entry("new_device", { at }), "me", NOW), /^Sam signed in on a new device \(\d+ \w+, \d\d:\d\d\)$/);
  assert.deepEqual(["sign_in_failed", "signed_in"].map((deed) => isNotable(entry(deed))), [true, false]);
});

test("what does not fit is told, and what to do", () => {
  const edited = wrongWords({ at: 5, end: 9, isKnown: false });
  const cut = wrongWords({ at: 5, end: 4, isKnown: false });

  assert.equal(edited.what, "Entry 5 does not fit: it, or entries before this one, were changed or removed.");
  assert.equal(cut.what, "It ends before entry 5, which this browser has seen.");
  for (const words of [edited, cut]) {
    assert.match(words.why, /restored from a backup/);
    assert.match(words.todo, /change your password/);
  }
});

test("a browser remembers the last entry that it has seen, and nothing that makes no sense", () => {
  assert.deepEqual(parse(JSON.stringify({ id: 3, chain: CHAIN })), { id: 3, chain: CHAIN });
  assert.deepEqual(parse(JSON.stringify({ id: 3, chain: CHAIN, known: [2] })), { id: 3, chain: CHAIN, known: [2] });
  for (const known of [2, [], ["2"], [1.5]]) {
    assert.deepEqual(parse(JSON.stringify({ id: 3, chain: CHAIN, known })), { id: 3, chain: CHAIN });
  }
  const senseless = [
    null, "", "null", "[]", "{", "7", JSON.stringify({ id: 0, chain: CHAIN }), JSON.stringify({ id: "3", chain: CHAIN }),
    JSON.stringify({ id: 3, chain: CHAIN.toUpperCase() }), JSON.stringify({ id: 3 }),
  ];
  for (const text of senseless) assert.equal(parse(text), null, text);
});

test("what fits is remembered, what does not is told until somebody has looked at it", () => {
  const before = { id: 3, chain: CHAIN };
  const head = { id: 7, chain: CHAIN.replace("0", "f") };

  assert.deepEqual(judge(before, { head, first_wrong: null }), { wrong: null, remember: head });
  assert.deepEqual(judge(null, { head: null, first_wrong: null }), { wrong: null, remember: null });
  const told = judge(before, { head, first_wrong: 2 });
  assert.deepEqual(told, { wrong: { at: 2, end: 7, isKnown: false }, remember: before });
  assert.deepEqual(judge(told.remember, { head, first_wrong: 2 }), told, "and again");
  const known = { ...before, known: [2, 5] };
  assert.deepEqual(judge(known, { head, first_wrong: null }), {
    wrong: { at: 2, end: 7, isKnown: true }, remember: { ...head, known: [2, 5] },
  });
  for (const at of [1, 6]) {
    const told = { wrong: { at, end: 7, isKnown: false }, remember: known };
    assert.deepEqual(judge(known, { head, first_wrong: at }), told);
  }
});
