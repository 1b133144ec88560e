// The page's files are modules named .js without a package.json beside them. Node 20.19 and later
// find that out by themselves; for the Node 18 of Debian 12 this says so. And they have their
// sentences before anything else: the tests are written in English.

import { readFileSync } from "node:fs";
import { register } from "node:module";

register("data:text/javascript," + encodeURIComponent(`
  export async function load(url, context, nextLoad) {
    const format = url.includes("/web/js/") && url.endsWith(".js") ? "module" : context.format;
    return nextLoad(url, { ...context, format });
  }
`));

// A newer Node has a navigator, with the language of whoever runs the tests.
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-GB"] }, configurable: true, writable: true });

const { speak } = await import("../../web/js/language.js");
speak("en", JSON.parse(readFileSync(new URL("../../web/words/en.json", import.meta.url), "utf8")));
