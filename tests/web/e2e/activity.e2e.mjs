// The activity: read by guardians, told of at their next visit, and held against what a browser remembers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import {
  DESK, PHONE, assertAccessible, assertMeasures, missing, openPage, screenshot, sees, signIn, startBrowser,
  startFakeHub, startHub,
} from "./support.mjs";
import { focused } from "./visit.mjs";

const ALLOWED = /40[1349]|422|ERR_|Failed to load|500/;
const BEN = { name: "Ben", password: "tulip-harbor-cactus-violin-moss-2" };
const DAY = 86_400;
const PLACE = ["192.168.1.7", "Firefox on Android"];
const tap = (page, name) => page.getByRole("button", { name, exact: true }).click();
const activity = (page) => page.getByRole("region", { name: "Activity" });
const banner = (page) => page.getByRole("region", { name: "Was that one of you?" });
const rows = (page) => activity(page).locator(".activity-day li");
const isQuiet = async (page) => {
  await page.getByRole("link", { name: "Privacy" }).waitFor();
  const isRead = () => page.evaluate(async () => (await import("/js/store.js")).store.get("activity-wrong") !== undefined);
  for (let n = 0; n < 300 && !await isRead(); n += 1) await pause(50);
  assert.equal(await page.locator(".news").count(), 0);
};

async function visit(t, { prepare, ...options } = {}) {
  const started = await startFakeHub(t, { door: { demo: false } });
  const { hub } = started;
  const ben = hub.accounts.add(BEN.name, BEN.password);
  const anna = hub.accounts.guardian;
  hub.activity.note("set_up", { account: anna, at: hub.accounts.now() - 40 * DAY });
  await prepare?.({ hub, anna, ben });
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, started.url, { allow: ALLOWED, ...options });
  await page.getByRole("link", { name: "Privacy" }).waitFor();
  return { ...started, page, browser, anna, ben };
}

/** A household in which much was done. */
function fill({ hub, anna, ben }) {
  const { activity: log, accounts, children: [mia] } = hub;
  const now = accounts.now();
  const ruth = { id: "a".repeat(26), name: "Grandma Maximiliane-Friederike Donaudampfschifffahrtskapitän" };
  for (let n = 0; n < 60; n += 1) log.note("signed_in", { account: anna, at: now - 30 * DAY + n * 3_600 });
  log.note("invited", { account: anna, subject: ruth, at: now - 2 * DAY });
  log.note("new_device", { account: ruth, at: now - 2 * DAY + 60, place: ["fe80::1234:5678:9abc:def0", "Samsung Internet on Android"] });
  log.note("approved", { account: ben, subject: ruth, child: mia, at: now - DAY });
  log.note("shared", { account: ben, subject: { id: "b".repeat(26) }, child: mia, at: now - DAY + 5 });
  log.note("sign_in_failed", { subject: anna, place: PLACE, at: now - 120 });
  log.note("new_device", { account: ben, place: PLACE, at: now - 60 });
}

for (const [name, viewport] of [["phone", PHONE], ["desk", DESK]]) {
  test(`who did what is read by day, the latest first (${name})`, async (t) => {
    const { page } = await visit(t, { prepare: fill, viewport });
    await banner(page).getByText(/^Ben signed in on a new device: Firefox on Android, 192\.168\.1\.7/).waitFor();
    await assertAccessible(page, "the news");
    await assertMeasures(page, "the news");
    await screenshot(page, `activity-news-${name}`);

    await banner(page).getByRole("link", { name: "Look at it" }).click();
    await rows(page).first().waitFor();
    const first = await rows(page).first().textContent();
    assert.match(first, /^\d\d:\d\dBen signed in on a new device: Firefox on Android, 192\.168\.1\.7$/);
    assert.equal(await activity(page).locator("h4").first().textContent(), "Today");
    await sees(page, "Ben shared something of Mia with a removed relative");
    await assertAccessible(page, "the activity");
    await assertMeasures(page, "the activity");
    await screenshot(page, `activity-${name}`);
    await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
    await assertAccessible(page, "the activity, dark");
    await screenshot(page, `activity-${name}-dark`);

    assert.equal(await rows(page).count(), 50);
    await tap(page, "Show more");
    await page.waitForFunction(() => document.querySelectorAll(".activity-day li").length === 67);
    assert.equal(await activity(page).getByRole("button", { name: "Show more" }).count(), 0);
    assert.match(await focused(page), /You signed in/, "the first of what came is where one reads on");
    assert.match(await rows(page).last().textContent(), /You set this hub up$/);
  });
}

test("a new device is told to every guardian at their next visit, until they have seen it", async (t) => {
  const { page, hub, browser, url, anna } = await visit(t);
  await isQuiet(page);
  hub.activity.note("new_device", { account: anna, place: PLACE });
  const asBen = await openPage(t, browser, new URL("/", url).href, { allow: ALLOWED });
  await signIn(asBen, BEN);

  await banner(asBen).getByText(/^Anna signed in on a new device: .+ \(today, \d\d:\d\d\)$/).waitFor();
  await page.reload();
  await banner(page).getByText(/^You signed in on a new device/).waitFor();
  await tap(page, "That was us");
  await banner(page).waitFor({ state: "detached" });
  assert.equal(await focused(page), "Privacy");
  await page.reload();
  await isQuiet(page);
  await asBen.reload();
  await banner(asBen).waitFor();

  for (let n = 0; n < 5; n += 1) hub.activity.note("sign_in_failed", { place: PLACE });
  await page.reload();
  await banner(page).getByText("and 2 more").waitFor();
  hub.faults.push({ match: /activity\/seen/, status: 500, error: "internal", message: "Something went wrong in the hub." });
  await tap(page, "That was us");
  await banner(page).getByRole("alert").waitFor();
  await assertAccessible(page, "news that could not be marked");
  await tap(page, "That was us");
  await banner(page).waitFor({ state: "detached" });
});

