// @ts-check

// Keeps what the page is made of, so that a device away from the hub shows a page that says so. It keeps the files
// that the hub gives to anybody, in the language of the page, and nothing that it gives to somebody: a request that
// is not for one of these files never gets here any further than its name.
//
// The hub comes first, each time: a new version is there at the next load, and this here answers only where the hub
// does not. A page that is opened at "/fresh" asks the hub itself and lets this worker go.

// The build says in front what the page is made of.
const { version, files } = SHELL;

const DOCUMENT = "/";
/** The names of our caches begin so. */
const OURS = "shell-";
const WORDS = /^\/words\/(\w+)\.json$/;
// Nobody waits longer for a hub that takes a question and says nothing.
const PATIENCE_MS = 4_000;
// So long nobody asks again for each single file.
const AWAY_MS = 10_000;

const language = new URL(location.href).searchParams.get("language");
const cacheName = `${OURS}${version}-${language}`;
const kept = new Set(files.filter((file) => (WORDS.exec(file)?.[1] ?? language) === language));
let awayUntil = 0;

addEventListener("install", (/** @type {any} */ event) => event.waitUntil(keep()));
addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (/** @type {any} */ event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  // A document at any other address is for the hub alone.
  if (event.request.mode === "navigate" ? pathname === DOCUMENT : pathname !== DOCUMENT && kept.has(pathname)) {
    event.respondWith(answer(event.request, pathname));
  }
});

/** Fetches it all, or nothing, and drops what was kept before: the worker of that version can do with this one. */
async function keep() {
  try {
    const cache = await caches.open(cacheName);
    const others = [...kept].filter((file) => file !== DOCUMENT);
    await cache.addAll(others.map((file) => new Request(file, { cache: "no-cache" })));
    await cache.put(DOCUMENT, await marked(await fetch(DOCUMENT, { cache: "no-cache" })));
  } catch (error) {
    await caches.delete(cacheName);
    throw error;
  }
  const old = (await caches.keys()).filter((one) => one.startsWith(OURS) && one !== cacheName);
  await Promise.all(old.map((one) => caches.delete(one)));
  // A browser takes its time for that now and then.
  await skipWaiting();
}

/**
 * Returns the document as one that was kept, so that its script knows.
 *
 * @param {Response} document
 */
async function marked(document) {
  if (!document.ok) throw new Error(`the document answered ${document.status}`);
  const text = await document.text();
  const headers = new Headers(document.headers);
  // Of the form in which it came.
  for (const header of ["Content-Encoding", "Content-Length"]) headers.delete(header);
  return new Response(text.replace("<html ", "<html data-kept "), { headers });
}

/**
 * Asks the hub; where it does not answer, takes what was kept.
 *
 * @param {Request} request
 * @param {string} path
 * @returns {Promise<Response>}
 */
async function answer(request, path) {
  const ours = () => caches.match(path, { ignoreVary: true });
  if (Date.now() < awayUntil) {
    const known = await ours();
    if (known) return known;
  }
  const asked = fetch(request);
  /** @type {Promise<never>} */
  const tooLong = new Promise((_, reject) => setTimeout(() => reject(new Error("too long")), PATIENCE_MS));
  try {
    const response = await Promise.race([asked, tooLong]);
    awayUntil = 0;
    return response;
  } catch (error) {
    // The page was left meanwhile, which says nothing of the hub.
    if (request.signal.aborted) throw error;
    awayUntil = Date.now() + AWAY_MS;
    return await ours() ?? asked;
  }
}
