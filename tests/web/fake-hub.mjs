// A stand-in for the hub with scripted toys: the same routes and the same answers, none of the work.
// It exists to develop the page and to test what a real hub rarely does: sign people out, refuse,
// lag, fall silent, restart. `node fake-run.mjs [port] [set-up]` prints the address to open.

import { createServer } from "node:http";

import { FakeAccounts } from "./fake-accounts.mjs";
import { FakeBackups } from "./fake-backups.mjs";
import { FakeCare } from "./fake-care.mjs";
import { FakeErase } from "./fake-erase.mjs";
import { FakeActivity } from "./fake-activity.mjs";
import { HEADERS, sendFile } from "./fake-files.mjs";
import { newId } from "./fake-ids.mjs";
import { FakePeople } from "./fake-people.mjs";
import { FakePictures } from "./fake-pictures.mjs";
import { FakeRules } from "./fake-rules.mjs";
import { lengthMs, piece, split, toneWav, waveformOf } from "./fake-sound.mjs";
import { FakeToys } from "./fake-toys.mjs";
import { FakeTrust } from "./fake-trust.mjs";

const VERSION = "0.1.0";
const BEAT_MS = 15_000;
const CONNECT_MS = 300;
const PAGE = { usual: 50, most: 100 };
const SOUND_TYPES = /^(audio|video)\/|^application\/octet-stream$/;
const OFF = { mode: "off", period_ms: null };
const BLINKING = { mode: "blink", period_ms: 500 };

const now = () => Math.floor(Date.now() / 1000);

/** The first word of a stream. */
const hello = ({ account }) => `event: hello\ndata: ${JSON.stringify({ version: VERSION, account: account.id })}\n\n`;

export class FakeHub {
  /** What the hub says of itself, and keeps to. */
  about = {
    name: "Hutch", version: VERSION, demo: true, slot_ms: 40_000, longest_ms: 600_000, max_upload_bytes: 32 << 20, kernel: "stops",
  };
  /** Without power: whoever asks is not even refused. */
  mute = false;
  /**
   * What goes wrong next. `silent` takes all that is sent and never answers; a status of 0 breaks
   * the connection; one of 200 goes on as if nothing were wrong, after `delayMs`.
   *
   * @type {{ match: RegExp, status?: number, error?: string, message?: string, body?: object, delayMs?: number, silent?: boolean }[]}
   */
  faults = [];
  /** Slows the journey to the toy; tests that look at a state stop it there. */
  speed = 1;
  holdAt = null;
  requests = [];
  /** Sees each answer and each event. @type {import("./contract.mjs").Watcher | null} */
  watcher = null;
  /** What the page of another version has in other words, by path. */
  changed = {};
  /** Open streams, each with the session that it ends with. */
  #streams = new Map();
  /** @type {import("node:http").Server | null} */
  #server = null;
  #port = 0;
  #beats = null;
  /** Toys that the hub is doing something with. */
  #atWork = new Set();
  /** The order in which items came. */
  #arrivals = new Map();
  /** What was stored, by account and the key of the request. */
  #sent = new Map();
  /** Items of which the toy may hold a part. */
  #begun = new Set();

