// What needs a guardian's care, and the token for figures.

import assert from "node:assert/strict";
import { test } from "node:test";

import { backupPlace } from "../fake-backups.mjs";
import { finding } from "../fake-care.mjs";
import { DESK, PHONE, assertAccessible, assertMeasures, screenshot } from "./support.mjs";
import { visitAsRuth, visitFamily } from "./family.mjs";
import { live } from "./visit.mjs";

const goTo = (page, hash) => page.evaluate((to) => { location.hash = to; }, hash);
const part = (page, title) => page.locator("section.you-section", { has: page.getByRole("heading", { name: title }) });
const hubPart = (page) => part(page, "The hub and its computer");
const backupPart = (page) => part(page, "Backups");
const meterPart = (page) => part(page, "Figures for another program");

async function visitCare(t, options = {}) {
  const family = await visitFamily(t, options);
  await live(family.page);
  await goTo(family.page, "#/care");
  await hubPart(family.page).getByRole("button", { name: "Look again" }).waitFor();
  return family;
}

test("a guardian sees how the hub is, looks again, and is told what to do first", async (t) => {
  const { page, hub } = await visitCare(t);
  await hubPart(page).getByText("Everything is as it should be.").waitFor();
  await hubPart(page).getByText("There is room: 25.2 GB are free (81 %).").waitFor();
  await hubPart(page).getByText(/first look/).waitFor();
  assert.equal(await hubPart(page).getByText(/can be read/).count(), 0);

  hub.care.atLook.push(finding("card", "worn", "mind", {}, true));
  hub.care.findings[0] = finding("room", "short", "ails", { mib: 300, percent: 3 });
  await hubPart(page).getByRole("button", { name: "Look again" }).click();

  await hubPart(page).getByText("2 things need your care.").waitFor();
  await hubPart(page).getByText("Everything that is kept can be read (3.1 MB).").waitFor();
  await hubPart(page).getByText(/^Hutch last looked at everything: /).waitFor();
  const first = hubPart(page).getByRole("listitem").first();
  await first.getByText(/nearly full \(314.6 MB, 3 %\)/).waitFor();
  await first.getByText(/Erase recordings or messages/).waitFor();
  assert.equal(hub.care.looks, 1);
  await assertAccessible(page, "care");
});

test("what is found while somebody looks stands there by itself, and the focus stays", async (t) => {
  const { page, hub } = await visitCare(t, {
    prepare: ({ hub: house }) => { house.backups.places = [backupPlace("/media/hutch")]; },
  });
  const again = hubPart(page).getByRole("button", { name: "Look again" });
  await backupPart(page).getByText("Backups go to /media/hutch. None is there yet.").waitFor();
  await again.focus();
  hub.care.findings[0] = finding("room", "short", "ails", { mib: 300, percent: 3 });
  hub.backups.places[0].fails_since = hub.accounts.now();
  hub.care.tell();
  await hubPart(page).getByText(/nearly full \(314.6 MB, 3 %\)/).waitFor();
  await page.locator("#care-call:not([hidden])").waitFor({ state: "attached" });
  await backupPart(page).getByText(/^No backup could be made in \/media\/hutch/).waitFor();
  assert.equal(await again.evaluate((button) => button === document.activeElement), true);

  hub.care.findings[0] = finding("room", "enough", "good", { mib: 24_000, percent: 81 });
  hub.care.tell();
  await hubPart(page).getByText("Everything is as it should be.").waitFor();
});

test("whoever came for something else is called when something is wrong, and not when all is well", async (t) => {
  const { page, hub } = await visitFamily(t, {
    prepare: ({ hub: house }) => house.care.findings.push(finding("database", "damaged", "ails")),
  });
  await page.getByRole("link", { name: /The hub needs your care/ }).click();
  await hubPart(page).getByText("What is kept is damaged.").waitFor();

  hub.care.findings.pop();
  await hubPart(page).getByRole("button", { name: "Look again" }).click();
  await hubPart(page).getByText("Everything is as it should be.").waitFor();
  assert.equal(await page.locator("#care-call").isVisible(), false);
});

test("a relative is shown nothing of it, and asks for nothing", async (t) => {
  const { hub, url, browser } = await visitFamily(t);
  hub.care.findings.push(finding("database", "damaged", "ails"));
  const asked = [];
  const ruth = await visitAsRuth(t, browser, url);
  ruth.on("request", (request) => { if (request.url().includes("/v1/care")) asked.push(request.url()); });
  await goTo(ruth, "#/care");
  await ruth.waitForTimeout(5_000);

  assert.deepEqual(asked, []);
  assert.equal(await ruth.locator("#care-call").isVisible(), false);
});

