// Toys: whose they are and how they are, what a guardian should look at, and how one is adopted and retired.
// The scripted hub does what a toy rarely does.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { idOf } from "../fake-ids.mjs";
import { FakeToys } from "../fake-toys.mjs";
import { DESK, PHONE, assertAccessible, assertMeasures, screenshot, sees } from "./support.mjs";
import { region, tap, visitAsRuth, visitFamily } from "./family.mjs";
import { focused, live } from "./visit.mjs";

const FAILING = { status: 500, error: "internal", message: "Something went wrong in the hub." };
const STOPPING = { status: 503, error: "stopping", message: "Hutch is stopping. Try again in a moment." };
const room = (page) => page.locator(".room");
const title = (page, name) => room(page).getByRole("heading", { name, exact: true });
const near = (page, name) => page.locator(".near", { hasText: name });
const notice = (page, text) => page.locator(".radio-notice", { hasText: text });
const rowOf = (page, name) => page.locator(".toy-row", { has: page.getByRole("heading", { name, exact: true }) });
const meetings = (hub) => hub.requests.filter((route) => /^POST .*\/meetings/.test(route)).map((route) => route.replace("POST /api/v1", ""));

/** Opens the toys, or the place where one is adopted. */
async function visitToys(t, { place = "#/toys", ...options } = {}) {
  const visit = await visitFamily(t, { relative: false, ...options });
  await live(visit.page);
  await visit.page.evaluate((hash) => { location.hash = hash; }, place);
  await title(visit.page, place === "#/toys" ? "Toys" : "Adopt a toy").waitFor();
  return visit;
}

const visitAdoption = (t, options) => visitToys(t, { place: "#/toys/adopt", ...options });

test("the toys say whose they are and how they are", async (t) => {
  const { page, hub } = await visitFamily(t, { relative: false });
  await page.getByRole("link", { name: "Toys", exact: true }).click();
  await title(page, "Toys").waitFor();
  const [bentley, starburst] = [rowOf(page, "Bentley"), rowOf(page, "Starburst")];
  await bentley.getByText("Mia’s bear").waitFor();
  await starburst.getByText("Ben’s unicorn").waitFor();
  await bentley.getByText("Awake", { exact: true }).waitFor();
  await live(page);

  hub.setPresence(hub.toys[0].id, "unreachable");
  await bentley.getByText(/^Hutch could not reach it/).waitFor();
  await bentley.getByText("What to do").click();
  await bentley.getByText(/same room as the hub/).waitFor();
  hub.setPresence(hub.toys[0].id, "asleep");
  await bentley.getByText("Asleep", { exact: true }).waitFor();
  assert.equal(await bentley.getByText("What to do").isVisible(), false);
  await page.getByRole("link", { name: "Back to the children" }).click();
  assert.equal(await focused(page), "Toys");
});

test("how well the hub hears a toy is said in a word, and moves with it", async (t) => {
  const { page, hub } = await visitToys(t);
  const bentley = rowOf(page, "Bentley");
  assert.equal(await bentley.locator(".toy-heard").isVisible(), false, "nobody knows yet");
  hub.radio.hear(hub.toys[0].id, "close");
  await bentley.getByText("Close by", { exact: true }).waitFor();
  assert.equal(await bentley.locator(".bars").getAttribute("data-bars"), "3");
  hub.radio.hear(hub.toys[0].id, "faint");
  await bentley.getByText("Hardly heard. Bring it closer to the hub").waitFor();
  hub.setPresence(hub.toys[0].id, "asleep");
  await bentley.getByText("Hardly heard the last time").waitFor();
  await assertAccessible(page, "heard faintly");
});

