// Pictures for people to look at, and what of a good look can be measured. The scripted hub holds
// each moment still.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import {
  DESK, PHONE, assertAccessible, assertMeasures, missing, openPage, screenshot, startBrowser, startFakeHub,
  startHub,
} from "./support.mjs";
import { now, wavFile } from "./visit.mjs";

const HOUR = 3600;
const LONG = {
  names: ["Maximiliane-Friederike", "Donaudampfschifffahrtskapitän"],
  toys: ["Kuscheltierfreundschaftsbär", "Glücksregenbogeneinhorn"],
};

/** Each moment: what the hub holds, and what a person does. */
const MOMENTS = {
  "empty": {},
  "recording": {
    async act(page) {
      await page.getByRole("button", { name: /^Record a message/ }).click();
      await page.locator(".composer[data-phase=recording]").waitFor();
      await page.waitForTimeout(2500);
    },
  },
  "review": {
    async act(page) {
      await page.locator("input[type=file]").setInputFiles(wavFile(7));
      await page.getByRole("button", { name: /^Send to/ }).waitFor();
    },
  },
  "too-long": {
    async act(page) {
      await page.locator("input[type=file]").setInputFiles(wavFile(95));
      await page.getByRole("button", { name: /^Send all of it/ }).waitFor();
    },
  },
  "no-microphone": {
    async act(page) {
      await page.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
      });
      await page.getByRole("button", { name: /^Record a message/ }).click();
      await page.getByText("This page may not use the microphone.").waitFor();
    },
  },
  "sending": {
    async act(page, hub) {
      hub.holdAt = 40;
      await page.locator("input[type=file]").setInputFiles(wavFile(5));
      await page.getByRole("button", { name: /^Send to/ }).click();
      await page.getByText(/, 40 %/).waitFor();
    },
  },
  "stop-sending": {
    clock: true,
    async act(page, hub) {
      hub.faults.push({ match: /messages$/, silent: true });
      await page.locator("input[type=file]").setInputFiles(wavFile(5));
      await page.getByRole("button", { name: /^Send to/ }).click();
      await page.getByText("Hutch is taking it in").waitFor();
      await page.clock.runFor(10_000);
      await page.getByRole("button", { name: "Stop sending" }).waitFor();
    },
  },
  "waiting": {
    awake: false,
    prepare: (hub, mia) => hub.add(mia, "message", FakeHub.tone(4)),
  },
  "on-the-toy": {
    prepare(hub, mia) {
      hub.add(mia, "message", FakeHub.tone(4), { delivery: { state: "on_toy" } });
      hub.changeToy(mia.toys[0], { has_message: true, led: { mode: "blink", period_ms: 500 } });
    },
  },
  "heard": {
    prepare(hub, mia) {
      const yesterday = now() - 26 * HOUR;
      hub.add(mia, "message", FakeHub.tone(6), { at: yesterday, delivery: { state: "heard", heard_at: yesterday + 300 } });
      hub.add(mia, "recording", FakeHub.tone(9), { at: yesterday + 400, while_away: true });
      hub.add(mia, "message", FakeHub.tone(3), { at: now() - 600, delivery: { state: "heard", heard_at: now() - 60 } });
    },
    async act(page, hub) {
      hub.add(hub.children[0], "recording", FakeHub.tone(5));
      await page.locator(".bubble-theirs").nth(1).waitFor();
    },
  },
  "failed": {
    prepare: (hub, mia) => hub.add(mia, "message", FakeHub.tone(4), {
      delivery: { state: "failed", reason: "unreachable", tries: 3, next_try_at: now() + 120 },
    }),
    act: (page) => page.getByText("What to do").click(),
  },
  "states": {
    prepare(hub, mia) {
      const states = [
        { state: "expired" }, { state: "declined" }, { state: "withdrawn" }, { state: "withdrawing" },
        { state: "on_toy", perhaps_heard: true }, { state: "awaiting_approval" }, { state: "queued" },
        { state: "failed", reason: "damaged" },
      ];
      for (const delivery of states) hub.add(mia, "message", FakeHub.tone(3), { delivery });
    },
  },
  "toy-talking": {
    prepare(hub, mia) {
      hub.add(mia, "message", FakeHub.tone(4), { delivery: { state: "on_toy" } });
      hub.changeToy(mia.toys[0], { state: "playback", has_message: true, led: { mode: "blink", period_ms: 500 } });
    },
  },
};

