import assert from "node:assert/strict";
import { test } from "node:test";

import { Store } from "../../web/js/store.js";

test("watchers hear of changes, and only of changes", () => {
  const store = new Store();
  let told = 0;
  const forget = store.watch(["a", "b"], () => { told += 1; });

  store.set("a", 1);
  store.set("a", 1);
  store.set("b", 1);
  store.set("c", 1);
  forget();
  store.set("a", 2);

  assert.equal(told, 2);
});

test("an answer does not overwrite an event that came while it was on its way", () => {
  const store = new Store();
  const mark = store.mark();
  store.apply("delivery/x", { state: "on_toy" });

  store.fill("delivery/x", { state: "queued" }, mark);

  assert.equal(store.get("delivery/x").state, "on_toy");
});

test("an answer to a later question does", () => {
  const store = new Store();
  store.apply("delivery/x", { state: "sending" });
  const mark = store.mark();

  store.fill("delivery/x", { state: "on_toy" }, mark);

  assert.equal(store.get("delivery/x").state, "on_toy");
});

test("events for one thing do not hold back answers for another", () => {
  const store = new Store();
  const mark = store.mark();
  store.apply("delivery/x", 1);

  store.fill("delivery/y", 2, mark);

  assert.equal(store.get("delivery/y"), 2);
});

test("a watcher may stop watching while it is told", () => {
  const store = new Store();
  const told = [];
  const forget = store.watch(["a"], () => { told.push("first"); forget(); });
  store.watch(["a"], () => told.push("second"));

  store.set("a", 1);
  store.set("a", 2);

  assert.deepEqual(told, ["first", "second", "second"]);
});

test("what is let go of is not brought back by an older answer", () => {
  const store = new Store();
  const mark = store.mark();
  store.apply("delivery/a", "heard");
  store.set("item/a", "a");

  store.drop(["delivery/a", "item/a", "item/unknown"]);

  assert.deepEqual([store.get("delivery/a"), store.get("item/a")], [undefined, undefined]);
  store.fill("delivery/a", "queued", mark);
  assert.equal(store.get("delivery/a"), undefined);
  store.fill("delivery/a", "heard", store.mark());
  assert.equal(store.get("delivery/a"), "heard");
});
