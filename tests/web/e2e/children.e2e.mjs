// Children: the first one of a new household, further ones, and one that is called something else now.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { DESK, PHONE, assertAccessible, assertMeasures, openPage, screenshot, sees, startBrowser, startFakeHub } from "./support.mjs";
import { ALLOWED, tap, visitFamily } from "./family.mjs";
import { chooseFile, focused, inPhase, openMia, send, wavFile } from "./visit.mjs";

const NOBODY = { relative: false, hub: { names: [], toys: [] } };
const PASSWORD = "lantern-orbit-pickle-meadow-cobalt";
const nickname = (page) => page.getByLabel("Nickname", { exact: true });

test("a household without a child asks whom the first toy is for", async (t) => {
  const { page, hub } = await visitFamily(t, NOBODY);
  await sees(page, "Who is the first toy for?");
  await assertAccessible(page, "no child");
  await page.getByRole("link", { name: "Add your first child" }).click();
  await page.getByRole("heading", { name: "Who is the first toy for?" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("name")), "nickname");
  await assertAccessible(page, "the form");
  await tap(page, "Add this child");
  await sees(page, "Type a nickname.");
  await nickname(page).fill("??");
  await tap(page, "Add this child");
  await sees(page, "A name has 1 to 64 letters. Choose another one.");
  await nickname(page).fill("Mia");
  await page.getByText("Rabbit", { exact: true }).click();
  await page.getByRole("radio", { name: "Bear" }).focus();
  await page.getByText("Blue", { exact: true }).click();
  await tap(page, "Add this child");
  await tap(page, "No toy yet");
  await openMia(page);

  await page.locator(".room").getByRole("heading", { name: "Mia" }).waitFor();
  assert.deepEqual(hub.children.map(({ name, animal, color }) => ({ name, animal, color })), [{ name: "Mia", animal: "rabbit", color: "sky" }]);
  await page.locator(".room-presence", { hasText: "No toy yet" }).waitFor();
  await chooseFile(page, wavFile(2));
  await inPhase(page, "review");
  await send(page).click();
  await sees(page, /^This child has no toy yet.*Your recording is still here\.$/);
});

test("after the set-up the page asks for the first child", async (t) => {
  const { url, hub } = await startFakeHub(t, { names: [], toys: [], door: { setUp: true, demo: false } });
  const page = await openPage(t, await startBrowser(t), new URL("/", url).href, { allow: ALLOWED });
  const label = (name) => page.locator(".door").getByLabel(name, { exact: true });
  await label("Set-up code").fill(hub.accounts.setUp.code);
  await label("Your name").fill("Anna");
  await label("Your password").fill(PASSWORD);
  await label("The same once more").fill(PASSWORD);
  await tap(page, "Set up Hutch");
  await tap(page, "I have it: go on");
  await tap(page, "Later");

  await page.locator(".room").getByRole("heading", { name: "Who is the first toy for?" }).waitFor();
  await nickname(page).fill("Mia");
  await page.keyboard.press("Enter");
  await page.locator(".room").getByRole("heading", { name: "Adopt a toy" }).waitFor();
  await page.getByRole("link", { name: "Back to the children" }).click();
  await page.getByRole("link", { name: /^Mia/ }).waitFor();
});

test("whoever types a longer name than fits is told so, and only then", async (t) => {
  const { page } = await visitFamily(t, NOBODY);
  await page.getByRole("link", { name: "Add your first child" }).click();
  await nickname(page).pressSequentially("a".repeat(39));
  const words = "More than 40 letters do not fit here: the rest is left out.";
  const longest = page.locator(".field").getByText(words);
  assert.equal(await longest.count(), 0);
  await nickname(page).pressSequentially("bcd");
  await longest.waitFor();
  await page.locator("[aria-live], [role=status]").getByText(words).first().waitFor({ state: "attached" });
  assert.equal((await nickname(page).inputValue()).length, 40);
  await assertAccessible(page, "a name that is too long");
  await page.keyboard.press("Backspace");
  await longest.waitFor({ state: "detached" });
});