for (const [name, viewport] of [["phone", PHONE], ["desk", DESK]]) {
  test(`an entry that was changed shows to a browser that has seen it (${name})`, async (t) => {
    const { page, hub, url, browser } = await visit(t, {
      viewport, prepare: ({ hub, anna }) => hub.activity.note("password_changed", { account: anna }),
    });
    await isQuiet(page);
    const remembered = () => page.evaluate(() => Object.entries(localStorage));
    await page.waitForFunction(() => localStorage.length === 1);
    const [[key, value]] = await remembered();
    assert.equal(key, `hutch-activity-${hub.accounts.guardian.id}`);
    assert.deepEqual(Object.keys(JSON.parse(value)), ["id", "chain"]);

    hub.activity.entries[0].at -= 5;
    await page.reload();
    const warning = page.getByText("The activity is not what this browser remembers.");
    await warning.waitFor();
    await assertAccessible(page, "the warning");
    await screenshot(page, `activity-broken-home-${name}`);
    assert.deepEqual((await remembered())[0][1], value, "what was seen stays remembered");
    await page.getByRole("link", { name: "See what that means" }).click();
    await activity(page).getByText("Entry 2 does not fit: it, or entries before this one, were changed or removed.").waitFor();
    await activity(page).getByText(/^If nobody here restored a backup/).waitFor();
    await assertAccessible(page, "an entry that does not fit");
    await assertMeasures(page, "an entry that does not fit");
    await screenshot(page, `activity-broken-${name}`);

    const stranger = await openPage(t, browser, new URL("/", url).href, { allow: ALLOWED });
    await signIn(stranger, BEN);
    await isQuiet(stranger);
    assert.equal(await stranger.getByText(/not what this browser remembers/).count(), 0, "who has seen nothing cannot know");

    await tap(page, "I know why. Go on from here");
    await activity(page).getByText("Entry 2 does not fit").waitFor({ state: "detached" });
    assert.equal(await focused(page), "Activity");
    await page.goto(new URL("/", url).href);
    await isQuiet(page);
    assert.equal(await warning.count(), 0);
    assert.notEqual((await remembered())[0][1], value);
  });
}

test("a backup that was restored is told, and what cannot be mended stays told in its place", async (t) => {
  const { page, hub, url } = await visit(t, { prepare: fill });
  await page.waitForFunction(() => localStorage.length === 1);
  hub.activity.entries.length = 60;
  await page.reload();
  await page.getByRole("link", { name: "See what that means" }).click();
  await activity(page).getByText("It ends before entry 61, which this browser has seen.").waitFor();
  await tap(page, "I know why. Go on from here");
  await activity(page).getByText("It ends before").waitFor({ state: "detached" });

  hub.activity.firstWrong = 4;
  await page.goto(new URL("/", url).href);
  await page.getByRole("link", { name: "See what that means" }).click();
  await tap(page, "I know why. Go on from here");
  await activity(page).getByRole("button", { name: /^I know why/ }).waitFor({ state: "detached" });
  await activity(page).getByText(/^Entry 4 does not fit/).waitFor();
  await page.goto(new URL("/", url).href);
  await isQuiet(page);
  assert.equal(await page.getByText(/not what this browser remembers/).count(), 0);

  // The one that somebody knows of does not hide the next.
  hub.activity.entries[9].at -= 5;
  await page.reload();
  await page.getByText(/not what this browser remembers/).waitFor();
});

test("an empty activity and one that does not come say so", async (t) => {
  const { page, hub } = await visit(t, { prepare: ({ hub }) => { hub.activity.entries = []; } });
  hub.faults.push({ match: /GET \/api\/v1\/activity$/, status: 500, error: "internal", message: "Something went wrong in the hub." });
  await page.getByRole("link", { name: "Privacy" }).click();
  await activity(page).getByRole("alert").waitFor();
  await assertAccessible(page, "an activity that does not come");
  await tap(page, "Try again");
  await activity(page).getByText(/^Nothing yet\. From here on/).waitFor();
  await assertAccessible(page, "an empty activity");
});

test("the real hub tells of itself", { skip: missing() ?? false }, async (t) => {
  const started = await startHub(t);
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, started.url, { allow: ALLOWED, viewport: DESK });
  await page.getByRole("link", { name: "Privacy" }).click();
  await activity(page).getByText(/signed in on a new device: Chrome on Linux, 127\.0\.0\.1$/).first().waitFor();
  await page.waitForFunction(() => localStorage.length === 1);
  assert.equal(await page.getByText(/does not fit/).count(), 0);
  await assertAccessible(page, "the activity of the real hub");
});
