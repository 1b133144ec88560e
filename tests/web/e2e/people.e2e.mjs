// Guardians: invited, let in once, and let in again who lost the password but not the key.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newId } from "../fake-ids.mjs";
import {
  DESK, PHONE, assertAccessible, assertForgotten, assertMeasures, openPage, screenshot, sees, signIn, startBrowser,
  startFakeHub,
} from "./support.mjs";
import { chooseFile, focused, inPhase, openMia, wavFile } from "./visit.mjs";

const PASSWORD = "lantern-orbit-pickle-meadow-cobalt";
const ALLOWED = /40[1349]|422|429|ERR_|Failed to load/;
const LONG_NAME = "Donaudampfschifffahrtskapitän";
const guardians = (page) => page.getByRole("region", { name: "Guardians" });
const label = (page, name) => page.locator(".door").getByLabel(name, { exact: true });
const tap = (page, name) => page.getByRole("button", { name, exact: true }).click();
const home = (page) => page.getByRole("link", { name: /^Mia/ });
const isInvited = (page) => page.getByRole("heading", { name: "You are invited to Hutch" }).waitFor();
const isOver = (page) => page.getByRole("heading", { name: "This invitation is over" }).waitFor();
const focusedField = (page) => page.evaluate(() => document.activeElement.getAttribute("name"));

/** Opens the guardians in a browser that is signed in. */
async function visitPeople(t, { door = {}, prepare, ...options } = {}) {
  const started = await startFakeHub(t, { door: { demo: false, ...door } });
  prepare?.(started.hub.accounts);
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, started.url, {
    allow: ALLOWED, permissions: ["clipboard-read", "clipboard-write"], ...options,
  });
  await page.getByRole("link", { name: "People" }).click();
  await guardians(page).getByText(/^Signs in as/).first().waitFor();
  return { page, browser, ...started };
}

async function makeLink(page) {
  await tap(page, "Invite another guardian");
  return page.locator(".invite-link").textContent();
}

/** Opens a link in a browser of somebody else. */
async function follow(t, browser, link, options = {}) {
  const guest = await openPage(t, browser, link, { allow: ALLOWED, ...options });
  assert.equal(new URL(guest.url()).hash, "", "the invitation is not left in the address");
  return guest;
}

async function fillIn(guest, { name = "Ben", password = PASSWORD } = {}) {
  await label(guest, "Your name").fill(name);
  await label(guest, "Your password").fill(password);
  await label(guest, "The same once more").fill(password);
}

const tokenOf = (link) => new URL(link).hash.slice("#invite=".length);

/** Opens the form for a recovery key in a browser that is not signed in. */
async function visitRecovery(t, { door = {}, prepare, ...options } = {}) {
  const started = await startFakeHub(t, { door: { demo: false, ...door } });
  prepare?.(started.hub.accounts);
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, new URL("/", started.url).href, { allow: ALLOWED, ...options });
  await label(page, "Name").fill(started.name);
  await page.getByText("Forgotten your password?").click();
  return { page, browser, ...started, key: started.hub.accounts.guardian.key };
}

async function typeKey(page, key, password = PASSWORD) {
  await label(page, "Recovery key").fill(key);
  await label(page, "Your new password").fill(password);
  await label(page, "The same once more").fill(password);
}

const groupsOf = (key) => key.slice(16).match(/.{1,4}/g);

