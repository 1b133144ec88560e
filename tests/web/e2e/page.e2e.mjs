// How the page takes what a real hub rarely does. The scripted hub plays the hub here.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { DESK, assertAccessible, openPage, sees, startBrowser, startFakeHub } from "./support.mjs";
import { MINUTE, chooseFile, focused, now, openMia, send, visitMia, wavFile } from "./visit.mjs";

test("a hub that restarts is met again, with everything that happened meanwhile", async (t) => {
  const { page, hub } = await visitMia(t, { allow: /ERR_|Failed to load/ });
  await sees(page, "Nothing yet.");
  await hub.close();
  await sees(page, "Hutch is not answering.");
  hub.add(hub.children[0], "recording", FakeHub.tone(), { quiet: true });

  await hub.listen();

  await page.locator(".bubble-theirs").waitFor();
  await page.locator(".banner").waitFor({ state: "hidden" });
  hub.add(hub.children[0], "recording", FakeHub.tone());
  await page.locator(".bubble-theirs").nth(1).waitFor();
});

test("a hub that falls silent is called again after 40 seconds", async (t) => {
  const { page, hub } = await visitMia(t, { clock: true });
  await sees(page, "Nothing yet.");
  const streams = () => hub.requests.filter((route) => route.endsWith("/events")).length;
  const before = streams();
  for (let n = 0; n < 3; n += 1) {
    await page.clock.runFor(30_000);
    hub.emit("beat", null);
    await page.waitForTimeout(200);
  }
  assert.equal(streams(), before, "a beat is enough");

  hub.mute = true;
  await page.clock.runFor(40_000);
  await page.clock.runFor(1_000);
  await sees(page, "Hutch is not answering.");
  assert.equal(streams(), before + 1);
  hub.mute = false;
  hub.add(hub.children[0], "recording", FakeHub.tone(), { quiet: true });
  await page.clock.runFor(40_000);

  await page.locator(".bubble-theirs").waitFor();
  await page.locator(".banner").waitFor({ state: "hidden" });
});

