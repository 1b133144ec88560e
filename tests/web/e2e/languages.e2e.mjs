// The page in its languages: nothing visible that is not in the files of words, and each language of it
// on a phone.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { RUTH, visitAsRuth, visitFamily } from "./family.mjs";
import { stopsOf, watchKeyboard, work } from "./keyboard.mjs";
import { ROLES, anotherTab, arrive, fill, visitRole, visitViews } from "./views.mjs";
import { DESK, PHONE, assertAccessible, assertMeasures, openPage, screenshot, startBrowser, startFakeHub } from "./support.mjs";

const WORDS = (language) => new URL(`../../../web/words/${language}.json`, import.meta.url);
const REFUSED = /status (of|is) (401|403|404|409|422)/;
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
async function markWords(page, language = "en") {
  const words = marked(JSON.parse(await readFile(WORDS(language), "utf8")));
  await page.context().route(`**/words/${language}.json`, (route) => route.fulfill({ json: words }));
}

/** Everything that a page shows or says which is not from the file of words. */
const unmarked = (page, names) => page.evaluate((known) => {
  const found = new Set();
  // Dates and times are written by the browser, in the language of the page.
  const { lang } = document.documentElement;
  const dates = new Set();
  for (let n = 0; n < 12; n += 1) {
    for (const form of [{ month: "long" }, { month: "short" }, { weekday: "long" }, { weekday: "short" }]) {
      for (const whole of [form, { ...form, day: "numeric" }]) {
        const parts = new Intl.DateTimeFormat(lang, whole).formatToParts(new Date(2026, n, n + 1));
        for (const { type, value } of parts) if (["month", "weekday"].includes(type)) dates.add(value.toLowerCase());
      }
    }
  }
  const ofDates = { en: ["at"], es: ["de", "a las"], pt: ["de", "às"], de: ["uhr", "um"], fr: ["à", "h"] }[lang];
  const words = [...dates, ...ofDates].sort((one, other) => other.length - one.length)
    .map((word) => word.replace(/\./g, "\\."));
  const dateWords = new RegExp(`(?<!\\p{L})(?:${words.join("|")})(?!\\p{L})\\.?`, "giu");
  const look = (text, where) => {
    let rest = text.replace(/⟦[^⟧]*⟧/g, " ").replace(/https?:\S+/g, " ");
    for (const name of known) rest = rest.replaceAll(name, " ");
    rest = rest.replace(dateWords, " ");
    if (/\p{L}/u.test(rest)) found.add(`${where}: ${text}`);
  };
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const { parentElement: parent, data } = nodes.currentNode;
    const isLeftOut = parent?.closest("script, noscript, #unloaded, code, .secret, .key, [lang]:not(html)");
    if (!isLeftOut) look(data, parent?.className || parent?.tagName);
  }
  for (const element of document.body.querySelectorAll("*")) {
    for (const name of ["aria-label", "aria-valuetext", "title", "placeholder", "alt", "aria-description"]) {
      const text = element.getAttribute(name);
      if (text) look(text, `${name} of ${element.className || element.tagName}`);
    }
  }
  return [...found];
}, names);

/** Names of a household, of the program, and what the browser itself writes. */
const NAMES = [
  "Bentley", "Starburst", "Kitchen tablet", "Mia", "Ben", "Anna", "anna", "Ruth", "ruth", "Hutch at home", "Hutch", "localhost",
  "/media/hutch", "UTC", "Europe/Berlin",
  "Chromium", "Linux", "GB", "MB", "kB", "Go", "Mo", "ko", "iPhone", "iPad", "Android", "Windows", "Mac", "Firefox", "CloudPets B",
];

/** Returns what of a page is not in the file of words, or holds a place that nothing was put into. */
async function strange(page, where) {
  await page.waitForTimeout(400);
  const found = await unmarked(page, NAMES);
  const [empty] = /\{\w+\}/.exec(await page.locator("body").innerText()) ?? [];
  return [...found, ...(empty ? [`nothing for ${empty}`] : [])].map((one) => `${where}: ${one}`);
}

