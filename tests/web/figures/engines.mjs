// A walk through the demo in the engines of other people's browsers: Firefox, and the WebKit that Debian has, which
// has no microphone. Where one cannot be had it says so.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import puppeteer from "puppeteer-core";

import { SCREENSHOTS, startHub } from "../e2e/support.mjs";

const PATIENCE_MS = 30_000;
const PHONE = { width: 360, height: 740 };
const [ENGLISH, GERMAN] = ["en", "de"].map((language) =>
  JSON.parse(readFileSync(new URL(`../../../web/words/${language}.json`, import.meta.url), "utf8")));

/** Whatever the page says in English and never in German. */
const UNTRANSLATED = Object.entries(ENGLISH)
  .filter(([key, sentence]) => typeof sentence === "string" && !Object.values(GERMAN).includes(sentence) && GERMAN[key] !== sentence)
  .map(([, sentence]) => sentence);

/** Tries until it is so. */
async function until(what, look) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(100)) {
    const found = await look().catch(() => null);
    if (found) return found;
  }
  throw new Error(`${what} does not come`);
}

/** Firefox, without a window. */
async function startFirefox(t) {
  if (!existsSync("/usr/bin/firefox-esr")) return "there is no firefox-esr";
  const browser = await puppeteer.launch({
    browser: "firefox", executablePath: "/usr/bin/firefox-esr", headless: true, acceptInsecureCerts: true,
    extraPrefsFirefox: { "intl.accept_languages": "en-GB", "media.autoplay.default": 0 },
  });
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.setViewport(PHONE);
  const faults = [];
  page.on("console", (message) => { if (message.type() === "error") faults.push(message.text()); });
  page.on("pageerror", (error) => faults.push(String(error)));
  return {
    open: (url) => page.goto(url),
    ask: (look, ...given) => page.evaluate(look, ...given),
    press: (selector) => page.click(selector),
    picture: (path) => page.screenshot({ path }),
    faults: async () => faults,
  };
}

/** A port that nobody has. */
async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Runs a program; returns what ends it. */
function startProgram(command, flags, env) {
  const program = spawn(command, flags, { env: { ...process.env, ...env }, stdio: "ignore" });
  return () => new Promise((done) => {
    if (program.exitCode !== null || program.signalCode !== null) return done();
    program.once("exit", done);
    return program.kill("SIGTERM");
  });
}

