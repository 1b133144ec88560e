// What becomes of a message between the page and the hub: sent once, refused, or in doubt.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { DESK, assertAccessible, sees } from "./support.mjs";
import { chooseFile, inPhase, messages, openMia, record, recorded, send, visitMia, wavFile } from "./visit.mjs";

/** Lets the next message reach the hub, and nothing come back. */
const loseAnswer = (page) => page.route(/\/messages/, async (route) => {
  await route.fetch();
  await route.abort();
}, { times: 1 });

/** Makes a silent MP3 file: 32 kbit/s, frames of 104 bytes and 1152 samples at 44.1 kHz. */
function mp3File(seconds) {
  const frame = Buffer.alloc(104);
  frame.set([0xff, 0xfb, 0x10, 0xc0]);
  const n_frames = Math.round((seconds * 44_100) / 1152);
  return { name: "song.mp3", mimeType: "audio/mpeg", buffer: Buffer.concat(Array.from({ length: n_frames }, () => frame)) };
}

/** How many messages the hub keeps. */
const stored = (hub) => hub.items.filter(({ kind }) => kind === "message").length;

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
  await loseAnswer(page);
  await send(page).click();
  await page.getByRole("button", { name: "Try again" }).waitFor();
  const before = stored(hub);

  await page.getByRole("button", { name: "Try again" }).click();

  await page.locator(".composer[data-phase=idle]").waitFor();
  assert.equal(stored(hub), before, "it is kept once");
  assert.equal(await page.locator(".bubble-mine").count(), 1);
});

test("a refusal says why", async (t) => {
  const { page, hub } = await visitMia(t, { allow: /413|422/ });
  hub.faults.push({ match: /messages$/, status: 413, error: "too_large", message: "That file is larger than Hutch takes." });
  await chooseFile(page, wavFile(2));

  await send(page).click();

  await sees(page, "That file is larger than Hutch takes.");
});

test("a file over the limit is refused before it travels", async (t) => {
  const { page, hub } = await visitMia(t, { prepare: (one) => { one.about.max_upload_bytes = 3_000_000; } });

  await chooseFile(page, wavFile(101));

  await sees(page, "That file is larger than the 3 MB that Hutch takes. Choose a shorter one.");
  assert.equal(messages(hub), 0);
});

test("a song goes to the hub as it is, and can be heard before where the browser knows it", async (t) => {
  const { page, hub } = await visitMia(t);
  const song = mp3File(4);
  /** @type {{ type: string, bytes: Buffer }[]} */
  const sent = [];
  await page.route(/\/messages/, (route) => {
    sent.push({ type: route.request().headers()["content-type"], bytes: route.request().postDataBuffer() });
    return route.continue();
  });

  await chooseFile(page, song);
  await page.getByText("0:04").first().waitFor();
  await send(page).click();

  await page.locator(".bubble-mine").waitFor();
  assert.equal(stored(hub), 1);
  assert.equal(sent[0].type, "audio/mpeg");
  assert.ok(sent[0].bytes.equals(song.buffer), "byte for byte");
});

test("a sound that the browser cannot decode is the hub’s business", async (t) => {
  const { page, hub } = await visitMia(t, { allow: /422/ });
  const note = { name: "voice.opus", mimeType: "audio/ogg", buffer: Buffer.from("OggS, and what only a hub knows") };
  hub.faults.push({ match: /messages$/, status: 422, error: "damaged_sound", message: "This file is damaged." });

  await chooseFile(page, note);
  await sees(page, "voice.opus");
  await send(page).click();
  await sees(page, "This file is damaged, and hardly anything of it can be played.");
  assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 0, "it would end the same way");
  assert.ok(await page.getByRole("button", { name: "Discard" }).evaluate((one) => one === document.activeElement));
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("button", { name: "Record a message for Mia" }).waitFor();
  await chooseFile(page, note);
  await sees(page, "voice.opus");
  await send(page).click();

  await page.locator(".bubble-mine").waitFor();
});

test("a sound that is too large to be drawn goes all the same, and one that is longer than ten minutes is cut", async (t) => {
  const { page } = await visitMia(t, { prepare: (one) => { one.about.longest_ms = 60_000; } });

  await chooseFile(page, { name: "large.mp3", mimeType: "audio/mpeg", buffer: Buffer.alloc(12_000_001) });
  await sees(page, "large.mp3");
  await send(page).waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  await inPhase(page, "idle");
  await chooseFile(page, mp3File(61));

  await sees(page, "This sound is 1:01 long. Bentley can hold 40 seconds, and Hutch sends at most 1 minute at once.");
  assert.equal(await page.getByRole("button", { name: "Send all of it" }).count(), 0);
});

