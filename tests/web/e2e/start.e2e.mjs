// What a new household sets up after its account: the first child, the first toy, and that this device trusts
// the hub. In one go, left at each step and taken up again.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  DESK, PHONE, assertAccessible, assertMeasures, openAnother, openPage, screenshot, sees, startBrowser, startFakeHub,
} from "./support.mjs";
import { tap, visitAsRuth, visitFamily } from "./family.mjs";
import { focused, live } from "./visit.mjs";

const ALLOW = /40[349]|422|ERR_|Failed to load/;
const heading = (page, name) => page.locator(".room").getByRole("heading", { name, exact: true }).waitFor();
const at = (page, n) => page.locator(".start-progress", { hasText: `${n} of 4` }).waitFor();
const card = (page) => page.locator(".start-card");
const leave = (page) => page.getByRole("link", { name: "Back to the children" }).click();
const hashOf = (page) => new URL(page.url()).hash;
const isAt = (page, hash) => page.waitForFunction((wanted) => location.hash === wanted, hash);

/**
 * Opens a household without children. Unless it is `trusted`, nothing says that this device trusts the hub: its
 * browser takes no worker, and there is no other address to ask.
 */
async function visitEmpty(t, { trusted = false, names = [], toys = [], ...options } = {}) {
  const started = await startFakeHub(t, { door: { demo: false }, names, toys });
  const { hub, url } = started;
  const before = distrust(hub, trusted);
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, url, { allow: ALLOW, before, ...options });
  await live(page);
  return { ...started, page, browser, before };
}

function distrust(hub, trusted) {
  if (trusted) return undefined;
  hub.trust.places = ["https://192.168.178.20"];
  return () => Object.defineProperty(Navigator.prototype, "serviceWorker", { value: undefined });
}

/** This device trusts the hub from here on. */
const trustNow = (page) => page.evaluate(() => {
  const worker = { register: async () => ({ unregister: async () => true }) };
  Object.defineProperty(navigator, "serviceWorker", { value: worker, configurable: true });
  dispatchEvent(new Event("focus"));
});

async function addMia(page) {
  await page.getByLabel("Nickname", { exact: true }).fill("Mia");
  await tap(page, "Add this child");
}

async function adoptBear(page, hub) {
  hub.radio.heard = [{ ...hub.radio.heard[0], character: "bear" }];
  await page.locator("button.near").click();
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
  hub.radio.move("squeezed");
  await page.getByLabel("Name", { exact: true }).fill("Bentley");
  await tap(page, "Adopt this toy");
  await heading(page, "Bentley is Mia’s toy now.");
}

test("the whole way in one go: a child, its toy, and a device that trusts the hub", async (t) => {
  const { page, hub } = await visitEmpty(t);
  await page.getByRole("link", { name: "Add your first child" }).click();
  await at(page, 2);
  await assertAccessible(page, "first child");
  await addMia(page);

  await isAt(page, "#/start/toy");
  await at(page, 3);
  await assertAccessible(page, "first toy");
  await adoptBear(page, hub);
  assert.equal(await page.getByRole("button", { name: "No toy yet" }).isVisible(), false);
  await tap(page, "Go on");

  await isAt(page, "#/start/trust");
  await at(page, 4);
  await assertAccessible(page, "trust");
  await trustNow(page);
  await tap(page, "Done");

  await page.getByRole("link", { name: /^Mia/ }).waitFor();
  await page.locator("#announcer", { hasText: "Everything is set up." }).waitFor({ state: "attached" });
  assert.equal(await card(page).isVisible(), false);
  assert.equal(hashOf(page), "#/");
});

test("each step is put off by one tap, and home says what is left", async (t) => {
  const { page } = await visitEmpty(t);
  await page.evaluate(() => { location.hash = "#/start"; });
  await heading(page, "Who is the first toy for?");
  await tap(page, "Not now");
  // There is nobody yet whose toy it could be.
  await heading(page, "Trust this device");
  await tap(page, "Not now");
  await page.getByRole("link", { name: "Add your first child" }).waitFor();
  await card(page).getByText("1 of 4").waitFor();
  assert.deepEqual(await card(page).getByRole("link").allTextContents(), ["Trust this device"]);

  await page.getByRole("link", { name: "Add your first child" }).click();
  await addMia(page);
  await tap(page, "No toy yet");
  await isAt(page, "#/start/trust");
  await leave(page);

  await card(page).getByText("2 of 4").waitFor();
  assert.deepEqual(await card(page).getByRole("link").allTextContents(), ["Your first toy", "Trust this device"]);
  await assertAccessible(page, "what is left");
});

