// The doors of the scripted hub: set-up, sign-in, sessions, two-step sign-in and the recovery key, with
// the answers of the real one. Passwords are compared as they are: nothing here is kept or is secret.

import { createHmac, randomBytes, randomInt } from "node:crypto";

import { newId } from "./fake-ids.mjs";
import { FakeKeys } from "./fake-keys.mjs";
import { mayDo } from "./fake-people.mjs";

const COOKIE = "hutch_fake";
const SESSION_S = 30 * 86_400;
const CONFIRMED_S = 300;
const INVITE_S = 3_600;
const OPEN_INVITES = 20;
const NO_INVITE = "This invitation was used, has ended or was taken back. Ask for another one.";
const CODE_TRIES = 10;
const STEP_S = 30;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BECH32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
/** Crockford's base 32: none of I, L, O and U, which look like others. */
const SPOKEN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const KEY_PREFIX = "AGE-SECRET-KEY-1";
const KEY_LENGTH = 58;
const PART_LENGTH = 8;
const GROUP_LENGTH = 4;
const SHORTEST = { guardian: 12, relative: 10 };
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._'’-]{0,39}$/u;
const BAD_NAME = "A name has 1 to 64 letters. Choose another one.";
const WEAK = /password|passwort|12345|qwert|aaaa/i;
const WORDS = ("acorn basket candle dolphin eleven feather garden harbour island jacket kettle lantern meadow "
  + "napkin orchard pebble quiver ribbon saddle teapot umbrella velvet willow yonder zebra").split(" ");

const pick = (from) => from[randomInt(from.length)];
const word = (from, n) => Array.from({ length: n }, () => pick(from)).join("");
const letters = (text) => String(text ?? "").toUpperCase().replace(/[^A-Z0-9]/g, "");
/** What is typed with other dashes, spaces or case, or with an O for a zero, is the same code. */
const plain = (text) => letters(text).replaceAll("O", "0").replace(/[IL]/g, "1");

const newCode = () => [1, 2, 3].map(() => word(SPOKEN, 4)).join("-");
const newSetUp = () => ({ code: newCode(), tries: CODE_TRIES });
export const newPassphrase = () => Array.from({ length: 5 }, () => pick(WORDS)).join("-");
/** A part begins with a group. */
export const anyPart = () => 1 + GROUP_LENGTH * randomInt(Math.floor((KEY_LENGTH - PART_LENGTH) / GROUP_LENGTH) + 1);
export const newRecoveryKey = () => KEY_PREFIX + word(BECH32, KEY_LENGTH);

/** @param {string} text */
function bytesOfBase32(text) {
  let bits = "";
  for (const letter of text) bits += BASE32.indexOf(letter).toString(2).padStart(5, "0");
  return Buffer.from(bits.match(/.{8}/g)?.map((byte) => parseInt(byte, 2)) ?? []);
}

/**
 * Returns the code of RFC 6238 (HMAC-SHA-1, six digits) for a step of 30 seconds.
 *
 * @param {string} secret base32
 * @param {number} step
 */
export function totpOfStep(secret, step) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac("sha1", bytesOfBase32(secret)).update(counter).digest();
  const number = hash.readUInt32BE(hash[hash.length - 1] & 0xf) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/**
 * @param {string} secret
 * @param {number} [at] Unix seconds
 */
export const totpNow = (secret, at = Date.now() / 1000) => totpOfStep(secret, Math.floor(at / STEP_S));

/** Rows that look like a QR code and say nothing. */
export function notQuiteQr(size = 33) {
  return Array.from({ length: size }, (_, y) => Array.from({ length: size }, (_, x) => {
    for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]]) {
      const ring = Math.max(Math.abs(x - cx), Math.abs(y - cy));
      if (ring <= 4) return ring === 2 || ring === 4 ? "0" : "1";
    }
    return (x * 7 + y * 13 + x * y * 5) % 3 === 0 ? "1" : "0";
  }).join(""));
}