test("a message sets out when somebody says, or at once after all", async (t) => {
  const { page, hub } = await visitMia(t);
  await chooseFile(page, wavFile(2));
  await page.getByText("Send it later").click();
  const tomorrow = new Date(Date.now() + 86_400_000);
  tomorrow.setSeconds(0, 0);
  const local = new Date(tomorrow.getTime() - tomorrow.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  await page.getByLabel("When shall it set out?").fill(local);
  await assertAccessible(page, "send later");
  await page.getByRole("button", { name: /^Send to Mia: / }).click();

  await page.getByText(/^Sets out: /).waitFor();
  assert.equal(hub.items.at(-1).delivery.send_at, tomorrow.getTime() / 1000);
  assert.equal(hub.items.at(-1).delivery.state, "queued");
  await page.getByRole("button", { name: "Send now" }).click();

  await sees(page, "Bentley’s heart is blinking");
});

test("several children hear the same, each once, also where one of them was not reached at first", async (t) => {
  const { page, hub } = await visitMia(t, { allow: /500/ });
  await page.goto(new URL("/#/record", page.url()).href);
  await page.locator(".record-child").first().click();
  await chooseFile(page, wavFile(2));
  await page.getByRole("button", { name: "Send to Mia" }).waitFor();
  await page.locator(".record-child").nth(1).click();
  await assertAccessible(page, "several children");
  hub.faults.push({ match: new RegExp(`${hub.children[1].id}/messages$`), status: 500, error: "internal", message: "Something went wrong." });

  await page.getByRole("button", { name: "Send to Mia and Ben" }).click();
  await sees(page, "Mia has it already: it is not sent there again.");
  await page.getByRole("button", { name: "Try again" }).click();

  await sees(page, "Sent to Mia and Ben.");
  assert.deepEqual(hub.items.map(({ child }) => child).sort(), hub.children.map(({ id }) => id).sort());
});

test("a file of which the browser makes nothing can be left", async (t) => {
  const { page } = await visitMia(t, { clock: true });
  await page.evaluate(() => { Blob.prototype.arrayBuffer = () => new Promise(() => {}); });
  await chooseFile(page, wavFile(2));
  await inPhase(page, "reading");

  await page.clock.runFor(10_000);
  await page.getByRole("button", { name: "Cancel" }).click();

  await record(page).waitFor();
});

test("a file that is no sound is refused in the page", async (t) => {
  const { page } = await visitMia(t);

  await chooseFile(page, { name: "letter.txt", mimeType: "text/plain", buffer: Buffer.from("Dear Mia, good night.") });

  await sees(page, /^That file is no sound/);
});

for (const [choice, parts] of [["Send the first 40 seconds", 1], ["Send all of it, in parts", 3]]) {
  test(`a sound that is too long: ${choice.toLowerCase()}`, async (t) => {
    const { page, hub } = await visitMia(t);
    await chooseFile(page, wavFile(95));
    await sees(page, "This sound is 1:35 long. Bentley can hold 40 seconds.");
    await assertAccessible(page, "too long");
    assert.equal(messages(hub), 0, "nothing travels before somebody chose");

    await page.getByRole("button", { name: choice }).click();

    await page.locator(".bubble-mine").nth(parts - 1).waitFor();
    assert.equal(await page.locator(".bubble-mine").count(), parts);
    if (parts > 1) await sees(page, "once Mia has heard the one before");
  });

  test(`a long sound whose answer got lost is not sent again: ${choice.toLowerCase()}`, async (t) => {
    const { page, hub } = await visitMia(t, { allow: /ERR_|Failed to load/ });
    await loseAnswer(page);
    await chooseFile(page, wavFile(95));
    await page.getByRole("button", { name: choice }).click();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    const before = stored(hub);

    await page.getByRole("button", { name: "Try again" }).click();

    await inPhase(page, "idle");
    assert.equal(stored(hub), before, "it is kept once");
    assert.equal(await page.locator(".bubble-mine").count(), parts);
  });
}

test("a sound that is too long even for parts can only be cut", async (t) => {
  const { page } = await visitMia(t, { prepare: (hub) => { hub.about.longest_ms = 60_000; } });

  await chooseFile(page, wavFile(95));

  await sees(page, "This sound is 1:35 long. Bentley can hold 40 seconds, and Hutch sends at most 1 minute at once.");
  assert.equal(await page.getByRole("button", { name: "Send all of it" }).count(), 0);
  await page.getByRole("button", { name: "Send the first 40 seconds" }).click();
  await page.locator(".bubble-mine").waitFor();
});

test("a sound that only the hub finds too long is asked about then", async (t) => {
  const { page, hub } = await visitMia(t, { allow: /422/ });
  await chooseFile(page, wavFile(5));
  hub.about.slot_ms = 2_000;

  await send(page).click();

  await sees(page, "This sound is 0:05 long. Bentley can hold 2 seconds.");
  await page.getByRole("button", { name: "Send the first 2 seconds" }).click();
  await page.locator(".bubble-mine").waitFor();
});

test("a long sound that was discarded or left comes back to the choice", async (t) => {
  const { page } = await visitMia(t, { viewport: DESK });
  const choice = page.getByRole("button", { name: "Send all of it, in parts" });
  await chooseFile(page, wavFile(95));

  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await choice.waitFor();
  await page.getByRole("link", { name: /^Ben/ }).click();
  await page.getByRole("button", { name: "Record a message for Ben" }).waitFor();
  await openMia(page);

  await choice.waitFor();
});

test("a sending on which nothing moves is given up after 20 seconds", async (t) => {
  const { page } = await visitMia(t, { clock: true });
  await page.route("**/messages", () => {});
  await chooseFile(page, wavFile(2));
  await send(page).click();
  await inPhase(page, "sending");

  await page.clock.runFor(19_000);
  await inPhase(page, "sending");
  await page.clock.runFor(1_500);

  await sees(page, "Hutch is not answering. Your recording is still here.");
});

test("a hub that took everything has 60 seconds to answer", async (t) => {
  const { page, hub } = await visitMia(t, { clock: true });
  hub.faults.push({ match: /messages$/, silent: true });
  await chooseFile(page, wavFile(2));
  await send(page).click();
  await sees(page, "Hutch is taking it in");

  await page.clock.runFor(58_000);
  await inPhase(page, "sending");
  await page.clock.runFor(2_500);

  await sees(page, "Hutch is not answering. Your recording is still here.");
});

test("sending can be stopped after ten seconds, and what arrived is not sent again", async (t) => {
  const { page, hub } = await visitMia(t, { clock: true });
  await page.route("**/messages", (route) => route.fetch(), { times: 1 });
  await chooseFile(page, wavFile(2));
  await send(page).click();
  await inPhase(page, "sending");
  const stop = page.getByRole("button", { name: "Stop sending" });
  assert.equal(await stop.count(), 0);

  await page.clock.runFor(10_000);
  await assertAccessible(page, "stop sending");
  await stop.click();

  // At once, and not because patience ran out.
  await page.locator(".composer-trouble").waitFor({ timeout: 4_000 });
  await sees(page, "Sending was stopped. Your recording is still here.");
  await page.locator(".bubble-mine").waitFor();
  const before = stored(hub);
  await page.getByRole("button", { name: "Try again" }).click();
  await inPhase(page, "idle");
  assert.equal(stored(hub), before, "it is kept once");
  assert.equal(await page.locator(".bubble-mine").count(), 1);
});

test("what was stopped before the hub took it is sent whole the next time", async (t) => {
  const { page, hub } = await visitMia(t, { clock: true });
  hub.faults.push({ match: /messages$/, silent: true });
  await chooseFile(page, wavFile(2));
  await send(page).click();
  await sees(page, "Hutch is taking it in");
  await page.clock.runFor(10_000);
  await page.getByRole("button", { name: "Stop sending" }).click();
  assert.equal(stored(hub), 0);

  await page.getByRole("button", { name: "Try again" }).click();

  await page.locator(".bubble-mine").waitFor();
  assert.equal(stored(hub), 1);
});

for (const arrives of [false, true]) {
  test(`a network that fails while a message ${arrives ? "is answered" : "is sent"} comes back, and the message goes by itself, once`, async (t) => {
    const { page, hub } = await visitMia(t, { allow: /ERR_|Failed to load/ });
    await chooseFile(page, wavFile(2));
    await page.route("**/messages", async (route) => {
      if (arrives) await route.fetch();
      hub.cut();
      await route.abort();
    }, { times: 1 });
    await send(page).click();
    await sees(page, "Hutch is not answering. Your recording is still here.");
    await page.locator(".banner:not([hidden])").waitFor();

    hub.mute = false;

    await inPhase(page, "idle");
    await page.locator(".bubble-mine").waitFor();
    assert.equal(await page.locator(".bubble-mine").count(), 1);
    assert.equal(stored(hub), 1);
  });
}

/**
 * Drops a file onto what is shown beside the list.
 *
 * @returns {Promise<boolean>} whether the page took it, rather than leave it to the browser
 */
const dropFile = (page) => page.evaluate((content) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(content)], "dropped.wav", { type: "audio/wav" }));
  const room = document.querySelector(".room");
  return ["dragover", "drop"].map((type) => {
    const event = new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true });
    room.dispatchEvent(event);
    return event.defaultPrevented;
  }).every(Boolean);
}, [...FakeHub.tone(1)]);

