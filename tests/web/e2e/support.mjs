// A hub, a browser and an eye on both.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import jsQr from "jsqr";
import { chromium } from "playwright-core";

import { Contract } from "../contract.mjs";
import { FakeHub } from "../fake-hub.mjs";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const BINARY = resolve(ROOT, process.env.HUTCH_BIN ?? "target/debug/hutch");
const START_MS = 20_000;
const GRACE_MS = 500;

/** The engine without the rest of a browser takes half the work, where there is one. */
const SHELL = "/usr/bin/chromium-headless-shell";
const CHROMIUM = process.env.HUTCH_CHROMIUM ?? (existsSync(SHELL) ? SHELL : "/usr/bin/chromium");

/** Set to try the page without a binary: the scripted hub stands in for it. */
export const FAKE = process.env.HUTCH_FAKE === "1";

/** What is spoken into the fake microphone, after so much silence: a microphone may open late. */
export const SPEECH = resolve(ROOT, process.env.HUTCH_SPEECH ?? "tests/data/vectors/upload/speech_en.wav");

export const SILENCE_MS = 2_000;

export const SCREENSHOTS = resolve(ROOT, process.env.HUTCH_SCREENSHOTS ?? "target/screenshots");

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 800 };

/** @type {WeakMap<import("node:test").TestContext, (() => unknown)[]>} */
const endings = new WeakMap();

/** Tidies up after the test, the last thing first; the runner's own hooks go the other way round. */
function atEnd(t, tidy) {
  const known = endings.get(t);
  if (known) {
    known.push(tidy);
    return;
  }
  const list = [tidy];
  endings.set(t, list);
  t.after(async () => {
    let failure = null;
    for (const one of list.reverse()) {
      try {
        await one();
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure) throw failure;
  });
}

/**
 * Starts `hutch demo` (or the scripted hub) and returns the address to open, which may work only once,
 * and who may sign in, if it says so.
 *
 * @param {import("node:test").TestContext} t
 */
export async function startHub(t) {
  if (FAKE) return startFakeHub(t);
  const hub = spawn(BINARY, ["demo", "--port", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  hub.stderr.on("data", (text) => { log += text; });
  atEnd(t, () => new Promise((done) => {
    if (hub.exitCode !== null || hub.signalCode !== null) return done();
    hub.once("exit", done);
    return hub.kill("SIGTERM");
  }));
  const printed = await new Promise((found, failed) => {
    const timer = setTimeout(() => failed(new Error(`hutch demo printed no address\n${log}`)), START_MS);
    hub.once("error", failed);
    hub.once("exit", (code) => failed(new Error(`hutch demo ended with ${code}\n${log}`)));
    const said = { url: "", name: null, password: null };
    let grace = 0;
    createInterface(hub.stdout).on("line", (line) => {
      said.url ||= /https:\/\/\S+/.exec(line)?.[0] ?? "";
      said.name ??= /\bName:\s+(.+?)\s*$/.exec(line)?.[1] ?? null;
      said.password ??= /\bPassword:\s+(\S+)/.exec(line)?.[1] ?? null;
      if (!said.url) return;
      clearTimeout(timer);
      clearTimeout(grace);
      // Who may sign in stands beside the address, if it stands there at all.
      if (said.name && said.password) found(said);
      else grace = setTimeout(() => found(said), GRACE_MS);
    });
  });
  return { ...printed, hub: null };
}

/** What the scripted hub may answer, where there is a program that says so. */
const contract = Contract.read();

/**
 * Starts the scripted hub. What it answers and tells is what the real one could.
 *
 * @param {import("node:test").TestContext} t
 * @param {ConstructorParameters<typeof FakeHub>[0]} [options]
 */
export async function startFakeHub(t, options) {
  const hub = new FakeHub(options);
  /** @type {Set<string>} */
  const faults = new Set();
  hub.watcher = contract?.watcher((fault) => faults.add(fault)) ?? null;
  atEnd(t, () => assert.deepEqual([...faults], [], "the scripted hub answers as the real one"));
  const url = `${await hub.listen()}/open?token=fake`;
  atEnd(t, () => hub.close());
  const { setUp, guardian } = hub.accounts;
  return { url, hub, name: setUp ? null : guardian.name, password: setUp ? null : guardian.password };
}

/**
 * Signs in on the page as a person does.
 *
 * @param {import("playwright-core").Page} page
 * @param {{ name: string | null, password: string | null }} person
 */
export async function signIn(page, { name, password }) {
  const door = page.locator(".door");
  await door.getByLabel("Name", { exact: true }).fill(name);
  await door.getByLabel("Password", { exact: true }).fill(password);
  await door.getByRole("button", { name: "Sign in", exact: true }).click();
}

/**
 * Opens a further browser of the same household: by signing in, or with the address where the hub does
 * not say who may.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("playwright-core").Browser} browser
 * @param {{ url: string, name: string | null, password: string | null }} hub
 * @param {Parameters<typeof openPage>[3]} [options]
 */
export async function openAnother(t, browser, hub, options) {
  if (!hub.name) return openPage(t, browser, hub.url, options);
  const page = await openPage(t, browser, new URL("/", hub.url).href, options);
  await signIn(page, hub);
  return page;
}

/** Puts silence in front of a 16 kHz mono 16-bit WAV file with the plainest of headers. */
function afterSilence(file) {
  const [header, sound] = [Buffer.from(file.subarray(0, 44)), file.subarray(44)];
  const silence = Buffer.alloc(SILENCE_MS * 32);
  header.writeUInt32LE(36 + silence.length + sound.length, 4);
  header.writeUInt32LE(silence.length + sound.length, 40);
  return Buffer.concat([header, silence, sound]);
}

/**
 * Starts Chromium with a microphone that plays a file once.
 *
 * @param {import("node:test").TestContext} t
 * @param {{ microphone?: "granted" | "none" }} [options]
 */
export async function startBrowser(t, { microphone = "granted" } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "hutch-microphone-"));
  atEnd(t, () => rm(folder, { recursive: true }));
  const spoken = join(folder, "spoken.wav");
  await writeFile(spoken, afterSilence(await readFile(SPEECH)));
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
      ...(microphone === "none" ? [] : [
        "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
        `--use-file-for-fake-audio-capture=${spoken}%noloop`,
      ]),
    ],
  });
  atEnd(t, () => browser.close());
  return browser;
}

