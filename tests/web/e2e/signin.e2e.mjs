// The door: who is let in, who must wait, and that a page goes on where it was.

import assert from "node:assert/strict";
import { test } from "node:test";

import { totpNow } from "../fake-accounts.mjs";
import { FakeHub } from "../fake-hub.mjs";
import {
  DESK, PHONE, assertAccessible, assertForgotten, assertMeasures, openAnother, openPage, screenshot, sees, signIn,
  startBrowser, startFakeHub,
} from "./support.mjs";
import { chooseFile, focused, inPhase, messages, openMia, record, recorded, send, visitMia, wavFile } from "./visit.mjs";

const SECRET = "JBSWY3DPEHPK3PXP";
const mia = (page) => page.getByRole("link", { name: /^Mia/ });
const signInHeading = (page) => page.getByRole("heading", { name: "Sign in to Hutch" });
const signInAgain = (page) => page.getByRole("heading", { name: "Sign in again" });
const label = (page, name) => page.locator(".door").getByLabel(name, { exact: true });
const press = (page) => page.getByRole("button", { name: "Sign in", exact: true }).click();

/** Opens the door of a hub in a browser that is not signed in. */
async function visitDoor(t, { door, ...options } = {}) {
  const started = await startFakeHub(t, { door });
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, new URL("/", started.url).href, { allow: /40[139]|429/, ...options });
  return { page, browser, ...started };
}

test("a name and a password let one in, and leave nothing behind", async (t) => {
  const { page, name, password } = await visitDoor(t);
  await signInHeading(page).waitFor();
  await assertAccessible(page, "sign in");

  await signIn(page, { name, password: "something else" });
  await sees(page, /^Name and password do not fit together/);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("name")), "password");
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), name);
  await assertAccessible(page, "wrong password");
  await signIn(page, { name: ` ${name.toLowerCase()} `, password });

  await mia(page).waitFor();
  await page.locator(".door").waitFor({ state: "hidden" });
  await assertForgotten(page, [password, "something else"]);
});

test("what is missing is told before the hub is asked", async (t) => {
  const { page, hub } = await visitDoor(t);

  await press(page);

  await sees(page, "Type the name that you sign in with.");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("name")), "username");
  assert.ok(!hub.requests.includes("POST /api/v1/sessions"));
});

test("password managers find what they look for", async (t) => {
  const { page } = await visitDoor(t);
  await signInHeading(page).waitFor();

  const fields = await page.locator("form").evaluate((form) => [...form.elements]
    .filter((one) => one.matches("input")).map((one) => one.getAttribute("autocomplete")));

  assert.deepEqual(fields, ["username", "current-password", "one-time-code"]);
});

test("a password can be shown and hidden", async (t) => {
  const { page } = await visitDoor(t);
  const input = page.getByLabel("Password", { exact: true });

  await page.getByRole("button", { name: "Show: Password" }).click();
  assert.equal(await input.getAttribute("type"), "text");
  await page.getByRole("button", { name: "Hide: Password" }).click();
  assert.equal(await input.getAttribute("type"), "password");
});

test("an address that was used already says so, and where the password stands", async (t) => {
  const { url, hub, name, password } = await startFakeHub(t, { door: { oneTime: true } });
  const browser = await startBrowser(t);
  await mia(await openPage(t, browser, url)).waitFor();

  const page = await openPage(t, browser, url);
  await sees(page, /used already, or is from another run.*name and the password in the terminal/);
  await assertAccessible(page, "used");
  await signIn(page, { name, password });

  await mia(page).waitFor();
  assert.equal(new URL(page.url()).hash, "");
  const third = await openAnother(t, browser, { url, name, password });
  await mia(third).waitFor();
  assert.equal(hub.accounts.sessions.length, 3);
});

test("a browser that another tab signs in notices when one comes back to it", async (t) => {
  const { page, url } = await visitDoor(t);
  await signInHeading(page).waitFor();
  const other = await page.context().newPage();
  await other.goto(url);
  await mia(other).waitFor();

  await page.evaluate(() => { dispatchEvent(new Event("focus")); });

  await mia(page).waitFor();
});