test("a toy gets another name in its row, and the old one back", async (t) => {
  const { page, hub } = await visitToys(t);
  await page.getByRole("button", { name: "Rename Bentley" }).click();
  const name = rowOf(page, "Bentley").getByLabel("Name", { exact: true });
  assert.equal(await name.evaluate((field) => field === document.activeElement), true);
  await assertAccessible(page, "renaming");
  await assertMeasures(page, "renaming");
  await name.fill("??");
  await page.keyboard.press("Enter");
  await sees(page, "A name has 1 to 64 letters. Choose another one.");
  await tap(page, "Cancel");
  assert.equal(await focused(page), "Rename Bentley");
  assert.equal(hub.toys[0].name, "Bentley");
  await page.getByRole("button", { name: "Rename Bentley" }).click();
  assert.equal(await name.inputValue(), "Bentley", "nothing is left of what was typed");
  await name.fill("Sir Barnaby");
  await page.keyboard.press("Enter");

  const barnaby = rowOf(page, "Sir Barnaby");
  await barnaby.getByText("Bentley is called Sir Barnaby now.").waitFor();
  assert.equal(await focused(page), "Sir Barnaby");
  await assertMeasures(page, "renamed");
  await barnaby.getByRole("button", { name: "Call it Bentley again" }).click();
  await rowOf(page, "Bentley").waitFor();
  assert.equal(hub.toys[0].name, "Bentley");
  assert.equal(await page.getByRole("button", { name: /again$/ }).count(), 0);
});

test("a toy is given to another child, and back", async (t) => {
  const { page, hub } = await visitToys(t);
  const [mia, ben] = hub.children;
  const bentley = rowOf(page, "Bentley");
  await page.getByRole("button", { name: "Bentley: Give to another child" }).click();
  assert.equal(await focused(page), "Whose is Bentley from now on?");
  await bentley.getByText("What Mia recorded stays in Mia’s conversation.").waitFor();
  await assertAccessible(page, "giving");
  await assertMeasures(page, "giving");
  hub.faults.push({ match: /POST .*toys\/\w+$/, ...STOPPING });
  await page.getByRole("button", { name: "Give Bentley to Ben" }).click();
  await bentley.getByText(STOPPING.message).waitFor();
  await page.getByRole("button", { name: "Give Bentley to Ben" }).click();

  await bentley.getByText("Ben’s bear").waitFor();
  await bentley.getByText("Bentley is Ben’s toy now.").waitFor();
  assert.equal(hub.toys[0].child, ben.id);
  await bentley.getByRole("button", { name: "Give it back to Mia" }).click();
  await bentley.getByText("Mia’s bear").waitFor();
  assert.equal(hub.toys[0].child, mia.id);
});

/** Opens what is inside of a toy that holds a message and a recording. */
async function visitInside(t, options) {
  const visit = await visitToys(t, {
    ...options,
    async prepare(scene) {
      const { hub } = scene;
      const [mia] = hub.children;
      hub.add(mia, "recording", FakeHub.tone(2), { quiet: true });
      hub.add(mia, "message", FakeHub.tone(3), { quiet: true, delivery: { state: "on_toy" } });
      await options?.prepare?.(scene);
    },
  });
  const bentley = rowOf(visit.page, "Bentley");
  await bentley.getByText("How loud, and what is on it").click();
  await bentley.getByRole("heading", { name: "What is on Bentley" }).waitFor();
  await bentley.getByRole("heading", { name: "What the blue paw plays" }).waitFor();
  return { ...visit, bentley };
}

const slotOf = (row, name) => row.locator(".slot", { has: row.page().getByRole("heading", { name, exact: true }) });

