// What the page is made of keeps its promises: nothing inline, nothing missing, nothing from elsewhere.

import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const WEB = join(ROOT, "web");
const MAX_LINES = 600;

const files = readdirSync(WEB, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(WEB.length));
const read = (file) => readFileSync(join(WEB, file), "utf8");
const scripts = files.filter((file) => file.endsWith(".js"));
const styles = files.filter((file) => file.endsWith(".css"));

test("the document has no inline script or style", () => {
  const html = read("/index.html");

  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|javascript:/i);
  for (const [, inside] of html.matchAll(/<script[^>]*>([^<]*)<\/script>/g)) assert.equal(inside.trim(), "");
});

test("everything that a file names is there", () => {
  for (const file of files.filter((one) => /\.(html|css|js|webmanifest)$/.test(one))) {
    for (const [, path] of read(file).matchAll(/["(](\/(?:css|js|img)\/[\w./-]+\.\w+)["')]/g)) {
      assert.ok(existsSync(join(WEB, path)), `${file} names ${path}`);
    }
  }
});

test("every script is fetched by another and every style is used", () => {
  const html = read("/index.html");
  // What browsers fetch by a name in the code: a worker, a worklet.
  const byName = (file) => /work(let|er)\.js$|^\/sw\.js$/.test(file);
  const fetched = new Set(["/js/main.js"]);
  for (const file of fetched) {
    for (const [, path] of read(file).matchAll(/\b(?:from |import\()"(\.[^"]+\.js)"/g)) {
      fetched.add(new URL(path, `https://hub${file}`).pathname);
    }
  }

  for (const file of scripts.filter((one) => !byName(one))) assert.ok(fetched.has(file), file);
  // One is fetched only when somebody goes there.
  for (const file of styles.filter((one) => one !== "/css/style.css")) assert.ok(html.includes(`"${file}"`), file);
});

test("nothing points outside", () => {
  for (const file of files) {
    const outside = read(file).match(/https?:\/\/(?!www\.w3\.org\/2000\/svg)[\w.-]+\.[a-z]{2,}/i);
    assert.equal(outside, null, `${file}: ${outside?.[0]}`);
  }
});

test("every script is type-checked and none is long", () => {
  for (const file of scripts) {
    assert.ok(read(file).startsWith("// @ts-check\n"), file);
    assert.ok(read(file).split("\n").length < MAX_LINES, file);
  }
});

test("drawings hold shapes and nothing that runs", () => {
  for (const file of files.filter((one) => one.endsWith(".svg"))) {
    assert.doesNotMatch(read(file), /<script|<style|\son\w+=|href|<foreignObject|<image/i, file);
  }
});

test("every animal has a portrait, a sign and a toy", () => {
  const source = readFileSync(join(ROOT, "src/model/toy.rs"), "utf8");
  const [characters = ""] = /impl Character \{[^]*?\n\}/.exec(source) ?? [];
  const animals = [...characters.matchAll(/Self::\w+ => "(\w+)"/g)].map(([, word]) => word);

  assert.ok(animals.length >= 5);
  for (const animal of animals) {
    assert.ok(existsSync(join(WEB, `img/${animal}.svg`)), animal);
    assert.ok(existsSync(join(WEB, `img/toy-${animal}.svg`)), animal);
    assert.ok(read("/css/icons.css").includes(`.icon-${animal} `), animal);
    assert.ok(read("/js/views/portrait.js").includes(`"${animal}"`), animal);
  }
});

test("every sign that a script names has its drawing", () => {
  const known = new Set([...read("/css/icons.css").matchAll(/\.icon-([\w-]+) /g)].map(([, name]) => name));

  for (const file of scripts) {
    for (const [, name] of read(file).matchAll(/(?:\bicon\(|icon: )"([\w-]+)"/g)) assert.ok(known.has(name), `${file}: ${name}`);
  }
});
