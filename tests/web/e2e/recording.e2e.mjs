// How a message is spoken: by finger, by mouse, by keys, and with every kind of microphone.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DESK, assertAccessible, assertMeasures, screenshot, sees } from "./support.mjs";
import { chooseFile, focused, inPhase, messages, openMia, record, recorded, send, visitMia, wavFile } from "./visit.mjs";

const shortSlot = (hub) => { hub.about.slot_ms = 2_000; };

test("holding the button records until it is let go", async (t) => {
  const { page } = await visitMia(t);
  await record(page).hover();

  await page.mouse.down();
  await inPhase(page, "recording");
  await recorded(page, 700);
  await page.mouse.up();

  await send(page).waitFor();
});

test("the whole message can be made with the keyboard", async (t) => {
  const { page, hub } = await visitMia(t);
  await record(page).focus();

  await page.keyboard.press("Space");
  await inPhase(page, "recording");
  await recorded(page, 700);
  await page.keyboard.press("Enter");
  await send(page).waitFor();
  await page.waitForTimeout(500);
  assert.match(await focused(page), /^Send to Mia/);
  await page.keyboard.press("Enter");

  await page.locator(".bubble-mine").waitFor();
  assert.equal(messages(hub), 1);
});

test("a double tap that stops the recording does not send it", async (t) => {
  const { page, hub } = await visitMia(t);
  await record(page).click();
  await inPhase(page, "recording");
  await recorded(page, 700);

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

test("what was being said when one looked away is kept", async (t) => {
  const { page } = await visitMia(t, { viewport: DESK });
  await record(page).click();
  await inPhase(page, "recording");
  await recorded(page, 700);

  await page.getByRole("link", { name: /^Ben/ }).click();
  await page.getByRole("button", { name: "Record a message for Ben" }).waitFor();
  await openMia(page);

  await page.getByRole("button", { name: "Send to Mia" }).waitFor();
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
  const { page } = await visitMia(t, { prepare: shortSlot });

  await record(page).click();

  await sees(page, "That was 2 seconds, as much as Bentley can hold.");
  await page.locator(".composer .sound-time", { hasText: "0:02" }).waitFor();
});

test("the level moves with what is heard, and the time that is left runs out where the toy is full", async (t) => {
  const { page } = await visitMia(t, { prepare: (hub) => { hub.about.slot_ms = 7_000; } });
  await record(page).click();
  await inPhase(page, "recording");
  const seen = await page.evaluate(() => new Promise((done) => {
    const found = [];
    const look = () => {
      const meter = document.querySelector(".meter");
      if (!meter) {
        done(found);
        return;
      }
      const text = (/** @type {string} */ name) => meter.querySelector(name).textContent;
      // The newest bar is the last one.
      found.push({
        at: meter.querySelector("progress").value, bar: meter.querySelector("svg path").getBBox().height,
        left: text(".meter-left"), time: text(".meter-time"), isEnding: meter.classList.contains("is-ending"),
      });
      setTimeout(look, 50);
    };
    look();
  }));
  await send(page).waitFor();

  // Two seconds of silence come first, then words.
  const tallest = (from, to) => Math.max(...seen.filter(({ at }) => from <= at && at < to).map(({ bar }) => bar));
  assert.ok(tallest(500, 1_500) * 3 < tallest(3_500, 7_000), `${tallest(500, 1_500)} in silence, ${tallest(3_500, 7_000)} at words`);
  const left = [...new Set(seen.map((one) => one.left))];
  assert.deepEqual(left.slice(0, 7), [7, 6, 5, 4, 3, 2, 1].map((n) => `${n} s left`));
  assert.ok(seen.some(({ isEnding }) => isEnding), "the end is announced");
  const length_ms = seen.at(-1).at;
  assert.ok(6_700 <= length_ms && length_ms <= 7_000, `it ended at ${length_ms} ms`);
  await page.locator(".composer .sound-time", { hasText: "0:07" }).waitFor();
});

for (const key of ["Enter", "Space"]) {
  test(`a key that is still held when the recording ends sends nothing: ${key}`, async (t) => {
    const { page, hub } = await visitMia(t, { prepare: shortSlot });
    await record(page).focus();
    await page.keyboard.down(key);
    await send(page).waitFor();
    await page.waitForTimeout(500);
    assert.match(await focused(page), /^Send to Mia/);

    for (let n = 0; n < 3; n += 1) await page.keyboard.down(key);
    await page.keyboard.up(key);
    await page.waitForTimeout(300);

    assert.equal(messages(hub), 0);
    await page.keyboard.press(key);
    await page.locator(".bubble-mine").waitFor();
  });
}

test("a double tap that stops the recording leaves the button ready", async (t) => {
  const { page } = await visitMia(t);
  await record(page).click();
  await inPhase(page, "recording");
  await recorded(page, 700);

  await page.evaluate(() => {
    const button = document.querySelector(".record");
    button.click();
    button.click();
  });
  await send(page).waitFor();
  await page.waitForTimeout(500);
  await send(page).click();
  await inPhase(page, "idle");
  await record(page).click();

  await inPhase(page, "recording");
});

test("what is discarded while it is put away stays discarded", async (t) => {
  const { page } = await visitMia(t);
  await record(page).click();
  await inPhase(page, "recording");
  await recorded(page, 700);

  await page.evaluate(() => {
    document.querySelector(".record").click();
    document.querySelector(".composer-left button").click();
  });
  await page.waitForTimeout(600);

  assert.equal(await send(page).count(), 0);
  await record(page).waitFor();
});

test("the focus goes where the next thing to do is", async (t) => {
  const { page } = await visitMia(t, { allow: /ERR_|Failed to load/ });
  const press = async (name) => {
    await page.getByRole("button", { name }).focus();
    await page.keyboard.press("Enter");
  };
  const reads = (words) => page.waitForFunction((wanted) => {
    const element = document.activeElement;
    return new RegExp(wanted).test(element.getAttribute("aria-label") ?? element.textContent);
  }, words);

  await page.getByRole("button", { name: "Sound file" }).focus();
  await chooseFile(page, wavFile(2));
  await reads("^Send to Mia");
  await press("Discard");
  await reads("^Record a message");
  await press("Undo");
  await reads("^Send to Mia");
  await page.waitForTimeout(500);
  await page.route("**/messages", (route) => route.abort(), { times: 1 });
  await press("Send to Mia");
  await reads("^Try again");
  await page.route("**/messages", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 600));
    await route.continue();
  }, { times: 1 });
  await press("Try again");
  await reads("^(Sending to Hutch|Hutch is taking it in)");
  await reads("^Record a message");
  await page.getByRole("button", { name: "Sound file" }).focus();
  await chooseFile(page, wavFile(50));
  await reads("^Send the first 40 seconds");
});

