// What a browser makes of the hub's certificates: the real hub, and Chromium as people have it, with a store of
// its own and nothing ignored.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { House } from "./house.mjs";
import { fetchUntrusted, newcomer, pastWarning } from "./newcomer.mjs";
import { FAKE, signIn, startHub } from "./support.mjs";

const skip = FAKE ? "the scripted hub has no certificates" : false;

const state = (page) => page.locator(".trust-state");
const trusted = (page) => state(page).getByText("This device trusts Hutch.").waitFor();
const notYet = (page) => state(page).getByText("Not yet. That is expected.").waitFor();
const app = (page) => page.getByRole("region", { name: "Hutch as an app" });
const isSecure = (page) => page.evaluate(() => isSecureContext);

/** As in a browser that says nothing by its workers: what gets through is all there is to go by. */
function hideWorkers() {
  navigator.serviceWorker.register = () => Promise.reject(new TypeError("no"));
}

/** Starts a hub, and says under which name and which address it is reached. */
async function start(t) {
  const hub = await startHub(t);
  const { origin } = new URL(hub.url);
  return { ...hub, byName: origin, byAddress: origin.replace("localhost", "127.0.0.1") };
}

/** What keeps the browser from making an app of the page. */
async function obstacles(page) {
  const session = await page.context().newCDPSession(page);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  return installabilityErrors.map(({ errorId }) => errorId);
}

test("a device that installed the root is not warned, by name or by address, and knows it", { skip }, async (t) => {
  const hub = await start(t);
  const root = await fetchUntrusted(`${hub.byName}/trust/hutch-root.crt`);
  const page = await newcomer(t, { root });

  for (const place of [hub.byName, hub.byAddress]) {
    await page.goto(`${place}/#/trust`);
    await trusted(page);
    assert.equal(await isSecure(page), true, place);
    const shown = await page.getByRole("group", { name: /^SHA-256 fingerprint/ }).locator("code").allTextContents();
    const digest = createHash("sha256").update(root).digest("hex");
    assert.equal(shown.join("").replaceAll(":", "").toLowerCase(), digest);
    await app(page).waitFor();
    assert.deepEqual(await obstacles(page), [], place);
  }
});

/** A browser for which the hub's name is found here; no browser holds that name for this computer's. */
const FOUND = ["--host-resolver-rules=MAP hutch.local 127.0.0.1"];

test("by the name that it has at home the page is as good as any, with the root and past the warning", { skip }, async (t) => {
  const house = await House.build(t);
  const place = house.url.replace("localhost", "hutch.local");
  const trusting = await newcomer(t, { root: await house.root(), more: FOUND });

  await trusting.goto(`${place}/#/trust`);

  await trusted(trusting);
  assert.equal(await isSecure(trusting), true, "with the root");
  assert.deepEqual(await obstacles(trusting), []);
  const other = await newcomer(t, { more: FOUND });
  await pastWarning(other, `${place}/#/trust`);
  assert.equal(await isSecure(other), true, "past the warning");
  assert.equal(await other.evaluate(() => typeof navigator.mediaDevices.getUserMedia), "function");
});

test("what gets through is enough to know it by", { skip }, async (t) => {
  const hub = await start(t);
  const root = await fetchUntrusted(`${hub.byName}/trust/hutch-root.crt`);
  const page = await newcomer(t, { root, before: hideWorkers });

  for (const place of [hub.byName, hub.byAddress]) {
    await page.goto(`${place}/#/trust`);
    await trusted(page);
  }
});

test("the root of another household is worth nothing here", { skip }, async (t) => {
  const [hub, other] = [await start(t), await start(t)];
  const page = await newcomer(t, { root: await fetchUntrusted(`${other.byName}/trust/hutch-root.crt`) });

  await page.goto(`${other.byName}/#/trust`);
  await trusted(page);

  await assert.rejects(page.goto(hub.byName), /ERR_CERT_AUTHORITY_INVALID/);
});

test("whoever went on past the warning gets all but what needs trust", { skip }, async (t) => {
  const hub = await start(t);
  const page = await newcomer(t);

  await pastWarning(page, `${hub.byName}/#/trust`);

  await notYet(page);
  assert.equal(await isSecure(page), true);
  assert.ok(await app(page).isHidden());
  await page.getByRole("link", { name: "Back", exact: true }).click();
  await signIn(page, hub);
  await page.getByRole("link", { name: /^Mia/ }).waitFor();
  assert.equal(await page.evaluate(() => typeof navigator.mediaDevices.getUserMedia), "function");
});

test("a warning that was clicked away counts for one certificate, and the page sees the other", { skip }, async (t) => {
  const hub = await start(t);
  const page = await newcomer(t, { before: hideWorkers });

  await pastWarning(page, `${hub.byName}/#/trust`);
  await notYet(page);
  const other = await newcomer(t, { before: hideWorkers });
  await pastWarning(other, `${hub.byAddress}/#/trust`);

  await state(other).getByText("Not yet, or this device does not find the name.").waitFor();
});

test("two warnings that were clicked away are no trust either", { skip }, async (t) => {
  const hub = await start(t);
  const page = await newcomer(t);

  await pastWarning(page, `${hub.byName}/#/trust`);
  await pastWarning(page, `${hub.byAddress}/#/trust`);

  await notYet(page);
  const through = await page.evaluate((place) => fetch(`${place}/probe`, { mode: "no-cors" }).then(() => true), hub.byName);
  assert.equal(through, true);
  assert.ok(await app(page).isHidden());
});

test("a browser that ignores certificates does not trust them", { skip }, async (t) => {
  const hub = await start(t);
  const page = await newcomer(t, { ignoreHTTPSErrors: true });

  for (const place of [hub.byName, hub.byAddress]) {
    await page.goto(`${place}/#/trust`);
    await notYet(page);
    assert.equal(await isSecure(page), true, place);
    assert.ok(await app(page).isHidden());
  }
});

test("the document may ask the hub at its other addresses and nobody else", { skip }, async (t) => {
  const hub = await start(t);
  const root = await fetchUntrusted(`${hub.byName}/trust/hutch-root.crt`);
  const page = await newcomer(t, { root });
  await page.goto(`${hub.byName}/#/trust`);
  await trusted(page);

  const blocked = await page.evaluate(async (places) => {
    const found = [];
    addEventListener("securitypolicyviolation", ({ blockedURI }) => found.push(new URL(blockedURI).origin));
    for (const place of places) await fetch(`${place}/probe`, { mode: "no-cors" }).catch(() => {});
    // The browser tells of it in its own time.
    const pause = () => new Promise((done) => setTimeout(done, 50));
    for (let n = 0; n < 100 && found.length + 1 < places.length; n += 1) await pause();
    return found;
  }, [hub.byAddress, "https://127.0.0.1:1", "https://192.168.1.20", "https://hub.example"]);

  assert.deepEqual(blocked, ["https://127.0.0.1:1", "https://192.168.1.20", "https://hub.example"]);
  const answers = await page.evaluate(async (place) => {
    const read = (path, mode) => fetch(place + path, { mode }).then((answer) => answer.type, () => "nothing");
    return [await read("/probe", "no-cors"), await read("/probe", "cors"), await read("/js/main.js", "no-cors"),
      await read("/api/v1/trust", "no-cors")];
  }, hub.byAddress);
  assert.deepEqual(answers, ["opaque", "nothing", "nothing", "nothing"]);
});
