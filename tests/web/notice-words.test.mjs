import assert from "node:assert/strict";
import { test } from "node:test";

import { LIMITS, notice } from "../../web/js/notice-words.js";
import { backupPlace } from "./fake-backups.mjs";

const grant = (changes = {}) => ({ child: "c1", relation: "grandmother", needs_approval: true, daily_limit: null, ...changes });
const ruth = (changes = {}) => ({ id: "r1", name: "Ruth", state: "active", grants: [grant()], ...changes });
const backups = (...places) => ({ places, keeps: { days: 7, weeks: 4, months: 3 }, under_way: false, replaced: null });
const settings = (changes = {}, people = {}) => ({
  household: "Lindqvist", backups: backups(), date: "1 June 2026", children: [{ id: "c1", name: "Mia", retention_days: 90 }],
  people: { guardians: [{ id: "g1", name: "Anna" }], relatives: [ruth()], screens: [], ...people }, ...changes,
});
const lines = (told) => told.parts.flatMap((part) => part.lines);
const says = (told, words) => lines(told).some((line) => line.includes(words));

test("the notice says who, where, what, how long, who hears it, what is asked for and how it is erased", () => {
  const told = notice(settings());
  assert.equal(told.title, "Lindqvist: how we keep our voices");
  assert.deepEqual(told.parts.map(({ title }) => title), [
    "Who runs it", "Where it is", "What is kept", "How long", "Backups", "Who can hear it", "What Hutch cannot stop",
    "What you may ask for", "How to have it erased",
  ]);
  assert.ok(says(told, "Anna runs this hub at home."));
  assert.ok(says(told, "There is no cloud"));
  for (const limit of LIMITS) assert.ok(says(told, limit));
});

test("how long things are kept is what is set", () => {
  assert.ok(says(notice(settings()), "Mia: 90 days, then it is erased by itself."));
  const kept = (retention_days) => notice(settings({ children: [{ id: "c1", name: "Mia", retention_days }] }));
  assert.ok(says(kept(30), "Mia: 30 days"));
  assert.ok(!says(kept(30), "90 days, then"));
  assert.ok(says(kept(null), "Mia: until somebody erases it."));
});

test("who listens first is what is set", () => {
  const of = (...relatives) => notice(settings({}, { relatives }));
  assert.ok(says(of(ruth()), "Ruth speaks to Mia; a guardian listens first."));
  assert.ok(says(of(ruth({ grants: [grant({ needs_approval: false })] })), "Ruth speaks to Mia, and nobody listens first."));
  assert.ok(says(of(ruth({ state: "blocked" })), "Ruth is paused"));
  assert.ok(!says(of(), "Relatives hear"));
});

test("two guardians, a screen and a family without a name have their words", () => {
  const guardians = [{ id: "g1", name: "Anna" }, { id: "g2", name: "Berta" }];
  const screens = [{ id: "s1", name: "Kitchen tablet", child: "c1" }];
  const told = notice(settings({ household: null }, { guardians, screens }));
  assert.equal(told.title, "How we keep our voices");
  assert.ok(says(told, "Anna and Berta run this hub"));
  assert.ok(says(told, "“Kitchen tablet”, the screen of Mia"));
  assert.ok(!notice(settings({ children: [] })).parts.some(({ title }) => title === "How long"));
});

test("the notice counts backups", () => {
  const FOLDER = "/media/hutch";
  const NOW = 1_800_000_000;
  const told = (found) => notice(settings({ backups: found }));
  const filled = (changes = {}) =>
    backupPlace(FOLDER, { n: 9, bytes: 9_400_000, gone_by: NOW, made_at: NOW, ...changes });
  const of = (...places) => told(backups(...places));
  const held = "Backups that were made before hold it for as long as it says";

  assert.ok(says(of(), "This hub makes no backups."));
  assert.ok(!says(of(), held) && !says(of(), "each night"));
  assert.ok(says(of(backupPlace(FOLDER)), "There is none yet."));
  assert.ok(!says(of(backupPlace(FOLDER)), held));
  assert.ok(says(of(filled()), "One of each of the last 7 days, 4 weeks and 3 months stays."));
  assert.ok(says(of(filled(), filled()), "There are 18 now, 18.8 MB together."));
  assert.ok(says(of(filled()), "What is erased today is in none of them after 15 January 2027"));
  assert.ok(says(of(filled()), held));
  assert.ok(says(of(filled({ staying: 1 })), "1 stays until a guardian removes it."));
  assert.ok(says(of(filled({ fails_since: NOW })), "Until that works again, those that there are stay."));
  const away = of(backupPlace(FOLDER, { there: false, made_at: NOW }));
  assert.ok(says(away, "where the hub cannot look just now") && !says(away, "There is none yet."));
  assert.ok(says(told(null), "could not be looked at when this was written") && says(told(null), held));
  const restored = told({ ...backups(), replaced: { bytes: 1, goes_at: NOW } });
  assert.ok(says(restored, "What was on the hub before a backup was restored is kept until 15 January 2027."));
});
