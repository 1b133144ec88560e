// A new hub: from the set-up code to a recovery key that was written down.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  DESK, PHONE, assertAccessible, assertForgotten, assertMeasures, openPage, screenshot, sees, startBrowser,
  signIn, startFakeHub,
} from "./support.mjs";
import { focused } from "./visit.mjs";

const GOOD = "nine purple tractors at dawn";
const label = (page, name) => page.getByLabel(name, { exact: true });
const setUp = (page) => page.getByRole("button", { name: "Set up Hutch" }).click();
const firstChild = (page) => page.getByRole("heading", { name: "Who is the first toy for?" });
const leave = (page) => page.getByRole("link", { name: "Back to the children" }).click();
const home = (page) => page.getByRole("link", { name: "Add your first child" });
const focusedField = (page) => page.evaluate(() => document.activeElement.getAttribute("name"));

/** Opens a hub that is not set up yet. */
async function visitNew(t, options = {}) {
  const { url, hub } = await startFakeHub(t, { door: { setUp: true, demo: false }, names: [], toys: [] });
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, new URL("/", url).href, {
    allow: /40[39]|422|ERR_|Failed to load/, timezoneId: "Europe/Berlin", permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  await page.getByRole("heading", { name: "Welcome to Hutch" }).waitFor();
  return { page, hub, browser, code: hub.accounts.setUp.code };
}

async function fillIn(page, { code, password = GOOD, repeat = password, name = "Anna" }) {
  await label(page, "Set-up code").fill(code);
  await label(page, "Your name").fill(name);
  await label(page, "Your password").fill(password);
  if (repeat !== null) await label(page, "The same once more").fill(repeat);
}

async function goToKey(page, code) {
  await fillIn(page, { code });
  await setUp(page);
  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
}

/** Returns the part of a key that is asked for, as somebody reads it off a sheet. */
function askedPart({ guardian: { key, first } }) {
  const part = key.slice("AGE-SECRET-KEY-1".length).slice(first - 1, first + 7);
  return `${part.slice(0, 4)} ${part.slice(4)}`.toLowerCase();
}

test("a family sets its hub up, with five random words, and checks its key", async (t) => {
  const { page, hub, code } = await visitNew(t);
  await assertAccessible(page, "welcome");
  await page.locator(".start-progress", { hasText: "1 of 4" }).waitFor();
  await label(page, "Set-up code").fill(` ${code.toLowerCase().replaceAll("-", " – ")}`);
  await label(page, "What is your family called? (if you like)").fill("Lindqvist");
  await label(page, "Your name").fill("Anna");

  await page.getByRole("button", { name: "Use five random words instead" }).click();
  const words = page.locator(".offer-words");
  await page.getByRole("button", { name: "Take these words" }).waitFor();
  const first = await words.textContent();
  await page.getByRole("button", { name: "Draw others" }).click();
  await page.waitForFunction((before) => document.querySelector(".offer-words").textContent !== before, first);
  const passphrase = await words.textContent();
  await assertAccessible(page, "words");
  await page.getByRole("button", { name: "Take these words" }).click();
  assert.equal(await label(page, "Your password").inputValue(), passphrase);
  assert.equal(await label(page, "The same once more").isVisible(), false);
  assert.equal(await page.getByLabel("Time zone").inputValue(), "Europe/Berlin");
  await page.getByLabel("Time zone").selectOption("Pacific/Auckland");
  await setUp(page);

  await sees(page, "This key is the only way back if every password is lost. Print it. Hutch keeps no copy.");
  const { accounts } = hub;
  assert.equal(accounts.household, "Lindqvist");
  assert.equal(accounts.timeZone, "Pacific/Auckland");
  assert.equal(accounts.guardian.password, passphrase);
  assert.equal((await page.locator("main .key").textContent()), accounts.guardian.key);
  assert.equal(await focused(page), "Your recovery key");
  await assertAccessible(page, "key");
  await page.getByRole("button", { name: "I have it: go on" }).click();
  const part = page.getByLabel("This part of the key");
  await assertAccessible(page, "check");
  await part.fill("zzzz zzzz");
  await page.keyboard.press("Enter");
  await sees(page, /^That is not what stands there/);
  assert.equal(await focusedField(page), "part");
  await page.getByRole("button", { name: "Look at the key again" }).click();
  assert.equal((await page.locator("main .key").textContent()), accounts.guardian.key);
  await page.getByRole("button", { name: "Back to the check" }).click();
  await part.fill(askedPart(accounts));
  await page.keyboard.press("Enter");

  // A new family has somebody to talk to: it is led there.
  await firstChild(page).waitFor();
  await page.locator(".start-progress", { hasText: "2 of 4" }).waitFor();
  assert.equal(accounts.guardian.checked, true);
  await leave(page);
  await home(page).waitFor();
  assert.equal(await page.locator(".reminder").count(), 0);
  await assertForgotten(page, [passphrase, accounts.guardian.key, accounts.guardian.key.slice(16, 20), code]);
});

test("what the hub refuses is told where it stands, and nothing typed is lost", async (t) => {
  const { page, hub, code } = await visitNew(t);
  await fillIn(page, { code: "0000-0000-0000", password: "password1" });

  await setUp(page);
  await sees(page, "That is not the set-up code of this hub. 9 more tries, then the hub makes a new one.");
  assert.equal(await focusedField(page), "code");
  await assertAccessible(page, "wrong code");
  await label(page, "Set-up code").fill(code);
  await setUp(page);

  await sees(page, "This password is too easy to guess.");
  await sees(page, "This password is short. It needs at least 12 characters.");
  await sees(page, /^Take the five words/);
  assert.equal(await focusedField(page), "new-password");
  assert.equal(await label(page, "Your password").inputValue(), "password1");
  assert.equal(await label(page, "Set-up code").inputValue(), code);
  await assertAccessible(page, "weak");
  const described = await label(page, "Your password").evaluate((input) => input.getAttribute("aria-describedby")
    .split(" ").map((id) => document.getElementById(id).textContent).join(" "));
  assert.match(described, /too easy to guess/);

  await fillIn(page, { code, name: "??" });
  await setUp(page);
  await sees(page, /^A name has 1 to 64 letters/);
  assert.equal(await focusedField(page), "username");
  await label(page, "Your name").fill("Anna");
  await setUp(page);
  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
  assert.equal(hub.accounts.guardian.password, GOOD);
});

test("after ten wrong codes there is a new one", async (t) => {
  const { page, hub } = await visitNew(t);
  hub.accounts.throttle.free = 100;
  hub.accounts.setUp.tries = 2;
  await fillIn(page, { code: "0000-0000-0000" });
  await setUp(page);
  await sees(page, /1 more try,/);

  await setUp(page);

  await sees(page, /^The hub has made a new set-up code/);
  await label(page, "Set-up code").fill(hub.accounts.setUp.code);
  await setUp(page);
  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
});

test("too many wrong codes wait for a while", async (t) => {
  const { page, hub, code } = await visitNew(t, { allow: /403|429/ });
  hub.accounts.throttle = { free: 1, waitS: 2 };
  await fillIn(page, { code: "0000-0000-0000" });
  await setUp(page);
  await sees(page, /9 more tries/);
  await label(page, "Set-up code").fill(code);

  await setUp(page);

  await sees(page, /^There were too many wrong tries/);
  await sees(page, "You can try again now.");
  await setUp(page);
  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
});

test("a password that cannot be seen is typed twice, one that can is not", async (t) => {
  const { page, hub, code } = await visitNew(t);
  await fillIn(page, { code, repeat: "nine purple tractors at dusk" });

  await setUp(page);
  await sees(page, /^These two differ/);
  assert.equal(await focusedField(page), "repeat");
  assert.ok(!hub.requests.includes("POST /api/v1/setup"));
  await page.getByRole("button", { name: "Show: Your password" }).click();
  assert.equal(await label(page, "The same once more").isVisible(), false);
  await setUp(page);

  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
});

test("password managers find what they look for", async (t) => {
  const { page } = await visitNew(t);

  const fields = await page.locator("form").evaluate((form) => [...form.elements]
    .filter((one) => one.matches("input")).map((one) => one.getAttribute("autocomplete")));

  assert.deepEqual(fields, ["one-time-code", "off", "username", "new-password", "new-password"]);
});

test("later means later: home reminds, and the key is checked or made anew from there", async (t) => {
  const { page, hub, code } = await visitNew(t);
  await goToKey(page, code);
  await page.getByRole("button", { name: "Later" }).click();
  await leave(page);
  await home(page).waitFor();
  await sees(page, /^Your recovery key was not checked yet/);
  await assertAccessible(page, "reminder");
  await assertForgotten(page, [hub.accounts.guardian.key, GOOD]);

  await page.getByRole("link", { name: "Check it, or make a new one" }).click();
  await page.getByLabel("This part of the key").fill(askedPart(hub.accounts));
  await page.keyboard.press("Enter");

  await sees(page, "You checked your copy");
  await page.getByRole("link", { name: "Back to the children" }).click();
  await home(page).waitFor();
  assert.equal(await page.locator(".reminder").count(), 0);
});

test("the key stays until it was dealt with, whatever happens meanwhile", async (t) => {
  const { page, hub, code } = await visitNew(t);
  await goToKey(page, code);

  await page.evaluate(() => {
    dispatchEvent(new Event("online"));
    dispatchEvent(new Event("focus"));
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.waitForTimeout(500);

  assert.equal((await page.locator("main .key").textContent()), hub.accounts.guardian.key);
});

for (const [how, away] of Object.entries({
  "the page is loaded again": (page) => page.reload(),
  "the browser is closed": async (page) => {
    const { origin } = new URL(page.url());
    await page.goto("about:blank");
    await page.context().clearCookies();
    await page.goto(`${origin}/`);
  },
})) {
  test(`a set-up that is left at the recovery key is taken up again, when ${how}`, async (t) => {
    const { page, hub, code } = await visitNew(t);
    await goToKey(page, code);
    const { key } = hub.accounts.guardian;

    await away(page);

    if (how.includes("closed")) await signIn(page, { name: "Anna", password: GOOD });
    await home(page).waitFor();
    await sees(page, /^Your recovery key was not checked yet/);
    await assertForgotten(page, [key, GOOD]);

    await page.getByRole("link", { name: "Check it, or make a new one" }).click();
    await page.getByRole("button", { name: "Make a new key" }).click();

    // Where the old one was checked, its form stood in the same place.
    await page.locator("main .key", { hasText: /^AGE-SECRET-KEY-1[0-9A-Z]{58}$/ }).waitFor();
    assert.notEqual(hub.accounts.guardian.key, key);
    assert.equal(await page.locator("main .key").textContent(), hub.accounts.guardian.key);
  });
}

test("the key can be copied, by the button and by hand", async (t) => {
  const { page, hub, code } = await visitNew(t);
  await goToKey(page, code);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());

  await page.getByRole("button", { name: "Copy" }).click();
  await sees(page, /^Copied\./);
  assert.equal(await clipboard(), hub.accounts.guardian.key);
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await page.evaluate(() => getSelection().selectAllChildren(document.querySelector("main .key")));
  await page.keyboard.press("Control+C");

  assert.equal(await clipboard(), hub.accounts.guardian.key);
});

test("the sheet is printed alone, with the key, the family, the day and what it is for", async (t) => {
  const { page, hub, code } = await visitNew(t, { colorScheme: "dark" });
  await page.evaluate(() => { globalThis.print = () => { globalThis.printed = true; }; });
  await label(page, "What is your family called? (if you like)").fill("Donaudampfschifffahrtskapitänsfamilie");
  await goToKey(page, code);
  await page.getByRole("button", { name: "Print" }).click();
  assert.equal(await page.evaluate(() => globalThis.printed), true);

  await page.emulateMedia({ media: "print" });

  const printed = await page.locator(".sheet").innerText();
  assert.equal(await page.locator("main").isVisible(), false);
  assert.equal(printed.replace(/\s/g, "").includes(hub.accounts.guardian.key), true);
  assert.match(printed, /Donaudampfschifffahrtskapitänsfamilie, \d+ \w+ \d{4}/);
  assert.match(printed, /opens the household if every password is lost/);
  assert.equal(await page.locator(".sheet .qr").count(), 1);
  await screenshot(page, "print-recovery-key");
});

test("a hub that somebody else set up meanwhile leads to the sign-in", async (t) => {
  const { page, hub, code } = await visitNew(t);
  await fillIn(page, { code });
  hub.accounts.setUp = null;
  hub.accounts.add("Berta", GOOD);

  await setUp(page);

  await sees(page, /^This hub is set up already/);
  await assertForgotten(page, [GOOD]);
});

test("a hub that does not answer costs nothing of what was typed", async (t) => {
  const { page, code } = await visitNew(t);
  await page.route("**/setup", (route) => route.abort(), { times: 1 });
  await page.route("**/passphrase", (route) => route.abort(), { times: 1 });
  await page.getByRole("button", { name: "Use five random words instead" }).click();
  await sees(page, "Hutch is not answering.");
  await fillIn(page, { code });
  await setUp(page);
  await sees(page, /What you typed is still here/);
  await assertAccessible(page, "no answer");

  await setUp(page);

  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
});

test("everything goes by keyboard alone", async (t) => {
  const { page, hub, code } = await visitNew(t);
  const tabTo = async (name) => {
    for (let n = 0; n < 30 && await page.evaluate(() => {
      const { activeElement: it } = document;
      return it.labels?.[0]?.textContent ?? it.getAttribute("aria-label") ?? it.textContent;
    }) !== name; n += 1) await page.keyboard.press("Tab");
  };
  await tabTo("Set-up code");
  await page.keyboard.type(code);
  await tabTo("Your name");
  await page.keyboard.type("Anna");
  await tabTo("Use five random words instead");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.textContent === "Take these words");
  await page.keyboard.press("Enter");
  assert.equal(await focusedField(page), "new-password");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
  await tabTo("I have it: go on");
  await page.keyboard.press("Enter");
  await tabTo("This part of the key");
  await page.keyboard.type(askedPart(hub.accounts));
  await page.keyboard.press("Enter");

  await firstChild(page).waitFor();
});

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 480 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`the welcome at ${width} px, ${colorScheme}`, async (t) => {
      const { page, code } = await visitNew(t, { viewport, colorScheme });
      const look = async (name) => {
        await assertMeasures(page, name);
        await assertAccessible(page, name);
        await screenshot(page, `${width}-${colorScheme}-${name}`);
      };
      await look("welcome");
      await fillIn(page, { code, password: "password", name: "Donaudampfschifffahrtskapitän" });
      await page.getByRole("button", { name: "Use five random words instead" }).click();
      await page.getByRole("button", { name: "Take these words" }).waitFor();
      await setUp(page);
      await sees(page, "This password is too easy to guess.");
      await look("welcome-weak");
      await fillIn(page, { code });
      await setUp(page);
      await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
      await look("recovery-key");
      await page.getByRole("button", { name: "I have it: go on" }).click();
      await page.getByLabel("This part of the key").waitFor();
      await look("recovery-key-check");
      await page.getByRole("button", { name: "Later" }).click();
      await leave(page);
      await page.locator(".reminder").waitFor();
      await look("home-reminder");
    });
  }
}
