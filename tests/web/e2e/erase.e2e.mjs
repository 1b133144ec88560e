// Erasing from the page: a message, a recording, a child, a relative, everything.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { ALLOWED, RUTH, region, tap, visitAsRuth, visitFamily } from "./family.mjs";
import { DESK, PHONE, assertAccessible, assertForgotten, assertMeasures, openAnother, screenshot, sees } from "./support.mjs";

const bubbles = (page) => page.locator(".thread > .bubble");
const password = (page) => page.locator(".room").getByLabel("Your password", { exact: true });
const erasing = (page, name) => page.getByRole("group", { name });

/** Anna's message, which is on the toy, and what Mia said, shared with Ruth. */
function talk({ hub, ruth }) {
  const [mia] = hub.children;
  hub.add(mia, "message", FakeHub.tone(3), { delivery: { state: "on_toy" }, quiet: true });
  hub.add(mia, "recording", FakeHub.tone(2), { shared_with: ruth ? [ruth.id] : [], quiet: true });
}

for (const [name, viewport] of [["phone", PHONE], ["desk", DESK]]) {
  test(`a recording and a message are erased for everybody (${name})`, async (t) => {
    const visit = await visitFamily(t, { prepare: talk, viewport });
    const { page, browser, hub, url, password: secret } = visit;
    const other = await openAnother(t, browser, visit, { allow: ALLOWED, viewport: PHONE });
    await other.getByRole("link", { name: /^Mia/ }).click();
    const ruth = await visitAsRuth(t, browser, url);
    await ruth.getByRole("link", { name: /^Mia/ }).click();
    await bubbles(ruth).first().waitFor();
    hub.accounts.sessions[0].confirmed = 0;
    await page.reload();
    await page.getByRole("link", { name: /^Mia/ }).click();
    await bubbles(page).nth(1).waitFor();
    assert.equal(await bubbles(page).count(), 2);
    await assertMeasures(page, "a conversation");
    await screenshot(page, `erase-conversation-${name}`);

    await page.getByRole("button", { name: /^Erase Mia’s recording/ }).click();
    await erasing(page, /^Erase Mia’s recording/).getByText("Ruth may have heard it.").waitFor();
    await assertAccessible(page, "erasing a recording");
    await assertMeasures(page, "erasing a recording");
    await screenshot(page, `erase-recording-${name}`);
    await tap(page, "Cancel");
    assert.equal(hub.items.length, 2);
    await page.getByRole("button", { name: /^Erase Mia’s recording/ }).click();
    await tap(page, "Erase for good");
    await sees(page, /^Type your password/);
    await password(page).fill("not this one at all");
    await tap(page, "Erase for good");
    await sees(page, /^That is not your password/);
    assert.equal(hub.items.length, 2);
    await password(page).fill(secret);
    await tap(page, "Erase for good");

    await page.waitForFunction(() => document.querySelectorAll(".thread > .bubble").length === 1);
    await ruth.getByText("Nothing yet.").waitFor();
    await other.waitForFunction(() => document.querySelectorAll(".thread > .bubble").length === 1);
    assert.deepEqual(hub.items.map(({ kind }) => kind), ["message"]);
    await assertForgotten(page, [secret]);

    // The password was given a moment ago.
    await page.getByRole("button", { name: /^Erase your message/ }).click();
    await erasing(page, /^Erase your message/).getByText(/overwrites it there with silence/).waitFor();
    assert.equal(await password(page).isVisible(), false);
    await tap(page, "Erase for good");
    await page.getByText("Nothing yet.").waitFor();
    await other.getByText("Nothing yet.").waitFor();
    assert.equal(hub.items.length, 0);
  });

  test(`a child is erased where it is changed (${name})`, async (t) => {
    const visit = await visitFamily(t, { prepare: talk, viewport });
    const { page, browser, hub, password: secret } = visit;
    hub.people.addScreen("Kitchen tablet", hub.children[0].id);
    hub.lag();
    const other = await openAnother(t, browser, visit, { allow: ALLOWED, viewport: PHONE });
    await other.getByRole("link", { name: /^Mia/ }).click();
    await bubbles(other).first().waitFor();
    hub.accounts.sessions[0].confirmed = 0;
    await page.reload();
    await page.getByRole("link", { name: /^Mia/ }).click();
    await page.getByRole("link", { name: "Change Mia" }).click();

    await tap(page, "Erase Mia and everything about Mia");
    await page.getByText(/Kitchen tablet: signed out at once/).waitFor();
    await page.getByText(/cannot reach into a toy that it no longer adopts/).waitFor();
    await assertAccessible(page, "erasing a child");
    await assertMeasures(page, "erasing a child");
    await screenshot(page, `erase-child-${name}`);
    await password(page).fill(secret);
    await tap(page, "Erase Mia for good");

    await page.getByRole("link", { name: /^Ben/ }).waitFor();
    await page.waitForFunction(() => !document.querySelector(".children")?.textContent?.includes("Mia"));
    assert.equal(new URL(page.url()).hash, "#/");
    assert.deepEqual(hub.children.map((one) => one.name), ["Ben"]);
    await other.waitForFunction(() => !document.body.textContent?.includes("Mia"));
    await page.getByRole("link", { name: "People", exact: true }).click();
    await region(page, "Relatives").getByText(/^Ruth has no child here any more/).waitFor();
    await assertAccessible(page, "a relative without a child");
    await screenshot(page, `erase-no-child-${name}`);
  });
}

