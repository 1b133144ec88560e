// What holds for a child: quiet hours, how loud its toys may be, how long things are kept.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { DESK, PHONE, assertAccessible, assertMeasures, openPage, screenshot, sees } from "./support.mjs";
import { ALLOWED, tap, visitAsRuth, visitFamily } from "./family.mjs";
import { live, now, openMia } from "./visit.mjs";

const DAY_S = 86_400;
const FAILING = { status: 500, error: "internal", message: "Something went wrong in the hub." };
const STOPPING = { status: 503, error: "stopping", message: "Hutch is stopping. Try again in a moment." };
const inTheMorning = () => ({ until: now() + 8 * 3_600, because: "hours" });

async function openRules(page, { isWithMia = false } = {}) {
  if (!isWithMia) await openMia(page);
  await page.getByRole("link", { name: "Change Mia" }).click();
  await page.getByRole("link", { name: /^Quiet hours, loudness/ }).click();
  await page.getByRole("heading", { name: "Rules for Mia" }).waitFor();
  await page.getByRole("button", { name: "Save", exact: true }).waitFor();
}

const rulesOf = (hub) => hub.rules.of(hub.children[0].id);

test("a guardian sets quiet hours for all days, and others for the weekend", async (t) => {
  const { page, hub } = await visitFamily(t, { relative: false });
  await openRules(page);
  await page.getByText("Quiet hours", { exact: true }).last().click();
  await sees(page, /the next morning, 11 hours 30 minutes$/);
  const [first, second] = [page.locator(".night").nth(0), page.locator(".night").nth(1)];
  await first.getByLabel("Begins at").fill("20:00");
  await first.getByLabel("Ends at").fill("20:00");
  await tap(page, "Save");
  await sees(page, "Choose an end that is not the beginning.");
  assert.deepEqual(rulesOf(hub).quiet, []);
  await first.getByLabel("Ends at").fill("06:45");
  await tap(page, "Other hours on some days");
  await second.getByText("Fr", { exact: true }).click();
  await second.getByText("Sa", { exact: true }).click();
  assert.equal(await first.getByRole("checkbox", { name: "Friday" }).isChecked(), false, "a day has one beginning");
  await second.getByLabel("Begins at").fill("21:30");
  await second.getByLabel("Ends at").fill("08:30");
  await tap(page, "Save");

  await page.locator(".room").getByRole("heading", { name: "Mia", exact: true }).waitFor();
  const usual = { from: 1_200, until: 405 };
  const late = { from: 1_290, until: 510 };
  const expected = [usual, usual, usual, usual, late, late, usual].map((span, at) => ({ weekday: at + 1, ...span }));
  assert.deepEqual(rulesOf(hub).quiet, expected);
  assert.equal(rulesOf(hub).retention_days, 90, "what was not touched stays");

  await openRules(page, { isWithMia: true });
  assert.equal(await second.getByLabel("Begins at").inputValue(), "21:30");
  await second.getByRole("button", { name: "Without these hours" }).click();
  assert.equal(await first.getByRole("checkbox", { name: "Friday" }).isChecked(), true);
  await tap(page, "Save");
  await page.locator(".room").getByRole("heading", { name: "Mia", exact: true }).waitFor();
  assert.equal(new Set(rulesOf(hub).quiet.map(({ from }) => from)).size, 1);
});

test("who looks at a child sees how long things are kept, and what goes next", async (t) => {
  const { page, hub } = await visitFamily(t, {
    relative: false,
    prepare: ({ hub: { children: [mia] }, hub: made }) => {
      for (const days of [1, 85, 86]) made.add(mia, "recording", FakeHub.tone(1), { at: now() - days * DAY_S });
    },
  });
  await openMia(page);
  await page.getByRole("link", { name: "Change Mia" }).click();
  const kept = page.getByRole("region", { name: "How long things are kept" });
  await kept.getByText("Recordings and messages: 90 days").waitFor();
  await kept.getByText(/^2 recordings and messages go within the next 7 days, the first on .*keep stays\.$/).waitFor();
  hub.faults.push({ match: /GET .*rules/, ...FAILING });
  await page.getByRole("link", { name: "Cancel" }).click();
  await page.getByRole("link", { name: "Change Mia" }).click();
  await kept.getByText(/^What would go next could not be read\. Something went wrong/).waitFor();
});