test("what lies on a toy is shown, and played here or on the toy", async (t) => {
  const { page, hub, bentley } = await visitInside(t);
  const [own, mailbox, third] = ["What the red paw recorded", "What the blue paw plays", "Memory 3, which no paw plays"]
    .map((name) => slotOf(bentley, name));
  assert.equal(await bentley.locator(".slot").count(), 5);
  await mailbox.getByText(/^Your message, .*Mia has not heard it yet\.$/).waitFor();
  await own.getByText(/^Mia, .*It stays there until the next recording\.$/).waitFor();
  await third.getByText("Nothing that Hutch put there. What was there before, nobody knows.").waitFor();
  await assertAccessible(page, "inside of a toy");
  await assertMeasures(page, "inside of a toy");
  await own.getByRole("button", { name: "Play What the red paw recorded" }).waitFor();

  await mailbox.getByRole("button", { name: /^Play on Bentley/ }).click();
  await mailbox.getByRole("button", { name: "Stop Bentley" }).waitFor();
  assert.equal(await focused(page), "Stop Bentley", "it is at hand");
  assert.equal(await bentley.getByRole("button", { name: /^Play on Bentley/ }).count(), 0, "one thing at a time");
  await mailbox.getByRole("button", { name: "Stop Bentley" }).click();
  await third.getByRole("button", { name: /^Play on Bentley/ }).waitFor();
  assert.deepEqual(hub.requests.filter((route) => /play$|stop$/.test(route)).map((route) => route.split("/").slice(-1)[0]), ["play", "stop"]);

  hub.radio.isEmpty = true;
  await third.getByRole("button", { name: /^Play on Bentley/ }).click();
  await third.getByText(/^Bentley did not begin\./).waitFor();
});

test("on a toy that sleeps, or in quiet hours, nothing is played, and the page says why", async (t) => {
  const { page, hub, bentley } = await visitInside(t);
  const plays = bentley.getByRole("button", { name: /^Play on Bentley/ });
  hub.setPresence(hub.toys[0].id, "asleep");
  await bentley.getByText("Bentley is asleep. Squeeze a paw: then you can have it play what is on it.").waitFor();
  assert.equal(await plays.count(), 0);
  hub.setPresence(hub.toys[0].id, "awake");
  await plays.first().waitFor();
  hub.rules.setQuiet(hub.children[0].id, { until: Math.floor(Date.now() / 1000) + 3_600, because: "hours" });
  await bentley.getByText(/^It is quiet time until .*you can listen here\.$/).waitFor();
  assert.equal(await plays.count(), 0);
  await assertAccessible(page, "nothing is played");
});

test("a slot is overwritten with silence after a question, but never what the child recorded", async (t) => {
  const { page, hub, bentley } = await visitInside(t);
  const [own, mailbox, third] = ["What the red paw recorded", "What the blue paw plays", "Memory 3, which no paw plays"]
    .map((name) => slotOf(bentley, name));
  assert.equal(await own.getByRole("button", { name: /silence/ }).count(), 0);
  await mailbox.getByRole("button", { name: /^Overwrite with silence/ }).click();
  await mailbox.getByText("The message is taken back, and Mia will not hear it. It stays in the conversation.").waitFor();
  await mailbox.getByRole("button", { name: "Keep" }).click();
  await third.getByRole("button", { name: /^Overwrite with silence/ }).click();
  await assertMeasures(page, "asked before silence");
  await third.getByRole("button", { name: "Overwrite it" }).click();
  await third.getByText(/^Hutch overwrites it with silence as soon as it reaches Bentley/).waitFor();
  assert.equal(await focused(page), "What is on Bentley");
  hub.radio.holdsElse(hub.toys[0].id, true);
  await third.getByText("Silence.", { exact: true }).waitFor();
  assert.equal(await third.getByRole("button").count(), 0, "there is nothing to hear");
});