for (const [size, viewport] of Object.entries({ 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`pictures at ${size} px, ${colorScheme}`, async (t) => {
      const browser = await startBrowser(t);
      for (const [name, moment] of Object.entries(MOMENTS)) {
        await picture(t, browser, { name: `${size}-${colorScheme}-${name}`, viewport, colorScheme, moment });
      }
      await picture(t, browser, {
        name: `${size}-${colorScheme}-long-words`, viewport, colorScheme, moment: MOMENTS.heard, options: LONG,
      });
      await picture(t, browser, {
        name: `${size}-${colorScheme}-long-failed`, viewport, colorScheme, moment: MOMENTS.failed, options: LONG,
      });
    });
  }
}

for (const [width, height] of [[360, 640], [320, 640], [320, 256], [740, 360], [900, 700], [1920, 1080]]) {
  const viewport = { width, height };
  test(`nothing is cut off at ${width} x ${height}`, async (t) => {
    const browser = await startBrowser(t);
    for (const name of ["empty", "recording", "review", "too-long", "failed", "no-microphone"]) {
      await picture(t, browser, {
        name: `${viewport.width}x${viewport.height}-${name}`, viewport, colorScheme: "light",
        moment: MOMENTS[name], options: LONG,
      });
    }
  });
}

test("with reduced motion the heart glows instead of blinking, and the word says it", async (t) => {
  const { url, hub } = await startFakeHub(t);
  MOMENTS["on-the-toy"].prepare(hub, hub.children[0]);
  const page = await openPage(t, await startBrowser(t), url, { viewport: DESK, reducedMotion: "reduce" });
  const heart = page.locator(".toy-heart[data-led=blink]");
  await heart.waitFor();

  assert.equal(await heart.evaluate((element) => element.getAnimations().length), 0);
  assert.match(await page.locator(".toy-state").textContent(), /heart blinking/);
});

test("the heart blinks at the toy's own period", async (t) => {
  const { url, hub } = await startFakeHub(t);
  MOMENTS["on-the-toy"].prepare(hub, hub.children[0]);
  const page = await openPage(t, await startBrowser(t), url, { viewport: DESK });
  const heart = page.locator(".toy-heart[data-led=blink]");
  await heart.waitFor();

  const duration = await heart.evaluate((element) => element.getAnimations()[0].effect.getTiming().duration);

  assert.equal(duration, 500);
});

/** Opens a fresh hub at a moment, measures it and takes its picture. */
async function picture(t, browser, { name, viewport, colorScheme, moment, options = {} }) {
  const { url, hub } = await startFakeHub(t, { awake: moment.awake ?? true, ...options });
  moment.prepare?.(hub, hub.children[0]);
  const page = await openPage(t, browser, url, { viewport, colorScheme, clock: moment.clock });
  await page.locator(".child").first().waitFor({ state: "attached" });
  if (viewport.width < 900) {
    if (moment === MOMENTS.empty) {
      await assertMeasures(page, `${name}-home`);
      await screenshot(page, `${name}-home`);
    }
    await page.locator(".child").first().click();
  }
  await page.locator(".composer").waitFor();
  await moment.act?.(page, hub);
  await page.waitForTimeout(350);
  await assertMeasures(page, name);
  await assertAccessible(page, name);
  await screenshot(page, name);
  await page.context().close();
}

const WIDTHS = { 320: { width: 320, height: 640 }, 1280: DESK, 1920: { width: 1920, height: 1080 } };

for (const [size, viewport] of Object.entries(WIDTHS)) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`everything that the page is made of stands side by side, ${size} px, ${colorScheme}`, async (t) => {
      const { url } = await startFakeHub(t);
      const page = await openPage(t, await startBrowser(t), new URL("/style", url).href, { viewport, colorScheme });
      await page.getByRole("heading", { name: "The look of Hutch" }).waitFor();
      await page.waitForTimeout(350);

      await assertMeasures(page, "style");
      await assertAccessible(page, "style");
      await screenshot(page, `${size}-${colorScheme}-style`, { fullPage: true });
    });
  }
}

test("the demo has this page, and a family’s hub has its own there", { skip: missing() ?? false }, async (t) => {
  const { url } = await startHub(t);
  const browser = await startBrowser(t);
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    const page = await openPage(t, browser, new URL("/style", url).href, { colorScheme });
    await page.getByRole("heading", { name: "The look of Hutch" }).waitFor();
    await page.waitForTimeout(350);
    await assertMeasures(page, `style of the demo, ${colorScheme}`);
    await assertAccessible(page, `style of the demo, ${colorScheme}`);
  }
  const family = await startFakeHub(t, { door: { demo: false } });
  const page = await openPage(t, browser, new URL("/style", family.url).href, { allow: /401/ });
  await page.locator(".door form").waitFor();
  assert.equal(await page.getByRole("heading", { name: "The look of Hutch" }).count(), 0);
});
