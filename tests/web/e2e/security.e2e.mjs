// "You and this hub": who is signed in where, the password, the second step and the recovery key.

import assert from "node:assert/strict";
import { test } from "node:test";

import { totpNow } from "../fake-accounts.mjs";
import {
  DESK, PHONE, assertAccessible, assertForgotten, assertMeasures, openAnother, openPage, screenshot, sees, signIn,
  startBrowser, startFakeHub,
} from "./support.mjs";
import { chooseFile, focused, inPhase, live, openMia, wavFile } from "./visit.mjs";

const NEXT = "nine purple tractors at dawn";
const home = (page) => page.getByRole("link", { name: /^Mia/ });
const label = (page, name) => page.getByLabel(name, { exact: true });
const tap = (page, name) => page.getByRole("button", { name, exact: true }).click();
const part = (page, name) => page.getByRole("region", { name });
const signInAgain = (page) => page.getByRole("heading", { name: "Sign in again" });
const atDoor = (page) => page.getByRole("heading", { name: "Sign in to Hutch" });

/** Opens "You and this hub" in a browser that is signed in. */
async function visitYou(t, { door = {}, prepare, ...options } = {}) {
  const started = await startFakeHub(t, { door: { demo: false, ...door } });
  prepare?.(started.hub.accounts);
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, started.url, {
    allow: /40[1349]|422|429/, permissions: ["clipboard-read", "clipboard-write"], ...options,
  });
  await page.getByRole("link", { name: /You and this hub/ }).click();
  await page.getByRole("heading", { name: "You and this hub" }).waitFor();
  await page.locator(".sessions").waitFor();
  return { page, browser, ...started };
}

/** Two more browsers that nobody sees. */
function elsewhere(accounts) {
  accounts.open(accounts.guardian, { device: "Firefox on Android", address: "192.168.178.34", ago: 720 });
  accounts.open(accounts.guardian, { device: "Safari on iPhone", address: "fd00:1:2:3:4:5:6:7", ago: 90_000 });
}

test("home leads to oneself and back, by keyboard", async (t) => {
  const { url } = await startFakeHub(t);
  const page = await openPage(t, await startBrowser(t), url);
  await home(page).waitFor();
  await page.getByRole("link", { name: "You and this hub: Anna" }).focus();

  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "You and this hub" }).waitFor();
  assert.equal(await focused(page), "You and this hub");
  await sees(page, "Guardian of this household");
  await page.getByRole("link", { name: "Back to the children" }).focus();
  await page.keyboard.press("Enter");

  await home(page).waitFor();
  assert.match(await focused(page), /Anna/);
});

test("a browser elsewhere is signed out, and notices at once", async (t) => {
  const hub = await visitYou(t, { prepare: elsewhere });
  const { page, browser } = hub;
  const other = await openAnother(t, browser, hub);
  await home(other).waitFor();
  await page.reload();
  const rows = page.locator(".sessions li");
  await rows.nth(3).waitFor();
  assert.equal(await rows.filter({ hasText: "this browser" }).count(), 1);
  await sees(page, "192.168.178.34, used 12 minutes ago");
  await assertAccessible(page, "sessions");

  await page.getByRole("button", { name: "Sign out: Firefox on Android, 192.168.178.34" }).click();
  await rows.filter({ hasText: "Firefox" }).waitFor({ state: "detached" });
  assert.equal(hub.hub.accounts.sessions.length, 3);
  await page.getByRole("button", { name: /^Sign out: Chromium/ }).click();

  await signInAgain(other).waitFor();
  await rows.nth(2).waitFor({ state: "detached" });
  assert.equal(await focused(page), "Where you are signed in");
});

test("a browser that signs in or out elsewhere is seen at once, and the focus stays", async (t) => {
  const hub = await visitYou(t, { prepare: elsewhere });
  const { page } = hub;
  const { accounts } = hub.hub;
  const rows = page.locator(".sessions li");
  await rows.nth(2).waitFor();
  await live(page);
  const iphone = page.getByRole("button", { name: /^Sign out: Safari on iPhone/ });
  await iphone.focus();

  accounts.open(accounts.guardian, { device: "Edge on Windows", address: "192.168.178.77" });
  await rows.filter({ hasText: "Edge on Windows" }).waitFor();
  accounts.end(({ device }) => device === "Firefox on Android");
  await rows.filter({ hasText: "Firefox" }).waitFor({ state: "detached" });
  assert.equal(await rows.count(), 3);
  assert.equal(await iphone.evaluate((button) => button === document.activeElement), true);
});

