// @ts-check

// Which square of a picture is cut out: pure sums, in pixels of the picture. A crop names the middle of the square and
// how far it is zoomed in; at a zoom of 1 the square is as large as it can be.

/** @typedef {{ x: number, y: number, zoom: number }} Crop */
/** @typedef {{ width: number, height: number }} Size */

/** How many pixels a side of what is sent has at most; the hub keeps no more. */
export const SIDE = 512;

// Fewer pixels than this a side show nobody.
const LEAST_SIDE = 96;
const MOST_ZOOM = 8;

/** @param {Size} size */
export const mostZoom = ({ width, height }) => Math.min(MOST_ZOOM, Math.max(1, Math.min(width, height) / LEAST_SIDE));

/**
 * Returns the crop that one begins with: the middle, as large as it can be.
 *
 * @param {Size} size
 * @returns {Crop}
 */
export const wholeCrop = ({ width, height }) => ({ x: width / 2, y: height / 2, zoom: 1 });

/**
 * Returns the square of a crop.
 *
 * @param {Crop} crop
 * @param {Size} size
 */
export function squareOf({ x, y, zoom }, { width, height }) {
  const side = Math.min(width, height) / zoom;
  return { left: x - side / 2, top: y - side / 2, side };
}

/**
 * Returns the crop that is moved by so many of its own sides; it stops at the edges of the picture.
 *
 * @param {Crop} crop
 * @param {Size} size
 * @param {{ right: number, down: number }} by
 */
export function movedBy(crop, size, { right, down }) {
  const { side } = squareOf(crop, size);
  return within({ ...crop, x: crop.x + right * side, y: crop.y + down * side }, size);
}

/**
 * Returns the crop at another zoom. What lies at `at`, in sides of the square from its middle, stays where it is.
 *
 * @param {Crop} crop
 * @param {Size} size
 * @param {number} zoom
 * @param {{ right: number, down: number }} [at]
 */
export function zoomedTo(crop, size, zoom, at = { right: 0, down: 0 }) {
  const next = { ...crop, zoom: Math.min(mostZoom(size), Math.max(1, zoom)) };
  const shrinks = squareOf(crop, size).side - squareOf(next, size).side;
  return within({ ...next, x: crop.x + at.right * shrinks, y: crop.y + at.down * shrinks }, size);
}

/**
 * @param {Crop} crop
 * @param {Size} size
 * @returns {Crop}
 */
function within(crop, size) {
  const half = squareOf(crop, size).side / 2;
  const held = (/** @type {number} */ at, /** @type {number} */ end) => Math.min(end - half, Math.max(half, at));
  return { ...crop, x: held(crop.x, size.width), y: held(crop.y, size.height) };
}
