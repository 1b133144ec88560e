// @ts-check

// The worker that keeps what the page is made of (`/sw.js`): it is there while somebody is signed in on this device
// and the device trusts the hub, and no longer.

import { readTrust } from "./api-trust.js";
import { spokenLanguage } from "./language.js";
import { store } from "./store.js";
import { hasDraft } from "./sync.js";
import { lookOnce } from "./trust.js";

/** The names of its caches begin so. */
const OURS = "shell-";

/** Has the worker keep the page from here on, if this device trusts the hub. */
export async function keepShell() {
  const workers = navigator.serviceWorker;
  // What a demo shows is gone with it.
  if (!workers || store.get("hub")?.demo !== false) return;
  try {
    if (!await isTrusted()) return;
    const registration = await workers.register(`/sw.js?language=${spokenLanguage()}`);
    // Browsers look for another version in their own time.
    await registration.update();
  } catch {
    // A device without it shows what its browser says of a hub that is away.
  }
}

/** Chromium itself takes no worker from a hub that it does not trust. Of others one has to find out. */
async function isTrusted() {
  if (/Chrome\//.test(navigator.userAgent)) return true;
  const { places } = await readTrust();
  return await lookOnce(places.map(({ url }) => url)) === "trusted";
}

/** Lets the worker go, with all that it kept. */
export async function forgetShell() {
  try {
    const registration = await navigator.serviceWorker?.getRegistration("/");
    await registration?.unregister();
    const ours = (await caches.keys()).filter((one) => one.startsWith(OURS));
    await Promise.all(ours.map((one) => caches.delete(one)));
  } catch {
    // Where the browser has none of this there is nothing to forget.
  }
}

/** The hub answers a page that was kept: one that is older than the hub, or kept from it, loads again. */
export async function catchUp() {
  try {
    const registration = await navigator.serviceWorker.getRegistration("/");
    registration?.addEventListener("updatefound", () => {
      const worker = registration.installing;
      worker?.addEventListener("statechange", () => { if (worker.state === "installed") loadAgain(); });
    });
    await registration?.update();
  } catch {
    // The hub answers the page but not its worker, as with a certificate that somebody only went on past. Or it is
    // away again.
    const answer = await fetch("/sw.js").catch(() => null);
    if (!answer?.ok) return;
    await forgetShell();
    loadAgain();
  }
}

function loadAgain() {
  if (!hasDraft() && !store.get("recording")) location.reload();
}
