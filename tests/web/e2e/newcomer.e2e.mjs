// Somebody who has never seen Hutch opens the address that the demo prints, and taps what they see: until the toy
// heard their voice, and they heard their answer back. Taps and time are measured, and the browser's question
// whether the page may use the microphone is one of them.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { DESK, PHONE, missing, openPage, startBrowser, startHub } from "./support.mjs";
import { recorded } from "./visit.mjs";

const MOST_TAPS = 6;
const MOST_S = 60;
/** Silence comes first, and then words. */
const SPOKEN_MS = 4_000;

before(() => assert.equal(missing(), null));

/** A hand that counts. To hold something is one tap. */
function countingHand(page) {
  const hand = {
    taps: 0,
    /** @param {import("playwright-core").Locator} what */
    async tap(what) {
      hand.taps += 1;
      await what.click();
    },
    /**
     * @param {import("playwright-core").Locator} what
     * @param {() => Promise<unknown>} until
     */
    async hold(what, until) {
      hand.taps += 1;
      await what.hover();
      await page.mouse.down();
      await until();
      await page.mouse.up();
    },
  };
  return hand;
}

/** In the page: the browser asks whether it may use the microphone, and waits for an answer, once. */
function askFirst() {
  const { mediaDevices } = navigator;
  const real = mediaDevices.getUserMedia.bind(mediaDevices);
  const answer = new Promise((resolve) => { globalThis.allow = resolve; });
  mediaDevices.getUserMedia = async (wanted) => {
    globalThis.isAsking = true;
    await answer;
    return real(wanted);
  };
}

/** Waits until what one of the page's players plays has come to its end. */
const playedOut = (page, id) => page.waitForFunction((which) => {
  const { currentTime, ended, paused } = /** @type {HTMLAudioElement} */ (document.getElementById(which));
  return (ended || paused) && currentTime > 1;
}, id, { timeout: 60_000 });

const WAYS = {
  "who taps": { viewport: PHONE, holds: false },
  "who holds": { viewport: PHONE, holds: true },
  "at a desk": { viewport: DESK, holds: false },
};
for (const [who, { viewport, holds }] of Object.entries(WAYS)) {
  test(`a newcomer ${who} hears the answer within ${MOST_TAPS} taps and ${MOST_S} seconds`, async (t) => {
    const { url } = await startHub(t);
    const browser = await startBrowser(t);
    const began = performance.now();
    const page = await openPage(t, browser, url, { viewport, before: askFirst });
    const me = countingHand(page);
    const button = (name) => page.getByRole("button", { name });

    // The round button that the page speaks of.
    await page.getByText(/with the round button/).waitFor();
    const asked = () => page.waitForFunction(() => globalThis.isAsking);
    // Whoever holds it lets go to answer the browser.
    if (holds) await me.hold(button(/^Record a message/), asked);
    else await me.tap(button(/^Record a message/));
    await asked();
    me.taps += 1;
    await page.evaluate(() => globalThis.allow());
    await recorded(page, SPOKEN_MS);
    await me.tap(button(/^Stop recording/));
    await button(/^Send to/).waitFor();
    // A tap that comes at once is the second of two quick ones, and sends nothing.
    await page.waitForTimeout(500);
    await me.tap(button(/^Send to/));

    // The paw that the page speaks of, once the heart blinks.
    await page.getByText(/Squeeze the blue paw, as/).waitFor({ timeout: 60_000 });
    await me.tap(button(/blue paw/));
    await page.locator(".status-words", { hasText: /heard it/ }).waitFor({ timeout: 60_000 });
    await playedOut(page, "speaker");

    // The red one, and then the answer plays.
    await page.getByText(/hold the red paw and speak/).waitFor();
    await me.hold(button(/red paw/), async () => {
      await page.locator('.stage[data-state="recording"] .paw-record[aria-pressed="true"]').waitFor();
      await page.waitForTimeout(SPOKEN_MS);
    });
    await page.locator(".bubble-theirs .play").first().waitFor({ timeout: 60_000 });
    await playedOut(page, "player");

    const seconds = (performance.now() - began) / 1_000;
    const found = `${me.taps} taps, ${seconds.toFixed(1)} seconds`;
    t.diagnostic(`a newcomer ${who}: ${found}`);
    assert.equal(me.taps, MOST_TAPS, found);
    assert.ok(seconds <= MOST_S, found);
  });
}
