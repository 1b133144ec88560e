// @ts-check

import { lookAgain, readCare } from "../api-care.js";
import { hubNow } from "../api.js";
import { careWords, findingWords, inOrder } from "../care-words.js";
import { announce, button, h, icon } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { isSignedOut } from "../sync.js";
import { when } from "../time.js";
import { errorWords } from "../words.js";
import { backupSection } from "./backup-section.js";
import { meterSection } from "./meter-section.js";
import { stateLine } from "./people-part.js";
import { section } from "./section.js";
import { errand, waiting } from "./waiting.js";

/** @typedef {import("../api-care.js").Care} Care */

/**
 * Shows what was found of the hub and its computer, and what to do about it.
 *
 * @param {HTMLElement} root
 * @param {{ moved: boolean }} scene
 * @returns {() => void} leaves nothing of it
 */
export function careView(root, { moved }) {
  root.setAttribute("aria-label", say("care.title"));
  const title = h("h2", { tabindex: "-1" }, say("care.title"));
  const sections = [hubSection(), backupSection(), meterSection()];
  root.replaceChildren(h("div", { class: "you" },
    h("header", { class: "room-head" },
      h("a", { class: "back", href: "#/", "aria-label": say("common.back_to_children") }, icon("back")), title),
    h("div", { class: "you-body" }, ...sections.map((one) => one.element))));
  if (moved) title.focus({ preventScroll: true });
  return () => {
    for (const one of sections) one.forget();
    root.replaceChildren();
  };
}

/** Makes the part about the hub and its computer. */
function hubSection() {
  const part = section("care", say("care.hub"));
  let alive = true;
  const again = errand({}, say("care.look_again"), say("care.looking"), async () => {
    store.set("care", await lookAgain());
    announce(say("care.looked"));
  });
  // It stays where it is, and keeps the focus.
  const press = h("div", {}, again.press);
  const load = async () => {
    try {
      const care = await readCare();
      if (alive) store.set("care", care);
    } catch (error) {
      if (!alive || isSignedOut(error)) return;
      const retry = button({ class: "button" }, say("common.try_again"), () => void load());
      part.show([h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))), retry]);
    }
  };
  const show = () => {
    /** @type {Care | undefined} */
    const care = store.get("care");
    if (!care) return;
    const { looked_at: at, findings } = care;
    part.show([
      h("div", { class: "care-sum" }, stateLine(() => careWords(findings)).element),
      h("ul", { class: "findings" }, ...inOrder(findings).map((finding) => {
        const words = findingWords(finding);
        return h("li", { "data-about": finding.about }, stateLine(() => words).element,
          ...(words.act ? [h("p", { class: "finding-act" }, words.act)] : []));
      })),
      h("p", { class: "note" }, at === null ? say("care.not_looked") : say("care.looked_at", { when: when(at, hubNow()) })),
      press, again.news,
    ]);
  };
  part.show([waiting(say("care.looking"))]);
  const forget = store.watch(["care"], show);
  void load();
  return {
    ...part,
    forget() {
      alive = false;
      forget();
      part.forget();
    },
  };
}