test("somebody who is invited comes in once, and straight to the children", async (t) => {
  const { page, browser, hub } = await visitPeople(t);
  await assertAccessible(page, "guardians");
  const link = await makeLink(page);
  // Late in the evening the hour ends on the next day, whose name stands before it.
  await sees(page, /^It works once, for one hour \(until [\w, ]*\d\d:\d\d\), and in your home network only/);
  await assertAccessible(page, "the link");

  const guest = await follow(t, browser, link);
  await isInvited(guest);
  assert.equal(await focused(guest), "You are invited to Hutch");
  await assertForgotten(guest, [tokenOf(link)]);
  await assertAccessible(guest, "the invitation");
  await label(guest, "Your name").fill("Ben");
  await tap(guest, "Use five random words instead");
  await tap(guest, "Take these words");
  const password = await label(guest, "Your password").inputValue();
  await guest.evaluate(() => {
    globalThis.seen = new Set();
    new MutationObserver(() => {
      const title = document.querySelector(".door:not([hidden]) h2");
      if (title) globalThis.seen.add(title.textContent);
    }).observe(document.querySelector("main"), { subtree: true, childList: true, attributes: true });
  });
  await tap(guest, "Come in");
  await home(guest).waitFor();

  const seen = await guest.evaluate(() => [...globalThis.seen]);
  assert.ok(!seen.some((title) => title.startsWith("Sign in")), `${seen}`);
  await assertForgotten(guest, [password, tokenOf(link)]);
  assert.deepEqual(hub.accounts.accounts.map((one) => one.name), ["Anna", "Ben"]);
  await tap(page, "Done");
  await guardians(page).getByText("Ben", { exact: true }).waitFor();
  await guardians(page).getByText(/^Signs in as “ben”, here since \d+ \w+ \d{4}$/).waitFor();
  assert.equal(await guardians(page).locator("li", { hasText: "you" }).count(), 1);
  await assertForgotten(page, [tokenOf(link)]);

  const late = await follow(t, browser, link);
  await isOver(late);
  await assertAccessible(late, "a used link");
  await tap(late, "Go to the sign-in");
  await late.getByRole("heading", { name: "Sign in to Hutch" }).waitFor();
  await signIn(late, { name: "Ben", password });
  await home(late).waitFor();
});

test("what the hub refuses is told at its field, and nothing typed is lost", async (t) => {
  const { page, browser } = await visitPeople(t);
  const guest = await follow(t, browser, await makeLink(page));
  await isInvited(guest);

  await fillIn(guest, { name: "anna" });
  await tap(guest, "Come in");
  await sees(guest, /^Somebody here has that name already/);
  assert.equal(await focusedField(guest), "username");
  await assertAccessible(guest, "name taken");
  await fillIn(guest, { password: "password" });
  await tap(guest, "Come in");
  await sees(guest, "This password is too easy to guess.");
  assert.equal(await focusedField(guest), "new-password");
  assert.equal(await label(guest, "Your name").inputValue(), "Ben");
  await assertAccessible(guest, "weak password");
  await fillIn(guest, { name: "??" });
  await tap(guest, "Come in");
  await sees(guest, /^A name has 1 to 64 letters/);
  await fillIn(guest);
  await tap(guest, "Come in");

  await home(guest).waitFor();
});

test("an invitation can be taken back, from the list and at once", async (t) => {
  const { page, browser, hub } = await visitPeople(t);
  const link = await makeLink(page);
  await tap(page, "Done");
  await guardians(page).getByText(/^Still good for (1 hour|60 minutes) more$/).waitFor();
  await assertAccessible(page, "open invitations");
  await page.getByRole("button", { name: /^Take back: Still good for/ }).click();
  await page.getByRole("heading", { name: "Open invitations" }).waitFor({ state: "detached" });
  assert.equal(hub.accounts.invites.length, 0);
  await isOver(await follow(t, browser, link));

  await makeLink(page);
  assert.equal(hub.accounts.invites.length, 1);
  await tap(page, "Take back");
  await page.getByRole("button", { name: "Invite another guardian" }).waitFor();

  assert.equal(hub.accounts.invites.length, 0);
});

test("an invitation whose hour has passed is over, also for whoever is filling it in", async (t) => {
  const { page, browser, hub } = await visitPeople(t, { clock: true });
  const link = await makeLink(page);
  const guest = await follow(t, browser, link);
  await isInvited(guest);
  await sees(guest, /^This invitation is good for (1 hour|60 minutes|59 minutes) more\.$/);
  await fillIn(guest);

  const [made] = hub.accounts.invites;
  made.expires_at = hub.accounts.now() + 10;
  await tap(page, "Done");
  await guardians(page).getByText(/^Still good for \d+ seconds? more$/).waitFor();
  made.expires_at = hub.accounts.now() - 1;
  await tap(guest, "Come in");
  await isOver(guest);
  await assertForgotten(guest, [PASSWORD]);
  await isOver(await follow(t, browser, link));
  await page.clock.runFor(30_000);

  await page.getByRole("heading", { name: "Open invitations" }).waitFor({ state: "detached" });
});