  /** @param {{ names?: string[], toys?: string[], awake?: boolean, door?: object }} [options] `door`: of FakeAccounts */
  constructor({ names = ["Mia", "Ben"], toys = ["Bentley", "Starburst"], awake = true, door = {} } = {}) {
    this.accounts = new FakeAccounts(door);
    this.accounts.ended = (session) => {
      for (const [stream, of] of this.#streams) {
        if (of !== session) continue;
        this.#streams.delete(stream);
        stream.end();
      }
    };
    this.activity = new FakeActivity(this.accounts);
    this.people = new FakePeople(this);
    this.pictures = new FakePictures(this);
    this.rules = new FakeRules(this);
    this.accounts.people = this.people;
    this.care = new FakeCare(this);
    this.backups = new FakeBackups(this);
    this.erase = new FakeErase(this);
    this.radio = new FakeToys(this);
    this.trust = new FakeTrust();
    this.accounts.changed = () => this.lag();
    this.accounts.tell = (event, data, isFor = ({ role }) => role === "guardian") => this.emit(event, data, isFor);
    this.about.demo = this.accounts.demo;
    this.children = names.map((name, index) => ({
      id: newId(), name, animal: ["bear", "unicorn"][index % 2], color: ["plum", "sky"][index % 2],
      picture: null, toys: [], latest_at: null,
    }));
    this.toys = this.children.map((child, index) => {
      const id = newId();
      child.toys.push(id);
      return {
        id, name: toys[index], character: child.animal, child: child.id,
        presence: awake ? "awake" : "asleep", volume: 200,
      };
    });
    this.demo = new Map(this.toys.map((toy, index) => [toy.id, {
      id: toy.id, address: `C0:FF:EE:00:01:0${index}`, character: toy.character, awake, connected: awake, state: "idle", led: OFF, volume: 200,
      playing_ms: null, has_message: false, has_recording: false,
    }]));
    this.items = [];
    this.sounds = new Map();
    this.slots = new Map();
  }

