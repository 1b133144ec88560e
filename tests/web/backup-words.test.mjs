import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { placeWords } from "../../web/js/backup-words.js";
import { speak } from "../../web/js/language.js";
import { backupPlace } from "./fake-backups.mjs";

speak("en", JSON.parse(readFileSync(new URL("../../web/words/en.json", import.meta.url), "utf8")));

const NOW = Date.UTC(2026, 10, 27, 12) / 1_000;
const DAY = 86_400;

test("a folder for backups is there, or waits, or is missing, or fails", () => {
  const words = (more) => placeWords(backupPlace("/media/hutch", more), NOW);
  assert.equal(words({}).state.text, "Backups go to /media/hutch. None is there yet.");
  assert.equal(words({ there: false, n: 3, latest_at: NOW - DAY }).state.text, "/media/hutch is not there. Is the stick plugged in?");
  assert.deepEqual(words({ there: false, n: 3, latest_at: NOW - DAY }).more, []);
  const kept = { n: 3, latest_at: NOW - DAY, latest_bytes: 4_200_000, oldest_at: NOW - 9 * DAY };
  assert.equal(words(kept).state.tone, "good");
  assert.equal(words({ ...kept, fails_since: NOW - 60 }).state.tone, "care");
  const [latest, oldest, rehearsed] = words(kept).more;
  assert.match(latest, /^The latest is of .*, and has 4\.2 MB\.$/);
  assert.match(oldest, /^3 are there, the oldest of /);
  assert.equal(rehearsed, "A restore has not been rehearsed with it yet.");
  assert.match(words({ ...kept, rehearsed_at: NOW - DAY }).more[2], /^A restore was last rehearsed: /);
  assert.equal(words({ ...kept, n: 1 }).more.length, 2, "the one is the latest");
});
