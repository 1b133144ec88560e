// "Trust this device": what each device is told, and what the page finds out about it. The scripted hub has no
// certificates; what browsers make of real ones is in certificates.e2e.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  DESK, PHONE, assertAccessible, assertMeasures, openPage, screenshot, sees, startBrowser, startFakeHub,
} from "./support.mjs";
import { focused } from "./visit.mjs";

const AGENTS = {
  ios: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  android: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
  "android-firefox": "Mozilla/5.0 (Android 14; Mobile; rv:139.0) Gecko/139.0 Firefox/139.0",
  windows: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
  macos: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  linux: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
  firefox: "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0",
};
/** Of each device: its name on the page, words of the warning, words of what is installed, and the file. */
const GUIDES = {
  ios: ["iPhone, iPad", "This Connection Is Not Private", "Certificate Trust Settings", "hutch.mobileconfig"],
  android: ["Android", "Proceed to localhost", "CA certificate", "hutch-root.crt"],
  "android-firefox": ["Android", "Proceed to localhost", "open this page in Chrome", "hutch-root.crt"],
  windows: ["Windows", "Proceed to localhost", "Trusted Root Certification Authorities", "hutch-root.crt"],
  macos: ["Mac", "visit this website", "Always Trust", "hutch-root.crt"],
  linux: ["Linux", "Proceed to localhost", "libnss3-tools", "hutch-root.crt"],
  firefox: ["Firefox", "Accept the Risk and Continue", "Trust this CA to identify websites", "hutch-root.crt"],
};

const heading = (page) => page.getByRole("heading", { name: "Trust this device" });
const region = (page, name) => page.getByRole("region", { name });
const install = (page) => region(page, "For good: install the certificate");
const state = (page) => page.locator(".trust-state");

/** As in a browser that warned of this address: it takes no worker from there. */
function refuseWorkers() {
  navigator.serviceWorker.register = () => Promise.reject(
    new DOMException("An SSL certificate error occurred when fetching the script.", "SecurityError"));
}

/** As in a browser that says nothing by its workers. */
function hideWorkers() {
  navigator.serviceWorker.register = () => Promise.reject(new TypeError("no"));
}

/** As in a browser that gets through to nobody else until the test allows it. */
function blockProbes() {
  const own = globalThis.fetch;
  globalThis.fetch = (to, options) => (options?.mode === "no-cors" && !globalThis.isTrusted
    ? Promise.reject(new TypeError("Failed to fetch")) : own(to, options));
}

/** Opens the page where nobody is signed in; it may ask the hub by its address, too. */
async function visit(t, { door = { demo: false }, host = "localhost", ...options } = {}) {
  const started = await startFakeHub(t, { door });
  const address = new URL("/#/trust", started.url);
  const other = new URL(started.url);
  address.hostname = host;
  other.hostname = host === "localhost" ? "127.0.0.1" : "localhost";
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, address.href, { also: [other.origin], allow: /401/, ...options });
  await heading(page).waitFor();
  await install(page).waitFor();
  return { ...started, page, browser };
}

test("nobody has to sign in to learn how to trust the hub, and gets back to where one was", async (t) => {
  const { url } = await startFakeHub(t, { door: { demo: false } });
  const also = [new URL(url).origin.replace("localhost", "127.0.0.1")];
  const page = await openPage(t, await startBrowser(t), new URL("/", url).href, { allow: /401/, also });
  await page.getByRole("heading", { name: "Sign in to Hutch" }).waitFor();

  await page.getByRole("link", { name: /Trust this device/ }).click();
  await heading(page).waitFor();
  assert.equal(await focused(page), "Trust this device");
  assert.equal(await page.title(), "Trust this device · Hutch");
  assert.equal(await page.getByRole("link", { name: /Does your browser warn/ }).count(), 0);
  await page.getByRole("link", { name: "Back" }).click();

  await page.getByRole("heading", { name: "Sign in to Hutch" }).waitFor();
  assert.equal(await page.title(), "Hutch");
});

test("a hub that is not set up yet leads there, too", async (t) => {
  const { url } = await startFakeHub(t, { door: { setUp: true, demo: false } });
  const also = [new URL(url).origin.replace("localhost", "127.0.0.1")];
  const page = await openPage(t, await startBrowser(t), new URL("/", url).href, { also });
  await page.getByRole("heading", { name: "Welcome to Hutch" }).waitFor();

  await page.getByRole("link", { name: /Trust this device/ }).click();
  await install(page).waitFor();
  await page.goBack();

  await page.getByRole("heading", { name: "Welcome to Hutch" }).waitFor();
});

