// What holds for the children of the scripted hub. Whether it is quiet, tests say; nothing is erased.

import { amountsOf } from "./fake-amounts.mjs";

const DAY_S = 86_400;
const NONE = { quiet: [], max_volume: null, night_volume: null, retention_days: 90 };

const now = () => Math.floor(Date.now() / 1000);

export class FakeRules {
  /** By child. */
  #rules = new Map();
  #quiet = new Map();
  #hub;

  /** @param {import("./fake-hub.mjs").FakeHub} hub */
  constructor(hub) {
    this.#hub = hub;
  }

  of(child) {
    return this.#rules.get(child) ?? NONE;
  }

  /** What the hub tells of a child's quiet hours, while they last. */
  quiet(child) {
    return this.#quiet.get(child) ?? null;
  }

  /** Begins quiet hours, or ends them; everybody is told. */
  setQuiet(child, quiet) {
    this.#quiet.set(child, quiet);
    this.#hub.hush(child);
  }

  /** When an item is erased by itself. */
  goesAt({ child, at, kept, delivery }) {
    const days = this.of(child).retention_days;
    const isUnderWay = ["queued", "sending", "failed", "on_toy"].includes(delivery?.state);
    return days === null || kept || isUnderWay ? null : at + days * DAY_S;
  }

  /** Answers what is about rules, what is kept and how much; returns false for everything else. */
  answer({ route: { method, path: [first, id, verb] }, query, body, session, json, refuse, show }) {
    if (first === "privacy") {
      json(200, amountsOf(this.#hub));
      return true;
    }
    if (first === "children" && verb === "rules") {
      const child = this.#hub.children.find((one) => one.id === id);
      if (!child) refuse(404, "no_such_child", "There is no such child here. Reload the page.");
      else if (method === "PUT") this.#set(id, body, session, json, refuse);
      else json(200, this.#inForce(id, query.get("retention_days")));
      return true;
    }
    if (method === "PUT" && first === "items" && ["kept", "note"].includes(verb)) {
      const item = this.#hub.items.find((one) => one.id === id);
      if (!item) {
        refuse(404, "no_such_item", "There is no such message here. Reload the page.");
        return true;
      }
      if (verb === "kept") item.kept = body.kept;
      else if ([...body.text].length > 1000) {
        refuse(422, "bad_note", "That note is too long.");
        return true;
      } else item.note = body.text.trim() || null;
      json(200, show(item));
      this.#hub.emit("item", { id, child: item.child }, ({ role }) => verb === "note" || role === "guardian");
      return true;
    }
    return false;
  }

  #set(id, { quiet, max_volume = null, night_volume = null, retention_days = null }, session, json, refuse) {
    const isShorter = (retention_days ?? Infinity) < (this.of(id).retention_days ?? Infinity);
    if (isShorter && session.confirmed <= Math.floor(Date.now() / 1000)) {
      return refuse(403, "confirm_first", "Give your password again first.");
    }
    const days = new Set(quiet.map(({ weekday }) => weekday));
    const isOff = days.size < quiet.length || quiet.some(({ from, until }) => from === until);
    if (isOff) return refuse(422, "bad_choice", "Something that was chosen is not possible.");
    this.#rules.set(id, { quiet, max_volume, night_volume, retention_days });
    json(200, this.#inForce(id, null));
    return this.#hub.lag();
  }

  #inForce(id, asked) {
    const rules = this.of(id);
    const days = asked === null ? rules.retention_days : Number(asked);
    const goes = days === null ? [] : this.#hub.items
      .filter((item) => item.child === id && this.goesAt(item) !== null && item.at + days * DAY_S < now() + 7 * DAY_S)
      .map(({ at }) => Math.max(now(), at + days * DAY_S));
    return {
      ...rules, time_zone: "Europe/Berlin", quiet_now: this.quiet(id), quiet_at: null,
      going: goes.length, first_goes_at: goes.length > 0 ? Math.min(...goes) : null,
    };
  }
}
