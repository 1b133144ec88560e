import assert from "node:assert/strict";
import { test } from "node:test";

import { choose, parse } from "../../web/js/start.js";

test("what comes next is what was not put off, in order", () => {
  assert.equal(choose(["child", "toy", "trust"], {}), "child");
  assert.equal(choose(["toy", "trust"], { later: ["toy"] }), "trust");
  assert.equal(choose(["toy"], { later: ["toy"] }), "toy");
  assert.equal(choose([], { later: ["toy"] }), null);
});

test("after a step comes a later one, whatever was put off", () => {
  assert.equal(choose(["child", "toy", "trust"], { after: "child", later: ["toy", "child"] }), "toy");
  assert.equal(choose(["child"], { after: "trust" }), null);
});

test("what a browser kept is taken only if it makes sense", () => {
  const nothing = { later: [], away: false };
  for (const text of [null, "", "[]", "7", "null", '{"later":"toy"}']) assert.deepEqual(parse(text), nothing, String(text));
  assert.deepEqual(parse('{"later":["toy","moon",3],"away":true}'), { later: ["toy"], away: true });
});
