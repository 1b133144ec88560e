// A long conversation: what stands in the page, what stays in its place, and the way through it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { DESK, PHONE, assertAccessible, assertMeasures, screenshot } from "./support.mjs";
import { focused, now, openMia, visitMia } from "./visit.mjs";

const MOST_ELEMENTS = 300;
const N_LONG = 2_000;
const HOURS_2 = 7_000;

/** Fills Mia's conversation, the newest a minute ago. */
const talk = (n, seconds = 0.2) => (hub) => {
  const wav = FakeHub.tone(seconds);
  for (let left = n; left > 0; left -= 1) {
    const at = now() - 60 - left * HOURS_2;
    hub.add(hub.children[0], left % 3 ? "recording" : "message", wav, {
      at, quiet: true, delivery: { state: "heard", heard_at: at + 600 },
    });
  }
};

const nElements = (page) => page.locator(".thread *").count();
const nKnown = (page) => page.evaluate(async () => {
  const { store } = await import("/js/store.js");
  return store.get(`thread/${store.get("children")[0].id}`).ids.length;
});
/** Waits until so many are known; `again` is done until then. */
const knows = async (page, least, again = async () => {}) => {
  for (let n = 0; n < 60 && await nKnown(page) < least; n += 1) {
    await again();
    await page.waitForTimeout(150);
  }
  assert.ok(await nKnown(page) >= least, `${await nKnown(page)} items are known, not ${least}`);
};
const isAtEnd = (page) => page.waitForFunction(() => {
  const log = document.querySelector(".log");
  return log !== null && log.scrollHeight - log.scrollTop - log.clientHeight < 2;
});
const scrollTo = (page, top) => page.evaluate((y) => { document.querySelector(".log").scrollTop = y; }, top);
/** Turns the wheel over the conversation. */
const turn = async (page, y) => {
  const box = await page.locator(".log").boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, y);
  await page.waitForTimeout(40);
};
const scrolled = (page) => page.evaluate(() => document.querySelector(".log").scrollTop);
/** Waits until nothing moves any more. */
const rests = async (page) => {
  let before = "";
  for (let n = 0; n < 100; n += 1) {
    await page.waitForTimeout(100);
    const now = await page.evaluate(() => {
      const log = document.querySelector(".log");
      return `${log.scrollTop} ${log.scrollHeight} ${[...log.querySelectorAll(".bubble")].map((one) => one.dataset.item)}`;
    });
    if (now === before) return;
    before = now;
  }
  assert.fail("the conversation does not come to rest");
};
/** Returns what is in the middle of the view, and where. */
const underFinger = (page) => page.evaluate(() => {
  const log = document.querySelector(".log").getBoundingClientRect();
  const middle = (log.top + log.bottom) / 2;
  const boxes = [...document.querySelectorAll(".thread > .bubble")].map((one) => ({ id: one.dataset.item, box: one.getBoundingClientRect() }));
  const { id, box } = boxes.find((one) => one.box.bottom + 16 > middle);
  return { id, y: box.top };
});
const topOf = (page, id) => page.evaluate((item) => document.querySelector(`[data-item="${item}"]`).getBoundingClientRect().top, id);
/** Returns whether everything in view is a bubble, a day or the space between. */
const gaps = (page) => page.evaluate(() => {
  const log = document.querySelector(".log").getBoundingClientRect();
  return [...document.querySelectorAll(".thread-space")].map((one) => one.getBoundingClientRect())
    .filter(({ top, bottom }) => bottom > log.top + 1 && top < log.bottom - 1).length;
});