test("the focus stays where it is when that is elsewhere", async (t) => {
  const { page } = await visitMia(t, { viewport: DESK });
  await page.getByRole("button", { name: "Let it sleep" }).focus();

  await chooseFile(page, wavFile(2));
  await send(page).waitFor();

  assert.equal(await focused(page), "Let it sleep");
});

test("what comes before and after is cut off, and can be had back", async (t) => {
  const { page, hub } = await visitMia(t);
  await chooseFile(page, wavFile(6));
  await page.getByText("Trim", { exact: true }).click();
  const [start, end] = [page.getByRole("slider", { name: "Begins at" }), page.getByRole("slider", { name: "Ends at" })];
  await start.fill("1000");
  await end.fill("4000");
  await sees(page, "0:03 is left.");
  // Neither goes past the other.
  await start.fill("5500");
  assert.equal(await start.inputValue(), "3500");
  await start.fill("1000");
  await assertAccessible(page, "trimming");
  await assertMeasures(page, "trimming");
  await screenshot(page, "trimming");

  await page.getByRole("button", { name: "Cut off the rest" }).click();
  await page.locator(".composer .sound-time", { hasText: "0:03" }).waitFor();
  await page.getByRole("button", { name: "Undo the trim" }).click();
  await page.locator(".composer .sound-time", { hasText: "0:06" }).waitFor();
  await page.getByText("Trim", { exact: true }).click();
  await end.fill("2000");
  await page.getByRole("button", { name: "Cut off the rest" }).click();
  await send(page).click();

  await page.locator(".bubble-mine").waitFor();
  assert.ok(Math.abs(hub.items.at(-1).length_ms - 2_000) < 20, `${hub.items.at(-1).length_ms}`);
});