test("a session that ends leads to the sign-in at once, and what was recorded is sent after it", async (t) => {
  const { page, hub } = await visitMia(t, { viewport: DESK });
  await chooseFile(page, wavFile(3));
  await send(page).focus();

  hub.signOut();
  await signInAgain(page).waitFor();
  assert.equal(await page.locator(".room").isVisible(), false, "nobody reads along");
  await assertAccessible(page, "signed out over a page");
  await screenshot(page, "1280-light-signed-out");
  await signIn(page, hub.accounts.guardian);

  await inPhase(page, "review");
  assert.equal(await focused(page), "Send to Mia");
  await page.keyboard.press("Enter");
  await sees(page, "Bentley’s heart is blinking");
  assert.equal(messages(hub), 1);
});

test("the page follows the hub again after signing in", async (t) => {
  const { page, hub } = await visitMia(t);
  await sees(page, "Nothing yet.");
  hub.signOut();
  await signInAgain(page).waitFor();
  const [child] = hub.children;
  hub.add(child, "recording", FakeHub.tone(), { quiet: true });

  await signIn(page, hub.accounts.guardian);

  await page.locator(".bubble-theirs").waitFor();
  hub.add(child, "recording", FakeHub.tone());
  await page.locator(".bubble-theirs").nth(1).waitFor();
  await page.locator(".banner").waitFor({ state: "hidden" });
});

test("a hub that comes back without its sessions leads to the sign-in, and says nothing else", async (t) => {
  const { page, hub } = await visitMia(t, { allow: /401|ERR_|Failed to load/ });
  await sees(page, "Nothing yet.");
  await hub.close();
  await sees(page, "Hutch is not answering.");
  hub.accounts.sessions = [];

  await hub.listen();

  await signInAgain(page).waitFor();
  await page.locator(".banner").waitFor({ state: "hidden" });
  assert.equal(await label(page, "Name").inputValue(), "Anna");
  assert.equal(await page.title(), "Hutch");
  await signIn(page, hub.accounts.guardian);
  await sees(page, "Nothing yet.");
  assert.equal(await page.title(), "Mia · Hutch");
});

test("a message that meets a closed door stays, and goes at the next tap", async (t) => {
  const { page, hub } = await visitMia(t, { allow: /401/ });
  await chooseFile(page, wavFile(3));
  hub.signOut({ quietly: true });

  await send(page).click();
  await signInAgain(page).waitFor();
  await signIn(page, hub.accounts.guardian);

  await sees(page, "This browser was no longer signed in. Your recording is still here.");
  await page.getByRole("button", { name: "Try again" }).click();
  await sees(page, "Bentley’s heart is blinking");
});

test("whoever is speaking is not interrupted", async (t) => {
  const { page, hub } = await visitMia(t);
  await record(page).click();
  await inPhase(page, "recording");

  hub.signOut();
  await recorded(page, 1_500);
  assert.equal(await signInAgain(page).isVisible(), false);
  await page.getByRole("button", { name: "Stop recording" }).click();

  await signInAgain(page).waitFor();
  await signIn(page, hub.accounts.guardian);
  await inPhase(page, "review");
});

test("somebody else who signs in finds nothing of the one before", async (t) => {
  const { page, hub } = await visitMia(t);
  hub.accounts.add("Berta", "another-five-words-that-nobody-knows");
  await chooseFile(page, wavFile(3));
  await inPhase(page, "review");
  hub.signOut();
  await signInAgain(page).waitFor();

  await signIn(page, { name: "Berta", password: "another-five-words-that-nobody-knows" });

  await page.getByRole("link", { name: /Berta/ }).waitFor();
  await openMia(page);
  await inPhase(page, "idle");
});

test("the second step takes a code of the app, and each code once", async (t) => {
  const { page, hub, name, password, browser, url } = await visitDoor(t);
  hub.accounts.guardian.totp = SECRET;
  await signIn(page, { name, password });
  const code = page.getByLabel("Code of your app");
  await code.waitFor();
  assert.equal(await focused(page), "");
  await assertAccessible(page, "second step");
  await code.fill("12 34 56");
  await press(page);
  await sees(page, /^That code is not right/);

  const right = totpNow(SECRET);
  await code.fill(`${right.slice(0, 3)} ${right.slice(3)}`);
  await press(page);
  await mia(page).waitFor();

  const other = await openAnother(t, browser, { url, name, password }, { allow: /401/ });
  await other.getByLabel("Code of your app").fill(right);
  await press(other);
  await sees(other, /used already/);
  await assertForgotten(page, [password, right]);
});