for (const [name, viewport] of Object.entries({ phone: PHONE, desk: DESK })) {
  test(`a long conversation is read on the way up, few of it stands in the page, and nothing jumps (${name})`, async (t) => {
    const { page } = await visitMia(t, { prepare: talk(N_LONG), viewport });
    await isAtEnd(page);
    await rests(page);
    assert.equal(await nKnown(page), 50);
    await assertAccessible(page, "the end of a long conversation");
    await assertMeasures(page, "the end of a long conversation");
    /** @type {(() => void) | null} */
    let release = null;
    let asked = 0;
    await page.route("**/items?*before=*", async (route) => {
      asked += 1;
      await new Promise((resolve) => { release = resolve; });
      await route.continue();
    });

    for (let pages = 1; pages <= 4; pages += 1) {
      for (let n = 0; n < 200 && asked < pages; n += 1) {
        await turn(page, -400);
      }
      assert.equal(asked, pages, "what was said before is asked for");
      await rests(page);
      const before = await underFinger(page);
      assert.equal(await gaps(page), 0);
      release();
      await knows(page, 50 + pages * 50);
      await rests(page);

      const after = await topOf(page, before.id);
      assert.ok(Math.abs(after - before.y) <= 1, `${before.y} -> ${after}`);
      assert.ok(await nElements(page) <= MOST_ELEMENTS, `${await nElements(page)} elements`);
    }
    await page.unroute("**/items?*before=*");
    await screenshot(page, `conversation-far-${name}`);

    await page.getByRole("button", { name: "To the newest" }).click();
    await isAtEnd(page);
    await page.getByRole("button", { name: "To the newest" }).waitFor({ state: "hidden" });
    await rests(page);
    assert.equal(await gaps(page), 0);
  });
}

test("what grows or shrinks out of sight moves nothing that is seen", async (t) => {
  const { page } = await visitMia(t, { prepare: talk(120) });
  await isAtEnd(page);
  await turn(page, -1_500);
  await rests(page);
  const before = await underFinger(page);

  const above = await page.evaluate(async () => {
    const { store } = await import("/js/store.js");
    const log = document.querySelector(".log").getBoundingClientRect();
    const item = [...document.querySelectorAll(".thread > .bubble")].find((one) => one.getBoundingClientRect().bottom < log.top + 1).dataset.item;
    store.set(`note/${item}`, "Good night. ".repeat(60));
    return item;
  });
  await page.locator(`[data-item="${above}"] .bubble-note`, { hasText: "Good night." }).waitFor({ state: "attached" });
  await rests(page);

  assert.ok(Math.abs(await topOf(page, before.id) - before.y) <= 1);
  await page.evaluate(async (item) => (await import("/js/store.js")).store.set(`note/${item}`, null), above);
  await rests(page);
  assert.ok(Math.abs(await topOf(page, before.id) - before.y) <= 1);
});

test("whoever reads what is old is told of what is new, and stays where they are", async (t) => {
  const { page, hub } = await visitMia(t, { prepare: talk(60), allow: /404/ });
  await isAtEnd(page);
  await turn(page, -1_500);
  await rests(page);
  const before = await underFinger(page);

  const { id } = hub.add(hub.children[0], "recording", FakeHub.tone());
  await page.getByRole("button", { name: "New below" }).waitFor();
  assert.ok(Math.abs(await topOf(page, before.id) - before.y) <= 1);
  await page.getByRole("button", { name: "New below" }).press("Enter");

  await page.locator(`[data-item="${id}"]`).waitFor();
  await isAtEnd(page);
  assert.equal(await focused(page), "Conversation with Mia", "the button that left gave the focus on");
  hub.remove(hub.items.find((one) => one.id === id));
  await page.locator(`[data-item="${id}"]`).waitFor({ state: "detached" });
  await rests(page);
  await isAtEnd(page);
});

test("whoever goes to the end just as something comes arrives there", async (t) => {
  const { page, hub } = await visitMia(t, { prepare: talk(60) });
  const key = `thread/${hub.children[0].id}`;
  await isAtEnd(page);
  const talk60 = await page.evaluate(async (thread) => {
    const { store } = await import("/js/store.js");
    const all = store.get(thread);
    store.set(thread, { ...all, ids: all.ids.slice(0, -1) });
    return all;
  }, key);
  await page.locator(`[data-item="${talk60.ids.at(-1)}"]`).waitFor({ state: "detached" });
  await turn(page, -1_500);
  await rests(page);

  // Both before the next frame, with which browsers tell that somebody scrolled.
  await page.evaluate(async ([thread, all]) => {
    const { store } = await import("/js/store.js");
    const log = document.querySelector(".log");
    log.scrollTop = log.scrollHeight;
    store.set(thread, all);
  }, [key, talk60]);

  await page.locator(`[data-item="${talk60.ids.at(-1)}"]`).waitFor();
  await rests(page);
  await isAtEnd(page);
});

