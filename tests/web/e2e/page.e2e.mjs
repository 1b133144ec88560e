// How the page takes what a real hub rarely does. The scripted hub plays the hub here.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { assertAccessible, openPage, sees, startBrowser, startFakeHub } from "./support.mjs";

const MINUTE = 60;
const now = () => Math.floor(Date.now() / 1000);
const wavFile = (seconds) => ({ name: "good-night.wav", mimeType: "audio/wav", buffer: FakeHub.tone(seconds) });
const openMia = (page) => page.getByRole("link", { name: /^Mia/ }).click();
const record = (page) => page.getByRole("button", { name: /^Record a message/ });
const send = (page) => page.getByRole("button", { name: /^Send to/ });
const chooseFile = (page, file) => page.locator("input[type=file]").setInputFiles(file);
const messages = (hub) => hub.requests.filter((route) => route.endsWith("/messages")).length;

/** Opens a hub, a browser and Mia's conversation. */
async function visitMia(t, { hub: hubOptions, prepare, ...options } = {}) {
  const { url, hub } = await startFakeHub(t, hubOptions);
  await prepare?.(hub);
  const browser = await startBrowser(t, options.browser);
  const page = await openPage(t, browser, url, options);
  await openMia(page);
  await page.getByRole("heading", { name: "Mia" }).waitFor();
  return { page, hub, url, browser };
}

test("someone who is not signed in is told where the address is", async (t) => {
  const { url, hub } = await startFakeHub(t);
  hub.signedOut = true;

  const page = await openPage(t, await startBrowser(t), url, { allow: /401/ });

  await page.getByRole("heading", { name: "This browser is not signed in" }).waitFor();
  await assertAccessible(page, "gate");
});

test("someone who is signed out in between is told at the next thing they do", async (t) => {
  const { page, hub } = await visitMia(t, { allow: /401/ });
  hub.signedOut = true;

  await page.getByRole("button", { name: "Let it sleep" }).click();

  await page.getByRole("heading", { name: "This browser is not signed in" }).waitFor();
});

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

test("a lag is made good by reading again", async (t) => {
  const { page, hub } = await visitMia(t);
  await sees(page, "Nothing yet.");
  const item = hub.add(hub.children[0], "message", FakeHub.tone(), { quiet: true });
  item.delivery.state = "on_toy";

  hub.lag();

  await sees(page, "Bentley’s heart is blinking");
});

test("an answer that comes in is shown, counted and no longer new once played", async (t) => {
  const { page, hub } = await visitMia(t, { viewport: { width: 1280, height: 800 } });

  hub.add(hub.children[0], "recording", FakeHub.tone(), { while_away: true });

  const bubble = page.locator(".bubble-theirs");
  await bubble.getByText("New").waitFor();
  await bubble.getByText("recorded while Hutch was not connected").waitFor();
  await sees(page, "1 new");
  await bubble.getByRole("button", { name: /^Play/ }).click();
  await bubble.getByText("New").waitFor({ state: "hidden" });
  await bubble.getByRole("button", { name: /^Pause/ }).waitFor();
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
  const box = await page.locator(".wave").boundingBox();

  await page.mouse.click(box.x + box.width * 0.75, box.y + box.height / 2);

  await page.waitForFunction(() => Math.abs(document.getElementById("player").currentTime - 6) < 0.2);
});

test("holding the button records until it is let go", async (t) => {
  const { page } = await visitMia(t);
  const box = await record(page).boundingBox();
  await page.mouse.move(box.x + 30, box.y + 30);

  await page.mouse.down();
  await page.locator(".composer[data-phase=recording]").waitFor();
  await page.waitForTimeout(900);
  await page.mouse.up();

  await send(page).waitFor();
});

test("the whole message can be made with the keyboard", async (t) => {
  const { page, hub } = await visitMia(t);
  await record(page).focus();

  await page.keyboard.press("Space");
  await page.locator(".composer[data-phase=recording]").waitFor();
  await page.waitForTimeout(900);
  await page.keyboard.press("Enter");
  await send(page).waitFor();
  await page.waitForTimeout(500);
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Send to Mia/);
  await page.keyboard.press("Enter");

  await page.locator(".bubble-mine").waitFor();
  assert.equal(messages(hub), 1);
});

test("a double tap that stops the recording does not send it", async (t) => {
  const { page, hub } = await visitMia(t);
  await record(page).click();
  await page.locator(".composer[data-phase=recording]").waitFor();
  await page.waitForTimeout(900);

  await page.evaluate(() => {
    document.querySelector(".record").click();
    const watch = new MutationObserver(() => document.querySelector(".composer .button-primary")?.click());
    watch.observe(document.querySelector(".composer"), { subtree: true, childList: true });
    setTimeout(() => watch.disconnect(), 200);
  });
  await send(page).waitFor();
  await page.waitForTimeout(300);

  assert.equal(messages(hub), 0);
});