test("what was left is taken up where it was: after a reload, on another phone, and when the hub restarts", async (t) => {
  const { page, hub, url, browser, before, ...who } = await visitEmpty(t);
  await page.evaluate(() => { location.hash = "#/start"; });
  await heading(page, "Who is the first toy for?");
  await page.reload();
  await at(page, 2);
  await addMia(page);
  await at(page, 3);
  await hub.close();
  await hub.listen();
  await page.reload();
  await at(page, 3);

  const other = await openAnother(t, browser, { url, ...who }, { allow: ALLOW, before });
  await live(other);
  await card(other).getByText("2 of 4").waitFor();
  await card(other).getByRole("link", { name: "Your first toy" }).click();
  await at(other, 3);
  await adoptBear(other, hub);
  await tap(other, "Go on");
  await at(other, 4);

  // What was done there is not asked for here.
  await page.evaluate(() => { location.hash = "#/start"; });
  await isAt(page, "#/start/trust");
});

test("a device that trusts the hub already is not asked to", async (t) => {
  const { page } = await visitEmpty(t, { trusted: true });
  await page.evaluate(() => { location.hash = "#/start/child"; });
  await addMia(page);
  await tap(page, "No toy yet");

  await page.getByRole("link", { name: /^Mia/ }).waitFor();
  assert.deepEqual(await card(page).getByRole("link").allTextContents(), ["Your first toy"]);
  await card(page).getByText("3 of 4").waitFor();
});

test("the card is put away, and can be had back; on another device it stands as before", async (t) => {
  const { page, url, browser, before, ...who } = await visitEmpty(t, { names: ["Mia"], toys: ["Bentley"] });
  await card(page).getByText("3 of 4").waitFor();
  await tap(page, "Put this away");
  await sees(page, /^Put away on this device/);
  assert.equal(await focused(page), "Undo");
  await assertAccessible(page, "put away");
  await tap(page, "Undo");
  await card(page).getByRole("link", { name: "Trust this device" }).waitFor();
  await tap(page, "Put this away");
  await page.reload();
  await page.getByRole("link", { name: /^Mia/ }).waitFor();
  await live(page);
  assert.equal(await card(page).isVisible(), false);

  const other = await openAnother(t, browser, { url, ...who }, { allow: ALLOW, before });
  await card(other).getByText("3 of 4").waitFor();
});

test("all of it goes by keyboard alone", async (t) => {
  const { page, hub } = await visitEmpty(t);
  const tabTo = async (name) => {
    for (let n = 0; n < 40 && await focused(page) !== name; n += 1) await page.keyboard.press("Tab");
    assert.equal(await focused(page), name);
  };
  await tabTo("Add your first child");
  await page.keyboard.press("Enter");
  await heading(page, "Who is the first toy for?");
  await page.keyboard.type("Mia");
  await page.keyboard.press("Enter");
  await at(page, 3);
  hub.radio.heard = [{ ...hub.radio.heard[0], character: "bear" }];
  await page.locator("button.near").focus();
  await page.keyboard.press("Enter");
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
  hub.radio.move("squeezed");
  await heading(page, "That is the one. What is it called?");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Bentley");
  await page.keyboard.press("Enter");
  await heading(page, "Bentley is Mia’s toy now.");
  await tabTo("Go on");
  await page.keyboard.press("Enter");
  await at(page, 4);
  await tabTo("Not now");
  await page.keyboard.press("Enter");

  await isAt(page, "#/");
  await tabTo("Trust this device");
});

test("whoever tries the demo is asked nothing of it", async (t) => {
  const { url } = await startFakeHub(t, { names: ["Mia"], toys: ["Bentley"] });
  const page = await openPage(t, await startBrowser(t), url);
  await live(page);
  assert.equal(await card(page).isVisible(), false);
});

test("a relative is asked nothing of it, and has no such place", async (t) => {
  const { url, browser, hub } = await visitFamily(t);
  const before = distrust(hub, false);
  const page = await visitAsRuth(t, browser, url, { before });
  await live(page);
  await page.evaluate(() => { location.hash = "#/start"; });
  await page.getByRole("link", { name: /^Mia/ }).waitFor();
  assert.equal(await page.locator(".start-progress").count(), 0);
  assert.equal(await card(page).isVisible(), false);
});

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 480 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`the steps at ${width} px, ${colorScheme}`, async (t) => {
      const { page } = await visitEmpty(t, { viewport, colorScheme, locale: "de-DE" });
      const look = async (name) => {
        await assertMeasures(page, name);
        await assertAccessible(page, name);
        await screenshot(page, `${width}-${colorScheme}-start-${name}`);
      };
      await page.evaluate(() => { location.hash = "#/start"; });
      await page.locator(".start-progress", { hasText: "2 von 4" }).waitFor();
      await look("child");
      await page.locator("input[name=nickname]").fill("Donaudampfschifffahrtskapitän");
      await page.locator("form button[type=submit]").click();
      await page.locator(".start-progress", { hasText: "3 von 4" }).waitFor();
      await page.locator("button.near").waitFor();
      await look("toy");
      await page.getByRole("button", { name: "Noch kein Kuscheltier" }).click();
      await page.locator(".start-progress", { hasText: "4 von 4" }).waitFor();
      await page.locator(".trust-state").waitFor();
      await look("trust");
      await page.getByRole("button", { name: "Jetzt nicht" }).click();
      await page.locator(".start-card").waitFor();
      await look("left");
    });
  }
}