/** In the page: it is not kept on this device, so that all that it asks for comes from the hub. */
function keepNoShell() {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  const real = workers.register.bind(workers);
  workers.register = (script, how) => (String(script).startsWith("/sw.js")
    ? Promise.reject(new TypeError("not in this test")) : real(script, how));
}

/**
 * Fails the test if a page logs an error, asks anyone but the hub, or asks it for what it refuses or does not answer.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("playwright-core").Page} page
 * @param {{ origin: string, allow?: RegExp, also?: string[] }} options `allow`: console errors and refusals that the
 *   test provokes; `also`: other addresses of the hub that the page asks
 */
export function watchFaults(t, page, { origin, allow, also = [] }) {
  /** @type {string[]} */
  const faults = [];
  const note = (text) => { if (!allow?.test(text)) faults.push(text); };
  page.on("console", (message) => {
    if (message.type() === "error") note(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => faults.push(String(error.stack ?? error)));
  page.on("response", (response) => {
    if (response.status() >= 400) note(`Failed to load resource: the status is ${response.status()} (${response.url()})`);
  });
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    // Whoever goes elsewhere waits for it no more; what the policy stops is an error in the console, too.
    if (why !== "net::ERR_ABORTED" && why !== "csp") note(`Failed to load resource: ${why} (${request.url()})`);
  });
  page.context().on("request", (request) => {
    const asked = request.url();
    const isHub = [origin, ...also].some((place) => asked.startsWith(`${place}/`));
    if (!isHub && !/^(blob|data|about):/.test(asked)) faults.push(`request to ${asked}`);
  });
  atEnd(t, () => assert.deepEqual(faults, [], "the page logged no error and asked nobody else"));
}

