// Which square of a picture is cut out.

import assert from "node:assert/strict";
import { test } from "node:test";

import { mostZoom, movedBy, squareOf, wholeCrop, zoomedTo } from "../../web/js/crop.js";

const WIDE = { width: 1600, height: 800 };

test("one begins with the middle, as large as it can be", () => {
  assert.deepEqual(squareOf(wholeCrop(WIDE), WIDE), { left: 400, top: 0, side: 800 });
  const high = { width: 3, height: 9 };
  assert.deepEqual(squareOf(wholeCrop(high), high), { left: 0, top: 3, side: 3 });
});

test("it moves as far as the picture goes and no further", () => {
  const crop = wholeCrop(WIDE);
  assert.deepEqual(squareOf(movedBy(crop, WIDE, { right: 0.25, down: 0 }), WIDE), { left: 600, top: 0, side: 800 });
  assert.deepEqual(squareOf(movedBy(crop, WIDE, { right: 9, down: 9 }), WIDE), { left: 800, top: 0, side: 800 });
  assert.deepEqual(squareOf(movedBy(crop, WIDE, { right: -9, down: -9 }), WIDE), { left: 0, top: 0, side: 800 });
});

test("what one zooms at stays where it is", () => {
  const crop = wholeCrop(WIDE);
  assert.deepEqual(squareOf(zoomedTo(crop, WIDE, 2), WIDE), { left: 600, top: 200, side: 400 });
  // The upper left corner.
  const corner = zoomedTo(crop, WIDE, 2, { right: -0.5, down: -0.5 });
  assert.deepEqual(squareOf(corner, WIDE), { left: 400, top: 0, side: 400 });
  const at = { right: 0.3, down: -0.2 };
  const near = zoomedTo(crop, WIDE, 4, at);
  const point = (/** @type {import("../../web/js/crop.js").Crop} */ of) => of.x + at.right * squareOf(of, WIDE).side;
  assert.ok(Math.abs(point(near) - point(crop)) < 1e-9);
});

test("zooming out from an edge stays within the picture", () => {
  const corner = movedBy(zoomedTo(wholeCrop(WIDE), WIDE, 4), WIDE, { right: 9, down: 9 });
  assert.deepEqual(squareOf(corner, WIDE), { left: 1400, top: 600, side: 200 });
  assert.deepEqual(squareOf(zoomedTo(corner, WIDE, 0.1), WIDE), { left: 800, top: 0, side: 800 });
});

test("a small picture is not zoomed until nothing is left of it", () => {
  assert.equal(mostZoom({ width: 40, height: 40 }), 1);
  assert.equal(mostZoom({ width: 192, height: 400 }), 2);
  assert.equal(mostZoom({ width: 8000, height: 8000 }), 8);
  assert.equal(zoomedTo(wholeCrop(WIDE), WIDE, 99).zoom, 8);
});
