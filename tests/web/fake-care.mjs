// What the scripted hub says of itself and its computer, and its token for figures.

import { randomBytes } from "node:crypto";

/** @param {string} about @param {string} how @param {"good" | "mind" | "ails"} verdict */
export const finding = (about, how, verdict, facts = {}, calls = verdict === "ails") => ({
  about, how, verdict, says: `${about} ${how}`, to_do: null, calls,
  facts: Object.entries(facts).map(([name, value]) => ({ name, value })),
});

export class FakeCare {
  /** What is seen at once. */
  findings = [
    finding("room", "enough", "good", { mib: 24_000, percent: 81 }), finding("clock", "set", "good"),
    finding("bluetooth", "works", "good"),
  ];
  /** What is seen at a look. */
  atLook = [
    finding("folder", "closed", "good"), finding("database", "whole", "good", { mib: 3 }),
    finding("certificate", "lasts", "good", { days: 335 }), finding("kernel", "lets", "mind"), finding("name", "found", "good"),
  ];
  looks = 0;
  /** @type {number | null} */
  lookedAt = null;
  /** @type {{ token: string, made_at: number, used_at: number | null } | null} */
  meter = null;
  #hub;

  /** @param {import("./fake-hub.mjs").FakeHub} hub */
  constructor(hub) {
    this.#hub = hub;
  }

  /** Answers what is about care; returns false for everything else. */
  answer({ route: { method, path }, session, json, refuse }) {
    if (path[0] !== "care") return false;
    if (path[1] === "meter") this.#meter(method, session, json, refuse);
    else {
      if (path[1] === "look") {
        this.looks += 1;
        this.lookedAt = this.#hub.accounts.now();
        this.tell();
      }
      const findings = [...this.findings, ...(this.lookedAt === null ? [] : this.atLook)];
      json(200, { looked_at: this.lookedAt, findings });
    }
    return true;
  }

  /** Tells guardians that something else is found. */
  tell() {
    this.#hub.accounts.tell("care", null);
  }

  #meter(method, session, json, refuse) {
    const now = this.#hub.accounts.now();
    if (method === "POST") {
      if (session.confirmed <= now) {
        refuse(403, "confirm_first", "This needs your password once more. Type it and try again.");
        return;
      }
      this.meter = { token: randomBytes(32).toString("base64url"), made_at: now, used_at: null };
      json(201, { token: this.meter.token, made_at: now });
      return;
    }
    if (method === "DELETE") this.meter = null;
    json(200, { made_at: this.meter?.made_at ?? null, used_at: this.meter?.used_at ?? null });
  }
}
