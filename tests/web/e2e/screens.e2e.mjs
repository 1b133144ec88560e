// A child's own screen: bound by a link, it plays and records, and leads nowhere else.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { assertAccessible, assertForgotten, openPage, sees } from "./support.mjs";
import { ALLOWED, follow, noteForbidden, region, tap, tokenOf, visitFamily } from "./family.mjs";
import { focused } from "./visit.mjs";

const screens = (page) => region(page, "Child screens");
const openPeople = (page) => page.getByRole("link", { name: "People" }).click();
const hear = (page) => page.getByRole("button", { name: /^Hear/ });
const press = (page, name) => page.getByRole("button", { name });

/** Binds a screen to Mia and opens it. */
async function visitScreen(t, { prepare, ...options } = {}) {
  const family = await visitFamily(t, { relative: false, prepare });
  await openPeople(family.page);
  await tap(family.page, "Add a screen");
  await screens(family.page).getByLabel("Which device is it?").fill("Kitchen tablet");
  await tap(family.page, "Make the link");
  const link = await family.page.locator(".invite-link").textContent();
  const tablet = await follow(t, family.browser, link, options);
  await press(tablet, "This is Mia’s screen").click();
  await press(tablet, "Say something").waitFor();
  return { ...family, tablet, link };
}

test("a tablet becomes a child's screen by a link, and asks for no password", async (t) => {
  const { page, browser, hub } = await visitFamily(t, { relative: false });
  await openPeople(page);
  await tap(page, "Add a screen");
  await tap(page, "Make the link");
  await sees(page, "Type a name for the device.");
  await assertAccessible(page, "the form");
  await screens(page).getByLabel("Which device is it?").fill("Kitchen tablet");
  await screens(page).getByLabel("Whose screen is it?").selectOption({ label: "Ben" });
  await tap(page, "Make the link");
  await sees(page, /^The device that opens this link first becomes Ben’s screen/);
  await sees(page, /^It works once, for one hour/);
  const link = await page.locator(".invite-link").textContent();
  await tap(page, "Done");
  await screens(page).getByText(/^The link is good for (1 hour|60 minutes) more$/).waitFor();

  const tablet = await follow(t, browser, link);
  await tablet.getByRole("heading", { name: "A screen for Ben" }).waitFor();
  await sees(tablet, /where it is called “Kitchen tablet”\.$/);
  assert.equal(await tablet.locator("input:visible").count(), 0);
  await assertAccessible(tablet, "the offer");
  const forbidden = noteForbidden(tablet);
  await press(tablet, "This is Ben’s screen").click();
  await press(tablet, "Say something").waitFor();

  await assertAccessible(tablet, "the screen");
  await assertForgotten(tablet, [tokenOf(link)]);
  assert.equal(await tablet.locator("a:visible").count(), 0, "there is no way to anywhere else");
  assert.equal(await tablet.locator("main button:visible").count(), 2);
  for (const hash of ["#/you", "#/people", `#/child/${hub.children[0].id}`]) {
    await tablet.evaluate((to) => { location.hash = to; }, hash);
    await tablet.waitForTimeout(100);
    assert.equal(await tablet.locator("main button:visible").count(), 2, hash);
  }
  await tablet.reload();
  await press(tablet, "Say something").waitFor();
  assert.deepEqual(forbidden, []);
  await screens(page).getByText("Used just now").waitFor();
  const late = await follow(t, browser, link);
  await late.getByRole("heading", { name: "This invitation is over" }).waitFor();
});

