// The activity of the scripted hub: what guardians read, with a chain that a test can break.

import { createHash } from "node:crypto";

const NEWS = ["new_device", "sign_in_failed", "account_reset", "root_changed", "recovery_key_used"];
const PAGE = { usual: 50, most: 100 };

export class FakeActivity {
  entries = [];
  /** What a check says does not fit, where the chain itself would. */
  firstWrong = null;
  #seen = new Map();
  #accounts;

  /** @param {import("./fake-accounts.mjs").FakeAccounts} accounts */
  constructor(accounts) {
    this.#accounts = accounts;
  }

  /**
   * Notes something.
   *
   * @param {string} deed
   * @param {object} [more] `account`, `subject`: accounts, or who is gone; `place`: address and device
   */
  note(deed, {
    at = this.#accounts.now(), account = null, subject = null, item = null, child = null, n = null, place = null,
  } = {}) {
    const [address, device] = place ?? [null, null];
    this.entries.push({
      id: this.entries.length + 1, at, deed, account: account?.id ?? null, account_name: account?.name ?? null,
      subject: subject?.id ?? null, subject_name: subject?.name ?? null, item, child: child?.id ?? null,
      child_name: child?.name ?? null, n, address, device,
    });
  }

  /** The link of each entry. */
  #chain() {
    let link = "";
    return this.entries.map((entry) => {
      link = createHash("sha256").update(link + JSON.stringify(entry)).digest("hex");
      return link;
    });
  }

  #check({ id, chain, looked_at: known = [] }) {
    const links = this.#chain();
    const head = links.length > 0 ? { id: links.length, chain: links.at(-1) } : null;
    const isShort = chain && links.length < id;
    const differs = chain && !isShort && links[id - 1] !== chain;
    const inside = known.includes(this.firstWrong) ? null : this.firstWrong;
    return { head, first_wrong: inside ?? (isShort ? links.length + 1 : differs ? id : null) };
  }

  /** Answers what is about the activity; returns false for everything else. */
  answer({ route: { method, path: [first, second] }, body, session, query, json, refuse }) {
    if (first !== "activity") return false;
    const { account } = session;
    switch (`${method} ${second ?? ""}`) {
      case "GET ": {
        const limit = Number(query.get("limit") ?? PAGE.usual);
        const before = Number(query.get("before") ?? Infinity);
        const item = query.get("item");
        if (!(limit >= 1 && limit <= PAGE.most && before >= 1)) refuse(400, "bad_query", "The address has a value that Hutch does not know.");
        else {
          const older = this.entries.filter((one) => one.id < before && (!item || one.item === item)).reverse();
          const entries = older.slice(0, limit);
          json(200, { entries, next: older.length > limit ? entries.at(-1).id : null });
        }
        return true;
      }
      case "POST check":
        json(200, this.#check(body));
        return true;
      case "GET news": {
        const isNews = ({ id, deed }) => id > (this.#seen.get(account.id) ?? 0) && NEWS.includes(deed);
        const news = this.entries.filter(isNews).reverse();
        json(200, { entries: news.slice(0, 20), n: news.length, up_to: this.entries.length });
        return true;
      }
      case "POST seen":
        this.#seen.set(account.id, Math.min(body.up_to, this.entries.length));
        json(204);
        return true;
      default:
        return false;
    }
  }
}