test("every other browser is signed out at once", async (t) => {
  const hub = await visitYou(t, { prepare: elsewhere });
  const { page, browser } = hub;
  const other = await openAnother(t, browser, hub);
  await home(other).waitFor();

  await tap(page, "Sign out everywhere else");

  await signInAgain(other).waitFor();
  await sees(page, "Only in this browser.");
  assert.equal(hub.hub.accounts.sessions.length, 1);
});

test("signing out here leaves nothing of the visit", async (t) => {
  const { page, hub } = await visitYou(t);
  await page.getByRole("link", { name: "Back to the children" }).click();
  await openMia(page);
  await chooseFile(page, wavFile(3));
  await inPhase(page, "review");
  await page.goBack();
  await page.getByRole("link", { name: /You and this hub/ }).click();
  await sees(page, /There is a recording that you have not sent/);

  await tap(page, "Sign out");

  await atDoor(page).waitFor();
  assert.equal(hub.accounts.sessions.length, 0);
  await assertForgotten(page, ["Mia", "Anna"]);
  await signIn(page, hub.accounts.guardian);
  await openMia(page);
  await inPhase(page, "idle");
});

test("signing this browser out in the list does the same", async (t) => {
  const { page } = await visitYou(t);

  await tap(page, "Sign out in this browser");

  await atDoor(page).waitFor();
});

test("a hub that cannot sign one out says so", async (t) => {
  const { page } = await visitYou(t, { allow: /ERR_|Failed/ });
  await page.route("**/sign-out", (route) => route.abort());

  await tap(page, "Sign out");

  await page.getByRole("alert").filter({ hasText: "Hutch is not answering." }).waitFor();
});

test("a hub that takes long with a new key says so, and lets one out", async (t) => {
  const { page, hub } = await visitYou(t, { clock: true });
  hub.faults.push({ match: /recovery-key$/, silent: true });
  await tap(page, "Make a new key");
  await page.clock.runFor(1_000);
  await sees(page, "Making a new key …");

  await page.clock.runFor(9_000);
  await tap(page, "Stop waiting");

  await part(page, "Recovery key").getByText("You stopped waiting. Hutch may have done it all the same.").waitFor();
  assert.equal(await focused(page), "Make a new key");
});

test("a list that could not be read is offered again", async (t) => {
  const { page } = await visitYou(t, { allow: /ERR_|Failed/ });
  await page.route("**/sessions", (route) => route.abort(), { times: 1 });
  await page.reload();
  const list = part(page, "Where you are signed in");
  await list.getByText("Hutch is not answering.").waitFor();
  await assertAccessible(page, "list not read");

  await list.getByRole("button", { name: "Try again" }).click();

  await sees(page, "Only in this browser.");
});

test("a password is changed, and every other browser is signed out", async (t) => {
  const hub = await visitYou(t, {
    prepare(accounts) { accounts.guardian.advice = "names"; },
  });
  const { page, browser, password, hub: { accounts } } = hub;
  const other = await openAnother(t, browser, hub);
  await home(other).waitFor();
  await page.getByRole("link", { name: "Back to the children" }).click();
  await sees(page, "Your password holds a name of your family");
  await assertAccessible(page, "advice");

  await page.getByRole("link", { name: "Change your password" }).click();
  const old = label(page, "Your password until now");
  await old.waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("autocomplete")), "current-password");
  await old.fill("something else");
  await label(page, "New password").fill(NEXT);
  await label(page, "The same once more").fill(NEXT);
  await tap(page, "Change password");
  await sees(page, /^That is not your password/);
  await old.fill(password);
  await label(page, "New password").fill("password");
  await label(page, "The same once more").fill("password");
  await tap(page, "Change password");
  await sees(page, "This password is too easy to guess.");
  assert.equal(await old.inputValue(), password);
  await assertAccessible(page, "change");
  await label(page, "New password").fill(NEXT);
  await label(page, "The same once more").fill(NEXT);
  await tap(page, "Change password");

  await sees(page, "Your password is changed, and every other browser is signed out.");
  await signInAgain(other).waitFor();
  assert.equal(accounts.guardian.password, NEXT);
  await assertForgotten(page, [password, NEXT]);
  await page.getByRole("link", { name: "Back to the children" }).click();
  await home(page).waitFor();
  assert.equal(await page.locator(".reminder").count(), 0);
});

