import assert from "node:assert/strict";
import { test } from "node:test";

import { HOLD_MS, HoldOrTap } from "../../web/js/press.js";

test("a held button records until it is let go", () => {
  const press = new HoldOrTap();

  assert.equal(press.down(0), "start");
  assert.equal(press.up(HOLD_MS + 1, true), "stop");
  assert.equal(press.down(2000), "start");
});

test("a tapped button records until it is tapped again", () => {
  const press = new HoldOrTap();

  assert.equal(press.down(0), "start");
  assert.equal(press.up(80, true), null);
  assert.equal(press.down(3000), "stop");
  assert.equal(press.up(3080, true), null, "the end of the tap that stopped starts nothing");
  assert.equal(press.down(5000), "start");
});

test("letting go to answer the browser's question does not stop", () => {
  const press = new HoldOrTap();
  press.down(0);

  assert.equal(press.up(4000, false), null);
  assert.equal(press.down(9000), "stop");
});

test("a recording that ended by itself starts afresh", () => {
  const press = new HoldOrTap();
  press.down(0);

  press.reset();

  assert.equal(press.up(40_000, true), null);
  assert.equal(press.down(41_000), "start");
});