test("a relative is erased with what they sent, beside being removed", async (t) => {
  const { page, hub, ruth, password: secret } = await visitFamily(t, { viewport: PHONE });
  hub.add(hub.children[0], "message", FakeHub.tone(2), { from: ruth.id });
  hub.accounts.sessions[0].confirmed = 0;
  await page.reload();
  await page.getByRole("link", { name: "People", exact: true }).click();

  await tap(page, "Erase Ruth and everything sent by Ruth");
  await page.getByText(/To keep what was sent, choose “Remove” instead/).waitFor();
  await assertAccessible(page, "erasing a relative");
  await assertMeasures(page, "erasing a relative");
  await screenshot(page, "erase-relative-phone");
  await password(page).fill(secret);
  await tap(page, "Erase Ruth for good");

  await region(page, "Relatives").getByRole("button", { name: "Invite a relative" }).waitFor();
  await page.waitForFunction((name) => !document.querySelector(".persons")?.textContent?.includes(name), RUTH.name);
  assert.deepEqual([hub.people.relatives.length, hub.items.length], [0, 0]);
});

test("everything is erased by typing a name, and the page says what comes then", async (t) => {
  const { page, hub, password: secret } = await visitFamily(t, { viewport: PHONE });
  hub.accounts.household = "Millers";
  hub.accounts.sessions[0].confirmed = 0;
  await page.reload();
  await page.getByRole("link", { name: "Privacy", exact: true }).click();

  await tap(page, "Erase everything in this hub");
  await assertAccessible(page, "erasing everything");
  await assertMeasures(page, "erasing everything");
  await screenshot(page, "erase-everything-phone");
  await page.getByLabel(/^Type Millers/).fill("Anna");
  await password(page).fill(secret);
  await tap(page, "Erase everything");
  await sees(page, /^That is not it/);
  assert.equal(hub.erase.isAnew, false);
  await page.getByLabel(/^Type Millers/).fill("millers");
  await tap(page, "Erase everything");

  await page.getByText("Everything is being erased").waitFor();
  assert.equal(hub.erase.isAnew, true);
  await assertAccessible(page, "everything is erased");
  await assertForgotten(page, [secret]);
  await screenshot(page, "erase-everything-done-phone");
});

test("what is being read goes a little later, and that is said", async (t) => {
  const { page, hub } = await visitFamily(t, { prepare: talk, viewport: DESK });
  hub.erase.isRead = true;
  hub.accounts.sessions[0].confirmed = hub.accounts.now() + 300;
  await page.reload();
  await page.getByRole("link", { name: /^Mia/ }).click();

  await page.getByRole("button", { name: /^Erase Mia’s recording/ }).click();
  await tap(page, "Erase for good");

  await page.getByText(/^Erased\. Somebody was just reading from it/).waitFor({ state: "attached" });
  assert.equal(hub.items.length, 1);
});
