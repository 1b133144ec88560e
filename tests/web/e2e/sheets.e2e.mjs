// The sheets that no first view is drawn with: they come with the first view that is, or once there is peace.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { visitFamily } from "./family.mjs";
import { DESK, PHONE, openPage, signIn, startBrowser, startFakeHub } from "./support.mjs";

const DOCUMENT = readFileSync(new URL("../../../web/index.html", import.meta.url), "utf8");
const LATER = [...DOCUMENT.matchAll(/<link rel="stylesheet" href="([^"]+)" disabled>/g)].map(([, path]) => path);

const asked = ({ requests }) => LATER.filter((path) => requests.includes(`GET ${path}`));
/** How many of them the page is drawn with. */
const nApplied = (page) => page.evaluate((paths) => [...document.styleSheets]
  .filter(({ href, disabled }) => !disabled && paths.includes(new URL(href).pathname)).length, LATER);
/** The sheets of the page in the order in which they count. */
const order = (page) => page.evaluate(() => [...document.styleSheets].map(({ href }) => new URL(href).pathname));

test("a view comes with its sheets, in the order of the document", async (t) => {
  assert.ok(LATER.length > 5);
  const { page, hub } = await visitFamily(t, { viewport: DESK, clock: true });
  await page.getByRole("heading", { name: "Mia" }).waitFor();
  assert.deepEqual(asked(hub), []);
  assert.equal(await nApplied(page), 0);

  await page.getByRole("link", { name: "People", exact: true }).click();

  await page.getByRole("heading", { name: "People", exact: true }).waitFor();
  assert.equal(await nApplied(page), LATER.length);
  const all = [...DOCUMENT.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(([, path]) => path);
  assert.deepEqual(await order(page), all);
  await page.getByRole("link", { name: "Privacy", exact: true }).click();
  await page.getByRole("heading", { name: "Privacy", exact: true }).waitFor();
  for (const path of LATER) assert.equal(hub.requests.filter((one) => one === `GET ${path}`).length, 1, path);
});

test("they come by themselves once there is peace, and nothing of the first view moves then", async (t) => {
  const { page, hub } = await visitFamily(t, { viewport: PHONE, before: () => {
    globalThis.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) globalThis.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  } });
  const looks = () => page.screenshot({ animations: "disabled" });
  await page.getByRole("link", { name: /^Mia/ }).waitFor();
  const before = await looks();

  await page.waitForFunction((paths) => paths.every((path) => [...document.styleSheets]
    .some(({ href, disabled }) => !disabled && href.endsWith(path))), LATER);

  assert.deepEqual(asked(hub), LATER);
  assert.ok(before.equals(await looks()), "the list looks as before");
  assert.ok(await page.evaluate(() => globalThis.shift) <= 0.02);
});

test("a view whose sheet does not come says so, and opens with the hub", async (t) => {
  const { page } = await visitFamily(t, { viewport: DESK });
  let isAway = true;
  await page.route("**/css/people.css", (route) => (isAway ? route.abort() : route.continue()));
  await page.getByRole("link", { name: "People", exact: true }).click();
  await page.getByText(/^Hutch is not answering, so this could not be opened/).waitFor();

  isAway = false;
  await page.getByRole("button", { name: "Try again" }).click();

  await page.getByRole("heading", { name: "People", exact: true }).waitFor();
  assert.equal(await nApplied(page), LATER.length);
});

test("the sign-in needs none of them", async (t) => {
  const { url, hub, name, password } = await startFakeHub(t, { door: { demo: false } });
  const page = await openPage(t, await startBrowser(t), new URL("/", url).href, { clock: true, allow: /401/ });
  await page.getByLabel("Password", { exact: true }).waitFor();
  assert.deepEqual(asked(hub), []);

  await signIn(page, { name, password });

  await page.getByRole("link", { name: /^Mia/ }).waitFor();
});
