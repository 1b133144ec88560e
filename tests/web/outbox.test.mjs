import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { outbox } from "../../web/js/views/outbox.js";

const signal = new AbortController().signal;
const take = () => ({ sound: new Blob(["sound"], { type: "audio/wav" }), length_ms: 2_000 });
/** What was asked of the hub. */
let asked = [];
/** What it answers, one after the other; null for silence. */
let answers = [];

/** Only as much of a request as an upload needs. */
class Request extends EventTarget {
  upload = new EventTarget();
  headers = {};

  open(method, path) { this.path = path; }

  setRequestHeader(name, value) { this.headers[name] = value; }

  send(sound) {
    asked.push({ path: this.path, key: this.headers["Idempotency-Key"], type: this.headers["Content-Type"], sound });
    const answer = answers.shift();
    [this.status, this.responseText] = answer ? [answer[0], JSON.stringify(answer[1])] : [0, ""];
    queueMicrotask(() => {
      this.dispatchEvent(new Event(answer ? "load" : "error"));
      this.dispatchEvent(new Event("loadend"));
    });
  }
}

const ARRIVED = [201, { items: [] }];
const send = (box, one, long = null) => box.send(one, long, () => {}, signal);

beforeEach(() => {
  asked = [];
  globalThis.XMLHttpRequest = Request;
});
afterEach(() => { delete globalThis.XMLHttpRequest; });

test("what is sent again because no answer came has the same key, and nothing else has", async () => {
  const [mia, ben] = [outbox("mia"), outbox("ben")];
  const [first, second] = [take(), take()];
  answers = [null, ARRIVED, ARRIVED, ARRIVED, ARRIVED, ARRIVED];

  await assert.rejects(send(mia, first), { code: "no_answer" });
  await send(mia, first);
  await send(mia, second);
  await send(ben, first);
  await send(mia, first, "cut");
  await send(mia, { ...second, send_at: 1_800_000_000 });

  const [silent, again, ...others] = asked.map(({ key }) => key);
  assert.equal(again, silent);
  assert.match(again, /^[0-9a-f]{32}$/);
  assert.equal(new Set([again, ...others]).size, 5);
  assert.match(asked.at(-1).path, /\?send_at=1800000000$/);
});

test("what arrived and was erased since is not an error", async () => {
  answers = [[410, { error: "erased_since" }], [413, { error: "too_large" }]];

  await send(outbox("mia"), take());
  await assert.rejects(send(outbox("mia"), take()), { code: "too_large" });
});

test("only one is on its way at a time", async () => {
  const box = outbox("mia");
  answers = [ARRIVED, ARRIVED];

  const sending = send(box, take());
  await assert.rejects(send(box, take()), { code: "busy" });
  await sending;
  await send(box, take());

  assert.equal(asked.length, 2);
});

test("a child’s screen sends recordings, with the type that the sound has", async () => {
  answers = [ARRIVED];

  await send(outbox("mia", "recording"), take());

  assert.match(asked[0].path, /\/children\/mia\/recordings$/);
  assert.equal(asked[0].type, "audio/wav");
});