test("what somebody is at by keyboard near the end stays where it is", async (t) => {
  const { page, hub } = await visitMia(t, { prepare: talk(60) });
  await isAtEnd(page);
  const { id } = hub.items.at(-1);
  await page.locator(`[data-item="${id}"] .play`).focus();
  await page.evaluate(() => { document.querySelector(".log").scrollTop -= 60; });
  await rests(page);
  const before = await topOf(page, id);

  // Something is measured anew: whoever is at the end is brought there then.
  await page.locator(`[data-item="${id}"]`).evaluate((one) => { one.style.minHeight = `${one.offsetHeight + 1}px`; });
  await rests(page);

  assert.ok(Math.abs(await topOf(page, id) - before) <= 2);
});

test("what plays plays on where nobody sees it, and is seen playing again", async (t) => {
  const { page, hub } = await visitMia(t, { prepare: talk(120, 30) });
  await isAtEnd(page);
  const { id } = hub.items.at(-1);
  const last = page.locator(`[data-item="${id}"]`);
  await last.getByRole("button", { name: /^Play/ }).click();
  await last.getByRole("button", { name: /^Pause/ }).waitFor();
  // What has the focus would stay.
  await page.locator(".log").focus();

  await scrollTo(page, 0);
  await last.waitFor({ state: "detached" });
  await page.waitForTimeout(300);
  const position = await page.evaluate(() => document.getElementById("player").currentTime);
  assert.equal(await page.evaluate(() => document.getElementById("player").paused), false);
  await page.locator(".log").press("End");

  await last.getByRole("button", { name: /^Pause/ }).waitFor();
  const seek = last.getByRole("slider");
  assert.ok(Number(await seek.inputValue()) >= position * 1000, `${await seek.inputValue()} ms, it was at ${position} s`);
  await page.waitForFunction(([item, at]) => document.querySelector(`[data-item="${item}"] input`).value > at, [id, await seek.inputValue()]);
});

test("what is being written stays though it is out of sight", async (t) => {
  const { page, hub } = await visitMia(t, { prepare: talk(120) });
  await isAtEnd(page);
  const last = page.locator(`[data-item="${hub.items.at(-1).id}"]`);
  await last.getByRole("button", { name: /^Add a note|^Write/ }).click();
  await last.getByRole("textbox").fill("She sang");
  await page.locator(".log").focus();

  await scrollTo(page, 0);
  await rests(page);
  await page.getByRole("button", { name: "To the newest" }).click();
  await isAtEnd(page);

  assert.equal(await last.getByRole("textbox").inputValue(), "She sang");
});

