// @ts-check

// The page as an app of its own, where the browser makes one.

import { store } from "./store.js";

/**
 * @typedef {Event & { prompt: () => Promise<{ outcome: "accepted" | "dismissed" }> }} InstallEvent
 */

/** Keeps the browser's offer until somebody wants it, instead of showing it at once. */
export function keepInstallOffer() {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    store.set("install", event);
  });
  addEventListener("appinstalled", () => store.set("install", null));
}

/** Returns whether the page is an app here already. */
export const isApp = () => matchMedia("(display-mode: standalone)").matches
  || /** @type {any} */ (navigator).standalone === true;
