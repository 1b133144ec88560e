// Every view as each role: on a phone and at a desk, light and dark, in two languages. The short walk takes one way
// of them; HUTCH_WALK=long takes all, and leaves a picture of each view.

import { test } from "node:test";

import { follow, region, tap, visitAsRuth, visitFamily } from "./family.mjs";
import { DESK, PHONE, assertAccessible, assertMeasures, screenshot } from "./support.mjs";
import { VIEWS, anotherTab, fill, visitViews } from "./views.mjs";

const IS_LONG = process.env.HUTCH_WALK === "long";
const SIZES = Object.entries(IS_LONG ? { 360: PHONE, 1280: DESK } : { 360: PHONE });
const SCHEMES = /** @type {("light" | "dark")[]} */ (IS_LONG ? ["light", "dark"] : ["dark"]);
const LANGUAGES = IS_LONG ? ["en", "es"] : ["es"];
// Views come and go in so long.
const SETTLED_MS = 250;

/** For each role: which views it has, and how one comes to be it. */
const ROLES = {
  guardian: { views: [...VIEWS, "more", "record"], come: async (t, family) => family.page },
  relative: {
    views: ["", "child", "you", "trust", "more", "record"],
    come: (t, { browser, url }) => visitAsRuth(t, browser, url),
  },
  screen: {
    views: [""],
    async come(t, { page, browser }) {
      await page.getByRole("link", { name: "People" }).click();
      await tap(page, "Add a screen");
      await region(page, "Child screens").getByLabel("Which device is it?").fill("Kitchen tablet");
      await tap(page, "Make the link");
      const tablet = await follow(t, browser, await page.locator(".invite-link").textContent());
      await tablet.getByRole("button", { name: "This is Mia’s screen" }).click();
      await tablet.getByRole("button", { name: "Say something" }).waitFor();
      return tablet;
    },
  },
};

for (const [role, { views, come }] of Object.entries(ROLES)) {
  for (const [size, viewport] of SIZES) {
    for (const colorScheme of SCHEMES) {
      for (const locale of LANGUAGES) {
        test(`every view of a ${role} at ${size} px, ${colorScheme}, ${locale}`, async (t) => {
          const family = await visitFamily(t, { prepare: fill });
          const known = await come(t, family);
          const page = await anotherTab(t, family.browser, known, { viewport, colorScheme, locale });
          page.setDefaultTimeout(15_000);
          await page.goto(new URL("/", family.url).href);
          await page.locator(role === "screen" ? ".screen-button" : ".child").first().waitFor();
          let n = 0;
          await visitViews(page, family.url, family.hub.children[0], async (view) => {
            await page.waitForTimeout(SETTLED_MS);
            const where = `${role}-${view.replace("/", "-")}-${size}-${colorScheme}-${locale}`;
            await assertMeasures(page, where);
            await assertAccessible(page, where);
            if (IS_LONG) await screenshot(page, `walk-${where}`);
            n += 1;
          }, views);
          t.diagnostic(`${n} views`);
        });
      }
    }
  }
}
