import assert from "node:assert/strict";
import { test } from "node:test";

import { store } from "../../web/js/store.js";
import { followMeeting, listen, refreshAdopted, takeMeeting, takeRadio, toyIds, watchToys } from "../../web/js/sync.js";

/**
 * Stands in for the hub: it answers each question when the test says so.
 *
 * @param {import("node:test").TestContext} t
 */
function hub(t) {
  const questions = [];
  t.mock.method(globalThis, "fetch", (path) => new Promise((resolve) => {
    questions.push({ path, answer: (body, status = 200) => resolve(new Response(JSON.stringify(body), { status })) });
  }));
  return questions;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const toy = (id, changes = {}) => ({
  id, name: id, character: "bear", child: "mia", presence: "asleep", volume: null, retiring: false, guard: null, ...changes,
});
const meeting = (state, changes = {}) => ({ id: "m", address: "C0:FF:EE:00:00:03", state, why: null, character: null, ...changes });

test("a toy is known before the child that it belongs to", async (t) => {
  const questions = hub(t);
  const known = [];
  t.after(store.watch(["children"], () => known.push(store.get("toy/a")?.name)));

  const reading = refreshAdopted();
  questions[0].answer({ toys: [toy("a")] });
  await settled();
  assert.equal(questions[1].path, "/api/v1/children");
  questions[1].answer({ children: [{ id: "mia", name: "Mia", animal: "bear", color: "plum", toys: ["a"], latest_at: null }] });
  await reading;

  assert.deepEqual(known, ["a"]);
  assert.deepEqual(toyIds(), ["a"]);
});

test("whoever watches the toys hears of each that comes, changes and goes, and of nothing else", async (t) => {
  const questions = hub(t);
  let told = 0;
  const read = async (toys) => {
    told = 0;
    const reading = refreshAdopted();
    questions.at(-1).answer({ toys });
    await settled();
    questions.at(-1).answer({ children: [] });
    await reading;
    return told;
  };
  await read([toy("b")]);
  const forget = watchToys(() => { told += 1; });

  assert.equal(await read([toy("b")]), 0);
  assert.equal(await read([toy("b"), toy("c")]), 1);
  assert.equal(await read([toy("b"), toy("c", { guard: "table" })]), 1);
  assert.equal(await read([toy("b")]), 1);
  forget();
  assert.equal(await read([toy("b", { guard: "name" })]), 0);
});

test("an event about a meeting is newer than the answer that was on its way", async (t) => {
  const questions = hub(t);
  const asking = followMeeting(() => import("../../web/js/api-toys.js").then(({ meetToy }) => meetToy("C0:FF:EE:00:00:03")));
  await settled();

  takeMeeting(meeting("waiting"));
  questions[0].answer(meeting("connecting"), 201);

  assert.equal(await asking, "m");
  assert.equal(store.get("meeting/m").state, "waiting");
});

test("whether Bluetooth works is known from the last word of it", async (t) => {
  const questions = hub(t);
  const hearing = listen();
  takeRadio({ state: "off" });
  questions[0].answer({ state: "works", toys: [] });

  assert.deepEqual((await hearing).toys, []);
  assert.equal(store.get("radio"), "off");
});
