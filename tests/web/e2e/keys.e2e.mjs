// The household's keys: changed from the page, with a link for each other guardian.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  DESK, PHONE, assertAccessible, assertForgotten, assertMeasures, openPage, screenshot, sees, signIn, startBrowser,
  startFakeHub,
} from "./support.mjs";

const ALLOWED = /40[1349]|422|ERR_|Failed to load/;
const NEW = "lantern-orbit-pickle-meadow-cobalt";
const keys = (page) => page.getByRole("region", { name: "Keys" });
const guardians = (page) => page.getByRole("region", { name: "Guardians" });
const tap = (page, name) => page.getByRole("button", { name, exact: true }).click();
const fill = (page, name, value) => page.locator(".room, .door").getByLabel(name, { exact: true }).fill(value);
const tokenOf = (link) => new URL(link).hash.slice("#invite=".length);

async function visit(t, place, { viewport = DESK, guardian = true } = {}) {
  const started = await startFakeHub(t, { door: { demo: false } });
  if (guardian) started.hub.accounts.add("Ben", "tulip-harbor-cactus-violin-moss-2");
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, started.url, { allow: ALLOWED, viewport });
  await page.getByRole("link", { name: place, exact: true }).click();
  return { page, browser, ...started };
}

test("keys are changed with the password, and say how far that is", async (t) => {
  const { page, browser, hub, password } = await visit(t, "Privacy");
  const before = hub.accounts.guardian.key;
  await keys(page).getByText(/locked with keys of this household/).waitFor();
  await assertAccessible(page, "keys");
  await tap(page, "Change the keys");
  await assertAccessible(page, "what a change does");
  await assertMeasures(page, "what a change does");
  await screenshot(page, "keys-change-desk");

  await fill(page, "Your password", "not this one at all");
  await tap(page, "Change the keys");
  await sees(page, /^That is not your password/);
  assert.equal(hub.accounts.guardian.key, before);
  await fill(page, "Your password", password);
  await tap(page, "Change the keys");

  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
  assert.notEqual(hub.accounts.guardian.key, before);
  await assertForgotten(page, [password]);
  await tap(page, "Later");
  await page.getByRole("heading", { name: "A link for Ben" }).waitFor();
  const link = await page.locator(".invite-link").textContent();
  await assertAccessible(page, "a link for another guardian");
  await tap(page, "Done");
  await keys(page).getByText(/^The keys are being changed/).waitFor();
  hub.accounts.keys.go({ done: 3, of: 12 });
  await keys(page).getByText("The keys are being changed: 3 of 12 recordings, messages and names").waitFor();
  assert.equal(await keys(page).locator("progress").getAttribute("value"), "25");
  await assertAccessible(page, "keys that are being changed");
  await screenshot(page, "keys-changing-desk");
  hub.accounts.keys.go(null);
  await keys(page).getByRole("button", { name: "Change the keys" }).waitFor();

  const ben = await openPage(t, browser, link, { allow: ALLOWED, viewport: PHONE });
  await ben.getByRole("heading", { name: "Welcome back, Ben" }).waitFor();
  assert.equal(await ben.locator(".door").getByLabel("Your name").isVisible(), false);
  await assertAccessible(ben, "coming back");
  await screenshot(ben, "keys-back-phone");
  await fill(ben, "Your password", "password");
  await fill(ben, "The same once more", "password");
  await tap(ben, "Come in");
  await sees(ben, "This password is too easy to guess.");
  await fill(ben, "Your password", NEW);
  await fill(ben, "The same once more", NEW);
  await tap(ben, "Come in");
  await ben.getByRole("link", { name: /^Mia/ }).waitFor();
  await assertForgotten(ben, [NEW, tokenOf(link)]);
});

test("after a theft a new password is asked for, and everybody is signed out", async (t) => {
  const { page, browser, hub, url, name, password } = await visit(t, "Privacy", { viewport: PHONE, guardian: false });
  const other = await openPage(t, browser, new URL("/", url).href, { allow: ALLOWED });
  await signIn(other, { name, password });
  await other.getByRole("link", { name: /^Mia/ }).waitFor();
  await tap(page, "My hub was stolen");
  await assertAccessible(page, "a stolen hub");
  await assertMeasures(page, "a stolen hub");
  await screenshot(page, "keys-stolen-phone");

  await fill(page, "Your password", password);
  await tap(page, "Change the keys, sign everybody out");
  await sees(page, /^Choose a password/);
  await fill(page, "Your new password", NEW);
  await fill(page, "The same once more", `${NEW}x`);
  await tap(page, "Change the keys, sign everybody out");
  await sees(page, /^These two differ/);
  assert.equal(hub.accounts.guardian.password, password);
  await fill(page, "The same once more", NEW);
  await tap(page, "Change the keys, sign everybody out");

  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
  assert.equal(hub.accounts.guardian.password, NEW);
  await other.getByRole("heading", { name: /[Ss]ign in/ }).waitFor();
  await assertForgotten(page, [password, NEW]);
});

test("a guardian is removed, and another link brings one back", async (t) => {
  const { page, hub, password } = await visit(t, "People");
  await guardians(page).getByText("Ben", { exact: true }).waitFor();
  await tap(page, "New link for Ben");
  await sees(page, /^For when Ben forgot the password/);
  await tap(page, "Make a new link");
  await page.locator(".invite-link").waitFor();
  await tap(page, "Done");
  await guardians(page).getByText(/^Has a link, good for/).waitFor();
  await assertAccessible(page, "guardians with a link");
  await assertMeasures(page, "guardians with a link");
  await screenshot(page, "keys-guardians-desk");

  await tap(page, "Remove Ben");
  await sees(page, /^Ben is signed out at once and cannot come back/);
  await assertAccessible(page, "removing a guardian");
  await tap(page, "Cancel");
  await tap(page, "Remove Ben");
  await fill(page, "Your password", password);
  await tap(page, "Remove Ben, change the keys");
  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
  await tap(page, "Later");

  await guardians(page).getByText(/^Signs in as/).waitFor();
  assert.equal(await guardians(page).getByText("Ben", { exact: true }).count(), 0);
  assert.deepEqual(hub.accounts.accounts.map((one) => one.name), ["Anna"]);
});

test("whoever came back with the recovery key is reminded to change the keys", async (t) => {
  const { page, hub } = await visit(t, "People");
  hub.accounts.keys.usedAt = hub.accounts.now();
  await page.reload();

  await page.getByRole("link", { name: "Change the keys" }).click();

  await keys(page).getByText("The recovery key was used since the keys were last changed").waitFor();
});