test("sending twice is not possible", async (t) => {
  const { page, hub } = await visitMia(t);
  hub.faults.push({ match: /messages$/, delayMs: 500, status: 200 });
  await chooseFile(page, wavFile(2));
  await send(page).waitFor();

  await page.evaluate(() => {
    const button = document.querySelector(".composer .button-primary");
    button.click();
    button.click();
    button.click();
  });

  await page.locator(".bubble-mine").waitFor();
  await page.waitForTimeout(300);
  assert.equal(await page.locator(".bubble-mine").count(), 1);
  assert.equal(messages(hub), 1);
});

test("what was recorded survives a hub that does not answer, and arrives once", async (t) => {
  const { page } = await visitMia(t, { allow: /ERR_|Failed to load/ });
  await page.route("**/messages", (route) => route.abort(), { times: 1 });
  await chooseFile(page, wavFile(2));
  await send(page).click();
  await sees(page, "Hutch is not answering. Your recording is still here.");
  await assertAccessible(page, "sending failed");

  await page.getByRole("button", { name: "Try again" }).click();

  await page.locator(".bubble-mine").waitFor();
  assert.equal(await page.locator(".bubble-mine").count(), 1);
});

test("a message whose answer got lost is not sent again", async (t) => {
  const { page, hub } = await visitMia(t, { allow: /ERR_|Failed to load/ });
  await chooseFile(page, wavFile(2));
  await page.route("**/messages", async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await send(page).click();
  await page.getByRole("button", { name: "Try again" }).waitFor();
  const before = messages(hub);

  await page.getByRole("button", { name: "Try again" }).click();

  await page.locator(".composer[data-phase=idle]").waitFor();
  assert.equal(messages(hub), before, "no second upload");
  assert.equal(await page.locator(".bubble-mine").count(), 1);
});

test("a refusal is shown in the hub's own words", async (t) => {
  const { page, hub } = await visitMia(t, { allow: /413|422/ });
  hub.faults.push({ match: /messages$/, status: 413, error: "too_large", message: "That file is larger than Hutch takes." });
  await chooseFile(page, wavFile(2));

  await send(page).click();

  await sees(page, "That file is larger than Hutch takes.");
});

test("a file over the limit is refused before it travels", async (t) => {
  const { page, hub } = await visitMia(t);

  await chooseFile(page, wavFile(501));

  await sees(page, /larger than the 16 MB/);
  assert.equal(messages(hub), 0);
});

test("a file that is no sound is refused in the page", async (t) => {
  const { page } = await visitMia(t);

  await chooseFile(page, { name: "letter.txt", mimeType: "text/plain", buffer: Buffer.from("Dear Mia, good night.") });

  await sees(page, /cannot read that file as sound/);
});

for (const [choice, parts] of [["Send the first 40 seconds", 1], ["Send it in 3 parts", 3]]) {
  test(`a sound that is too long: ${choice.toLowerCase()}`, async (t) => {
    const { page } = await visitMia(t, { allow: /422/ });
    await chooseFile(page, wavFile(95));
    await send(page).click();
    await sees(page, "This sound is 1:35 long. Bentley can hold 40 seconds.");
    await assertAccessible(page, "too long");

    await page.getByRole("button", { name: choice }).click();

    await page.locator(".bubble-mine").nth(parts - 1).waitFor();
    assert.equal(await page.locator(".bubble-mine").count(), parts);
    if (parts > 1) await sees(page, "once Mia has heard the one before");
  });
}

test("a dropped file is taken", async (t) => {
  const { page } = await visitMia(t);
  const bytes = [...FakeHub.tone(1)];

  await page.evaluate((content) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(content)], "dropped.wav", { type: "audio/wav" }));
    const room = document.querySelector(".room");
    for (const type of ["dragover", "drop"]) {
      room.dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
    }
  }, bytes);

  await sees(page, "dropped.wav");
  await send(page).waitFor();
});

test("discarding can be undone", async (t) => {
  const { page } = await visitMia(t);
  await chooseFile(page, wavFile(2));

  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("button", { name: "Undo" }).click();

  await send(page).waitFor();
});

test("a take waits while one looks at another child", async (t) => {
  const { page } = await visitMia(t, { viewport: { width: 1280, height: 800 } });
  await chooseFile(page, wavFile(2));
  await send(page).waitFor();

  await page.getByRole("link", { name: /^Ben/ }).click();
  await page.getByRole("button", { name: "Record a message for Ben" }).waitFor();
  await openMia(page);

  await page.getByRole("button", { name: "Send to Mia" }).waitFor();
});

test("what was being said when one looked away is kept", async (t) => {
  const { page } = await visitMia(t, { viewport: { width: 1280, height: 800 } });
  await record(page).click();
  await page.locator(".composer[data-phase=recording]").waitFor();
  await page.waitForTimeout(900);

  await page.getByRole("link", { name: /^Ben/ }).click();
  await page.getByRole("button", { name: "Record a message for Ben" }).waitFor();
  await openMia(page);

  await page.getByRole("button", { name: "Send to Mia" }).waitFor();
});