test("a toy is made louder, as far as the rules allow, and one that sleeps as soon as it wakes", async (t) => {
  const { page, hub, bentley } = await visitInside(t);
  const slider = bentley.getByRole("slider", { name: "How loud Bentley is" });
  assert.equal(await slider.getAttribute("aria-valuetext"), "Loud");
  await slider.press("ArrowLeft");
  await bentley.getByText("Medium", { exact: true }).waitFor();
  for (let n = 0; n < 60 && hub.toys[0].volume !== 140; n += 1) await page.waitForTimeout(50);
  assert.equal(hub.toys[0].volume, 140);
  hub.toys[0].loudest = 90;
  hub.toys[0].volume = 90;
  hub.lag();
  await bentley.getByText("No louder than the rules for Mia allow.").waitFor();
  assert.equal(await slider.getAttribute("aria-valuetext"), "Quiet");
  hub.setPresence(hub.toys[0].id, "asleep");
  await slider.press("ArrowLeft");
  await bentley.getByText(/^Bentley becomes so as soon as Hutch reaches it/).waitFor();
  assert.equal(hub.toys[0].wanted_volume, 40);
  hub.faults.push({ match: /POST .*toys\/\w+$/, ...STOPPING });
  await slider.press("ArrowRight");
  await bentley.getByText(STOPPING.message).waitFor();
  assert.equal(await slider.getAttribute("aria-valuetext"), "Very quiet", "it is as it was");
});

test("a toy that nobody adopted is heard, met, named, and somebody’s", async (t) => {
  const { page, hub } = await visitToys(t);
  await page.getByRole("link", { name: "Adopt a toy" }).click();
  await title(page, "Adopt a toy").waitFor();
  await near(page, "A toy without a name").waitFor();
  await assertAccessible(page, "toys nearby");
  await near(page, "A toy without a name").click();
  await title(page, "Is it this one?").waitFor();
  assert.equal(await focused(page), "Is it this one?");
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
  hub.radio.move("squeezed");

  await title(page, "That is the one. What is it called?").waitFor();
  await assertAccessible(page, "naming");
  await tap(page, "Adopt this toy");
  await sees(page, "Type a name.");
  await page.getByLabel("Name", { exact: true }).fill("??");
  await tap(page, "Adopt this toy");
  await sees(page, "Choose whose it is.");
  await page.getByText("Ben", { exact: true }).last().click();
  await tap(page, "Adopt this toy");
  await sees(page, "Choose which animal it is.");
  await page.getByText("Rabbit", { exact: true }).click();
  await tap(page, "Adopt this toy");
  await sees(page, "A name has 1 to 64 letters. Choose another one.");
  await page.getByLabel("Name", { exact: true }).fill("Bubbles");
  await page.keyboard.press("Enter");

  await title(page, "Bubbles is Ben’s toy now.").waitFor();
  assert.equal(await focused(page), "Bubbles is Ben’s toy now.");
  await assertAccessible(page, "adopted");
  assert.deepEqual(hub.toys.at(-1).child, hub.children[1].id);
  await page.getByRole("link", { name: "Say something to Ben" }).click();
  await page.locator(".room-presence", { hasText: "Starburst is awake, Bubbles is awake" }).waitFor();
  assert.deepEqual(meetings(hub), ["/meetings"], "a meeting that led to something is not ended by the page");
});

test("the list of toys keeps its order, knows our own, and says how near they are", async (t) => {
  const { page, hub } = await visitAdoption(t, {
    prepare: ({ hub: { radio, toys } }) => {
      radio.heard = [FakeToys.own(toys[0]), FakeToys.stranger({ character: "cat", signal_dbm: -90 })];
    },
  });
  const own = near(page, "Bentley");
  await own.getByText("Mia’s bear, here already").waitFor();
  assert.equal(await own.evaluate((element) => element.tagName), "DIV", "our own is not to be chosen");
  await near(page, "A cat without a name").getByText("Weak signal: bring it closer to the hub").waitFor();

  hub.radio.heard = [
    FakeToys.stranger({ address: "C0:FF:EE:00:00:09", character: "cat", signal_dbm: -40 }), ...hub.radio.heard.slice(1),
  ];
  await near(page, "number 00:09").waitFor();
  await own.waitFor({ state: "detached" });
  const order = await page.locator(".nearby li").evaluateAll((all) => all.map(({ dataset }) => dataset.address));
  assert.deepEqual(order, ["C0:FF:EE:00:00:03", "C0:FF:EE:00:00:09"]);
  await near(page, "number 00:09").focus();
  hub.radio.heard = [];
  await sees(page, "Listening for toys …");
  assert.equal(await focused(page), "Squeeze a paw to wake the toy");
});

