// The page without a pointer: what there is to reach, what the Tab key reaches, and whether it is seen there.

import assert from "node:assert/strict";

/** No view has more to reach; whoever needs more presses is caught. */
const ENOUGH = 400;
const SETTLED_MS = 120;
const SETTLES = 20;
/** What is still being fetched is waited for so long, on a computer that does much else. */
const FETCHED_MS = 15_000;
const TAB_MS = 200;
/** A computer that does much else takes so long to scroll there. */
const COVERED_MS = 3_000;

/** In the page: what a keyboard has to get to, and where it is. */
function install() {
  const KINDS = [
    "a[href]", "button", "input", "select", "textarea", "summary", "audio[controls]", "[contenteditable]",
    "[role=slider]", "[tabindex]",
  ].join();
  globalThis.printed = 0;
  globalThis.print = () => { globalThis.printed += 1; };
  const numbers = new WeakMap();
  let count = 0;
  const numberOf = (element) => {
    if (!numbers.has(element)) numbers.set(element, count += 1);
    return numbers.get(element);
  };
  // A box that is ticked is a pixel under a drawn one: its label is what is seen.
  const shapeOf = (element) => (element.matches(".unseen") ? element.closest("label") ?? element : element);
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true })
    && shapeOf(element).getClientRects().length > 0 && !element.closest("[inert]");
  const PRESSED = "a[href], button, input, select, textarea, summary, [role=slider]";
  const isStop = (element) => isSeen(element) && !element.disabled
    && (element.tabIndex >= 0 || element.matches(PRESSED));
  const nameOf = (element) => {
    const words = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent;
    return `${element.localName}.${element.getAttribute("class") ?? ""} “${words.trim().slice(0, 60)}”`;
  };
  /** What is alike is looked at once: the fifth message has the same buttons as the first. */
  const keyOf = (element) => {
    const isMute = !element.matches("a, button, summary") || element.textContent.trim() === "";
    const said = isMute ? element.getAttribute("aria-label") ?? "" : element.textContent;
    return `${element.localName}.${element.getAttribute("class") ?? ""}|${said.trim().replace(/\d+/g, "#")}`;
  };
  /** Of the buttons of a group of which one is chosen, Tab gets to one and the arrows to the others. */
  const radiosOf = (element) => (element.matches("input[type=radio]")
    ? [...document.querySelectorAll(`input[type=radio][name="${element.name}"]`)].filter(isStop) : [element]);
  const ringOf = (element) => {
    for (const one of [element, shapeOf(element)]) {
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(one);
      if (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && !/, 0\)$|transparent/.test(outlineColor)) return true;
    }
    return false;
  };
  /** Whether something lies over it, or it is outside of what is shown. */
  const isCovered = (element) => {
    const shape = shapeOf(element);
    const box = shape.getBoundingClientRect();
    const hits = [[0.5, 0.5], [0.15, 0.5], [0.85, 0.5], [0.5, 0.15], [0.5, 0.85]].map(([x, y]) => {
      const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
      return hit !== null && (shape.contains(hit) || hit.closest("label")?.contains(shape) === true || hit.contains(shape));
    });
    // What is taller than what shows it is seen in part.
    const isTall = box.height > innerHeight * 0.6;
    return isTall ? !hits.some(Boolean) : !hits.every(Boolean);
  };
  globalThis.keyboard = {
    stops: () => [...document.querySelectorAll(KINDS)].filter(isStop).map((element) => ({
      number: numberOf(element), name: nameOf(element), key: keyOf(element),
      kind: element.localName, type: element.type ?? element.getAttribute("role") ?? "",
    })),
    focus() {
      const element = document.activeElement;
      if (!element || element === document.body || element === document.documentElement) return null;
      return {
        numbers: radiosOf(element).map(numberOf), name: nameOf(element),
        isRinged: ringOf(element), isCovered: isCovered(element), isDate: /^(date|time)/.test(element.type ?? ""),
      };
    },
    withNumber: (number) => [...document.querySelectorAll(KINDS)].find((one) => numbers.get(one) === number) ?? null,
    /** What is open around what has the focus, and is there to be closed. */
    isOpen: () => (document.activeElement?.closest("details[open], .twice, .composer[data-phase=recording]") ?? null) !== null
      || [...document.querySelectorAll("[data-escape]")].some((one) => isSeen(one)),
    withKey: (key) => [...document.querySelectorAll(KINDS)].find((one) => isStop(one) && keyOf(one) === key) ?? null,
  };
}

