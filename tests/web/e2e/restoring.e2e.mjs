// A household comes back from a backup: from the welcome of a new hub to the sign-in.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { fetchUntrusted, newcomer } from "./newcomer.mjs";
import {
  BINARY, DESK, PHONE, assertAccessible, assertForgotten, assertMeasures, openPage, screenshot, sees, signIn,
  startBrowser,
} from "./support.mjs";

const run = promisify(execFile);
const START_MS = 30_000;
const SOMEBODY = { name: "Anna", password: "nine purple tractors at dawn" };
const PASSPHRASE = "velvet harbour onion sleigh cobalt";
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** Sends JSON to a hub that nobody trusts yet. */
function post(url, body) {
  return new Promise((done, failed) => {
    const headers = { "Content-Type": "application/json", Origin: new URL(url).origin };
    const asked = request(url, { method: "POST", rejectUnauthorized: false, headers }, (answer) => {
      let text = "";
      answer.on("data", (piece) => { text += piece; });
      answer.on("end", () => done({ status: answer.statusCode, body: JSON.parse(text) }));
    });
    asked.on("error", failed);
    asked.end(JSON.stringify(body));
  });
}

/** A hub of its own, in a folder. */
async function startHub(t, folder, stick) {
  const asked = createServer();
  await new Promise((done) => { asked.listen(0, "127.0.0.1", done); });
  const { port } = asked.address();
  await new Promise((done) => { asked.close(done); });
  const flags = ["--state", folder, "--port", String(port), "--listen", "127.0.0.1"];
  const env = { PATH: process.env.PATH, HUTCH_RADIO: "sim", HUTCH_BACKUP_TO: stick };
  const hub = spawn(BINARY, ["serve", ...flags], { env, stdio: "ignore" });
  const url = `https://localhost:${port}`;
  const stop = async () => {
    if (hub.exitCode !== null || hub.signalCode !== null) return;
    const ended = new Promise((done) => { hub.once("exit", done); });
    hub.kill("SIGTERM");
    await ended;
  };
  t.after(stop);
  for (const end = Date.now() + START_MS; ;) {
    try {
      await fetchUntrusted(`${url}/probe`);
      break;
    } catch (error) {
      if (end < Date.now() || hub.exitCode !== null) throw error;
      await pause(100);
    }
  }
  const code = async () => (await readFile(join(folder, "run/setup-code"), "utf8")).trim();
  return { url, stop, code };
}

/** A family that lost its hub, with a stick that has a backup, and a new hub that sees it. */
async function loseHub(t, { withStick = true } = {}) {
  const home = await mkdtemp(join(tmpdir(), "hutch-restoring-"));
  t.after(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const [stick, elsewhere] = [join(home, "stick"), join(home, "elsewhere")];
  await mkdir(stick);
  await mkdir(elsewhere);
  const old = await startHub(t, join(home, "old"), stick);
  const { status, body } = await post(`${old.url}/api/v1/setup`, { code: await old.code(), ...SOMEBODY });
  assert.equal(status, 201);
  const root = await fetchUntrusted(`${old.url}/trust/hutch-root.crt`);
  const place = withStick ? stick : elsewhere;
  const words = join(home, "words");
  await writeFile(words, PASSPHRASE);
  const state = ["--state", join(home, "old")];
  await run(BINARY, ["backup", "create", place, ...state]);
  await run(BINARY, ["backup", "create", place, "--passphrase", "--passphrase-file", words, ...state]);
  await old.stop();
  const hub = await startHub(t, join(home, "new"), stick);
  const files = (await readdir(place)).filter((name) => !name.includes("erased"));
  const file = (kind) => join(place, files.find((name) => name.includes(kind)));
  return { hub, root, key: body.recovery_key, backup: file("-key"), passphrased: file("-passphrase"), home };
}

const haveBackup = (page) => page.getByRole("button", { name: "I have a backup" }).click();
const label = (page, name) => page.getByLabel(name, { exact: true });
const keyField = (page) => label(page, "Recovery key, or the passphrase of the backup");
const bringBack = (page) => page.getByRole("button", { name: "Bring it back" }).click();

async function toChoice(page, code) {
  await haveBackup(page);
  await label(page, "Set-up code").fill(code);
  await page.getByRole("button", { name: "Look for backups" }).click();
  await sees(page, "Which backup?");
}

async function open(t, hub, options = {}) {
  const page = await openPage(t, await startBrowser(t), `${hub.url}/`, {
    allow: /40[0-9]|422|ERR_|Failed to load|SSL certificate error/, timezoneId: "Europe/Berlin", ...options,
  });
  await page.getByRole("heading", { name: "Welcome to Hutch" }).waitFor();
  return page;
}

for (const [width, viewport] of Object.entries({ 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`a household comes back from the stick, at ${width} px, ${colorScheme}`, async (t) => {
      const { hub, key } = await loseHub(t);
      const page = await open(t, hub, { viewport, colorScheme });
      const look = async (name) => {
        await assertMeasures(page, name);
        await assertAccessible(page, name);
        await screenshot(page, `${width}-${colorScheme}-${name}`, { fullPage: true });
      };
      await look("welcome-with-backup");
      await haveBackup(page);
      await page.getByRole("heading", { name: "Bring your household back" }).waitFor();
      await look("restoring-code");
      await label(page, "Set-up code").fill("0000-0000-0000");
      await page.getByRole("button", { name: "Look for backups" }).click();
      await sees(page, "That is not the set-up code of this hub. 9 more tries, then the hub makes a new one.");
      const code = await hub.code();
      await label(page, "Set-up code").fill(` ${code.toLowerCase()} `);
      await page.getByRole("button", { name: "Look for backups" }).click();
      await sees(page, "Which backup?");
      assert.equal(await page.getByRole("radio").count(), 3);
      await look("restoring-choice");

      await page.getByRole("radio", { name: /opens with the recovery key of/ }).check({ force: true });
      await keyField(page).fill(`${key.slice(0, -1)}${key.endsWith("Q") ? "P" : "Q"}`);
      await bringBack(page);
      await sees(page, /^This recovery key has a mistake in it/);
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute("name")), "key");
      await keyField(page).fill(key.slice(0, 40));
      await bringBack(page);
      await sees(page, /58/);
      await keyField(page).fill(`${key.slice(0, 16)} ${key.slice(16).replace(/(.{4})/g, "$1 ")}`.toLowerCase());
      await look("restoring-key");
      await bringBack(page);

      await page.getByRole("heading", { name: "Your household is back" }).waitFor();
      await sees(page, /^It is as it was on .* with 0 recordings and messages\.$/);
      await look("restoring-back");
      const goOn = page.getByRole("button", { name: "Go on to the sign-in" });
      await page.waitForFunction(() => document.querySelector("main .button-primary")?.getAttribute("aria-disabled") !== "true");
      await assertForgotten(page, [key, code]);
      await goOn.click();
      await page.getByRole("heading", { name: "Welcome back" }).or(page.getByLabel("Password", { exact: true })).first().waitFor();
      await signIn(page, SOMEBODY);
      await page.getByRole("link", { name: "Add your first child" }).waitFor();
    });
  }
}

