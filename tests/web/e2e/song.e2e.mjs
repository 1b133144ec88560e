// A song for later, with a note: the page and the real program.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { missing, openPage, sees, startBrowser, startHub } from "./support.mjs";

const SONG = new URL("../../data/sounds/left_48k.mp3", import.meta.url);
const NOTE = "Good night 🌙 <b>x</b>";

const choose = (page, name, buffer) =>
  page.locator("input[type=file]").setInputFiles({ name, mimeType: "audio/mpeg", buffer });

test("a song is kept for tomorrow, has a note, and goes now after all", { skip: missing() ?? false }, async (t) => {
  const { url } = await startHub(t);
  const page = await openPage(t, await startBrowser(t), url, { allow: /422/ });
  await page.locator(".composer").waitFor();
  const tomorrow = new Date(Date.now() + 86_400_000);
  const local = new Date(tomorrow.getTime() - tomorrow.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

  await choose(page, "song.mp3", await readFile(SONG));
  await page.getByText("Send it later").click();
  await page.getByLabel("When shall it set out?").fill(local);
  await page.getByRole("button", { name: /^Send to/ }).click();
  await page.getByText(/^Sets out: /).waitFor();
  await page.getByRole("button", { name: /^Add a note/ }).click();
  await page.getByRole("textbox", { name: /^Note for/ }).fill(NOTE);
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".bubble-note:not([hidden])").waitFor();

  await page.reload();
  await page.locator(".bubble-note:not([hidden])").waitFor();
  assert.equal(await page.locator(".bubble-note").textContent(), NOTE);
  await page.getByRole("button", { name: "Send now" }).click();
  await sees(page, /heart is blinking|On its way/);

  await choose(page, "letter.mp3", Buffer.from("Dear Mia, there is no sound in here at all. Good night."));
  await page.getByRole("button", { name: /^Send to/ }).click();
  await sees(page, /^Hutch cannot play this file/);
});