/** Puts into every page of a browser what the others here ask. */
export async function watchKeyboard(page) {
  // Asked for when a key is pressed, choosers would be told of a moment after it.
  page.on("filechooser", () => {});
  const open = new Set();
  onTheWay.set(page, open);
  page.on("request", (request) => {
    // What the page before asked for is not always told of again.
    if (request.isNavigationRequest()) open.clear();
    if (ANSWERED.has(request.resourceType())) open.add(request);
  });
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => open.delete(request));
  await page.context().addInitScript(install);
}

/**
 * Everything that there is to get to.
 *
 * @param {import("playwright-core").Page} page
 * @returns {Promise<{ number: number, name: string, key: string, kind: string, type: string }[]>}
 */
export const stopsOf = (page) => page.evaluate(() => globalThis.keyboard.stops());

/** Has the next Tab begin at the top. */
const toTheTop = (page) => page.evaluate(() => {
  const top = document.querySelector("h1");
  top.focus();
  top.blur();
});

/**
 * Presses Tab from the top until it comes round, and asserts that it came by everything that there is, that one
 * saw where, and that nothing held it.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} where
 * @param {{ back?: boolean }} [options] the other way round
 */
export async function assertReached(page, where, { back = false } = {}) {
  await toTheTop(page);
  const stops = await stopsOf(page);
  /** @type {Set<number>} */
  const reached = new Set();
  const faults = [];
  let first = null;
  let last = null;
  let isRound = false;
  for (let n = 0; n < ENOUGH && !isRound; n += 1) {
    await page.keyboard.press(back ? "Shift+Tab" : "Tab");
    let now = await page.evaluate(() => globalThis.keyboard.focus());
    // It may be on its way into sight.
    for (let wait = 0; wait < COVERED_MS && now?.isCovered; wait += TAB_MS) {
      await page.waitForTimeout(TAB_MS);
      now = await page.evaluate(() => globalThis.keyboard.focus());
    }
    if (now === null) {
      isRound = n > 0;
      continue;
    }
    const [number] = now.numbers;
    // A field for a date is several to Tab.
    if (now.isDate && number === last) continue;
    last = number;
    if (first === null) first = number;
    else if (now.numbers.includes(first)) {
      isRound = true;
      continue;
    } else if (reached.has(number)) {
      faults.push(`Tab came to ${now.name} twice`);
      break;
    }
    for (const one of now.numbers) reached.add(one);
    if (!now.isRinged) faults.push(`nothing shows that the focus is on ${now.name}`);
    if (now.isCovered) faults.push(`${now.name} is covered while it has the focus`);
  }
  if (stops.length > 0 && !isRound) faults.push("Tab did not come round");
  const now = new Set((await stopsOf(page)).map(({ number }) => number));
  for (const { number, name } of stops) {
    // What has gone meanwhile could not be reached.
    if (!reached.has(number) && now.has(number)) faults.push(`Tab did not come to ${name}`);
  }
  assert.deepEqual(faults, [], `by keyboard, ${where}`);
  return stops;
}

/** What is told apart when something is pressed: what is shown, said and played, and where one is. */
const stateOf = (page) => page.evaluate(() => {
  const names = ["aria-label", "aria-pressed", "aria-expanded", "aria-disabled", "class", "open", "hidden", "data-phase"];
  const signs = [...document.body.querySelectorAll("*")].map((one) => names.map((name) => String(one.getAttribute(name))).join());
  const values = [...document.querySelectorAll("input, select, textarea")].map(({ value, checked }) => `${value}${checked}`);
  const players = [...document.querySelectorAll("audio")].map(({ paused, src }) => `${paused}${src}`);
  return JSON.stringify([location.href, document.body.innerText, signs, values, players, globalThis.printed]);
});

/** What is asked for and answered once; sounds and the stream of news come as long as they like. */
const ANSWERED = new Set(["document", "script", "stylesheet", "fetch", "xhr", "image"]);

/** For each page that is watched, what it waits for. */
const onTheWay = new WeakMap();

/** Waits until nothing is on its way to a page, as long as that takes. */
async function fetches(page) {
  for (let wait = 0; wait < FETCHED_MS; wait += SETTLED_MS) {
    const isWaiting = () => [...document.querySelectorAll(".waiting")].some((one) => one.checkVisibility() && !one.closest("[inert]"));
    if ((onTheWay.get(page)?.size ?? 0) === 0 && !await page.evaluate(isWaiting).catch(isLeft)) return;
    await page.waitForTimeout(SETTLED_MS);
  }
}

