// How the page bears a conversation of ten thousand items on a slow device. Prints a line for each
// figure and fails beyond its bar. HUTCH_SCROLL_ITEMS and HUTCH_SCROLL_SECONDS make a shorter rehearsal.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { DESK, PHONE, openPage, startBrowser, startFakeHub } from "../e2e/support.mjs";
import { live, now, openMia } from "../e2e/visit.mjs";
import { FakeHub } from "../fake-hub.mjs";

const N_ITEMS = Number(process.env.HUTCH_SCROLL_ITEMS ?? 10_000);
const SCROLL_MS = 1_000 * Number(process.env.HUTCH_SCROLL_SECONDS ?? 20);
const SLOWER = 4;
const STEP_PX = 300;
const STEP_MS = 30;
const BARS = { "longest task, ms": 50, "most elements of the list": 300, "heap with all of it read, MB": 80 };

/** Fills a conversation of three years. */
function fill(hub) {
  const wav = FakeHub.tone(0.2);
  for (let left = N_ITEMS; left > 0; left -= 1) {
    const at = now() - left * 9_500;
    hub.add(hub.children[0], left % 3 ? "recording" : "message", wav, {
      at, quiet: true, delivery: { state: "heard", heard_at: at + 600 },
    });
  }
}

/** Looks from now on: the longest task, and the most elements in any frame. */
const watch = (page) => page.evaluate(() => {
  const seen = { task: 0, elements: 0 };
  globalThis.seen = seen;
  new PerformanceObserver((list) => {
    seen.task = Math.max(seen.task, ...list.getEntries().map(({ duration }) => Math.round(duration)));
  }).observe({ type: "longtask" });
  const look = () => {
    seen.elements = Math.max(seen.elements, document.querySelectorAll(".thread, .thread *").length);
    requestAnimationFrame(look);
  };
  look();
});

const nKnown = (page) => page.evaluate(async () => {
  const { store } = await import("/js/store.js");
  return store.get(`thread/${store.get("children")[0].id}`).ids.length;
});

for (const [name, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
  test(`a conversation of ${N_ITEMS} items scrolls (${name})`, async (t) => {
    const { url, hub } = await startFakeHub(t);
    fill(hub);
    const page = await openPage(t, await startBrowser(t), url, { viewport });
    await openMia(page);
    await live(page);
    await page.locator(".thread .bubble").first().waitFor();
    const cdp = await page.context().newCDPSession(page);
    const box = await page.locator(".log").boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await pause(1_000);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    await pause(1_000);
    await watch(page);

    const end = Date.now() + SCROLL_MS;
    for (let n = 0; Date.now() < end; n += 1) {
      // Up, and now and then a look back.
      await page.mouse.wheel(0, n % 8 === 7 ? STEP_PX : -STEP_PX);
      await pause(STEP_MS);
    }
    const seen = await page.evaluate(() => globalThis.seen);
    assert.ok(await nKnown(page) > 50, "what was said before was read");

    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    for (let n = 0; n < N_ITEMS && await nKnown(page) < N_ITEMS; n += 1) {
      await page.evaluate(() => { document.querySelector(".log").scrollTop = 0; });
      await pause(STEP_MS);
    }
    assert.equal(await nKnown(page), N_ITEMS);
    await cdp.send("HeapProfiler.enable");
    await cdp.send("HeapProfiler.collectGarbage");
    const { usedSize } = await cdp.send("Runtime.getHeapUsage");
    const figures = [seen.task, seen.elements, Math.round(usedSize / 1e5) / 10];
    Object.keys(BARS).forEach((what, at) => console.log(`${name}, ${what}: ${figures[at]}`));
    for (const [at, [what, bar]] of Object.entries(BARS).entries()) {
      assert.ok(figures[at] <= bar, `${what}: ${figures[at]}, and not more than ${bar}`);
    }
  });
}
