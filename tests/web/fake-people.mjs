// The people of the scripted hub: relatives, child screens, what each of them may do and see, and the
// children that it is about. The answers are the real one's; nothing is sealed.

import { randomBytes } from "node:crypto";

import { newId } from "./fake-ids.mjs";

const SCREEN_S = 3_600;
const RELATIVE_S = 7 * 86_400;
const OPEN_INVITES = 20;
const ANIMALS = ["bear", "cat", "dog", "rabbit", "unicorn"];
const COLORS = ["plum", "leaf", "sky", "sun"];
const RELATIONS = [
  "mother", "father", "grandmother", "grandfather", "aunt", "uncle", "cousin", "sibling", "godparent", "friend", "other",
];
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._'’-]{0,39}$/u;
const BAD_NAME = "A name has 1 to 64 letters. Choose another one.";
// What a screen does not play: nobody let it through, or somebody took it back.
const HELD_BACK = ["awaiting_approval", "declined", "withdrawing", "withdrawn"];

/** Who may do what, first match wins; what is not here is for everybody who is signed in. */
const ACCESS = [
  [/^POST deliveries\/\w+\/(withdraw|send-now)$/, ["guardian", "relative"]],
  [/^POST children\/\w+\/messages$/, ["guardian", "relative"]],
  [/^POST children\/\w+\/recordings$/, ["child_screen"]],
  [/^PUT items\/\w+\/note$/, ["guardian", "relative"]],
  [/^(POST (children|deliveries|items)|PUT |GET children\/\w+\/rules)/, ["guardian"]],
  [/ (activity|privacy|care|household|people|guardians|keys|invites|relatives|screens|toys|waiting|demo|me\/recovery-key)/, ["guardian"]],
  [/^POST me\/|^(GET|POST) sessions/, ["guardian", "relative"]],
];

const now = () => Math.floor(Date.now() / 1000);
const today = () => new Date().setHours(0, 0, 0, 0) / 1000;

/** Returns whether somebody of this role may ask for that. */
export function mayDo(role, { method, path }) {
  const wanted = `${method} ${path.join("/")}`;
  return ACCESS.find(([what]) => what.test(wanted))?.[1].includes(role) ?? true;
}

export class FakePeople {
  relatives = [];
  screens = [];
  #hub;

  /** @param {import("./fake-hub.mjs").FakeHub} hub */
  constructor(hub) {
    this.#hub = hub;
  }

  /** Lets a relative in, for tests: a guardian invited them, and they came. */
  addRelative(name, grants, { password = "meadow-lantern-tin", state = "active" } = {}) {
    const relative = {
      ...this.#account("relative", name), password, state, sign_in_name: name.toLowerCase(),
      grants: grants.map((grant) => ({ relation: "grandmother", needs_approval: true, daily_limit: null, ...grant })),
    };
    this.relatives.push(relative);
    return relative;
  }

  /** Binds a screen, for tests. */
  addScreen(name, child) {
    const screen = { ...this.#account("child_screen", name), child, state: "active", last_used_at: now() };
    this.screens.push(screen);
    return screen;
  }

  #account(role, name) {
    return {
      id: newId(), name, role, created_at: now(), totp: null, lastStep: 0, codes: [], advice: null, checked: true,
      password: null,
    };
  }

  grantOf(account, child) {
    return account.grants?.find((one) => one.child === child) ?? null;
  }

  /** Returns whether this account may see an item. */
  sees(account, item) {
    if (account.role === "guardian") return true;
    if (account.role === "child_screen") {
      if (item.child !== account.child) return false;
      return item.sender === account.id || (item.kind === "message" && !HELD_BACK.includes(item.delivery.state));
    }
    if (!this.grantOf(account, item.child)) return false;
    return item.sender === account.id || item.shared_with.includes(account.id);
  }

  children(account) {
    return this.#hub.children
      .filter(({ id }) => account.role === "guardian" || account.child === id || this.grantOf(account, id))
      .map((child) => this.child(account, child));
  }

  child(account, child) {
    const seen = this.#hub.items.filter((item) => item.child === child.id && this.sees(account, item));
    const grant = this.grantOf(account, child.id);
    return {
      ...child, quiet: this.#hub.rules.quiet(child.id), quiet_at: null, toys: account.role === "guardian" ? child.toys : [],
      latest_at: seen.length > 0 ? Math.max(...seen.map(({ at }) => at)) : null,
      grant: grant && {
        relation: grant.relation, needs_approval: grant.needs_approval, daily_limit: grant.daily_limit,
        sent_today: this.sentToday(account, child.id),
      },
    };
  }

