// Measures the first view of the page, as a browser has it that keeps nothing of an earlier visit.

import { setTimeout as pause } from "node:timers/promises";

/** What the first view may take (README, "Figures"). */
export const BARS = { bytes: 150_000, shift: 0.02, interactiveMs: 1_000 };

// Shorter than the page waits before it fetches ahead what somebody may ask for next.
const SETTLED_MS = 1_000;

/** In the page: notes when a tap upon a child is answered, and how much moves until the view stands. */
function watch() {
  const found = { interactiveMs: 0, shift: 0 };
  globalThis.firstView = found;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) found.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  const look = () => {
    const child = document.querySelector(".child");
    // Once it is drawn, and there was time for something else.
    if (child && !child.closest("[inert]")) setTimeout(() => { found.interactiveMs = performance.now(); }, 0);
    else requestAnimationFrame(look);
  };
  look();
}

/**
 * Opens the page as if for the first time, with nothing kept from before, and measures what comes until it stands.
 *
 * @param {import("playwright-core").BrowserContext} visitor somebody who is signed in
 * @param {string} url
 * @param {{ slowdown?: number }} [options] by how much the browser's processor is slowed down
 * @returns {Promise<{ bytes: number, requests: number, shift: number, interactiveMs: number, protocols: string[] }>}
 *   `bytes`: as they came over the wire, headers included
 */
export async function measureFirstView(visitor, url, { slowdown = 1 } = {}) {
  const page = await visitor.newPage();
  await page.addInitScript(watch);
  const session = await visitor.newCDPSession(page);
  /** @type {Map<string, number>} */
  const bytes = new Map();
  /** When each was asked for, in seconds.
   *
   * @type {Map<string, number>}
   */
  const asked = new Map();
  /** @type {Set<string>} */
  const protocols = new Set();
  session.on("Network.requestWillBeSent", ({ requestId, timestamp }) => asked.set(requestId, timestamp));
  session.on("Network.responseReceived", ({ requestId, response }) => {
    protocols.add(response.protocol);
    bytes.set(requestId, response.encodedDataLength);
  });
  // What does not end, such as the stream of events, is counted by its pieces; the end of the others has the sum.
  session.on("Network.dataReceived", ({ requestId, encodedDataLength }) => {
    bytes.set(requestId, (bytes.get(requestId) ?? 0) + encodedDataLength);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => bytes.set(requestId, encodedDataLength));
  await session.send("Network.enable");
  await session.send("Network.clearBrowserCache");
  await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  await page.goto(url);
  await page.waitForFunction(() => 0 < globalThis.firstView.interactiveMs);
  await pause(SETTLED_MS);
  const { interactiveMs, shift } = await page.evaluate(() => globalThis.firstView);
  await page.close();
  const until = Math.min(...asked.values()) + (interactiveMs + SETTLED_MS) / 1_000;
  const counted = [...bytes].filter(([id]) => (asked.get(id) ?? 0) < until);
  const sum = counted.reduce((all, [, one]) => all + one, 0);
  return { bytes: sum, requests: counted.length, shift, interactiveMs, protocols: [...protocols] };
}
