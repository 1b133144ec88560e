// Every view as each role: on a phone and at a desk, light and dark, in two languages. In none is there an error or
// a request that fails. The short walk takes one way of them; HUTCH_WALK=long takes all, and leaves a picture of
// each view.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DESK, PHONE, assertAccessible, assertMeasures, screenshot } from "./support.mjs";
import { ROLES, visitRole } from "./views.mjs";

const IS_LONG = process.env.HUTCH_WALK === "long";
const SIZES = Object.entries(IS_LONG ? { 360: PHONE, 1280: DESK } : { 360: PHONE });
const SCHEMES = /** @type {("light" | "dark")[]} */ (IS_LONG ? ["light", "dark"] : ["dark"]);
const LANGUAGES = IS_LONG ? ["en", "es"] : ["es"];
// Views come and go in so long.
const SETTLED_MS = 250;

for (const role of /** @type {(keyof typeof ROLES)[]} */ (Object.keys(ROLES))) {
  for (const [size, viewport] of SIZES) {
    for (const colorScheme of SCHEMES) {
      for (const locale of LANGUAGES) {
        test(`every view of a ${role} at ${size} px, ${colorScheme}, ${locale}`, async (t) => {
          const { page, views, visit } = await visitRole(t, role, { viewport, colorScheme, locale });
          let n = 0;
          await visit(async (view) => {
            await page.waitForTimeout(SETTLED_MS);
            const where = `${role.replaceAll(" ", "-")}-${view.replace("/", "-")}-${size}-${colorScheme}-${locale}`;
            await assertMeasures(page, where);
            await assertAccessible(page, where);
            if (IS_LONG) await screenshot(page, `walk-${where}`);
            n += 1;
          });
          assert.equal(n, views.length);
          t.diagnostic(`${n} views`);
        });
      }
    }
  }
}