test("a backup with a passphrase comes from the device, and what is none is refused", async (t) => {
  const { hub, key, backup, passphrased, home } = await loseHub(t, { withStick: false });
  const page = await open(t, hub);
  await toChoice(page, await hub.code());
  await sees(page, /^The hub sees no backup/);
  await screenshot(page, "restoring-nothing", { fullPage: true });
  await keyField(page).fill(PASSPHRASE);
  await bringBack(page);
  await sees(page, "Choose a file, or one of the backups.");

  const pick = (path) => page.locator("input[type=file]").setInputFiles(path);
  const photos = join(home, "photos.zip");
  await writeFile(photos, Buffer.alloc(3_000_000, 7));
  await pick(photos);
  await bringBack(page);
  await sees(page, /^This file is no backup of Hutch/);
  assert.equal(await keyField(page).inputValue(), PASSPHRASE);

  const cut = join(home, "cut.age");
  await writeFile(cut, (await readFile(backup)).subarray(0, -100));
  await pick(cut);
  await keyField(page).fill(key);
  await bringBack(page);
  await sees(page, /^This backup is damaged, or was cut short/);
  await assertAccessible(page, "damaged");
  await screenshot(page, "restoring-damaged", { fullPage: true });

  await pick(passphrased);
  await keyField(page).fill("velvet harbour onion sleigh");
  await bringBack(page);
  await sees(page, /^This does not open the backup/);
  // The hub has it by now.
  await sees(page, "The file that you sent");
  await keyField(page).fill(PASSPHRASE);
  await bringBack(page);

  await page.getByRole("heading", { name: "Your household is back" }).waitFor();
  await sees(page, /^What you erased after that may be here again/);
});

test("a device that trusted the hub before goes on without a warning", async (t) => {
  const { hub, root, key } = await loseHub(t);
  const page = await newcomer(t, { root, viewport: PHONE, ignoreHTTPSErrors: false });
  // The new hub is a stranger to it.
  await assert.rejects(page.goto(hub.url), /ERR_CERT_AUTHORITY_INVALID/);
  await page.locator("#details-button").click();
  await page.locator("#proceed-link").click();
  await page.getByRole("button", { name: /Set up|I have a backup|Trust/ }).first().waitFor();
  await page.goto(`${hub.url}/#/`);
  await toChoice(page, await hub.code());
  await page.getByRole("radio", { name: /opens with the recovery key of/ }).check({ force: true });
  await keyField(page).fill(key);
  await bringBack(page);
  await page.getByRole("heading", { name: "Your household is back" }).waitFor();
  await page.waitForFunction(() => document.querySelector("main .button-primary")?.getAttribute("aria-disabled") !== "true");
  await page.getByRole("button", { name: "Go on to the sign-in" }).click();

  await page.getByLabel("Password", { exact: true }).waitFor();
  await signIn(page, SOMEBODY);
  await page.getByRole("link", { name: "Add your first child" }).waitFor();
});

test("whoever would rather set the hub up anew goes back", async (t) => {
  const { hub } = await loseHub(t);
  const page = await open(t, hub);
  const code = await hub.code();
  await toChoice(page, code);
  await page.getByRole("button", { name: "Set up anew instead" }).click();
  await page.getByRole("heading", { name: "Welcome to Hutch" }).waitFor();
  await haveBackup(page);
  await page.getByRole("heading", { name: "Bring your household back" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Bring your household back");
});

test("it fits in every language", async (t) => {
  const { hub } = await loseHub(t);
  const code = await hub.code();
  const browser = await startBrowser(t);
  for (const locale of ["de-DE", "es-ES", "pt-BR", "fr-FR"]) {
    const page = await openPage(t, browser, `${hub.url}/`, { locale, viewport: { width: 360, height: 740 } });
    await page.locator(".had-one button").click();
    await page.locator("input[name=code]").fill(code);
    await assertMeasures(page, `code, ${locale}`);
    await page.locator(".door-place button[type=submit]").click();
    await page.locator(".offers").waitFor();
    await page.locator(".door-place button[type=submit]").click();
    await page.locator(".field-wrong").first().waitFor();
    await assertMeasures(page, `choice, ${locale}`);
    await screenshot(page, `restoring-${locale}`, { fullPage: true });
  }
});