test("a long conversation is walked through with keys, one after the other", async (t) => {
  const { page, hub } = await visitMia(t, { prepare: talk(120) });
  await isAtEnd(page);
  await rests(page);
  const log = page.locator(".log");
  await log.focus();
  const start = await scrolled(page);
  await page.keyboard.press("PageUp");
  await rests(page);
  assert.ok(await scrolled(page) < start - 50);

  // From one bubble to the next, none left out, as far as the tabulator goes.
  await scrollTo(page, 1_500);
  await rests(page);
  const at = () => page.evaluate(() => document.activeElement.closest(".bubble")?.dataset.item ?? null);
  const order = hub.items.map(({ id }) => id);
  await page.locator(".thread > .bubble .play").first().focus();
  const seen = [await at()];
  for (let n = 0; n < 45; n += 1) {
    await page.keyboard.press("Tab");
    await page.waitForTimeout(40);
    if (await at() !== seen.at(-1)) seen.push(await at());
  }
  const from = order.indexOf(seen[0]);
  assert.ok(seen.length > 5, `${seen.length} bubbles in 45 steps`);
  assert.deepEqual(seen, order.slice(from, from + seen.length));

  await log.focus();
  const home = () => page.keyboard.press("Home");
  await knows(page, 120, home);
  for (let n = 0; n < 20 && await page.locator(`[data-item="${order[0]}"]`).count() === 0; n += 1) {
    await home();
    await rests(page);
  }
  await rests(page);
  const rows = await page.evaluate(() => [...document.querySelectorAll(".thread > :not(.thread-space)")]
    .map((one) => [one.getAttribute("aria-posinset"), one.getAttribute("aria-setsize")]));
  assert.deepEqual(rows[0], ["1", String(120 + await nDays(hub))], "a day, and what was said");
  assert.deepEqual(rows.slice(0, 4).map(([nth]) => nth), ["1", "2", "3", "4"]);
  await assertAccessible(page, "the beginning of a conversation");
});

const nDays = (hub) => new Set(hub.items.map(({ at }) => new Date(at * 1000).toDateString())).size;

test("earlier messages that could not be read are offered again", async (t) => {
  // More than is read ahead before anybody looks.
  const { page } = await visitMia(t, { allow: /ERR_|Failed to load/, prepare: talk(400) });
  await isAtEnd(page);
  await page.route("**/items?*before=*", (route) => route.abort());
  await page.locator(".log").focus();

  await page.keyboard.press("Home");
  await page.locator(".log-trouble", { hasText: "Hutch is not answering." }).waitFor();
  await assertAccessible(page, "earlier failed");
  const known = await nKnown(page);
  await page.unroute("**/items?*before=*");
  await page.getByRole("button", { name: "Try again" }).press("Enter");

  await knows(page, known + 50);
  await page.locator(".log-trouble").waitFor({ state: "hidden" });
});

test("who comes back finds the newest, and the rest is read again", async (t) => {
  const { page } = await visitMia(t, { prepare: talk(220) });
  await isAtEnd(page);
  await knows(page, 200, () => scrollTo(page, 0));
  await page.goBack();
  await page.getByRole("link", { name: /^Ben/ }).waitFor();
  assert.equal(await nKnown(page), 50, "nobody looks at the rest");

  await openMia(page);
  await isAtEnd(page);
  await rests(page);
  await knows(page, 220, () => scrollTo(page, 0));
  await page.locator(".earlier").waitFor({ state: "hidden" });
});

test("a low window scrolls as a whole, and reads on the way up too", async (t) => {
  const { page } = await visitMia(t, { prepare: talk(120), viewport: { width: 740, height: 360 } });
  const scrollRoom = (top) => page.evaluate((y) => { document.querySelector(".room").scrollTop = y; }, top);
  await page.locator(".bubble").first().waitFor();
  await knows(page, 120, () => scrollRoom(0));
  await page.waitForTimeout(500);
  await scrollRoom(0);
  await page.waitForFunction(() => document.querySelector(".thread > :first-child")?.classList.contains("day"));

  assert.ok(await nElements(page) <= MOST_ELEMENTS, `${await nElements(page)} elements`);
  await assertMeasures(page, "a low window");
});

test("a sound is played faster or slower, at its pitch, and the device remembers", async (t) => {
  const { page, hub } = await visitMia(t, { prepare: talk(2, 30) });
  const last = page.locator(`[data-item="${hub.items.at(-1).id}"]`);
  const rate = () => page.evaluate(() => {
    const { playbackRate, preservesPitch } = document.getElementById("player");
    return [playbackRate, preservesPitch];
  });
  assert.equal(await page.getByRole("button", { name: /^Speed/ }).count(), 0, "nothing is heard yet");
  await last.getByRole("button", { name: /^Play/ }).click();

  await last.getByRole("button", { name: "Speed: 1×" }).click();
  await last.getByRole("button", { name: "Speed: 1.25×" }).press("Enter");
  await last.getByRole("button", { name: "Speed: 1.5×" }).waitFor();
  assert.deepEqual(await rate(), [1.5, true]);
  await assertAccessible(page, "a sound that plays");
  await assertMeasures(page, "a sound that plays");
  await screenshot(page, "conversation-speed");
  await page.reload();
  await last.getByRole("button", { name: /^Play/ }).click();

  await last.getByRole("button", { name: "Speed: 1.5×" }).waitFor();
  assert.deepEqual(await rate(), [1.5, true]);
});