test("an invitation needs the password once more after a while", async (t) => {
  const { page, hub, password } = await visitPeople(t);
  hub.accounts.sessions[0].confirmed = 0;

  await tap(page, "Invite another guardian");
  const typed = guardians(page).getByLabel("Your password", { exact: true });
  await typed.fill("something else");
  await tap(page, "Make an invitation");
  await sees(page, /^That is not your password/);
  await assertAccessible(page, "the password once more");
  await tap(page, "Cancel");
  await tap(page, "Invite another guardian");
  await typed.fill(password);
  await tap(page, "Make an invitation");

  await page.locator(".invite-link").waitFor();
  await assertForgotten(page, [password, "something else"]);
});

test("a link is copied, shared where the device can, and gone when one leaves", async (t) => {
  const { page } = await visitPeople(t);
  await page.evaluate(() => {
    // Where it is there at all depends on the system.
    Object.defineProperty(navigator, "share", {
      configurable: true, value: async (/** @type {ShareData} */ shared) => { Object.assign(globalThis, { shared }); },
    });
  });
  const link = await makeLink(page);
  await tap(page, "Copy");
  await sees(page, "Copied. Send it to that person alone.");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
  await tap(page, "Share");
  assert.equal(await page.evaluate(() => globalThis.shared.url), link);

  await page.getByRole("link", { name: "Back to the children" }).click();
  await home(page).waitFor();

  await assertForgotten(page, [tokenOf(link)]);
});

test("more invitations than anybody needs are refused, in words", async (t) => {
  const { page } = await visitPeople(t, {
    prepare(accounts) {
      const [created_at, expires_at] = [accounts.now(), accounts.now() + 600];
      for (let n = 0; n < 20; n += 1) accounts.invites.push({ id: newId(), token: `t${n}`, created_at, expires_at });
    },
  });

  await tap(page, "Invite another guardian");

  await sees(page, /^More invitations are open than anybody needs/);
});

test("who is signed in already goes on as before", async (t) => {
  const { page, hub } = await visitPeople(t);
  const link = await makeLink(page);
  await tap(page, "Done");

  await page.evaluate((address) => { location.hash = new URL(address).hash; }, link);
  await page.getByRole("heading", { name: "You are signed in as Anna" }).waitFor();
  assert.equal(new URL(page.url()).hash, "");
  assert.equal(await page.locator(".room").isVisible(), false);
  await assertAccessible(page, "signed in already");
  await tap(page, "Go on as Anna");

  await page.locator(".door").waitFor({ state: "hidden" });
  await home(page).waitFor();
  assert.equal(hub.accounts.invites.length, 1, "it is left for whom it is meant");
});

test("who is signed in already comes in as somebody new, and finds nothing of the one before", async (t) => {
  const { page, hub } = await visitPeople(t);
  const link = await makeLink(page);
  await page.getByRole("link", { name: "Back to the children" }).click();
  await openMia(page);
  await chooseFile(page, wavFile(3));
  await inPhase(page, "review");
  await page.evaluate((address) => { location.hash = new URL(address).hash; }, link);
  await sees(page, /There is a recording that was not sent/);

  await tap(page, "Come in as somebody new");
  await isInvited(page);
  await fillIn(page);
  await tap(page, "Come in");

  await page.getByRole("link", { name: "You and this hub: Ben" }).waitFor();
  await openMia(page);
  await inPhase(page, "idle");
  assert.deepEqual(hub.accounts.sessions.map(({ account }) => account.name), ["Ben"]);
  await assertForgotten(page, ["Anna", PASSWORD, tokenOf(link)]);
});

test("a second link in the same window is the one that counts", async (t) => {
  const { page, browser, hub } = await visitPeople(t);
  const link = await makeLink(page);
  const guest = await follow(t, browser, new URL("/#invite=abc.", link).href);
  await isOver(guest);

  await guest.evaluate((address) => { location.hash = new URL(address).hash; }, `${link},`);
  await isInvited(guest);
  await fillIn(guest);
  await tap(guest, "Come in");

  await home(guest).waitFor();
  assert.equal(hub.accounts.accounts.length, 2);
});