test("a token for figures is made with the password, shown once, and taken back", async (t) => {
  const { page, hub } = await visitCare(t);
  await meterPart(page).getByText("There is no token, so nobody is told.").waitFor();
  hub.accounts.sessions.forEach((session) => { session.confirmed = 0; });

  await meterPart(page).getByRole("button", { name: "Make a token" }).click();
  await meterPart(page).getByLabel("Your password", { exact: true }).fill(hub.accounts.guardian.password);
  await meterPart(page).getByRole("button", { name: "Make a token" }).click();
  await meterPart(page).getByText(/shown once/).waitFor();
  const shown = await meterPart(page).locator(".secret").textContent();
  assert.equal(shown, hub.care.meter.token);
  await assertAccessible(page, "token");
  await meterPart(page).getByRole("button", { name: "Copy" }).click();
  await meterPart(page).getByText("The token is copied.").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), shown);

  await meterPart(page).getByRole("button", { name: "I have kept it" }).click();
  await meterPart(page).getByText(/and has not been used/).waitFor();
  assert.equal((await page.content()).includes(shown), false, "it is nowhere in the page any more");
  await meterPart(page).getByRole("button", { name: "Take it back" }).click();
  await meterPart(page).getByText("There is no token, so nobody is told.").waitFor();
  assert.equal(hub.care.meter, null);
});

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 480 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`care at ${width} px, ${colorScheme}`, async (t) => {
      const { page } = await visitCare(t, {
        viewport, colorScheme,
        prepare({ hub }) {
          hub.care.lookedAt = hub.accounts.now() - 3_600;
          hub.care.findings[0] = finding("room", "short", "ails", { mib: 300, percent: 3 });
          hub.care.findings[2] = finding("bluetooth", "off", "ails", {}, false);
          hub.care.atLook.push(finding("service", "unguarded", "mind"));
        },
      });
      await page.evaluate(async () => (await import("/js/language.js")).chooseLanguage("de"));
      await page.reload();
      await page.getByRole("button", { name: "Noch einmal nachsehen" }).waitFor();
      await assertMeasures(page, "care");
      await assertAccessible(page, "care");
      await screenshot(page, `${width}-${colorScheme}-care`, { fullPage: true });
      await page.locator(".findings li").last().scrollIntoViewIfNeeded();
      await screenshot(page, `${width}-${colorScheme}-care-end`);
    });
  }
}

test("a guardian sees what backups there are, and has one made", async (t) => {
  const { page, hub } = await visitCare(t);
  await backupPart(page).getByText("/media/hutch is not there. Is the stick plugged in?").waitFor();
  await backupPart(page).getByText(/Give a USB stick the name HUTCH/).waitFor();
  assert.equal(await backupPart(page).getByRole("button").count(), 0);

  hub.backups.places = [backupPlace("/media/hutch"), backupPlace("/mnt/share", { there: false })];
  await page.reload();
  await backupPart(page).getByText("Backups go to /media/hutch. None is there yet.").waitFor();
  await assertAccessible(page, "backups");
  await backupPart(page).getByRole("button", { name: "Make a backup now" }).press("Enter");
  await backupPart(page).getByText("A backup is being made.").waitFor();
  await backupPart(page).getByText(/^The latest is of .*, and has 4\.2 MB\.$/).waitFor();

  assert.equal(hub.backups.asked, 1);
  assert.equal(await backupPart(page).getByText("A backup is being made.").count(), 0);
  await backupPart(page).getByText(/recovery key/).waitFor();
});

test("a guardian erases the household from before a restore", async (t) => {
  const { page, hub } = await visitCare(t);
  assert.equal(await backupPart(page).getByText(/was here before/).count(), 0);
  hub.backups.replaced = { bytes: 7_000_000, goes_at: hub.accounts.now() + 30 * 24 * 3_600 };
  await page.reload();
  await backupPart(page).getByText(/was here before .* is kept beside it, 7 MB\. What you erased/).waitFor();
  await backupPart(page).getByRole("button", { name: "Erase the household that was here before" }).click();
  await assertAccessible(page, "replaced");
  await assertMeasures(page, "replaced");
  await screenshot(page, "care-replaced", { fullPage: true });
  const asking = backupPart(page).getByRole("group", { name: "Erase the household that was here before" });
  await asking.getByRole("button", { name: "Erase it now" }).click();

  await backupPart(page).getByText(/was here before/).waitFor({ state: "detached" });
  assert.equal(hub.backups.replaced, null);
});
