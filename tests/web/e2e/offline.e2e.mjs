// What a device keeps of the page, and what it shows of that where the hub is not.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { House, START_MS } from "./house.mjs";
import { newcomer, pastWarning } from "./newcomer.mjs";
import {
  DESK, FAKE, PHONE, assertAccessible, assertMeasures, openPage, screenshot, startBrowser,
  startFakeHub,
} from "./support.mjs";

const skip = FAKE ? "the scripted hub has no certificates" : false;
const WORDS = JSON.parse(readFileSync(new URL("../../../web/words/en.json", import.meta.url), "utf8"));

const away = (page) => page.getByRole("heading", { name: "Hutch cannot be reached from here" });
const noChild = (page) => page.locator("#add-first-child");

/** What the worker keeps: the paths, by cache. */
const keptBy = (page) => page.evaluate(async () => {
  const found = {};
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    found[name] = (await cache.keys()).map(({ url }) => new URL(url).pathname);
  }
  return found;
});

const nWorkers = (page) => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);

/** Waits until there is a worker that looks after the page; returns the names of what it keeps. */
async function isLookedAfter(page, isNew = () => true) {
  for (let n = 0; n < 300; n += 1) {
    const names = await page.evaluate(async () => (navigator.serviceWorker.controller ? caches.keys() : []));
    if (names.length === 1 && isNew(names[0])) return names[0];
    await pause(100);
  }
  throw new Error(`no worker looks after the page: ${JSON.stringify(await keptBy(page))}`);
}

/** Opens a house on a device that trusts it, with somebody signed in and the page kept. */
async function atHome(t) {
  const house = await House.build(t);
  const page = await newcomer(t, { root: await house.root(), viewport: PHONE });
  await page.goto(house.url);
  await page.getByRole("heading", { name: /Welcome|Hutch/ }).first().waitFor();
  await house.setUp(page);
  await page.reload();
  await noChild(page).waitFor();
  await isLookedAfter(page);
  return { house, page };
}

test("away from the hub the page says so, and goes on when it is back", { skip }, async (t) => {
  const { house, page } = await atHome(t);

  await house.stop();
  await page.reload();
  await away(page).waitFor();
  await assertAccessible(page, "away");
  await assertMeasures(page, "away");
  for (const [name, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme });
      await screenshot(page, `away-${name}-${colorScheme}`);
    }
  }

  await house.start();
  await noChild(page).waitFor();
  assert.ok(await away(page).isHidden());

  house.hang(true);
  await page.reload();
  await away(page).waitFor();
  house.hang(false);
  await noChild(page).waitFor();
});

test("a device keeps what the page is made of in one language, nothing else, and only while signed in", { skip }, async (t) => {
  const { page } = await atHome(t);
  await page.reload();
  await noChild(page).waitFor();
  await page.evaluate(() => fetch("/api/v1/children"));

  const kept = await keptBy(page);

  const [paths, ...others] = Object.values(kept);
  assert.deepEqual(others, []);
  assert.ok(paths.includes("/") && paths.includes("/js/main.js") && paths.includes("/js/views/composer.js"));
  assert.deepEqual(paths.filter((path) => path.startsWith("/words/")), ["/words/en.json"]);
  const strange = paths.filter((path) => !/^\/(?:(?:js|css|img|words)\/[\w./-]+|manifest\.webmanifest)?$/.test(path));
  assert.deepEqual(strange, []);

  await page.evaluate(() => { location.hash = "#/you"; });
  await page.getByRole("button", { name: "Sign out", exact: true }).first().click();
  await page.locator(".door").getByRole("button", { name: "Sign in", exact: true }).waitFor();
  for (let n = 0; n < 100 && await nWorkers(page) > 0; n += 1) await pause(50);
  assert.equal(await nWorkers(page), 0);
  assert.deepEqual(await keptBy(page), {});
});

test("a hub that was set up anew is reached past what was kept of the one before", { skip }, async (t) => {
  const { house, page } = await atHome(t);
  await house.stop();
  await house.empty();
  await house.start();

  await page.reload();
  await away(page).waitFor();
  await page.getByText("Was the hub set up anew?").click();
  await page.getByRole("link", { name: "Open the hub itself" }).click();
  await page.locator("#details-button").click();
  await page.locator("#proceed-link").click();

  await page.locator(".door").getByLabel("Set-up code").waitFor();
  assert.equal(new URL(page.url()).pathname, "/");
  await page.reload();
  await page.locator(".door").getByLabel("Set-up code").waitFor();
  assert.equal(await nWorkers(page), 0);
  assert.deepEqual(await keptBy(page), {});
});

test("a device that does not trust the hub keeps nothing, and nothing is wrong with that", { skip }, async (t) => {
  const house = await House.build(t);
  const page = await newcomer(t);
  const faults = [];
  page.on("console", (message) => {
    // So the browser itself notes that it took no worker.
    if (message.type() === "error" && !/^An SSL certificate error occurred/.test(message.text())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  await pastWarning(page, `${house.url}/#/trust`);
  await page.getByRole("link", { name: "Back", exact: true }).click();
  await house.setUp(page);
  await page.reload();
  const refused = page.evaluate(() => new Promise((done) => {
    const real = navigator.serviceWorker.register.bind(navigator.serviceWorker);
    navigator.serviceWorker.register = (script, how) => {
      const asked = real(script, how);
      if (String(script).startsWith("/sw.js")) asked.then(() => done("taken"), ({ name }) => done(name));
      return asked;
    };
  }));
  await noChild(page).waitFor();

  assert.equal(await refused, "SecurityError");

  assert.equal(await nWorkers(page), 0);
  assert.deepEqual(await keptBy(page), {});
  assert.deepEqual(faults, []);
});

/** A page of a hub whose words can be changed, which is what tells one version from another here. */
async function visitNest(t) {
  const { url, hub } = await startFakeHub(t);
  hub.about.demo = false;
  const page = await openPage(t, await startBrowser(t), url, { shell: true, allow: /ERR_|Failed to/ });
  const reword = (word) => {
    hub.changed = { "/words/en.json": JSON.stringify({ ...WORDS, "bar.home": word, "away.title": `${word} is away` }) };
  };
  const home = (name) => page.getByRole("link", { name, exact: true });
  reword("Nest");
  await page.goto(new URL("/", url).href);
  await home("Nest").waitFor();
  return { hub, page, home, reword, first: await isLookedAfter(page) };
}

// Chromium lets the worker before stay for minutes where somebody looks into it, as these tests do: each asks for one
// other version.
test("another version of the hub is there at the next load", async (t) => {
  const { page, home, reword, first } = await visitNest(t);

  reword("Burrow");
  await page.reload();

  await home("Burrow").waitFor();
  await isLookedAfter(page, (name) => name !== first);
});

test("another version is there on a page that was kept, as soon as the hub answers", async (t) => {
  const { hub, page, home, reword, first } = await visitNest(t);
  await hub.close();
  await page.reload();
  await page.getByRole("heading", { name: "Nest is away" }).waitFor();

  reword("Burrow");
  await hub.listen();

  await home("Burrow").waitFor({ timeout: START_MS });
  await isLookedAfter(page, (name) => name !== first);
});