  async listen(port = this.#port) {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    await new Promise((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    this.#port = this.#server.address().port;
    this.trust.listens(this.#port);
    this.#beats = setInterval(() => this.emit("beat", null), BEAT_MS);
    return `http://localhost:${this.#port}`;
  }

  async close() {
    clearInterval(this.#beats);
    for (const stream of this.#streams.keys()) stream.destroy();
    this.#streams.clear();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Ends every session; quietly, if the streams do not end with them yet. */
  signOut({ quietly = false } = {}) {
    if (quietly) this.accounts.sessions = [];
    else this.accounts.end(() => true);
  }

  /** The network is gone: what is open breaks off, and whoever asks hears nothing. */
  cut() {
    this.mute = this.isCut = true;
    for (const stream of this.#streams.keys()) stream.destroy();
  }

  /** What a client hears that was too slow: start over. */
  lag() {
    for (const [stream, session] of this.#streams) if (!this.mute) stream.write(hello(session));
  }

  /** How many streams are open. */
  get followed() { return this.#streams.size; }

  /** Quiet hours of a child have begun or ended. */
  hush(id) {
    this.lag();
    for (const toy of this.children.find((one) => one.id === id).toys) void this.#work(toy);
  }

  /** Tells whoever is there, or only those whom it is meant for. */
  emit(name, data, isFor = () => true) {
    if (this.mute) return;
    this.watcher?.event(name, data);
    for (const [stream, { account }] of this.#streams) {
      if (isFor(account)) stream.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  }

  /** Tells those who may see an item that there is something new about it. */
  #tellOf(item, ...others) {
    this.emit("item", { id: item.id, child: item.child }, (one) => others.includes(one.id) || this.people.sees(one, item));
  }

  #tellDelivery(item) {
    this.emit("delivery", this.#delivery(item), (one) => this.people.sees(one, item));
  }

  /** Puts an item into a conversation. */
  add(child, kind, wav, { at = now(), delivery = {}, quiet = false, while_away = false, from, shared_with = [] } = {}) {
    const toy = child.toys[0] ?? null;
    const id = newId();
    const sender = from ?? (kind === "message" ? this.accounts.guardian?.id : null) ?? null;
    const item = {
      id, kind, child: child.id, at, length_ms: lengthMs(wav), waveform: waveformOf(wav),
      toy: sender && kind === "recording" ? null : toy, while_away, delivery: null, sender, shared_with, note: null,
    };
    if (kind === "message") {
      item.delivery = {
        id: newId(), item: id, toy: toy ?? newId(), state: "queued", percent: null, reason: null, tries: 0,
        next_try_at: null, send_at: null, queued_at: at, heard_at: null, expires_at: at + 604_800, perhaps_heard: false,
        ...delivery,
      };
      if (["on_toy", "failed"].includes(item.delivery.state)) this.#begun.add(id);
    }
    this.items.push(item);
    this.#arrivals.set(id, this.#arrivals.size + 1);
    this.sounds.set(id, wav);
    child.latest_at = Math.max(child.latest_at ?? 0, at);
    if (!quiet) this.#tellOf(item);
    return item;
  }

  /** Takes an item away, as when a more complete one takes its place. */
  remove({ id, child }) {
    this.items = this.items.filter((one) => one.id !== id);
    this.emit("item", { id, child });
  }

  change(item, changes) {
    const before = item.delivery.state;
    Object.assign(item.delivery, changes);
    this.#tellDelivery(item);
    if (item.delivery.state === before) return;
    // What was let through or taken back comes and goes on the screens.
    this.emit("item", { id: item.id, child: item.child }, ({ role }) => role === "child_screen");
    // What the others wait for may have changed with it.
    for (const other of this.items) {
      const waits = other !== item && other.delivery?.toy === item.delivery.toy && other.delivery.state === "queued";
      if (waits) this.#tellDelivery(other);
    }
  }

  changeToy(id, changes) {
    const toy = this.demo.get(id);
    Object.assign(toy, changes);
    this.emit("demo_toy", toy, ({ role }) => role === "guardian");
    return toy;
  }

  setPresence(id, presence) {
    const toy = this.toys.find((one) => one.id === id);
    toy.presence = presence;
    const { volume, signal = null, playing = null, holds = 0 } = toy;
    this.emit("toy", { id, presence, volume, signal, playing, holds }, ({ role }) => role === "guardian");
  }

  /** A delivery as the hub tells of it: what it waits for follows from the others. */
  #delivery(item) {
    const { delivery } = item;
    const quiet = this.rules.quiet(item.child);
    const isHeldBack = quiet && ["queued", "failed"].includes(delivery.state) && delivery.reason !== "damaged";
    const waits_until = isHeldBack ? quiet.until : null;
    if (delivery.state === "failed" && isHeldBack) return { ...delivery, next_try_at: null, waits_for: "quiet", waits_until };
    if (delivery.state !== "queued") return { ...delivery, waits_for: null, waits_until: null };
    if (delivery.send_at > now()) return { ...delivery, waits_for: "time", waits_until: delivery.send_at };
    const place = this.items.indexOf(item);
    const isBehind = this.items.some((other, index) => {
      if (other === item || other.delivery?.toy !== delivery.toy) return false;
      const { state, reason } = other.delivery;
      if (other.delivery.send_at > now()) return false;
      const goesFirst = ["queued", "sending", "failed"].includes(state) && reason !== "damaged";
      return ["on_toy", "withdrawing"].includes(state) || (index < place && goesFirst);
    });
    if (isBehind) return { ...delivery, waits_for: "previous", waits_until: null };
    return { ...delivery, waits_for: isHeldBack ? "quiet" : "toy", waits_until };
  }

  #item(item, { account: { id, role } }) {
    return {
      ...item, delivery: item.delivery && this.#delivery(item), mine: item.sender === id,
      shared_with: role === "guardian" ? item.shared_with : [],
      kept: role === "guardian" && item.kept === true, goes_at: role === "guardian" ? this.rules.goesAt(item) : null,
    };
  }

  #wait(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms / this.speed));
  }

  /** Does what there is to do for a toy, one thing after the other. */
  async #work(id) {
    if (this.#atWork.has(id)) return;
    this.#atWork.add(id);
    while (await this.#step(this.demo.get(id)));
    this.#atWork.delete(id);
  }

  /** Returns whether there may be more to do. What failed is tried again only when somebody asks. */
  async #step(toy) {
    if (!toy.connected || !["idle", "unplayed_recording"].includes(toy.state)) return false;
    const first = (...states) => this.items.find((one) => one.delivery?.toy === toy.id
      && states.includes(one.delivery.state) && one.delivery.reason !== "damaged");
    const withdrawing = first("withdrawing");
    if (withdrawing) {
      this.changeToy(toy.id, { state: "upload", led: OFF });
      await this.#wait(CONNECT_MS);
      this.changeToy(toy.id, { state: "idle" });
      this.change(withdrawing, { state: "withdrawn" });
      return true;
    }
    const isQuiet = this.rules.quiet(this.toys.find((one) => one.id === toy.id).child) !== null;
    const lit = first("on_toy") && !isQuiet ? BLINKING : OFF;
    if (toy.led.mode !== lit.mode) this.changeToy(toy.id, { led: lit });
    if (first("on_toy") || isQuiet) return false;
    const isDue = ({ delivery: { toy: of, state, reason, send_at = 0 } = {} }) => of === toy.id && ["queued", "failed"].includes(state)
      && reason !== "damaged" && (send_at ?? 0) <= now();
    const next = this.items.filter(({ delivery }) => delivery).find(isDue);
    return next?.delivery.state === "queued" ? this.#deliver(toy, next) : false;
  }

  async #deliver(toy, item) {
    this.#begun.add(item.id);
    this.changeToy(toy.id, { state: "upload" });
    for (let percent = 0; percent <= 100; percent += 4) {
      this.change(item, { state: "sending", percent });
      if (this.holdAt !== null && percent >= this.holdAt) return false;
      await this.#wait(60);
      if (item.delivery.state === "withdrawing") break;
      if (!toy.connected) {
        const tries = item.delivery.tries + 1;
        this.change(item, { state: "failed", percent: null, reason: "link_lost", tries, next_try_at: now() + 30 });
        return false;
      }
    }
    if (item.delivery.state === "sending") {
      this.slots.set(toy.id, this.sounds.get(item.id));
      this.changeToy(toy.id, { has_message: true, led: BLINKING });
      this.change(item, { state: "on_toy", percent: null });
    }
    this.changeToy(toy.id, { state: "idle" });
    return true;
  }

  /** Somebody woke the toy, and the hub gets hold of it. */
  async #wake(toy) {
    if (toy.awake) return;
    this.changeToy(toy.id, { awake: true });
    this.setPresence(toy.id, "connecting");
    await this.#wait(CONNECT_MS);
    if (!toy.awake) return;
    this.changeToy(toy.id, { connected: true });
    this.setPresence(toy.id, "awake");
    const onToy = this.items.find((one) => one.delivery?.toy === toy.id && one.delivery.state === "on_toy");
    if (onToy && toy.state !== "playback") this.change(onToy, { perhaps_heard: true });
    await this.#work(toy.id);
  }

  async #play(toy) {
    const wav = this.slots.get(toy.id);
    void this.#wake(toy);
    if (!wav || toy.state !== "idle") return;
    this.changeToy(toy.id, { state: "playback", playing_ms: lengthMs(wav) });
    // As long as the page's own player takes.
    await new Promise((resolve) => setTimeout(resolve, lengthMs(wav)));
    this.changeToy(toy.id, { state: "idle", playing_ms: null });
    const item = this.items.find((one) => one.delivery?.toy === toy.id && one.delivery.state === "on_toy");
    if (item && toy.connected) this.change(item, { state: "heard", heard_at: now(), perhaps_heard: false });
    await this.#work(toy.id);
  }

  async #record(toy, wav) {
    const woken = this.#wake(toy);
    this.changeToy(toy.id, { state: "recording" });
    await this.#wait(Math.min(lengthMs(wav), 1500));
    this.changeToy(toy.id, { state: "unplayed_recording", has_recording: true });
    await woken;
    this.changeToy(toy.id, { state: "download" });
    await this.#wait(500);
    this.changeToy(toy.id, { state: "idle" });
    this.add(this.children.find((child) => child.toys.includes(toy.id)), "recording", wav);
    await this.#work(toy.id);
  }

