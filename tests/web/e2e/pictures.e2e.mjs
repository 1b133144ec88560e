// A child's picture: chosen, cut out on the device, seen by whoever may see the child, and taken away again.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  DESK, PHONE, assertAccessible, assertMeasures, fetchBytes, goHome, missing, openPage, screenshot, sees,
  startBrowser, startHub,
} from "./support.mjs";
import { tap, visitAsRuth, visitFamily } from "./family.mjs";
import { focused, openMia } from "./visit.mjs";

const RED = "red";
const BLUE = "blue";

/** A JPEG of 800 x 600, its left half red and its right half blue, as a camera might write it. */
async function photo(page) {
  const encoded = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [800, 600];
    const context = canvas.getContext("2d");
    context.fillStyle = "#d02020";
    context.fillRect(0, 0, 400, 600);
    context.fillStyle = "#2020d0";
    context.fillRect(400, 0, 400, 600);
    return canvas.toDataURL("image/jpeg", 0.9).split(",")[1];
  });
  return Buffer.from(encoded, "base64");
}

/** The same with what cameras write beside it: where it was taken, and that it is to be turned by a quarter. */
function asTaken(jpeg) {
  const tiff = Buffer.from("49492a0008000000" + "0100" + "1201030001000000" + "06000000" + "00000000", "hex");
  const exif = Buffer.concat([Buffer.from("Exif\0\0"), tiff, Buffer.from("GPS 48.2082 N")]);
  const head = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, exif, jpeg.subarray(2)]);
}

async function choose(page, buffer, { name = "mia.jpg", button = "Choose a picture" } = {}) {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), tap(page, button)]);
  await chooser.setFiles({ name, mimeType: "image/jpeg", buffer });
}

/** Opens the view in which Mia is changed. */
async function openChange(page) {
  await openMia(page);
  await page.getByRole("link", { name: "Change Mia" }).click();
  await page.getByRole("heading", { name: "Picture" }).waitFor();
}

/** Which colour a stored picture has at a place, from 0 to 1; and how large it is. */
async function lookAt(page, file, right, down) {
  return page.evaluate(async ({ encoded, at }) => {
    const bytes = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const [red, , blue] = context.getImageData(at.right * bitmap.width, at.down * bitmap.height, 1, 1).data;
    return { color: red > blue ? "red" : "blue", width: bitmap.width, height: bitmap.height };
  }, { encoded: file.toString("base64"), at: { right, down } });
}

const stored = (hub) => hub.pictures.files.get(hub.children[0].id)?.file;
const frame = (page) => page.getByRole("application", { name: "Picture of Mia, to be moved into the circle" });
const zoomOf = async (page) => Number(await page.getByRole("slider", { name: "Zoom" }).inputValue());

/** Waits until the portrait within shows a picture, and tells its colour in the middle. */
async function portraitOf(place) {
  await place.locator(".portrait canvas").first().waitFor();
  return place.locator(".portrait canvas").first().evaluate((canvas) => {
    const [red, , blue] = canvas.getContext("2d").getImageData(canvas.width * 0.6, canvas.height / 2, 1, 1).data;
    return red > blue ? "red" : "blue";
  });
}

test("a picture is cut out with keys and seen by whoever may see the child", async (t) => {
  const { page, browser, hub, url } = await visitFamily(t);
  const ruth = await visitAsRuth(t, browser, url);
  await openChange(page);
  await sees(page, "There is no picture yet. The animal stands for Mia.");
  await choose(page, await photo(page));
  await frame(page).waitFor();
  assert.match(await focused(page) ?? "", /^$|Picture of Mia/);
  // As far to the left as it goes.
  for (let n = 0; n < 12; n += 1) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("+");
  assert.equal(await zoomOf(page), 110);
  await page.keyboard.press("-");
  for (let n = 0; n < 12; n += 1) await page.keyboard.press("ArrowLeft");
  await tap(page, "Use this picture");

  await sees(page, "This is how Mia is shown everywhere.");
  assert.equal(await focused(page), "Choose another picture");
  const seen = await lookAt(page, stored(hub), 0.6, 0.5);
  assert.deepEqual(seen, { color: RED, width: 512, height: 512 }, "in the middle it would be blue there");
  assert.equal((await lookAt(page, stored(hub), 0.7, 0.5)).color, BLUE);
  // Everywhere, at once, in this browser and in the other.
  assert.equal(await portraitOf(page.locator(".you-section")), RED);
  assert.equal(await portraitOf(ruth.locator(".child").first()), RED);
  await ruth.getByRole("link", { name: /^Mia/ }).click();
  assert.equal(await portraitOf(ruth.locator(".room-head")), RED);
  await page.evaluate(() => { location.hash = "#/record"; });
  assert.equal(await portraitOf(page.locator(".record-child").first()), RED);
  hub.people.addScreen("Kitchen tablet", hub.children[0].id);
});

test("a picture lies as it was taken, and where that was stays on the device", async (t) => {
  const { page, hub } = await visitFamily(t, { relative: false });
  await openChange(page);
  const taken = asTaken(await photo(page));
  assert.ok(taken.includes("GPS 48"));
  await choose(page, taken);
  await frame(page).waitFor();
  await tap(page, "Use this picture");
  await sees(page, "This is how Mia is shown everywhere.");

  // What was left is above.
  assert.equal((await lookAt(page, stored(hub), 0.2, 0.3)).color, RED);
  assert.equal((await lookAt(page, stored(hub), 0.2, 0.7)).color, BLUE);
  for (const trace of ["GPS", "Exif"]) assert.ok(!stored(hub).includes(trace), trace);
});

