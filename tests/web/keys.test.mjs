import assert from "node:assert/strict";
import { test } from "node:test";

import {
  askedGroups, groupsOfPart, partsOfKey, pathOfModules, tidyCode, tidyPart, tidyTotp, timeZones,
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

test("a key is its beginning and fifteen groups", () => {
  const { start, groups } = partsOfKey(KEY);

  assert.equal(start, "AGE-SECRET-KEY-1");
  assert.equal(groups.length, 15);
  assert.equal(start + groups.join(""), KEY);
});

test("the asked part is named by its groups where it begins with one", () => {
  assert.deepEqual(groupsOfPart({ first: 1, n: 8 }), { first: 1, last: 2 });
  assert.deepEqual(groupsOfPart({ first: 33, n: 8 }), { first: 9, last: 10 });
  assert.equal(groupsOfPart({ first: 2, n: 8 }), null);
});

test("the picture of the key marks every group that holds some of the asked part", () => {
  const marked = (part) => askedGroups(part).flatMap((asked, index) => (asked ? [index + 1] : []));

  assert.equal(askedGroups({ first: 1, n: 8 }).length, 15);
  assert.deepEqual(marked({ first: 33, n: 8 }), [9, 10]);
  assert.deepEqual(marked({ first: 34, n: 8 }), [9, 10, 11]);
});

test("a QR code becomes one path", () => {
  assert.equal(pathOfModules(["011", "100", "000"]), "M1 0h2v1h-2zM0 1h1v1h-1z");
});

test("the own time zone is among those to choose from, also under its old name", () => {
  assert.ok(timeZones("Europe/Berlin")?.includes("Europe/Berlin"));
  assert.ok(timeZones("Asia/Calcutta")?.includes("Asia/Calcutta"));
});
