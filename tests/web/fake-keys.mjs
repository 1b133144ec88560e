// The household's keys in the scripted hub: how a change looks from outside. Nothing is sealed.

import { randomBytes } from "node:crypto";

import { newId } from "./fake-ids.mjs";

const LINK_S = 3_600;

export class FakeKeys {
  /** How far a change has come; a test moves it on. */
  progress = null;
  /** When the recovery key was used. */
  usedAt = null;
  #accounts;

  /** @param {import("./fake-accounts.mjs").FakeAccounts} accounts */
  constructor(accounts) {
    this.#accounts = accounts;
  }

  /** Answers what is about keys; returns false for everything else. */
  answer({ route: { method, path: [first, second, third] }, body, session, request, json, refuse }) {
    const key = `${method} ${[first, second && first === "guardians" ? "*" : second, third].filter(Boolean).join("/")}`;
    if (key === "GET keys") json(200, { changing: this.progress });
    else if (key === "POST keys/change") this.#change({ body, session, request, json, refuse });
    else if (key === "POST guardians/*/invite") this.#invite(second, { session, request, json, refuse });
    else return false;
    return true;
  }

  /** Tells how far the change is; null when it is done. */
  go(progress) {
    this.progress = progress;
    this.#accounts.tell("keys", { changing: progress });
  }

  #change({ body, session, request, json, refuse }) {
    const accounts = this.#accounts;
    const { account } = session;
    if (this.progress) return refuse(409, "keys_changing", "The keys are being changed already. Wait until that is done.");
    if (!accounts.prove(account, body, refuse)) return undefined;
    if (body.new_password !== undefined) {
      const weak = accounts.weak(String(body.new_password), [account.name, accounts.household]);
      if (weak) return refuse(422, "weak_password", "This password is too easy to guess.", weak);
      account.password = body.new_password;
    }
    if (body.remove) accounts.accounts = accounts.accounts.filter(({ id }) => id !== body.remove);
    accounts.invites = accounts.invites.filter((one) => one.for && one.for.role !== "guardian");
    const others = accounts.accounts.filter((one) => one !== account);
    for (const one of others) one.password = null;
    accounts.end((one) => one !== session && (body.stolen === true || one.account.role === "guardian"));
    accounts.renewKey(account);
    this.usedAt = null;
    this.progress = { done: 0, of: 12 };
    const links = others.map((one) => ({ account: one.id, name: one.name, invite: this.link(one, request) }));
    const { key: recovery_key } = account;
    json(200, { me: accounts.me(session), recovery_key, recovery_key_qr: accounts.qr(), links });
    return accounts.changed();
  }

  #invite(id, { session, request, json, refuse }) {
    const accounts = this.#accounts;
    if (session.confirmed <= accounts.now()) return refuse(403, "confirm_first", "Give your password again first.");
    const account = accounts.accounts.find((one) => one.id === id);
    if (!account) return refuse(404, "no_such_account", "That account is not here any more.");
    json(201, this.link(account, request));
    return accounts.changed();
  }

  /** Makes a link for a guardian; an earlier one ends. */
  link(account, request) {
    const accounts = this.#accounts;
    accounts.invites = accounts.invites.filter((one) => one.for !== account);
    const made = {
      id: newId(), token: randomBytes(32).toString("base64url"),
      created_at: accounts.now(), for: account, expires_at: accounts.now() + LINK_S,
    };
    accounts.invites.unshift(made);
    const link = `http://${request.headers.host}/#invite=${made.token}`;
    return { id: made.id, link, qr: accounts.qr(), expires_at: made.expires_at };
  }
}
