import assert from "node:assert/strict";
import { test } from "node:test";

import { store } from "../../web/js/store.js";
import { forgetOlder, readOlder } from "../../web/js/thread-pages.js";
import {
  keep, markPlayed, newAnswers, quietOf, readEverything, readThread, refreshChildren, takeDelivery, takeErased,
  takeItem, waitingIds,
} from "../../web/js/sync.js";

const NOW = 1_800_000_000;
let made = 0;

function recording(child, changes = {}) {
  made += 1;
  return {
    id: `r${made}`, kind: "recording", child, at: NOW + made, length_ms: 1000, waveform: [], toy: "t",
    while_away: false, delivery: null, ...changes,
  };
}

/**
 * Stands in for the hub: it answers each question when the test says so.
 *
 * @param {import("node:test").TestContext} t
 */
function hub(t) {
  const questions = [];
  t.mock.method(globalThis, "fetch", (path) => new Promise((resolve) => {
    questions.push({
      path, answer: (body, status = 200) => resolve(new Response(JSON.stringify(body), { status })),
    });
  }));
  return questions;
}

/** Lets what was answered reach the store. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const page = (...items) => ({ items: [...items].reverse(), next: null });
const ids = (child) => store.get(`thread/${child}`)?.ids;

test("an answer that came in while the conversation was read stays", async (t) => {
  const questions = hub(t);
  const [old, fresh] = [recording("a"), recording("a")];
  void readThread("a");
  questions[0].answer(page(old));
  await settled();

  const reading = readThread("a");
  const taking = takeItem({ id: fresh.id, child: "a" });
  questions[2].answer(fresh);
  await taking;
  questions[1].answer(page(old));
  await reading;

  assert.deepEqual(ids("a"), [old.id, fresh.id]);
});

test("an answer that came in while a conversation was read for the first time stays", async (t) => {
  const questions = hub(t);
  const fresh = recording("b");
  const reading = readThread("b");
  const taking = takeItem({ id: fresh.id, child: "b" });
  questions[1].answer(fresh);
  await taking;

  questions[0].answer(page());
  await reading;

  assert.deepEqual(ids("b"), [fresh.id]);
  assert.deepEqual(newAnswers("b"), [fresh.id]);
});

test("what came in while nobody told of it is news all the same, once", async (t) => {
  const questions = hub(t);
  const [early, old, missed, played] = [recording("m"), recording("m"), recording("m"), recording("m")];
  void readThread("m");
  questions[0].answer(page(old));
  await settled();
  assert.deepEqual(newAnswers("m"), [], "what was here before is no news");

  void readThread("m");
  questions[1].answer(page(early, old, missed, played));
  await settled();
  assert.deepEqual(newAnswers("m"), [missed.id, played.id]);
  markPlayed(played);
  void readThread("m");
  questions[2].answer(page(early, old, missed, played));
  await settled();

  assert.deepEqual(newAnswers("m"), [missed.id]);
});

test("an answer that a page brings before its event was looked up is news", async (t) => {
  const questions = hub(t);
  const fresh = recording("n");
  void readThread("n");
  const taking = takeItem({ id: fresh.id, child: "n" });
  questions[0].answer(page(fresh));
  await settled();
  questions[1].answer(fresh);
  await taking;

  assert.deepEqual(newAnswers("n"), [fresh.id]);
});

test("what an answer no longer tells of is gone, unless it came in since", async (t) => {
  const questions = hub(t);
  const [first, second] = [recording("c"), recording("c")];
  void readThread("c");
  questions[0].answer(page(first, second));
  await settled();

  void readThread("c");
  questions[1].answer(page(second));
  await settled();

  assert.deepEqual(ids("c"), [second.id]);
});

test("an item that the hub has no more leaves the conversation and is not new", async (t) => {
  const questions = hub(t);
  const [old, broken] = [recording("d"), recording("d")];
  void readThread("d");
  questions[0].answer(page(old));
  await settled();
  void takeItem({ id: broken.id, child: "d" });
  questions[1].answer(broken);
  await settled();
  assert.deepEqual(newAnswers("d"), [broken.id]);
  const reading = readThread("d");

  const taking = takeItem({ id: broken.id, child: "d" });
  questions[3].answer({ error: "no_such_item", message: "There is no such message here." }, 404);
  await taking;
  assert.deepEqual(ids("d"), [old.id]);
  assert.deepEqual(newAnswers("d"), []);
  questions[2].answer(page(old, broken));
  await reading;

  assert.deepEqual(ids("d"), [old.id], "an older answer does not bring it back");
});

test("an item that is known is read again and shown once", async (t) => {
  const questions = hub(t);
  const item = recording("e");
  void readThread("e");
  questions[0].answer(page(item));
  await settled();

  void takeItem({ id: item.id, child: "e" });
  assert.equal(questions.length, 2);
  questions[1].answer(item);
  await settled();

  assert.deepEqual(ids("e"), [item.id]);
  assert.deepEqual(newAnswers("e"), [], "it is no news");
});

test("an item that cannot be read for another reason stays", async (t) => {
  const questions = hub(t);
  const item = recording("f");
  void readThread("f");
  questions[0].answer(page(item));
  await settled();

  const taking = takeItem({ id: item.id, child: "f" });
  questions[1].answer({ error: "internal", message: "Something went wrong in the hub." }, 500);

  await assert.rejects(taking, { code: "internal" });
  assert.deepEqual(ids("f"), [item.id]);
});

test("what was taken back and is shared again comes back, and is new", async (t) => {
  const questions = hub(t);
  const item = recording("g");
  void readThread("g");
  questions[0].answer(page(item));
  await settled();
  void takeItem({ id: item.id, child: "g" });
  questions[1].answer({ error: "no_such_item", message: "There is no such message here." }, 404);
  await settled();
  assert.deepEqual(ids("g"), []);

  void takeItem({ id: item.id, child: "g" });
  questions[2].answer(item);
  await settled();

  assert.deepEqual(ids("g"), [item.id]);
  assert.deepEqual(newAnswers("g"), [item.id]);
});

test("what waits for a guardian is known from the first answer on, and goes when it was decided", async (t) => {
  store.set("me", { id: "anna", role: "guardian" });
  const questions = hub(t);
  const message = (state) => recording("h", { kind: "message", sender: "ruth", mine: false, delivery: { state } });
  const [first, second] = [message("awaiting_approval"), message("awaiting_approval")];
  void readEverything();
  const answerTo = (path, body) => questions.find((one) => one.path.endsWith(path)).answer(body);
  answerTo("/waiting", { items: [first] });
  await settled();
  assert.deepEqual(waitingIds(), [first.id]);

  void takeItem({ id: second.id, child: "h" });
  questions.at(-1).answer(second);
  await settled();
  assert.deepEqual(waitingIds(), [first.id, second.id]);
  takeDelivery({ item: first.id, state: "declined" });
  assert.deepEqual(waitingIds(), [second.id]);
  takeDelivery({ item: second.id, state: "queued" });
  assert.deepEqual(waitingIds(), []);
  takeDelivery({ item: "unknown", state: "awaiting_approval" });
  assert.deepEqual(waitingIds(), [], "what nobody can hear yet is not counted");
});

for (const role of ["relative", "child_screen"]) {
  test(`the page of a ${role} asks for nothing that only guardians may have`, async (t) => {
    store.set("me", { id: "ruth", role });
    const questions = hub(t);

    void readEverything();
    questions.find((one) => one.path.endsWith("/hub")).answer({ demo: true });
    questions.find((one) => one.path.endsWith("/children")).answer({ children: [] });
    await settled();

    assert.deepEqual(questions.map(({ path }) => path), ["/api/v1/hub", "/api/v1/children"]);
  });
}

test("two answers of one second stand as the hub told of them, however it answers", async (t) => {
  store.set("me", { id: "anna", role: "guardian" });
  const questions = hub(t);
  const [old, first, second] = [recording("j"), recording("j", { at: NOW }), recording("j", { at: NOW })];
  old.at = NOW - 1;
  void readThread("j");
  questions[0].answer(page(old));
  await settled();

  const takings = [first, second].map(({ id }) => takeItem({ id, child: "j" }));
  questions[2].answer(second);
  await settled();
  questions[1].answer(first);
  await Promise.all(takings);

  assert.deepEqual(newAnswers("j"), [first.id, second.id]);
  assert.deepEqual(ids("j"), [old.id, first.id, second.id]);
});

test("on a child's screen the messages are what is new, and not what the child said", async (t) => {
  store.set("me", { id: "tablet", role: "child_screen" });
  const questions = hub(t);
  const said = recording("i", { mine: true });
  const message = recording("i", { kind: "message", mine: false });

  for (const item of [said, message]) {
    void takeItem({ id: item.id, child: "i" });
    questions.at(-1).answer(item);
    await settled();
  }

  assert.deepEqual(newAnswers("i"), [message.id]);
});

test("what was erased leaves the conversation, and no late answer brings it back", async (t) => {
  const questions = hub(t);
  const [first, second] = [recording("e"), recording("e")];
  void readThread("e");
  questions[0].answer(page(first, second));
  await settled();
  const reading = readThread("e");

  takeErased({ id: first.id, child: "e" });
  questions[1].answer(page(first, second));
  await reading;

  assert.deepEqual(ids("e"), [second.id]);
  assert.equal(store.get(`gone/${first.id}`), true);
});

test("children are read again when quiet hours end", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW * 1000 });
  const questions = hub(t);
  const child = { id: "q", name: "Mia", animal: "bear", color: "plum", toys: [], latest_at: null };
  const refreshing = refreshChildren();
  questions[0].answer({ children: [{ ...child, quiet: { until: NOW + 600, because: "hours" } }] });
  await refreshing;
  assert.equal(quietOf("q").until, NOW + 600);

  t.mock.timers.tick(599_000);
  const early = questions.length;
  t.mock.timers.tick(3_000);
  questions[1].answer({ children: [{ ...child, quiet: null, quiet_at: null }] });
  await new Promise((resolve) => setImmediate(resolve));
  for (let n = 0; n < 20; n += 1) await Promise.resolve();

  assert.equal(early, 1);
  assert.equal(questions.length, 2);
  assert.equal(quietOf("q"), null);
});

test("what is kept is shown as the hub says, and what was erased goes", async (t) => {
  const questions = hub(t);
  const item = recording("k", { shared_with: [], kept: false, goes_at: NOW + 90 });
  const reading = readThread("k");
  questions[0].answer(page(item));
  await reading;
  assert.deepEqual(store.get(`kept/${item.id}`), { kept: false, goes_at: NOW + 90 });

  const keeping = keep(item.id, true);
  questions[1].answer({ ...item, kept: true, goes_at: null });
  await keeping;
  takeErased({ id: item.id, child: "k" });

  assert.deepEqual(store.get(`kept/${item.id}`), { kept: true, goes_at: null });
  assert.deepEqual(ids("k"), []);
});

test("more than a page that came in meanwhile is read up to what is known, and what was read before stays", async (t) => {
  const questions = hub(t);
  const items = Array.from({ length: 8 }, () => recording("far"));
  const [a, b, c, d, e, f, g, h] = items;
  void readThread("far");
  questions[0].answer({ items: [d, c], next: "c" });
  await settled();
  const older = readOlder("far");
  questions[1].answer({ items: [b, a], next: "a" });
  await older;
  assert.deepEqual(ids("far"), [a, b, c, d].map(({ id }) => id));

  void readThread("far");
  questions[2].answer({ items: [h, g], next: "g" });
  await settled();
  assert.match(questions[3].path, /before=g$/);
  questions[3].answer({ items: [f, e], next: "e" });
  await settled();
  questions[4].answer({ items: [d, c], next: "c" });
  await settled();

  assert.deepEqual(ids("far"), items.map(({ id }) => id));
  assert.equal(store.get("thread/far").next, "a", "it goes on from where it was read to");
});

test("what was read further back is let go of, and read again from there", async (t) => {
  const questions = hub(t);
  const [a, b, c, d] = Array.from({ length: 4 }, () => recording("old"));
  void readThread("old");
  questions[0].answer({ items: [d, c], next: "c" });
  await settled();
  const older = readOlder("old");
  questions[1].answer({ items: [b, a], next: null });
  await older;

  forgetOlder("old");

  assert.deepEqual(ids("old"), [c.id, d.id]);
  assert.deepEqual([store.get(`item/${a.id}`), store.get(`delivery/${b.id}`)], [undefined, undefined]);
  assert.equal(store.get(`item/${c.id}`).id, c.id);
  const again = readOlder("old");
  assert.match(questions[2].path, /before=c$/);
  questions[2].answer({ items: [b, a], next: null });
  await again;
  assert.deepEqual(ids("old"), [a, b, c, d].map(({ id }) => id));
});

test("an older page that was asked for before the conversation was read anew is left", async (t) => {
  const questions = hub(t);
  const [a, b, d] = Array.from({ length: 3 }, () => recording("anew"));
  void readThread("anew");
  questions[0].answer({ items: [b], next: "b" });
  await settled();
  const older = readOlder("anew");
  store.set("thread/anew", { ids: [d.id], next: "d" });
  questions[1].answer({ items: [a], next: null });
  await older;

  assert.deepEqual(store.get("thread/anew"), { ids: [d.id], next: "d" });
});
