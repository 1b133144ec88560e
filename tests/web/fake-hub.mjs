// A stand-in for the hub with scripted toys: the same routes, none of the work. It exists to
// develop the page and to test what a real hub rarely does: sign people out, refuse, lag, restart.
// `node fake-hub.mjs [port]` prints the address to open.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("../../web/", import.meta.url));
const SLOT_MS = 40_000;
const MAX_UPLOAD_BYTES = 16_000_000;
const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};
export const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
  + "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
  + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Makes 32 letters that look like an id. */
function newId() {
  return Array.from({ length: 26 }, () => "abcdefghijklmnopqrstuvwxyz234567"[Math.floor(Math.random() * 32)]).join("");
}

const now = () => Math.floor(Date.now() / 1000);

/** A tone of a second and a half, the fake toy's "sample phrase". */
function toneWav(seconds = 1.5, rate = 16_000) {
  const n = Math.floor(seconds * rate);
  const file = Buffer.alloc(44 + 2 * n);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + 2 * n, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(2 * n, 40);
  for (let i = 0; i < n; i += 1) {
    const envelope = Math.abs(Math.sin((i / n) * Math.PI * 5));
    file.writeInt16LE(Math.round(9000 * envelope * Math.sin((2 * Math.PI * 330 * i) / rate)), 44 + 2 * i);
  }
  return file;
}

/** @param {Buffer} wav */
function lengthMs(wav) {
  const rate = wav.readUInt32LE(28);
  return Math.round(((wav.length - 44) / rate) * 1000);
}

/** @param {Buffer} wav */
function waveformOf(wav) {
  const n = Math.floor((wav.length - 44) / 2);
  return Array.from({ length: 64 }, (_, bar) => {
    let peak = 0;
    for (let i = Math.floor((bar * n) / 64); i < Math.floor(((bar + 1) * n) / 64); i += 1) {
      peak = Math.max(peak, Math.abs(wav.readInt16LE(44 + 2 * i)) / 32_768);
    }
    return peak <= 0 ? 0 : Math.round(255 * Math.max(0, 1 + (20 * Math.log10(peak)) / 50));
  });
}

export class FakeHub {
  signedOut = false;
  /** @type {{ match: RegExp, status: number, error: string, message: string, body?: object, delayMs?: number }[]} */
  faults = [];
  /** Slows the journey to the toy; tests that look at a state stop it there. */
  speed = 1;
  holdAt = null;
  /** @type {Set<import("node:http").ServerResponse>} */
  #streams = new Set();
  /** @type {import("node:http").Server | null} */
  #server = null;
  #port = 0;
  requests = [];

  constructor({ names = ["Mia", "Ben"], toys = ["Bentley", "Starburst"], awake = true } = {}) {
    this.children = names.map((name, index) => ({
      id: newId(), name, animal: ["bear", "unicorn"][index % 2], color: ["plum", "sky"][index % 2],
      toys: [], latest_at: null,
    }));
    this.toys = this.children.map((child, index) => {
      const id = newId();
      child.toys.push(id);
      return {
        id, name: toys[index], character: child.animal, child: child.id,
        presence: awake ? "awake" : "asleep", volume: 200,
      };
    });
    this.demo = new Map(this.toys.map((toy) => [toy.id, {
      id: toy.id, character: toy.character, awake, connected: awake, state: "idle",
      led: { mode: "off", period_ms: 0 }, volume: 200, playing_ms: null,
      has_message: false, has_recording: false,
    }]));
    this.items = [];
    this.sounds = new Map();
    this.slots = new Map();
  }

  async listen(port = this.#port) {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    await new Promise((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    this.#port = this.#server.address().port;
    return `http://localhost:${this.#port}`;
  }

