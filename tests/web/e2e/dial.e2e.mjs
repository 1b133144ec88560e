// Quiet hours on a dial: seen at a glance, turned by hand and by keys, exact in the fields beside it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DESK, PHONE, assertAccessible, assertMeasures, screenshot } from "./support.mjs";
import { tap, visitFamily } from "./family.mjs";
import { openMia } from "./visit.mjs";

const night = (page, at = 0) => page.locator(".night").nth(at);
const moon = (row) => row.getByRole("slider", { name: "Beginning of the quiet hours" });
const sun = (row) => row.getByRole("slider", { name: "End of the quiet hours" });
const begins = (row) => row.getByLabel("Begins at");
const ends = (row) => row.getByLabel("Ends at");
const rulesOf = (hub) => hub.rules.of(hub.children[0].id);

/** Opens the rules for Mia, with quiet hours from 19:30 to 7:00. */
async function openNights(page) {
  await openMia(page);
  await page.getByRole("link", { name: "Change Mia" }).click();
  await page.getByRole("link", { name: /^Quiet hours, loudness/ }).click();
  await page.getByRole("button", { name: "Save", exact: true }).waitFor();
  await page.getByText("Quiet hours", { exact: true }).last().click();
  await moon(night(page)).waitFor();
}

/** Turns a hand to this hour, as a finger or a mouse does. */
async function turn(page, row, hand, hour) {
  await hand.scrollIntoViewIfNeeded();
  const grip = await hand.locator(".dial-knob").boundingBox();
  const box = await row.locator(".dial").boundingBox();
  const angle = (hour / 24) * 2 * Math.PI;
  // Further out than the ring: a finger is not exact.
  const radius = box.width * 0.44;
  await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
  await page.mouse.down();
  const [x, y] = [box.x + box.width / 2 + radius * Math.sin(angle), box.y + box.height / 2 - radius * Math.cos(angle)];
  await page.mouse.move(x, y, { steps: 5 });
  await page.mouse.up();
}

test("quiet hours are set by turning the moon and the sun", async (t) => {
  const { page, hub } = await visitFamily(t, { relative: false });
  await openNights(page);
  const row = night(page);
  assert.equal(await moon(row).getAttribute("aria-valuetext"), "19:30");
  assert.equal(await sun(row).getAttribute("aria-valuetext"), "07:00");
  await turn(page, row, moon(row), 21);
  await turn(page, row, sun(row), 6.25);

  assert.deepEqual([await begins(row).inputValue(), await ends(row).inputValue()], ["21:00", "06:15"]);
  await row.getByText(/9 hours 15 minutes$/).waitFor();
  const monday = page.getByRole("list", { name: "The week at a glance" }).getByRole("listitem").first();
  assert.match(await monday.textContent(), /Monday: from 21:00 until 06:15/);
  await tap(page, "Save");
  await page.locator(".room").getByRole("heading", { name: "Mia", exact: true }).waitFor();
  assert.deepEqual(rulesOf(hub).quiet, [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, from: 1_260, until: 375 })));
});

test("keys turn by quarters and hours, and the hands never meet", async (t) => {
  const { page } = await visitFamily(t, { relative: false });
  await openNights(page);
  const row = night(page);
  await moon(row).focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await moon(row).getAttribute("aria-valuetext"), "19:45");
  await page.keyboard.press("PageUp");
  await page.keyboard.press("ArrowDown");
  assert.deepEqual([await moon(row).getAttribute("aria-valuetext"), await begins(row).inputValue()], ["20:30", "20:30"]);
  await page.keyboard.press("Tab");
  for (let n = 0; n < 11; n += 1) await page.keyboard.press("PageDown");
  assert.equal(await ends(row).inputValue(), "20:00");
  await page.keyboard.press("ArrowRight");
  assert.equal(await ends(row).inputValue(), "20:15");
  await page.keyboard.press("ArrowRight");
  assert.equal(await ends(row).inputValue(), "20:45", "not onto the moon");
});

test("the dial and the week follow the fields and the days", async (t) => {
  const { page } = await visitFamily(t, { relative: false });
  await openNights(page);
  await begins(night(page)).fill("20:10");
  assert.equal(await moon(night(page)).getAttribute("aria-valuetext"), "20:10");
  await tap(page, "Other hours on some days");
  await night(page, 1).getByText("Fr", { exact: true }).click();
  await night(page).getByText("Su", { exact: true }).click();

  const days = page.getByRole("list", { name: "The week at a glance" }).getByRole("listitem");
  const told = await days.evaluateAll((all) => all.map((day) => day.lastChild.textContent));
  assert.equal(told[0], "Monday: from 20:10 until 07:00");
  assert.equal(told[4], "Friday: from 20:30 until 08:00");
  assert.equal(told[6], "Sunday: no quiet hours");
});

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 640 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`the dial at ${width} px, ${colorScheme}`, async (t) => {
      const { page } = await visitFamily(t, {
        relative: false, viewport: { ...viewport, height: 1_700 }, colorScheme, reducedMotion: "reduce",
      });
      await openNights(page);
      await tap(page, "Other hours on some days");
      await night(page, 1).getByText("Sa", { exact: true }).click();
      await moon(night(page)).focus();
      await assertMeasures(page, "dial");
      await assertAccessible(page, "dial");
      for (const hand of [moon(night(page)), sun(night(page))]) {
        const { width: wide, height } = await hand.locator(".dial-grip").boundingBox();
        assert.ok(wide >= 44 && height >= 44, `${wide} x ${height}`);
      }
      await screenshot(page, `${width}-${colorScheme}-dial`);
    });
  }
}
