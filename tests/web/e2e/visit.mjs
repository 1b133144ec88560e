// What most tests of the page begin with: a conversation, and the hand that writes it.

import { setTimeout as pause } from "node:timers/promises";

import { FakeHub } from "../fake-hub.mjs";
import { openPage, startBrowser, startFakeHub } from "./support.mjs";

export const MINUTE = 60;
export const now = () => Math.floor(Date.now() / 1000);
export const wavFile = (seconds, rate) => ({
  name: "good-night.wav", mimeType: "audio/wav", buffer: FakeHub.tone(seconds, rate),
});
export const openMia = (page) => page.getByRole("link", { name: /^Mia/ }).click();
export const record = (page) => page.getByRole("button", { name: /^Record a message/ });
export const send = (page) => page.getByRole("button", { name: /^Send to/ });
export const chooseFile = (page, file) => page.locator("input[type=file]").setInputFiles(file);
export const messages = (hub) => hub.requests.filter((route) => route.endsWith("/messages")).length;
export const inPhase = (page, phase) => page.locator(`.composer[data-phase=${phase}]`).waitFor();

/**
 * Opens a hub, a browser and Mia's conversation.
 *
 * @param {import("node:test").TestContext} t
 * @param {object} [options] `hub`: of the hub; `browser`: of the browser; `prepare`: what the hub holds;
 *   the rest is for the page
 */
export async function visitMia(t, { hub: hubOptions, prepare, browser: browserOptions, ...options } = {}) {
  const { url, hub } = await startFakeHub(t, hubOptions);
  await prepare?.(hub);
  const browser = await startBrowser(t, browserOptions);
  const page = await openPage(t, browser, url, options);
  await openMia(page);
  await page.getByRole("heading", { name: "Mia" }).waitFor();
  await live(page);
  return { page, hub, url, browser };
}

/** Waits until the page follows the hub: what happens from here on comes as an event. */
export async function live(page) {
  const link = () => page.evaluate(async () => (await import("/js/store.js")).store.get("link"));
  // Not in the page, whose clock may stand still.
  for (let n = 0; n < 300 && await link() !== "live"; n += 1) await pause(50);
}

/** Waits until so much was recorded: by the samples, which may begin late, and not by the clock. */
export const recorded = (page, ms) => page.waitForFunction((enough) => {
  const gauge = /** @type {HTMLProgressElement | null} */ (document.querySelector(".meter-gauge"));
  return gauge && gauge.value >= enough;
}, ms);

/** Returns the words of what has the focus. */
export const focused = (page) => page.evaluate(() => {
  const element = document.activeElement;
  return element === document.body ? "" : element.getAttribute("aria-label") ?? element.textContent;
});
