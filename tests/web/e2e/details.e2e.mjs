// What is known of a message or recording: who sent it, what was done with it, and who heard it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeHub } from "../fake-hub.mjs";
import { noteForbidden, visitAsRuth, visitFamily } from "./family.mjs";
import { DESK, PHONE, assertAccessible, assertMeasures, screenshot } from "./support.mjs";
import { live, openMia } from "./visit.mjs";

const bubble = (page, kind) => page.locator(`.bubble-${kind}`);
const opener = (page, kind) => bubble(page, kind).getByRole("button", { name: /^Details of/ });
const lines = (page, kind) => bubble(page, kind).locator(".item-lines > li");

/** Ruth's message, which Anna let through and the toy holds, and what Mia said. */
function talk({ hub, ruth }) {
  const [mia] = hub.children;
  const at = hub.accounts.now() - 3_600;
  const sent = hub.add(mia, "message", FakeHub.tone(3), { from: ruth.id, delivery: { state: "on_toy" }, quiet: true });
  hub.add(mia, "recording", FakeHub.tone(2), { shared_with: [ruth.id], quiet: true });
  hub.activity.note("approved", { at, account: hub.accounts.guardian, subject: ruth, item: sent.id, child: mia });
  hub.activity.note("kept", { at, account: hub.accounts.guardian, item: "another", child: mia });
}

for (const [name, viewport, colorScheme] of [["phone", PHONE, "dark"], ["desk", DESK, "light"]]) {
  test(`a message says who sent it, who let it through, and where it is (${name})`, async (t) => {
    const { page, hub } = await visitFamily(t, { prepare: talk, viewport, colorScheme });
    await openMia(page);
    await opener(page, "other").waitFor();
    await live(page);

    await opener(page, "other").click();

    await lines(page, "other").nth(3).waitFor();
    const told = await lines(page, "other").locator("span").allTextContents();
    assert.ok(told.includes("Ruth sent it"), told.join());
    assert.ok(told.some((one) => /^You .*Ruth/.test(one)), told.join());
    assert.ok(told.some((one) => /^Bentley has it/.test(one)), told.join());
    assert.ok(told.some((one) => /gives up$/.test(one)), told.join());
    assert.equal(told.length, 4, "nothing of another item");
    await bubble(page, "other").getByText("Hutch does not note who plays it on a page.").waitFor();
    await assertAccessible(page, "details");
    await assertMeasures(page, "details");
    await screenshot(page, `details-${name}`);

    // What comes while it is open is there.
    const { delivery } = hub.items.find(({ kind }) => kind === "message");
    Object.assign(delivery, { state: "heard", heard_at: hub.accounts.now() });
    hub.emit("delivery", { waits_for: null, waits_until: null, ...delivery });
    await lines(page, "other").getByText("Mia heard it").waitFor();
    assert.equal(await lines(page, "other").getByText(/gives up$/).count(), 0);

    await opener(page, "other").click();
    assert.equal(await lines(page, "other").count(), 0);
    assert.equal(await opener(page, "other").getAttribute("aria-expanded"), "false");
  });
}

test("a recording says which toy it is from, and with whom it is shared", async (t) => {
  const { page } = await visitFamily(t, { prepare: talk, viewport: PHONE });
  await openMia(page);
  await opener(page, "theirs").click();

  await lines(page, "theirs").nth(1).waitFor();
  assert.deepEqual(await lines(page, "theirs").locator("span").allTextContents(), ["Recorded by Bentley", "Shared with Ruth"]);
});

test("a relative learns of their own message where it is, and asks for nothing that is the guardians’", async (t) => {
  const { url, browser } = await visitFamily(t, { prepare: talk });
  const page = await visitAsRuth(t, browser, url);
  await openMia(page);
  const asked = noteForbidden(page);

  await opener(page, "mine").click();

  await lines(page, "mine").nth(2).waitFor();
  const told = await lines(page, "mine").locator("span").allTextContents();
  assert.deepEqual(told.slice(0, 2), ["You sent it", "Mia’s toy has it; Hutch has not seen it played yet"]);
  assert.deepEqual(asked, []);
});

test("what cannot be read is said, and what is known is there", async (t) => {
  const { page, hub } = await visitFamily(t, { prepare: talk, viewport: PHONE });
  await openMia(page);
  await opener(page, "other").waitFor();
  hub.faults.push({ match: /\/activity$/, status: 500, error: "internal" });

  await opener(page, "other").click();

  await bubble(page, "other").getByRole("alert").waitFor();
  assert.ok((await lines(page, "other").locator("span").allTextContents()).includes("Ruth sent it"));
});
