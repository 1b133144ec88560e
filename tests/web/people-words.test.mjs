import assert from "node:assert/strict";
import { test } from "node:test";

import { andList } from "../../web/js/language.js";
import {
  RELATIONS, grantWords, ownGrantWords, relationWords, relativeState, relativeStatus, screenState, senderName,
  waitingWords,
} from "../../web/js/people-words.js";

const NOW = 1_800_000_000;
const DAY = 86_400;
const PEOPLE = {
  guardians: [{ id: "g", name: "Anna" }], relatives: [{ id: "r", name: "Ruth" }], screens: [{ id: "s", name: "Kitchen tablet" }],
};
const delivery = (state, changes) => ({
  id: "d", item: "i", toy: "t", state, percent: null, reason: null, tries: 0, next_try_at: null, queued_at: NOW - 60,
  heard_at: null, expires_at: NOW + 600, perhaps_heard: false, waits_for: null, ...changes,
});
const relative = (changes) => ({
  id: "r", name: "Ruth", sign_in_name: "ruth", created_at: NOW - DAY, state: "active", invite: null, grants: [], ...changes,
});

test("who sent something is known by name, as far as anybody knows", () => {
  const message = (sender, mine = false) => senderName({ kind: "message", sender, mine }, PEOPLE);

  assert.deepEqual(["g", "r", "x"].map((one) => message(one)), ["Anna", "Ruth", "A removed relative"]);
  assert.equal(message("r", true), "You");
  assert.equal(senderName({ kind: "message", sender: "g", mine: false }, undefined), null, "nobody is called removed before it is known");
});

test("a recording says on which screen it was made, and nothing if a toy made it", () => {
  const recording = (sender) => senderName({ kind: "recording", sender, mine: false }, PEOPLE);

  assert.deepEqual([recording(null), recording("s"), recording("x")], [null, "Kitchen tablet", null]);
});

test("every relation has a word of its own", () => {
  const words = RELATIONS.map(relationWords);

  assert.equal(RELATIONS.length, 11);
  assert.equal(new Set(words).size, words.length);
  for (const word of words) assert.match(word, /^[A-Z]/);
});

test("names are told as one says them", () => {
  assert.deepEqual(
    [[], ["Mia"], ["Mia", "Ben"], ["Mia", "Ben", "Lu"]].map(andList),
    ["", "Mia", "Mia and Ben", "Mia, Ben and Lu"],
  );
  assert.deepEqual([1, 2].map(waitingWords), ["1 message waits for you", "2 messages wait for you"]);
});

test("what a relative may do is told in full", () => {
  const grant = { child: "c", relation: "aunt", needs_approval: true, daily_limit: null };

  assert.equal(grantWords(grant, "Mia"), "Mia: aunt, you listen first, as many messages as they like");
  assert.equal(grantWords({ ...grant, relation: "other", needs_approval: false, daily_limit: 1 }, "Mia"),
    "Mia: relative, goes straight to the toy, 1 message a day");
});

test("a relative reads what is left of the day", () => {
  const own = (needs_approval, daily_limit, sent_today) => ownGrantWords({ relation: "aunt", needs_approval, daily_limit, sent_today });

  assert.equal(own(true, null, 3), "A guardian listens first");
  assert.equal(own(false, null, 3), "");
  assert.equal(own(true, 5, 3), "A guardian listens first, 2 more messages today");
  assert.equal(own(false, 5, 4), "1 more message today");
  assert.equal(own(false, 5, 6), "No more messages today");
});

test("every state of a relative has a word, a shape and a tone", () => {
  const open = { id: "i", expires_at: NOW + 6 * DAY };
  const states = [
    relative({}), relative({ invite: open }), relative({ state: "blocked" }), relative({ state: "invited", sign_in_name: null, invite: open }),
    relative({ state: "invited", sign_in_name: null }), relative({ state: "invited", invite: { ...open, expires_at: NOW } }),
  ].map((one) => relativeState(one, NOW));

  assert.match(states[0].text, /^Signs in as “ruth”, invited on /);
  assert.match(states[1].text, /A new link is good for 6 days more$/);
  assert.equal(states[2].text, "Paused: cannot sign in");
  assert.equal(states[3].text, "Invited. The link is good for 6 days more");
  assert.equal(states[4].text, "The link was not used in time. Make a new one");
  assert.equal(states[5].text, states[4].text);
  for (const { icon, tone } of states) assert.ok(icon && tone);
});

test("every state of a child screen has a word, a shape and a tone", () => {
  const screen = { id: "s", name: "Kitchen tablet", child: "c", created_at: NOW, state: "active", invite: null, last_used_at: NOW - 600 };
  const words = (changes) => screenState({ ...screen, ...changes }, NOW).text;

  assert.equal(words({}), "Used 10 minutes ago");
  assert.equal(words({ last_used_at: null }), "Not used yet");
  assert.match(words({ state: "invited", invite: { id: "i", expires_at: NOW + 600 } }), /^The link is good for 10 minutes more$/);
  assert.match(words({ state: "invited" }), /^The link was not used in time/);
});

test("a relative reads of every state, knows no toy by name and squeezes no paw", () => {
  const states = [
    "awaiting_approval", "queued", "sending", "on_toy", "heard", "declined", "failed", "expired", "withdrawing", "withdrawn",
  ];
  const all = states.map((state) => relativeStatus(delivery(state, { percent: 4, heard_at: NOW }), { child: "Mia", now: NOW }));

  assert.equal(new Set(all.map(({ text }) => text)).size, states.length);
  for (const { text, actions } of all) {
    assert.doesNotMatch(text, /undefined|null|paw|Bentley|Reload/);
    assert.ok(actions.every((one) => one === "withdraw"), text);
  }
  assert.equal(all[0].text, "A guardian of Mia listens first.");
  assert.equal(all[5].text, "Not delivered");
});
