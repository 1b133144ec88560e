// The real hub, as a household has it, for as long as a test.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { fetchUntrusted } from "./newcomer.mjs";
import { BINARY } from "./support.mjs";

/** How long a hub may take to answer. */
export const START_MS = 30_000;

/** Who sets the household up. */
export const SOMEBODY = { name: "Anna", password: "walnut-comet-drizzle-ember-lantern" };

/** A household that is there again after its hub was stopped. */
export class House {
  #process = null;

  constructor(port, folder) {
    this.port = port;
    this.folder = folder;
    this.url = `https://localhost:${port}`;
  }

  static async build(t) {
    const asked = createServer();
    await new Promise((done) => asked.listen(0, "127.0.0.1", done));
    const { port } = asked.address();
    await new Promise((done) => asked.close(done));
    const house = new House(port, await mkdtemp(join(tmpdir(), "hutch-house-")));
    t.after(async () => {
      await house.stop();
      await house.empty();
    });
    await house.start();
    return house;
  }

  async start() {
    const flags = ["--state", this.folder, "--port", String(this.port), "--listen", "127.0.0.1"];
    const hub = spawn(BINARY, ["serve", ...flags], { env: { PATH: process.env.PATH, HUTCH_RADIO: "sim" }, stdio: "ignore" });
    this.#process = hub;
    for (const end = Date.now() + START_MS; ;) {
      try {
        await fetchUntrusted(`${this.url}/probe`);
        return;
      } catch (error) {
        if (end < Date.now() || hub.exitCode !== null) throw error;
        await pause(100);
      }
    }
  }

  async stop() {
    const hub = this.#process;
    if (!hub || hub.exitCode !== null || hub.signalCode !== null) return;
    const ended = new Promise((done) => hub.once("exit", done));
    hub.kill("SIGCONT");
    hub.kill("SIGTERM");
    await ended;
  }

  /** Takes every question and answers none, or answers again. */
  hang(hangs) {
    this.#process.kill(hangs ? "SIGSTOP" : "SIGCONT");
  }

  async empty() {
    await rm(this.folder, { recursive: true, force: true });
  }

  async root() {
    return fetchUntrusted(`${this.url}/trust/hutch-root.crt`);
  }

  /** Sets the household up from a page that trusts it. */
  async setUp(page) {
    const code = (await readFile(join(this.folder, "run/setup-code"), "utf8")).trim();
    const status = await page.evaluate(async (household) => {
      const headers = { "Content-Type": "application/json" };
      return (await fetch("/api/v1/setup", { method: "POST", headers, body: JSON.stringify(household) })).status;
    }, { code, ...SOMEBODY });
    assert.equal(status, 201);
  }
}