/** Whoever signs out gets a new page: this one went while it was asked. */
function isLeft(error) {
  if (!/context was destroyed/.test(error.message)) throw error;
  return true;
}

/** Waits until nothing changes in the page any more, or does so without end. */
export async function settles(page) {
  await fetches(page);
  let before = null;
  for (let n = 0; n < SETTLES; n += 1) {
    await page.waitForTimeout(SETTLED_MS);
    await fetches(page);
    const now = await stateOf(page).catch((error) => isLeft(error) && Symbol("left"));
    if (now === before) return;
    before = now;
  }
}

/** How what is no button is worked: the keys, and what has changed then. */
const KEYS = {
  range: ["ArrowLeft", "ArrowRight"], slider: ["ArrowRight", "ArrowLeft"],
  checkbox: ["Space", "Space"], radio: ["ArrowRight", "ArrowLeft"],
  "select-one": ["ArrowDown", "ArrowUp"], "datetime-local": ["ArrowUp", "ArrowDown"], time: ["ArrowUp", "ArrowDown"],
};
const WRITTEN = ["text", "password", "textarea", "number", "search"];

/**
 * Works everything but buttons, links and what opens something: moves each slider, turns each switch, chooses
 * another choice and types into each field.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} where
 * @param {Set<string>} done by key, what need not be worked again
 */
export async function assertFieldsWork(page, where, done) {
  for (const { number, name, key, type } of await stopsOf(page)) {
    const keys = KEYS[type] ?? (WRITTEN.includes(type) ? ["m", "Backspace"] : null);
    if (!keys || done.has(key)) continue;
    const element = await page.evaluateHandle((one) => globalThis.keyboard.withNumber(one), number);
    // What was worked before it may have taken it away.
    if (!element.asElement()) continue;
    await element.evaluate((one) => one.focus());
    // Another language is another page: its own test chooses one by keyboard.
    if (await element.evaluate((one) => one.readOnly === true || one.matches(".language select"))) continue;
    const value = () => page.evaluate(() => {
      const { value: typed, checked, name: group } = document.activeElement;
      const chosen = group ? document.querySelector(`input[type=radio][name="${group}"]:checked`)?.value : null;
      return JSON.stringify([typed, checked, chosen, document.activeElement.getAttribute("aria-valuenow")]);
    });
    const before = await value();
    let isMoved = false;
    for (const press of keys) {
      await page.keyboard.press(press);
      isMoved ||= await value() !== before;
    }
    assert.ok(isMoved, `${where}: ${keys} do nothing to ${name}`);
    done.add(key);
  }
}

/**
 * Puts the focus on what has this key and presses a key; returns whether anything came of it, or null where it
 * is not.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} key
 * @param {"Enter" | "Space"} press
 */
export async function work(page, key, press) {
  try {
    await page.waitForFunction((wanted) => {
      const element = globalThis.keyboard.withKey(wanted);
      element?.focus();
      return element !== null && document.activeElement === element && element.getAttribute("aria-disabled") !== "true";
    }, key, { timeout: 3_000 });
  } catch {
    return null;
  }
  const before = await stateOf(page);
  let asked = 0;
  const count = () => { asked += 1; };
  for (const event of ["request", "filechooser"]) page.on(event, count);
  await page.keyboard.press(press);
  let isChanged = false;
  for (let n = 0; n < 40 && !isChanged; n += 1) {
    await page.waitForTimeout(25);
    isChanged = asked > 0 || await stateOf(page).catch(isLeft) !== before;
  }
  for (const event of ["request", "filechooser"]) page.off(event, count);
  return isChanged;
}

/**
 * Presses Escape in what was opened; returns what is wrong then. What was chosen instead of opened stays.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} key of something in it
 */
export async function closes(page, key) {
  await page.evaluate((wanted) => globalThis.keyboard.withKey(wanted)?.focus(), key);
  if (!await page.evaluate(() => globalThis.keyboard.isOpen())) return null;
  await page.keyboard.press("Escape");
  for (let n = 0; n < 40; n += 1) {
    await page.waitForTimeout(25);
    const isGone = await page.evaluate((wanted) => globalThis.keyboard.withKey(wanted) === null, key);
    if (isGone) break;
    if (n === 39) return "Escape does not close it";
  }
  const isLost = await page.evaluate(() => document.activeElement === null || document.activeElement === document.body);
  return isLost ? "the focus is lost when Escape closes it" : null;
}
