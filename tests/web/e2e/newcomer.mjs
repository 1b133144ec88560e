// Somebody new to a computer: Chromium as people have it, with a store of its own and nothing ignored.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

import { installSteps } from "../../../web/js/trust-words.js";

const run = promisify(execFile);

/** Fetches a file from a hub that nobody trusts yet. */
export function fetchUntrusted(url) {
  return new Promise((done, failed) => {
    get(url, { rejectUnauthorized: false }, (answer) => {
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () => done(Buffer.concat(pieces)));
      answer.on("error", failed);
    }).on("error", failed);
  });
}

/**
 * Makes the home of somebody new to this computer, who may have installed a certificate there.
 *
 * @param {Buffer} [root]
 */
export async function makeHome(root) {
  const home = await mkdtemp(join(tmpdir(), "hutch-newcomer-"));
  const env = { ...process.env, HOME: home };
  if (root) {
    await mkdir(join(home, "Downloads"));
    await writeFile(join(home, "Downloads/hutch-root.crt"), root);
    // As the page says it.
    const command = installSteps("linux").flatMap(({ code }) => code ?? []).find((code) => code.includes("nssdb"));
    await run("bash", ["-ec", command], { env });
  }
  return { home, env, leave: () => rm(home, { recursive: true, maxRetries: 5 }) };
}

/**
 * Opens Chromium as somebody new to this computer.
 *
 * @param {import("node:test").TestContext} t
 * @param {object} [options] `root`: the certificate that they installed; `before`: what is done in each page first;
 *   `more`: what the browser is started with besides; the rest is for the browser
 */
export async function newcomer(t, { root, before, more = [], ...options } = {}) {
  const { home, env, leave } = await makeHome(root);
  const browser = await chromium.launchPersistentContext(join(home, "profile"), {
    executablePath: process.env.HUTCH_CHROMIUM ?? "/usr/bin/chromium", env, locale: "en-GB", ...options,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", ...more,
    ],
  });
  t.after(async () => {
    await browser.close();
    await leave();
  });
  if (before) await browser.addInitScript(before);
  const [page = await browser.newPage()] = browser.pages();
  page.setDefaultTimeout(15_000);
  return page;
}

/** Opens a page of which the browser warns, and goes on past the warning as a person does. */
export async function pastWarning(page, url) {
  await assert.rejects(page.goto(url), /ERR_CERT_AUTHORITY_INVALID/);
  await page.locator("#details-button").click();
  await page.locator("#proceed-link").click();
  await page.getByRole("heading", { name: "Trust this device" }).waitFor();
}