  async #answer(request, response) {
    const url = new URL(request.url, "http://localhost");
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    let written = null;
    response.on("finish", () => this.watcher?.answer({
      method: request.method, pathname: url.pathname, status: response.statusCode, type: response.getHeader("content-type"), body: written,
    }));
    const json = (status, body, headers = {}) => {
      written = body;
      const type = body === undefined ? {} : { "Content-Type": "application/json" };
      response.writeHead(status, { ...type, "Cache-Control": "no-store", ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    const refuse = (status, error, message = "That did not work.", more = {}) => json(status, { error, message, ...more });
    const route = `${request.method} ${url.pathname}`;
    this.requests.push(route);
    if (this.mute) return this.isCut ? response.destroy() : undefined;
    try {
      const isFaulty = this.faults.some(({ match }) => match.test(route));
      if (!isFaulty && this.trust.answer({ route, response, json })) return undefined;
      if (!url.pathname.startsWith("/api/")) {
        const files = { policyOf: (policy) => this.trust.policy(policy), changed: this.changed };
        if (url.pathname !== "/open") return await sendFile(url, response, files);
        response.writeHead(303, this.accounts.enter(request, url.searchParams.get("token")));
        return response.end();
      }
      const fault = this.faults.findIndex(({ match }) => match.test(route));
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      if (fault >= 0) {
        const [{ status, error, message, body, delayMs, until, silent }] = this.faults.splice(fault, 1);
        if (silent) return undefined;
        await until;
        if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs));
        if (status === 0) return response.destroy();
        if (status >= 400) return refuse(status, error, message, body);
      }
      return await this.#api(request, response, url, Buffer.concat(chunks), json, refuse);
    } catch (error) {
      // Whoever asked has left.
      if (error.code === "ECONNRESET") return undefined;
      console.error(error);
      return refuse(500, "internal", "Something went wrong in the hub.");
    }
  }

