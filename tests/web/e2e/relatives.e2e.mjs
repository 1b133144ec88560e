// Relatives: invited, let in, heard first by a guardian, and shared with.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import {
  DESK, PHONE, assertAccessible, assertForgotten, assertMeasures, openPage, screenshot, sees, signIn,
} from "./support.mjs";
import {
  ALLOWED, RUTH, follow, label, noteForbidden, region, sendAsRuth, tap, tokenOf, visitAsRuth, visitFamily,
} from "./family.mjs";
import { ROLES } from "./views.mjs";
import { chooseFile, focused, inPhase, openMia, send, wavFile } from "./visit.mjs";

const LONG_NAME = "Urgroßmutter Wilhelmine-Friederike";
const relatives = (page) => region(page, "Relatives");
const openPeople = (page) => page.getByRole("link", { name: "People" }).click();
const bubbles = (page) => page.locator(".thread .bubble");

test("a relative is invited, comes in with a password of her own, and finds the child", async (t) => {
  const { page, browser, hub } = await visitFamily(t, { relative: false, prepare({ hub: { accounts } }) { accounts.household = "Lindqvist"; } });
  await openPeople(page);
  await assertAccessible(page, "people without relatives");
  await tap(page, "Invite a relative");
  await tap(page, "Make the invitation");
  await sees(page, "Type the name.");
  await relatives(page).getByLabel("Name", { exact: true }).fill("Ruth");
  await tap(page, "Make the invitation");
  await sees(page, "Choose at least one child.");
  await relatives(page).getByText("Mia", { exact: true }).click();
  assert.equal(await relatives(page).getByLabel("Check each message before Mia hears it").isChecked(), true);
  await relatives(page).getByLabel("Messages a day for Mia").fill("500");
  await tap(page, "Make the invitation");
  await sees(page, /^Type a number from 1 to 100/);
  await relatives(page).getByLabel("Messages a day for Mia").fill("5");
  await relatives(page).getByLabel("Who they are to Mia").selectOption("godparent");
  await assertAccessible(page, "the form");
  await tap(page, "Make the invitation");
  const link = await page.locator(".invite-link").textContent();
  await sees(page, /^It works once, for 7 days \(until \d+ \w+, \d\d:\d\d\), and only where this page can be opened/);
  await sees(page, /^Whoever opens this link first is Ruth here, may write to Mia/);
  await assertAccessible(page, "the link");
  await tap(page, "Done");
  await relatives(page).getByText("Invited. The link is good for 7 days more").waitFor();
  await relatives(page).getByText("Mia: godparent, you listen first, 5 messages a day").waitFor();
  await assertAccessible(page, "a relative who is invited");

  const guest = await follow(t, browser, link);
  await guest.getByRole("heading", { name: "You are invited to Mia" }).waitFor();
  await sees(guest, /^Hello Ruth\. The family Lindqvist would like Mia to hear from you/);
  assert.equal(await label(guest, "Your name").inputValue(), "Ruth");
  await sees(guest, /^At least 10 characters/);
  await assertAccessible(guest, "the invitation");
  const forbidden = noteForbidden(guest);
  await label(guest, "Your password").fill(RUTH.password);
  await label(guest, "The same once more").fill(RUTH.password);
  await tap(guest, "Come in");
  await guest.getByRole("link", { name: /^Mia/ }).waitFor();

  assert.equal(await guest.getByRole("link", { name: /^Ben/ }).count(), 0);
  assert.equal(await guest.getByRole("link", { name: "People" }).count(), 0);
  await assertForgotten(guest, [tokenOf(link), RUTH.password]);
  await relatives(page).getByText(/^Signs in as “ruth”/).waitFor();
  await sees(guest, "A guardian listens first, 5 more messages today");
  await assertAccessible(guest, "home of a relative");
  assert.deepEqual(forbidden, []);
  const [made] = hub.people.relatives;
  assert.deepEqual(made.grants, [{ child: hub.children[0].id, relation: "godparent", needs_approval: true, daily_limit: 5 }]);
});

