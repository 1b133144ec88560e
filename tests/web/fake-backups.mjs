// What the scripted hub says of its backups.

const DAY_S = 86_400;

/** @param {string} folder */
export const backupPlace = (folder, more = {}) => ({
  folder, there: true, readable: true, n: 0, bytes: 0, staying: 0, gone_by: null, made_at: null,
  latest_at: null, latest_bytes: 0, oldest_at: null, rehearsed_at: null, fails_since: null,
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
          Object.assign(place, {
            n: place.n + 1, bytes: place.bytes + 4_200_000, gone_by: now + 64 * DAY_S, made_at: now,
            latest_at: now, latest_bytes: 4_200_000, fails_since: null,
          });
        }
      }
    }
    const keeps = { days: 7, weeks: 4, months: 3 };
    json(200, { places: this.places, keeps, under_way: 0 < this.takes, replaced: this.replaced });
    return true;
  }
}
