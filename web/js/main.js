// @ts-check

// Fetches the sentences of the page's language, then the page. Everything else may say something
// while it is loaded.

import { takeInvite } from "./address.js";
import { askAhead } from "./arrival.js";
import { bestLanguage, chosenLanguage, speak } from "./language.js";

/** Where everything that the page is made of stands side by side, in a demo. */
const STYLE = "/style";
/** Leads past the worker that keeps the page, to the hub itself. */
const FRESH = "/fresh";

void start();

async function start() {
  // Whatever comes next, or does not.
  takeInvite();
  if (location.pathname === FRESH) return startFresh();
  if (location.pathname !== STYLE) askAhead();
  const language = chosenLanguage() ?? bestLanguage(navigator.languages);
  try {
    const path = `/words/${language}.json`;
    let answer = await fetch(path);
    // So some browsers say that they have it, and do not take it from where a certificate was another one.
    if (answer.status === 304) answer = await fetch(path, { cache: "reload" });
    if (!answer.ok) throw new Error(`the words answered ${answer.status}`);
    speak(language, await answer.json());
    document.documentElement.lang = language;
    if (location.pathname === STYLE && await isDemo()) await showStyle();
    else await import("./page.js");
  } catch (error) {
    /** @type {HTMLElement} */ (document.getElementById("unloaded")).hidden = false;
    throw error;
  }
}

async function startFresh() {
  const { forgetShell } = await import("./shell.js");
  await forgetShell();
  // This page is still the worker's, the next one is not.
  location.replace(`/${location.hash}`);
}

/** A family's hub has no such place. */
async function isDemo() {
  try {
    return (await (await fetch("/api/v1/door")).json()).demo === true;
  } catch {
    return false;
  }
}

async function showStyle() {
  const [{ stylePage }, { laterSheets }] = await Promise.all([import("./views/style.js"), import("./sheets.js")]);
  await laterSheets();
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = "/css/style.css";
  document.head.append(sheet);
  stylePage(/** @type {HTMLElement} */ (document.getElementById("app")));
}
