// What goes wrong in a real house, one thing after the other, and what the page makes of it. That a network that
// fails in the middle of a sending costs nothing stands in sending.e2e.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { ALLOWED, sendAsRuth, tap, visitFamily } from "./family.mjs";
import {
  assertAccessible, assertMeasures, missing, openAnother, openPage, sees, signIn, startBrowser, startFakeHub,
  startHub,
} from "./support.mjs";
import { inPhase, live, messages, now, openMia, record, recorded, send, visitMia } from "./visit.mjs";

const MEGABYTE = 1_000_000;
const DAY_MS = 86_400_000;
/** Sends what was said; a second tap that comes at once is none. */
const sendIt = async (page) => {
  await send(page).waitFor();
  await page.waitForTimeout(500);
  await send(page).click();
};
const nickname = (page) => page.getByLabel("Nickname", { exact: true });

test("a hub that restarts while somebody is speaking loses nothing of it", async (t) => {
  const { page, hub } = await visitMia(t, { allow: ALLOWED });
  await record(page).click();
  await inPhase(page, "recording");
  await recorded(page, 1_000);

  await hub.close();
  await page.waitForTimeout(400);
  await hub.listen();
  await recorded(page, 2_500);
  await page.getByRole("button", { name: "Stop recording" }).click();
  await sendIt(page);

  await sees(page, "Bentley’s heart is blinking");
  assert.equal(messages(hub), 1);
  const [item] = hub.items;
  assert.ok(item.length_ms >= 2_500, `${item.length_ms} ms of what was said`);
});

test("a hub that is away when somebody has spoken takes it when it is back, once", async (t) => {
  const { page, hub } = await visitMia(t, { allow: ALLOWED });
  await record(page).click();
  await inPhase(page, "recording");
  await recorded(page, 3_000);
  await hub.close();
  await page.getByRole("button", { name: "Stop recording" }).click();
  await sendIt(page);
  await sees(page, "Hutch is not answering. Your recording is still here.");

  await hub.listen();

  await sees(page, "Bentley’s heart is blinking");
  assert.equal(hub.items.length, 1);
});

test("a session that is ended elsewhere asks to sign in over the page, and what was typed goes on", async (t) => {
  const { page, hub } = await visitFamily(t, { relative: false });
  await page.getByRole("link", { name: "Add a child" }).click();
  await nickname(page).fill("Lu");
  await page.getByText("Rabbit", { exact: true }).click();

  hub.signOut();
  await page.locator(".door").getByRole("button", { name: "Sign in", exact: true }).waitFor();
  assert.equal(await nickname(page).isVisible(), false, "nobody reads along");
  await assertAccessible(page, "signed out over a form");
  await signIn(page, hub.accounts.guardian);

  await nickname(page).waitFor();
  assert.equal(await nickname(page).inputValue(), "Lu");
  await tap(page, "Add this child");
  await page.locator(".room").getByRole("heading", { name: "Lu" }).waitFor();
  assert.deepEqual(hub.children.map(({ name, animal }) => `${name} ${animal}`).at(-1), "Lu rabbit");
});

test("two guardians let the same message through: it goes once, and both see that it does", async (t) => {
  const family = await visitFamily(t);
  const { page, hub, browser } = family;
  const other = await openAnother(t, browser, family, { allow: ALLOWED });
  const message = sendAsRuth(family);
  for (const one of [page, other]) {
    await one.getByRole("link", { name: /1 message waits for you/ }).click();
    await one.getByRole("button", { name: "Let it through" }).waitFor();
  }
  let goOn = () => {};
  hub.faults.push({ match: /approve$/, until: new Promise((resolve) => { goOn = resolve; }), status: 200 });
  hub.holdAt = 40;

  await tap(other, "Let it through");
  await tap(page, "Let it through");
  await sees(page, /^On its way to Bentley/);
  goOn();

  await sees(other, "Too late for that: it has moved on in the meantime.");
  await sees(other, /^On its way to Bentley/);
  await assertAccessible(other, "somebody was faster");
  assert.equal(hub.requests.filter((route) => route.endsWith("/approve")).length, 2);
  assert.equal(message.delivery.tries, 0);
  assert.equal(hub.items.length, 1);
});

test("a file of 200 MB that is dropped in is refused before it is read", async (t) => {
  const { page, hub } = await visitMia(t);
  const size = await page.evaluate(async (megabyte) => {
    /** @type {number[]} */
    const taken = [];
    for (const name of ["arrayBuffer", "stream", "text"]) {
      const real = Blob.prototype[name];
      Blob.prototype[name] = function count(...args) {
        taken.push(this.size);
        return real.apply(this, args);
      };
    }
    globalThis.blobsRead = taken;
    const piece = new Blob([new Uint8Array(megabyte)]);
    const file = new File(Array.from({ length: 200 }, () => piece), "concert.wav", { type: "audio/wav" });
    const files = new DataTransfer();
    files.items.add(file);
    const room = document.querySelector(".room");
    for (const type of ["dragover", "drop"]) {
      room.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
    }
    return file.size;
  }, MEGABYTE);
  assert.equal(size, 200 * MEGABYTE);

  await sees(page, /larger than|too large/);
  await assertAccessible(page, "a file that is too large");
  const sizes = await page.evaluate(() => globalThis.blobsRead);
  assert.ok(sizes.every((size) => size < MEGABYTE), `${sizes} bytes were read`);
  assert.equal(messages(hub), 0);
  assert.equal(await send(page).count(), 0);
});