/** WebKit, by WebDriver (W3C), on a screen that is not there. */
async function startWebKit(t) {
  for (const program of ["WebKitWebDriver", "Xvfb"]) {
    if (spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0) return `there is no ${program}`;
  }
  const screen = `:${90 + process.pid % 100}`;
  const endings = [];
  t.after(async () => { for (const end of endings.reverse()) await end(); });
  endings.push(startProgram("Xvfb", [screen, "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]));
  const port = await freePort();
  // Whoever is root in a container has no namespaces to put web pages into.
  endings.push(startProgram("WebKitWebDriver", ["-p", String(port)], {
    DISPLAY: screen, GDK_BACKEND: "x11", LANG: "C.UTF-8", WEBKIT_DISABLE_COMPOSITING_MODE: "1", WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
    LIBGL_ALWAYS_SOFTWARE: "1",
  }));
  const send = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${value?.error}: ${value?.message}`);
    return value;
  };
  await until("the driver", async () => (await fetch(`http://127.0.0.1:${port}/status`)).ok);
  const { sessionId } = await send("POST", "/session", { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } });
  endings.push(() => send("DELETE", `/session/${sessionId}`));
  const at = (method, path, body) => send(method, `/session/${sessionId}${path}`, body);
  const ask = (look, ...given) => at("POST", "/execute/sync", { script: `return (${look})(...arguments)`, args: given });
  await at("POST", "/window/rect", { x: 0, y: 0, ...PHONE });
  // The window has a frame of its own.
  const [width, height] = await ask(() => [window.innerWidth, window.innerHeight]);
  await at("POST", "/window/rect", { width: 2 * PHONE.width - width, height: 2 * PHONE.height - height });
  return {
    open: async (url) => {
      await at("POST", "/url", { url });
      await ask(() => {
        globalThis.faults = [];
        addEventListener("error", ({ message }) => { globalThis.faults.push(message); });
        addEventListener("unhandledrejection", ({ reason }) => { globalThis.faults.push(String(reason)); });
        const real = console.error.bind(console);
        console.error = (...words) => {
          globalThis.faults.push(words.join(" "));
          real(...words);
        };
      });
    },
    ask,
    press: async (selector) => {
      const [id] = Object.values(await at("POST", "/element", { using: "css selector", value: selector }));
      await at("POST", `/element/${id}/click`, {});
    },
    picture: async (path) => writeFile(path, Buffer.from(await at("GET", "/screenshot"), "base64")),
    faults: () => ask(() => globalThis.faults ?? []),
    // The window of this browser has a bar that does not get narrower.
    widest: 480,
  };
}

/** In the page: what stands out of it, and words of another language. */
function look(untranslated) {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} wide`);
  for (const element of document.querySelectorAll("main *")) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || element.closest(".unseen, .toy, svg, [hidden]")) continue;
    if (box.right > root.clientWidth + 1) found.push(`${element.tagName}.${element.className} sticks out to ${box.right}`);
  }
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const { parentElement: parent, data } = words.currentNode;
    if (parent?.closest("script, noscript, #unloaded, code, [lang]:not(html)")) continue;
    if (/\{\w+\}/.test(data) || untranslated.includes(data.trim())) found.push(`says ${data.trim()}`);
  }
  return found;
}

for (const [name, start] of Object.entries({ Firefox: startFirefox, WebKit: startWebKit })) {
  test(`a walk through the page in ${name}`, async (t) => {
    const browser = await start(t).catch((error) => String(error.message).split("\n")[0]);
    if (typeof browser === "string") {
      console.log(`${name}: not run: ${browser}`);
      return t.skip(browser);
    }
    const { open, ask, press, picture, faults, widest = PHONE.width } = browser;
    const hub = await startHub(t);
    const found = [];
    await mkdir(SCREENSHOTS, { recursive: true });
    const shows = (selector) => until(selector, () => ask((one) => {
      const element = [...document.querySelectorAll(one)].find((each) => each.getClientRects().length > 0);
      for (const each of document.querySelectorAll("[data-walk]")) each.removeAttribute("data-walk");
      element?.setAttribute("data-walk", "");
      element?.scrollIntoView({ block: "center" });
      return Boolean(element);
    }, selector));
    const tap = async (selector) => {
      await shows(selector);
      await press("[data-walk]");
    };
    let untranslated = [];
    const see = async (view) => {
      await until("what is in the view", () => ask(() => ![...document.querySelectorAll(".waiting")].some((one) => one.getClientRects().length > 0)));
      await pause(300);
      await picture(join(SCREENSHOTS, `engine-${name}-${view}.png`));
      found.push(...(await ask(look, untranslated)).map((one) => `${view}: ${one}`));
    };

    await open(hub.url);
    await shows(".composer");
    await see("first");
    await tap(".room .back");
    await shows(".child");
    const width = await ask(() => window.innerWidth);
    assert.ok(width <= widest, `${width} wide`);
    await see("home");

    // Somebody squeezes the paw that records.
    await ask(() => void fetch("/api/v1/demo/toys").then((answer) => answer.json())
      .then(({ toys }) => fetch(`/api/v1/demo/toys/${toys[0].id}/record`, { method: "POST" })));
    await tap(".child a, a.child");
    await tap(".thread .play, .bubble button[class*=play]");
    const isPlayed = await until("the sound", () => ask(() => {
      const { currentTime, error } = /** @type {HTMLAudioElement} */ (document.getElementById("player"));
      // So Firefox says that the computer has nothing to play on.
      if (error?.message.includes("OnMediaSinkAudioError")) return "no";
      return currentTime > 0.1 && !error ? "yes" : null;
    }));
    await see("conversation");

    await open(new URL("/#/you/language", hub.url).href);
    await shows(".language select");
    await ask(() => {
      const select = /** @type {HTMLSelectElement} */ (document.querySelector(".room .language select"));
      select.value = "de";
      select.dispatchEvent(new Event("change"));
    });
    await until("German", () => ask(() => document.documentElement.lang === "de" && document.querySelector(".room h2") !== null));
    untranslated = UNTRANSLATED;
    for (const place of ["#/", "#/toys", "#/people", "#/privacy", "#/you"]) {
      await ask((hash) => { location.hash = hash; }, place);
      await shows(place === "#/" ? ".child" : ".room h2");
      await see(place.slice(2) || "home-de");
    }

    found.push(...await faults());
    console.log(`${name}: ${found.length === 0 ? `nothing is wrong, ${width} px wide${isPlayed === "yes" ? ", a recording was played" : ", no sound device here"}` : found.join("; ")}`);
    assert.deepEqual(found, []);
  });
}
