// @ts-check

/**
 * An observable map: the only mutable state of the page.
 *
 * Two kinds of news reach it: answers to requests, which are a picture of the hub at some moment
 * between asking and now, and live events, which come in the order in which things happened. An
 * answer therefore never overwrites an event that arrived after the question was asked.
 */
export class Store {
  /** @type {Map<string, unknown>} */
  #values = new Map();
  /** @type {Map<string, Set<() => void>>} */
  #watchers = new Map();
  /** @type {Map<string, number>} */
  #events = new Map();
  #sequence = 0;

  /**
   * @param {string} key
   * @returns {any}
   */
  get(key) {
    return this.#values.get(key);
  }

  /** Returns the moment to pass to {@link fill}; take it before asking. */
  mark() {
    return this.#sequence;
  }

  /**
   * Stores what a live event says.
   *
   * @param {string} key
   * @param {unknown} value
   */
  apply(key, value) {
    this.#sequence += 1;
    this.#events.set(key, this.#sequence);
    this.set(key, value);
  }

  /**
   * Stores what an answer says, unless an event since `mark` knows better.
   *
   * @param {string} key
   * @param {unknown} value
   * @param {number} mark
   */
  fill(key, value, mark) {
    if ((this.#events.get(key) ?? 0) > mark) return;
    this.set(key, value);
  }

  /**
   * Stores the page's own state.
   *
   * @param {string} key
   * @param {unknown} value
   */
  set(key, value) {
    if (Object.is(this.#values.get(key), value) && this.#values.has(key)) return;
    this.#values.set(key, value);
    // A watcher may stop watching, or start, while it is being told.
    for (const watcher of [...(this.#watchers.get(key) ?? [])]) watcher();
  }

  /**
   * Lets go of what nobody needs any more. What events said of it is remembered: an older answer does
   * not bring it back.
   *
   * @param {string[]} keys
   */
  drop(keys) {
    for (const key of keys) this.#values.delete(key);
  }

  /**
   * Calls `tell` after each change of one of the keys, until the returned function is called.
   *
   * @param {string[]} keys
   * @param {() => void} tell
   * @returns {() => void}
   */
  watch(keys, tell) {
    for (const key of keys) {
      const watchers = this.#watchers.get(key) ?? new Set();
      watchers.add(tell);
      this.#watchers.set(key, watchers);
    }
    return () => {
      for (const key of keys) {
        const watchers = this.#watchers.get(key);
        watchers?.delete(tell);
        if (watchers?.size === 0) this.#watchers.delete(key);
      }
    };
  }
}

/** The page's state. Keys: see `sync.js`. */
export const store = new Store();
