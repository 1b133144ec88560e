// Every view of the page, and a household to look at in them.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { FakeHub } from "../fake-hub.mjs";
import { follow, region, tap, visitAsRuth, visitFamily } from "./family.mjs";
import { watchFaults } from "./support.mjs";

export const VIEWS = [
  "", "child", "you", "people", "toys", "toys/adopt", "privacy", "privacy/activity", "care", "waiting", "rules", "change-child",
  "add-child", "trust", "more", "record",
];
const WORDS = (language) => new URL(`../../../web/words/${language}.json`, import.meta.url);

/**
 * Opens a page of its own for whoever is signed in on another one. It fails the test if anything goes wrong in it.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").Page} known
 * @param {import("playwright-core").BrowserContextOptions & { allow?: RegExp, before?: () => void }} options
 *   `allow`: of {@link watchFaults}; `before`: what is done in the page first
 */
export async function anotherTab(t, browser, known, { allow, before, ...options }) {
  const storageState = await known.context().storageState();
  const context = await browser.newContext({ ignoreHTTPSErrors: true, storageState, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  if (before) await page.addInitScript(before);
  watchFaults(t, page, { origin: new URL(known.url()).origin, allow });
  return page;
}

/** Fills a household with something of everything. */
export function fill({ hub, ruth }) {
  const mia = hub.children[0];
  const states = [{ state: "heard", heard_at: 1_700_000_000 }, { state: "expired" }, { state: "declined" }, { state: "withdrawn" },
    { state: "on_toy", perhaps_heard: true }, { state: "queued" }, { state: "failed", reason: "damaged" },
    { state: "failed", reason: "unreachable", tries: 3, next_try_at: 4_000_000_000 }];
  for (const delivery of states) hub.add(mia, "message", FakeHub.tone(2), { delivery });
  hub.add(mia, "recording", FakeHub.tone(3), { while_away: true });
  for (let n = 0; n < 3; n += 1) hub.add(mia, "message", FakeHub.tone(2), { from: ruth.id, delivery: { state: "awaiting_approval" } });
}

/** What stands over each view, as the file of words has it. */
const HEADINGS = {
  you: "account.title", people: "common.people", toys: "toys.title", "toys/adopt": "adopt.title", privacy: "privacy.title",
  "privacy/activity": "privacy.title", care: "care.title", waiting: "approvals.title", rules: "rules.title",
  "change-child": "child.change", "add-child": "child.add", trust: "common.trust_device", more: "bar.more", record: "record.title",
  "start/child": "child.first", "start/toy": "adopt.title", "start/trust": "common.trust_device",
};
const OF_A_CHILD = ["child", "rules", "change-child"];

/**
 * Goes to a view, and sees to it that it is the one: by its address, what stands over it, and that nothing is
 * still being fetched there.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} url
 * @param {{ id: string, name: string }} mia
 * @param {string} view
 * @param {{ isScreen?: boolean }} [options] `isScreen`: of a child's own screen, which has one view
 */
export async function arrive(page, url, mia, view, { isScreen = false } = {}) {
  const hash = `#/${view}${OF_A_CHILD.includes(view) ? `/${mia.id}` : ""}`;
  await page.goto(new URL(`/${hash}`, url).href);
  if (isScreen) {
    await page.locator(".screen .screen-button").nth(1).waitFor();
    return;
  }
  if (view === "") {
    await page.locator(".people :is(.child, #add-first-child)").first().waitFor();
  } else {
    const words = JSON.parse(await readFile(WORDS(await page.locator("html").getAttribute("lang")), "utf8"));
    const heading = view === "child" ? mia.name : words[HEADINGS[view]].replace("{child}", mia?.name);
    const title = page.locator(".room h2").filter({ visible: true });
    await title.first().waitFor();
    assert.deepEqual((await title.allTextContents()).map((text) => text.replace(/[⟦⟧]/g, "")), [heading], `what stands over ${view}`);
  }
  assert.equal(new URL(page.url()).hash, hash, `the address of ${view || "home"}`);
  await page.waitForFunction(() => document.querySelector(".room .waiting") === null);
}

/**
 * Goes to one view after the other.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} url
 * @param {{ id: string, name: string }} mia
 * @param {(view: string) => Promise<void>} look
 * @param {string[]} [views]
 * @param {Parameters<typeof arrive>[4]} [options]
 */
export async function visitViews(page, url, mia, look, views = VIEWS, options = {}) {
  for (const view of views) {
    await arrive(page, url, mia, view, options);
    await look(view || "home");
  }
}

/** Makes Mia's screen of a further browser. */
export async function bindScreen(t, { page, browser }) {
  await page.getByRole("link", { name: "People" }).click();
  await tap(page, "Add a screen");
  await region(page, "Child screens").getByLabel("Which device is it?").fill("Kitchen tablet");
  await tap(page, "Make the link");
  const tablet = await follow(t, browser, await page.locator(".invite-link").textContent());
  await tablet.getByRole("button", { name: "This is Mia’s screen" }).click();
  await tablet.getByRole("button", { name: "Say something" }).waitFor();
  return tablet;
}

/** A household as it is after the first steps: nothing but a hub that this device does not trust yet. */
const begun = (names) => async (t) => {
  const family = await visitFamily(t, {
    hub: { names, toys: [] }, relative: false,
    prepare({ hub }) {
      for (const { id } of hub.toys) hub.radio.letGo(id);
      hub.trust.places = ["https://192.168.178.20"];
    },
  });
  return { ...family, before: () => Object.defineProperty(Navigator.prototype, "serviceWorker", { value: undefined }) };
};
const full = (t) => visitFamily(t, { prepare: fill });

/** For each of those who look at the page: which views there are, in which household, and how one comes to be it. */
export const ROLES = {
  guardian: { views: VIEWS, household: full, come: async (t, { page }) => page },
  "new guardian": { views: ["", "start/child", "record", "toys", "people"], household: begun([]), come: async (t, { page }) => page },
  "guardian without a toy": {
    views: ["", "child", "start/toy", "start/trust", "toys", "record", "privacy"], household: begun(["Mia"]), come: async (t, { page }) => page,
  },
  relative: {
    views: ["", "child", "you", "trust", "more", "record"], household: full, come: (t, { browser, url }) => visitAsRuth(t, browser, url),
  },
  screen: { views: [""], household: full, come: bindScreen },
};

/**
 * Opens a page for one of {@link ROLES}, before it has gone anywhere.
 *
 * @param {import("node:test").TestContext} t
 * @param {keyof typeof ROLES} role
 * @param {Parameters<typeof anotherTab>[3]} options
 */
export async function visitRole(t, role, options) {
  const { views, household, come } = ROLES[role];
  const family = await household(t);
  const page = await anotherTab(t, family.browser, await come(t, family), { before: family.before, ...options });
  const isScreen = role === "screen";
  /** @param {(view: string) => Promise<void>} look */
  const visit = (look) => visitViews(page, family.url, family.hub.children[0], look, views, { isScreen });
  return { ...family, known: family.page, page, views, isScreen, visit };
}