test("whoever is signed in finds it under themselves, and comes back by keyboard", async (t) => {
  const { url } = await startFakeHub(t);
  const also = [new URL(url).origin.replace("localhost", "127.0.0.1")];
  const page = await openPage(t, await startBrowser(t), url, { also });
  await page.getByRole("link", { name: /You and this hub/ }).click();
  await page.getByRole("link", { name: "Trust this device" }).focus();

  await page.keyboard.press("Enter");
  await install(page).waitFor();
  assert.equal(await focused(page), "Trust this device");
  await page.getByRole("link", { name: "Back to you and this hub" }).press("Enter");

  await page.getByRole("heading", { name: "You and this hub" }).waitFor();
});

test("the fingerprint stands there as the hub’s own command shows it", async (t) => {
  const { page, hub } = await visit(t);

  const shown = await page.getByRole("group", { name: "SHA-256 fingerprint of the root" }).locator("code").allTextContents();
  assert.equal(shown.join(":"), hub.trust.fingerprints.root.toUpperCase().match(/../g).join(":"));
  await sees(page, "sudo hutch fingerprint");
  await sees(page, /could show a page like this one, but not change what the hub itself/);
});

test("other devices find the hub by its addresses and a code for the camera", async (t) => {
  const { page } = await visit(t);
  const part = region(page, "Open Hutch on another device");

  const links = await part.getByRole("link").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  assert.deepEqual(links.slice(2), ["https://hutch.local", "https://192.168.178.20"]);
  await part.getByRole("img", { name: "QR code of https://192.168.178.20" }).waitFor();
});

test("a hub that answers on its own computer alone says so, and shows no code", async (t) => {
  const { page, hub } = await visit(t);
  hub.trust.places = hub.trust.places.slice(0, 2);
  await page.reload();

  await sees(page, /answers on its own computer alone/);
  assert.equal(await page.locator(".qr").count(), 0);
});

test("what a device installs comes with the name and the type that it takes", async (t) => {
  const { page } = await visit(t, { userAgent: AGENTS.windows });
  const waiting = page.waitForEvent("download");
  await install(page).getByRole("link", { name: "Fetch the certificate" }).click();

  assert.equal((await waiting).suggestedFilename(), "hutch-root.crt");
});

test("another device can be chosen, and its guide takes the place of this one’s", async (t) => {
  const { page } = await visit(t, { userAgent: AGENTS.linux });
  await sees(page, "libnss3-tools");

  await page.getByRole("radio", { name: "iPhone, iPad" }).press("Space");

  await install(page).getByText("Certificate Trust Settings").first().waitFor();
  assert.equal(await page.getByText("libnss3-tools").count(), 0);
  await sees(page, /Do this on the other device/);
  assert.equal(await focused(page), await page.getByRole("radio", { name: "iPhone, iPad" }).evaluate((one) =>
    one.getAttribute("aria-label") ?? one.textContent));
});

test("a device that begins to trust is told while the page is open", async (t) => {
  const { page } = await visit(t, {
    clock: true, userAgent: AGENTS.linux, before: `(${blockProbes})(); (${hideWorkers})();`,
  });
  await state(page).getByText("Not yet. That is expected.").waitFor();
  assert.ok(await region(page, "Hutch as an app").isHidden());

  await page.evaluate(() => { globalThis.isTrusted = true; });
  await page.clock.runFor(4_000);

  await state(page).getByText("This device trusts Hutch.").waitFor();
  await page.locator("#announcer", { hasText: "This device trusts Hutch." }).waitFor({ state: "attached" });
});

test("whoever comes back from the settings learns it at once", async (t) => {
  const { page } = await visit(t, {
    clock: true, userAgent: AGENTS.linux, before: `(${blockProbes})(); (${hideWorkers})();`,
  });
  await state(page).getByText("Not yet. That is expected.").waitFor();

  await page.evaluate(() => {
    globalThis.isTrusted = true;
    dispatchEvent(new Event("focus"));
  });

  await state(page).getByText("This device trusts Hutch.").waitFor();
});

