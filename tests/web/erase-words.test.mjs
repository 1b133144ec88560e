// What is said before something is erased for good.

import assert from "node:assert/strict";
import { test } from "node:test";

import { HOUSEHOLD_WORDS, childWords, erasedWords, itemWords, relativeWords } from "../../web/js/erase-words.js";

const all = ({ lead, goes, stays }) => [lead, ...goes, ...stays].join(" ");
const item = (changes) => itemWords({ kind: "message", toy: "Bentley", state: "queued", heardBy: [], ...changes });
const child = (changes) => childWords({ name: "Mia", toys: [], screens: [], only: [], ...changes });

test("whatever is erased, it is said that copies and cards keep what they have", () => {
  for (const words of [item({}), item({ kind: "recording" }), child({}), relativeWords("Ruth"), HOUSEHOLD_WORDS]) {
    assert.match(all(words), /backup/);
    assert.match(all(words), /memory card/);
    assert.ok(words.goes.length > 0 && words.sure.startsWith("Erase"));
  }
});

test("a message that a toy may hold is overwritten there, and it says so", () => {
  for (const state of ["on_toy", "heard", "sending", "failed"]) {
    assert.match(all(item({ state })), /overwrites it there with silence as soon as Bentley is awake/, state);
  }
  for (const state of ["queued", "awaiting_approval", "declined", "withdrawn", null]) {
    assert.doesNotMatch(all(item({ state })), /overwrites/, String(state));
  }
});

test("a recording stays on its toy until the next, and with whoever heard it", () => {
  const words = all(item({ kind: "recording", state: null, heardBy: ["Ruth", "Sam"] }));

  assert.match(words, /keeps its last recording until the next one/);
  assert.match(words, /Ruth and Sam may have heard it/);
  assert.doesNotMatch(all(item({ kind: "recording", state: null })), /heard it/);
});

test("a child goes with its screens and toys, which Hutch does not reach any more", () => {
  const words = all(child({ toys: ["Bentley", "Starburst"], screens: ["Kitchen tablet"], only: ["Ruth"] }));

  assert.match(words, /Kitchen tablet: signed out at once/);
  assert.match(words, /cannot reach into a toy that it no longer adopts: Bentley and Starburst keep their/);
  assert.match(words, /Ruth has no other child here/);
  assert.doesNotMatch(all(child({})), /adopt/);
});

test("a relative is told apart from one who is removed", () => {
  assert.match(all(relativeWords("Ruth")), /To keep what was sent, choose “Remove”/);
});

test("what is not quite gone is not called gone", () => {
  assert.equal(erasedWords(true), "Erased.");
  assert.match(erasedWords(false), /within a minute/);
});