/**
 * Opens a page that fails the test if it logs an error or asks anyone but the hub.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {import("playwright-core").BrowserContextOptions & { allow?: RegExp, clock?: boolean, also?: string[],
 *   before?: () => void, shell?: boolean }} [options] `allow`: console errors that the test provokes; `clock`: whether the test turns the
 *   page's clock; `also`: other addresses of the hub that the page asks; `before`: what is done in the page first;
 *   `shell`: whether the page may be kept on the device
 */
export async function openPage(t, browser, url, { allow, clock, also = [], before, shell, ...options } = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true, locale: "en-GB", viewport: PHONE, ...options,
  });
  atEnd(t, () => context.close());
  if (!shell) await context.addInitScript(keepNoShell);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  if (clock) await page.clock.install();
  if (before) await page.addInitScript(before);
  watchFaults(t, page, { origin: new URL(url).origin, allow, also });
  await page.goto(url);
  return page;
}

/**
 * Waits until the page shows this text; what is only said to screen readers does not count.
 *
 * @param {import("playwright-core").Page} page
 * @param {string | RegExp} text
 */
export const sees = (page, text) => page.locator("main").getByText(text).first().waitFor();

/**
 * Goes back to the list of children, from the conversation that the address of the demo leads to.
 *
 * @param {import("playwright-core").Page} page
 */
export const goHome = (page) => page.evaluate(() => { location.hash = "#/"; });

/**
 * Counts what a person does.
 *
 * @param {import("playwright-core").Page} page
 */
export function hand(page) {
  const hand = {
    taps: 0,
    /** @param {RegExp} name */
    async tap(name, role = /** @type {any} */ ("button")) {
      hand.taps += 1;
      await page.getByRole(role, { name }).click();
    },
  };
  return hand;
}

/**
 * Asks axe for everything it finds wrong.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} where
 */
export async function assertAccessible(page, where) {
  await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { violations: found } = await globalThis.axe.run(document, {
      runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
    });
    return found.map(({ id, nodes }) => ({
      id, nodes: nodes.map((node) => `${node.html.slice(0, 160)} ${node.failureSummary}`),
    }));
  });
  assert.deepEqual(violations, [], `axe, ${where}`);
}

/**
 * Asserts that nothing is wider than the window and nothing to press is smaller than a finger, nor a link of the desk's
 * list than its words.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} where
 */
export async function assertMeasures(page, where) {
  const faults = await page.evaluate(() => {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`page is ${root.scrollWidth} wide`);
    for (const element of document.querySelectorAll("main *")) {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || element.closest(".unseen, .toy, svg")) continue;
      const name = `${element.tagName}.${element.className} ${element.textContent.slice(0, 30)}`;
      if (box.right > root.clientWidth + 1 || box.left < -1) found.push(`${name} sticks out`);
      if (!element.matches("input") && !["hidden", "visible"].includes(getComputedStyle(element).overflowX)
        && element.scrollWidth > element.clientWidth + 1) found.push(`${name} scrolls sideways`);
      if (element.matches(".home-link, .waiting-link") && element.scrollHeight > element.clientHeight + 1) {
        found.push(`${name} is higher than its box`);
      }
      // A link in the middle of a sentence is as high as its line.
      if (element.matches("button, a:not(p > a), summary, select, input:not([type=file])") && (box.height < 43.5 || box.width < 43.5)) {
        found.push(`${name} is ${box.width} x ${box.height}`);
      }
    }
    return found;
  });
  assert.deepEqual(faults, [], where);
}

/**
 * Takes a picture for people to look at.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} name
 * @param {import("playwright-core").PageScreenshotOptions} [options]
 */
export async function screenshot(page, name, options = {}) {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), ...options });
}