test("a screen plays what is new, one after the other, and then the last ones again", async (t) => {
  const { hub, tablet } = await visitScreen(t, {
    prepare({ hub: made }) {
      made.add(made.children[0], "message", FakeHub.tone(0.4), { delivery: { state: "heard" } });
      made.add(made.children[0], "message", FakeHub.tone(0.4), { delivery: { state: "awaiting_approval" } });
      made.add(made.children[1], "message", FakeHub.tone(0.4));
    },
  });
  const [mia] = hub.children;
  const played = () => hub.requests.filter((route) => route.endsWith("/sound"));
  await press(tablet, "Hear the last messages again").waitFor();
  const first = hub.add(mia, "message", FakeHub.tone(0.5));
  const second = hub.add(mia, "message", FakeHub.tone(0.5));
  await press(tablet, "Hear 2 new messages").waitFor();
  await hear(tablet).focus();
  await hear(tablet).click();
  await press(tablet, "Stop").waitFor();
  await press(tablet, "Hear the last messages again").waitFor();

  const heard = [...new Set(played().map((route) => route.split("/")[4]))];
  assert.deepEqual(heard, [first.id, second.id]);
  assert.equal(await focused(tablet), "Hear the last messages again");
  await hear(tablet).click();
  await press(tablet, "Stop").click();
  await press(tablet, "Hear the last messages again").waitFor();
  const waiting = hub.items[1];
  hub.change(waiting, { state: "queued" });
  await press(tablet, "Hear 1 new message").waitFor();
});

test("what a child says is sent at once, and tried again if it did not go", async (t) => {
  const { page, hub, tablet } = await visitScreen(t);
  await press(tablet, "Say something").click();
  await press(tablet, "Stop and send").waitFor();
  await tablet.waitForTimeout(900);
  hub.faults = [{ match: /recordings$/, status: 500, error: "internal", message: "Something went wrong in the hub." }];
  await press(tablet, "Stop and send").click();
  await press(tablet, "Not sent. Try again").waitFor();
  await assertAccessible(tablet, "not sent");
  await press(tablet, "Not sent. Try again").click();
  await press(tablet, "Sent. Say something more").waitFor();
  await press(tablet, "Say something").waitFor();

  const [item] = hub.items;
  assert.deepEqual([item.kind, item.sender, item.toy], ["recording", hub.people.screens[0].id, null]);
  await page.getByRole("link", { name: "Back to the children" }).click();
  await page.getByRole("link", { name: /^Mia/ }).click();
  await page.locator(".bubble-theirs").getByText("on Kitchen tablet").waitFor();
});

test("a screen without microphone says so to whoever can help", async (t) => {
  const { tablet } = await visitScreen(t);
  await tablet.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotFoundError"));
  });
  await press(tablet, "Say something").click();

  await sees(tablet, "No microphone was found.");
  await assertAccessible(tablet, "no microphone");
});

test("a screen that a guardian removed is a screen no more", async (t) => {
  const { page, hub, tablet } = await visitScreen(t);
  await tap(page, "Done");
  await page.getByRole("button", { name: "Remove Kitchen tablet" }).click();
  await assertAccessible(page, "removing");
  await tap(page, "Remove this screen");

  await sees(tablet, /^This is not a child’s screen any more/);
  await assertAccessible(tablet, "removed");
  assert.equal(hub.people.screens.length, 0);
  await assertForgotten(tablet, []);
});

test("who is signed in is asked before a device becomes a screen", async (t) => {
  const { page, hub } = await visitFamily(t, { relative: false });
  await openPeople(page);
  await tap(page, "Add a screen");
  await screens(page).getByLabel("Which device is it?").fill("Kitchen tablet");
  await tap(page, "Make the link");
  const link = await page.locator(".invite-link").textContent();
  await page.evaluate((address) => { location.hash = new URL(address).hash; }, link);
  await page.getByRole("heading", { name: "You are signed in as Anna" }).waitFor();
  await sees(page, "This link makes the device that opens it Mia’s screen. Is it this one?");
  await assertAccessible(page, "signed in");
  await tap(page, "Use this device");
  await press(page, "This is Mia’s screen").click();

  await press(page, "Say something").waitFor();
  assert.deepEqual(hub.accounts.sessions.map(({ account }) => account.role), ["child_screen"]);
  const other = await openPage(t, page.context().browser(), new URL("/", page.url()).href, { allow: ALLOWED });
  await other.getByRole("heading", { name: "Sign in to Hutch" }).waitFor();
});
