// @ts-check

// The arithmetic of a long list of which only what is near the view stands in the page: which rows
// those are, and how high the space is that holds the place of the others.

/**
 * @typedef {{ key: string, kind: string }} Row rows of a kind are about equally high
 * @typedef {{ space: number } | { row: number }} Piece in pixels, or which row
 */

/** How high rows are, as far as anybody measured. */
export class Heights {
  /** @type {Row[]} */
  #rows = [];
  /** @type {(number | undefined)[]} */
  #measured = [];
  /** @type {Map<string, number>} */
  #places = new Map();
  /** @type {Map<string, { n: number, sum: number }>} */
  #kinds = new Map();
  /** Where each row begins, and where the one after the last would; made when somebody asks. */
  #tops = new Float64Array(1);
  #isOld = true;
  #gap = 0;

  /** @param {Record<string, number>} guesses how high a row of a kind may be while none was measured */
  constructor(guesses) {
    for (const [kind, guess] of Object.entries(guesses)) this.#kinds.set(kind, { n: 1, sum: guess });
  }

  get length() {
    return this.#rows.length;
  }

  /** Sets how far rows stand apart. */
  set gap(/** @type {number} */ gap) {
    this.#gap = gap;
    this.#isOld = true;
  }

  /**
   * Takes other rows; those that were here before keep their heights.
   *
   * @param {Row[]} rows
   */
  take(rows) {
    const before = this.#places;
    const measured = this.#measured;
    this.#places = new Map();
    this.#measured = rows.map(({ key }, at) => {
      this.#places.set(key, at);
      return measured[before.get(key) ?? -1];
    });
    this.#rows = rows;
    this.#isOld = true;
  }

  /**
   * @param {number} at one of the rows
   * @returns {Row}
   */
  rowAt(at) {
    return /** @type {Row} */ (this.#rows[at]);
  }

  /**
   * Returns which row this is, or -1.
   *
   * @param {string} key
   */
  placeOf(key) {
    return this.#places.get(key) ?? -1;
  }

  /**
   * Notes how high a row is. One that is not here is nobody's concern.
   *
   * @param {string} key
   * @param {number} height
   */
  measure(key, height) {
    const at = this.placeOf(key);
    if (at < 0) return;
    const { kind } = this.rowAt(at);
    const known = this.#kinds.get(kind) ?? { n: 0, sum: 0 };
    const before = this.#measured[at];
    if (before === height) return;
    this.#kinds.set(kind, before === undefined
      ? { n: known.n + 1, sum: known.sum + height }
      : { n: known.n, sum: known.sum + height - before });
    this.#measured[at] = height;
    this.#isOld = true;
  }

  /** Forgets what was measured, as when the list has another width; what it was on average stands for a guess. */
  forget() {
    this.#measured = this.#rows.map(() => undefined);
    for (const [kind, { n, sum }] of this.#kinds) this.#kinds.set(kind, { n: 1, sum: n > 0 ? sum / n : 0 });
    this.#isOld = true;
  }

  /**
   * Returns how high the rows from one up to another are together, with what is between them.
   *
   * @param {number} from
   * @param {number} to
   */
  between(from, to) {
    return from < to ? this.topOf(to) - this.topOf(from) - this.#gap : 0;
  }

  /**
   * Returns how far below the top of the list a row begins.
   *
   * @param {number} at
   */
  topOf(at) {
    if (this.#isOld) this.#addUp();
    return /** @type {number} */ (this.#tops[at]);
  }

  /**
   * Returns the rows of which anything lies between two lines, counted from the top of the list. There is
   * always one, if the list has any.
   *
   * @param {number} top
   * @param {number} bottom
   * @returns {{ from: number, to: number }}
   */
  within(top, bottom) {
    const n = this.length;
    if (n === 0) return { from: 0, to: 0 };
    const from = this.#first(n - 1, (at) => this.topOf(at + 1) - this.#gap > top);
    return { from, to: Math.max(from + 1, this.#first(n, (at) => this.topOf(at) >= bottom)) };
  }

  /**
   * Returns what the list is made of: these rows, and space for the others.
   *
   * @param {number[]} shown in any order
   * @returns {Piece[]}
   */
  pieces(shown) {
    const n = this.length;
    /** @type {Piece[]} */
    const pieces = [];
    let at = 0;
    for (const row of [...new Set(shown)].filter((one) => 0 <= one && one < n).sort((a, b) => a - b)) {
      if (at < row) pieces.push({ space: this.between(at, row) });
      pieces.push({ row });
      at = row + 1;
    }
    if (at < n) pieces.push({ space: this.between(at, n) });
    return pieces;
  }

  /**
   * Returns the first number for which something holds, as it does for all after it; or the last one that there is.
   *
   * @param {number} last
   * @param {(at: number) => boolean} holds
   */
  #first(last, holds) {
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #addUp() {
    const n = this.length;
    if (this.#tops.length !== n + 1) this.#tops = new Float64Array(n + 1);
    const guesses = new Map([...this.#kinds].map(([kind, { n: times, sum }]) => [kind, times > 0 ? sum / times : 0]));
    let y = 0;
    for (let at = 0; at < n; at += 1) {
      this.#tops[at] = y;
      y += (this.#measured[at] ?? guesses.get(this.rowAt(at).kind) ?? 0) + this.#gap;
    }
    this.#tops[n] = y;
    this.#isOld = false;
  }
}
