// The scripted hub is only worth something if it counts as the real one does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { anyPart, newPassphrase, newRecoveryKey, totpNow } from "./fake-accounts.mjs";

test("codes are those of RFC 6238", () => {
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

  assert.equal(totpNow(secret, 59), "287082");
  assert.equal(totpNow(secret, 1_111_111_109), "081804");
  assert.equal(totpNow(secret, 2_000_000_000), "279037");
});

test("keys and passphrases look like the real ones", () => {
  assert.match(newRecoveryKey(), /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/);
  for (let n = 0; n < 50; n += 1) {
    const first = anyPart();
    assert.ok(first % 4 === 1 && first + 7 <= 58, `a part at ${first}`);
  }
  assert.match(newPassphrase(), /^[a-z]+(-[a-z]+){4}$/);
});
