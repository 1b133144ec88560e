// @ts-check

// The pictures of children that this page has seen, ready to be drawn. They live as long as the page does.

import { readPicture } from "./api-pictures.js";

/** @typedef {{ id: string, picture?: string | null }} Seen */

/**
 * By child: which picture it is, and the picture once it is here.
 *
 * @type {Map<string, { picture: string, bitmap: ImageBitmap | null, coming: Promise<ImageBitmap | null> }>}
 */
const seen = new Map();

/**
 * Returns a child's picture if it is here already.
 *
 * @param {Seen} child
 */
export function pictureHere({ id, picture }) {
  const known = seen.get(id);
  return known && known.picture === picture ? known.bitmap : null;
}

/**
 * Fetches a child's picture, once for all places where it is shown.
 *
 * @param {Seen} child
 * @returns {Promise<ImageBitmap | null>} null if there is none, or if it cannot be had now
 */
export function fetchPicture({ id, picture }) {
  if (!picture) {
    seen.delete(id);
    return Promise.resolve(null);
  }
  const known = seen.get(id);
  if (known && known.picture === picture) return known.coming;
  const coming = readPicture(id).then((file) => file && createImageBitmap(file)).catch(() => null);
  const entry = { picture, bitmap: /** @type {ImageBitmap | null} */ (null), coming };
  seen.set(id, entry);
  void coming.then((bitmap) => {
    entry.bitmap = bitmap;
    // The next place that shows it tries again.
    if (!bitmap && seen.get(id) === entry) seen.delete(id);
  });
  return coming;
}
