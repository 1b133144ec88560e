// A household with a relative and a child's screen, and browsers for each of them.

import assert from "node:assert/strict";

import { FakeHub } from "../fake-hub.mjs";
import { openPage, signIn, startBrowser, startFakeHub } from "./support.mjs";

export const ALLOWED = /40[1349]|422|429|ERR_|Failed to load/;
export const RUTH = { name: "Ruth", password: "meadow-lantern-tin" };
export const tap = (page, name) => page.getByRole("button", { name, exact: true }).click();
export const region = (page, name) => page.getByRole("region", { name });
export const label = (page, name) => page.locator(".door").getByLabel(name, { exact: true });
export const tokenOf = (link) => new URL(link).hash.slice("#invite=".length);

/**
 * Opens a hub with Ruth, Mia's grandmother, and a browser where Anna, the guardian, is signed in.
 *
 * @param {import("node:test").TestContext} t
 * @param {object} [options] `hub`: of the hub; `grant`: what Ruth may do; `prepare`: what the hub holds;
 *   the rest is for the page
 */
export async function visitFamily(t, { hub: hubOptions, grant = {}, prepare, relative = true, ...options } = {}) {
  const started = await startFakeHub(t, { door: { demo: false }, ...hubOptions });
  const { hub } = started;
  const ruth = relative ? hub.people.addRelative(RUTH.name, [{ child: hub.children[0].id, ...grant }], RUTH) : null;
  await prepare?.({ hub, ruth });
  const browser = await startBrowser(t);
  const page = await openPage(t, browser, started.url, {
    allow: ALLOWED, permissions: ["clipboard-read", "clipboard-write"], ...options,
  });
  await page.getByRole("link", { name: "People" }).waitFor();
  return { ...started, page, browser, ruth };
}

/** Opens a further browser where Ruth is signed in. */
export async function visitAsRuth(t, browser, url, options) {
  const page = await openPage(t, browser, new URL("/", url).href, { allow: ALLOWED, ...options });
  await signIn(page, RUTH);
  await page.getByRole("link", { name: /You and this hub: Ruth/ }).waitFor();
  return page;
}

/** Opens a link in a browser of somebody else. */
export async function follow(t, browser, link, options = {}) {
  const guest = await openPage(t, browser, link, { allow: ALLOWED, ...options });
  assert.equal(new URL(guest.url()).hash, "", "the invitation is not left in the address");
  return guest;
}

/** Puts a message of Ruth's before the guardians. */
export const sendAsRuth = ({ hub, ruth }, child = hub.children[0]) =>
  hub.add(child, "message", FakeHub.tone(3), { from: ruth.id, delivery: { state: "awaiting_approval" } });

/** Notes from here on what a page asks for that only guardians may have. */
export function noteForbidden(page) {
  /** @type {string[]} */
  const asked = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    const isForbidden = /\/v1\/(activity|care|toys|people|waiting|invites$|relatives|screens|demo)/.test(pathname);
    if (isForbidden) asked.push(pathname);
  });
  return asked;
}