test("what goes next is shown before it is decided", async (t) => {
  const { page, hub } = await visitFamily(t, {
    relative: false,
    prepare: ({ hub: { children: [mia] }, hub: made }) => {
      for (const days of [1, 40, 85]) made.add(mia, "recording", FakeHub.tone(1), { at: now() - days * DAY_S });
    },
  });
  await openRules(page);
  await sees(page, /^1 recording or message goes within the next 7 days, on /);
  await page.getByLabel("Recordings and messages").selectOption("30 days");
  await sees(page, /^2 recordings and messages go within the next 7 days, the first within the hour/);
  await page.getByLabel("Recordings and messages").selectOption("For ever");
  await sees(page, "Nothing goes by itself.");
  await page.getByLabel("Loudest by day").press("ArrowLeft");
  await sees(page, "Loud");
  await page.getByLabel("Loudest in quiet hours").press("Home");
  await sees(page, "Very quiet");
  hub.faults.push({ match: /PUT .*rules/, ...STOPPING });
  await tap(page, "Save");
  await sees(page, STOPPING.message);
  await tap(page, "Save");

  await page.locator(".room").getByRole("heading", { name: "Mia", exact: true }).waitFor();
  const { max_volume, night_volume, retention_days } = rulesOf(hub);
  assert.deepEqual([max_volume, night_volume, retention_days], [200, 40, null]);
});

test("to keep things for less long takes the password", async (t) => {
  const { page, hub, password } = await visitFamily(t, { relative: false });
  for (const session of hub.accounts.sessions) session.confirmed = 0;
  await openRules(page);
  await page.getByLabel("Recordings and messages").selectOption("30 days");
  await tap(page, "Save");
  await sees(page, /^Your password once more/);
  await assertAccessible(page, "rules that ask for the password");
  assert.equal(rulesOf(hub).retention_days, 90);
  await page.getByLabel("Your password", { exact: true }).fill("not this one at all");
  await tap(page, "Save");
  await sees(page, /^That is not your password/);
  await page.getByLabel("Your password", { exact: true }).fill(password);
  await tap(page, "Save");
  await page.locator(".room").getByRole("heading", { name: "Mia", exact: true }).waitFor();
  assert.equal(rulesOf(hub).retention_days, 30);
});

test("what is kept stays, and what goes soon says when", async (t) => {
  const { page, hub, browser, url } = await visitFamily(t, {
    prepare: ({ hub: made, ruth }) => {
      const [mia] = made.children;
      made.add(mia, "recording", FakeHub.tone(1), { at: now() - 86 * DAY_S, shared_with: [ruth.id] });
      made.add(mia, "message", FakeHub.tone(1), { at: now() - DAY_S, delivery: { state: "heard", heard_at: now() - 60 } });
    },
  });
  await openMia(page);
  const [old, fresh] = [page.locator(".bubble").nth(0), page.locator(".bubble").nth(1)];
  await old.getByText(/^goes on /).waitFor();
  await assert.rejects(fresh.getByText(/^goes on /).waitFor({ timeout: 500 }));
  const press = old.getByRole("button", { name: /^(Keep|Kept:) Mia’s recording/ });
  assert.equal(await press.getAttribute("aria-pressed"), "false");
  hub.faults.push({ match: /PUT .*kept/, ...FAILING });
  await press.click();
  await old.getByText(FAILING.message).waitFor();
  await press.click();
  await old.getByText("Kept", { exact: true }).waitFor();
  assert.equal(await press.getAttribute("aria-pressed"), "true");
  await old.getByText(/^goes on /).waitFor({ state: "hidden" });
  assert.equal(hub.items[0].kept, true);
  await press.click();
  await old.getByText(/^goes on /).waitFor();

  hub.emit("erased", { id: hub.items[0].id, child: hub.children[0].id });
  await page.locator(`[data-item="${hub.items[0].id}"]`).waitFor({ state: "detached" });
  const ruth = await visitAsRuth(t, browser, url);
  await openMia(ruth);
  await ruth.locator(".bubble").first().waitFor();
  assert.equal(await ruth.getByRole("button", { name: /^Keep / }).count(), 0);
});

