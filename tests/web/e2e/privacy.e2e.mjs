// Privacy in numbers, the notice that is made of what is set, and what no hub can stop.

import assert from "node:assert/strict";
import { test } from "node:test";

import { backupPlace } from "../fake-backups.mjs";
import { FakeHub } from "../fake-hub.mjs";
import { DESK, PHONE, assertAccessible, assertMeasures, screenshot, sees } from "./support.mjs";
import { visitAsRuth, visitFamily } from "./family.mjs";
import { live } from "./visit.mjs";

const goTo = (page, hash) => page.evaluate((to) => { location.hash = to; }, hash);
const table = (page, name) => page.getByRole("table", { name, exact: true });
const row = (page, name, first) => table(page, name).getByRole("row", { name: new RegExp(`^${first}`) });
const numbers = (page) => page.locator("section", { has: page.getByRole("heading", { name: "What is kept, in numbers" }) });

/** Fills a household: two recordings and a message for Mia, one of them shared with Ruth, one of hers. */
function fill({ hub, ruth }) {
  const [mia] = hub.children;
  hub.add(mia, "recording", FakeHub.tone(4), { shared_with: [ruth.id] });
  hub.add(mia, "recording", FakeHub.tone(2));
  hub.add(mia, "message", FakeHub.tone(3), { from: ruth.id, delivery: { state: "heard" } });
}

async function visitPrivacy(t, options = {}) {
  const family = await visitFamily(t, { prepare: fill, ...options });
  await live(family.page);
  await goTo(family.page, "#/privacy");
  await table(family.page, family.hub.children[0].name).waitFor();
  return family;
}

test("what is kept of whom stands there in numbers, and follows what comes in and goes", async (t) => {
  const { page, hub } = await visitPrivacy(t);
  const [mia] = hub.children;
  await row(page, "Mia", "Recordings").getByText("2", { exact: true }).waitFor();
  await row(page, "Mia", "Messages").getByText("1", { exact: true }).waitFor();
  await row(page, "Mia", "Picture of the child").getByText("0", { exact: true }).waitFor();
  const hers = row(page, "Relatives", "Ruth");
  assert.deepEqual((await hers.getByRole("cell").allTextContents()).filter((_, at) => at !== 1), ["1", "1"]);
  await numbers(page).getByText("What is older than 90 days is erased by itself.").first().waitFor();
  assert.match(await row(page, "The hub itself", "The whole database").textContent(), /MB|kB/);
  await assertAccessible(page, "privacy in numbers");

  hub.pictures.files.set(mia.id, { type: "image/png", file: Buffer.alloc(20_000) });
  hub.add(mia, "recording", FakeHub.tone(2));
  hub.lag();
  await row(page, "Mia", "Recordings").getByText("3", { exact: true }).waitFor();
  await row(page, "Mia", "Picture of the child").getByText("20 kB", { exact: true }).waitFor();
  hub.remove(hub.items.at(-1));
  hub.people.addRelative("Otto", [{ child: mia.id }]);
  hub.lag();
  await row(page, "Relatives", "Otto").waitFor();
  await row(page, "Mia", "Recordings").getByText("2", { exact: true }).waitFor();
});

test("what goes within a day is said with its time", async (t) => {
  const { page, hub } = await visitPrivacy(t, {
    prepare({ hub: house, ruth }) {
      fill({ hub: house, ruth });
      const [mia] = house.children;
      house.add(mia, "recording", FakeHub.tone(1), { at: Math.floor(Date.now() / 1000) - 90 * 86_400 + 600 });
    },
  });
  await numbers(page).getByText(/^1 goes within a day: /).waitFor();
  hub.items.at(-1).kept = true;
  hub.lag();
  hub.people.addRelative("Otto", [{ child: hub.children[0].id }]);
  hub.lag();
  await numbers(page).getByText("1 stays, whatever its age.").waitFor();
  assert.equal(await numbers(page).getByText(/goes within a day: /).count(), 0);
});

test("backups are counted: how many there are, how large, and until when they hold what is erased", async (t) => {
  const { page, hub } = await visitPrivacy(t);
  const now = hub.accounts.now();
  const part = numbers(page);
  await part.getByText("/media/hutch is not there, and no backup was made in it yet.").waitFor();
  assert.equal(await part.getByText("Backups counted").count(), 0);
  const again = () => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));

  const filled = backupPlace("/media/hutch", { n: 9, bytes: 41_000_000, gone_by: now + 64 * 86_400, made_at: now - 3_600 });
  hub.backups.places = [filled];
  await again();
  const cells = row(page, "Backups", "/media/hutch").getByRole("cell");
  await row(page, "Backups", "/media/hutch").waitFor();
  assert.deepEqual((await cells.allTextContents()).map((text) => text.replace(/\s/u, " ")), ["9", "41 MB"]);
  await part.getByText(/^Backups counted, what is erased now is gone on .+ at the latest\.$/).first().waitFor();
  await part.getByText(/^What is erased now may be in a backup until .+, if one is made each night\.$/).waitFor();
  await page.getByText("Read it here").click();
  const paper = page.locator(".house-notice");
  await paper.getByText("There are 9 now, 41 MB together.").waitFor();
  await assertAccessible(page, "backups counted");

  Object.assign(filled, { there: false });
  await again();
  await part.getByText(/^\/media\/hutch is not there, so the backups in it cannot be counted\./).waitFor();
  await paper.getByText(/^Some lie where the hub cannot look just now\./).waitFor();

  hub.faults.push({ match: /GET .*\/backups$/, status: 500, error: "internal" });
  await again();
  await part.getByText("The backups cannot be looked at just now. What is erased may still be in them.").waitFor();
  await row(page, "Mia", "Recordings").getByText("2", { exact: true }).waitFor();

  hub.backups.places = [];
  await again();
  await part.getByText("This hub makes no backups: no folder for them is set.").waitFor();
});