  sentToday(account, child) {
    const isOne = (item) => item.child === child && item.sender === account.id && item.at >= today();
    return this.#hub.items.filter(isOne).length;
  }

  /** Whether one more message is one too many; says until when. */
  limitOf(account, child) {
    const limit = this.grantOf(account, child)?.daily_limit ?? null;
    if (limit === null || this.sentToday(account, child) < limit) return null;
    return { limit, retry_after_s: Math.ceil(today() + 86_400 - now()) };
  }

  /** Answers what is about people and children; returns false for everything else. */
  answer({ route: { method, path: [first, id, verb] }, body, session, request, json, refuse }) {
    const ask = { body, json, refuse, request, session };
    const relative = first === "relatives" && id && this.relatives.find((one) => one.id === id);
    const screen = first === "screens" && id && this.screens.find((one) => one.id === id);
    if (method === "POST" && ["relatives", "screens"].includes(first)) {
      if (!id) (first === "relatives" ? this.#inviteRelative(ask) : this.#inviteScreen(ask));
      else if (!relative && !screen) refuse(404, "no_such_account", "That account is not here any more.");
      else this.#actOn(relative || screen, verb ?? "change", ask);
      return true;
    }
    if (method === "POST" && first === "children" && !verb) {
      this.#changeChild(id, ask);
      return true;
    }
    return false;
  }

  /** What guardians read. */
  all() {
    return {
      relatives: this.relatives.map((one) => this.#relative(one)),
      screens: this.screens.map((one) => this.#screen(one)),
    };
  }

  #inviteOf(account) {
    const open = this.#hub.accounts.openInvites().find((one) => one.for === account);
    return open ? { id: open.id, created_at: open.created_at, expires_at: open.expires_at } : null;
  }

  #relative(one) {
    const { id, name, sign_in_name, created_at, state, grants } = one;
    return { id, name, sign_in_name, created_at, state, invite: this.#inviteOf(one), grants };
  }

  #screen(one) {
    const { id, name, child, created_at, state, last_used_at } = one;
    return { id, name, child, created_at, state, invite: this.#inviteOf(one), last_used_at };
  }

  /** Makes a link for somebody; an earlier one ends. */
  #link(account, request) {
    const accounts = this.#hub.accounts;
    accounts.invites = accounts.invites.filter((one) => one.for !== account);
    const made = {
      id: newId(), token: randomBytes(32).toString("base64url"), created_at: accounts.now(), for: account,
      expires_at: accounts.now() + (account.role === "relative" ? RELATIVE_S : SCREEN_S),
    };
    accounts.invites.unshift(made);
    const link = `http://${request.headers.host}/#invite=${made.token}`;
    return { id: made.id, link, qr: accounts.qr(), expires_at: made.expires_at };
  }

  #isFull(refuse) {
    if (this.#hub.accounts.openInvites().length < OPEN_INVITES) return false;
    refuse(409, "too_many_invites", "More invitations are open than anybody needs. Take some back and try again.");
    return true;
  }

  /** Answers what is wrong with these, or returns them whole. */
  #grants(grants, refuse) {
    if (!Array.isArray(grants) || grants.length === 0) {
      refuse(422, "no_children", "Choose at least one child.");
      return null;
    }
    const whole = grants.map((grant) => ({ needs_approval: true, daily_limit: null, ...grant }));
    const isOff = ({ relation, needs_approval, daily_limit: limit }) => !RELATIONS.includes(relation)
      || typeof needs_approval !== "boolean" || (limit !== null && !(Number.isInteger(limit) && limit >= 1 && limit <= 100));
    if (whole.some((one) => !this.#hub.children.some(({ id }) => id === one.child))) {
      refuse(404, "no_such_child", "There is no such child here. Reload the page.");
      return null;
    }
    if (whole.some(isOff)) {
      refuse(422, "bad_choice", "That is not one of the choices.");
      return null;
    }
    return whole;
  }

  #inviteRelative({ body, json, refuse, request }) {
    const name = String(body.name ?? "").trim();
    if (!NAME.test(name)) return refuse(422, "bad_name", BAD_NAME);
    const grants = this.#grants(body.grants, refuse);
    if (!grants || this.#isFull(refuse)) return undefined;
    const relative = { ...this.#account("relative", name), state: "invited", sign_in_name: null, grants };
    this.relatives.push(relative);
    const invite = this.#link(relative, request);
    json(201, { relative: this.#relative(relative), invite });
    return this.#hub.lag();
  }

  #inviteScreen({ body, json, refuse, request }) {
    const name = String(body.name ?? "").trim();
    if (!NAME.test(name)) return refuse(422, "bad_name", BAD_NAME);
    if (!this.#hub.children.some(({ id }) => id === body.child)) {
      return refuse(404, "no_such_child", "There is no such child here. Reload the page.");
    }
    if (this.#isFull(refuse)) return undefined;
    const screen = { ...this.#account("child_screen", name), child: body.child, state: "invited", last_used_at: null };
    this.screens.push(screen);
    const invite = this.#link(screen, request);
    json(201, { screen: this.#screen(screen), invite });
    return this.#hub.lag();
  }

  #actOn(account, verb, { body, json, refuse, request }) {
    const isOf = (session) => session.account === account;
    if (verb === "invite") {
      if (!this.#isFull(refuse)) json(201, this.#link(account, request));
    } else if (verb === "remove") {
      this.relatives = this.relatives.filter((one) => one !== account);
      this.screens = this.screens.filter((one) => one !== account);
      this.#hub.accounts.invites = this.#hub.accounts.invites.filter((one) => one.for !== account);
      for (const item of this.#hub.items) item.shared_with = item.shared_with.filter((id) => id !== account.id);
      this.#hub.accounts.end(isOf);
      json(204);
    } else if (account.role === "relative" && ["block", "unblock"].includes(verb)) {
      account.state = verb === "block" ? "blocked" : "active";
      if (verb === "block") this.#hub.accounts.end(isOf);
      json(200, this.#relative(account));
    } else if (account.role === "relative" && verb === "change") {
      if (body.name !== undefined && !NAME.test(String(body.name).trim())) return refuse(422, "bad_name", BAD_NAME);
      const grants = body.grants === undefined ? account.grants : this.#grants(body.grants, refuse);
      if (!grants) return undefined;
      Object.assign(account, { name: String(body.name ?? account.name).trim(), grants });
      for (const item of this.#hub.items) {
        if (!this.grantOf(account, item.child)) item.shared_with = item.shared_with.filter((id) => id !== account.id);
      }
      json(200, this.#relative(account));
    } else {
      return refuse(404, "not_found", "There is nothing at this address. Go back to the start page.");
    }
    return this.#hub.lag();
  }

  #changeChild(id, { body, json, refuse, session }) {
    const known = id && this.#hub.children.find((one) => one.id === id);
    if (id && !known) return refuse(404, "no_such_child", "There is no such child here. Reload the page.");
    const wanted = { name: "", animal: "", color: "", ...known, ...body };
    if (!NAME.test(String(wanted.name).trim())) return refuse(422, "bad_name", BAD_NAME);
    if (!ANIMALS.includes(wanted.animal) || !COLORS.includes(wanted.color)) {
      return refuse(422, "bad_choice", "That is not one of the choices.");
    }
    const child = known || { id: newId(), picture: null, toys: [], latest_at: null };
    Object.assign(child, { name: String(wanted.name).trim(), animal: wanted.animal, color: wanted.color });
    if (!known) this.#hub.children.push(child);
    json(known ? 200 : 201, this.child(session.account, child));
    return this.#hub.lag();
  }

  /** What an invitation says to whoever holds it. */
  look({ expires_at, for: account }) {
    const household = this.#hub.accounts.household === "Hutch" ? null : this.#hub.accounts.household;
    if (!account || account.role === "guardian") {
      return { expires_at, role: "guardian", name: account?.name ?? null, household, children: [] };
    }
    const ids = account.role === "relative" ? account.grants.map(({ child }) => child) : [account.child];
    const nameOf = (id) => this.#hub.children.find((one) => one.id === id)?.name ?? "";
    return { expires_at, role: account.role, name: account.name, household, children: ids.map(nameOf) };
  }

  /** Somebody came in by a link: what was before is over. */
  accept(account, { name, password }) {
    this.#hub.accounts.end((one) => one.account === account);
    Object.assign(account, account.role === "relative"
      ? { name, password, state: "active", sign_in_name: name.toLowerCase(), totp: null, codes: [] }
      : { state: "active", last_used_at: now() });
  }
}