test("a message at night waits for the morning, and the heart is dark", async (t) => {
  const { page, hub, browser, url, ruth } = await visitFamily(t, { grant: { needs_approval: false } });
  const [mia] = hub.children;
  hub.add(mia, "message", FakeHub.tone(1), { delivery: { state: "on_toy" } });
  hub.rules.setQuiet(mia.id, inTheMorning());
  hub.add(hub.children[1], "message", FakeHub.tone(1));
  await openMia(page);
  await sees(page, /^On Bentley. Its heart blinks again when quiet hours end at /);
  await page.locator(".room-presence", { hasText: /quiet time until/ }).waitFor();
  hub.change(hub.items[0], { state: "heard", heard_at: now() });
  hub.add(mia, "message", FakeHub.tone(1), { from: ruth.id });
  await sees(page, /^Goes when quiet hours end at /);
  const grandma = await visitAsRuth(t, browser, url);
  await openMia(grandma);
  await sees(grandma, /^Goes when quiet hours end at /);

  hub.rules.setQuiet(mia.id, { until: null, because: "clock" });
  await sees(page, /^Goes once the hub knows how late it is/);
  hub.rules.setQuiet(mia.id, null);
  await sees(page, "Bentley’s heart is blinking");
});

test("a child's screen is calm in quiet hours, and listens still", async (t) => {
  const { page, hub, browser } = await visitFamily(t, { relative: false });
  const [mia] = hub.children;
  hub.people.addScreen("Kitchen tablet", mia.id);
  await page.evaluate(() => { location.hash = "#/people"; });
  hub.lag();
  await page.getByRole("button", { name: "New link for Kitchen tablet" }).click();
  await tap(page, "Make a new link");
  const link = await page.locator(".invite-link").textContent();
  const tablet = await openPage(t, browser, link, { allow: ALLOWED, viewport: PHONE });
  await tablet.getByRole("button", { name: /^This is/ }).click();
  await tablet.getByRole("button", { name: "Say something" }).waitFor();
  await live(tablet);
  hub.add(mia, "message", FakeHub.tone(8));
  await tablet.getByRole("button", { name: "Hear 1 new message" }).click();
  await tablet.getByRole("button", { name: "Stop" }).waitFor();

  hub.rules.setQuiet(mia.id, inTheMorning());
  const moon = tablet.getByRole("button", { name: /^It is quiet time until/ });
  await moon.waitFor();
  assert.equal(await tablet.evaluate(() => document.getElementById("player").paused), true, "what played has stopped");
  await assertMeasures(tablet, "quiet-screen");
  await assertAccessible(tablet, "quiet-screen");
  await screenshot(tablet, "360-light-quiet-screen");
  const sounds = () => hub.requests.filter((route) => route.endsWith("/sound")).length;
  const before = sounds();
  await moon.click();
  assert.equal(sounds(), before);
  await tablet.getByRole("button", { name: "Say something" }).waitFor();

  hub.rules.setQuiet(mia.id, null);
  await tablet.getByRole("button", { name: /^Hear/ }).waitFor();
});

for (const [width, viewport] of Object.entries({ 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`rules and what is kept at ${width} px, ${colorScheme}`, async (t) => {
      const { page, hub } = await visitFamily(t, {
        relative: false, viewport, colorScheme,
        prepare: ({ hub: made }) => {
          const [mia] = made.children;
          made.add(mia, "recording", FakeHub.tone(3), { at: now() - 86 * DAY_S });
          made.add(mia, "recording", FakeHub.tone(2), { at: now() - 87 * DAY_S }).kept = true;
        },
      });
      const look = async (called) => {
        await assertMeasures(page, called);
        await assertAccessible(page, called);
        await screenshot(page, `${width}-${colorScheme}-${called}`);
      };
      hub.rules.setQuiet(hub.children[0].id, inTheMorning());
      await openRules(page);
      await look("rules");
      await page.getByText("Quiet hours", { exact: true }).last().click();
      await tap(page, "Other hours on some days");
      await look("rules-nights");
      await page.getByLabel("Recordings and messages").scrollIntoViewIfNeeded();
      await screenshot(page, `${width}-${colorScheme}-rules-end`);
      await page.getByRole("link", { name: "Back to Mia" }).click();
      hub.add(hub.children[0], "message", FakeHub.tone(4));
      await sees(page, /^Goes when quiet hours end at /);
      await look("kept");
    });
  }
}
