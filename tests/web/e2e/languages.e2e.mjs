// The page in its languages: nothing visible that is not in the files of words, and each language of it
// on a phone.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { visitAsRuth, visitFamily } from "./family.mjs";
import { anotherTab, fill, visitViews } from "./views.mjs";
import { DESK, PHONE, assertAccessible, assertMeasures, openPage, screenshot, startBrowser, startFakeHub } from "./support.mjs";

const WORDS = (language) => new URL(`../../../web/words/${language}.json`, import.meta.url);
const NARROW = { width: 320, height: 640 };
const LANGUAGES = { es: "Español", pt: "Português", de: "Deutsch", fr: "Français" };

/** Puts a mark around everything that comes from the file of words, and not around what is put into it. */
function marked(words) {
  const mark = (text) => text.split(/(\{\w+\})/)
    .map((piece, at) => (at % 2 === 1 || piece.trim() === "" ? piece : `⟦${piece}⟧`)).join("");
  const markForms = (forms) => Object.fromEntries(Object.entries(forms)
    .map(([category, text]) => [category, mark(text)]));
  return Object.fromEntries(Object.entries(words)
    .map(([key, sentence]) => [key, typeof sentence === "string" ? mark(sentence) : markForms(sentence)]));
}

/** Opens every page of a browser with marked words. */
async function markWords(page) {
  const words = marked(JSON.parse(await readFile(WORDS("en"), "utf8")));
  await page.context().route("**/words/en.json", (route) => route.fulfill({ json: words }));
}

/** Everything that a page shows or says which is not from the file of words. */
const unmarked = (page, names) => page.evaluate((known) => {
  const found = new Set();
  const look = (text, where) => {
    let rest = text.replace(/⟦[^⟧]*⟧/g, " ").replace(/https?:\S+/g, " ");
    for (const name of known) rest = rest.replaceAll(name, " ");
    // Dates and times are written by the browser, in the language of the page.
    rest = rest.replace(/\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(Jan|Febr)uary\b|\b(March|April|May|June|July|August)\b|\b(Septem|Octo|Novem|Decem)ber\b/g, " ")
      .replace(/\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b/g, " ");
    if (/\p{L}/u.test(rest)) found.add(`${where}: ${text}`);
  };
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const { parentElement: parent, data } = nodes.currentNode;
    if (!parent?.closest("script, noscript, #unloaded, code, [lang]:not(html)")) look(data, parent?.className || parent?.tagName);
  }
  for (const element of document.body.querySelectorAll("*")) {
    for (const name of ["aria-label", "title", "placeholder", "alt", "aria-description"]) {
      const text = element.getAttribute(name);
      if (text) look(text, `${name} of ${element.className || element.tagName}`);
    }
  }
  return [...found];
}, names);

/** Names of a household, of the program, and what the browser itself writes. */
const NAMES = [
  "Bentley", "Starburst", "Mia", "Ben", "Anna", "anna", "Ruth", "ruth", "Hutch at home", "Hutch", "localhost",
  "/media/hutch", "UTC", "Europe/Berlin",
  "Chromium", "Linux", "MB", "kB", "iPhone", "iPad", "Android", "Windows", "Mac", "Firefox", "CloudPets B",
];

/** Returns what of a page is not in the file of words, or holds a place that nothing was put into. */
async function strange(page, where) {
  await page.waitForTimeout(400);
  const found = await unmarked(page, NAMES);
  const [empty] = /\{\w+\}/.exec(await page.locator("body").innerText()) ?? [];
  return [...found, ...(empty ? [`nothing for ${empty}`] : [])].map((one) => `${where}: ${one}`);
}

test("a guardian sees and hears nothing that is not in the file of words", async (t) => {
  const { page: known, browser, url, hub } = await visitFamily(t, { prepare: fill });
  const page = await anotherTab(t, browser, known, { locale: "en-GB", viewport: DESK });
  await markWords(page);
  await page.goto(new URL("/", url).href);
  await page.locator(".child").first().waitFor();
  const found = [];
  await visitViews(page, url, hub.children[0], async (view) => { found.push(...await strange(page, view)); });
  assert.deepEqual(found, []);
});