test("a further child is added, and one leaves without", async (t) => {
  const { page, hub } = await visitFamily(t, { relative: false });
  await page.getByRole("link", { name: "Add a child" }).click();
  await page.getByRole("heading", { name: "Add a child" }).waitFor();
  await page.getByRole("link", { name: "Cancel" }).click();
  assert.equal(await focused(page), "Add a child");
  assert.equal(hub.children.length, 2);
  await page.keyboard.press("Enter");
  await nickname(page).fill("Lu");
  await tap(page, "Add this child");

  await page.locator(".room").getByRole("heading", { name: "Lu" }).waitFor();
  assert.equal(hub.children.length, 3);
});

test("a child gets another name and another picture, in every browser", async (t) => {
  const { page, browser, hub, url, name, password } = await visitFamily(t, { relative: false });
  const other = await openPage(t, browser, new URL("/", url).href, { allow: ALLOWED });
  const door = other.locator(".door");
  await door.getByLabel("Name", { exact: true }).fill(name);
  await door.getByLabel("Password", { exact: true }).fill(password);
  await tap(other, "Sign in");
  await openMia(other);
  await openMia(page);
  await page.getByRole("link", { name: "Change Mia" }).click();
  assert.equal(await nickname(page).inputValue(), "Mia");
  assert.equal(await page.getByRole("radio", { name: "Bear" }).isChecked(), true);
  await nickname(page).fill("Mimi");
  await page.getByText("Cat", { exact: true }).click();
  await tap(page, "Save");

  await page.locator(".room").getByRole("heading", { name: "Mimi" }).waitFor();
  await other.locator(".room").getByRole("heading", { name: "Mimi" }).waitFor();
  assert.equal(hub.children[0].animal, "cat");
});

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 480 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`children and a child's screen at ${width} px, ${colorScheme}`, async (t) => {
      const { page, browser, hub } = await visitFamily(t, { ...NOBODY, viewport, colorScheme });
      const look = async (where, called) => {
        await assertMeasures(where, called);
        await assertAccessible(where, called);
        await screenshot(where, `${width}-${colorScheme}-${called}`);
      };
      await look(page, "children-none");
      await page.getByRole("link", { name: "Add your first child" }).click();
      await tap(page, "Add this child");
      await look(page, "children-first");
      await nickname(page).fill("Donaudampfschifffahrtskapitän");
      await tap(page, "Add this child");
      await tap(page, "No toy yet");
      if (width !== "1280") await page.getByRole("link", { name: /^Donau/ }).click();
      await page.getByRole("link", { name: /^Change/ }).waitFor();
      await look(page, "children-without-toy");
      const [child] = hub.children;
      hub.people.addScreen("Kitchen tablet", child.id);
      await page.evaluate(() => { location.hash = "#/people"; });
      const screens = page.getByRole("region", { name: "Child screens" });
      hub.lag();
      await screens.getByText("Kitchen tablet", { exact: true }).waitFor();
      await page.getByRole("button", { name: "New link for Kitchen tablet" }).click();
      await tap(page, "Make a new link");
      const link = await page.locator(".invite-link").textContent();
      await look(page, "screen-link");

      const tablet = await openPage(t, browser, link, { allow: ALLOWED, viewport, colorScheme });
      await tablet.getByRole("button", { name: /^This is/ }).waitFor();
      await look(tablet, "screen-invited");
      await tablet.getByRole("button", { name: /^This is/ }).click();
      await tablet.getByRole("button", { name: "Say something" }).waitFor();
      await look(tablet, "screen-empty");
      hub.add(child, "message", FakeHub.tone(2));
      await tablet.getByRole("button", { name: "Hear 1 new message" }).waitFor();
      await look(tablet, "screen-new");
      const { scrollHeight, clientHeight } = await tablet.evaluate(() => {
        const { scrollHeight: all, clientHeight: shown } = document.querySelector(".room");
        return { scrollHeight: all, clientHeight: shown };
      });
      assert.ok(scrollHeight <= clientHeight, "nothing to scroll");
    });
  }
}