test("what a relative sends is heard first by a guardian, who can change their mind", async (t) => {
  const { page, browser, hub, url } = await visitFamily(t);
  const guest = await visitAsRuth(t, browser, url);
  await openMia(guest);
  await sees(guest, "Nothing yet.");
  await assertAccessible(guest, "empty");
  await chooseFile(guest, wavFile(3));
  await inPhase(guest, "review");
  await send(guest).click();
  await sees(guest, "A guardian of Mia listens first.");
  await assertAccessible(guest, "awaiting");

  await page.getByRole("link", { name: /1 message waits for you/ }).click();
  await page.getByRole("heading", { name: "Waiting for you" }).waitFor();
  await sees(page, "Ruth, for Mia");
  await assertAccessible(page, "waiting");
  const row = page.locator(".approvals .bubble");
  await row.getByRole("button", { name: /^Play Ruth’s message/ }).click();
  await row.getByRole("button", { name: /^Pause/ }).waitFor();
  await tap(page, "Decline");
  await sees(page, "Declined. Ruth sees “Not delivered”.");
  await sees(guest, "Not delivered");
  await page.locator("#waiting-link").waitFor({ state: "hidden" });
  await tap(page, "Let it through after all");
  await sees(guest, /^(On its way to Mia’s toy|It is there|Goes to Mia’s toy)/);
  await row.getByRole("button", { name: "Take back" }).waitFor();
  await sees(guest, "It is there: the heart of Mia’s toy is blinking.");
  await tap(page, "Take back");
  await sees(guest, "Taken back");
  assert.equal(await row.count(), 1, "what was decided stays in its place");

  const other = hub.people.relatives[0];
  sendAsRuth({ hub, ruth: other });
  await page.locator(".approvals .bubble").nth(1).waitFor();
});

test("a message that waits is decided on in the conversation, too", async (t) => {
  const { page, hub, ruth } = await visitFamily(t, { viewport: DESK });
  await openMia(page);
  sendAsRuth({ hub, ruth });

  await sees(page, "Waits for you: Mia hears it once you let it through.");
  await page.locator(".bubble-other .bubble-name", { hasText: "Ruth" }).waitFor();
  await assertAccessible(page, "in the conversation");
  await tap(page, "Let it through");

  await sees(page, "Bentley’s heart is blinking");
  await page.locator("#waiting-link").waitFor({ state: "hidden" });
  hub.people.relatives = [];
  hub.lag();
  await page.locator(".bubble-name", { hasText: "A removed relative" }).waitFor();
});

test("who needs no approval is through at once, until the day's messages are sent", async (t) => {
  const { browser, url } = await visitFamily(t, { grant: { needs_approval: false, daily_limit: 1 } });
  const guest = await visitAsRuth(t, browser, url);
  await openMia(guest);
  const line = guest.locator(".room-presence");
  await line.getByText("1 more message today").waitFor();
  await chooseFile(guest, wavFile(2));
  await inPhase(guest, "review");
  await send(guest).click();
  await sees(guest, "It is there: the heart of Mia’s toy is blinking.");
  await line.getByText("No more messages today").waitFor();
  await chooseFile(guest, wavFile(2));
  await inPhase(guest, "review");
  await send(guest).click();

  await sees(guest, /^1 message a day is agreed, and today’s is sent\. The next one can go in/);
  await sees(guest, /Your recording is still here\.$/);
  await assertAccessible(guest, "daily limit");
});

test("a relative takes a message back before anybody heard it", async (t) => {
  const { browser, url, hub } = await visitFamily(t);
  const guest = await visitAsRuth(t, browser, url);
  await openMia(guest);
  sendAsRuth({ hub, ruth: hub.people.relatives[0] });
  await sees(guest, "A guardian of Mia listens first.");

  await tap(guest, "Take back");

  await sees(guest, "Taken back");
  assert.equal(hub.items[0].delivery.state, "withdrawn");
});

test("a relative, who is told of no toys, speaks to a child from where one says something to several", async (t) => {
  const { browser, hub, url } = await visitFamily(t);
  const guest = await visitAsRuth(t, browser, url);
  await guest.getByRole("link", { name: "Record" }).filter({ visible: true }).click();
  await guest.getByRole("group", { name: "Who shall hear it?" }).getByRole("checkbox", { name: "Mia", checked: true }).waitFor();
  await chooseFile(guest, wavFile(2));
  await guest.getByRole("button", { name: "Send to Mia" }).click();

  await sees(guest, "Sent to Mia.");
  assert.equal(hub.items.at(-1).child, hub.children[0].id);
});

