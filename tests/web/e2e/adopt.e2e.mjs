// A toy from nobody's to somebody's and back, against the program itself: the demo's rabbit.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { assertAccessible, goHome, missing, openPage, screenshot, sees, startBrowser, startHub } from "./support.mjs";
import { tap } from "./family.mjs";
import { chooseFile, live, send, wavFile } from "./visit.mjs";

const SLOWLY = { timeout: 60_000 };

before(() => assert.equal(missing(), null));

const title = (page, name) => page.locator(".room").getByRole("heading", { name, exact: true });
const near = (page) => page.locator("button.near");
const beside = (page) => page.getByRole("region", { name: "In this demo, a toy lies beside you" });
const rowOf = (page, name) => page.locator(".toy-row", { has: page.getByRole("heading", { name, exact: true }) });
const says = (page, text) => page.locator(".status-words", { hasText: text }).last().waitFor(SLOWLY);
const goTo = (page, hash) => page.evaluate((to) => { location.hash = to; }, hash);

/** Opens the demo. */
async function visitDemo(t) {
  const { url, hub } = await startHub(t);
  hub?.radio.layRabbit();
  const page = await openPage(t, await startBrowser(t), url);
  await live(page);
  await goHome(page);
  return page;
}

/** Opens the place where a toy is adopted, and waits until the one that is nobody's is heard. */
async function seek(page) {
  await page.getByRole("link", { name: "Toys", exact: true }).click();
  await rowOf(page, "Bentley").waitFor();
  await page.getByRole("link", { name: "Adopt a toy" }).click();
  await near(page).waitFor(SLOWLY);
}

/** Chooses the one toy that is nobody's, and squeezes its paw once its heart blinks. */
async function meet(page) {
  await near(page).click();
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
  await beside(page).locator(".toy-heart[data-led=blink]").waitFor();
  await tap(page, "Squeeze the rabbit’s paw");
  await title(page, "That is the one. What is it called?").waitFor();
  await beside(page).locator(".toy-heart[data-led=off]").waitFor();
}

/** Names the toy that was met, and says whose it is. */
async function adopt(page, name, child) {
  assert.equal(await page.locator(".choice", { hasText: "Rabbit" }).count(), 0, "it says itself which animal it is");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.locator(".choice", { hasText: child }).click();
  await tap(page, "Adopt this toy");
  await title(page, `${name} is ${child}’s toy now.`).waitFor();
}

test("a new child gets the demo’s rabbit, and hears a message from it", async (t) => {
  const page = await visitDemo(t);
  await page.getByRole("link", { name: "Add a child" }).click();
  await page.getByLabel("Nickname", { exact: true }).fill("Lu");
  await tap(page, "Add this child");
  await sees(page, "Lu has no toy yet.");
  await page.getByRole("link", { name: "Adopt a toy" }).click();
  await near(page).waitFor(SLOWLY);
  assert.equal(await near(page).count(), 1, "the toys of the household are not to be chosen");
  await meet(page);
  await adopt(page, "Bubbles", "Lu");
  await beside(page).waitFor({ state: "hidden" });
  await assertAccessible(page, "adopted in the demo");
  await screenshot(page, "demo-adopted");

  await page.getByRole("link", { name: "All toys" }).click();
  await rowOf(page, "Bubbles").getByText("Lu’s rabbit").waitFor();
  await rowOf(page, "Bubbles").getByText("Awake", { exact: true }).waitFor(SLOWLY);
  await goTo(page, "#/");
  await page.getByRole("link", { name: /^Lu/ }).click();
  await page.locator(".stage", { hasText: "Bubbles" }).waitFor();
  await chooseFile(page, wavFile(2));
  await send(page).click();
  await says(page, "Bubbles’s heart is blinking");
  await page.getByRole("button", { name: "Squeeze Bubbles’s blue paw: play" }).click();
  await says(page, /^Lu heard it/);
  await goTo(page, "#/privacy");
  await sees(page, "You adopted Bubbles for Lu");
});

test("a toy is retired, and can be adopted again", async (t) => {
  const page = await visitDemo(t);
  await seek(page);
  await meet(page);
  await adopt(page, "Bubbles", "Mia");
  await page.getByRole("link", { name: "All toys" }).click();
  const [bubbles, bentley] = [rowOf(page, "Bubbles"), rowOf(page, "Bentley")];
  await bubbles.getByText("Awake", { exact: true }).waitFor(SLOWLY);
  await tap(page, "Retire Bubbles");
  await bubbles.locator(".retiring .button-danger").first().click();
  await bubbles.getByText(/^On its way out/).waitFor();
  await tap(page, "Retire Bentley");
  await page.getByText("Bentley is lost or broken").click();
  await tap(page, "Let it go at once");
  await bentley.waitFor({ state: "detached" });
  // To tidy up takes minutes at the pace of a real link.
  await tap(page, "Let Bubbles go at once");
  await tap(page, "Let it go");
  await bubbles.waitFor({ state: "detached", ...SLOWLY });
  await assertAccessible(page, "toys of the demo");

  await page.getByRole("link", { name: "Adopt a toy" }).click();
  await tap(page, "Squeeze the rabbit’s paw");
  await page.locator("button.near", { hasText: "A rabbit without a name" }).waitFor(SLOWLY);
  await page.locator("button.near", { hasText: "A rabbit without a name" }).click();
  await sees(page, "Its heart blinks. Squeeze one of its paws.");
  await tap(page, "Squeeze the rabbit’s paw");
  await title(page, "That is the one. What is it called?").waitFor();
  await adopt(page, "Bubbles again", "Mia");
  await goTo(page, "#/privacy");
  await sees(page, "You adopted Bubbles again for Mia");
  await sees(page, "You let a toy of Mia go without reaching it once more");
});

test("whoever changes their mind leaves the rabbit’s heart dark, and it can be met once more", async (t) => {
  const page = await visitDemo(t);
  await seek(page);
  await near(page).click();
  await beside(page).locator(".toy-heart[data-led=blink]").waitFor();
  await tap(page, "Choose another one");
  await beside(page).locator(".toy-heart[data-led=off]").waitFor();
  await near(page).waitFor(SLOWLY);
  await meet(page);
  await tap(page, "Cancel");
  await near(page).waitFor(SLOWLY);
  await page.getByRole("link", { name: "Back to the toys" }).click();
  await rowOf(page, "Bentley").waitFor();
  assert.equal(await page.locator(".toy-row").count(), 2, "nothing of it is left");
});