  async close() {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** What a client hears that was too slow: start over. */
  lag() {
    this.emit("hello", {});
  }

  emit(name, data) {
    for (const stream of this.#streams) stream.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Puts an item into a conversation. */
  add(child, kind, wav, { at = now(), delivery = {}, quiet = false, while_away = false } = {}) {
    const toy = child.toys[0];
    const id = newId();
    const item = {
      id, kind, child: child.id, at, length_ms: lengthMs(wav), waveform: waveformOf(wav), toy,
      while_away, delivery: null,
    };
    if (kind === "message") {
      item.delivery = {
        id: newId(), item: id, toy, state: "queued", percent: null, reason: null, tries: 0,
        next_try_at: null, queued_at: at, heard_at: null, expires_at: at + 604_800,
        perhaps_heard: false, waits_for: null, ...delivery,
      };
    }
    this.items.push(item);
    this.sounds.set(id, wav);
    child.latest_at = at;
    if (!quiet) this.emit("item", { id, child: child.id });
    return item;
  }

  change(item, changes) {
    Object.assign(item.delivery, changes);
    this.emit("delivery", item.delivery);
  }

  changeToy(id, changes) {
    const toy = this.demo.get(id);
    Object.assign(toy, changes);
    this.emit("demo_toy", toy);
    const adopted = this.toys.find((one) => one.id === id);
    const presence = toy.awake ? "awake" : "asleep";
    if (adopted.presence !== presence) {
      adopted.presence = presence;
      this.emit("toy", { id, presence, volume: adopted.volume });
    }
    return toy;
  }

  #wait(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms / this.speed));
  }

  async #deliver(item) {
    const toy = this.demo.get(item.toy);
    const busy = this.items.some((one) => one !== item && one.toy === item.toy
      && ["sending", "on_toy"].includes(one.delivery?.state));
    if (busy) return this.change(item, { waits_for: "previous" });
    if (!toy.awake) return this.change(item, { waits_for: "toy" });
    this.change(item, { waits_for: null });
    this.changeToy(toy.id, { state: "upload" });
    for (let percent = 0; percent <= 100; percent += 4) {
      this.change(item, { state: "sending", percent });
      if (this.holdAt !== null && percent >= this.holdAt) return undefined;
      await this.#wait(60);
    }
    this.slots.set(toy.id, this.sounds.get(item.id));
    this.change(item, { state: "on_toy", percent: null });
    this.changeToy(toy.id, { state: "idle", has_message: true, led: { mode: "blink", period_ms: 500 } });
    return undefined;
  }

  #next(toy) {
    const item = this.items.find((one) => one.toy === toy && one.delivery?.state === "queued");
    if (item) void this.#deliver(item);
  }