const NAMES = {
  "a picture": "🐻 Mia 👍🏽",
  "letters from right to left": "مريم الصغيرة",
  "what looks like code": "<script>globalThis.pwned = 1</script>",
  "a picture that would call home": "<img src=x onerror=alert(1)>",
  "one long word": "Ö".repeat(64),
};
for (const [what, name] of Object.entries(NAMES)) {
  test(`a nickname can be ${what}`, async (t) => {
    const { page, hub } = await visitFamily(t, { hub: { names: [name, "Ben"] }, viewport: { width: 320, height: 640 } });
    await page.locator(".child-name", { hasText: name }).waitFor();
    await assertMeasures(page, `home, ${what}`);
    await page.locator(".child").first().click();
    await page.locator(".room").getByRole("heading", { name }).waitFor();
    hub.add(hub.children[0], "recording", FakeHub.tone(1));
    await page.locator(".bubble-theirs").waitFor();
    await assertMeasures(page, `conversation, ${what}`);
    await assertAccessible(page, what);
    assert.equal(await page.evaluate(() => globalThis.pwned), undefined);
    assert.equal(await page.locator("main script, main img[src=x]").count(), 0);
  });
}

test("a nickname of nothing is asked for again, and one of 500 letters ends where the field ends", async (t) => {
  const { page, hub } = await visitFamily(t, { relative: false });
  await page.getByRole("link", { name: "Add a child" }).click();
  await tap(page, "Add this child");
  await sees(page, "Type a nickname.");
  await nickname(page).fill("   ");
  await tap(page, "Add this child");
  await sees(page, "Type a nickname.");
  await nickname(page).fill("");
  await page.keyboard.insertText("m".repeat(500));
  await tap(page, "Add this child");
  await page.locator(".room").getByRole("heading", { name: "m".repeat(40), exact: true }).waitFor();
  assert.equal(hub.children.at(-1).name.length, 40);
});

test("the real hub takes the same nicknames, and shows them as they are", { skip: missing() ?? false }, async (t) => {
  const { url } = await startHub(t);
  const page = await openPage(t, await startBrowser(t), url, { allow: /422/ });
  await live(page);
  const add = (name) => page.evaluate(async (nickname_) => {
    const { addChild } = await import("/js/api-people.js");
    return addChild({ name: nickname_, animal: "cat", color: "sky" }).then((child) => child.name, (error) => error.code);
  }, name);
  for (const name of Object.values(NAMES)) assert.equal(await add(name), name);
  for (const name of ["", " ", "m".repeat(500), "Mia\u202Etfel"]) assert.equal(await add(name), "bad_name", name);
  await page.evaluate(() => { location.hash = "#/"; });
  await page.reload();
  for (const name of Object.values(NAMES)) await page.locator(".child-name", { hasText: name }).waitFor();
  assert.equal(await page.evaluate(() => globalThis.pwned), undefined);
});

// Runs in the page.
const twoDaysSlow = () => {
  const { now: real } = Date;
  Date.now = () => real() - 2 * 86_400_000;
};
const twoDaysFast = () => {
  const { now: real } = Date;
  Date.now = () => real() + 2 * 86_400_000;
};
for (const days of [-2, 2]) {
  test(`a phone whose clock is ${Math.abs(days)} days ${days < 0 ? "slow" : "fast"} shows times by the hub’s`, async (t) => {
    const { url, hub } = await startFakeHub(t);
    const [mia] = hub.children;
    const wav = FakeHub.tone(1);
    hub.add(mia, "message", wav, { at: now() - 5, delivery: { state: "failed", reason: "link_lost", next_try_at: now() + 90 } });
    const page = await openPage(t, await startBrowser(t), url, {
      before: days < 0 ? twoDaysSlow : twoDaysFast,
    });
    await openMia(page);

    await page.locator(".thread").getByText("Today", { exact: true }).waitFor();
    assert.equal(await page.locator(".thread").getByText("Yesterday").count(), 0);
    await sees(page, /Hutch tries again in (1|2) minutes?/);
    const shown = await page.evaluate(() => Date.now());
    assert.ok(Math.abs(shown - Date.now() - days * DAY_MS) < 60_000, "the phone is off");
    await page.getByRole("link", { name: "Back to the children" }).click();
    assert.match(await page.locator(".child-time").first().textContent(), /^\d\d:\d\d$/);
  });
}

test("eight tabs of one browser follow the hub at the same time", { skip: missing() ?? false }, async (t) => {
  const { url } = await startHub(t);
  const first = await openPage(t, await startBrowser(t), url);
  await live(first);
  const tabs = [first];
  for (let n = 0; n < 7; n += 1) {
    const tab = await first.context().newPage();
    await tab.goto(new URL("/", url).href);
    await live(tab);
    tabs.push(tab);
  }
  await first.bringToFront();

  // What one of them does, all of them see without asking.
  await first.evaluate(async () => {
    const { addChild } = await import("/js/api-people.js");
    await addChild({ name: "Lu", animal: "cat", color: "sky" });
  });
  for (const tab of tabs) await tab.locator(".child-name", { hasText: "Lu" }).waitFor({ state: "attached" });
  const protocols = await first.evaluate(() => performance.getEntriesByType("resource")
    .filter(({ name }) => name.includes("/api/")).map(({ nextHopProtocol }) => nextHopProtocol));
  assert.ok(protocols.length > 0 && protocols.every((one) => one === "h2"), `${protocols}`);
});