/** Lets so many recordings come in while the page is open, and returns their ids. */
async function comeIn({ page, hub }, lengths) {
  const [mia] = hub.children;
  const ids = [];
  for (const seconds of lengths) {
    ids.push(hub.add(mia, "recording", FakeHub.tone(seconds)).id);
    await page.locator(`[data-item="${ids.at(-1)}"] .badge`).waitFor();
  }
  return ids;
}

const bubbleOf = (page, id) => page.locator(`[data-item="${id}"]`);
const playing = (page, id) => bubbleOf(page, id).locator(".sound.is-playing");
const play = (page, id) => bubbleOf(page, id).getByRole("button", { name: /^Play .*recording/ });
const onward = (page) => page.getByRole("button", { name: "Play the next new one by itself" });

for (const reducedMotion of ["reduce", "no-preference"]) {
  test(`what came in is played one after the other (${reducedMotion})`, async (t) => {
    const visit = await visitMia(t, { prepare: talk(20), reducedMotion });
    const { page } = visit;
    const [first] = await comeIn(visit, [0.6]);
    // Where the focus is, it stays in the page.
    await play(page, first).focus();
    const [second, third] = await comeIn(visit, [0.6, 3]);

    await page.keyboard.press("Enter");

    await playing(page, third).waitFor();
    assert.equal(await page.locator(".thread .badge").count(), 0);
    assert.equal(await playing(page, second).count(), 0);
    assert.match(await focused(page), /^Pause Mia’s recording/);
    await assertAccessible(page, "playing on");
    await assertMeasures(page, "playing on");
    await screenshot(page, `conversation-onward-${reducedMotion}`);
    await page.waitForFunction((id) => {
      const log = document.querySelector(".log").getBoundingClientRect();
      const box = document.querySelector(`[data-item="${id}"] .sound`).getBoundingClientRect();
      return log.top <= box.top && box.bottom <= log.bottom;
    }, third);
  });
}

test("it does not go on to what is old, after a pause, or where it is switched off", async (t) => {
  const visit = await visitMia(t, { prepare: talk(4, 4) });
  const { page, hub } = visit;
  const old = hub.items.findLast(({ kind }) => kind === "recording").id;
  const [first, second] = await comeIn(visit, [4, 1]);
  const ended = () => page.waitForFunction(() => document.getElementById("player").ended);

  // Whoever pauses is done. Before anything was heard, there is nothing to choose yet.
  await play(page, first).click();
  await page.waitForFunction(() => document.getElementById("player").currentTime > 0.1);
  await bubbleOf(page, first).getByRole("button", { name: /^Pause/ }).click();
  await page.waitForTimeout(4_500);
  assert.equal(await page.locator(".sound.is-playing").count(), 0);

  await onward(page).click();
  assert.equal(await onward(page).getAttribute("aria-pressed"), "false");
  await play(page, first).click();
  await ended();
  await page.waitForTimeout(300);
  assert.equal(await page.locator(".sound.is-playing").count(), 0);
  assert.equal(await bubbleOf(page, second).locator(".badge").count(), 1, "still new");

  // The device remembers.
  await page.reload();
  await play(page, old).click();
  await onward(page).waitFor();
  assert.equal(await onward(page).getAttribute("aria-pressed"), "false");
  await onward(page).click();
  await ended();
  await page.waitForTimeout(300);
  assert.equal(await page.locator(".sound.is-playing").count(), 0, "nothing is new");
});