test("a dropped file is taken", async (t) => {
  const { page } = await visitMia(t);

  assert.equal(await dropFile(page), true);

  await sees(page, "dropped.wav");
  await send(page).waitFor();
});

test("a dropped file is taken where one message goes to several, and nowhere else", async (t) => {
  const { page } = await visitMia(t);
  await page.evaluate(() => { location.hash = "#/toys"; });
  await page.getByRole("heading", { name: "Toys" }).waitFor();
  assert.equal(await dropFile(page), false);
  await page.evaluate(() => { location.hash = "#/record"; });
  await page.locator(".record-children").waitFor();

  assert.equal(await dropFile(page), true);

  await sees(page, "dropped.wav");
});

test("a file that is dropped while a question is open is taken, and what was typed stays", async (t) => {
  const { page, hub } = await visitMia(t, { prepare: (made) => made.add(made.children[0], "recording", FakeHub.tone(2)) });
  await page.getByRole("button", { name: /^Add a note/ }).click();
  const note = page.locator(".noting textarea");
  await note.fill("She sings");
  assert.equal(await dropFile(page), true);
  await sees(page, "dropped.wav");
  assert.equal(await note.inputValue(), "She sings");

  // A second one does not take the place of the first, which nobody has sent yet.
  await page.getByRole("button", { name: /^Details/ }).first().click();
  await page.locator(".item-details").waitFor();
  assert.equal(await dropFile(page), true);

  assert.equal(await page.locator(".composer-file").count(), 1);
  assert.equal(await note.inputValue(), "She sings");
  assert.ok(await page.locator(".item-details").isVisible());
  await send(page).click();
  await page.locator(".bubble-mine").waitFor();
  assert.equal(messages(hub), 1);
});

