// How soon the first view stands on a slow device: the real hub, and a browser that was never there. Prints a line
// for each figure and fails beyond its bar.

import assert from "node:assert/strict";
import { test } from "node:test";

import { DESK, PHONE, openPage, startBrowser, startHub } from "../e2e/support.mjs";
import { BARS, measureFirstView } from "../first-view.mjs";

const SLOWER = 4;
const N_VIEWS = 9;

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

for (const [name, viewport] of [["phone", PHONE], ["desk", DESK]]) {
  test(`the first view stands soon at a quarter of the speed (${name})`, async (t) => {
    const { url } = await startHub(t);
    const page = await openPage(t, await startBrowser(t), url, { viewport });
    await page.getByRole("heading", { name: "Mia" }).waitFor();
    // What is here already takes its share of the machine.
    await page.goto("about:blank");

    const views = [];
    for (let n = 0; n < N_VIEWS; n += 1) {
      views.push(await measureFirstView(page.context(), new URL("/", url).href, { slowdown: SLOWER }));
    }

    const interactiveMs = middle(views.map((view) => view.interactiveMs));
    const most = Math.max(...views.map((view) => view.bytes));
    const shift = Math.max(...views.map((view) => view.shift));
    console.log(`${name}, interactive, ms, the middle of ${N_VIEWS}: ${Math.round(interactiveMs)}`);
    console.log(`${name}, bytes: ${most}`);
    console.log(`${name}, moved by: ${shift.toFixed(3)}`);
    assert.ok(interactiveMs <= BARS.interactiveMs, `${interactiveMs} ms`);
    assert.ok(most <= BARS.bytes, `${most} bytes`);
    assert.ok(shift <= BARS.shift, `moved by ${shift}`);
  });
}
