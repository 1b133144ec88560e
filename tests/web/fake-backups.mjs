// What the scripted hub says of its backups.

/** @param {string} folder */
export const backupPlace = (folder, more = {}) => ({
  folder, there: true, n: 0, latest_at: null, latest_bytes: 0, oldest_at: null, rehearsed_at: null, fails_since: null,
  ...more,
});

export class FakeBackups {
  places = [backupPlace("/media/hutch", { there: false })];
  /** How often it is said that one is being made. */
  takes = 0;
  asked = 0;
  /** The household from before a restore.
   *
   * @type {{ bytes: number, goes_at: number } | null}
   */
  replaced = null;
  #hub;

  /** @param {import("./fake-hub.mjs").FakeHub} hub */
  constructor(hub) {
    this.#hub = hub;
  }

  /** Answers what is about backups; returns false for everything else. */
  answer({ route: { method, path }, json }) {
    if (path[0] !== "backups") return false;
    if (path[1] === "replaced") {
      this.replaced = null;
    } else if (method === "POST") {
      this.asked += 1;
      this.takes = 1;
    } else if (0 < this.takes) {
      this.takes -= 1;
      if (this.takes === 0) {
        const now = this.#hub.accounts.now();
        for (const place of this.places.filter(({ there }) => there)) {
          place.oldest_at ??= now;
          Object.assign(place, { n: place.n + 1, latest_at: now, latest_bytes: 4_200_000, fails_since: null });
        }
      }
    }
    json(200, { places: this.places, under_way: 0 < this.takes, replaced: this.replaced });
    return true;
  }
}
