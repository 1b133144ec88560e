import assert from "node:assert/strict";
import { test } from "node:test";

import { store } from "../../web/js/store.js";
import { newAnswers, readThread, takeItem } from "../../web/js/sync.js";

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