test("two steps: switched on with the app, asked for, and switched off", async (t) => {
  const hub = await visitYou(t);
  const { page, browser, password, name, hub: { accounts } } = hub;
  const section = part(page, "Two-step sign-in");
  await section.getByRole("button", { name: "Switch on" }).click();
  await section.getByRole("img", { name: "QR code for the authenticator app" }).waitFor();
  await page.getByText("Type it instead").click();
  const secret = (await page.locator(".secret").textContent()).replaceAll(" ", "");
  assert.match(await page.getByRole("link", { name: /The app is on this device/ }).getAttribute("href"), /^otpauth:/);
  await assertAccessible(page, "offer");

  const code = label(page, "Code of your app");
  await code.fill("000000");
  await label(page, "Your password").fill(password);
  await section.getByRole("button", { name: "Switch on" }).click();
  await sees(page, /^That code does not fit/);
  const shown = totpNow(secret);
  await code.fill(`${shown.slice(0, 3)} ${shown.slice(3)}`);
  await section.getByRole("button", { name: "Switch on" }).click();

  const codes = section.locator(".codes li");
  await codes.nth(9).waitFor();
  const first = await codes.first().textContent();
  assert.equal(first, accounts.guardian.codes[0]);
  await assertAccessible(page, "codes");
  await section.getByRole("button", { name: "Copy" }).click();
  await sees(page, /^Copied/);
  assert.equal((await page.evaluate(() => navigator.clipboard.readText())).split("\n").length, 10);
  await tap(page, "I have kept them");
  await section.getByText("On", { exact: true }).waitFor();
  await assertForgotten(page, [secret, ...accounts.guardian.codes, password]);

  // Nobody here waits half a minute for the next one.
  accounts.guardian.lastStep = 0;
  const other = await openPage(t, browser, new URL("/", hub.url).href, { allow: /401/ });
  await signIn(other, { name, password });
  await other.getByLabel("Code of your app").fill(totpNow(secret));
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await home(other).waitFor();

  await section.getByRole("button", { name: "Switch off" }).click();
  await label(page, "Your password").fill(password);
  await code.fill(first);
  await section.getByRole("button", { name: "Switch off" }).click();
  await section.getByText("Off", { exact: true }).waitFor();
  assert.equal(accounts.guardian.totp, null);
});

test("recovery codes that are left unseen are gone from the page", async (t) => {
  const { page, password, hub: { accounts } } = await visitYou(t);
  const section = part(page, "Two-step sign-in");
  await section.getByRole("button", { name: "Switch on" }).click();
  await page.getByText("Type it instead").click();
  const secret = (await page.locator(".secret").textContent()).replaceAll(" ", "");
  await label(page, "Code of your app").fill(totpNow(secret));
  await label(page, "Your password").fill(password);
  await section.getByRole("button", { name: "Switch on" }).click();
  await section.locator(".codes li").nth(9).waitFor();

  await page.getByRole("link", { name: "Back to the children" }).click();
  await home(page).waitFor();

  await assertForgotten(page, [secret, ...accounts.guardian.codes, password]);
});

test("a hub that does not know the time cannot switch two steps on, and says so", async (t) => {
  const { page, password } = await visitYou(t, { prepare(accounts) { accounts.clockTrusted = false; } });
  const section = part(page, "Two-step sign-in");
  await section.getByRole("button", { name: "Switch on" }).click();
  await label(page, "Code of your app").fill("123456");
  await label(page, "Your password").fill(password);

  await section.getByRole("button", { name: "Switch on" }).click();

  await sees(page, /the hub is not sure of it/);
});

