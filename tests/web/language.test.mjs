// The sentences of the page in its languages: each is there in each of them, whole.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, test } from "node:test";

import { LANGUAGES, andList, bestLanguage, canSay, say, sayWith, speak } from "../../web/js/language.js";

const FOLDER = new URL("../../web/words/", import.meta.url);
const wordsOf = (language) => JSON.parse(readFileSync(new URL(`${language}.json`, FOLDER), "utf8"));
const ENGLISH = wordsOf("en");
const OTHERS = Object.keys(LANGUAGES).filter((language) => language !== "en");

/** Every form of a sentence: one, or one for each plural category. */
const formsOf = (sentence) => (typeof sentence === "string" ? [sentence] : Object.values(sentence));
const holesOf = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

after(() => speak("en", ENGLISH));

test("there is a file for each language and no other", () => {
  assert.deepEqual(readdirSync(FOLDER).sort(), Object.keys(LANGUAGES).map((language) => `${language}.json`).sort());
});

for (const language of Object.keys(LANGUAGES)) {
  test(`every sentence is there in ${LANGUAGES[language]}, with the same values`, () => {
    const words = wordsOf(language);
    assert.deepEqual(Object.keys(words).sort(), Object.keys(ENGLISH).sort());
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const [key, sentence] of Object.entries(words)) {
      const english = ENGLISH[key];
      assert.equal(typeof sentence, typeof english, key);
      const wanted = [...new Set(formsOf(english).flatMap(holesOf))];
      for (const [category, text] of Object.entries(typeof sentence === "string" ? { other: sentence } : sentence)) {
        assert.ok(text.trim() !== "" && text === text.trim(), `${key}: ${text}`);
        // "One message" needs no number; nothing else may be left out or made up.
        const holes = [...new Set(holesOf(text))];
        const missing = wanted.filter((name) => !holes.includes(name) && !(name === "n" && category === "one"));
        assert.deepEqual(missing, [], `${key}: ${text}`);
        assert.deepEqual(holes.filter((name) => !wanted.includes(name)), [], `${key}: ${text}`);
        assert.equal(text.replace(/\{\w+\}/g, "").match(/[{}]/), null, `${key}: ${text}`);
        assert.doesNotMatch(text, / {2}|!|'|\.\.\./, `${key}: ${text}`);
      }
      if (typeof sentence !== "string") {
        const missing = categories.filter((one) => !(one in sentence));
        assert.deepEqual(missing, [], `${key} has no plural for ${missing.join()}`);
      }
    }
  });
}

for (const language of OTHERS) {
  test(`nothing was left in English in ${LANGUAGES[language]}`, () => {
    const words = wordsOf(language);
    const same = Object.keys(ENGLISH).filter((key) => {
      const [english] = formsOf(ENGLISH[key]);
      // Names, numbers and single words are often the same.
      return formsOf(words[key]).includes(english) && english.replace(/\{\w+\}/g, "").split(/\s+/).filter((word) => /\p{L}{2}/u.test(word)).length > 2;
    });
    assert.deepEqual(same, []);
  });
}

test("plurals, numbers and lists are those of the language", () => {
  const sentences = { "a.b": { one: "{n} Nachricht", other: "{n} Nachrichten" }, "a.c": "Für {child} um {time}" };
  speak("de", sentences);
  assert.equal(say("a.b", { n: 1 }), "1 Nachricht");
  assert.equal(say("a.b", { n: 1234 }), "1.234 Nachrichten");
  assert.equal(andList(["Mia", "Ben", "Lu"]), "Mia, Ben und Lu");
  const strong = { nodeType: 1 };
  assert.deepEqual(sayWith("a.c", { child: strong, time: "7:00" }), ["Für ", strong, " um ", "7:00"]);
  speak("fr", { "a.b": { one: "{n} message", many: "{n} de messages", other: "{n} messages" } });
  assert.equal(say("a.b", { n: 0 }), "0 message");
});

test("what nobody put into words is no sentence", () => {
  speak("en", ENGLISH);
  assert.equal(canSay("error.made_up"), false);
  assert.equal(canSay("constructor"), false);
});

test("a browser is answered in the first of its languages that the page speaks", () => {
  assert.equal(bestLanguage(["de-AT", "en"]), "de");
  assert.equal(bestLanguage(["nl", "PT-br"]), "pt");
  assert.equal(bestLanguage(["ja"]), "en");
  assert.equal(bestLanguage([]), "en");
});