test("a sending that fails while one looks away comes back, and cannot be doubled meanwhile", async (t) => {
  const { page, hub } = await visitMia(t, { viewport: { width: 1280, height: 800 }, allow: /500/ });
  hub.faults.push({ match: /messages$/, delayMs: 1200, status: 500, error: "internal", message: "Something went wrong." });
  await chooseFile(page, wavFile(2));
  await send(page).click();

  await page.getByRole("link", { name: /^Ben/ }).click();
  await page.getByRole("button", { name: "Record a message for Ben" }).waitFor();
  await openMia(page);
  await record(page).waitFor();
  assert.equal(await send(page).count(), 0);

  await page.getByRole("button", { name: "Try again" }).waitFor();
  assert.equal(messages(hub), 1);
});

test("a refused microphone is explained with the way out", async (t) => {
  const { page } = await visitMia(t, { browser: { microphone: "none" } });

  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await record(page).click();

  await sees(page, "This page may not use the microphone.");
  await sees(page, /choose “Allow”/);
  await assertAccessible(page, "refused");
  assert.ok(await record(page).isEnabled(), "one can try again");
});

test("a missing microphone is said, and a file still goes", async (t) => {
  const { page } = await visitMia(t, { browser: { microphone: "none" } });

  await record(page).click();

  await sees(page, /No microphone was found|may not use the microphone/);
  await chooseFile(page, wavFile(1));
  await send(page).waitFor();
});

test("an address without https is explained", async (t) => {
  const { page } = await visitMia(t);

  await page.evaluate(() => Object.defineProperty(globalThis, "isSecureContext", { value: false }));
  await record(page).click();

  await sees(page, "This page cannot use the microphone here.");
  await sees(page, /Open https:/);
});

test("a recording ends by itself when the toy can hold no more", async (t) => {
  const { url, hub } = await startFakeHub(t);
  const page = await openPage(t, await startBrowser(t), url);
  await page.route("**/api/v1/hub", (route) => route.fulfill({
    json: { name: "Hutch", version: "0.1.0", demo: true, slot_ms: 2000, max_upload_bytes: 16_000_000 },
  }));
  hub.lag();
  await openMia(page);
  await page.waitForTimeout(300);

  await record(page).click();

  await sees(page, "That was 2 seconds, as much as Bentley can hold.");
  await page.locator(".composer .sound-time", { hasText: "0:02" }).waitFor();
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

test("a message is taken back from the toy", async (t) => {
  const { page } = await visitMia(t, {
    prepare: (one) => one.add(one.children[0], "message", FakeHub.tone(), { delivery: { state: "on_toy" } }),
  });

  await page.getByRole("button", { name: "Take back" }).click();

  await sees(page, "Taken back. Bentley forgets it at the next squeeze.");
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

test("older conversations are read page by page, without losing one's place", async (t) => {
  const { page } = await visitMia(t, {
    prepare(hub) {
      for (let n = 0; n < 120; n += 1) {
        hub.add(hub.children[0], n % 2 ? "recording" : "message", FakeHub.tone(0.3), {
          at: now() - (120 - n) * 7 * MINUTE, delivery: { state: "heard", heard_at: now() },
        });
      }
    },
  });
  await page.locator(".bubble").nth(49).waitFor();
  assert.equal(await page.locator(".bubble").count(), 50);
  const first = page.locator(".bubble").first();
  const id = await first.getAttribute("data-item");
  await page.getByRole("button", { name: "Show earlier" }).scrollIntoViewIfNeeded();
  const before = await first.boundingBox();

  await page.getByRole("button", { name: "Show earlier" }).click();

  await page.locator(".bubble").nth(99).waitFor();
  const after = await page.locator(`[data-item="${id}"]`).boundingBox();
  assert.ok(Math.abs(after.y - before.y) < 60, `${before.y} -> ${after.y}`);
  await page.getByRole("button", { name: "Show earlier" }).click();
  await page.locator(".bubble").nth(119).waitFor();
  await page.getByRole("button", { name: "Show earlier" }).waitFor({ state: "hidden" });
});

test("states are said to those who listen, percents are not", async (t) => {
  const { page } = await visitMia(t);
  await page.evaluate(() => {
    globalThis.said = [];
    new MutationObserver(() => {
      const text = document.getElementById("announcer").textContent;
      if (text) globalThis.said.push(text);
    }).observe(document.getElementById("announcer"), { childList: true, characterData: true, subtree: true });
  });
  await chooseFile(page, wavFile(1));

  await send(page).click();
  await sees(page, "Bentley’s heart is blinking");
  await page.waitForTimeout(300);

  const said = await page.evaluate(() => globalThis.said);
  assert.ok(said.includes("On its way to Bentley"), said.join(" | "));
  assert.ok(said.includes("Bentley’s heart is blinking"), said.join(" | "));
  assert.ok(said.every((text) => !/%/.test(text)), said.join(" | "));
});

test("the page works with the back button", async (t) => {
  const { page } = await visitMia(t);

  await page.goBack();

  await page.getByRole("link", { name: /^Mia/ }).waitFor();
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Mia/);
});