test("who has nobody to speak to is shown what comes first", async (t) => {
  const without = await ROLES["new guardian"].household(t);
  await without.page.goto(new URL("/#/record", without.url).href);
  const room = without.page.locator(".room");
  await room.getByRole("link", { name: "Add your first child" }).waitFor();
  assert.equal(await without.page.locator(".composer").isVisible(), false);
  const toyless = await ROLES["guardian without a toy"].household(t);
  await toyless.page.goto(new URL("/#/record", toyless.url).href);
  await toyless.page.getByRole("group", { name: "Who shall hear it?" }).getByText("No toy yet").waitFor();
  assert.equal(await toyless.page.locator(".composer").isVisible(), false);
  await toyless.page.locator(".room").getByRole("link", { name: "Adopt a toy" }).click();
  await toyless.page.getByRole("heading", { name: "Adopt a toy" }).waitFor();
});

test("a recording is shared, heard, and taken back again", async (t) => {
  const { page, browser, hub, url } = await visitFamily(t, {
    prepare({ hub: made }) { made.add(made.children[0], "recording", FakeHub.tone(4)); },
  });
  const guest = await visitAsRuth(t, browser, url);
  await openMia(guest);
  await sees(guest, /What Mia says is here once a guardian shares it with you/);
  await openMia(page);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await assertAccessible(page, "sharing");
  await tap(page, "Ruth");

  await page.getByRole("button", { name: "Shared with Ruth" }).waitFor();
  await bubbles(guest).getByText("New").waitFor();
  await bubbles(guest).getByRole("button", { name: /^Play Mia’s recording/ }).click();
  await bubbles(guest).getByRole("button", { name: /^Pause/ }).waitFor();
  assert.equal(await guest.getByRole("button", { name: /^Share/ }).count(), 0);
  await assertAccessible(guest, "shared");
  await tap(page, "Ruth");
  await sees(guest, "Nothing yet.");
  await page.getByRole("button", { name: "Share", exact: true }).waitFor();
  await tap(page, "Ruth");
  await bubbles(guest).waitFor();
  assert.deepEqual(hub.items[0].shared_with, [hub.people.relatives[0].id]);
});

test("a recording that can be shared with nobody says nothing of it", async (t) => {
  const { page } = await visitFamily(t, {
    prepare({ hub }) {
      hub.add(hub.children[1], "recording", FakeHub.tone(4));
    },
  });
  await page.getByRole("link", { name: /^Ben/ }).click();
  await bubbles(page).waitFor();

  assert.equal(await page.getByRole("button", { name: "Share" }).count(), 0);
});

test("what a relative may do is changed, and a child that is taken away is gone from their page", async (t) => {
  const { page, browser, hub, url } = await visitFamily(t);
  const guest = await visitAsRuth(t, browser, url);
  await openMia(guest);
  await openPeople(page);
  await page.getByRole("button", { name: "Change Ruth" }).click();
  await relatives(page).getByText("Mia", { exact: true }).click();
  await relatives(page).getByText("Ben", { exact: true }).click();
  await relatives(page).getByText("Check each message before Ben hears it").click();
  await relatives(page).getByLabel("Who they are to Ben").selectOption("aunt");
  await tap(page, "Save");

  await relatives(page).getByText("Ben: aunt, goes straight to the toy, as many messages as they like").waitFor();
  await guest.getByRole("link", { name: /^Ben/ }).waitFor();
  assert.equal(await guest.getByRole("link", { name: /^Mia/ }).count(), 0);
  assert.equal(await guest.locator(".room h2").count(), 0, "the conversation is closed");
  assert.deepEqual(hub.people.relatives[0].grants.map(({ child }) => child), [hub.children[1].id]);
  await page.getByRole("button", { name: "Change Ruth" }).click();
  await relatives(page).getByText("Ben", { exact: true }).click();
  await tap(page, "Save");
  await sees(page, "Choose at least one child.");
});

