// Written notes: what is said, for those who cannot hear it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { visitAsRuth, visitFamily } from "./family.mjs";
import { assertAccessible, assertMeasures, screenshot } from "./support.mjs";

const write = async (page, text) => {
  await page.getByRole("textbox", { name: /^Note for/ }).fill(text);
  await page.getByRole("button", { name: "Save" }).click();
};

test("a guardian writes a note, which everybody reads who may hear it, and takes it away", async (t) => {
  const { hub, url, page, browser } = await visitFamily(t, {
    prepare({ hub: one, ruth }) { one.add(one.children[0], "recording", FakeHub.tone(2), { shared_with: [ruth.id] }); },
  });
  const ruth = await visitAsRuth(t, browser, url);
  for (const one of [page, ruth]) await one.locator(".child").first().click();
  await ruth.locator(".bubble").waitFor();
  assert.equal(await ruth.getByRole("button", { name: /note/ }).count(), 0, "it is not hers to write");
  const text = "“Gute Nacht, Oma” 🌙\nشب بخير <script>alert(1)</script>";

  await page.getByRole("button", { name: /^Add a note/ }).click();
  assert.ok(await page.getByRole("textbox", { name: /^Note for/ }).evaluate((one) => one === document.activeElement));
  await assertAccessible(page, "writing a note");
  await assertMeasures(page, "writing a note");
  await write(page, text);

  for (const one of [page, ruth]) {
    await one.locator(".bubble-note:not([hidden])").waitFor();
    assert.equal(await one.locator(".bubble-note").textContent(), text);
  }
  await screenshot(page, "note");
  assert.equal(hub.items[0].note, text);

  await page.getByRole("button", { name: /^Change the note/ }).click();
  assert.equal(await page.getByRole("textbox", { name: /^Note for/ }).inputValue(), text);
  await write(page, "");
  for (const one of [page, ruth]) await one.locator(".bubble-note").waitFor({ state: "hidden" });
  assert.equal(hub.items[0].note, null);
});

test("whoever sent a message writes the note to it", async (t) => {
  const { url, page, browser } = await visitFamily(t, {
    prepare({ hub: one, ruth }) { one.add(one.children[0], "message", FakeHub.tone(2), { from: ruth.id }); },
  });
  const ruth = await visitAsRuth(t, browser, url);
  for (const one of [page, ruth]) await one.locator(".child").first().click();

  await ruth.getByRole("button", { name: /^Add a note/ }).click();
  await write(ruth, "I sing the song of the moon.");

  await page.getByText("I sing the song of the moon.").waitFor();
  await page.getByRole("button", { name: /^Change the note/ }).waitFor();
});

test("a note that could not be kept stays to be sent again", async (t) => {
  const { hub, page } = await visitFamily(t, {
    prepare({ hub: one }) { one.add(one.children[0], "recording", FakeHub.tone(2)); },
  });
  await page.locator(".child").first().click();
  await page.getByRole("button", { name: /^Add a note/ }).click();
  hub.faults.push({ match: /note$/, status: 507, error: "disk_full", message: "The disk is full." });

  await write(page, "Sleep well");

  await page.getByText("The hub’s disk is full").waitFor();
  assert.equal(await page.getByRole("textbox", { name: /^Note for/ }).inputValue(), "Sleep well");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".bubble-note:not([hidden])").waitFor();
});
