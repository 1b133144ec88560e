// @ts-check

/**
 * Makes something the first time that it is asked for. What browsers write dates and numbers with takes them
 * tens of milliseconds each to make, on a slow device, and a first view needs few of them.
 *
 * @template T
 * @param {() => T} make
 * @returns {() => T}
 */
export function once(make) {
  /** @type {{ made: T } | null} */
  let kept = null;
  return () => (kept ??= { made: make() }).made;
}