/** Signs in where the words are marked. */
async function enter(page, { name, password }) {
  await page.locator(".door input[autocomplete=username]").fill(name);
  await page.locator(".door input[autocomplete=current-password]").fill(password);
  await page.locator(".door [type=submit]").click();
}

/** Presses every button of a view and opens what can be opened, each once, and looks at what is there then. */
async function strangeWithin(page, view, come) {
  const found = [];
  await come();
  const keys = (await stopsOf(page)).filter(({ kind }) => ["button", "summary"].includes(kind)).map(({ key }) => key);
  for (const key of new Set(keys)) {
    await come();
    await work(page, key, "Enter");
    found.push(...await strange(page, `${view} › ${key}`));
  }
  return found;
}

for (const role of /** @type {(keyof typeof ROLES)[]} */ (Object.keys(ROLES))) {
  test(`a ${role} sees and hears nothing that is not in the file of words, whatever is opened`, async (t) => {
    const { page, url, hub, views, isScreen } = await visitRole(t, role, {
      locale: "en-GB", viewport: PHONE, permissions: ["microphone", "clipboard-write"], allow: REFUSED,
    });
    await watchKeyboard(page);
    await markWords(page);
    const found = [];
    for (const view of views) {
      const come = async () => {
        await page.goto("about:blank");
        await page.goto(new URL("/", url).href);
        await page.locator(":is(.door form, .child, #add-first-child, .screen-button):visible").first().waitFor();
        const door = page.locator(".door form");
        if (await door.isVisible()) await enter(page, role === "relative" ? RUTH : hub.accounts.guardian);
        await arrive(page, url, hub.children[0], view, { isScreen });
      };
      await come();
      found.push(...await strange(page, view || "home"), ...await strangeWithin(page, view || "home", come));
    }
    assert.deepEqual([...new Set(found)], []);
  });
}

for (const language of Object.keys(LANGUAGES)) {
  test(`nothing in a view is not in the file of words in ${LANGUAGES[language]}`, async (t) => {
    const { page, visit } = await visitRole(t, "guardian", { locale: language, viewport: DESK });
    await markWords(page, language);
    const found = [];
    await visit(async (view) => { found.push(...await strange(page, view)); });
    assert.deepEqual([...new Set(found)], []);
  });
}

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
  // By keyboard alone: the page loads at each step, and the next one goes on from there.
  const languages = ["de", ...await choice.locator("option:not([value=''])").evaluateAll((all) => all.map(({ value }) => value))];
  await choice.focus();
  for (let n = languages.indexOf("es") - 1; 0 <= n; n -= 1) {
    await page.keyboard.press("ArrowUp");
    await page.locator(`html[lang=${languages[n]}]`).waitFor();
    await page.waitForFunction(() => document.activeElement?.matches(".you .language select"));
  }
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

test("what can be done with a message besides stands in one line, on a phone and in each language", async (t) => {
  const { page: known, browser, url, hub } = await visitFamily(t, { prepare: fill });
  for (const language of ["en", ...Object.keys(LANGUAGES)]) {
    const page = await anotherTab(t, browser, known, { locale: language, viewport: PHONE });
    await page.goto(new URL("/", url).href);
    await page.locator(".child").first().waitFor();
    await arrive(page, url, hub.children[0], "child");
    await page.locator(".bubble-more .opens-erasing:visible").first().waitFor();
    const lines = await page.locator(".bubble-more:visible").evaluateAll((all) => all.map((one) => {
      const seen = [...one.querySelectorAll("button")].filter((press) => press.checkVisibility());
      return new Set(seen.map((press) => Math.round(press.getBoundingClientRect().top))).size;
    }));
    assert.ok(lines.every((n) => n === 1), `${language}: ${lines} lines`);
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
