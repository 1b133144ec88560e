import assert from "node:assert/strict";
import { test } from "node:test";

import {
  askedGroups, inviteIn, measureKey, partsOfKey, pathOfModules, placeInGroups, tidyCode, tidyKey, tidyPart, tidyTotp,
  timeZones,
} from "../../web/js/keys.js";

const KEY = `AGE-SECRET-KEY-1${"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".repeat(2).slice(0, 58)}`;

test("a set-up code may be typed with other dashes and spaces", () => {
  assert.equal(tidyCode("  K7M2 – PQ4T "), "K7M2-PQ4T");
  assert.equal(tidyCode("K7M2\u2011PQ4T"), "K7M2-PQ4T");
  assert.equal(tidyCode("Ｋ７Ｍ２　ＰＱ４Ｔ"), "K7M2 PQ4T");
});

test("a code of an app may be typed as it is shown, and a recovery code as it is printed", () => {
  assert.equal(tidyTotp(" 123 456 "), "123456");
  assert.equal(tidyTotp("123-456"), "123456");
  assert.equal(tidyTotp("9cm4 - rnkj - 9r0t"), "9cm4-rnkj-9r0t");
});

test("a part of a key may be typed small and in groups", () => {
  assert.equal(tidyPart("qpzr y9x8"), "QPZRY9X8");
});

test("a whole key may be typed as people type", () => {
  const { groups } = partsOfKey(KEY);
  const typed = {
    whole: KEY, small: KEY.toLowerCase(), mixed: `AGE-SECRET-KEY-1${KEY.slice(16).toLowerCase()}`,
    grouped: `AGE-SECRET-KEY-1 ${groups.join(" ")}`, dashed: `AGE–SECRET–KEY–1 ${groups.join("-")}`,
    lines: `\n AGE-SECRET-KEY-1\n${groups.join("\n")}\n`, bare: groups.join(" "), wide: KEY.replace(/[0-9]/g, (digit) =>
      String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
    numbered: `AGE-SECRET-KEY-1 ${groups.map((group, at) => `${at + 1} ${group}`).join(" ")}`,
    "numbered lines": groups.map((group, at) => `${at + 1}. ${group.toLowerCase()}`).join("\n"),
  };

  for (const [how, text] of Object.entries(typed)) assert.equal(tidyKey(text), KEY, how);
});

test("a key is measured while it is typed", () => {
  assert.deepEqual(measureKey(""), { length: 0, foreign: null });
  assert.deepEqual(measureKey("age-sec"), { length: 0, foreign: null });
  assert.deepEqual(measureKey("age-secret-key-1 qpzr y9"), { length: 6, foreign: null });
  assert.deepEqual(measureKey("qpzr y9xo"), { length: 8, foreign: 2 });
});

test("an invitation is found in an address, with what a message put around it", () => {
  assert.equal(inviteIn("#invite=abc_-9"), "abc_-9");
  assert.equal(inviteIn("#invite=abc_-9."), "abc_-9");
  assert.equal(inviteIn("#invite="), "");
  assert.equal(inviteIn("#/you/people"), null);
  assert.equal(inviteIn(""), null);
});

test("a key is its beginning and fifteen groups", () => {
  const { start, groups } = partsOfKey(KEY);

  assert.equal(start, "AGE-SECRET-KEY-1");
  assert.equal(groups.length, 15);
  assert.equal(start + groups.join(""), KEY);
});

test("a character of a key has a group and a place in it", () => {
  assert.deepEqual(placeInGroups(1), { group: 1, place: 1 });
  assert.deepEqual(placeInGroups(44), { group: 11, place: 4 });
  assert.deepEqual(placeInGroups(58), { group: 15, place: 2 });
});

test("the picture of the key marks every character that is asked for", () => {
  const asked = askedGroups({ first: 44, n: 8 });

  assert.equal(asked.length, 15);
  assert.deepEqual(asked.slice(9, 14), ["····", "···?", "????", "???·", "····"]);
  assert.equal(asked.at(-1), "··");
});

test("a QR code becomes one path", () => {
  assert.equal(pathOfModules(["011", "100", "000"]), "M1 0h2v1h-2zM0 1h1v1h-1z");
});

test("the own time zone is among those to choose from, also under its old name", () => {
  assert.ok(timeZones("Europe/Berlin")?.includes("Europe/Berlin"));
  assert.ok(timeZones("Asia/Calcutta")?.includes("Asia/Calcutta"));
});