test("a paused relative is out until let in again, and is told whom to ask", async (t) => {
  const { page, browser, url } = await visitFamily(t);
  const guest = await visitAsRuth(t, browser, url);
  await openPeople(page);
  await page.getByRole("button", { name: "Pause Ruth" }).click();
  await relatives(page).getByText("Paused: cannot sign in").waitFor();
  await assertAccessible(page, "paused");
  await guest.getByRole("heading", { name: "Sign in again" }).waitFor();
  await label(guest, "Password").fill(RUTH.password);
  await tap(guest, "Sign in");
  await sees(guest, "A guardian has paused this account. Ask them.");
  await assertAccessible(guest, "told so");

  await page.getByRole("button", { name: "Let in again: Ruth" }).click();
  await relatives(page).getByText(/^Signs in as/).waitFor();
  await tap(guest, "Sign in");

  await guest.locator(".door").waitFor({ state: "hidden" });
});

test("a relative who forgot the password comes in by a new link", async (t) => {
  const { page, browser, hub } = await visitFamily(t);
  await openPeople(page);
  await page.getByRole("button", { name: "New link for Ruth" }).click();
  await sees(page, /^For when Ruth forgot the password/);
  await assertAccessible(page, "new link");
  await tap(page, "Cancel");
  await page.getByRole("button", { name: "New link for Ruth" }).click();
  await tap(page, "Make a new link");
  const link = await page.locator(".invite-link").textContent();
  await tap(page, "Done");
  await relatives(page).getByText(/A new link is good for 7 days more$/).waitFor();

  const guest = await follow(t, browser, link);
  await label(guest, "Your password").fill("another-lantern-pie");
  await label(guest, "The same once more").fill("another-lantern-pie");
  await tap(guest, "Come in");

  await guest.getByRole("link", { name: /^Mia/ }).waitFor();
  assert.equal(hub.people.relatives[0].password, "another-lantern-pie");
  const late = await follow(t, browser, link);
  await late.getByRole("heading", { name: "This invitation is over" }).waitFor();
  await page.getByRole("button", { name: "New link for Ruth" }).click();
  await tap(page, "Make a new link");
  await tap(page, "Done");
  await page.getByRole("button", { name: "Take back link for Ruth" }).click();
  await page.getByRole("button", { name: "Take back link for Ruth" }).waitFor({ state: "detached" });
  assert.equal(hub.accounts.invites.length, 0);
});

test("a relative is removed with a second press, and an invitation that ended offers another", async (t) => {
  const { page, hub } = await visitFamily(t, {
    prepare({ hub: made }) { made.people.addRelative("Otto", [{ child: made.children[0].id }], { state: "invited" }); },
  });
  await openPeople(page);
  await relatives(page).getByText("The link was not used in time. Make a new one").waitFor();
  await page.getByRole("button", { name: "Remove Ruth" }).click();
  assert.equal(await focused(page), "Keep");
  await assertAccessible(page, "removing");
  await tap(page, "Keep");
  assert.equal(await focused(page), "Remove Ruth");
  await page.getByRole("button", { name: "Remove Ruth" }).click();
  await tap(page, "Remove for good");

  await relatives(page).getByText("Ruth", { exact: true }).waitFor({ state: "detached" });
  assert.deepEqual(hub.people.relatives.map(({ name }) => name), ["Otto"]);
});

test("a relative has a password, two steps and browsers, and no recovery key", async (t) => {
  const { browser, url } = await visitFamily(t);
  const guest = await visitAsRuth(t, browser, url);
  const forbidden = noteForbidden(guest);
  await guest.getByRole("link", { name: /You and this hub/ }).click();
  await guest.getByText("Only in this browser.").waitFor();

  assert.deepEqual(await guest.locator(".you-section h3").allTextContents(), ["Password", "Two-step sign-in", "Where you are signed in", "Language", "This device"]);
  await sees(guest, "Relative");
  await assertAccessible(guest, "you");
  await tap(guest, "Change password");
  await guest.getByLabel("Your password until now", { exact: true }).fill(RUTH.password);
  await guest.getByLabel("New password", { exact: true }).fill("too-short");
  await guest.getByLabel("The same once more", { exact: true }).fill("too-short");
  await sees(guest, "9 of at least 10 characters.");
  await guest.evaluate(() => { location.hash = "#/people"; });
  await guest.waitForTimeout(300);
  assert.equal(await guest.getByRole("heading", { name: "Relatives" }).count(), 0);
  await guest.reload();
  await guest.getByRole("link", { name: /^Mia/ }).waitFor();
  assert.deepEqual(forbidden, []);
});