export class FakeAccounts {
  /** `null` once the household is set up. */
  setUp = null;
  household = "Hutch";
  timeZone = null;
  clockTrusted = true;
  /** How far the hub's clock is off. */
  skewS = 0;
  /** How wrong tries are slowed. */
  throttle = { free: 5, waitS: 30 };
  wrongTries = 0;
  waitUntil = 0;
  sessions = [];
  accounts = [];
  invites = [];
  /**
   * Told of each session that ends: its streams end with it.
   *
   * @type {(session: object) => void}
   */
  ended = () => {};
  /** Told when there is somebody new. */
  changed = () => {};
  /**
   * Tells guardians of something, or whomever it is for.
   *
   * @type {(event: string, data: unknown, isFor?: (account: any) => boolean) => void}
   */
  tell = () => {};
  keys = new FakeKeys(this);
  /**
   * Relatives and child screens; the hub brings them.
   *
   * @type {import("./fake-people.mjs").FakePeople | null}
   */
  people = null;

  /**
   * @param {{ setUp?: boolean, demo?: boolean, name?: string, password?: string, oneTime?: boolean }} [options]
   *   `oneTime`: whether the printed address opens only once
   */
  constructor({ setUp = false, demo = true, name = "Anna", password = "tulip-harbor-cactus-violin-moss", oneTime = false } = {}) {
    this.demo = demo;
    this.oneTime = oneTime;
    this.token = "fake";
    if (setUp) this.setUp = newSetUp();
    else this.#found({ name, password, checked: true });
  }

  now() {
    return Math.floor(Date.now() / 1000) + this.skewS;
  }

