import assert from "node:assert/strict";
import { test } from "node:test";

import {
  clockWords, goodForWords, keyLengthWords, keyTrouble, lastUseWords, lengthWords, partWords, personWords, spanWords,
  trouble, waitWords,
} from "../../web/js/account-words.js";
import { ApiError } from "../../web/js/api.js";

const NOW = 1_800_000_000;
const refused = (code, body = {}) => trouble(new ApiError(400, code, "A sentence of the hub", body));

test("every refusal goes to the field that it is about", () => {
  const fields = {
    wrong_code: "code", code_renewed: "code", weak_password: "new_password", bad_name: "name", bad_time_zone: "time_zone",
    wrong_password: "password", wrong_totp: "totp", wrong_totp_code: "totp", wrong_part: "part", try_later: null,
    no_answer: null, stopped: null, totp_switched: null, internal: null,
    name_taken: "name", wrong_recovery_key: "key", no_such_invite: null, too_many_invites: null,
  };
  for (const [code, field] of Object.entries(fields)) assert.equal(refused(code).field, field, code);
});

test("a weak password comes with the hub's reasons and suggestions", () => {
  const { list, advice } = refused("weak_password", {
    reasons: [{ code: "too_short", message: "Too short.", min: 12 }, { code: "of_next_year", message: "Too old." }],
    suggestions: [{ code: "add_words", message: "Add a word." }],
  });

  assert.deepEqual(list, ["This password is short. It needs at least 12 characters.", "Too old."]);
  assert.deepEqual(advice, ["Add a word or two that have nothing to do with the rest."]);
  assert.deepEqual(refused("weak_password").list, []);
});

test("a wrong set-up code says how many tries are left", () => {
  assert.match(refused("wrong_code", { tries_left: 9 }).text, /9 more tries,/);
  assert.match(refused("wrong_code", { tries_left: 1 }).text, /1 more try,/);
});

test("who must wait learns how long, in words", () => {
  assert.equal(refused("try_later", { retry_after_s: 12.2 }).wait_s, 13);
  assert.equal(refused("try_later").wait_s, 1);
  assert.match(waitWords(1), /in 1 second\./);
  assert.equal(spanWords(59), "59 seconds");
  assert.equal(spanWords(61), "2 minutes");
  assert.equal(spanWords(3601), "2 hours");
  assert.equal(spanWords(48 * 3600), "48 hours");
  assert.equal(spanWords(7 * 86_400), "7 days");
});

test("any other refusal is told as everywhere", () => {
  assert.equal(refused("bad_name").text, "A name has 1 to 64 letters. Choose another one.");
  assert.match(refused("moon_too_full").text, /moon_too_full/);
});

test("the length is counted in characters, not in code units", () => {
  assert.match(lengthWords(""), /At least 12/);
  assert.match(lengthWords("", "relative"), /At least 10/);
  assert.match(lengthWords("ten-letter", "relative"), /Long enough/);
  assert.match(lengthWords("äöü😀"), /^4 of at least 12/);
  assert.match(lengthWords("a-long-enough-one"), /Long enough/);
});

test("the asked part is told by groups", () => {
  assert.match(partWords({ first: 17, n: 8 }), /groups 5 and 6/);
  assert.match(partWords({ first: 1, n: 12 }), /groups 1 to 3/);
});

test("what is wrong with a recovery key is told before the hub is asked", () => {
  const key = `AGE-SECRET-KEY-1${"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".repeat(2).slice(0, 58)}`;

  assert.equal(keyTrouble(key), null);
  assert.match(keyTrouble(key.slice(0, -1))?.text ?? "", /58 letters and digits; here are 57/);
  assert.match(keyTrouble(`${key}Q`)?.text ?? "", /here are 59/);
  assert.match(keyTrouble(key.replace("GF2T", "GFOT"))?.text ?? "", /^Look at group 3 again/);
  assert.equal(keyLengthWords("qpzr y9x8"), "8 of 58 letters and digits.");
  assert.equal(keyLengthWords(key), "");
});

test("an invitation says how long it is good", () => {
  assert.equal(goodForWords(NOW + 3600, NOW), "good for 1 hour more");
  assert.equal(goodForWords(NOW + 3599, NOW), "good for 60 minutes more");
  assert.equal(goodForWords(NOW + 60, NOW), "good for 1 minute more");
  assert.equal(goodForWords(NOW - 5, NOW), "good for 1 second more");
});

test("a guardian is told by the name to sign in with and the day", () => {
  const words = personWords({ id: "a", name: "Anna", sign_in_name: "anna", created_at: NOW, me: true, has_password: true, invite: null });

  assert.match(words, /^Signs in as “anna”, here since \d+ \w+ 2027$/);
});

test("last use is told in words", () => {
  assert.equal(lastUseWords(NOW - 20, NOW), "used just now");
  assert.equal(lastUseWords(NOW - 720, NOW), "used 12 minutes ago");
  assert.match(lastUseWords(NOW - 5 * 86_400, NOW), /^used on \d+ \w+, /);
});

test("no sentence shouts", () => {
  const all = [
    clockWords(NOW, NOW), lengthWords(""), keyLengthWords(""), keyLengthWords("q"), keyTrouble("")?.text, keyTrouble("o")?.text, partWords({ first: 1, n: 8 }),
    ...["wrong_code", "code_renewed", "weak_password", "name_taken", "wrong_recovery_key", "wrong_password", "wrong_totp", "wrong_totp_code", "no_answer", "stopped"]
      .map((code) => refused(code).text),
  ];
  for (const text of all) {
    assert.doesNotMatch(text, /!/);
    assert.match(text, /[.?]$/);
  }
});