  async #play(toy) {
    const wav = this.slots.get(toy.id);
    if (!toy.awake) {
      this.changeToy(toy.id, { awake: true, connected: true });
      this.#next(toy.id);
    }
    if (!wav) return;
    this.changeToy(toy.id, { state: "playback", playing_ms: 0 });
    await new Promise((resolve) => setTimeout(resolve, lengthMs(wav)));
    this.changeToy(toy.id, { state: "idle", playing_ms: null, led: { mode: "off", period_ms: 0 } });
    const item = this.items.find((one) => one.toy === toy.id && one.delivery?.state === "on_toy");
    if (item) this.change(item, { state: "heard", heard_at: now() });
    this.#next(toy.id);
  }

  async #record(toy, wav) {
    this.changeToy(toy.id, { awake: true, connected: true, state: "recording" });
    await this.#wait(Math.min(lengthMs(wav), 1500));
    this.changeToy(toy.id, { state: "download", has_recording: true });
    await this.#wait(500);
    this.changeToy(toy.id, { state: "idle" });
    this.add(this.children.find((child) => child.toys.includes(toy.id)), "recording", wav);
  }

  async #answer(request, response) {
    const url = new URL(request.url, "http://localhost");
    const json = (status, body) => {
      response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
      response.end(JSON.stringify(body));
    };
    const refuse = (status, error, message, more = {}) => json(status, { error, message, ...more });
    const route = `${request.method} ${url.pathname}`;
    this.requests.push(route);
    try {
      if (!url.pathname.startsWith("/api/")) return await this.#file(url, response);
      const fault = this.faults.findIndex(({ match }) => match.test(route));
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      if (fault >= 0) {
        const [{ status, error, message, body, delayMs }] = this.faults.splice(fault, 1);
        if (delayMs) await new Promise((resolve) => setTimeout(resolve, delayMs));
        if (status === 0) return response.destroy();
        if (status >= 400) return refuse(status, error, message, body);
      }
      if (this.signedOut) return refuse(401, "not_signed_in", "Nobody is signed in.");
      return await this.#api(request, response, url, Buffer.concat(chunks), json, refuse);
    } catch (error) {
      console.error(error);
      return refuse(500, "internal", "Something went wrong in the hub.");
    }
  }

  async #file(url, response) {
    if (url.pathname === "/open") {
      response.writeHead(303, { Location: "/" });
      return response.end();
    }
    const path = normalize(url.pathname === "/" ? "/index.html" : url.pathname);
    try {
      const bytes = await readFile(join(WEB, path));
      response.writeHead(200, {
        "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
        "Content-Security-Policy": POLICY, "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
      });
      return response.end(bytes);
    } catch {
      response.writeHead(404);
      return response.end();
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
    if (first === "hub") {
      return json(200, { name: "Hutch", version: "0.1.0", demo: true, slot_ms: SLOT_MS, max_upload_bytes: MAX_UPLOAD_BYTES });
    }
    if (first === "children" && !id) return json(200, { children: this.children });
    if (first === "toys") return json(200, { toys: this.toys });
    if (first === "events") {
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      response.write("retry: 300\nevent: hello\ndata: {}\n\n");
      this.#streams.add(response);
      response.on("close", () => this.#streams.delete(response));
      return undefined;
    }
    if (first === "children" && verb === "items") {
      const all = this.items.filter((item) => item.child === id).sort((a, b) => b.at - a.at);
      const from = Number(url.searchParams.get("before") ?? 0);
      const limit = Number(url.searchParams.get("limit") ?? 50);
      const next = from + limit < all.length ? String(from + limit) : null;
      return json(200, { items: all.slice(from, from + limit), next });
    }
    if (first === "children" && verb === "messages") {
      const child = this.children.find((one) => one.id === id);
      if (!/wav/.test(request.headers["content-type"] ?? "")) return refuse(415, "wrong_type", "Hutch takes WAV files here.");
      if (body.length > MAX_UPLOAD_BYTES) return refuse(413, "too_large", "That file is larger than Hutch takes.");
      if (body.length < 44) return refuse(422, "bad_sound", "The WAV file ends before its sound begins.");
      const length_ms = lengthMs(body);
      const long = url.searchParams.get("long");
      if (length_ms > SLOT_MS && !long) {
        return refuse(422, "message_too_long", "The message is longer than a toy can hold.", { length_ms, slot_ms: SLOT_MS });
      }
      const parts = long === "split" ? Math.ceil(length_ms / SLOT_MS) : 1;
      const bytes = SLOT_MS * 32;
      const items = Array.from({ length: parts }, (_, part) => {
        const head = Buffer.from(body.subarray(0, 44));
        return this.add(child, "message", Buffer.concat([head, body.subarray(44 + part * bytes, 44 + (part + 1) * bytes)]));
      });
      for (const item of items.slice(1)) this.change(item, { waits_for: "previous" });
      json(201, { items });
      void this.#deliver(items[0]);
      return undefined;
    }
    if (first === "items") {
      const item = this.items.find((one) => one.id === id);
      if (!item) return refuse(404, "no_such_item", "There is no such recording.");
      return verb === "sound" ? this.#sound(request, response, this.sounds.get(id)) : json(200, item);
    }
    if (first === "deliveries") {
      const item = this.items.find((one) => one.delivery?.id === id);
      const { delivery } = item;
      if (verb === "withdraw") {
        if (["heard", "withdrawn"].includes(delivery.state)) return refuse(409, "too_late", "It was heard already.");
        this.change(item, { state: delivery.state === "on_toy" ? "withdrawing" : "withdrawn" });
      } else if (verb === "heard") {
        this.change(item, { state: "heard", heard_at: now() });
      } else {
        this.change(item, { state: "queued", reason: null });
        void this.#deliver(item);
      }
      return json(200, delivery);
    }
    if (first === "demo") return this.#demo(request, response, path.slice(1), body, json, refuse);
    return refuse(404, "not_found", "There is nothing here.");
  }

  #demo(request, response, [, id, verb], body, json, refuse) {
    if (!id) return json(200, { toys: [...this.demo.values()] });
    const toy = this.demo.get(id);
    if (!toy) return refuse(404, "no_such_toy", "There is no such toy.");
    if (verb === "play") {
      void this.#play(toy);
    } else if (verb === "record") {
      void this.#record(toy, body.length > 44 ? body : toneWav());
    } else if (verb === "sleep") {
      this.changeToy(id, { awake: false, connected: false, state: "idle" });
    } else if (verb === "wake") {
      this.changeToy(id, { awake: true, connected: true });
      this.#next(id);
    } else if (verb === "sound") {
      return this.#sound(request, response, this.slots.get(id) ?? toneWav(0.2));
    } else if (verb === "slots") {
      response.writeHead(200, { "Content-Type": "application/octet-stream" });
      return response.end(this.slots.get(id) ?? Buffer.alloc(0));
    }
    return json(200, toy);
  }

  /** A short sound for tests that need one. */
  static tone = toneWav;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const hub = new FakeHub();
  console.log(`Open ${await hub.listen(Number(process.argv[2] ?? 0))}/open?token=fake`);
}