/** Hides the page as a lid that is closed does, or shows it. */
const hide = (page, hidden) => page.evaluate((value) => {
  Object.defineProperty(document, "hidden", { value, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}, hidden);

test("a laptop that slept, or was out of the network, reads what it missed", async (t) => {
  const { page, hub } = await visitMia(t, { clock: true });
  await sees(page, "Nothing yet.");
  const streams = () => hub.requests.filter((route) => route.endsWith("/events")).length;
  const heard = page.locator(".bubble-theirs");
  const before = streams();
  await hide(page, true);
  await page.clock.fastForward(29_000);
  await hide(page, false);
  hub.emit("beat", null);
  await page.waitForTimeout(200);
  assert.equal(streams(), before, "a short look elsewhere");

  hub.add(hub.children[0], "recording", FakeHub.tone(), { quiet: true });
  await hide(page, true);
  await page.clock.fastForward(31_000);
  await hide(page, false);
  await heard.waitFor();
  assert.equal(streams(), before + 1);

  hub.add(hub.children[0], "recording", FakeHub.tone(), { quiet: true });
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await heard.nth(1).waitFor();
  assert.equal(streams(), before + 2);
});

test("a conversation that could not be read is read once the hub is back", async (t) => {
  const { url, hub } = await startFakeHub(t);
  hub.add(hub.children[0], "recording", FakeHub.tone());
  const page = await openPage(t, await startBrowser(t), url, { allow: /ERR_|Failed to load/ });
  await page.getByRole("link", { name: /^Mia/ }).waitFor();
  await hub.close();
  await openMia(page);
  await page.getByRole("button", { name: "Try again" }).waitFor();
  await assertAccessible(page, "not read");

  await hub.listen();

  await page.locator(".bubble-theirs").waitFor();
});

test("a lag is made good by reading again", async (t) => {
  const { page, hub } = await visitMia(t);
  await sees(page, "Nothing yet.");
  const item = hub.add(hub.children[0], "message", FakeHub.tone(), { quiet: true });
  item.delivery.state = "on_toy";

  hub.lag();

  await sees(page, "Bentley’s heart is blinking");
});

test("an answer that comes in is shown, counted and no longer new once played", async (t) => {
  const { page, hub } = await visitMia(t, { viewport: DESK });

  hub.add(hub.children[0], "recording", FakeHub.tone(20), { while_away: true });

  const bubble = page.locator(".bubble-theirs");
  await bubble.getByText("New").waitFor();
  await bubble.getByText("recorded while Hutch was not connected").waitFor();
  await sees(page, "1 new");
  await bubble.getByRole("button", { name: /^Play/ }).click();
  await bubble.getByText("New").waitFor({ state: "hidden" });
  await bubble.getByRole("button", { name: /^Pause/ }).waitFor();
});

test("a recording that a more complete one replaces goes away", async (t) => {
  const { page, hub } = await visitMia(t, { viewport: DESK, allow: /404/ });
  await sees(page, "Nothing yet.");
  const [mia] = hub.children;
  hub.add(mia, "recording", FakeHub.tone(1));
  const broken = hub.add(mia, "recording", FakeHub.tone(2));
  await page.locator(".bubble-theirs").nth(1).waitFor();
  await sees(page, "2 new");
  await page.locator(".bubble-theirs").nth(1).getByRole("button", { name: /^Play/ }).focus();
  await page.waitForTimeout(300);
  const said = await listen(page);

  hub.remove(broken);
  await sees(page, "1 new");
  assert.equal(await page.locator(".bubble-theirs").count(), 1);
  assert.match(await focused(page), /^Conversation with Mia/);
  await page.waitForTimeout(300);
  assert.deepEqual(await said(), [], "nobody answered anew");

  hub.add(mia, "recording", FakeHub.tone(3));
  await page.locator(".bubble-theirs").nth(1).waitFor();
});

test("the waveform is the player: arrows seek, space plays", async (t) => {
  const { page } = await visitMia(t, {
    prepare: (hub) => hub.add(hub.children[0], "recording", FakeHub.tone(8)),
  });
  const seek = page.getByRole("slider");
  await seek.focus();

  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");

  await page.waitForFunction(() => Math.abs(document.getElementById("player").currentTime - 2) < 0.05);
  assert.equal(await seek.getAttribute("aria-valuetext"), "2 seconds of 8 seconds");
  await page.keyboard.press("Space");
  await page.waitForFunction(() => !document.getElementById("player").paused);
  await page.keyboard.press("Space");
  await page.waitForFunction(() => document.getElementById("player").paused);
});

test("a tap on the waveform goes there", async (t) => {
  const { page } = await visitMia(t, {
    prepare: (hub) => hub.add(hub.children[0], "recording", FakeHub.tone(8)),
  });
  const wave = page.locator(".wave");
  const box = await wave.boundingBox();

  await wave.click({ position: { x: box.width * 0.75, y: box.height / 2 } });

  await page.waitForFunction(() => Math.abs(document.getElementById("player").currentTime - 6) < 0.2);
});

test("a failed delivery says why, counts down and can be tried now", async (t) => {
  const { page, hub } = await visitMia(t, {
    prepare: (one) => one.add(one.children[0], "message", FakeHub.tone(), {
      delivery: { state: "failed", reason: "unreachable", tries: 2, next_try_at: now() + 2 * MINUTE },
    }),
  });
  await sees(page, /Hutch could not reach it.*tries again in 2 minutes/);
  await page.getByText("What to do").click();
  await sees(page, /Squeeze one of Bentley’s paws/);
  await assertAccessible(page, "failed");

  await page.getByRole("button", { name: "Try now" }).click();

  await sees(page, "Bentley’s heart is blinking");
  assert.ok(hub.requests.some((route) => /deliveries\/\w+\/retry$/.test(route)));
});

test("a message that cannot be read any more is not tried again", async (t) => {
  const { page } = await visitMia(t, {
    prepare: (one) => one.add(one.children[0], "message", FakeHub.tone(), {
      delivery: { state: "failed", reason: "damaged", tries: 1, next_try_at: null },
    }),
  });

  await sees(page, "Hutch can no longer read this message. Record it again.");

  assert.equal(await page.getByRole("button", { name: "Try now" }).count(), 0);
  assert.equal(await page.getByText("What to do").isVisible(), false);
  await page.getByRole("button", { name: "Take back" }).click();
  await sees(page, "Taken back");
});

test("a message is taken back from a sleeping toy at the next squeeze", async (t) => {
  const { page } = await visitMia(t, {
    hub: { awake: false },
    prepare: (one) => one.add(one.children[0], "message", FakeHub.tone(), { delivery: { state: "on_toy" } }),
  });

  await page.getByRole("button", { name: "Take back" }).click();

  await sees(page, "Taken back. Bentley forgets it at the next squeeze.");
  await page.getByRole("button", { name: /blue paw/ }).click();
  await sees(page, /^Taken back$/);
});

test("a message that cannot be taken back says why, and nothing of a recording", async (t) => {
  const { page } = await visitMia(t, {
    allow: /ERR_|Failed to load/,
    prepare: (one) => one.add(one.children[0], "message", FakeHub.tone(), { delivery: { state: "on_toy" } }),
  });
  await page.route("**/withdraw", (route) => route.abort());

  await page.getByRole("button", { name: "Take back" }).click();

  const trouble = page.locator(".bubble-trouble:visible");
  await trouble.waitFor();
  assert.equal(await trouble.textContent(), "Hutch is not answering.");
});

test("the focus stays with a message whose action is done", async (t) => {
  const { page, hub } = await visitMia(t, { hub: { awake: false } });
  await sees(page, "Nothing yet.");
  const act = async (delivery, name) => {
    hub.add(hub.children[0], "message", FakeHub.tone(), { delivery });
    const last = page.locator(".bubble-mine").last();
    await last.getByRole("button", { name }).focus();
    await page.keyboard.press("Enter");
    await last.getByRole("button", { name }).waitFor({ state: "hidden" });
  };

  await act({ state: "failed", reason: "silent", next_try_at: now() + 60 }, "Try now");
  assert.match(await focused(page), /^Waiting for Bentley/);
  await act({ state: "on_toy" }, "Mark as heard");
  assert.match(await focused(page), /^Mia heard it/);
  await act({ state: "on_toy" }, "Take back");
  assert.match(await focused(page), /^Taken back/);
});

test("a message for a toy that is awake and busy is next in line", async (t) => {
  const { page, hub } = await visitMia(t, {
    prepare: (one) => one.changeToy(one.toys[0].id, { state: "recording" }),
  });
  await chooseFile(page, wavFile(2));
  await send(page).click();
  await sees(page, "Next in line for Bentley");

  hub.setPresence(hub.toys[0].id, "asleep");

  await sees(page, "Waiting for Bentley to wake up. Squeeze a paw and it goes.");
});

test("an action that comes too late says so", async (t) => {
  const { page, hub } = await visitMia(t, {
    allow: /409/,
    prepare: (one) => one.add(one.children[0], "message", FakeHub.tone(), { delivery: { state: "on_toy" } }),
  });
  hub.faults.push({ match: /heard$/, status: 409, error: "too_late", message: "It was heard already." });

  await page.getByRole("button", { name: "Mark as heard" }).click();

  await sees(page, "Too late for that");
});

test("perhaps heard can be settled by hand", async (t) => {
  const { page } = await visitMia(t, {
    prepare: (one) => one.add(one.children[0], "message", FakeHub.tone(), {
      delivery: { state: "on_toy", perhaps_heard: true },
    }),
  });
  await sees(page, /^Perhaps heard/);

  await page.getByRole("button", { name: "Mark as heard" }).click();

  await sees(page, /^Mia heard it/);
});

test("a sleeping toy wakes at a squeeze and takes what waits", async (t) => {
  const { page } = await visitMia(t, { hub: { awake: false } });
  await chooseFile(page, wavFile(2));
  await send(page).click();
  await sees(page, "Waiting for Bentley to wake up. Squeeze a paw and it goes.");

  await page.getByRole("button", { name: /blue paw/ }).click();

  await sees(page, "Bentley’s heart is blinking");
});

test("states are said to those who listen, percents are not", async (t) => {
  const { page, hub } = await visitMia(t, { hub: { awake: false } });
  await listen(page);
  const hears = (words) => page.waitForFunction((wanted) => globalThis.said.includes(wanted), words);
  await chooseFile(page, wavFile(1));
  await send(page).click();
  await sees(page, "Waiting for Bentley to wake up.");

  hub.holdAt = 40;
  await page.getByRole("button", { name: /blue paw/ }).click();
  await hears("On its way to Bentley");
  hub.holdAt = null;
  await hears("Bentley’s heart is blinking");

  const said = await page.evaluate(() => globalThis.said);
  assert.ok(said.every((text) => !/%/.test(text)), said.join(" | "));
});

test("the page works with the back button", async (t) => {
  const { page } = await visitMia(t);

  await page.goBack();

  await page.getByRole("link", { name: /^Mia/ }).waitFor();
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Mia/);
});

/** Collects what is said to those who listen; returns what was said so far when asked. */
async function listen(page) {
  await page.evaluate(() => {
    globalThis.said = [];
    new MutationObserver(() => {
      const text = document.getElementById("announcer").textContent;
      if (text) globalThis.said.push(text);
    }).observe(document.getElementById("announcer"), { childList: true, characterData: true, subtree: true });
  });
  return () => page.evaluate(() => globalThis.said);
}

test("a browser without JavaScript is told what is missing, in every language", async (t) => {
  const { url } = await startFakeHub(t);
  const page = await openPage(t, await startBrowser(t), url, { javaScriptEnabled: false });

  const told = page.locator("noscript p");

  assert.equal(await told.count(), 5);
  await told.first().waitFor();
  assert.match(await told.first().innerText(), /Allow it for this address and load the page again\.$/);
  assert.deepEqual(await told.evaluateAll((all) => all.map((one) => one.lang || "en")), ["en", "es", "pt", "de", "fr"]);
});

test("a view that does not come is said so, and comes by itself with the hub", async (t) => {
  const { page, hub } = await visitMia(t, { allow: /ERR_|Failed to load/ });
  await page.route("**/js/views/record.js", (route) => route.abort());
  await page.reload();
  await page.getByRole("heading", { name: "Mia" }).waitFor();
  await page.evaluate(() => { location.hash = "#/record"; });
  await sees(page, "so this could not be opened");
  await assertAccessible(page, "not opened");
  let loads = 0;
  page.on("load", () => { loads += 1; });
  // A browser may remember that it did not come: the page is loaded anew then, once and not again and again.
  const loaded = page.waitForEvent("load");
  await page.getByRole("button", { name: "Try again" }).click();
  await loaded;
  await sees(page, "so this could not be opened");
  await page.waitForTimeout(1_500);
  await sees(page, "so this could not be opened");
  assert.equal(loads, 1);

  await hub.close();
  await sees(page, "Hutch is not answering. This page");
  await page.unroute("**/js/views/record.js");
  await hub.listen();

  await page.getByRole("heading", { name: "Record" }).waitFor();
});
