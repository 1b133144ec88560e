// Every view of the page, and a household to look at in them.

import { FakeHub } from "../fake-hub.mjs";

export const VIEWS = [
  "", "child", "you", "people", "toys", "toys/adopt", "privacy", "privacy/activity", "care", "waiting", "rules", "change-child",
  "add-child", "trust",
];

/** Opens a page of its own for whoever is signed in on another one; it may look at every address of the hub. */
export async function anotherTab(t, browser, known, options) {
  const storageState = await known.context().storageState();
  const context = await browser.newContext({ ignoreHTTPSErrors: true, storageState, ...options });
  t.after(() => context.close());
  return context.newPage();
}

/** Fills a household with something of everything. */
export function fill({ hub, ruth }) {
  const mia = hub.children[0];
  const states = [{ state: "heard", heard_at: 1_700_000_000 }, { state: "expired" }, { state: "declined" }, { state: "withdrawn" },
    { state: "on_toy", perhaps_heard: true }, { state: "queued" }, { state: "failed", reason: "damaged" },
    { state: "failed", reason: "unreachable", tries: 3, next_try_at: 4_000_000_000 }];
  for (const delivery of states) hub.add(mia, "message", FakeHub.tone(2), { delivery });
  hub.add(mia, "recording", FakeHub.tone(3), { while_away: true });
  hub.add(mia, "message", FakeHub.tone(2), { from: ruth.id, delivery: { state: "awaiting_approval" } });
}

/**
 * Goes to one view after the other.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} url
 * @param {{ id: string }} mia
 * @param {(view: string) => Promise<void>} look
 * @param {string[]} [views]
 */
export async function visitViews(page, url, mia, look, views = VIEWS) {
  for (const view of views) {
    const detail = ["child", "rules", "change-child"].includes(view) ? `/${mia.id}` : "";
    await page.goto(new URL(`/#/${view}${detail}`, url).href);
    await page.waitForTimeout(150);
    await look(view || "home");
  }
}