/**
 * Reads a QR code from the screen, as a camera does.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("playwright-core").Browser} browser
 * @param {import("playwright-core").Locator} shown
 * @returns {Promise<string | undefined>} what it says
 */
export async function readQr(t, browser, shown) {
  const picture = (await shown.screenshot()).toString("base64");
  const context = await browser.newContext();
  atEnd(t, () => context.close());
  const { width, height, pixels } = await (await context.newPage()).evaluate(async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    canvas.drawImage(bitmap, 0, 0);
    const { data } = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
    return { width: bitmap.width, height: bitmap.height, pixels: [...data] };
  }, picture);
  return jsQr.default(Uint8ClampedArray.from(pixels), width, height)?.data;
}

/**
 * Fetches bytes the way the page would.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} path
 * @returns {Promise<Buffer>}
 */
export async function fetchBytes(page, path) {
  const encoded = await page.evaluate(async (address) => {
    const response = await fetch(address);
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  }, path);
  return Buffer.from(encoded, "base64");
}

/**
 * Decodes what a toy holds, with the program itself.
 *
 * @param {Buffer} clip
 * @returns {Promise<Buffer>} a WAV file
 */
export async function decodeClip(clip) {
  if (FAKE) return clip;
  const folder = await mkdtemp(join(tmpdir(), "hutch-e2e-"));
  try {
    await writeFile(join(folder, "slot.au"), clip);
    await promisify(execFile)(BINARY, ["audio", "decode", join(folder, "slot.au"), join(folder, "slot.wav")]);
    return await readFile(join(folder, "slot.wav"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Starts listening to what one of the page's players really plays; once per page and player.
 *
 * @param {import("playwright-core").Page} page
 * @param {"player" | "speaker"} id
 * @returns {Promise<() => Promise<Buffer>>} ends it and returns a WAV file
 */
export async function listenTo(page, id) {
  await page.evaluate(async (which) => {
    const context = new AudioContext({ sampleRate: 48_000 });
    await context.audioWorklet.addModule("/js/capture-worklet.js");
    await context.resume();
    const node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    const chunks = [];
    node.port.onmessage = ({ data }) => { if (data) chunks.push(data); };
    const source = context.createMediaElementSource(document.getElementById(which));
    source.connect(node);
    source.connect(context.destination);
    globalThis.heard = { node, chunks };
  }, id);
  return async () => {
    const encoded = await page.evaluate(async () => {
      const { node, chunks } = globalThis.heard;
      node.port.onmessage = null;
      const { writeWav } = await import("/js/wav.js");
      const all = new Float32Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
      let at = 0;
      for (const chunk of chunks) {
        all.set(chunk, at);
        at += chunk.length;
      }
      let text = "";
      for (const byte of new Uint8Array(writeWav(all, 48_000))) text += String.fromCharCode(byte);
      return btoa(text);
    });
    return Buffer.from(encoded, "base64");
  };
}

/**
 * Asserts that these words are nowhere in the page: not in what it shows or hides, not in a field, its
 * address or what a browser would keep.
 *
 * @param {import("playwright-core").Page} page
 * @param {string[]} words
 */
export async function assertForgotten(page, words) {
  const kept = await page.evaluate(() => [
    new XMLSerializer().serializeToString(document), location.href, document.cookie,
    ...[...document.querySelectorAll("input, textarea")].map((one) => /** @type {HTMLInputElement} */ (one).value),
    ...Object.values(localStorage), ...Object.values(sessionStorage),
  ].join("\n"));
  for (const one of words) assert.ok(!kept.includes(one), `${one} is still in the page`);
}

/** Says why the tests of the real program cannot run, or nothing if they can. */
export function missing() {
  if (!existsSync(SPEECH)) return `there is no ${SPEECH}; set HUTCH_SPEECH`;
  if (!FAKE && !existsSync(BINARY)) return `there is no ${BINARY}; build it or set HUTCH_BIN`;
  return null;
}
