// @ts-check

// What the store holds and how it gets there.
//
//   hub            HubInfo
//   link           "lost" | "live" | "refused" (not signed in)
//   children       Child[]
//   toy/ID         Toy               presence/ID   { presence, volume }
//   thread/CHILD   Thread            item/ID       Item, without its delivery
//   delivery/ITEM  Delivery | null   demo/TOY      DemoToy
//   new/CHILD      ids of answers that came in and were not played
//   draft/CHILD    what was recorded and neither sent nor discarded (views/composer.js)
//   tried          what a newcomer has tried (coach.js)

import * as api from "./api.js";
import { store } from "./store.js";

/** @typedef {{ ids: string[], next: string | null }} Thread oldest first; `next` leads further back */

/** Reads the household and every conversation that is already here. */
export async function readEverything() {
  const mark = store.mark();
  try {
    const [hub, children, toys] = await Promise.all([
      api.readHub(), api.readChildren(), api.readToys(),
    ]);
    const demo = hub.demo ? await api.readDemoToys() : [];
    for (const toy of toys) {
      store.set(`toy/${toy.id}`, toy);
      store.fill(`presence/${toy.id}`, { presence: toy.presence, volume: toy.volume }, mark);
    }
    for (const toy of demo) store.fill(`demo/${toy.id}`, toy, mark);
    setIfDifferent("hub", hub);
    setIfDifferent("children", children);
    await Promise.all(children
      .filter((child) => store.get(`thread/${child.id}`))
      .map((child) => readThread(child.id)));
  } catch (error) {
    if (isSignedOut(error)) store.set("link", "refused");
    throw error;
  }
}

/**
 * Spares the page a redrawing when nothing is different.
 *
 * @param {string} key
 * @param {unknown} value
 */
function setIfDifferent(key, value) {
  if (JSON.stringify(store.get(key)) !== JSON.stringify(value)) store.set(key, value);
}

/**
 * Reads the newest page of a conversation.
 *
 * @param {string} child
 */
export async function readThread(child) {
  const mark = store.mark();
  const page = await api.readItems(child);
  const ids = takePage(page, mark);
  /** @type {Thread | undefined} */
  const known = store.get(`thread/${child}`);
  const overlap = known ? known.ids.indexOf(ids[0] ?? "") : -1;
  // Older pages that were read before stay, unless news in between left a gap.
  const thread = known && page.next !== null && overlap >= 0
    ? { ids: [...known.ids.slice(0, overlap), ...ids], next: known.next }
    : { ids, next: page.next };
  store.set(`thread/${child}`, thread);
}

/**
 * Reads one page further back.
 *
 * @param {string} child
 */
export async function readOlder(child) {
  const mark = store.mark();
  /** @type {Thread} */
  const thread = store.get(`thread/${child}`);
  const page = await api.readItems(child, thread.next);
  const ids = takePage(page, mark);
  const current = /** @type {Thread} */ (store.get(`thread/${child}`));
  const fresh = ids.filter((id) => !current.ids.includes(id));
  store.set(`thread/${child}`, { ids: [...fresh, ...current.ids], next: page.next });
}

/**
 * @param {api.Page} page
 * @param {number} mark
 */
function takePage(page, mark) {
  const items = [...page.items].reverse();
  for (const item of items) keepItem(item, mark);
  return items.map((item) => item.id);
}

/**
 * @param {api.Item} item
 * @param {number} mark
 */
function keepItem(item, mark) {
  store.fill(`delivery/${item.id}`, item.delivery, mark);
  // Items never change; keeping the first spares the bubble a new drawing.
  if (!store.get(`item/${item.id}`)) store.set(`item/${item.id}`, item);
}

/**
 * Puts items into their conversation, by time.
 *
 * @param {api.Item[]} items
 * @param {number} mark
 */
export function addItems(items, mark) {
  for (const item of items) {
    keepItem(item, mark);
    /** @type {Thread | undefined} */
    const thread = store.get(`thread/${item.child}`);
    if (!thread || thread.ids.includes(item.id)) continue;
    const at = (/** @type {string} */ id) => store.get(`item/${id}`).at;
    const ids = [...thread.ids, item.id].sort((a, b) => at(a) - at(b));
    store.set(`thread/${item.child}`, { ...thread, ids });
  }
}

/** @param {api.Delivery} delivery */
export function takeDelivery(delivery) {
  store.apply(`delivery/${delivery.item}`, delivery);
  if (delivery.state === "heard") markTried("heard");
}

/** @param {{ id: string, presence: api.Presence, volume: number | null }} toy */
export function takeToy({ id, presence, volume }) {
  store.apply(`presence/${id}`, { presence, volume });
}

/** @param {api.DemoToy} toy */
export function takeDemoToy(toy) {
  store.apply(`demo/${toy.id}`, toy);
}

/** @param {{ id: string, child: string }} news an item's id; what is in it is read separately */
export async function takeItem({ id }) {
  if (store.get(`item/${id}`)) return;
  const mark = store.mark();
  const item = await api.readItem(id);
  const isNew = !store.get(`item/${id}`);
  addItems([item], mark);
  if (!isNew || item.kind !== "recording") return;
  store.set(`new/${item.child}`, [...newAnswers(item.child), id]);
  markTried("answered");
}

/**
 * Returns the answers of a child that came in while the page was open and were not played yet.
 *
 * @param {string} child
 * @returns {string[]}
 */
export function newAnswers(child) {
  return store.get(`new/${child}`) ?? [];
}

/** @param {api.Item} item */
export function markPlayed(item) {
  if (item.kind !== "recording") return;
  store.set(`new/${item.child}`, newAnswers(item.child).filter((id) => id !== item.id));
  markTried("listened");
}

/** @param {keyof import("./coach.js").Tried} what */
export function markTried(what) {
  const tried = store.get("tried") ?? {};
  if (!tried[what]) store.set("tried", { ...tried, [what]: true });
}

/**
 * Acts on a delivery and shows what became of it.
 *
 * @param {api.Delivery} delivery
 * @param {"retry" | "withdraw" | "heard"} action
 */
export async function actOnDelivery(delivery, action) {
  const mark = store.mark();
  const changed = await noticingSignOut(api.act(delivery.id, action));
  store.fill(`delivery/${changed.item}`, changed, mark);
}

/**
 * Acts on a simulated toy and shows what became of it.
 *
 * @param {string} toy
 * @param {() => Promise<api.DemoToy>} act
 */
export async function actOnToy(toy, act) {
  const mark = store.mark();
  store.fill(`demo/${toy}`, await noticingSignOut(act()), mark);
}

/**
 * Passes an answer on, and remembers when it says that nobody is signed in.
 *
 * @template T
 * @param {Promise<T>} answer
 * @returns {Promise<T>}
 */
export async function noticingSignOut(answer) {
  try {
    return await answer;
  } catch (error) {
    if (isSignedOut(error)) store.set("link", "refused");
    throw error;
  }
}

/** @param {unknown} error */
export function isSignedOut(error) {
  return error instanceof api.ApiError && error.status === 401;
}
