// How little the page takes to stand: the real hub, and a browser that was never there.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import ts from "typescript";

import { BARS, measureFirstView } from "../first-view.mjs";
import { DESK, FAKE, PHONE, openPage, startBrowser, startHub } from "./support.mjs";

const skip = FAKE ? "the scripted hub compresses nothing" : false;

// Where there is room for two, a conversation stands beside the list and comes along. French has the longest words.
for (const [name, viewport, locale] of [["phone", PHONE, "en-GB"], ["desk", DESK, "en-GB"], ["desk, in French", DESK, "fr-FR"]]) {
  test(`the first view is small and stands still: ${name}`, { skip }, async (t) => {
    const { url } = await startHub(t);
    const page = await openPage(t, await startBrowser(t), url, { viewport, locale });
    await page.getByRole("heading", { name: "Mia" }).waitFor();

    const first = await measureFirstView(page.context(), new URL("/", url).href);

    t.diagnostic(`${first.bytes} bytes in ${first.requests} requests, moved by ${first.shift.toFixed(3)}`);
    assert.ok(first.bytes <= BARS.bytes, `${first.bytes} bytes`);
    assert.ok(first.shift <= BARS.shift, `moved by ${first.shift}`);
    // All of it over one connection.
    assert.deepEqual(first.protocols, ["h2"]);
  });
}

test("what is served says what was written, but for remarks", { skip }, async (t) => {
  const { url } = await startHub(t);
  const page = await openPage(t, await startBrowser(t), url);
  const web = new URL("../../../web/", import.meta.url);
  const files = readdirSync(new URL("js/", web), { recursive: true }).filter((name) => name.endsWith(".js"));
  assert.ok(100 < files.length, `${files.length} files`);
  const served = await page.evaluate((names) => Promise.all(names.map(async (name) => {
    const answer = await fetch(`/js/${name}`);
    return answer.text();
  })), files);

  /** What a program is made of: one that differs in anything but remarks and blanks gives another. */
  const essence = (text) => ts.transpileModule(text, {
    compilerOptions: { removeComments: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
  }).outputText;
  for (const [n, name] of files.entries()) {
    const written = readFileSync(new URL(`js/${name}`, web), "utf8");
    assert.equal(essence(served[n]), essence(written), name);
    assert.equal(served[n].split("\n").length, written.split("\n").length, `${name} keeps its lines`);
    assert.doesNotMatch(served[n], /^[ \t]*\/\//m, `${name} has remarks`);
  }
});
