// Erasing from the page: a message, a recording, a child, a relative, everything.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { FakeHub } from "../fake-hub.mjs";
import { ALLOWED, RUTH, region, tap, visitAsRuth, visitFamily } from "./family.mjs";
import { DESK, PHONE, assertAccessible, assertForgotten, assertMeasures, openAnother, screenshot, sees } from "./support.mjs";
import { focused, live } from "./visit.mjs";

const bubbles = (page) => page.locator(".thread > .bubble");
const password = (page) => page.locator(".room").getByLabel("Your password", { exact: true });
const parting = (page) => page.locator(".parting");
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

    // It is out of sight at once, and there is a way back for a while.
    await page.waitForFunction(() => document.querySelectorAll(".thread > .bubble").length === 1);
    await parting(page).getByText(/^Erasing Mia’s recording/).waitFor();
    assert.equal(hub.items.length, 2);
    assert.equal(await bubbles(other).count(), 2);
    await assertAccessible(page, "a way back");
    await assertMeasures(page, "a way back");
    await screenshot(page, `erase-way-back-${name}`);
    // Whoever points at it takes their time.
    await page.mouse.move(0, 0);
    await ruth.getByText("Nothing yet.").waitFor();
    await parting(page).waitFor({ state: "detached" });
    await other.waitForFunction(() => document.querySelectorAll(".thread > .bubble").length === 1);
    assert.deepEqual(hub.items.map(({ kind }) => kind), ["message"]);
    await assertForgotten(page, [secret]);

    // The password was given a moment ago.
    await page.getByRole("button", { name: /^Erase your message/ }).click();
    await page.getByText("Nothing yet.").waitFor();
    assert.equal(await password(page).isVisible(), false);
    await parting(page).getByText("What happens then").click();
    await parting(page).getByText(/overwrites it there with silence/).waitFor();
    await assertAccessible(page, "what happens then");
    await assertMeasures(page, "what happens then");
    await screenshot(page, `erase-what-happens-${name}`);
    await parting(page).getByText("What happens then").click();
    assert.equal(hub.items.length, 1);
    await page.mouse.move(0, 0);
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

/** Opens Mia's conversation for Anna, who gave her password a moment ago; the page's clock is the test's. */
async function confirmed(t, options = {}) {
  const visit = await visitFamily(t, { prepare: talk, viewport: DESK, clock: true, ...options });
  visit.hub.accounts.sessions[0].confirmed = visit.hub.accounts.now() + 300;
  await visit.page.reload();
  await visit.page.getByRole("link", { name: /^Mia/ }).click();
  await bubbles(visit.page).nth(1).waitFor();
  await live(visit.page);
  return visit;
}

const eraseRecording = (page) => page.getByRole("button", { name: /^Erase Mia’s recording/ });
const erased = ({ requests }) => requests.filter((route) => route.endsWith("/erase")).length;

/** What stands where in the conversation. */
const standing = (page) => bubbles(page).evaluateAll((all) =>
  all.map((one) => [one.dataset.item, Math.round(one.getBoundingClientRect().top)]));

/** Lets the page's time pass until something is so. */
async function passTime(page, isSo) {
  for (let n = 0; n < 60 && !(await isSo()); n += 1) await page.clock.runFor(250);
  assert.ok(await isSo());
}

test("undo puts it back where it was, and the hub hears nothing of it", async (t) => {
  const { page, hub } = await confirmed(t);
  const before = await standing(page);
  const first = page.getByRole("button", { name: /^Erase your message/ });

  await first.focus();
  await page.keyboard.press("Enter");
  await parting(page).waitFor();
  assert.equal(await focused(page), "Undo");
  assert.equal(await bubbles(page).count(), 1);
  await page.clock.runFor(100);
  await page.locator("#announcer").getByText(/^Erasing your message of .+ in 10 seconds\./).waitFor({ state: "attached" });
  // Who has the focus there by keys takes their time.
  for (let n = 0; n < 60; n += 1) await page.clock.runFor(250);
  assert.ok(await parting(page).isVisible());
  await page.keyboard.press("Enter");

  await bubbles(page).nth(1).waitFor();
  assert.equal(await parting(page).count(), 0);
  await page.clock.runFor(500);
  assert.match(await focused(page), /^Play your message/);
  await page.locator("#announcer").getByText("Nothing was erased.").waitFor({ state: "attached" });
  assert.deepEqual(await standing(page), before);
  for (let n = 0; n < 60; n += 1) await page.clock.runFor(250);
  assert.equal(erased(hub), 0);
  assert.equal(hub.items.length, 2);
});