test("a new recovery key needs the password again, and is checked", async (t) => {
  const { page, password, hub: { accounts } } = await visitYou(t);
  const section = part(page, "Recovery key");
  const old = accounts.guardian.key;
  for (const session of accounts.sessions) session.confirmed = 0;
  await section.getByRole("button", { name: "Make a new key" }).click();
  await label(page, "Your password").fill("something else");
  await section.getByRole("button", { name: "Make a new key" }).click();
  await sees(page, /^That is not your password/);
  await assertAccessible(page, "again");
  await label(page, "Your password").fill(password);
  await section.getByRole("button", { name: "Make a new key" }).click();

  await page.locator("main .key").waitFor();
  const { key, first } = accounts.guardian;
  assert.notEqual(key, old);
  assert.equal(await page.locator("main .key").textContent(), key);
  await assertAccessible(page, "new key");
  await tap(page, "I have it: go on");
  await page.getByLabel("This part of the key").fill(key.slice(16).slice(first - 1, first + 7));
  await page.keyboard.press("Enter");

  await section.getByText("You checked your copy").waitFor();
  await assertForgotten(page, [key, old, password]);
});

test("a fresh sign-in makes a new key without asking again, and later reminds at home", async (t) => {
  const { page, hub: { accounts } } = await visitYou(t);
  await tap(page, "Make a new key");
  await page.locator("main .key").waitFor();
  await tap(page, "Later");
  await part(page, "Recovery key").getByText("Not checked yet").waitFor();

  await page.getByRole("link", { name: "Back to the children" }).click();

  await page.getByRole("link", { name: "Check it, or make a new one" }).waitFor();
  await assertForgotten(page, [accounts.guardian.key]);
});

test("too many wrong passwords wait here, too", async (t) => {
  const { page, password, hub: { accounts } } = await visitYou(t);
  accounts.throttle = { free: 1, waitS: 2 };
  await tap(page, "Change password");
  await label(page, "New password").fill(NEXT);
  await label(page, "The same once more").fill(NEXT);
  await label(page, "Your password until now").fill("something else");
  await tap(page, "Change password");
  await sees(page, /^That is not your password/);
  await label(page, "Your password until now").fill(password);
  await tap(page, "Change password");

  await sees(page, /^There were too many wrong tries/);
  await sees(page, "You can try again now.");
  await tap(page, "Change password");
  await sees(page, /^Your password is changed/);
});

test("a session that ends here leads to the sign-in, and back to where one was", async (t) => {
  const { page, hub } = await visitYou(t);
  await tap(page, "Change password");
  await label(page, "New password").fill(NEXT);

  hub.signOut();
  await signInAgain(page).waitFor();
  await signIn(page, hub.accounts.guardian);

  await page.locator(".door").waitFor({ state: "hidden" });
  assert.equal(await label(page, "New password").inputValue(), NEXT);
});

test("the demo does not remind of a key that is gone with it", async (t) => {
  const { url, hub } = await startFakeHub(t);
  hub.accounts.guardian.checked = false;
  const page = await openPage(t, await startBrowser(t), url);
  await home(page).waitFor();
  await sees(page, "Try both sides");

  assert.equal(await page.locator(".reminder").count(), 0);
});

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 480 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`you and this hub at ${width} px, ${colorScheme}`, async (t) => {
      const { page, password } = await visitYou(t, {
        viewport, colorScheme, door: { name: "Donaudampfschifffahrtskapitän" },
        prepare(accounts) {
          elsewhere(accounts);
          Object.assign(accounts.guardian, { checked: false, advice: "Your password holds “Donaudampfschiff”." });
        },
      });
      const look = async (name) => {
        await assertMeasures(page, name);
        await assertAccessible(page, name);
        await screenshot(page, `${width}-${colorScheme}-${name}`);
      };
      await look("you");
      await tap(page, "Change password");
      await look("you-password");
      await page.getByRole("button", { name: "Cancel" }).click();
      await tap(page, "Switch on");
      await page.getByText("Type it instead").click();
      await look("you-totp");
      const secret = (await page.locator(".secret").textContent()).replaceAll(" ", "");
      await label(page, "Code of your app").fill(totpNow(secret));
      await label(page, "Your password").fill(password);
      await part(page, "Two-step sign-in").getByRole("button", { name: "Switch on" }).click();
      await page.locator(".codes li").nth(9).waitFor();
      await look("you-codes");
      // With two panes, home is beside it.
      if (viewport.width < 900) await page.getByRole("link", { name: "Back to the children" }).click();
      await page.locator(".reminder").nth(1).waitFor();
      await look("home-advice");
    });
  }
}
