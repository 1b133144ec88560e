// The page by keyboard alone: as each role and in each view everything is reached, seen where it is, and does what
// it does; what opens is gone through in the same way and closes with Escape. HUTCH_WALK=long opens what is in that,
// too.

import assert from "node:assert/strict";
import { test } from "node:test";

import { tap, visitFamily } from "./family.mjs";
import { assertFieldsWork, assertReached, closes, settles, stopsOf, watchKeyboard, work } from "./keyboard.mjs";
import { PHONE, openPage, signIn, startBrowser, startFakeHub } from "./support.mjs";
import { ROLES, arrive, visitRole } from "./views.mjs";

const DEEP = process.env.HUTCH_WALK === "long" ? 3 : 1;
const RUTH = { name: "Ruth", password: "meadow-lantern-tin" };
// A question about a message that was let through already, or a password that nobody typed.
const ALLOWED = /status (of|is) (401|403|404|409|422)|ERR_ABORTED/;

/**
 * Goes through a place and everything that opens in it.
 *
 * @param {import("node:test").TestContext} t
 * @param {import("playwright-core").Page} page
 * @param {string} name
 * @param {() => Promise<unknown>} come comes there as if for the first time
 */
async function goThrough(t, page, name, come) {
  await come();
  await settles(page);
  const stops = await assertReached(page, name);
  await assertReached(page, `${name}, backwards`, { back: true });
  /** @type {Set<string>} */
  const worked = new Set();
  await assertFieldsWork(page, name, worked);
  const met = new Set(stops.map(({ key }) => key));
  const openers = (all) => [...new Set(all.filter(({ kind }) => ["button", "summary"].includes(kind)).map(({ key }) => key))];
  const paths = openers(stops).map((key) => [key]);
  let panels = 0;
  let n = 0;
  let gone = 0;
  for (const path of paths) {
    n += 1;
    const where = `${name} › ${path.join(" › ")}`;
    await come();
    let before = new Set();
    let isThere = true;
    for (const [step, key] of path.entries()) {
      before = new Set((await stopsOf(page)).map((one) => one.key));
      const isChanged = await work(page, key, (n + step) % 2 === 0 ? "Enter" : "Space");
      // What was done meanwhile may have taken away what leads there: a toy that was retired is retired.
      isThere = isChanged !== null;
      if (!isThere && path.length > 1) break;
      assert.ok(isChanged, `${where}: ${isThere ? "nothing happens" : "is not there"}`);
      await settles(page);
    }
    if (!isThere) {
      gone += 1;
      continue;
    }
    const now = await stopsOf(page);
    const fresh = now.filter(({ key }) => !before.has(key) && !met.has(key));
    if (fresh.length === 0) continue;
    panels += 1;
    await assertReached(page, where);
    await assertFieldsWork(page, where, worked);
    for (const { key } of fresh) met.add(key);
    if (path.length < DEEP) paths.push(...openers(fresh).map((key) => [...path, key]));
    // What was worked may have closed it or led elsewhere.
    if (!await page.evaluate((key) => globalThis.keyboard.withKey(key) !== null, fresh[0].key)) continue;
    assert.equal(await closes(page, fresh[0].key), null, where);
  }
  t.diagnostic(`${stops.length} places, ${n - gone} pressed, ${panels} opened, ${gone} gone before their turn`);
}

for (const role of /** @type {(keyof typeof ROLES)[]} */ (Object.keys(ROLES))) {
  for (const view of ROLES[role].views) {
    test(`by keyboard, as a ${role}: ${view || "home"}`, async (t) => {
      const { page, hub, url, isScreen } = await visitRole(t, role, {
        viewport: PHONE, locale: "en-GB", permissions: ["microphone", "clipboard-read", "clipboard-write"], allow: ALLOWED,
      });
      await watchKeyboard(page);
      await goThrough(t, page, view || "home", async () => {
        await page.goto("about:blank");
        await page.goto(new URL("/", url).href);
        const door = page.locator(".door form");
        await page.locator(":is(.door form, .child, #add-first-child, .screen-button):visible").first().waitFor();
        if (await door.isVisible()) await signIn(page, role === "relative" ? RUTH : hub.accounts.guardian);
        await arrive(page, url, hub.children[0], view, { isScreen });
      });
    });
  }
}

/** What somebody sees who is not signed in. */
const DOORS = {
  async "the sign-in"(t) {
    const { url } = await startFakeHub(t, { door: { demo: false } });
    return { url: new URL("/", url).href };
  },
  async "the sign-in, trusting the hub"(t) {
    const { url } = await startFakeHub(t, { door: { demo: false } });
    return { url: new URL("/#/trust", url).href };
  },
  async "a hub without a household"(t) {
    const { url } = await startFakeHub(t, { door: { setUp: true, demo: false } });
    return { url: new URL("/", url).href };
  },
  async "an invitation"(t) {
    const { page } = await visitFamily(t);
    await page.getByRole("link", { name: "People" }).click();
    await tap(page, "Invite a relative");
    await page.getByLabel("Name", { exact: true }).fill("Omar");
    await page.locator(".grants input[type=checkbox]").first().check({ force: true });
    await tap(page, "Make the invitation");
    return { url: await page.locator(".invite-link").textContent() };
  },
};

for (const [name, open] of Object.entries(DOORS)) {
  test(`by keyboard, where nobody is signed in: ${name}`, async (t) => {
    const { url } = await open(t);
    const page = await openPage(t, await startBrowser(t), "about:blank", { viewport: PHONE, allow: ALLOWED, also: [new URL(url).origin] });
    await watchKeyboard(page);
    await goThrough(t, page, name, async () => {
      await page.goto("about:blank");
      await page.goto(url);
      await page.locator(".door h2").filter({ visible: true }).first().waitFor();
    });
  });
}