test("a way back ends with its time, with the next one, and with the conversation", async (t) => {
  const { page, hub } = await confirmed(t);
  hub.add(hub.children[0], "recording", FakeHub.tone(1), { quiet: false });
  await bubbles(page).nth(2).waitFor();

  await page.getByRole("button", { name: /^Erase your message/ }).click();
  await parting(page).waitFor();
  await page.clock.runFor(2_000);
  assert.equal(erased(hub), 0);
  await eraseRecording(page).first().click();
  await passTime(page, () => hub.items.length === 2);
  assert.equal(await parting(page).count(), 1);
  await page.mouse.move(0, 0);
  await passTime(page, () => hub.items.length === 1);
  assert.equal(await parting(page).count(), 0);
  await page.locator("#announcer").getByText("Erased.").waitFor({ state: "attached" });

  await eraseRecording(page).click();
  await parting(page).waitFor();
  await page.getByRole("link", { name: /^Ben/ }).click();
  await page.getByRole("heading", { name: "Ben" }).waitFor();
  await passTime(page, () => hub.items.length === 0);
});

test("whoever leaves the page has it erased all the same", async (t) => {
  const { page, hub } = await confirmed(t);
  await eraseRecording(page).click();
  await parting(page).waitFor();
  assert.equal(erased(hub), 0);

  await page.goto("about:blank");

  for (let n = 0; n < 100 && hub.items.length > 1; n += 1) await pause(50);
  assert.deepEqual(hub.items.map(({ kind }) => kind), ["message"]);
});

for (const [what, fault, sentence] of [
  ["the hub is not there", null, /^Not erased: Mia’s recording .+\. Hutch is not answering/],
  ["the password was given too long ago", { status: 403, error: "confirm_first" }, /^Not erased: Mia’s recording .+password/],
]) {
  test(`it is back with a sentence when ${what}`, async (t) => {
    const { page, hub } = await confirmed(t);
    if (fault) hub.faults.push({ match: /\/erase$/, ...fault });
    else await page.route("**/erase", (asked) => asked.abort());
    await eraseRecording(page).click();
    await parting(page).waitFor();
    await page.mouse.move(0, 0);

    await passTime(page, async () => await bubbles(page).count() === 2);

    await parting(page).getByText(sentence).waitFor();
    await assertAccessible(page, `back when ${what}`);
    await screenshot(page, `erase-back-${fault?.status ?? 0}`);
    await page.getByRole("button", { name: "Close this note" }).click();
    assert.equal(await parting(page).count(), 0);
    assert.equal(hub.items.length, 2);
  });
}

test("what another erased meanwhile is gone, and needs no way back", async (t) => {
  const { page, hub } = await confirmed(t);
  await eraseRecording(page).click();
  await parting(page).waitFor();

  hub.erase.item(hub.items.find(({ kind }) => kind === "recording"));

  await parting(page).waitFor({ state: "detached" });
  assert.equal(await bubbles(page).count(), 1);
  assert.equal(erased(hub), 0);
});

test("what is being read goes a little later, and that is said", async (t) => {
  const { page, hub } = await visitFamily(t, { prepare: talk, viewport: DESK });
  hub.erase.isRead = true;
  hub.accounts.sessions[0].confirmed = hub.accounts.now() + 300;
  await page.reload();
  await page.getByRole("link", { name: /^Mia/ }).click();

  await eraseRecording(page).click();
  await parting(page).waitFor();
  await page.mouse.move(0, 0);

  await page.getByText(/^Erased\. Somebody was just reading from it/).waitFor({ state: "attached" });
  assert.equal(hub.items.length, 1);
});
