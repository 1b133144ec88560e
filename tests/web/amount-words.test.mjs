import assert from "node:assert/strict";
import { test } from "node:test";

import { goesWords, sizeWords } from "../../web/js/amount-words.js";

const NOW = 1_800_000_000;

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
  assert.deepEqual(goesWords(usual, NOW), words);
  const [, soon] = goesWords({ ...usual, going: 2, next_goes_at: NOW + 60 }, NOW);
  assert.match(soon, /^2 go within a day, the first one: /);
  const kept = { ...usual, retention_days: null, kept: 1 };
  assert.deepEqual(goesWords(kept, NOW), ["Nothing is erased by itself.", "1 stays, whatever its age."]);
});
