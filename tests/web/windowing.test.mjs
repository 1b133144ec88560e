import assert from "node:assert/strict";
import { test } from "node:test";

import { Heights } from "../../web/js/windowing.js";

const rows = (...keys) => keys.map((key) => ({ key, kind: key.startsWith("d") ? "day" : "item" }));
const many = (n) => rows(...Array.from({ length: n }, (_, at) => `i${at}`));

function heights(list, { gap = 10 } = {}) {
  const made = new Heights({ item: 100, day: 20 });
  made.gap = gap;
  made.take(list);
  return made;
}

const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

test("rows are as high as their kind is said to be, until they are measured", () => {
  const list = heights(rows("d1", "i1", "i2"));
  assert.equal(list.between(0, 3), 20 + 10 + 100 + 10 + 100);

  list.measure("i1", 160);

  assert.equal(list.between(1, 2), 160);
  assert.equal(list.between(2, 3), 130, "the others are guessed from what is known by now");
  assert.equal(list.between(0, 1), 20);
});

test("a row that grows counts once", () => {
  const list = heights(rows("i1", "i2"));
  list.measure("i1", 100);
  list.measure("i1", 300);

  assert.equal(list.between(0, 1), 300);
  assert.equal(list.between(1, 2), 200);
});

test("measured heights go with their rows when others come before them", () => {
  const list = heights(rows("i3", "i4"));
  list.measure("i3", 50);
  list.measure("i4", 70);

  list.take(rows("i1", "i2", "i3", "i4"));

  near(list.between(2, 3), 50);
  near(list.between(3, 4), 70);
  assert.equal(list.placeOf("i3"), 2);
  assert.equal(list.placeOf("i9"), -1);
});

test("a row begins where the ones before it end", () => {
  const list = heights(rows("d1", "i1", "i2"));
  list.measure("i1", 150);

  assert.deepEqual([0, 1, 2].map((at) => list.topOf(at)), [0, 30, 190]);
  list.gap = 0;
  assert.equal(list.topOf(2), 170);
});

test("what is measured of a row that has left is of no use", () => {
  const list = heights(rows("i1"));
  list.measure("i9", 900);

  assert.equal(list.between(0, 1), 100);
});

test("the rows within are those of which anything is seen", () => {
  const list = heights(many(100));
  assert.deepEqual(list.within(0, 100), { from: 0, to: 1 });
  assert.deepEqual(list.within(0, 110), { from: 0, to: 1 });
  assert.deepEqual(list.within(0, 111), { from: 0, to: 2 });
  assert.deepEqual(list.within(99, 100), { from: 0, to: 1 });
  assert.deepEqual(list.within(100, 221), { from: 1, to: 3 });
  assert.deepEqual(list.within(1_100, 1_300), { from: 10, to: 12 });
});

test("beyond both ends is the row that is nearest", () => {
  const list = heights(many(3));
  assert.deepEqual(list.within(-500, -400), { from: 0, to: 1 });
  assert.deepEqual(list.within(5_000, 6_000), { from: 2, to: 3 });
  assert.deepEqual(heights([]).within(0, 100), { from: 0, to: 0 });
});

test("space holds the place of the rows that are not there, to the pixel", () => {
  const list = heights(many(10));
  list.measure("i0", 40);
  const total = list.between(0, 10);

  const pieces = list.pieces([5, 4, 9, 4]);

  assert.deepEqual(pieces.map((one) => ("row" in one ? one.row : "space")), ["space", 4, 5, "space", 9]);
  const height = (one) => ("row" in one ? list.between(one.row, one.row + 1) : one.space);
  near(pieces.reduce((sum, one) => sum + height(one), 0) + (pieces.length - 1) * 10, total);
});

test("rows that are not there any more take no place", () => {
  const list = heights(many(2));
  assert.deepEqual(list.pieces([-1, 0, 7]), [{ row: 0 }, { space: 100 }]);
  assert.deepEqual(heights([]).pieces([0]), []);
});

test("another width makes what was measured a guess", () => {
  const list = heights(rows("i1", "i2", "i3"));
  list.measure("i1", 200);
  list.measure("i2", 300);

  list.forget();

  assert.equal(list.between(0, 1), 200);
  assert.equal(list.between(1, 2), 200);
  list.measure("i1", 400);
  assert.equal(list.between(1, 2), 300);
});

test("ten thousand rows are asked for in no time", () => {
  const list = heights(many(10_000));
  const start = performance.now();
  for (let n = 0; n < 100; n += 1) list.pieces([list.within(n * 10_000, n * 10_000 + 600).from]);

  assert.ok(performance.now() - start < 2_000, `${performance.now() - start} ms`);
});
