// @ts-check

import { announce, button, h, icon, keepingFocus, setText } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { isSignedOut, listen, watchToys } from "../sync.js";
import { NOT_HEARD, SIGNAL_WORDS, foundWords, markWords, signalLevel, strangerWords, whoseWords } from "../toy-words.js";
import { errorWords } from "../words.js";
import { portrait } from "./portrait.js";
import { radioNotice } from "./radio-notice.js";

/** @typedef {import("../api-toys.js").Heard} Heard */

const LISTEN_MS = 2_000;
// A toy advertises about every second, and a radio misses some of it.
const PATIENCE_MS = 8_000;

/**
 * Makes the list of toys that are awake nearby. It is read again and again, and keeps its order: what
 * somebody is about to press stays where it is.
 *
 * @param {{ choose: (heard: Heard) => void, wrong?: string | null }} scene `wrong`: why the one chosen before
 *   cannot be met
 */
export function nearby({ choose, wrong = null }) {
  const heading = h("h3", { tabindex: "-1" }, say("adopt.squeeze"));
  const refused = h("p", { class: "form-wrong", role: "alert", hidden: wrong === null }, icon("warning"), h("span", {}, wrong ?? ""));
  const list = h("ul", { class: "nearby", "aria-label": say("adopt.nearby") });
  const none = h("p", { class: "nearby-none" },
    h("span", { class: "listening", "aria-hidden": "true" }), h("span", {}, say("adopt.listening")));
  const help = h("details", { class: "more" }, h("summary", {}, say("adopt.not_listed")),
    h("div", {}, h("ul", {}, ...NOT_HEARD.map((step) => h("li", {}, step)))));
  const trouble = h("p", { class: "note", role: "status" });
  const found = h("div", { class: "nearby-found" },
    h("p", { class: "note" }, say("adopt.tap")),
    h("h4", {}, say("adopt.nearby")), list, none, help);
  const air = radioNotice((works) => { found.hidden = !works; });

  /** @type {Heard[]} in the order in which they were heard first */
  let all = [];
  /** @type {Map<string, ReturnType<typeof row>>} */
  const rows = new Map();
  let told = -1;
  const began = Date.now();

  const show = () => {
    for (const [address, { element }] of rows) {
      if (all.some((one) => one.address === address)) continue;
      rows.delete(address);
      keepingFocus(element, () => element.remove(), () => heading);
    }
    for (const one of all) {
      const isOurs = nameOf(one) !== null;
      const old = rows.get(one.address);
      const made = old?.isOurs === isOurs ? old : row(one.address, isOurs, () => choose(heardAt(one.address) ?? one));
      made.show(one, all);
      if (made === old) continue;
      rows.set(one.address, made);
      if (old) keepingFocus(old.element, () => old.element.replaceWith(made.element), () => heading);
      else list.append(made.element);
    }
    const n = all.filter((one) => nameOf(one) === null).length;
    list.hidden = all.length === 0;
    none.hidden = n > 0;
    if (n !== told && (n > 0 || told > 0)) announce(foundWords(n));
    told = n;
    // Whoever finds nothing for a while is told what to try.
    if (n === 0 && Date.now() - began > PATIENCE_MS && store.get("radio") === "works" && !help.dataset.offered) {
      help.dataset.offered = "true";
      help.open = true;
    }
  };
  const heardAt = (/** @type {string} */ address) => all.find((one) => one.address === address);

  let alive = true;
  let timer = 0;
  const hear = async () => {
    try {
      const { toys } = await listen();
      if (!alive) return;
      const known = all.flatMap(({ address }) => toys.filter((one) => one.address === address));
      all = [...known, ...toys.filter(({ address }) => !heardAt(address))];
      setText(trouble, "");
      show();
    } catch (error) {
      if (!alive || isSignedOut(error)) return;
      setText(trouble, say("adopt.keeps_trying", { error: errorWords(error) }));
    }
    if (alive) timer = setTimeout(() => void hear(), LISTEN_MS);
  };
  const forgetToys = watchToys(show);
  void hear();
  return {
    heading, nodes: [heading, refused, air.element, found, trouble],
    forget() {
      alive = false;
      clearTimeout(timer);
      forgetToys();
      air.forget();
    },
  };
}

/**
 * Returns what an adopted toy is called; null for one that is nobody's.
 *
 * @param {Heard} heard
 * @returns {string | null}
 */
function nameOf({ toy }) {
  return toy === null ? null : store.get(`toy/${toy}`)?.name ?? say("adopt.an_adopted_toy");
}

/**
 * Returns what is said of a toy that is adopted already.
 *
 * @param {import("../api.js").Animal | null} character
 * @param {string | undefined} child
 */
const oursWords = (character, child) => (character === null ? say("adopt.here_already_unknown")
  : say("adopt.here_already", { whose: whoseWords({ character }, child) }));

/**
 * @param {string} address
 * @param {boolean} isOurs
 * @param {() => void} choose
 */
function row(address, isOurs, choose) {
  const picture = h("span", { class: "near-picture" });
  const name = h("span", { class: "near-name" });
  const mark = h("span", { class: "note" });
  const bars = h("span", { class: "signal", "aria-hidden": "true" }, h("span", {}), h("span", {}), h("span", {}));
  const signal = h("span", { class: "note" });
  const inside = [picture, h("span", { class: "near-words" }, name, mark, h("span", { class: "near-signal" }, bars, signal))];
  const press = isOurs ? h("div", { class: "near is-ours" }, ...inside, icon("check")) : button({ class: "near" }, "", choose);
  if (!isOurs) press.append(...inside, icon("forward"));
  let drawn = "";
  return {
    isOurs, element: h("li", { "data-address": address }, press),
    /**
     * @param {Heard} heard
     * @param {Heard[]} all
     */
    show(heard, all) {
      const child = (store.get("children") ?? []).find((/** @type {import("../api.js").Child} */ { id }) => id === heard.child);
      const animal = store.get(`toy/${heard.toy}`)?.character ?? heard.character;
      const look = JSON.stringify([animal, child?.color]);
      if (look !== drawn) {
        picture.replaceChildren(animal ? portrait({ animal, color: child?.color ?? "stone" })
          : h("span", { class: "portrait near-unknown", "aria-hidden": "true" }, icon("paw")));
      }
      drawn = look;
      setText(name, nameOf(heard) ?? strangerWords(heard.character));
      setText(mark, isOurs ? oursWords(animal, child?.name) : markWords(heard, all));
      const level = signalLevel(heard.signal_dbm);
      bars.dataset.level = level ?? "";
      bars.hidden = level === null;
      setText(signal, level === null ? "" : SIGNAL_WORDS[level]);
    },
  };
}