test("a lost phone is no dead end: a recovery code does, once", async (t) => {
  const { page, hub, name, password } = await visitDoor(t);
  Object.assign(hub.accounts.guardian, { totp: SECRET, codes: ["9CM4-RNKJ-9R0T"] });
  await signIn(page, { name, password });
  await page.getByRole("button", { name: "Use a recovery code" }).click();

  await page.getByLabel("Recovery code").fill("9cm4 rnkj 9rOt");
  await press(page);

  await mia(page).waitFor();
  assert.deepEqual(hub.accounts.guardian.codes, []);
});

test("a hub that does not know the time says what it thinks", async (t) => {
  const { page, hub, name, password } = await visitDoor(t);
  Object.assign(hub.accounts.guardian, { totp: SECRET, codes: ["9CM4-RNKJ-9R0T"] });
  Object.assign(hub.accounts, { clockTrusted: false, skewS: -40 * 86_400 });
  await signIn(page, { name, password });
  await page.getByLabel("Code of your app").fill("123456");

  await press(page);

  await sees(page, /the hub is not sure of it: its clock says \d+ \w+, \d+:\d+/);
  await assertAccessible(page, "clock");
});

test("too many tries wait for a while, and it goes on by itself", async (t) => {
  const { page, hub, name, password } = await visitDoor(t);
  hub.accounts.throttle = { free: 2, waitS: 3 };
  for (let n = 0; n < 2; n += 1) {
    await signIn(page, { name, password: `wrong ${n}` });
    await sees(page, /^Name and password do not fit/);
  }

  await signIn(page, { name, password });
  await sees(page, /^There were too many wrong tries\. You can try again in [23] seconds\.$/);
  await assertAccessible(page, "wait");
  await sees(page, "You can try again now.");
  await press(page);

  await mia(page).waitFor();
});

test("a hub that takes long says so after a second, and lets one out after ten", async (t) => {
  const { page, hub, name, password } = await visitDoor(t, { clock: true });
  hub.faults.push({ match: /sessions$/, silent: true });
  await signIn(page, { name, password });
  await page.clock.runFor(1_000);
  await sees(page, "Checking the password …");

  await page.clock.runFor(9_000);
  await page.getByRole("button", { name: "Stop waiting" }).click();

  await sees(page, /^You stopped waiting/);
  assert.equal(await focused(page), "Sign in");
  await press(page);
  await mia(page).waitFor();
});

test("a hub that does not answer at the door is asked again", async (t) => {
  const { url, hub } = await startFakeHub(t);
  hub.faults.push({ match: /door$/, status: 0 });

  const page = await openPage(t, await startBrowser(t), url, { allow: /ERR_|Failed to load/ });

  await mia(page).waitFor();
});

test("a forgotten password is told the truth", async (t) => {
  const { page } = await visitDoor(t, { door: { demo: false } });
  await page.getByText("Forgotten your password?").click();

  await sees(page, /^Another guardian invites you again.*your old one stays taken/);
  await sees(page, /^Hutch has no back door/);
  await assertAccessible(page, "forgotten");
});

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 480 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`the door at ${width} px, ${colorScheme}`, async (t) => {
      const { page, hub, name, password } = await visitDoor(t, { viewport, colorScheme, reducedMotion: "reduce" });
      hub.accounts.guardian.totp = SECRET;
      await signInHeading(page).waitFor();
      await look(page, `${width}-${colorScheme}-signin`);
      await signIn(page, { name, password: "no" });
      await sees(page, /^Name and password do not fit/);
      await look(page, `${width}-${colorScheme}-signin-wrong`);
      await signIn(page, { name, password });
      await page.getByLabel("Code of your app").waitFor();
      await look(page, `${width}-${colorScheme}-signin-totp`);
    });
  }
}

async function look(page, name) {
  await assertMeasures(page, name);
  await assertAccessible(page, name);
  await screenshot(page, name);
}