test("a relative, somebody at the door and a new family do not either", async (t) => {
  const { url, browser } = await visitFamily(t, { prepare: fill });
  const page = await visitAsRuth(t, browser, url);
  await markWords(page);
  await page.reload();
  await page.locator(".child").first().click();
  const found = await strange(page, "a relative’s conversation");
  await page.goto(new URL("/#/you", url).href);
  found.push(...await strange(page, "a relative’s own page"));

  const stranger = await openPage(t, browser, new URL("/", url).href, { allow: /401/ });
  await markWords(stranger);
  await stranger.reload();
  await stranger.locator(".door form").waitFor();
  found.push(...await strange(stranger, "the door"));

  const fresh = await startFakeHub(t, { door: { setUp: true, demo: false } });
  const first = await openPage(t, browser, new URL("/", fresh.url).href, { allow: /401/ });
  await markWords(first);
  await first.reload();
  await first.locator(".door form").waitFor();
  // The time zones are the browser's.
  await first.evaluate(() => { for (const one of document.querySelectorAll("option")) one.remove(); });
  found.push(...await strange(first, "the first visit"));
  assert.deepEqual(found, []);
});

test("the page comes in the browser's language, and in another one once that is chosen", async (t) => {
  const { url } = await startFakeHub(t);
  const page = await openPage(t, await startBrowser(t), url, { locale: "de-DE", viewport: PHONE });
  const german = JSON.parse(await readFile(WORDS("de"), "utf8"));
  const spanish = JSON.parse(await readFile(WORDS("es"), "utf8"));
  await page.locator(".child").first().waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");

  const choice = page.locator(".you .language select");
  await page.goto(new URL("/#/you", url).href);
  await choice.selectOption("Español");
  await page.locator("html[lang=es]").waitFor();

  await page.getByText(spanish["language.label"]).first().waitFor({ state: "attached" });
  assert.equal(await choice.inputValue(), "es");
  await choice.selectOption(spanish["language.browser"]);
  await page.locator("html[lang=de]").waitFor();
  await page.getByText(german["language.label"]).first().waitFor({ state: "attached" });
});

test("no place of the bar is broken inside a word on the narrowest phone, and whoever is here is named whole", async (t) => {
  const { hub, url } = await startFakeHub(t);
  hub.accounts.guardian.name = "Parents";
  const browser = await startBrowser(t);
  for (const [language, viewport] of [...["en", ...Object.keys(LANGUAGES)].map((one) => [one, NARROW]), ["en", DESK]]) {
    const page = await openPage(t, browser, url, { viewport, locale: language });
    await page.locator(".child").first().waitFor({ state: "attached" });
    await page.evaluate(() => { location.hash = "#/"; });
    await page.locator(".you-link").waitFor();
    const cut = await page.locator(".you-link span:last-child, .bar-place span:last-child").evaluateAll((all) => all
      .filter((one) => one.clientWidth < one.scrollWidth
        || 1.5 * parseFloat(getComputedStyle(one).lineHeight) < one.offsetHeight)
      .map((one) => one.textContent));
    assert.deepEqual(cut, [], `${language}, ${viewport.width} px`);
    await page.close();
  }
});

test("a page whose words do not come says so", async (t) => {
  const { url } = await startFakeHub(t);
  const browser = await startBrowser(t);
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  await context.route("**/words/*.json", (route) => route.abort());
  const page = await context.newPage();
  await page.goto(url);

  await page.getByText("Then load this page again.").waitFor();
  await context.close();
});

for (const language of Object.keys(LANGUAGES)) {
  test(`every view fits a phone in ${LANGUAGES[language]}`, async (t) => {
    const { page: known, browser, url, hub } = await visitFamily(t, { prepare: fill });
    const page = await anotherTab(t, browser, known, { locale: language, viewport: PHONE });
    await page.goto(new URL("/", url).href);
    await page.locator(".child").first().waitFor();
    await visitViews(page, url, hub.children[0], async (view) => {
      const where = `${language}-${view.replace("/", "-")}`;
      await page.waitForTimeout(250);
      await assertMeasures(page, where);
      if (view === "" || view === "child" || view === "you") await assertAccessible(page, where);
      await screenshot(page, `language-${where}`);
    });
  });
}
