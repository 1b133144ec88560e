import assert from "node:assert/strict";
import { test } from "node:test";

import { goesWords } from "../../web/js/amount-words.js";
import { sizeWords } from "../../web/js/size-words.js";

const NOW = 1_800_000_000;
const NONE = /** @type {const} */ ({ how: "none" });

test("sizes are read by people", () => {
  const kinds = [
    [0, "0 kB"], [1, "1 kB"], [999, "1 kB"], [1_499, "1 kB"], [80_400, "80 kB"], [1_250_000, "1.3 MB"],
    [2_100_000_000, "2.1 GB"],
  ];
  for (const [bytes, words] of kinds) assert.equal(sizeWords(bytes).replace(/\s/u, " "), words);
});

test("it is said when things go, and what stays", () => {
  const usual = { retention_days: 30, going: 0, next_goes_at: null, kept: 0 };
  const words = ["What is older than 30 days is erased by itself.", "Nothing goes within a day."];
  assert.deepEqual(goesWords(usual, NOW, NONE), words);
  const [, soon] = goesWords({ ...usual, going: 2, next_goes_at: NOW + 60 }, NOW, NONE);
  assert.match(soon, /^2 go within a day, the first one: /);
  const kept = { ...usual, retention_days: null, kept: 1 };
  assert.deepEqual(goesWords(kept, NOW, NONE), ["Nothing is erased by itself.", "1 stays, whatever its age."]);
});

test("backups count: what is erased is gone when the last that holds it is", () => {
  const usual = { retention_days: 30, going: 0, next_goes_at: null, kept: 0 };
  const last = (held) => goesWords(usual, NOW, held).at(-1);
  assert.match(last({ how: "until", at: NOW }), /^Backups counted, what is erased now is gone on 15 January 2027 at the latest\.$/);
  assert.equal(last({ how: "open" }), "Backups may hold it for longer: how long stands below.");
  assert.equal(last(NONE), "Nothing goes within a day.");
});
