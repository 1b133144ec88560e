// The scripted hub against the document of the real one: each route that one has, asked of the other. Where the
// tests in a browser use it, every answer is looked at in the same way.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Contract } from "./contract.mjs";
import { FakeHub } from "./fake-hub.mjs";
import { FakeToys } from "./fake-toys.mjs";

const contract = Contract.read();
const skip = contract === null && "there is no program that writes the document; build it or set HUTCH_BIN";

/** What the page never asks for, so that the scripted hub need not know it. */
const NOT_HERE = [
  "GET /api/v1/health", "GET /api/v1/metrics",
  // A hub that is restored into has no children yet: the tests of that are those of the real one.
  "GET /api/v1/restore", "POST /api/v1/restore", "GET /api/v1/restore/backups", "POST /api/v1/restore/file",
];

/** What is sent where an empty object would be refused. */
const bodies = ({ child, account, meeting, token, password }) => ({
  "POST /api/v1/children": { name: "Omar", animal: "cat", color: "sky" },
  "POST /api/v1/children/{child}/erase": { name: "Mia" },
  "PUT /api/v1/children/{child}/rules": { quiet: [], max_volume: null, night_volume: null, retention_days: null },
  "PUT /api/v1/items/{item}/kept": { kept: true },
  "PUT /api/v1/items/{item}/note": { text: "Good night" },
  "POST /api/v1/items/{item}/share": { account },
  "POST /api/v1/items/{item}/unshare": { account },
  "POST /api/v1/invites/look": { token },
  "POST /api/v1/relatives": { name: "Omar", grants: [{ child, relation: "uncle", needs_approval: true, daily_limit: null }] },
  "POST /api/v1/screens": { name: "Tablet", child },
  "POST /api/v1/sessions": { name: "Anna", password },
  "POST /api/v1/me/confirm": { password },
  "POST /api/v1/keys/change": { password, remove: [] },
  "POST /api/v1/meetings": { address: FakeToys.stranger().address },
  "POST /api/v1/toys": { meeting, child, name: "Rabbit", character: "rabbit" },
  "POST /api/v1/toys/{toy}/retire": { at_once: false },
});

/** Opens a household with something of everything, and asks for one thing. */
async function ask({ method, path }, { anonymous = false } = {}) {
  const hub = new FakeHub();
  const faults = [];
  hub.watcher = contract.watcher((fault) => faults.push(fault));
  const address = await hub.listen();
  const [mia] = hub.children;
  const [toy] = hub.toys;
  const ruth = hub.people.addRelative("Ruth", [{ child: mia.id }]);
  const screen = hub.people.addScreen("Tablet", mia.id);
  const recording = hub.add(mia, "recording", FakeHub.tone(0.2));
  const message = hub.add(mia, "message", FakeHub.tone(0.2), { from: ruth.id, delivery: { state: "awaiting_approval" } });
  hub.slots.set(toy.id, FakeHub.tone(0.2));
  hub.radio.reaches = "connecting";
  const entered = await fetch(`${address}/open?token=fake`, { redirect: "manual" });
  const cookie = entered.headers.get("set-cookie").split(";")[0];
  /** @returns {Promise<any>} */
  const post = async (place, body) => {
    const headers = { cookie, "content-type": "application/json" };
    return (await fetch(`${address}/api/v1/${place}`, { method: "POST", headers, body: JSON.stringify(body) })).json();
  };
  const invite = await post(`relatives/${ruth.id}/invite`, {});
  const meeting = await post("meetings", { address: FakeToys.stranger().address });
  hub.radio.move("squeezed");
  const account = path.includes("screens") ? screen.id : path.includes("guardians") ? hub.accounts.guardian.id : ruth.id;
  const ids = {
    child: mia.id, item: recording.id, delivery: message.delivery.id, toy: toy.id, slot: "2", account, invite: invite.id,
    meeting: meeting.id, session: hub.accounts.sessions[0].id, file: "hutch-root.crt", path: "",
  };
  const place = path.replace(/\{(\w+)\}/g, (_, name) => ids[name]);
  const known = bodies({ ...ids, token: new URL(invite.link).hash.slice("#invite=".length), password: hub.accounts.guardian.password });
  const isSound = /messages|\/recordings|\/record$/.test(path);
  const [type, body] = isSound ? ["audio/wav", FakeHub.tone(0.2)]
    : path.endsWith("/picture") ? ["image/webp", Buffer.from("RIFF")]
      : ["application/json", JSON.stringify(known[`${method} ${path}`] ?? {})];
  const leaving = new AbortController();
  const response = await fetch(address + place, {
    method, redirect: "manual", signal: leaving.signal,
    headers: { ...(anonymous ? {} : { cookie }), ...(method === "GET" ? {} : { "content-type": type, "idempotency-key": "k" }) },
    ...(method === "GET" ? {} : { body }),
  });
  let text = "";
  if (path === "/api/v1/events" && response.ok) {
    hub.setPresence(toy.id, "asleep");
    hub.changeToy(toy.id, { volume: 3 });
    hub.change(message, { state: "queued" });
    hub.radio.setRadio("off");
    hub.lag();
    leaving.abort();
  } else {
    text = await response.text();
  }
  // What was begun goes on for a moment.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await hub.close();
  return { status: response.status, text, faults };
}

test("each route of the hub is answered by the scripted one, as the document says", { skip }, async () => {
  const faults = [];
  for (const route of contract.routes) {
    const name = `${route.method} ${route.path}`;
    const { status, text, faults: found } = await ask(route);
    const isUnknown = status === 404 && (text === "" || JSON.parse(text).error === "not_found");
    const isLeftOut = NOT_HERE.includes(name);
    if (isUnknown !== isLeftOut) faults.push(`${name}: ${isUnknown ? "is not there" : "is there after all"}`);
    if (!isLeftOut) faults.push(...found);
    if (status === 500) faults.push(`${name}: fails`);
  }
  assert.deepEqual([...new Set(faults)], []);
});

test("whoever is not signed in is told so as the document says", { skip }, async () => {
  const faults = [];
  for (const route of contract.routes.filter(({ method, path }) => !NOT_HERE.includes(`${method} ${path}`))) {
    const { faults: found } = await ask(route, { anonymous: true });
    faults.push(...found);
  }
  assert.deepEqual([...new Set(faults)], []);
});

test("what is not as the document says is found", { skip }, () => {
  const answer = { method: "GET", pathname: "/api/v1/children", status: 200, type: "application/json", body: { children: [] } };
  assert.equal(contract.fault(answer), null);
  assert.match(contract.fault({ ...answer, body: { children: [{}] } }), /must have required property/);
  assert.match(contract.fault({ ...answer, body: { children: [], more: 1 } }), /must NOT have additional properties/);
  assert.match(contract.fault({ ...answer, status: 201 }), /never answers 201/);
  assert.match(contract.fault({ ...answer, method: "PATCH" }), /no such route/);
  assert.match(contract.fault({ ...answer, type: "text/html" }), /never text\/html/);
  assert.match(contract.eventFault("toy", { id: 3 }), /event toy/);
  assert.match(contract.eventFault("rain", null), /no event/);
});
