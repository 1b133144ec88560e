// What is said about the household's keys.

import assert from "node:assert/strict";
import { test } from "node:test";

import { guardianState } from "../../web/js/account-words.js";
import { changeWords, progressPercent, progressWords } from "../../web/js/key-words.js";

const NOW = 1_800_000_000;

test("each reason to change keys says what it does to whom", () => {
  const all = /** @type {const} */ (["change", "stolen", "remove"]).map((purpose) => changeWords(purpose, "Sam"));

  for (const { what, care, submit, title } of all) {
    assert.ok(what.some((one) => one.includes("new recovery key")), title);
    assert.ok(care.endsWith("."), care);
    assert.ok(submit.length > 0);
  }
  const [change, stolen, remove] = all.map(({ what, care }) => [...what, care].join(" "));
  assert.match(stolen, /Everybody is signed out/);
  assert.doesNotMatch(change, /Everybody is signed out/);
  assert.match(remove, /Sam is signed out at once/);
  assert.match(stolen, /messages not yet heard/, "what a stolen card gives away is not hidden");
});

test("progress is told in numbers and percent", () => {
  assert.match(progressWords({ done: 3, of: 12 }), /3 of 12/);
  assert.equal(progressPercent({ done: 3, of: 12 }), 25);
  assert.equal(progressPercent({ done: 13, of: 12 }), 100);
  assert.equal(progressPercent({ done: 0, of: 0 }), 0);
  assert.doesNotMatch(progressWords({ done: 0, of: 0 }), /0 of 0/);
});

test("a guardian who cannot sign in is told apart", () => {
  const person = { id: "a", name: "Sam", sign_in_name: "sam", created_at: NOW, me: false };

  assert.equal(guardianState({ ...person, has_password: true, invite: null }, NOW), null);
  assert.match(guardianState({ ...person, has_password: false, invite: null }, NOW) ?? "", /^Cannot sign in/);
  assert.match(guardianState({ ...person, has_password: false, invite: { id: "b", expires_at: NOW + 600 } }, NOW) ?? "",
    /^Has a link, good for 10 minutes more$/);
});
