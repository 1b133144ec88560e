// Minutes of the day on a dial of 24 hours.

import assert from "node:assert/strict";
import { test } from "node:test";

import { arc, minuteAt, ofDay, pointAt, steppedTo } from "../../web/js/dial.js";

const at = (hours, minutes = 0) => hours * 60 + minutes;

test("midnight is above, and the day goes round clockwise", () => {
  assert.deepEqual(pointAt(at(0), 10), { x: 0, y: -10 });
  assert.deepEqual(pointAt(at(6), 10), { x: 10, y: 0 });
  assert.deepEqual(pointAt(at(12), 10), { x: 0, y: 10 });
  assert.deepEqual(pointAt(at(18), 10), { x: -10, y: 0 });
});

test("a place on the dial is the nearest quarter of an hour, however far from the middle", () => {
  for (let minute = 0; minute < at(24); minute += 15) {
    for (const radius of [1, 84, 900]) {
      const { x, y } = pointAt(minute + 5, radius);
      assert.equal(minuteAt(x, y), minute, `${minute} at ${radius}`);
    }
  }
  const { x, y } = pointAt(at(23, 55), 90);
  assert.equal(minuteAt(x, y), 0);
  assert.equal(minuteAt(0, 0), 0);
});

test("an arc goes the way that time goes, over midnight, too", () => {
  assert.equal(arc({ from: at(18), until: at(6) }, 10), "M-10 0A10 10 0 0 1 10 0");
  assert.equal(arc({ from: at(6), until: at(18) }, 10), "M10 0A10 10 0 0 1 -10 0");
  assert.match(arc({ from: at(12), until: at(6) }, 10), /A10 10 0 1 1/);
  assert.match(arc({ from: at(23), until: at(1) }, 10), /A10 10 0 0 1/);
});

test("keys go from quarter to quarter, round midnight, and never onto the other hand", () => {
  assert.equal(steppedTo(at(19, 30), 15, at(7)), at(19, 45));
  assert.equal(steppedTo(at(19, 40), 15, at(7)), at(19, 45));
  assert.equal(steppedTo(at(19, 40), -15, at(7)), at(19, 30));
  assert.equal(steppedTo(at(23, 45), 15, at(7)), 0);
  assert.equal(steppedTo(0, -60, at(7)), at(23));
  assert.equal(steppedTo(at(6, 45), 15, at(7)), at(7, 15));
  assert.equal(steppedTo(at(8), -60, at(7)), at(6, 45));
  assert.equal(ofDay(-1), at(23, 59));
});
