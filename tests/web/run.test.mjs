// What runs the tests in a browser: what fails fails, what is unsteady is named.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const RUN = join(import.meta.dirname, "e2e", "run.mjs");

/**
 * Runs tests of such a text, and returns whether that succeeds and what is said.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} text
 */
function ran(t, text) {
  const folder = mkdtempSync(join(tmpdir(), "hutch-run-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const head = `import { test } from "node:test"; import fs from "node:fs"; const mark = ${JSON.stringify(join(folder, "mark"))};`;
  writeFileSync(join(folder, "one.e2e.mjs"), `${head}\n${text}`);
  // Beside a runner, a runner would report to that one.
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  const { status, stdout } = spawnSync(process.execPath, [RUN, folder], { env, encoding: "utf8" });
  return { isGood: status === 0, stdout };
}

const UNSTEADY = "test('once (50 %)?', () => { if (!fs.existsSync(mark)) { fs.writeFileSync(mark, ''); throw new Error('first'); } });";

test("what passes passes at once", (t) => {
  const { isGood, stdout } = ran(t, "test('good', () => {});");
  assert.ok(isGood);
  assert.ok(!stdout.includes("unsteady"));
});

test("what fails once is named, and what fails twice has failed", (t) => {
  const once = ran(t, `test("good", () => {}); ${UNSTEADY}`);
  assert.ok(once.isGood, once.stdout);
  assert.match(once.stdout, /^# unsteady.*: once \(50 %\)\?$/m);
  const twice = ran(t, `${UNSTEADY} test("never", () => { throw new Error("ever"); });`);
  assert.ok(!twice.isGood);
  assert.match(twice.stdout, /^# failed twice: never$/m);
});

test("where much fails, or a file ends before its tests, nothing is tried again", (t) => {
  const much = ran(t, "for (let n = 0; n < 6; n += 1) test(String(n), () => { throw new Error('ever'); });");
  assert.ok(!much.isGood);
  assert.ok(!much.stdout.includes("twice"));
  assert.ok(!ran(t, "test('good', () => {}); process.exit(3);").isGood);
});