test("whoever finds no toy is told what to try", async (t) => {
  const { page } = await visitAdoption(t, { prepare: ({ hub: { radio } }) => { radio.heard = []; } });
  await sees(page, "Listening for toys …");
  await page.getByText("Squeeze a paw once more.").waitFor({ timeout: 20_000 });
  await assertAccessible(page, "no toy nearby");
});

test("what is wrong with Bluetooth is said where a toy is adopted, and goes with it", async (t) => {
  const { page, hub } = await visitAdoption(t, { prepare: ({ hub: { radio } }) => { radio.state = "off"; } });
  await notice(page, "Bluetooth is switched off at the hub.").waitFor();
  assert.equal(await page.getByText("Toys nearby").isVisible(), false);
  await assertAccessible(page, "no Bluetooth");
  hub.radio.setRadio("starting");
  await notice(page, "Bluetooth is being started.").waitFor();
  hub.radio.setRadio("works");
  await near(page, "A toy without a name").waitFor();
  hub.radio.setRadio("stuck");
  await notice(page, "The hub’s Bluetooth does not answer.").waitFor();
  await page.getByRole("link", { name: "Back to the toys" }).click();
  await title(page, "Toys").waitFor();
  await notice(page, "The hub’s Bluetooth does not answer.").waitFor();
  await page.evaluate(() => { location.hash = "#/"; });
  await sees(page, /No message reaches a toy until it works/);
  await assertAccessible(page, "a reminder of Bluetooth");
  await page.getByRole("link", { name: "What to do" }).click();
  await title(page, "Toys").waitFor();
  hub.mute = true;
  hub.radio.setRadio("works");
  hub.mute = false;
  hub.lag();
  await notice(page, "The hub’s Bluetooth does not answer.").waitFor({ state: "hidden" });
});

