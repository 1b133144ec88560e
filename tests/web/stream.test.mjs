// Several tabs of one browser: their locks, the channel between them, and the streams at the hub.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Stream } from "../../web/js/stream.js";

const ANNA = "anna";
/** Lets what one says to another be heard and answered, however busy the machine is. */
async function settled() {
  for (let n = 0; n < 10; n += 1) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Locks as browsers have them, as far as the page asks for any. */
class Locks {
  #held = null;
  #queue = [];

  request(_name, { signal, steal = false }, act) {
    return new Promise((resolve, reject) => {
      const one = { act, resolve, reject };
      signal?.addEventListener("abort", () => {
        if (!this.#queue.includes(one)) return;
        this.#queue = this.#queue.filter((other) => other !== one);
        reject(new DOMException("aborted", "AbortError"));
      });
      if (steal) {
        this.#held?.reject(new DOMException("stolen", "AbortError"));
        this.#held = null;
        this.#queue.unshift(one);
      } else {
        this.#queue.push(one);
      }
      queueMicrotask(() => this.#next());
    });
  }

  #next() {
    if (this.#held || this.#queue.length === 0) return;
    const one = this.#queue.shift();
    this.#held = one;
    void Promise.resolve(one.act({})).then((value) => {
      if (this.#held !== one) return;
      one.resolve(value);
      this.#held = null;
      this.#next();
    });
  }
}

/** What tabs say to each other, and who of them is frozen and hears nothing. */
class Channel {
  static all = new Set();
  static current = "";
  static frozen = "";
  onmessage = null;
  tab = Channel.current;

  constructor() {
    Channel.all.add(this);
  }

  postMessage(word) {
    const data = structuredClone(word);
    for (const one of Channel.all) {
      if (one !== this) setTimeout(() => one.tab === Channel.frozen || one.onmessage?.({ data }));
    }
  }

  close() {
    Channel.all.delete(this);
    this.onmessage = null;
  }
}

/** A stream as the hub has it. */
class Source extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSED = 2;
  static all = [];
  readyState = Source.CONNECTING;

  constructor(url) {
    super();
    this.url = url;
    Source.all.push(this);
  }

  close() {
    this.readyState = Source.CLOSED;
  }

  tell(name, data) {
    this.readyState = Source.OPEN;
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }

  break(readyState) {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }

  static get open() {
    return Source.all.filter(({ readyState }) => readyState !== Source.CLOSED);
  }
}

/**
 * Opens a browser with so many tabs; each notes what it heard.
 *
 * @param {import("node:test").TestContext} t
 */
function browser(t, n, { locks = new Locks(), of = ANNA } = {}) {
  Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
  const had = globalThis.BroadcastChannel;
  Object.assign(globalThis, { BroadcastChannel: Channel, EventSource: Source });
  Source.all = [];
  const tabs = Array.from({ length: n }, (_, index) => {
    const heard = [];
    const stream = new Stream("/events", ["hello", "item", "beat"], {
      hear: (name, data) => heard.push(data?.id ?? name),
      lose: (isOver) => heard.push(isOver ? "over" : "lost"),
      stranger: () => heard.push("stranger"),
    });
    const begin = async (whose = of) => {
      Channel.current = `tab ${index}`;
      stream.open(whose);
      await settled();
    };
    return { stream, heard, begin };
  });
  t.after(() => {
    for (const { stream } of tabs) stream.close();
    Channel.frozen = "";
    globalThis.BroadcastChannel = had;
    delete globalThis.EventSource;
    delete globalThis.navigator;
  });
  return tabs;
}

/** Says something at the hub, and lets it be passed on. */
async function tell(name, data) {
  Source.open[0].tell(name, data);
  await settled();
}

const hello = { version: "1", account: ANNA };

test("two tabs follow by one stream, and both hear all of it", async (t) => {
  const [first, second] = browser(t, 2);
  await first.begin();
  await second.begin();
  assert.equal(Source.open.length, 1);

  await tell("hello", hello);
  await tell("item", { id: "a" });
  assert.deepEqual([first.heard, second.heard], [["hello", "a"], ["hello", "a"]]);
});

test("a tab that comes later is told hello at once", async (t) => {
  const [first, second] = browser(t, 2);
  await first.begin();
  await tell("hello", hello);
  await second.begin();
  assert.deepEqual([first.heard, second.heard], [["hello"], ["hello"]]);
  assert.equal(Source.all.length, 1);
});

test("when the tab that follows is closed, another does, and begins with hello", async (t) => {
  const tabs = browser(t, 3);
  for (const tab of tabs) await tab.begin();
  await tell("hello", hello);
  tabs[0].stream.close();
  await settled();
  assert.deepEqual([Source.open.length, Source.all.length], [1, 2]);

  await tell("hello", hello);
  await tell("item", { id: "a" });
  assert.deepEqual(tabs.map(({ heard }) => heard.join()), ["hello", "hello,hello,a", "hello,hello,a"]);
});

test("a tab that does not answer is robbed, and is one of many when it wakes", async (t) => {
  const [asleep, second] = browser(t, 2);
  await asleep.begin();
  await tell("hello", hello);
  Channel.frozen = "tab 0";
  await second.begin();
  assert.equal(Source.all.length, 1, "it is waited for a while");
  await new Promise((resolve) => setTimeout(resolve, 2_200));
  assert.deepEqual([Source.open.length, Source.all.length], [1, 2]);
  Channel.frozen = "";
  await tell("hello", hello);
  await tell("item", { id: "a" });
  assert.deepEqual([asleep.heard.at(-1), second.heard.at(-1)], ["a", "a"]);
  second.stream.close();
  await settled();
  assert.equal(Source.open.length, 1, "it may follow for the others again");
});

test("a stream that was silent through a nap is not trusted: who has it calls anew", async (t) => {
  const [first, second] = browser(t, 2);
  await first.begin();
  await tell("hello", hello);
  await second.begin();
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() + 60_000 });
  await second.begin();
  assert.deepEqual([Source.open.length, Source.all.length], [1, 2]);
  assert.deepEqual(second.heard, ["hello"], "nobody says that all is well before the hub does");
  await tell("hello", hello);
  assert.deepEqual(second.heard, ["hello", "hello"]);
});

test("a loss is a loss for all tabs, and so is its end", async (t) => {
  const [first, second] = browser(t, 2);
  await first.begin();
  await second.begin();
  await tell("hello", hello);
  const [source] = Source.open;
  source.break(Source.CONNECTING);
  await settled();
  assert.deepEqual([first.heard.at(-1), second.heard.at(-1)], ["lost", "lost"]);
  await second.begin();
  assert.equal(second.heard.at(-1), "lost", "nobody is told hello while the hub is away");
  assert.equal(Source.all.length, 1, "the browser calls again by itself");

  source.break(Source.CLOSED);
  await settled();
  assert.deepEqual([first.heard.at(-1), second.heard.at(-1)], ["over", "lost"], "one tab calls again");
  await first.begin();
  await tell("hello", hello);
  assert.deepEqual([first.heard.at(-1), second.heard.at(-1)], ["hello", "hello"]);
});

test("nobody hears what is told to another account", async (t) => {
  const [anna, ruth] = browser(t, 2);
  await anna.begin();
  await tell("hello", hello);
  await ruth.begin("ruth");
  assert.equal(ruth.heard.at(-1), "stranger");
  assert.equal(anna.heard.at(-1), "stranger", "one of the two is not up to date");
  await tell("item", { id: "a" });
  assert.ok(anna.heard.includes("a") && !ruth.heard.includes("a"));

  // The cookie is Ruth's by now, and the stream that came back is hers.
  await tell("hello", { ...hello, account: "ruth" });
  await tell("item", { id: "b" });
  assert.ok(ruth.heard.includes("b") && !anna.heard.includes("b"));
});

test("a browser without locks has a stream for each tab, and so has one that refuses them", async (t) => {
  const refusing = { request: () => Promise.reject(new DOMException("no", "SecurityError")) };
  for (const locks of [undefined, refusing]) {
    await t.test(String(locks), async (inner) => {
      const tabs = browser(inner, 2, { locks: /** @type {any} */ (locks ?? null) });
      for (const tab of tabs) await tab.begin();
      assert.equal(Source.open.length, 2);
      for (const source of Source.open) source.tell("hello", hello);
      assert.deepEqual(tabs.map(({ heard }) => heard), [["hello"], ["hello"]]);
    });
  }
});
