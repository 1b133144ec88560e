// How little the page takes to stand: the real hub, and a browser that was never there.

import assert from "node:assert/strict";
import { test } from "node:test";

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
