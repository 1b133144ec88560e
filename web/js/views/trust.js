// @ts-check

import { CERTIFICATE_URL, PROFILE_URL, readTrust } from "../api-trust.js";
import { announce, button, h, icon, setText } from "../dom.js";
import { isApp } from "../install.js";
import { say, sayWith } from "../language.js";
import { store } from "../store.js";
import { GUIDES, counterparts, guideFor, isAddress, isFirefoxOnAndroid, isOnlyHere, watchTrust } from "../trust.js";
import {
  FILE, GUIDE_WORDS, ROOT, appWords, fingerprintLines, installSteps, pastWarning, verdictWords,
} from "../trust-words.js";
import { errorWords } from "../words.js";
import { choiceField } from "./form.js";
import { picture } from "./picture.js";
import { qr } from "./qr.js";
import { section } from "./section.js";
import { waiting } from "./waiting.js";

/** @typedef {import("../trust.js").Verdict} Verdict */

const FILES = {
  certificate: { url: CERTIFICATE_URL, words: say("trust.fetch_certificate"), name: FILE },
  profile: { url: PROFILE_URL, words: say("trust.fetch_profile"), name: null },
};

/** Eight bytes of a fingerprint, each with its colon. */
const HALF_LINE = 8 * 3;

/**
 * Makes everything that a person needs to let a device trust the hub.
 */
export function trust() {
  const place = h("div", { class: "trust" }, waiting(say("trust.reading")));
  let forget = () => {};
  let alive = true;
  const load = async () => {
    try {
      const known = await readTrust();
      if (!alive) return;
      const shown = everything(known);
      forget = shown.forget;
      place.replaceChildren(...shown.elements);
    } catch (error) {
      if (!alive) return;
      place.replaceChildren(h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))),
        button({ class: "button" }, say("common.try_again"), () => {
          place.replaceChildren(waiting(say("trust.reading")));
          void load();
        }));
    }
  };
  void load();
  return {
    element: place,
    forget() {
      alive = false;
      forget();
    },
  };
}

/** @param {import("../api-trust.js").Trust} known */
function everything({ fingerprints, places }) {
  const urls = places.map(({ url }) => url);
  const mine = guideFor(navigator);
  const name = counterparts(urls, location.hostname)[0] ?? urls[0] ?? location.origin;
  const state = h("div", { class: "trust-state" });
  const app = section("app", say("trust.app"));
  app.element.hidden = true;
  /** @type {Verdict | null} */
  let verdict = null;

  const showState = () => {
    const { tone, icon: sign, title, text } = verdictWords(verdict ?? "looking", { name });
    state.dataset.tone = tone;
    state.replaceChildren(icon(sign), h("div", {}, h("p", { class: "trust-title" }, title), ...(text ? [h("p", {}, text)] : [])));
  };
  const showApp = () => {
    /** @type {import("../install.js").InstallEvent | null | undefined} */
    const offer = store.get("install");
    const words = appWords(mine);
    // Browsers make no app of what they warn of.
    app.element.hidden = verdict !== "trusted" || isApp() || (!offer && !words);
    app.show([
      h("p", {}, say("trust.app_text")),
      offer
        ? button({ class: "button button-primary" }, say("trust.app_install"), () => void install(offer))
        : h("p", {}, words ?? ""),
    ]);
  };
  showState();
  const unwatch = watchTrust(urls, (now) => {
    verdict = now;
    store.set("trusts", now === "trusted");
    showState();
    showApp();
    announce(verdictWords(now, { name }).title);
  });
  const forgetInstall = store.watch(["install"], showApp);

  const past = section("past", say("trust.past"));
  const install_ = section("install", say("trust.install"));
  const whose = h("p", { class: "note" });
  const show = (/** @type {import("../trust.js").Guide} */ guide) => {
    setText(whose, guide === mine ? say("trust.this_device") : say("trust.other_device"));
    past.show([
      h("p", {}, say("trust.past_text")),
      steps(pastWarning(guide, location.hostname)),
    ]);
    install_.show([
      ...(guide === "android" && isFirefoxOnAndroid(navigator.userAgent) ? [h("p", { class: "form-remark" }, icon("warning"),
        h("span", {}, say("trust.firefox_android")))] : []),
      h("p", {}, say("trust.install_text", { root: ROOT })),
      steps(installSteps(guide)),
      h("p", { class: "note" }, say("trust.still_not_yet")),
    ]);
  };
  const chosen = choiceField({
    label: say("trust.which_device"), name: "device", chosen: mine,
    choices: GUIDES.map((guide) => ({ value: guide, words: GUIDE_WORDS[guide], sign: icon(guide === "ios" || guide === "android" ? "tablet" : "shield") })),
    changed: () => show(/** @type {import("../trust.js").Guide} */ (chosen.value())),
  });
  show(mine);
  return {
    elements: [
      state, app.element, comparing(fingerprints.root),
      h("div", { class: "trust-device" }, chosen.element, whose), past.element, install_.element, elsewhere(places),
    ],
    forget() {
      unwatch();
      forgetInstall();
      for (const one of [app, past, install_]) one.forget();
    },
  };
}

