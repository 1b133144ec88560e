import assert from "node:assert/strict";
import { test } from "node:test";

import { GUIDES, counterparts, guideFor, isAddress, isFirefoxOnAndroid, isOnlyHere, verdict } from "../../web/js/trust.js";
import {
  GUIDE_WORDS, appWords, fingerprintLines, installSteps, pastWarning, verdictWords,
} from "../../web/js/trust-words.js";

const AGENTS = {
  ios: [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/139.0 Mobile/15E148 Safari/605.1.15",
  ],
  android: [
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Android 14; Mobile; rv:139.0) Gecko/139.0 Firefox/139.0",
  ],
  windows: [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0",
  ],
  macos: [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  ],
  linux: [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    "something else",
  ],
  firefox: [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:139.0) Gecko/20100101 Firefox/139.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:139.0) Gecko/20100101 Firefox/139.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0",
  ],
};

test("each device is told its own way", () => {
  assert.deepEqual(Object.keys(AGENTS), GUIDES);
  for (const [guide, agents] of Object.entries(AGENTS)) {
    for (const userAgent of agents) assert.equal(guideFor({ userAgent }), guide, userAgent);
  }
});

test("an iPad that says it is a Mac is an iPad", () => {
  const [userAgent] = AGENTS.macos;

  assert.equal(guideFor({ userAgent, maxTouchPoints: 5 }), "ios");
  assert.equal(guideFor({ userAgent, maxTouchPoints: 0 }), "macos");
});

test("Firefox on Android is told apart, since it looks elsewhere", () => {
  assert.deepEqual(AGENTS.android.map(isFirefoxOnAndroid), [false, true]);
  assert.ok(AGENTS.firefox.every((agent) => !isFirefoxOnAndroid(agent)));
});

test("addresses are told from names", () => {
  for (const address of ["192.168.1.20", "127.0.0.1", "[fd00::1]"]) assert.ok(isAddress(address), address);
  for (const name of ["localhost", "hutch.local", "10.example", "1.2.3.4.lan"]) assert.ok(!isAddress(name), name);
  assert.ok(isOnlyHere("https://localhost:8443") && isOnlyHere("https://127.0.0.1") && isOnlyHere("https://[::1]:8443"));
  assert.ok(!isOnlyHere("https://hutch.local") && !isOnlyHere("https://192.168.1.20:8443"));
});

test("the hub is asked where it shows the other certificate, and only where this device can get", () => {
  const places = [
    "https://hutch.local", "https://localhost:8443", "https://127.0.0.1:8443", "https://[::1]:8443", "https://192.168.1.20",
    "https://10.0.0.7", "https://[fd00::1]",
  ];

  assert.deepEqual(counterparts(places, "hutch.local"), ["https://192.168.1.20", "https://10.0.0.7"]);
  for (const here of ["192.168.1.20", "[fd00::1]"]) assert.deepEqual(counterparts(places, here), ["https://hutch.local"]);
  assert.deepEqual(counterparts(places, "localhost"), ["https://127.0.0.1:8443"]);
  assert.deepEqual(counterparts(places, "127.0.0.1"), ["https://localhost:8443"]);
  assert.deepEqual(counterparts(["https://hutch.local"], "hutch.local"), []);
});

test("what a browser says itself goes before what got through", () => {
  for (const reached of [true, false, null]) {
    for (const byName of [true, false]) {
      assert.equal(verdict({ worker: "trusted", reached, byName }), "trusted");
      assert.equal(verdict({ worker: "refused", reached, byName }), "not_yet");
    }
  }
});

test("where nothing gets through to a name, nobody claims to know why", () => {
  const of = (reached, byName) => verdict({ worker: "unknown", reached, byName });

  assert.equal(of(true, true), "trusted");
  assert.equal(of(true, false), "trusted");
  assert.equal(of(false, false), "not_yet");
  assert.equal(of(false, true), "perhaps");
  assert.equal(of(null, false), "unknown");
  const words = verdictWords("perhaps", { name: "https://hutch.local" });
  assert.match(words.title, /does not find the name/);
  assert.match(words.text, /https:\/\/hutch\.local/);
});

test("every verdict has words of its own", () => {
  const all = ["looking", "trusted", "not_yet", "perhaps", "unknown"].map((one) => verdictWords(one, { name: "x" }));

  assert.equal(new Set(all.map(({ title }) => title)).size, all.length);
  assert.deepEqual(all.filter(({ tone }) => tone === "good").map(({ title }) => title), ["This device trusts Hutch."]);
});

test("a fingerprint stands there as the command shows it", () => {
  const [first, second] = fingerprintLines(`ab${"00".repeat(15)}cd${"11".repeat(15)}`);

  assert.equal(first, `AB${":00".repeat(15)}`);
  assert.equal(second, `CD${":11".repeat(15)}`);
});

test("every guide leads past the warning and to the file that the device takes", () => {
  for (const guide of GUIDES) {
    assert.ok(GUIDE_WORDS[guide], guide);
    const past = pastWarning(guide, "hutch.local");
    const steps = installSteps(guide);
    assert.ok(past.some(({ picture }) => picture) && steps.some(({ picture }) => picture), guide);
    const files = steps.flatMap(({ file }) => (file ? [file] : []));
    assert.deepEqual(files, [guide === "ios" ? "profile" : "certificate"], guide);
    const words = [...past, ...steps].flatMap((step) => [step.words, step.code ?? ""]).join(" ");
    assert.match(words, /fingerprint|SHA-256/, `${guide} says where to compare`);
    assert.doesNotMatch(words, /undefined|null|!/, guide);
  }
});

test("what many miss on an iPhone is a step of its own", () => {
  assert.equal(installSteps("ios").filter(({ words }) => /Certificate Trust Settings/.test(words)).length, 1);
});

test("whoever uses Firefox on Android is sent to Chrome", () => {
  assert.ok(installSteps("android").some(({ words }) => /Use Chrome/.test(words)));
});

test("an app is promised only where a browser makes one", () => {
  assert.deepEqual(GUIDES.filter((guide) => appWords(guide) === null), ["firefox"]);
});
