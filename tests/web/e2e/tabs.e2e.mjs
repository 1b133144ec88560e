// Several tabs of one browser: they follow the hub by one stream, whichever of them has it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { RUTH, visitFamily } from "./family.mjs";
import { signIn } from "./support.mjs";
import { live } from "./visit.mjs";

/** Without locks, as browsers have it that are too old for them. */
const lockless = () => { Object.defineProperty(Navigator.prototype, "locks", { value: undefined }); };

async function visitTabs(t, n = 3, options = {}) {
  /** Where a device that trusts the hub finds it, too. */
  const also = [];
  const prepare = ({ hub }) => also.push(...hub.trust.places.map((place) => new URL(place).origin));
  const family = await visitFamily(t, { also, prepare, ...options });
  await live(family.page);
  const tabs = [family.page];
  for (let at = 1; at < n; at += 1) {
    const tab = await family.page.context().newPage();
    if (options.before) await tab.addInitScript(options.before);
    await tab.goto(new URL("/", family.url).href);
    await live(tab);
    tabs.push(tab);
  }
  return { ...family, tabs };
}

/** Waits until something holds. */
async function until(what, holds) {
  for (let n = 0; n < 100 && !holds(); n += 1) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(holds(), what);
}

/** Lets something happen at the hub that every tab hears of by an event alone. */
async function assertAllHear(hub, tabs) {
  const child = hub.children[0];
  hub.add(child, "recording", FakeHub.tone(1));
  const { id } = hub.items.at(-1);
  for (const tab of tabs) {
    await tab.waitForFunction(async (item) => {
      const { store } = await import("/js/store.js");
      return Boolean(store.get(`item/${item}`));
    }, id);
  }
}

/** How often a stream was asked for. */
const calls = (hub) => hub.requests.filter((line) => line.endsWith("/events")).length;

test("three tabs follow by one stream, and another has it when the first is closed", async (t) => {
  const { hub, tabs } = await visitTabs(t);
  assert.equal(hub.followed, 1);
  await assertAllHear(hub, tabs);

  const [first, ...others] = tabs;
  await first.close();
  await until("another tab follows", () => hub.followed === 1 && calls(hub) === 2);
  await assertAllHear(hub, others);

  // What happens in between is not lost.
  const { id } = hub.children[1];
  const closing = others[0].close();
  hub.children[1].name = "Benedikt";
  await closing;
  await others[1].locator(`#child-${id}`, { hasText: "Benedikt" }).waitFor();
  await until("the last one follows", () => hub.followed === 1);
});

test("a tab that freezes leaves it to another, and reads what it missed when it wakes", async (t) => {
  const { hub, tabs, page } = await visitTabs(t, 2);
  // The browser that runs this says it to no page.
  await page.evaluate(() => document.dispatchEvent(new Event("freeze")));
  await until("another tab follows", () => hub.followed === 1 && calls(hub) === 2);
  await assertAllHear(hub, [tabs[1]]);
  hub.children[1].name = "Benedikt";

  await page.evaluate(() => document.dispatchEvent(new Event("resume")));
  await page.locator(`#child-${hub.children[1].id}`, { hasText: "Benedikt" }).waitFor();
  await assertAllHear(hub, tabs);
  assert.deepEqual([hub.followed, calls(hub)], [1, 2]);
});

test("a tab that stands still without a word is passed over", async (t) => {
  const { hub, tabs, page } = await visitTabs(t, 2);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Debugger.enable");
  await devtools.send("Debugger.pause");
  await tabs[1].evaluate(() => dispatchEvent(new Event("online")));
  await until("another tab follows", () => calls(hub) === 2);
  await assertAllHear(hub, [tabs[1]]);

  await devtools.send("Debugger.resume");
  await devtools.send("Debugger.disable");
  await until("the first lets go of its own", () => hub.followed === 1);
  await assertAllHear(hub, tabs);
  assert.equal(calls(hub), 2);
});

test("all tabs see that the hub is away, and that it is back", async (t) => {
  const { hub, tabs } = await visitTabs(t);
  await hub.close();
  for (const tab of tabs) {
    await tab.waitForFunction(async () => (await import("/js/store.js")).store.get("link") === "lost");
  }
  await hub.listen();
  for (const tab of tabs) await live(tab);
  await assertAllHear(hub, tabs);
  assert.equal(hub.followed, 1);
});

test("a session that ends leads all tabs to the door, and one that begins serves them all", async (t) => {
  const { hub, tabs } = await visitTabs(t);
  hub.signOut();
  for (const tab of tabs) await tab.getByRole("heading", { name: /Sign in/ }).waitFor();
  await until("nobody follows", () => hub.followed === 0);
  await signIn(tabs[2], hub.accounts.guardian);
  await live(tabs[2]);
  for (const tab of tabs) {
    await tab.bringToFront();
    await tab.evaluate(() => dispatchEvent(new Event("focus")));
    await live(tab);
  }
  await assertAllHear(hub, tabs);
  assert.equal(hub.followed, 1);
});

test("who signs in in one tab is who is here in all of them", async (t) => {
  const { hub, tabs, ruth } = await visitTabs(t);
  const [first, ...others] = tabs;
  // The one that has the stream, another time one that has not.
  for (const [mine, theirs] of [[first, others], [others[1], [first, others[0]]]]) {
    const who = (await mine.evaluate(async () => (await import("/js/store.js")).store.get("me").name));
    const next = who === RUTH.name ? hub.accounts.guardian : RUTH;
    await mine.evaluate(async ({ name, password }) => {
      const api = await import("/js/api.js");
      // Without a way out in between, as where a password manager is quick.
      await api.signIn({ name, password });
    }, { name: next.name, password: next.password });
    for (const tab of [mine, ...theirs]) {
      await tab.bringToFront();
      const there = tab.getByRole("link", { name: new RegExp(`You and this hub: ${next.name}`) });
      for (let tries = 0; tries < 100 && !await there.isVisible(); tries += 1) {
        // One that went to the door asks again when somebody comes back to it.
        await tab.evaluate(() => dispatchEvent(new Event("focus"))).catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      await there.waitFor();
      await live(tab);
    }
    await until("one stream is left", () => hub.followed === 1);
  }
  hub.add(hub.children[0], "recording", FakeHub.tone(1), { shared_with: [ruth.id] });
  await assertAllHear(hub, tabs);
});

test("tabs of a browser without locks follow by a stream each", async (t) => {
  const { hub, tabs } = await visitTabs(t, 3, { before: lockless });
  assert.equal(hub.followed, 3);
  await assertAllHear(hub, tabs);
});