test("a browser that warned of this very address does not trust it, whatever gets through", async (t) => {
  const { page } = await visit(t, { userAgent: AGENTS.linux, before: refuseWorkers });

  await state(page).getByText("Not yet. That is expected.").waitFor();
  assert.ok(await region(page, "Hutch as an app").isHidden());
});

test("where the name does not answer, both reasons are told", async (t) => {
  const { page, url } = await visit(t, { host: "127.0.0.1", userAgent: AGENTS.ios, before: blockProbes });

  await state(page).getByText("Not yet, or this device does not find the name.").waitFor();
  await state(page).getByText(`asking for ${new URL(url).origin},`).waitFor();
});

test("where there is nothing to tell it by, nothing is claimed", async (t) => {
  const { page, hub } = await visit(t, { userAgent: AGENTS.ios });
  hub.trust.places = hub.trust.places.slice(0, 1);
  await page.reload();

  await state(page).getByText("From here it cannot be seen.").waitFor();
});

test("the page becomes an app where the browser offers it, once", async (t) => {
  const { page } = await visit(t, { userAgent: AGENTS.linux });
  await state(page).getByText("This device trusts Hutch.").waitFor();
  const part = region(page, "Hutch as an app");
  await part.getByText(/choose “Install Hutch”/).waitFor();

  await page.evaluate(() => {
    const offer = Object.assign(new Event("beforeinstallprompt", { cancelable: true }), {
      prompt: () => {
        globalThis.prompted = (globalThis.prompted ?? 0) + 1;
        return Promise.resolve({ outcome: "dismissed" });
      },
    });
    dispatchEvent(offer);
    globalThis.isKept = offer.defaultPrevented;
  });
  await part.getByRole("button", { name: "Install Hutch on this device" }).click();

  await part.getByText(/choose “Install Hutch”/).waitFor();
  assert.deepEqual(await page.evaluate(() => [globalThis.isKept, globalThis.prompted]), [true, 1]);
});

test("a hub that does not answer is asked again", async (t) => {
  const { page } = await visit(t, { allow: /401|ERR_/ });
  await page.route("**/api/v1/trust", (route) => route.abort(), { times: 1 });
  await page.reload();
  await page.getByRole("alert").filter({ hasText: "Hutch is not answering." }).waitFor();
  await assertAccessible(page, "no answer");

  await page.getByRole("button", { name: "Try again" }).click();

  await install(page).waitFor();
});

for (const [device, userAgent] of Object.entries(AGENTS)) {
  test(`the guide of this device is shown first: ${device}`, async (t) => {
    const { page } = await visit(t, { userAgent });
    const [name, past, words, file] = GUIDES[device];

    assert.ok(await page.getByRole("radio", { name }).isChecked());
    await region(page, "Past the warning, for now").getByText(past).first().waitFor();
    await install(page).getByText(words).first().waitFor();
    assert.equal(await install(page).getByRole("link").first().getAttribute("href"), `/trust/${file}`);
    await assertMeasures(page, device);
    await assertAccessible(page, device);
  });
}

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 480 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`trust this device at ${width} px, ${colorScheme}`, async (t) => {
      const agents = width === "1280" ? ["windows", "firefox"] : ["ios", "android"];
      for (const [at, device] of agents.entries()) {
        const { page } = await visit(t, {
          viewport, colorScheme, userAgent: AGENTS[device], ...(at === 0 ? { before: `(${blockProbes})(); (${hideWorkers})();` } : {}),
        });
        await state(page).locator(".trust-title").filter({ hasText: at === 0 ? "Not yet" : "trusts" }).waitFor();
        const name = `${width}-${colorScheme}-trust-${device}`;
        await assertMeasures(page, name);
        await assertAccessible(page, name);
        await screenshot(page, name);
        await install(page).scrollIntoViewIfNeeded();
        await install(page).evaluate((part) => part.scrollIntoView());
        await screenshot(page, `${name}-install`);
      }
      const { url } = await startFakeHub(t);
      const also = [new URL(url).origin.replace("localhost", "127.0.0.1")];
      const page = await openPage(t, await startBrowser(t), url, { viewport, colorScheme, also });
      await page.getByRole("link", { name: /You and this hub/ }).click();
      await page.getByRole("link", { name: "Trust this device" }).click();
      await install(page).waitFor();
      await assertMeasures(page, "room");
      await assertAccessible(page, "room");
      await screenshot(page, `${width}-${colorScheme}-trust-room`);
    });
  }
}
