// Guardians: invited, let in once, and let in again who lost the password but not the key.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  DESK, PHONE, assertAccessible, assertForgotten, openPage, screenshot, sees, signIn, startBrowser, startFakeHub,
} from "./support.mjs";

const PASSWORD = "lantern-orbit-pickle-meadow-cobalt";
const guardians = (page) => page.getByRole("region", { name: "Guardians" });
const label = (page, name) => page.locator(".door").getByLabel(name, { exact: true });

async function visitPeople(t, options = {}) {
  const started = await startFakeHub(t, { door: { demo: false } });
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, started.url, { allow: /40[1349]|422|429/, ...options });
  await page.getByRole("link", { name: /Anna/ }).first().click();
  await guardians(page).getByText("Signs in as").first().waitFor();
  return { page, browser, ...started };
}

async function makeLink(page) {
  await guardians(page).getByRole("button", { name: "Invite another guardian" }).click();
  return page.locator(".invite-link").textContent();
}

for (const [size, viewport] of [["phone", PHONE], ["desk", DESK]]) {
  test(`somebody who is invited comes in once, ${size}`, async (t) => {
    const { page, browser, hub } = await visitPeople(t, { viewport });

    const link = await makeLink(page);
    await assertAccessible(page, "the link");
    await screenshot(page, `people-link-${size}`);
    const guest = await openPage(t, browser, link, { allow: /40[1349]|422/, viewport });
    await guest.getByRole("heading", { name: "You are invited to Hutch" }).waitFor();
    assert.equal(new URL(guest.url()).hash, "", "the invitation is not left in the address");
    await label(guest, "Your name").fill("anna");
    await label(guest, "Your password").fill(PASSWORD);
    await label(guest, "The same once more").fill(PASSWORD);
    await assertAccessible(guest, "the invitation");
    await screenshot(guest, `people-join-${size}`);
    await guest.getByRole("button", { name: "Come in" }).click();
    await guest.getByText("Somebody here has that name already.").waitFor();
    await label(guest, "Your name").fill("Ben");
    await guest.getByRole("button", { name: "Come in" }).click();
    await guest.getByRole("link", { name: /^Mia/ }).waitFor();
    await assertForgotten(guest, [PASSWORD]);

    assert.deepEqual(hub.accounts.accounts.map(({ name }) => name), ["Anna", "Ben"]);
    await guardians(page).getByRole("button", { name: "Done" }).click();
    await guardians(page).getByText("Ben", { exact: true }).waitFor();
    const late = await openPage(t, browser, link, { allow: /40[14]/, viewport });
    await late.getByText("This invitation was used, has ended or was taken back.").waitFor();
    await late.getByRole("button", { name: "Go to the sign-in" }).click();
    await late.getByRole("heading", { name: "Sign in to Hutch" }).waitFor();
  });
}

test("an invitation can be taken back", async (t) => {
  const { page, hub } = await visitPeople(t);
  await makeLink(page);
  await guardians(page).getByRole("button", { name: "Done" }).click();

  await guardians(page).getByText("Good for 60 minutes more").waitFor();
  await assertAccessible(page, "guardians");
  await guardians(page).getByRole("button", { name: /^Take back/ }).click();
  await guardians(page).getByText("Open invitations:").waitFor({ state: "detached" });

  assert.equal(hub.accounts.invites.length, 0);
});

test("an invitation needs the password once more after a while", async (t) => {
  const { page, hub, password } = await visitPeople(t);
  hub.accounts.sessions[0].confirmed = 0;

  await guardians(page).getByRole("button", { name: "Invite another guardian" }).click();
  await guardians(page).getByLabel("Your password", { exact: true }).fill(password);
  await guardians(page).getByRole("button", { name: "Make an invitation" }).click();

  await page.locator(".invite-link").waitFor();
});

test("who is signed in already may go on as before", async (t) => {
  const { page } = await visitPeople(t);
  const link = await makeLink(page);
  await guardians(page).getByRole("button", { name: "Done" }).click();

  await page.evaluate((address) => { location.hash = new URL(address).hash; }, link);
  await page.getByRole("button", { name: "Go on as Anna" }).click();

  await page.locator(".door").waitFor({ state: "hidden" });
});

test("the recovery key gives a new password, and a new key", async (t) => {
  const { url, hub, name } = await startFakeHub(t, { door: { demo: false } });
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, new URL("/", url).href, { allow: /40[1349]|422/ });
  const key = hub.accounts.guardian.key;
  await page.getByText("Forgotten your password?").click();
  await page.getByRole("button", { name: "Use the recovery key" }).click();
  await label(page, "Your name").fill(name);
  await label(page, "Recovery key").fill(key.replace("Q", "P").replace("7", "8"));
  await label(page, "Your new password").fill(PASSWORD);
  await label(page, "The same once more").fill(PASSWORD);
  await page.getByRole("button", { name: "Change my password" }).click();
  await page.getByText("Name and recovery key do not fit together.").waitFor();
  await assertAccessible(page, "a wrong recovery key");
  await screenshot(page, "recover-phone");

  await label(page, "Recovery key").fill(key.toLowerCase().replace(/(.{8})/g, "$1 "));
  await page.getByRole("button", { name: "Change my password" }).click();
  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
  assert.notEqual(hub.accounts.guardian.key, key);
  await page.getByRole("button", { name: "Later" }).click();
  await page.getByRole("link", { name: /^Mia/ }).waitFor();

  await assertForgotten(page, [PASSWORD, hub.accounts.guardian.key]);
  hub.signOut({ quietly: true });
  await page.reload();
  await signIn(page, { name, password: PASSWORD });
  await sees(page, /Mia/);
});