test("the notice says what is set, and changes with it", async (t) => {
  const { page, hub, ruth } = await visitPrivacy(t);
  const [mia] = hub.children;
  await page.getByText("Read it here").click();
  const paper = page.locator(".house-notice");
  await paper.getByText("Mia: 90 days, then it is erased by itself.").waitFor();
  await paper.getByText("Ruth speaks to Mia; a guardian listens first.").waitFor();
  await assertAccessible(page, "notice");

  hub.accounts.sessions[0].confirmed = Infinity;
  await page.evaluate(async ([child]) => {
    const { setRules } = await import("/js/api-rules.js");
    await setRules(child, { quiet: [], max_volume: null, night_volume: null, retention_days: 30 });
  }, [mia.id]);
  ruth.grants[0].needs_approval = false;
  hub.lag();

  await paper.getByText("Mia: 30 days, then it is erased by itself.").waitFor();
  await paper.getByText("Ruth speaks to Mia, and nobody listens first.").waitFor();
  assert.equal(await paper.getByText("a guardian listens first").count(), 0);
  assert.equal(await page.locator(".notice-shown").evaluate((details) => details.open), true, "it stays open");
});

test("the notice is printed alone, and leaves nothing behind", async (t) => {
  const { page } = await visitPrivacy(t, { colorScheme: "dark" });
  await page.evaluate(() => { globalThis.print = () => { globalThis.printed = true; }; });
  await page.getByRole("button", { name: "Print", exact: true }).click();
  assert.equal(await page.evaluate(() => globalThis.printed), true);
  await page.emulateMedia({ media: "print" });

  const printed = await page.locator(".sheet").innerText();
  assert.equal(await page.locator("main").isVisible(), false);
  const expected = [
    "Anna runs this hub at home", "There is no cloud", "Mia: 90 days", "Ruth speaks to Mia", "What Hutch cannot stop",
  ];
  for (const words of expected) assert.ok(printed.includes(words), words);
  await screenshot(page, "print-notice", { fullPage: true });
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  assert.equal(await page.locator(".sheet").count(), 0);
});

test("what no hub can stop is said, and the way there is by the address too", async (t) => {
  const { page } = await visitPrivacy(t);
  await goTo(page, "#/");
  await goTo(page, "#/privacy/limits");
  const part = page.getByRole("region", { name: "What Hutch cannot stop" });
  const limits = [/not encrypted\. Whoever/, /cloned toy/, /before the hub sees it awake/, /keeps its last recording/];
  for (const words of limits) await part.getByText(words).waitFor();
});

test("privacy leads to the browsers that are signed in, and back", async (t) => {
  const { page, hub } = await visitPrivacy(t);
  await page.getByRole("link", { name: "Where you are signed in" }).click();
  await page.locator(".sessions li").first().waitFor();

  assert.equal(new URL(page.url()).hash, "#/you/sessions");
  assert.equal(await page.locator(".sessions li").count(), hub.accounts.sessions.length);
  assert.equal(await page.locator("#you-sessions").evaluate((one) => one.closest("section").contains(document.activeElement)), true);
  await page.goBack();
  await page.getByRole("heading", { name: "Privacy", exact: true }).waitFor();
});

test("a hub that does not answer is asked again", async (t) => {
  const { page, hub } = await visitFamily(t, { prepare: fill });
  await live(page);
  hub.faults.push({ match: /GET .*\/privacy$/, status: 500, error: "internal" });
  await goTo(page, "#/privacy");
  await numbers(page).getByRole("button", { name: "Try again" }).click();
  await table(page, "Mia").waitFor();
});

test("a relative is told nothing of it", async (t) => {
  const { browser, url, hub } = await visitFamily(t, { prepare: fill });
  const page = await visitAsRuth(t, browser, url);
  await live(page);
  await goTo(page, "#/privacy");
  await sees(page, /^Mia/);
  assert.ok(!hub.requests.includes("GET /api/v1/privacy"));
});

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 480 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`privacy in numbers at ${width} px, ${colorScheme}`, async (t) => {
      const { page } = await visitPrivacy(t, {
        viewport, colorScheme, hub: { names: ["Donaudampfschifffahrtskapitän", "Ben"] },
        prepare(family) {
          fill(family);
          const { backups, accounts } = family.hub;
          const [now, stick] = [accounts.now(), "/media/hutch"];
          backups.places = [
            backupPlace(stick, { n: 12, bytes: 512_000_000, staying: 1, gone_by: now + 90 * 86_400, made_at: now }),
            backupPlace("/mnt/share", { there: false, made_at: now }),
          ];
        },
      });
      await page.evaluate(async () => (await import("/js/language.js")).chooseLanguage("de"));
      await page.reload();
      await page.locator(".notice-shown > summary").click();
      await page.locator(".amounts").first().scrollIntoViewIfNeeded();
      await assertMeasures(page, "numbers");
      await assertAccessible(page, "numbers");
      await screenshot(page, `${width}-${colorScheme}-privacy-numbers`);
      await page.getByRole("table", { name: "Sicherungen" }).scrollIntoViewIfNeeded();
      await screenshot(page, `${width}-${colorScheme}-privacy-backups`);
      await page.locator(".house-notice").scrollIntoViewIfNeeded();
      await screenshot(page, `${width}-${colorScheme}-privacy-notice`);
    });
  }
}