test("what was recorded is heard again before it is sent, and nothing has left by then", async (t) => {
  const { page, hub } = await visitMia(t);
  await record(page).click();
  await recorded(page, 1_500);
  await page.getByRole("button", { name: /^Stop recording/ }).click();
  await send(page).waitFor();

  await page.locator(".composer .play").click();

  await page.waitForFunction(() => {
    const { currentTime, src } = /** @type {HTMLAudioElement} */ (document.getElementById("player"));
    return src.startsWith("blob:") && currentTime > 0.5;
  });
  await page.locator(".composer .play[aria-label^=Pause]").waitFor();
  assert.equal(messages(hub), 0);
  await page.waitForTimeout(500);
  await send(page).click();
  await page.locator(".bubble-mine").waitFor();
  assert.equal(messages(hub), 1);
});

test("discarding can be undone", async (t) => {
  const { page } = await visitMia(t);
  await chooseFile(page, wavFile(2));

  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("button", { name: "Undo" }).click();

  await send(page).waitFor();
});

test("a take waits while one looks at another child", async (t) => {
  const { page } = await visitMia(t, { viewport: DESK });
  await chooseFile(page, wavFile(2));
  await send(page).waitFor();

  await page.getByRole("link", { name: /^Ben/ }).click();
  await page.getByRole("button", { name: "Record a message for Ben" }).waitFor();
  await openMia(page);

  await page.getByRole("button", { name: "Send to Mia" }).waitFor();
});

test("a sending that fails while one looks away comes back, and cannot be doubled meanwhile", async (t) => {
  const { page, hub } = await visitMia(t, { viewport: DESK, allow: /500/ });
  let goOn = () => {};
  const until = new Promise((resolve) => { goOn = resolve; });
  hub.faults.push({ match: /messages$/, until, status: 500, error: "internal", message: "Something went wrong." });
  await chooseFile(page, wavFile(2));
  await send(page).click();

  await page.getByRole("link", { name: /^Ben/ }).click();
  await page.getByRole("button", { name: "Record a message for Ben" }).waitFor();
  await openMia(page);
  await record(page).waitFor();
  assert.equal(await send(page).count(), 0);

  goOn();
  await page.getByRole("button", { name: "Try again" }).waitFor();
  assert.equal(messages(hub), 1);
});