  #found({ name, password, checked }) {
    const key = newRecoveryKey();
    const account = {
      id: newId(), name, password, role: "guardian", advice: null, totp: null, lastStep: 0,
      codes: [], key, checked, first: anyPart(), created_at: this.now(),
    };
    this.accounts.push(account);
    return account;
  }

  /** Lets another guardian in, for tests. */
  add(name, password) {
    return this.#found({ name, password, checked: true });
  }

  /** The first guardian, for tests. */
  get guardian() {
    return this.accounts[0];
  }

  open(account, { device = "Chromium on Linux", address = "127.0.0.1", ago = 0 } = {}) {
    const at = this.now() - ago;
    const session = {
      id: newId(), cookie: randomBytes(32).toString("hex"), account, device, address,
      created_at: at - ago, last_used_at: at, expires_at: at + SESSION_S, confirmed: at + CONFIRMED_S,
    };
    this.sessions.push(session);
    this.tell("sessions", null, (one) => one.id === account.id);
    return session;
  }

  /** @param {(session: object) => boolean} which */
  end(which) {
    const gone = this.sessions.filter(which);
    this.sessions = this.sessions.filter((one) => !which(one));
    for (const session of gone) this.ended(session);
    for (const { account } of gone) this.tell("sessions", null, (one) => one.id === account.id);
  }

  /** @param {import("node:http").IncomingMessage} request */
  sessionOf(request) {
    const cookie = new RegExp(`${COOKIE}=(\\w+)`).exec(request.headers.cookie ?? "")?.[1];
    const session = this.sessions.find((one) => one.cookie === cookie && this.now() < one.expires_at);
    if (session) session.last_used_at = this.now();
    return session;
  }

  cookie(session) {
    return { "Set-Cookie": `${COOKIE}=${session.cookie}; Path=/; HttpOnly; SameSite=Strict` };
  }

  /** What the printed address leads to. */
  enter(request, token) {
    if (this.sessionOf(request)) return { Location: "/" };
    if (token !== this.token || this.setUp) return { Location: "/#used" };
    if (this.oneTime) this.token = null;
    return { Location: "/", ...this.cookie(this.open(this.guardian)) };
  }

  me(session) {
    const { id, name, role, advice, totp, checked, first } = session.account;
    return {
      id, name, household: this.household === "Hutch" ? null : this.household, role, password_advice: advice,
      totp: totp !== null, confirmed_until: role === "child_screen" ? null : session.confirmed,
      recovery_key_checked: checked, recovery_key_part: checked ? null : { first, n: PART_LENGTH },
      recovery_key_used_at: role === "guardian" ? this.keys.usedAt : null,
    };
  }

  weak(password, words, role = "guardian") {
    const reasons = [];
    const suggestions = [];
    const min = SHORTEST[role];
    const [known, listed] = ["known_name", "listed"].map((code) => ({ code, min: null, max: null }));
    if (password.length < min) {
      const message = `This password is short. It needs at least ${min} characters.`;
      reasons.push({ code: "too_short", message, min, max: null });
      const advice = "Add a word or two that have nothing to do with the rest.";
      suggestions.push({ code: "add_words", message: advice });
    }
    if (words.some((one) => one && password.toLowerCase().includes(one.toLowerCase()))) {
      reasons.push({ ...known, message: "This password leans on a name that people around you know." });
    }
    if (WEAK.test(password)) {
      reasons.push({ ...listed, message: "This password is on a list of passwords that thieves try first." });
      const advice = "Take the five words that Hutch offers: strong, and easy to type.";
      suggestions.push({ code: "take_passphrase", message: advice });
    }
    return reasons.length > 0 ? { reasons, suggestions } : null;
  }

  /** Answers what stands before the page; returns false for everything else. */
  answer({ request, route, body, session, json, refuse }) {
    const [first, second, third] = route.path;
    const key = `${route.method} ${[first, second && first === "sessions" && third ? "*" : second, third].filter(Boolean).join("/")}`;
    const ask = { body, session, json, refuse, request };
    switch (key) {
      case "GET door":
        json(200, {
          state: this.setUp ? "set_up" : session ? "signed_in" : "signed_out", demo: this.demo, now: this.now(),
          clock_trusted: this.clockTrusted,
        });
        return true;
      case "GET passphrase": json(200, { passphrase: newPassphrase() }); return true;
      case "POST setup": this.#setup(ask); return true;
      case "POST sessions": this.#signIn(ask); return true;
      case "POST recover": this.#recover(ask); return true;
      case "POST invites/look": this.#look(ask); return true;
      case "POST invites/accept": this.#accept(ask); return true;
      default:
    }
    if (!session) {
      refuse(401, "not_signed_in", "Nobody is signed in here.");
      return true;
    }
    if (!mayDo(session.account.role, route)) {
      refuse(403, "not_allowed", "Your account may not do that.");
      return true;
    }
    switch (key) {
      case "GET me": json(200, this.me(session)); return true;
      case "POST sign-out": this.end((one) => one === session); json(204); return true;
      case "GET people":
        json(200, {
          guardians: this.accounts.map((one) => ({
            id: one.id, name: one.name, sign_in_name: one.name.toLowerCase(), created_at: one.created_at,
            me: one === session.account, has_password: one.password !== null, invite: this.#returnOf(one),
          })),
          ...this.people.all(),
        });
        return true;
      case "GET invites": json(200, { invites: this.openInvites().filter((one) => !one.for).map(withoutToken) }); return true;
      case "POST invites": this.#invite(ask); return true;
      case `POST invites/${second}/withdraw`: this.#withdraw(second, ask); return true;
      case "GET sessions": this.#list(ask); return true;
      case "POST sessions/revoke-others": this.end((one) => one !== session); json(204); return true;
      case "POST sessions/*/revoke": this.#revoke(second, ask); return true;
      case "POST me/confirm": this.#confirm(ask); return true;
      case "POST me/password": this.#password(ask); return true;
      case "POST me/totp/new": this.#offerTotp(ask); return true;
      case "POST me/totp": this.#totpOn(ask); return true;
      case "POST me/totp/off": this.#totpOff(ask); return true;
      case "POST me/recovery-key": this.#newKey(ask); return true;
      case "POST me/recovery-key/check": this.#checkKey(ask); return true;
      default: return this.keys.answer({ ...ask, route });
    }
  }

  #isThrottled(refuse) {
    const retry_after_s = Math.ceil(this.waitUntil - Date.now() / 1000);
    if (retry_after_s <= 0) return false;
    refuse(429, "try_later", "There were too many wrong tries.", { retry_after_s });
    return true;
  }

  #wrong(refuse, status, code, message, more) {
    this.wrongTries += 1;
    if (this.wrongTries >= this.throttle.free) this.waitUntil = Date.now() / 1000 + this.throttle.waitS;
    refuse(status, code, message, more);
    return false;
  }

  #setup({ body, json, refuse }) {
    if (!this.setUp) return refuse(409, "already_set_up", "This hub is set up already.");
    if (this.#isThrottled(refuse)) return undefined;
    if (plain(body.code) !== plain(this.setUp.code)) {
      this.setUp.tries -= 1;
      if (this.setUp.tries > 0) {
        return this.#wrong(refuse, 403, "wrong_code", "That is not the set-up code.", { tries_left: this.setUp.tries });
      }
      this.setUp = newSetUp();
      return refuse(403, "code_renewed", "There is a new set-up code.");
    }
    const name = String(body.name ?? "").trim();
    if (!NAME.test(name)) return refuse(422, "bad_name", BAD_NAME);
    if (body.time_zone !== undefined && !isZone(body.time_zone)) return refuse(422, "bad_time_zone", "Hutch does not know this time zone.");
    const weak = this.weak(String(body.password ?? ""), [name, body.household]);
    if (weak) return refuse(422, "weak_password", "This password is too easy to guess.", weak);
    this.setUp = null;
    this.wrongTries = 0;
    this.household = body.household || this.household;
    this.timeZone = body.time_zone ?? null;
    const account = this.#found({ name, password: body.password, checked: false });
    const session = this.open(account);
    const answer = { me: this.me(session), recovery_key: account.key, recovery_key_qr: notQuiteQr() };
    return json(201, answer, this.cookie(session));
  }

  #signIn({ body, session: before, json, refuse }) {
    if (this.setUp) return refuse(409, "not_set_up", "This hub is not set up yet.");
    const account = this.#called(body.name);
    if (!this.prove(account, body, refuse)) return undefined;
    if (account.state === "blocked") return refuse(403, "blocked", "A guardian has paused this account. Ask them.");
    const session = this.open(account);
    // A browser has one session.
    if (before) this.end((one) => one === before);
    return json(201, this.me(session), this.cookie(session));
  }

  /** Whoever signs in with this name. */
  #called(name) {
    const wanted = String(name ?? "").trim().toLowerCase();
    return this.accounts.find((one) => one.name.toLowerCase() === wanted)
      ?? this.people.relatives.find((one) => one.sign_in_name === wanted);
  }

  /** Checks password and second step; answers if they are wrong. */
  prove(account, { password, totp }, refuse) {
    if (this.#isThrottled(refuse)) return false;
    if (!account || account.password !== password) {
      return this.#wrong(refuse, 401, "wrong_password", "Name and password do not fit.");
    }
    if (account.totp && !this.#second(account, totp, refuse)) return false;
    this.wrongTries = 0;
    return true;
  }

  #second(account, totp, refuse) {
    if (!totp) {
      refuse(401, "totp_needed", "The code of the authenticator app is needed, too.");
      return false;
    }
    const code = plain(totp);
    const spare = account.codes.findIndex((one) => plain(one) === code);
    if (spare >= 0) {
      account.codes.splice(spare, 1);
      return true;
    }
    if (!this.clockTrusted) {
      refuse(409, "clock_not_trusted", "The hub does not know the time for sure.");
      return false;
    }
    const step = this.#stepOf(account.totp, code);
    if (step === null || step <= account.lastStep) return this.#wrong(refuse, 401, "wrong_totp", "That code is not right.");
    account.lastStep = step;
    return true;
  }

  #stepOf(secret, code) {
    const at = Math.floor(this.now() / STEP_S);
    return [at, at - 1, at + 1].find((step) => totpOfStep(secret, step) === code) ?? null;
  }

  #list({ session, json }) {
    const sessions = this.sessions
      .filter(({ account }) => account === session.account)
      .sort((a, b) => b.last_used_at - a.last_used_at)
      .map(({ id, device, address, created_at, last_used_at, expires_at }) => ({
        id, current: id === session.id, device, address, created_at, last_used_at, expires_at,
      }));
    return json(200, { sessions });
  }

  #revoke(id, { json, refuse }) {
    if (!this.sessions.some((one) => one.id === id)) return refuse(404, "no_such_session", "That browser is signed out already.");
    this.end((one) => one.id === id);
    return json(204);
  }

  #confirm({ body, session, json, refuse }) {
    if (!this.prove(session.account, body, refuse)) return undefined;
    session.confirmed = this.now() + CONFIRMED_S;
    return json(200, this.me(session));
  }

  #password({ body, session, json, refuse }) {
    const { account } = session;
    if (!this.prove(account, body, refuse)) return undefined;
    const weak = this.weak(String(body.new_password ?? ""), [account.name, this.household], account.role);
    if (weak) return refuse(422, "weak_password", "This password is too easy to guess.", weak);
    account.password = body.new_password;
    account.advice = null;
    this.end((one) => one.account === account && one !== session);
    return json(200, this.me(session));
  }

  #offerTotp({ session, json }) {
    const secret = word(BASE32, 32);
    const uri = `otpauth://totp/Hutch:${encodeURIComponent(session.account.name)}?secret=${secret}&issuer=Hutch`;
    return json(200, { secret, uri, qr: notQuiteQr(41) });
  }

  #totpOn({ body, session: { account }, json, refuse }) {
    if (account.totp) return refuse(409, "totp_switched", "Two-step sign-in is on already.");
    if (!this.prove(account, body, refuse)) return undefined;
    if (!this.clockTrusted) return refuse(409, "clock_not_trusted", "The hub does not know the time for sure.");
    const step = this.#stepOf(body.secret, plain(body.code));
    if (step === null) return refuse(422, "wrong_totp_code", "That code is not right.");
    Object.assign(account, {
      totp: body.secret, lastStep: step,
      codes: Array.from({ length: 10 }, newCode),
    });
    return json(200, { recovery_codes: account.codes });
  }

  #totpOff({ body, session, json, refuse }) {
    if (!this.prove(session.account, body, refuse)) return undefined;
    Object.assign(session.account, { totp: null, codes: [] });
    return json(200, this.me(session));
  }

  #newKey({ session, json, refuse }) {
    if (session.confirmed <= this.now()) return refuse(403, "confirm_first", "Give your password again first.");
    this.renewKey(session.account);
    return json(200, { recovery_key: session.account.key, recovery_key_qr: notQuiteQr() });
  }

  renewKey(account) {
    Object.assign(account, { key: newRecoveryKey(), checked: false, first: anyPart() });
  }

  #recover({ body, json, refuse }) {
    if (this.#isThrottled(refuse)) return undefined;
    const account = this.accounts.find(({ name }) => name.toLowerCase() === String(body.name ?? "").trim().toLowerCase());
    // Capitals or small letters, not both: the real one checks sums.
    const typed = String(body.recovery_key ?? "").replace(/\s/g, "");
    if (!account || ![account.key, account.key.toLowerCase()].includes(typed)) {
      return this.#wrong(refuse, 401, "wrong_recovery_key", "This is not the recovery key.");
    }
    const weak = this.weak(String(body.new_password ?? ""), [account.name, this.household]);
    if (weak) return refuse(422, "weak_password", "This password is too easy to guess.", weak);
    Object.assign(account, {
      password: body.new_password, advice: null, totp: null, codes: [],
    });
    this.renewKey(account);
    this.keys.usedAt = this.now();
    this.end((one) => one.account === account);
    const session = this.open(account);
    const answer = { me: this.me(session), recovery_key: account.key, recovery_key_qr: notQuiteQr() };
    return json(201, answer, this.cookie(session));
  }

  qr() {
    return notQuiteQr();
  }

  #returnOf(account) {
    const open = this.openInvites().find((one) => one.for === account);
    return open ? { id: open.id, created_at: open.created_at, expires_at: open.expires_at } : null;
  }

  openInvites() {
    return this.invites.filter(({ expires_at: until }) => this.now() < until);
  }

  #invite({ session, request, json, refuse }) {
    if (session.confirmed <= this.now()) return refuse(403, "confirm_first", "Give your password again first.");
    if (this.openInvites().length >= OPEN_INVITES) {
      return refuse(409, "too_many_invites", "More invitations are open than anybody needs. Take some back and try again.");
    }
    const made = {
      id: newId(), token: randomBytes(32).toString("base64url"),
      created_at: this.now(), expires_at: this.now() + INVITE_S,
    };
    this.invites.unshift(made);
    const link = `http://${request.headers.host}/#invite=${made.token}`;
    return json(201, { id: made.id, link, qr: notQuiteQr(), expires_at: made.expires_at });
  }

  #withdraw(id, { json, refuse }) {
    const open = this.openInvites().find((one) => one.id === id);
    if (!open) return refuse(404, "no_such_invite", "This invitation is not open any more.");
    this.invites = this.invites.filter((one) => one !== open);
    return json(204);
  }

  /** Finds an open invitation by its secret; answers if there is none. */
  #invited(token, refuse) {
    if (this.#isThrottled(refuse)) return null;
    const open = this.openInvites().find((one) => one.token === token);
    if (!open) this.#wrong(refuse, 404, "no_such_invite", NO_INVITE);
    return open;
  }

  #look({ body, json, refuse }) {
    const open = this.#invited(body.token, refuse);
    if (!open) return undefined;
    return json(200, this.people.look(open));
  }

  #accept({ body, session: before, json, refuse }) {
    const open = this.#invited(body.token, refuse);
    if (!open) return undefined;
    const role = open.for?.role ?? "guardian";
    const isBack = role === "guardian" && open.for;
    const name = isBack ? open.for.name : String(body.name ?? "").trim();
    if (role !== "child_screen") {
      if (!NAME.test(name)) return refuse(422, "bad_name", BAD_NAME);
      if (![undefined, open.for].includes(this.#called(name))) {
        return refuse(409, "name_taken", "Somebody in this household has that name already.");
      }
      const weak = this.weak(String(body.password ?? ""), [name, this.household], role);
      if (weak) return refuse(422, "weak_password", "This password is too easy to guess.", weak);
    }
    this.invites = this.invites.filter((one) => one !== open);
    if (isBack) {
      this.end((one) => one.account === open.for);
      Object.assign(open.for, { password: body.password, totp: null, codes: [] });
    } else if (open.for) this.people.accept(open.for, { name, password: body.password });
    const session = this.open(open.for ?? this.add(name, body.password));
    this.end((one) => one === before);
    json(201, this.me(session), this.cookie(session));
    return this.changed();
  }

  #checkKey({ body, session, json, refuse }) {
    const { account } = session;
    const from = KEY_PREFIX.length + account.first - 1;
    if (letters(body.part) !== account.key.slice(from, from + PART_LENGTH)) {
      return refuse(422, "wrong_part", "That is not what stands there.");
    }
    account.checked = true;
    return json(200, this.me(session));
  }
}

/** What is said of an invitation once it is made. */
const withoutToken = ({ id, created_at, expires_at }) => ({ id, created_at, expires_at });

/** @param {unknown} zone */
function isZone(zone) {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: String(zone) }));
  } catch {
    return false;
  }
}