test("a relative without children is told whom to ask", async (t) => {
  const { page, browser, url, hub } = await visitFamily(t, { prepare({ ruth }) { ruth.grants = []; } });
  const guest = await visitAsRuth(t, browser, url);
  await sees(guest, "No child is here for you yet.");
  await assertAccessible(guest, "no child");

  hub.people.relatives[0].grants = [{ child: hub.children[1].id, relation: "aunt", needs_approval: true, daily_limit: null }];
  hub.lag();

  await guest.getByRole("link", { name: /^Ben/ }).waitFor();
  await page.close();
});

test("refusals are told in words", async (t) => {
  const { page, hub } = await visitFamily(t, {
    prepare({ hub: made }) { made.add(made.children[0], "recording", FakeHub.tone(2)); },
  });
  hub.faults = [
    { match: /share$/, status: 409, error: "not_granted", message: "no" },
    { match: /relatives$/, status: 409, error: "too_many_invites", message: "More invitations are open than anybody needs. Take some back." },
  ];
  await openMia(page);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await tap(page, "Ruth");
  await sees(page, "This relative may not hear that child. A guardian can change that under “People”.");
  await page.getByRole("link", { name: "Back to the children" }).click();
  await openPeople(page);
  await tap(page, "Invite a relative");
  await relatives(page).getByLabel("Name", { exact: true }).fill("Otto");
  await relatives(page).getByText("Mia", { exact: true }).click();
  await tap(page, "Make the invitation");

  await sees(page, /^More invitations are open than anybody needs/);
});

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 480 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`relatives, approval and sharing at ${width} px, ${colorScheme}`, async (t) => {
      const { page, browser, hub, ruth, url } = await visitFamily(t, {
        viewport, colorScheme, grant: { daily_limit: 5 },
        prepare({ hub: made }) {
          const [mia, ben] = made.children;
          made.people.addRelative(LONG_NAME, [{ child: mia.id }, { child: ben.id, needs_approval: false }], { state: "blocked" });
          made.people.addRelative("Otto", [{ child: ben.id, relation: "friend" }], { state: "invited" });
          made.people.addScreen("Kitchen tablet", mia.id);
          made.add(mia, "recording", FakeHub.tone(4), { shared_with: [made.people.relatives[0].id] });
          made.add(mia, "message", FakeHub.tone(2), { delivery: { state: "heard", heard_at: made.accounts.now() } });
        },
      });
      const look = async (where, name) => {
        await assertMeasures(where, name);
        await assertAccessible(where, name);
        await screenshot(where, `${width}-${colorScheme}-${name}`);
      };
      sendAsRuth({ hub, ruth });
      await page.locator("#waiting-link").waitFor();
      await look(page, "family-home");
      await openPeople(page);
      await relatives(page).getByText(LONG_NAME, { exact: true }).waitFor();
      await look(page, "family-people");
      await page.getByRole("button", { name: "Remove Ruth" }).click();
      await look(page, "family-remove");
      await page.getByRole("button", { name: "Change Ruth" }).click();
      await look(page, "family-change");
      await tap(page, "Save");
      await page.getByRole("button", { name: "New link for Ruth" }).click();
      await tap(page, "Make a new link");
      const link = await page.locator(".invite-link").textContent();
      await look(page, "family-link");
      if (width < 900) await page.getByRole("link", { name: "Back to the children" }).click();
      await page.locator("#waiting-link").click();
      await page.getByRole("heading", { name: "Waiting for you" }).waitFor();
      await look(page, "family-waiting");
      if (width < 900) await page.getByRole("link", { name: "Back to the children" }).click();
      await openMia(page);
      await bubbles(page).nth(2).waitFor();
      await page.getByRole("button", { name: "Shared with Ruth" }).click();
      await look(page, "family-conversation");

      const guest = await follow(t, browser, link, { viewport, colorScheme });
      await guest.getByRole("heading", { name: "You are invited to Mia" }).waitFor();
      await look(guest, "family-invited");
      const hers = await openPage(t, browser, new URL("/", url).href, { allow: ALLOWED, viewport, colorScheme });
      await signIn(hers, RUTH);
      await hers.getByRole("link", { name: /^Mia/ }).waitFor();
      await look(hers, "relative-home");
      await openMia(hers);
      await bubbles(hers).nth(1).waitFor();
      await look(hers, "relative-conversation");
    });
  }
}
