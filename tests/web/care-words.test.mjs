// The sentences about what was found of the hub: each has one, in the words of the hub itself.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { careWords, findingWords, inOrder } from "../../web/js/care-words.js";
import { finding } from "./fake-care.mjs";

const source = readFileSync(new URL("../../src/care/mod.rs", import.meta.url), "utf8");
const PAIRS = [...source.matchAll(/^ {4}\("(\w+)", "(\w+)"\),$/gm)].map(([, about, how]) => [about, how]);
const FACTS = { mib: 12, percent: 7, days: 5, major: 5, minor: 66 };

test("everything that can be found has a sentence of its own", () => {
  assert.ok(PAIRS.length > 35);
  const texts = PAIRS.map(([about, how]) => findingWords(finding(about, how, "good", FACTS)).text);

  assert.equal(new Set(texts).size, PAIRS.length);
  for (const text of texts) assert.doesNotMatch(text, /undefined|null|\{|no words for/, text);
});

test("what is wrong says what to do, and has another sign than what is fine", () => {
  const wrong = [["database", "damaged"], ["room", "short"], ["card", "spent"], ["certificate", "ends"], ["bluetooth", "off"],
    ["socket", "down"], ["service", "down"], ["clock", "past"], ["folder", "unseen"], ["name", "unasked"]];
  for (const [about, how] of wrong) {
    const words = findingWords(finding(about, how, "ails", FACTS));
    assert.ok(words.act && words.act.length > 10, `${about} ${how}`);
    assert.deepEqual([words.icon, words.tone], ["warning", "care"]);
  }
  assert.deepEqual(findingWords(finding("room", "enough", "good", FACTS)),
    { text: "There is room: 12.6 MB are free (7 %).", act: null, icon: "check", tone: "good" });
  assert.equal(findingWords(finding("certificate", "lasts", "good", { days: 335 })).text,
    "The hub’s certificates are good for 335 more days.");
});

test("what a later hub finds is not kept quiet", () => {
  assert.match(findingWords(finding("teapot", "cold", "ails")).text, /no words for/);
});

test("what needs somebody comes first, and is counted", () => {
  const all = [finding("room", "enough", "good"), finding("kernel", "lets", "mind"), finding("database", "damaged", "ails")];

  assert.deepEqual(inOrder(all).map(({ about }) => about), ["database", "kernel", "room"]);
  assert.equal(careWords(all).text, "One thing needs your care.");
  assert.equal(careWords([...all, finding("room", "scarce", "mind", FACTS, true)]).text, "2 things need your care.");
  assert.equal(careWords(all.slice(0, 2)).text, "Everything is as it should be.");
});
