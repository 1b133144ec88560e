// @ts-check

// What the hub tells, by one stream for all tabs of a browser: the tab that has the lock follows the hub, and
// passes on to the others what it hears. When it is closed or freezes, another has the lock; one that does not
// answer is robbed of it. A browser without such locks follows by a stream for each tab.

const NAME = "hutch-events-1";
// A tab that is alive answers at once, unless it has its hands full.
const ANSWER_MS = 2_000;
// The hub says something every 15 s. What was silent for longer may be a stream from before a nap.
const FRESH_MS = 20_000;

/**
 * What tabs say to each other. `of`: whose events they are; `to`: one tab alone.
 *
 * @typedef {{ kind: "event", name: string, data: any, of: string, to?: string }
 *   | { kind: "ask", from: string, of: string } | { kind: "wait", to: string } | { kind: "lost" }} Word
 */

/**
 * @typedef {object} Listener
 * @property {(name: string, data: any) => void} hear takes an event
 * @property {(isOver: boolean) => void} lose is told that the hub is not heard; `isOver`: and is not called again by itself
 * @property {() => void} stranger is told that somebody else is signed in
 */

export class Stream {
  #url;
  #names;
  #listener;
  #me = Math.random().toString(36);
  /** Whose events are asked for. */
  #of = "";
  /** @type {EventSource | null} */
  #source = null;
  /** @type {BroadcastChannel | null} */
  #channel = null;
  /** Ends the wait for the lock.
   *
   * @type {AbortController | null}
   */
  #queue = null;
  /** Lets go of the lock; null while another tab has it.
   *
   * @type {(() => void) | null}
   */
  #letGo = null;
  #answer = 0;
  #calledAt = 0;
  #heardAt = 0;
  /** The first word of the stream, while it lasts.
   *
   * @type {any}
   */
  #hello = null;
  /** Whether tabs cannot share here. */
  #isAlone = !globalThis.navigator?.locks || !globalThis.BroadcastChannel;

  /**
   * @param {string} url
   * @param {string[]} names of events
   * @param {Listener} listener
   */
  constructor(url, names, listener) {
    this.#url = url;
    this.#names = names;
    this.#listener = listener;
  }

  /**
   * Follows the hub anew. It begins with a word of hello, or with a loss.
   *
   * @param {string} of whose events
   */
  open(of) {
    this.#of = of;
    if (this.#isAlone || this.#letGo) {
      this.#call();
      return;
    }
    if (!this.#channel) {
      const channel = new BroadcastChannel(NAME);
      this.#channel = channel;
      channel.onmessage = ({ data }) => {
        if (this.#channel === channel) this.#take(data);
      };
    }
    if (!this.#queue) {
      const queue = new AbortController();
      this.#want(queue, { signal: queue.signal });
    }
    this.#ask();
  }

  /** Follows no more; another tab of this browser does. */
  close() {
    clearTimeout(this.#answer);
    this.#hangUp();
    this.#queue?.abort();
    this.#queue = null;
    this.#letGo?.();
    this.#letGo = null;
    this.#channel?.close();
    this.#channel = null;
  }

  /**
   * Waits for the lock, or takes it.
   *
   * @param {AbortController} queue
   * @param {LockOptions} how
   */
  #want(queue, how) {
    this.#queue = queue;
    navigator.locks.request(NAME, how, () => (this.#queue === queue ? this.#lead() : null)).catch((error) => {
      if (this.#queue === queue) this.#lost(error);
    });
  }

  /** Has the lock, until it lets go of it. */
  #lead() {
    clearTimeout(this.#answer);
    return new Promise((resolve) => {
      this.#letGo = () => resolve(null);
      this.#call();
    });
  }

  /**
   * Another tab took the lock, because this one did not answer; or there are no locks after all.
   *
   * @param {unknown} error
   */
  #lost(error) {
    this.#hangUp();
    this.#queue = null;
    this.#letGo = null;
    this.#isAlone = !(error instanceof DOMException && error.name === "AbortError");
    this.open(this.#of);
  }

  /** Asks whoever has the lock to say hello, and takes it from a tab that does not answer. */
  #ask() {
    this.#say({ kind: "ask", from: this.#me, of: this.#of });
    clearTimeout(this.#answer);
    this.#answer = setTimeout(() => {
      if (this.#letGo) return;
      const before = this.#queue;
      this.#want(new AbortController(), { steal: true });
      before?.abort();
    }, ANSWER_MS);
  }

  /** Calls the hub. */
  #call() {
    this.#hangUp();
    const source = new EventSource(this.#url);
    this.#source = source;
    this.#calledAt = Date.now();
    for (const name of this.#names) {
      source.addEventListener(name, (event) => {
        if (this.#source === source) this.#hear(name, JSON.parse(event.data || "null"));
      });
    }
    source.addEventListener("error", () => {
      if (this.#source !== source) return;
      this.#hello = null;
      this.#calledAt = Date.now();
      this.#say({ kind: "lost" });
      this.#listener.lose(source.readyState === EventSource.CLOSED);
    });
  }

  #hangUp() {
    this.#source?.close();
    this.#source = null;
    this.#hello = null;
  }

  /**
   * @param {string} name
   * @param {any} data
   */
  #hear(name, data) {
    this.#heardAt = Date.now();
    if (name === "hello") this.#hello = data;
    const of = this.#hello?.account ?? this.#of;
    this.#say({ kind: "event", name, data, of });
    if (of === this.#of) this.#listener.hear(name, data);
    else this.#listener.stranger();
  }

  /** @param {Word} word of another tab */
  #take(word) {
    if ("to" in word && word.to !== undefined && word.to !== this.#me) return;
    if (this.#letGo) {
      if (word.kind === "ask") this.#reply(word.from);
      // One of the two has not heard yet who is here.
      if (word.kind === "ask" && word.of !== this.#of) this.#listener.stranger();
      return;
    }
    if (word.kind === "ask") return;
    clearTimeout(this.#answer);
    if (word.kind === "lost") this.#listener.lose(false);
    if (word.kind !== "event") return;
    if (word.of === this.#of) this.#listener.hear(word.name, word.data);
    else this.#listener.stranger();
  }

  /** @param {string} to a tab that wants to hear hello */
  #reply(to) {
    if (this.#hello && Date.now() - this.#heardAt < FRESH_MS) {
      this.#say({ kind: "event", name: "hello", data: this.#hello, of: this.#hello.account ?? this.#of, to });
      return;
    }
    this.#say({ kind: "wait", to });
    const isCalling = this.#source?.readyState === EventSource.CONNECTING && Date.now() - this.#calledAt < FRESH_MS;
    if (!isCalling) this.#call();
  }

  /** @param {Word} word */
  #say(word) {
    this.#channel?.postMessage(word);
  }
}
