// A family's week in one walk, against the real program: a relative comes in, is heard first, hears what
// is shared, is paused and comes back; a child's screen plays and records.

import assert from "node:assert/strict";
import { test } from "node:test";

import { goHome, missing, openPage, readQr, sees, startBrowser, startHub } from "./support.mjs";
import { ALLOWED, RUTH, follow, label, region, tap } from "./family.mjs";
import { chooseFile, inPhase, openMia, send, wavFile } from "./visit.mjs";

const PASSWORD = "quartz-lantern-pickle";
const NEW_PASSWORD = "another-lantern-pie-quartz";
const back = (page) => page.getByRole("link", { name: "Back to the children" }).click();
const openPeople = (page) => page.getByRole("link", { name: "People" }).click();
const theirs = (page) => page.locator(".bubble-theirs");

async function say(page, seconds) {
  await chooseFile(page, wavFile(seconds));
  await inPhase(page, "review");
  await send(page).click();
}

/** Takes the link that stands there, and leaves it. */
async function takeLink(page) {
  const link = await page.locator(".invite-link").textContent();
  await tap(page, "Done");
  return link;
}

async function comeIn(guest, password) {
  await label(guest, "Your password").fill(password);
  await label(guest, "The same once more").fill(password);
  await tap(guest, "Come in");
  await openMia(guest);
}

test("a relative and a child's screen live with the household", { skip: missing() ?? false }, async (t) => {
  const { url } = await startHub(t);
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, url, { allow: ALLOWED });
  await goHome(page);

  await openPeople(page);
  await tap(page, "Invite a relative");
  await region(page, "Relatives").getByLabel("Name", { exact: true }).fill(RUTH.name);
  await region(page, "Relatives").getByText("Mia", { exact: true }).click();
  await region(page, "Relatives").getByLabel("Messages a day for Mia").fill("2");
  await tap(page, "Make the invitation");
  // A camera reads from the screen what stands beside it.
  assert.equal(await readQr(t, browser, page.locator(".qr")), await page.locator(".invite-link").textContent());
  const guest = await follow(t, browser, await takeLink(page));
  await comeIn(guest, PASSWORD);
  await say(guest, 3);
  await sees(guest, "A guardian of Mia listens first.");

  await back(page);
  await page.locator("#waiting-link").click();
  await sees(page, "Ruth, for Mia");
  await page.locator(".approvals").getByRole("button", { name: /^Play/ }).click();
  await page.locator(".approvals").getByRole("button", { name: /^Pause/ }).waitFor();
  await tap(page, "Decline");
  await sees(guest, "Not delivered");
  await tap(page, "Let it through after all");
  await sees(guest, /^(On its way to Mia’s toy|Goes to Mia’s toy|It is there)/);

  await say(guest, 2);
  await inPhase(guest, "idle");
  await say(guest, 2);
  await sees(guest, /^2 messages a day are agreed, and today’s are sent/);
  await tap(guest, "Discard");
  await guest.locator(".bubble").nth(1).getByRole("button", { name: "Take back" }).click();
  await sees(guest, "Taken back");

  await back(page);
  await openPeople(page);
  await tap(page, "Add a screen");
  await region(page, "Child screens").getByLabel("Which device is it?").fill("Kitchen tablet");
  await tap(page, "Make the link");
  await page.emulateMedia({ colorScheme: "dark" });
  assert.equal(await readQr(t, browser, page.locator(".qr")), await page.locator(".invite-link").textContent());
  const tablet = await follow(t, browser, await takeLink(page));
  await tap(tablet, "This is Mia’s screen");
  await tablet.getByRole("button", { name: /^Hear/ }).waitFor();
  await back(page);
  await openMia(page);
  await say(page, 1);
  await tablet.getByRole("button", { name: "Hear 1 new message" }).click();
  await tablet.getByRole("button", { name: "Stop", exact: true }).waitFor();
  await tablet.getByRole("button", { name: "Hear the last messages again" }).waitFor();
  await tap(tablet, "Say something");
  await tablet.getByRole("button", { name: "Stop and send" }).waitFor();
  await tablet.waitForTimeout(1_500);
  await tap(tablet, "Stop and send");
  await tablet.getByRole("button", { name: /^Sent/ }).waitFor();

  await theirs(page).getByText("on Kitchen tablet").waitFor();
  await theirs(page).getByRole("button", { name: "Share", exact: true }).click();
  await tap(page, "Ruth");
  await theirs(guest).getByRole("button", { name: /^Play/ }).click();
  await theirs(guest).getByRole("button", { name: /^Pause/ }).waitFor();
  await tap(page, "Ruth");
  await theirs(guest).waitFor({ state: "detached" });
  await tap(page, "Ruth");
  await theirs(guest).waitFor();

  await back(page);
  await openPeople(page);
  await tap(page, "Pause Ruth");
  await guest.getByRole("heading", { name: "Sign in again" }).waitFor();
  await label(guest, "Password").fill(PASSWORD);
  await tap(guest, "Sign in");
  await sees(guest, "A guardian has paused this account. Ask them.");
  await tap(page, "Let in again: Ruth");
  await region(page, "Relatives").getByText(/^Signs in as “ruth”/).waitFor();
  await tap(guest, "Sign in");
  await guest.locator(".door").waitFor({ state: "hidden" });
  await theirs(guest).waitFor();

  await tap(page, "New link for Ruth");
  await tap(page, "Make a new link");
  const again = await follow(t, browser, await takeLink(page));
  await comeIn(again, NEW_PASSWORD);
  await theirs(again).waitFor();
  assert.equal(await again.locator(".bubble").count(), 3, "what she sent and what was shared goes over");

  await tap(page, "Remove Ruth");
  await tap(page, "Remove for good");
  await again.getByRole("heading", { name: "Sign in again" }).waitFor();
  await tap(page, "Remove Kitchen tablet");
  await tap(page, "Remove this screen");
  await sees(tablet, /^This is not a child’s screen any more/);
  await back(page);
  await openMia(page);
  await page.locator(".bubble-name", { hasText: "A removed relative" }).first().waitFor();
});
