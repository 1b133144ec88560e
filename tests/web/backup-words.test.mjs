import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { held, heldWords, placeWords } from "../../web/js/backup-words.js";
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

const FOLDER = "/media/hutch";
const household = (changes = {}) => ({
  places: [], keeps: { days: 7, weeks: 4, months: 3 }, under_way: false, replaced: null, ...changes,
});
const filled = (changes = {}) => backupPlace(FOLDER, {
  n: 9, bytes: 9_000_000, gone_by: NOW + 64 * DAY, made_at: NOW - DAY, ...changes,
});
const away = (changes = {}) => backupPlace(FOLDER, { there: false, ...changes });

test("until when backups hold what is erased now is known, or it is said that it is not", () => {
  const how = (...places) => held(household({ places })).how;
  const two = [filled(), filled({ gone_by: NOW + 90 * DAY })];
  assert.deepEqual(held(household({ places: two })), { how: "until", at: NOW + 90 * DAY });
  assert.equal(how(), "none", "where none are made");
  assert.equal(how(backupPlace(FOLDER)), "none", "where none was made yet");
  assert.equal(how(away()), "none", "where the stick never was");
  assert.equal(held(null).how, "open");
  assert.equal(how(filled(), backupPlace("/mnt/share", { there: false, made_at: NOW - DAY })), "open");
  assert.equal(how(filled({ readable: false })), "open");
  assert.equal(how(filled({ staying: 1 })), "open");
  assert.equal(how(filled({ fails_since: NOW - DAY })), "open");
  const replaced = { bytes: 1, goes_at: NOW + 70 * DAY };
  assert.deepEqual(held(household({ places: [filled()], replaced })), { how: "until", at: NOW + 70 * DAY });
});

test("what is said of it is what there is", () => {
  const words = (more, ...places) => heldWords(household({ places, ...more }), NOW).join(" ");
  const until = /^What is erased now may be in a backup until \d+ \w+ \d{4} at the latest, if one is made each/;
  assert.match(words({}, filled()), until);
  assert.match(words({}, filled({ staying: 2 })), /2 stay until you remove them yourself/);
  assert.match(words({}, filled({ fails_since: NOW - DAY })), /Until that works again, none of those there goes\./);
  assert.match(words({ under_way: true }, filled()), /^A backup is being made\. /);
  assert.equal(words({}), "This hub makes no backups: no folder for them is set.");
  assert.equal(words({}, backupPlace(FOLDER)), "Backups go to /media/hutch. None is there yet.");
  assert.equal(words({}, away()), "/media/hutch is not there, and no backup was made in it yet.");
  assert.match(words({}, away({ made_at: NOW - DAY })), /is not there, so the backups in it cannot be counted\./);
  const unread = /cannot be read just now, so the backups in it cannot be counted\./;
  assert.match(words({}, filled({ readable: false })), unread);
  assert.deepEqual(heldWords(null, NOW), ["The backups cannot be looked at just now. What is erased may still be in them."]);
});