test("a hub that does not answer, or wants one to wait, does not lose the invitation", async (t) => {
  const { page, browser, hub } = await visitPeople(t);
  const link = await makeLink(page);
  hub.accounts.waitUntil = Date.now() / 1000 + 60;
  const guest = await follow(t, browser, link);
  await sees(guest, /^There were too many wrong tries/);
  await assertAccessible(guest, "wait");
  await guest.route("**/look", (route) => route.abort(), { times: 1 });
  await tap(guest, "Try again");
  await sees(guest, "Hutch is not answering.");
  hub.accounts.waitUntil = 0;

  await tap(guest, "Try again");

  await label(guest, "Your name").waitFor();
});

test("the recovery key, as it is printed, gives a new password and a new key", async (t) => {
  const { page, hub, name, key } = await visitRecovery(t, {
    prepare(accounts) { accounts.guardian.totp = "JBSWY3DPEHPK3PXP"; },
  });
  await sees(page, /^With the recovery key, the one that was printed last/);
  await assertAccessible(page, "forgotten");
  await tap(page, "Use the recovery key");
  assert.equal(await label(page, "Your name").inputValue(), name);
  await assertAccessible(page, "the form");
  const printed = groupsOf(key).map((group, at) => `${at + 1} ${group.toLowerCase()}`).join("\n");

  await typeKey(page, printed.slice(0, -1));
  await tap(page, "Change my password");
  await sees(page, /has 58 letters and digits; here are 57/);
  assert.ok(!hub.requests.includes("POST /api/v1/recover"));
  assert.equal(await focusedField(page), "recovery-key");
  await typeKey(page, `${key.slice(0, 20)}${key[20] === "Q" ? "P" : "Q"}${key.slice(21)}`);
  await tap(page, "Change my password");
  await sees(page, /^Name and recovery key do not fit together/);
  await assertAccessible(page, "a wrong recovery key");
  await typeKey(page, printed, "password");
  await tap(page, "Change my password");
  await sees(page, "This password is too easy to guess.");
  await typeKey(page, printed);
  await tap(page, "Change my password");

  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
  await sees(page, /^The paper with the old key opens this hub no more.*Backups of before still need the old one/);
  const { guardian } = hub.accounts;
  assert.notEqual(guardian.key, key);
  assert.equal(await page.locator("main .key").textContent(), guardian.key);
  await assertForgotten(page, [key, key.slice(16, 20), PASSWORD]);
  await page.getByText("Show it as a QR code").click();
  await page.getByRole("img", { name: "The recovery key as a QR code" }).waitFor();
  await assertAccessible(page, "the new key");
  await tap(page, "I have it: go on");
  const { first } = guardian;
  assert.equal(first % 4, 1);
  await page.getByLabel("This part of the key").fill(guardian.key.slice(16).slice(first - 1, first + 7));
  await page.keyboard.press("Enter");
  await home(page).waitFor();

  assert.deepEqual([guardian.checked, guardian.totp], [true, null]);
  await assertForgotten(page, [PASSWORD, guardian.key]);
  hub.signOut({ quietly: true });
  await page.reload();
  await signIn(page, { name, password: PASSWORD });
  await home(page).waitFor();
});

test("the new key is printed with the family's name, and checked later if one likes", async (t) => {
  const { page, hub, key } = await visitRecovery(t, { prepare(accounts) { accounts.household = "Lindqvist"; } });
  await page.evaluate(() => { globalThis.print = () => {}; });
  await tap(page, "Use the recovery key");
  await typeKey(page, key);
  await tap(page, "Change my password");
  await page.getByRole("button", { name: "Print" }).click();

  await page.emulateMedia({ media: "print" });
  const printed = await page.locator(".sheet").innerText();
  assert.match(printed, /Hutch of Lindqvist, \d+ \w+ \d{4}/);
  assert.equal(printed.replace(/\s/g, "").includes(hub.accounts.guardian.key), true);
  assert.equal(await page.locator(".sheet .qr").count(), 1);
  await screenshot(page, "print-new-recovery-key");
  await page.emulateMedia({ media: "screen" });
  await tap(page, "Later");

  await sees(page, /^Your recovery key was not checked yet/);
  await assertForgotten(page, [hub.accounts.guardian.key, key, PASSWORD]);
});

