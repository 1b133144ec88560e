// How little the page takes to stand: the real hub, and a browser that was never there.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BARS, measureFirstView } from "../first-view.mjs";
import { DESK, FAKE, PHONE, openPage, sees, startBrowser, startHub } from "./support.mjs";

const skip = FAKE ? "the scripted hub compresses nothing" : false;

for (const [name, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
  test(`the first view is small and stands still: ${name}`, { skip }, async (t) => {
    const { url } = await startHub(t);
    const page = await openPage(t, await startBrowser(t), url, { viewport });
    await sees(page, "Mia");

    const first = await measureFirstView(page.context(), new URL("/", url).href);

    t.diagnostic(`${first.bytes} bytes in ${first.requests} requests, moved by ${first.shift.toFixed(3)}`);
    assert.ok(first.bytes <= BARS.bytes, `${first.bytes} bytes`);
    assert.ok(first.shift <= BARS.shift, `moved by ${first.shift}`);
    // All of it over one connection.
    assert.deepEqual(first.protocols, ["h2"]);
  });
}
