// What the first view is made of: the document names it all, so that it comes in one go, and nothing else does.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const WEB = new URL("../../web/", import.meta.url);
const read = (path) => readFileSync(new URL(path.slice(1), WEB), "utf8");

/** Returns the paths of all files that these import before they run. */
function imported(paths) {
  const known = new Set(paths);
  for (const path of known) {
    for (const [, file] of read(path).matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)";/gm)) {
      known.add(new URL(file, `https://hub${path}`).pathname);
    }
  }
  return [...known];
}

test("the document names every file that the first view is made of, and no other", () => {
  const document = read("/index.html");
  const named = [...document.matchAll(/<link rel="modulepreload" href="([^"]+)">/g)].map(([, path]) => path);
  const needed = imported(["/js/main.js", "/js/page.js"]).filter((path) => path !== "/js/main.js");

  assert.deepEqual(named, needed.sort());
});