test("a meeting that comes to nothing says why, and another try keeps what was typed", async (t) => {
  const { page, hub } = await visitAdoption(t);
  const { radio } = hub;
  await near(page, "A toy without a name").click();
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
  radio.move("failed", { why: "not_squeezed" });
  await title(page, "No paw was squeezed within a minute.").waitFor();
  await assertAccessible(page, "not squeezed");
  await tap(page, "Try again");
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
  radio.move("squeezed");
  await page.getByLabel("Name", { exact: true }).fill("Bubbles");
  await page.getByText("Mia", { exact: true }).last().click();
  radio.move("failed", { why: "link_lost" });
  await title(page, "The connection to the toy broke off.").waitFor();
  await tap(page, "Try again");
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
  radio.move("squeezed");
  await title(page, "That is the one. What is it called?").waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Bubbles");
  assert.equal(await page.getByRole("radio", { name: "Mia" }).isChecked(), true);

  radio.move("failed", { why: "taken" });
  await title(page, "This toy has just been adopted.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0);
  await page.getByRole("link", { name: "See your toys" }).click();
  await title(page, "Toys").waitFor();
});

test("a toy that is gone, or the hub, is no dead end", async (t) => {
  const { page, hub } = await visitAdoption(t);
  await near(page, "A toy without a name").waitFor();
  const { heard } = hub.radio;
  hub.radio.heard = [];
  await near(page, "A toy without a name").click();
  await sees(page, "Hutch does not hear this toy any more. Squeeze a paw, and choose it again.");
  hub.radio.heard = heard;
  hub.faults.push({ match: /POST .*meetings$/, ...STOPPING });
  await near(page, "A toy without a name").click();
  await title(page, "That did not work.").waitFor();
  await sees(page, STOPPING.message);
  await tap(page, "Choose another one");
  hub.faults.push({ match: /GET .*radio$/, ...FAILING });
  await sees(page, /^Something went wrong in the hub\. .+ This page keeps trying\.$/);
  await near(page, "A toy without a name").click();
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
});

test("whoever leaves lets go of the toy", async (t) => {
  const { page, hub } = await visitAdoption(t);
  await near(page, "A toy without a name").click();
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
  await tap(page, "Choose another one");
  await near(page, "A toy without a name").waitFor();
  assert.equal(hub.radio.meeting.state, "cancelled");
  await near(page, "A toy without a name").click();
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
  hub.radio.move("squeezed");
  await title(page, "That is the one. What is it called?").waitFor();
  await page.getByRole("link", { name: "Back to the toys" }).click();
  await title(page, "Toys").waitFor();
  assert.equal(hub.radio.meeting.state, "cancelled");

  // A hub that answers late finds nobody there.
  await page.getByRole("link", { name: "Adopt a toy" }).click();
  hub.radio.reaches = "connecting";
  hub.faults.push({ match: /POST .*meetings$/, status: 200, delayMs: 400 });
  await near(page, "A toy without a name").click();
  await tap(page, "Choose another one");
  for (let n = 0; n < 60 && hub.radio.meeting.id !== idOf("m", 3); n += 1) await page.waitForTimeout(50);
  for (let n = 0; n < 60 && hub.radio.meeting.state !== "cancelled"; n += 1) await page.waitForTimeout(50);
  assert.deepEqual([hub.radio.meeting.id, hub.radio.meeting.state], [idOf("m", 3), "cancelled"]);
});

test("what happened to a meeting while the hub was away is found out", async (t) => {
  const { page, hub } = await visitAdoption(t);
  await near(page, "A toy without a name").click();
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
  hub.mute = true;
  hub.radio.move("squeezed");
  await page.evaluate(async () => (await import("/js/store.js")).store.set("link", "lost"));
  hub.mute = false;
  await page.evaluate(async () => (await import("/js/store.js")).store.set("link", "live"));
  await title(page, "That is the one. What is it called?").waitFor();
});

for (const guard of ["table", "name", "config", "second_address", "game"]) {
  test(`a toy with another ${guard} is to be looked at, until a guardian says that it is theirs`, async (t) => {
    const { page, hub } = await visitFamily(t, { relative: false, viewport: guard === "table" ? DESK : PHONE });
    await live(page);
    hub.radio.doubt(hub.toys[0].id, guard);
    await page.getByRole("link", { name: /^Look at Bentley/ }).click();
    const bentley = rowOf(page, "Bentley");
    await bentley.getByText(/still your toy/).first().waitFor();
    await assertMeasures(page, `guard-${guard}`);
    await assertAccessible(page, `guard ${guard}`);
    hub.faults.push({ match: /trust$/, ...STOPPING });
    await bentley.getByRole("button", { name: /It is still our toy/ }).click();
    await bentley.getByText(STOPPING.message).waitFor();
    await bentley.getByRole("button", { name: /It is still our toy/ }).click();
    await bentley.getByText(/still your toy/).first().waitFor({ state: "detached" });
    await bentley.getByText("Awake", { exact: true }).waitFor();
    assert.equal(await focused(page), "Bentley");
    assert.equal(await page.locator("#toy-care-link").getAttribute("hidden"), "");
  });
}

test("a toy is retired after a question, and gone once it was reached", async (t) => {
  const { page, hub } = await visitToys(t);
  const bentley = rowOf(page, "Bentley");
  const press = (name) => bentley.getByRole("button", { name, exact: true });
  await press("Retire Bentley").click();
  await bentley.getByText(/overwrites the messages on it with silence/).waitFor();
  assert.equal(await focused(page), "Retire Bentley?");
  await assertAccessible(page, "retiring");
  await press("Keep").click();
  assert.equal(await focused(page), "Retire Bentley");
  assert.equal(hub.toys.length, 2);
  await press("Retire Bentley").click();
  hub.lag();
  await bentley.getByRole("button", { name: "Retire Bentley" }).last().click();
  await bentley.getByText(/^On its way out\. Hutch tidies up/).waitFor();
  hub.setPresence(hub.toys[0].id, "asleep");
  await bentley.getByText(/^On its way out\. Squeeze one of Bentley’s paws/).waitFor();
  assert.equal(hub.toys[0].retiring, true);
  await page.evaluate(() => { location.hash = "#/"; });
  await page.getByRole("link", { name: /^Mia Bentley is on its way out/ }).waitFor();
  await page.getByRole("link", { name: "Toys", exact: true }).click();

  hub.radio.letGo(hub.toys[0].id);
  await bentley.waitFor({ state: "detached" });
  await rowOf(page, "Starburst").waitFor();
  await page.evaluate(() => { location.hash = "#/"; });
  await page.getByRole("link", { name: /^Mia/ }).click();
  await sees(page, "Mia has no toy yet.");
  await assertMeasures(page, "no-toy");
  await assertAccessible(page, "no toy");
  await page.getByRole("link", { name: "Adopt a toy" }).click();
  await title(page, "Adopt a toy").waitFor();
});

test("a toy that is lost is let go at once, now or later", async (t) => {
  const { page, hub } = await visitToys(t);
  await page.getByRole("button", { name: "Retire Bentley" }).click();
  await page.getByText("Bentley is lost or broken").click();
  await sees(page, /whoever finds it can play them with a squeeze/);
  hub.faults.push({ match: /retire$/, ...STOPPING });
  await tap(page, "Let it go at once");
  await sees(page, STOPPING.message);
  await tap(page, "Let it go at once");
  await rowOf(page, "Bentley").waitFor({ state: "detached" });
  assert.equal(await focused(page), "Toys");
  await page.getByRole("button", { name: "Retire Starburst" }).click();
  await page.getByRole("button", { name: "Retire Starburst" }).last().click();
  await page.getByRole("button", { name: "Let Starburst go at once" }).click();
  await tap(page, "Let it go");
  await sees(page, "No toy is adopted yet.");
  assert.deepEqual(hub.toys, []);
});

test("where nobody is to be given a toy, a child comes first", async (t) => {
  const { page } = await visitToys(t, { hub: { names: [], toys: [] } });
  await sees(page, "No toy is adopted yet.");
  await page.getByRole("link", { name: "First add a child" }).click();
  await page.getByRole("heading", { name: "Who is the first toy for?" }).first().waitFor();
});

test("with one child nobody asks whose a toy is, and a relative finds no toys", async (t) => {
  const { page, hub, browser, url } = await visitAdoption(t, { relative: true, hub: { names: ["Mia"], toys: ["Bentley"] } });
  hub.radio.heard = [FakeToys.stranger({ character: "rabbit" })];
  await near(page, "A rabbit without a name").click();
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
  hub.radio.move("squeezed");
  await sees(page, /^It becomes Mia’s toy\./);
  assert.equal(await page.getByRole("radio").count(), 0, "and the toy says itself which animal it is");
  await page.getByLabel("Name", { exact: true }).fill("Bubbles");
  await tap(page, "Adopt this toy");
  await title(page, "Bubbles is Mia’s toy now.").waitFor();
  await page.getByRole("link", { name: "Back to the toys" }).click();
  await page.getByRole("button", { name: "Rename Bubbles" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /to another child/ }).count(), 0, "there is no other");

  const ruth = await visitAsRuth(t, browser, url);
  assert.equal(await ruth.getByRole("link", { name: "Toys" }).isVisible(), false);
  const before = hub.requests.length;
  await ruth.evaluate(() => { location.hash = "#/toys/adopt"; });
  await ruth.getByRole("link", { name: /^Mia/ }).waitFor();
  assert.equal(hub.requests.slice(before).some((route) => /radio|meetings|toys/.test(route)), false);
});