test("too many wrong recovery keys wait, and back is back", async (t) => {
  const { page, hub, key } = await visitRecovery(t);
  hub.accounts.throttle = { free: 1, waitS: 2 };
  await tap(page, "Use the recovery key");
  await typeKey(page, `AGE-SECRET-KEY-1${"Q".repeat(58)}`);
  await tap(page, "Change my password");
  await sees(page, /^Name and recovery key do not fit/);
  await typeKey(page, key);
  await tap(page, "Change my password");
  await sees(page, /^There were too many wrong tries/);

  await tap(page, "Back");

  await page.getByRole("heading", { name: "Sign in to Hutch" }).waitFor();
  await assertForgotten(page, [key, PASSWORD]);
});

test("nobody leaves between the old key and the new one", async (t) => {
  const { page, hub, key } = await visitRecovery(t);
  let answer = () => {};
  const asked = new Promise((resolve) => { answer = () => resolve(undefined); });
  await page.route("**/recover", async (route) => {
    await asked;
    await route.continue();
  });
  await tap(page, "Use the recovery key");
  await typeKey(page, key);
  await tap(page, "Change my password");
  await sees(page, "Opening the household …");

  await page.getByRole("button", { name: "Back", exact: true }).click({ force: true });
  answer();

  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
  assert.equal(await page.locator("main .key").textContent(), hub.accounts.guardian.key);
});

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 480 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`guardians and the ways in at ${width} px, ${colorScheme}`, async (t) => {
      const { page, browser, hub } = await visitPeople(t, {
        viewport, colorScheme, door: { name: LONG_NAME }, prepare: (accounts) => { accounts.add("Ben", PASSWORD); },
      });
      const look = async (where, name) => {
        await assertMeasures(where, name);
        await assertAccessible(where, name);
        await screenshot(where, `${width}-${colorScheme}-${name}`);
      };
      const show = () => page.evaluate(() => document.getElementById("you-guardians").scrollIntoView());
      const link = await makeLink(page);
      const { y } = await guardians(page).boundingBox();
      assert.ok(y < viewport.height / 4, `what is shown once is in sight, not at ${y}`);
      await look(page, "people-link");
      await tap(page, "Done");
      await guardians(page).getByText(/^Still good for/).waitFor();
      await show();
      await look(page, "people");

      await page.evaluate((address) => { location.hash = new URL(address).hash; }, link);
      await page.getByRole("button", { name: "Come in as somebody new" }).waitFor();
      await look(page, "invited-signed-in");
      const guest = await follow(t, browser, link, { viewport, colorScheme });
      await isInvited(guest);
      await fillIn(guest, { name: LONG_NAME });
      await look(guest, "invited");
      await tap(guest, "Come in");
      await sees(guest, /^Somebody here has that name already/);
      await look(guest, "invited-taken");
      hub.accounts.invites = [];
      await tap(guest, "Come in");
      await isOver(guest);
      await look(guest, "invited-over");
      await tap(guest, "Go to the sign-in");

      await guest.getByText("Forgotten your password?").click();
      await look(guest, "forgotten");
      await tap(guest, "Use the recovery key");
      const { key } = hub.accounts.guardian;
      await label(guest, "Your name").fill(LONG_NAME);
      await typeKey(guest, `AGE-SECRET-KEY-1 ${groupsOf(key).join(" ").replace(/.$/, "O")}`);
      await tap(guest, "Change my password");
      await sees(guest, /^Look at group 15/);
      await look(guest, "recover");
      await typeKey(guest, key);
      await tap(guest, "Change my password");
      await guest.getByRole("heading", { name: "Your recovery key" }).waitFor();
      await guest.getByText("Show it as a QR code").click();
      await look(guest, "recovered");
    });
  }
}