/** @param {import("../install.js").InstallEvent} offer */
async function install(offer) {
  await offer.prompt();
  // It can be made once.
  store.set("install", null);
}

/** @param {string} root */
function comparing(root) {
  const part = section("compare", say("trust.compare"));
  // A narrow screen breaks each line in the middle and nowhere else.
  const lines = fingerprintLines(root).map((line) => h("code", {},
    h("span", {}, line.slice(0, HALF_LINE)), h("span", {}, line.slice(HALF_LINE))));
  part.show([
    h("p", {}, ...sayWith("trust.compare_text", { command: h("code", {}, "sudo hutch fingerprint") })),
    h("p", { class: "fingerprint", role: "group", "aria-label": say("trust.fingerprint") }, ...lines),
    h("p", { class: "note" }, say("trust.another_fingerprint")),
  ]);
  return part.element;
}

/** @param {import("../trust-words.js").Step[]} list */
function steps(list) {
  return h("ol", { class: "steps trust-steps" }, ...list.map(({ words, file, code, picture: drawn }) => h("li", {},
    h("p", {}, words),
    ...(file ? [h("a", { class: "button", href: FILES[file].url, download: FILES[file].name }, icon("down"), h("span", {}, FILES[file].words))] : []),
    ...(code ? [h("p", { class: "secret" }, h("code", {}, code))] : []),
    ...(drawn ? [picture(drawn)] : []))));
}

/** @param {import("../api-trust.js").Place[]} places */
function elsewhere(places) {
  const part = section("places", say("trust.places"));
  const reachable = places.filter(({ url }) => !isOnlyHere(url));
  // Not every device finds a name; an address every one does.
  const best = reachable.find(({ url }) => isAddress(new URL(url).hostname)) ?? reachable[0];
  part.show([
    h("p", {}, best ? say("trust.places_text") : say("trust.places_only_here")),
    h("ul", { class: "trust-places" }, ...places.map(({ url }) => h("li", {}, h("a", { class: "text-link", href: url }, url)))),
    ...(best ? [qr(best.qr, say("trust.qr", { url: best.url }))] : []),
  ]);
  return part.element;
}

/**
 * Shows it as a room of the page.
 *
 * @param {HTMLElement} root
 * @param {{ moved: boolean, frame?: import("./start.js").Frame | null }} scene `frame`: the set-up, while it is a
 *   step of it
 * @returns {() => void} leaves nothing of it
 */
export function trustRoom(root, { moved, frame = null }) {
  root.setAttribute("aria-label", say("common.trust_device"));
  const title = h("h2", { tabindex: "-1" }, say("common.trust_device"));
  const content = trust();
  root.replaceChildren(h("div", { class: "you" },
    h("header", { class: "room-head" },
      h("a", {
        class: "back back-always", href: frame ? "#/" : "#/you",
        "aria-label": say(frame ? "common.back_to_children" : "trust.back"),
      }, icon("back")), title),
    h("div", { class: "you-body" }, ...(frame ? [frame.above, content.element, frame.below] : [content.element]))));
  if (moved) title.focus({ preventScroll: true });
  return () => {
    content.forget();
    root.replaceChildren();
  };
}

/**
 * Shows it where nobody is signed in.
 *
 * @param {HTMLElement} root
 * @returns {() => void} leaves nothing of it
 */
export function trustAtDoor(root) {
  const title = h("h2", { tabindex: "-1" }, say("common.trust_device"));
  const content = trust();
  root.replaceChildren(h("a", { class: "text-link", href: "#/" }, say("common.back")), title, content.element);
  title.focus({ preventScroll: true });
  return () => {
    content.forget();
    root.replaceChildren();
  };
}