test("in a demo the toy that nobody adopted can be squeezed", async (t) => {
  const { page } = await visitAdoption(t, {
    hub: { door: { demo: true } }, prepare: ({ hub: { radio } }) => {
      radio.heard = [FakeToys.stranger({ character: "rabbit" })];
      radio.layRabbit();
    },
  });
  const demo = region(page, "In this demo, a toy lies beside you");
  await near(page, "A rabbit without a name").click();
  await demo.locator(".toy-heart[data-led=blink]").waitFor();
  await tap(page, "Squeeze the rabbit’s paw");
  await title(page, "That is the one. What is it called?").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("Bubbles");
  await page.getByText("Mia", { exact: true }).last().click();
  await tap(page, "Adopt this toy");
  await title(page, "Bubbles is Mia’s toy now.").waitFor();
  await demo.waitFor({ state: "hidden" });
  await page.getByRole("link", { name: "Say something to Mia" }).click();
  await page.locator(".stage", { hasText: "Bubbles" }).waitFor();
});

const LONG = { names: ["Maximiliane-Friederike", "Donaudampfschifffahrtskapitän"], toys: ["Kuscheltierfreundschaftsbär", "Glücksregenbogeneinhorn"] };

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 640 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`toys and adopting at ${width} px, ${colorScheme}`, async (t) => {
      const { page, hub } = await visitToys(t, {
        viewport, colorScheme, hub: { door: { demo: true }, ...(width === "320" ? LONG : {}) },
        prepare: ({ hub: made }) => {
          made.radio.layRabbit();
          made.radio.heard = [
            FakeToys.stranger({ character: "rabbit" }), FakeToys.own(made.toys[0]),
            FakeToys.stranger({ address: "C0:FF:EE:00:00:07", signal_dbm: -84 }),
          ];
        },
      });
      const [bear, unicorn] = hub.toys.map(({ name }) => name);
      const look = async (called) => {
        await page.waitForTimeout(250);
        await assertMeasures(page, called);
        await assertAccessible(page, called);
        await screenshot(page, `${width}-${colorScheme}-${called}`);
      };
      await look("toys");
      hub.radio.doubt(hub.toys[1].id, "table");
      hub.setPresence(hub.toys[0].id, "unreachable");
      await page.getByText(`This may not be ${unicorn}.`).last().waitFor();
      await look("toys-guard");
      await page.getByRole("button", { name: `Retire ${bear}` }).click();
      await page.getByText(`${bear} is lost or broken`).click();
      await look("toys-retire");
      await page.evaluate(() => { location.hash = "#/"; });
      await look("toys-home");
      await page.evaluate(() => { location.hash = "#/toys/adopt"; });
      await near(page, "A rabbit without a name").waitFor();
      await look("adopt-nearby");
      await near(page, "A rabbit without a name").click();
      await sees(page, "Its heart blinks. Squeeze one of its paws.");
      await look("adopt-meeting");
      hub.radio.move("failed", { why: "not_squeezed" });
      await title(page, "No paw was squeezed within a minute.").waitFor();
      await look("adopt-failed");
      await tap(page, "Choose another one");
      await near(page, "A toy without a name").click();
      await sees(page, "Its heart blinks. Squeeze one of its paws.");
      hub.radio.move("squeezed");
      await title(page, "That is the one. What is it called?").waitFor();
      await look("adopt-naming");
      await page.getByLabel("Name", { exact: true }).fill("Bubbles");
      await page.locator(".choice", { hasText: hub.children[0].name }).click();
      await page.getByText("Rabbit", { exact: true }).click();
      await tap(page, "Adopt this toy");
      await page.getByRole("link", { name: /^Say something to/ }).waitFor();
      await look("adopt-done");
      hub.radio.heard = [];
      await tap(page, "Adopt another toy");
      await sees(page, "Listening for toys …");
      await look("adopt-empty");
      hub.radio.setRadio("no_adapter");
      await notice(page, "The hub has no Bluetooth.").waitFor();
      await look("adopt-no-bluetooth");
    });
  }
}