  #sound(request, response, wav) {
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const from = range ? Number(range[1]) : 0;
    const to = range && range[2] ? Math.min(Number(range[2]), wav.length - 1) : wav.length - 1;
    response.writeHead(range ? 206 : 200, {
      "Content-Type": "audio/wav", "Accept-Ranges": "bytes", "Cache-Control": "no-store",
      "Content-Length": to - from + 1,
      ...(range ? { "Content-Range": `bytes ${from}-${to}/${wav.length}` } : {}),
    });
    response.end(wav.subarray(from, to + 1));
  }

  async #api(request, response, url, body, json, refuse) {
    const path = url.pathname.replace("/api/v1", "").split("/").filter(Boolean);
    const [first, id, verb] = path;
    const session = this.accounts.sessionOf(request);
    const route = { method: request.method, path };
    const words = request.headers["content-type"] === "application/json" ? JSON.parse(body.toString()) : {};
    if (this.accounts.answer({ request, route, body: words, session, json, refuse })) return undefined;
    if (this.care.answer({ route, session, json, refuse })) return undefined;
    if (this.backups.answer({ route, json })) return undefined;
    if (this.erase.answer({ route, body: words, session, json, refuse })) return undefined;
    if (this.people.answer({ request, route, body: words, session, json, refuse })) return undefined;
    if (this.radio.answer({ route, body: words, json, refuse })) return undefined;
    if (this.activity.answer({ route, body: words, session, query: url.searchParams, json, refuse })) return undefined;
    if (this.pictures.answer({ route, bytes: body, response, session, json, refuse })) return undefined;
    const show = (item) => this.#item(item, session);
    const query = url.searchParams;
    if (this.rules.answer({ route, query, body: words, session, json, refuse, show })) return undefined;
    if (first === "hub") return json(200, this.about);
    if (first === "children" && !id) return json(200, { children: this.people.children(session.account) });
    if (first === "events") {
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      // The hub says 2000; nobody here has that long.
      response.write(`retry: 300\n${hello(session)}`);
      this.#streams.set(response, session);
      response.on("close", () => this.#streams.delete(response));
      return undefined;
    }
    if (first === "waiting") {
      const waiting = this.items.filter(({ delivery }) => delivery?.state === "awaiting_approval");
      return json(200, { items: waiting.slice(0, 100).map((item) => this.#item(item, session)) });
    }
    if (first === "children" && verb === "items") return this.#page(id, url.searchParams, session, json, refuse);
    if (first === "children" && ["messages", "recordings"].includes(verb)) {
      return this.#send(session, id, verb, { type: request.headers["content-type"], wav: body, long: url.searchParams.get("long"), send_at: Number(url.searchParams.get("send_at")), key: request.headers["idempotency-key"] }, json, refuse);
    }
    if (first === "items") {
      const item = this.items.find((one) => one.id === id);
      if (!item || !this.people.sees(session.account, item)) {
        return refuse(404, "no_such_item", "There is no such message here. Reload the page.");
      }
      const quiet = this.rules.quiet(item.child);
      if (verb === "sound" && quiet && session.account.role === "child_screen") {
        return refuse(409, "quiet_hours", "It is quiet time now. Listen again when it is over.", { until: quiet.until });
      }
      if (verb === "sound") return this.#sound(request, response, this.sounds.get(id));
      if (!verb) return json(200, this.#item(item, session));
      return this.#share(item, verb, words.account, session, json, refuse);
    }
    if (first === "deliveries") return this.#act(id, verb, session, json, refuse);
    if (first === "demo") return this.#demo(request, response, path.slice(1), body, json, refuse);
    return refuse(404, "not_found", "There is nothing at this address. Go back to the start page.");
  }

  /** Each item is on exactly one page, whatever comes in meanwhile. */
  #page(child, query, session, json, refuse) {
    if (!this.people.children(session.account).some((one) => one.id === child)) return refuse(404, "no_such_child", "There is no such child here. Reload the page.");
    const limit = Number(query.get("limit") ?? PAGE.usual);
    if (!(limit >= 1 && limit <= PAGE.most)) return refuse(400, "bad_query", "The address has a value that Hutch does not know.");
    const [at, arrival] = (query.get("before") ?? "Infinity.Infinity").split(".").map(Number);
    if (Number.isNaN(at) || Number.isNaN(arrival ?? NaN)) return refuse(400, "bad_cursor", "This list cannot go on from there. Reload the page.");
    const arrived = (item) => this.#arrivals.get(item.id);
    const isSeen = (item) => item.child === child && this.people.sees(session.account, item);
    const older = this.items
      .filter((item) => isSeen(item) && (item.at < at || (item.at === at && arrived(item) < arrival)))
      .sort((a, b) => b.at - a.at || arrived(b) - arrived(a));
    const items = older.slice(0, limit);
    const last = items.at(-1);
    return json(200, {
      items: items.map((item) => this.#item(item, session)),
      next: limit < older.length ? `${last.at}.${arrived(last)}` : null,
    });
  }

  #send(session, id, verb, { type, wav: sound, long, send_at, key }, json, refuse) {
    const { account } = session;
    const request = `${account.id}/${key}`;
    const known = this.#sent.get(request);
    // As the hub does: what came before is not stored a second time.
    if (known) return json(201, { items: known.map((item) => this.#item(item, session)) });
    const { slot_ms, longest_ms, max_upload_bytes } = this.about;
    if (!SOUND_TYPES.test(type)) return refuse(415, "wrong_type", "Hutch takes a sound here.");
    // What is no WAV file is decoded by the hub; here it is always the same tone.
    const wav = sound.subarray(0, 4).toString() === "RIFF" ? sound : toneWav(3);
    if (sound.length > max_upload_bytes) return refuse(413, "too_large", "This file is larger than Hutch takes. Send a shorter sound.");
    const isKnown = this.people.children(account).some((one) => one.id === id);
    const child = isKnown && this.children.find((one) => one.id === id);
    if (!child) return refuse(404, "no_such_child", "There is no such child here. Reload the page.");
    if (wav.length <= 44) return refuse(422, "bad_sound", "The WAV file ends before its sound begins.");
    if (verb === "recordings") {
      const item = this.add(child, "recording", wav, { from: account.id });
      this.#sent.set(request, [item]);
      return json(201, { items: [this.#item(item, session)] });
    }
    if (child.toys.length === 0) return refuse(409, "no_toy", "This child has no toy yet. A guardian can adopt one under “Toys”.");
    const grant = this.people.grantOf(account, id);
    const limit = this.people.limitOf(account, id);
    if (limit) return refuse(429, "daily_limit", "That is enough for today.", limit);
    const length_ms = lengthMs(wav);
    if (length_ms > slot_ms && !long) {
      return refuse(422, "message_too_long", "The message is longer than a toy can hold.", { length_ms, slot_ms });
    }
    if (length_ms > longest_ms && long === "split") {
      return refuse(422, "sound_too_long", "This sound is longer than what Hutch sends at once. Let Hutch cut it.");
    }
    const parts = long === "split" ? split(wav, slot_ms) : [piece(wav, 0, slot_ms)];
    const at = now();
    if (send_at && Math.abs(send_at - now() - 30 * 86_400) > 30 * 86_400 + 300) return refuse(422, "bad_send_at", "Choose another time.");
    const delivery = { ...(grant?.needs_approval ? { state: "awaiting_approval" } : {}), ...(send_at > now() ? { send_at } : {}) };
    const items = parts.map((part) => this.add(child, "message", part, { at, from: account.id, delivery }));
    this.#sent.set(request, items);
    json(201, { items: items.map((item) => this.#item(item, session)) });
    void this.#work(child.toys[0]);
    return undefined;
  }

  #share(item, verb, id, session, json, refuse) {
    const relative = this.people.relatives.find((one) => one.id === id);
    if (!relative) return refuse(404, "no_such_account", "That account is not here any more.");
    if (verb === "share" && !this.people.grantOf(relative, item.child)) {
      return refuse(409, "not_granted", "This relative is not allowed for that child.");
    }
    item.shared_with = [...item.shared_with.filter((one) => one !== id), ...(verb === "share" ? [id] : [])];
    this.#tellOf(item, id);
    return json(200, this.#item(item, session));
  }

  #act(id, verb, { account }, json, refuse) {
    const item = this.items.find((one) => one.delivery?.id === id);
    const isTheirs = item && (account.role === "guardian" || item.sender === account.id);
    if (!isTheirs) return refuse(404, "no_such_delivery", "There is no such delivery here. Reload the page.");
    const from = {
      retry: ["failed", "queued"], "send-now": ["queued"], heard: ["on_toy"], approve: ["awaiting_approval", "declined"], decline: ["awaiting_approval"],
      withdraw: ["queued", "sending", "failed", "on_toy", "awaiting_approval"],
    }[verb];
    if (!from.includes(item.delivery.state)) return refuse(409, "too_late", "It is too late for that: the message has moved on.");
    const rest = { percent: null, reason: null, next_try_at: null, perhaps_heard: false };
    if (verb === "heard") this.change(item, { ...rest, state: "heard", heard_at: now() });
    else if (verb === "send-now") this.change(item, { send_at: null });
    else if (["retry", "approve"].includes(verb)) this.change(item, { ...rest, state: "queued" });
    else if (verb === "decline") this.change(item, { ...rest, state: "declined" });
    else this.change(item, { ...rest, state: this.#begun.has(item.id) ? "withdrawing" : "withdrawn" });
    json(200, this.#delivery(item));
    void this.#work(item.delivery.toy);
    return undefined;
  }

  #demo(request, response, [, id, verb], body, json, refuse) {
    if (!id) return json(200, { toys: [...this.demo.values()] });
    const toy = this.demo.get(id);
    if (!toy) return refuse(404, "no_such_toy", "There is no such toy here. Reload the page.");
    if (verb === "play") {
      if (!this.radio.squeeze(id)) void this.#play(toy);
    } else if (verb === "record") {
      void this.#record(toy, body.length > 44 ? body : toneWav());
    } else if (verb === "sleep") {
      this.changeToy(id, { awake: false, connected: false, state: "idle" });
      this.setPresence(id, "asleep");
    } else if (verb === "wake") {
      void this.#wake(toy);
    } else if (verb === "sound") {
      const wav = this.slots.get(id);
      return wav ? this.#sound(request, response, wav) : refuse(404, "not_found", "There is nothing at this address.");
    } else if (verb === "slots") {
      response.writeHead(200, { "Content-Type": "application/octet-stream" });
      return response.end(this.slots.get(id) ?? Buffer.alloc(0));
    }
    return json(200, toy);
  }

  /** A short sound for tests that need one. */
  static tone = toneWav;
}
