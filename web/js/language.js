// @ts-check

// The language of the page: which one, its sentences, and how it counts and lists. The sentences are
// in `words/`, a file for each language; this is all that knows how they are written there.

import { once } from "./once.js";

/** @typedef {keyof typeof import("../words/en.json")} Key */
/** @typedef {string | { [category: string]: string }} Sentence one, or one for each plural category (CLDR) */
/** @typedef {Record<string, string | number>} Values */

/** The languages that the page speaks, each by its own name. */
export const LANGUAGES = /** @type {const} */ ({
  en: "English", es: "Español", pt: "Português", de: "Deutsch", fr: "Français",
});

/** @typedef {keyof typeof LANGUAGES} Language */

/** Whose dates and numbers are taken where the browser does not say.
 *
 * @type {Record<Language, string>}
 */
const LOCALES = { en: "en-GB", es: "es", pt: "pt-BR", de: "de", fr: "fr" };

const CHOICE = "language";

/** @type {Record<string, Sentence>} */
let sentences = {};
let language = /** @type {Language} */ ("en");
let formats = formatsOf(LOCALES.en);

/**
 * Takes the sentences of a language. Nothing may be said before.
 *
 * @param {Language} spoken
 * @param {Record<string, Sentence>} words
 */
export function speak(spoken, words) {
  language = spoken;
  sentences = words;
  formats = formatsOf(locale());
}

/** @param {string} tag */
function formatsOf(tag) {
  return {
    plurals: once(() => new Intl.PluralRules(tag)),
    numbers: once(() => new Intl.NumberFormat(tag)),
    lists: once(() => new Intl.ListFormat(tag)),
  };
}

/** Returns the language of the page. */
export const spokenLanguage = () => language;

/** Returns whose dates and numbers the page shows: the browser's own, if it is of the same language. */
export function locale() {
  const own = globalThis.navigator?.languages ?? [];
  return own.find((one) => one.startsWith(`${language}-`)) ?? LOCALES[language];
}

/**
 * Returns the first language of a browser that the page speaks too.
 *
 * @param {readonly string[]} wanted as a browser names them, the best one first
 * @returns {Language}
 */
export function bestLanguage(wanted) {
  const known = wanted.map((one) => one.toLowerCase().split("-")[0] ?? "").find((one) => one in LANGUAGES);
  return /** @type {Language} */ (known ?? "en");
}

/**
 * Returns the language that was chosen for this browser; null where it goes by the browser's own.
 *
 * @returns {Language | null}
 */
export function chosenLanguage() {
  let chosen = null;
  try {
    chosen = localStorage.getItem(CHOICE);
  } catch {
    // A browser that keeps nothing.
  }
  return chosen !== null && chosen in LANGUAGES ? /** @type {Language} */ (chosen) : null;
}

/**
 * Keeps the language for this browser; null goes by the browser's own again.
 *
 * @param {Language | null} chosen
 * @returns {boolean} whether the browser keeps it
 */
export function chooseLanguage(chosen) {
  try {
    if (chosen === null) localStorage.removeItem(CHOICE);
    // In which language a page is read says nothing of a household.
    // eslint-disable-next-line no-restricted-properties
    else localStorage.setItem(CHOICE, chosen);
    return true;
  } catch {
    return false;
  }
}

/**
 * Returns a sentence. `n` among the values decides between singular and plural, and numbers are
 * written as the language writes them.
 *
 * @param {Key} key
 * @param {Values} [values]
 */
export const say = (key, values = {}) => sayWith(key, values).join("");

/**
 * Returns a sentence in pieces, for what is more than text in it.
 *
 * @template {Node} N
 * @param {Key} key
 * @param {Record<string, string | number | N>} values
 * @returns {(string | N)[]}
 */
export function sayWith(key, values) {
  return formOf(key, values)
    .split(/\{(\w+)\}/)
    .map((piece, at) => {
      if (at % 2 === 0) return piece;
      const value = values[piece] ?? "";
      return typeof value === "number" ? formats.numbers().format(value) : value;
    })
    .filter((piece) => piece !== "");
}

/**
 * Returns whether there is a sentence of that name: some are named by what the hub says.
 *
 * @param {string} key
 * @returns {key is Key}
 */
export const canSay = (key) => Object.hasOwn(sentences, key);

/**
 * Returns things as one lists them: "Mia, Ben and Lu".
 *
 * @param {string[]} things
 */
export const andList = (things) => formats.lists().format(things);

/**
 * @param {Key} key
 * @param {Record<string, unknown>} values
 */
function formOf(key, values) {
  const sentence = sentences[key] ?? key;
  if (typeof sentence === "string") return sentence;
  const { n } = values;
  return sentence[formats.plurals().select(typeof n === "number" ? n : 0)] ?? sentence["other"] ?? key;
}