test("a picture is moved by hand and zoomed by wheel, slider and two fingers", async (t) => {
  const { page, hub } = await visitFamily(t, { relative: false, hasTouch: true });
  await openChange(page);
  await choose(page, await photo(page));
  await frame(page).scrollIntoViewIfNeeded();
  const box = await frame(page).boundingBox();
  const at = (right, down) => ({ x: box.x + box.width * right, y: box.y + box.height * down });
  const [from, to] = [at(0.3, 0.5), at(0.9, 0.5)];
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
  const colorAt = (place) => frame(page).locator("canvas").evaluate((canvas, right) => {
    const [red, , blue] = canvas.getContext("2d").getImageData(canvas.width * right, canvas.height / 2, 1, 1).data;
    return red > blue ? "red" : "blue";
  }, place);
  assert.deepEqual([await colorAt(0.6), await colorAt(0.7)], [RED, BLUE], "it was drawn to the right, as far as it goes");
  await page.mouse.wheel(0, -400);
  await page.waitForFunction(() => document.querySelector("#crop-zoom").value === "200");
  await page.getByRole("slider", { name: "Zoom" }).fill("150");
  assert.equal(await page.getByRole("slider", { name: "Zoom" }).getAttribute("aria-valuetext"), "150 %");
  const hand = await page.context().newCDPSession(page);
  const touch = (type, ...fingers) => hand.send("Input.dispatchTouchEvent", {
    type, touchPoints: fingers.map(([right, down], id) => ({ ...at(right, down), id })),
  });
  await touch("touchStart", [0.4, 0.5], [0.6, 0.5]);
  await touch("touchMove", [0.3, 0.5], [0.7, 0.5]);
  await touch("touchEnd");
  await page.waitForFunction(() => Number(document.querySelector("#crop-zoom").value) > 250);
  await tap(page, "Use this picture");
  await sees(page, "This is how Mia is shown everywhere.");

  const { width } = await lookAt(page, stored(hub), 0.5, 0.5);
  assert.ok(width < 240, "no more than was in the circle, and no larger");
});

test("a picture that is taken away comes back when that was a mistake", async (t) => {
  const { page, hub } = await visitFamily(t, { relative: false });
  await openChange(page);
  await choose(page, await photo(page));
  await tap(page, "Use this picture");
  await sees(page, "This is how Mia is shown everywhere.");
  const before = stored(hub);
  await tap(page, "Remove the picture");

  await sees(page, "The picture is gone. The animal stands for Mia again.");
  assert.equal(stored(hub), undefined);
  assert.equal(await page.locator(".portrait canvas").count(), 0);
  assert.equal(await focused(page), "Undo");
  await page.keyboard.press("Enter");
  await sees(page, "This is how Mia is shown everywhere.");
  assert.deepEqual(stored(hub), before);
  assert.equal(await portraitOf(page.locator(".you-section")), BLUE);
});

test("what is no picture is refused in words, and what was cut out stays", async (t) => {
  const { page, hub } = await visitFamily(t, { relative: false });
  await openChange(page);
  await choose(page, Buffer.from("Good night, Mia"), { name: "letter.jpg" });
  await sees(page, "This browser cannot open that picture. Choose a JPEG, PNG or WebP picture.");
  await choose(page, await photo(page));
  await frame(page).waitFor();
  const refused = [
    [{ status: 422, error: "picture_too_large" }, "This picture has more pixels than Hutch takes. Make it smaller and try again."],
    [{ status: 422, error: "unknown_picture", body: { kind: "HEIC" } }, "Hutch does not read HEIC pictures. Save it as JPEG, PNG or WebP and try again."],
  ];
  for (const [fault, words] of refused) {
    hub.faults.push({ match: /PUT .*picture/, message: "", ...fault });
    await tap(page, "Use this picture");
    await sees(page, words);
    assert.ok(await frame(page).isVisible());
  }
  await tap(page, "Cancel");
  assert.equal(await focused(page), "Choose a picture");
  assert.equal(stored(hub), undefined);
});

test("the program itself keeps a picture, and shows it after another visit", async (t) => {
  assert.equal(missing(), null);
  const { url } = await startHub(t);
  const page = await openPage(t, await startBrowser(t), url);
  await goHome(page);
  await openChange(page);
  await choose(page, asTaken(await photo(page)));
  await frame(page).waitFor();
  await tap(page, "Use this picture");
  await sees(page, "This is how Mia is shown everywhere.");
  const child = await page.evaluate(async () => (await import("/js/store.js")).store.get("children")[0].id);
  const file = await fetchBytes(page, `/api/v1/children/${child}/picture`);

  assert.deepEqual(await lookAt(page, file, 0.2, 0.3), { color: RED, width: 512, height: 512 });
  assert.equal((await lookAt(page, file, 0.2, 0.7)).color, BLUE);
  await page.reload();
  await page.locator(".you-section .portrait canvas").waitFor();
  await page.evaluate(() => { location.hash = "#/"; });
  await page.locator(".child .portrait canvas").first().waitFor();
  await openMia(page);
  await page.locator(".room-head .portrait canvas").waitFor();
});

for (const [width, viewport] of Object.entries({ 320: { width: 320, height: 640 }, 360: PHONE, 1280: DESK })) {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`a picture at ${width} px, ${colorScheme}`, async (t) => {
      const { page } = await visitFamily(t, { relative: false, viewport: { ...viewport, height: 1_400 }, colorScheme });
      await openChange(page);
      const look = async (called) => {
        await assertMeasures(page, called);
        await assertAccessible(page, called);
        await screenshot(page, `${width}-${colorScheme}-${called}`);
      };
      await look("picture-none");
      await choose(page, await photo(page));
      await frame(page).waitFor();
      await look("picture-crop");
      await tap(page, "Use this picture");
      await sees(page, "This is how Mia is shown everywhere.");
      await look("picture-set");
    });
  }
}
