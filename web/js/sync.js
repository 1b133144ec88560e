// @ts-check

// What the store holds and how it gets there.
//
//   hub            HubInfo
//   door           Door: whether somebody is signed in, and what stands before that
//   me             Me
//   invite         the secret of an invitation that is to be accepted, or null
//   link           "lost" | "live" | "closed" (not signed in)
//   away           whether the hub did not answer a page that nobody was let into yet
//   recording      whether somebody is speaking into the page
//   children       Child[]
//   people         People: guardians, relatives and screens; for guardians only, as are toys and:
//   news           News: what a guardian should know of
//   activity-wrong where the activity is not what this browser remembers; null when it is
//   care           Care, once somebody looked; sessions: counts how often those of whoever is here changed
//   keys           how far a change of the household's keys has come; null when there is none
//   waiting        ids of messages that wait for a guardian, the oldest first
//   toys           ids of adopted toys
//   radio          Radio.state: whether Bluetooth works
//   meeting/ID     Meeting           playroom      ids of simulated toys, adopted or not
//   toy/ID         Toy               presence/ID   Live
//   thread/CHILD   Thread            item/ID       Item, without its delivery
//   delivery/ITEM  Delivery | null   shared/ITEM   ids of relatives that may hear it
//   kept/ITEM      { kept, goes_at } whether it stays, and when it is erased by itself; note/ITEM what was written to it
//   demo/TOY       DemoToy
//   gone/ITEM      whether it was taken away
//   new/CHILD      ids of what came in for whoever is here and was not played
//   draft/CHILD    what was recorded and neither sent nor discarded (views/composer.js)
//   answering      the child whom somebody answers for in the demo
//   tried          what a newcomer has tried (coach.js); trusts, start-away: see start.js

import * as api from "./api.js";
import { checkAgain } from "./activity-memory.js";
import { readNews } from "./api-activity.js";
import { readCare } from "./api-care.js";
import { actOnSharing, readPeople } from "./api-people.js";
import { setKept } from "./api-rules.js";
import { liveOf, readRadio } from "./api-toys.js";
import { askHousehold } from "./arrival.js";
import { inOrder, noteArrival, withOne } from "./arrivals.js";
import { store } from "./store.js";

/** @typedef {{ ids: string[], next: string | null, newest?: { first: string, next: string | null } }} Thread oldest first;
 *   `next` leads further back; `newest`: the first of the newest page, and what leads further back from there */

/**
 * Conversations that are being read, with what came in since they were asked for: the answer may
 * be older.
 *
 * @type {Set<{ child: string, arrived: string[] }>}
 */
const readings = new Set();

/**
 * Items that were told of as news, played or not.
 *
 * @type {Set<string>}
 */
const told = new Set();

/**
 * Returns whether the hub has this item no more, or not for whoever is here; an answer that was under
 * way then may still tell of it.
 *
 * @param {string} id
 */
const isGone = (id) => store.get(`gone/${id}`) === true;

// As many as the hub tells of at once.
const MOST_WAITING = 100;
// So many pages that came in while the hub was away are read at once.
const MOST_MISSED = 5;
// How long news of what was erased is gathered.
const CHILDREN_MS = 300;
let childrenTimer = 0;

/** Returns whether whoever is signed in runs the household. Only then the hub tells of toys and people. */
export const isGuardian = () => store.get("me")?.role === "guardian";

/**
 * Reads what is here for whoever is signed in, and every conversation that is already here.
 *
 * @param {import("./arrival.js").First} [first] what is being read already
 */
export async function readEverything(first) {
  const mark = first?.mark ?? store.mark();
  const asked = first ? Promise.resolve(first.hub) : api.readHub();
  const [hub, children, demo] = await Promise.all([
    asked,
    first?.children ?? api.readChildren(),
    first?.demo ?? asked.then((one) => (isGuardian() && one.demo ? api.readDemoToys() : [])),
    isGuardian() ? readHousehold(first?.household, mark) : null,
  ]);
  for (const toy of demo) store.fill(`demo/${toy.id}`, toy, mark);
  setIfDifferent("playroom", demo.map(({ id }) => id));
  setIfDifferent("hub", hub);
  // A conversation that opens with this finds everything else.
  takeChildren(children);
  await Promise.all(children
    .filter((child) => store.get(`thread/${child.id}`))
    .map((child) => readThread(child.id)));
}

/**
 * Reads what only guardians may know.
 *
 * @param {ReturnType<typeof askHousehold>} asked
 * @param {number} mark of when
 */
async function readHousehold(asked = askHousehold(), mark = store.mark()) {
  // Nobody waits for what is not in their way.
  void refreshActivity().catch(() => {});
  void listen().catch(() => {});
  void refreshCare().catch(() => {});
  const { toys, people, waiting, keys } = asked;
  const changing = keys.then((progress) => store.fill("keys", progress, mark));
  await Promise.all([refreshToys(toys, mark), refreshPeople(people), refreshWaiting(waiting, mark), changing]);
}

/** Reads which toys are adopted, and how they are. */
async function refreshToys(asked = api.readToys(), mark = store.mark()) {
  const toys = await asked;
  for (const toy of toys) {
    setIfDifferent(`toy/${toy.id}`, toy);
    store.fill(`presence/${toy.id}`, liveOf(toy), mark);
  }
  setIfDifferent("toys", toys.map(({ id }) => id));
}

/** Reads the toys again, and whose they are. */
export async function refreshAdopted() {
  // A conversation that opens with a toy of its child knows the toy.
  await refreshToys();
  await refreshChildren();
}

/** @returns {string[]} */
export const toyIds = () => store.get("toys") ?? [];

/**
 * Calls `tell` after each change of what is adopted, or of one of the toys, until the returned function is
 * called.
 *
 * @param {() => void} tell
 * @returns {() => void}
 */
export function watchToys(tell) {
  let forget = () => {};
  const follow = () => {
    forget();
    forget = store.watch(toyIds().map((id) => `toy/${id}`), tell);
  };
  const forgetList = store.watch(["toys"], () => {
    follow();
    tell();
  });
  follow();
  return () => {
    forget();
    forgetList();
  };
}

/** Reads what a guardian should know of, and whether the activity is what this browser remembers. */
export async function refreshActivity() {
  const [news, wrong] = await Promise.all([readNews(), checkAgain(store.get("me").id)]);
  setIfDifferent("news", news);
  setIfDifferent("activity-wrong", wrong);
}

/** @param {{ changing: import("./api-keys.js").KeyProgress | null }} news */
export function takeKeys({ changing }) {
  store.apply("keys", changing);
}

/** Reads what is found of the hub again, if somebody looked before. */
export async function refreshCare() {
  if (store.get("care")) setIfDifferent("care", await readCare());
}

/** Reads who belongs to the household. */
export async function refreshPeople(asked = readPeople()) {
  setIfDifferent("people", await asked);
}

/** Reads the children again: who they are, and how much a relative may still send. */
export async function refreshChildren() {
  takeChildren(await api.readChildren());
}

// What may be late about quiet hours that begin or end.
const QUIET_SLACK_MS = 1_000;
// While the hub does not know how late it is, nobody knows when that ends. A timer takes no more than 24 days.
const QUIET_ASK_MS = 60_000;
const LONGEST_TIMER_MS = 86_400_000;
let quietTimer = 0;

/**
 * Keeps the children, and reads them again when quiet hours of one begin or end.
 *
 * @param {api.Child[]} children
 */
function takeChildren(children) {
  setIfDifferent("children", children);
  clearTimeout(quietTimer);
  const waits = children.flatMap(({ quiet, quiet_at: begins }) => {
    if (quiet && quiet.until === null) return [QUIET_ASK_MS];
    const at = quiet?.until ?? begins ?? null;
    return at === null ? [] : [Math.max(0, (at - api.hubNow()) * 1000) + QUIET_SLACK_MS];
  });
  if (waits.length === 0) return;
  const again = () => { quietTimer = setTimeout(() => void refreshChildren().catch(again), QUIET_ASK_MS); };
  quietTimer = setTimeout(() => void refreshChildren().catch(again), Math.min(LONGEST_TIMER_MS, ...waits));
}

/**
 * Returns a child's quiet hours, while they last.
 *
 * @param {string} child
 * @returns {api.Quiet | null}
 */
export function quietOf(child) {
  /** @type {api.Child[]} */
  const children = store.get("children") ?? [];
  return children.find(({ id }) => id === child)?.quiet ?? null;
}

/** Reads which messages wait for a guardian. */
async function refreshWaiting(asked = api.readWaiting(), mark = store.mark()) {
  const before = waitingIds();
  const items = await asked;
  for (const item of items) keepItem(item, mark);
  const ids = items.map(({ id }) => id);
  const arrived = waitingIds().filter((id) => !before.includes(id) && !ids.includes(id));
  setIfDifferent("waiting", [...ids, ...arrived].filter((id) => !isGone(id) && isWaiting(id)));
}

/** @returns {string[]} */
export const waitingIds = () => store.get("waiting") ?? [];

/** @param {string} item */
const isWaiting = (item) => store.get(`delivery/${item}`)?.state === "awaiting_approval";

/**
 * Keeps the list of what waits as the delivery is now.
 *
 * @param {string} item
 */
function noteWaiting(item) {
  const waits = !isGone(item) && Boolean(store.get(`item/${item}`)) && isWaiting(item);
  const ids = waitingIds();
  if (!isGuardian() || waits === ids.includes(item)) return;
  store.set("waiting", waits ? [...ids, item] : ids.filter((id) => id !== item));
  // There may be more than the hub told of.
  if (!waits && ids.length >= MOST_WAITING) void refreshWaiting().catch(() => {});
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
  const reading = { child, arrived: /** @type {string[]} */ ([]) };
  readings.add(reading);
  try {
    const page = await api.readItems(child);
    let ids = takePage(page, mark);
    const newest = { first: ids[0] ?? "", next: page.next };
    /** @type {() => Thread | undefined} */
    const known = () => store.get(`thread/${child}`);
    const before = known();
    if (before) noteMissed(before, page.items);
    const reaches = () => known()?.ids.indexOf(ids[0] ?? "") ?? -1;
    let { next } = page;
    // What came in meanwhile may be more than a page; whoever reads further back must not lose their place.
    for (let n = 0; before?.ids.length && reaches() < 0 && next !== null && n < MOST_MISSED; n += 1) {
      const older = await api.readItems(child, next);
      ids = [...takePage(older, mark), ...ids];
      ({ next } = older);
    }
    const [now, overlap] = [known(), reaches()];
    // Older pages that were read before stay, unless news in between left a gap.
    const thread = now && next !== null && overlap >= 0
      ? { ids: [...now.ids.slice(0, overlap), ...ids], next: now.next } : { ids, next };
    store.set(`thread/${child}`, { ...thread, newest, ids: withThese(thread.ids, reading.arrived) });
  } finally {
    readings.delete(reading);
  }
}

/**
 * Keeps what a page tells of, and returns the ids of what is not gone, the oldest first.
 *
 * @param {api.Page} page
 * @param {number} mark
 */
export function takePage(page, mark) {
  const items = [...page.items].reverse();
  for (const item of items) keepItem(item, mark);
  return items.map((item) => item.id).filter((id) => !isGone(id));
}

/**
 * @param {api.Item} item
 * @param {number} mark
 */
function keepItem(item, mark) {
  // What was taken back may be shared again.
  store.fill(`gone/${item.id}`, false, mark);
  store.fill(`delivery/${item.id}`, item.delivery, mark);
  if (JSON.stringify(store.get(`shared/${item.id}`)) !== JSON.stringify(item.shared_with)) {
    store.fill(`shared/${item.id}`, item.shared_with, mark);
  }
  keepStanding(item, mark);
  store.fill(`note/${item.id}`, item.note ?? null, mark);
  // The rest of an item never changes; keeping the first spares the bubble a new drawing.
  if (!store.get(`item/${item.id}`)) store.set(`item/${item.id}`, item);
}

/**
 * Keeps whether an item stays, and when it is erased by itself.
 *
 * @param {api.Item} item
 * @param {number} mark
 */
function keepStanding({ id, kept = false, goes_at = null }, mark) {
  const standing = { kept, goes_at };
  if (JSON.stringify(store.get(`kept/${id}`)) !== JSON.stringify(standing)) store.fill(`kept/${id}`, standing, mark);
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
    if (isGone(item.id)) continue;
    noteWaiting(item.id);
    for (const reading of readings) if (reading.child === item.child) reading.arrived.push(item.id);
    /** @type {Thread | undefined} */
    const thread = store.get(`thread/${item.child}`);
    if (!thread || thread.ids.includes(item.id)) continue;
    store.set(`thread/${item.child}`, { ...thread, ids: withOne(thread.ids, item.id) });
  }
}

/**
 * Returns a conversation's ids with some more in their places.
 *
 * @param {string[]} ids
 * @param {string[]} more
 */
function withThese(ids, more) {
  return inOrder([...new Set([...ids, ...more.filter((id) => !isGone(id))])]);
}

/**
 * Takes an item away that the hub has no more.
 *
 * @param {string} id
 * @param {string} child
 */
function removeItem(id, child) {
  store.apply(`gone/${id}`, true);
  told.delete(id);
  /** @type {Thread | undefined} */
  const thread = store.get(`thread/${child}`);
  if (thread?.ids.includes(id)) {
    store.set(`thread/${child}`, { ...thread, ids: thread.ids.filter((one) => one !== id) });
  }
  forgetAnswer(child, id);
  noteWaiting(id);
}

/** @param {api.Delivery} delivery */
export function takeDelivery(delivery) {
  store.apply(`delivery/${delivery.item}`, delivery);
  noteWaiting(delivery.item);
  if (delivery.state === "heard") markTried("heard");
}

/** @param {{ id: string, child: string }} news an item that is there no more, for nobody */
export function takeErased({ id, child }) {
  removeItem(id, child);
  for (const what of ["item", "note"]) store.set(`${what}/${id}`, undefined);
  // When something was last said is not what it was. Many go at once: one question does.
  clearTimeout(childrenTimer);
  childrenTimer = setTimeout(() => void refreshChildren().catch(() => {}), CHILDREN_MS);
}

/** @param {import("./api-toys.js").Live & { id: string }} toy */
export const takeToy = (toy) => store.apply(`presence/${toy.id}`, liveOf(toy));

/** @param {Pick<import("./api-toys.js").Radio, "state">} news */
export function takeRadio({ state }) {
  store.apply("radio", state);
}

/** @param {import("./api-toys.js").Meeting} meeting */
export function takeMeeting(meeting) {
  store.apply(`meeting/${meeting.id}`, meeting);
}

/**
 * Reads which toys are awake nearby, and whether Bluetooth works.
 *
 * @returns {Promise<import("./api-toys.js").Radio>}
 */
export async function listen() {
  const mark = store.mark();
  const radio = await readRadio();
  store.fill("radio", radio.state, mark);
  return radio;
}

/**
 * Asks the hub for a meeting, or about one, and shows how it is.
 *
 * @param {() => Promise<import("./api-toys.js").Meeting>} ask
 * @returns {Promise<string>} its id
 */
export async function followMeeting(ask) {
  const mark = store.mark();
  const meeting = await ask();
  store.fill(`meeting/${meeting.id}`, meeting, mark);
  return meeting.id;
}

/** @param {api.DemoToy} toy */
export function takeDemoToy(toy) {
  store.apply(`demo/${toy.id}`, toy);
}

/**
 * @param {{ id: string, child: string }} news an item that is there, or is there no more; what is in
 *   it is read separately
 */
export async function takeItem({ id, child }) {
  const mark = store.mark();
  noteArrival(id);
  // A page that is being read may bring it first.
  const isNew = isGone(id) || !store.get(`item/${id}`);
  let item;
  try {
    item = await api.readItem(id);
  } catch (error) {
    if (!isMissing(error)) throw error;
    removeItem(id, child);
    return;
  }
  addItems([item], mark);
  if (isNew && !isGone(id)) noteNews([item]);
}

/**
 * Tells what came in while nobody told of it: before the stream of events was open, or while it was lost.
 *
 * @param {Thread} known the conversation as it was
 * @param {api.Item[]} items the newest page of it
 */
function noteMissed(known, items) {
  // What stands before all that was here was said before it: the page reaches further back than it did.
  const since = known.ids.length > 0 ? store.get(`item/${known.ids[0]}`).at : 0;
  noteNews(items.filter(({ id, at }) => at >= since && !known.ids.includes(id) && !isGone(id)).reverse());
}

/**
 * Keeps that something came in, once for each item.
 *
 * @param {api.Item[]} items the oldest first
 */
function noteNews(items) {
  for (const { id, child, kind, mine } of items) {
    if (kind !== newsKind() || mine || told.has(id)) continue;
    told.add(id);
    store.set(`new/${child}`, inOrder([...newAnswers(child), id]));
    markTried("answered");
  }
}

/** What is news here: what a child said, and on the child's own screen what was said to it. */
const newsKind = () => (store.get("me")?.role === "child_screen" ? "message" : "recording");

/**
 * Returns the answers of a child (on its screen: the messages for it) that came in while the page was open and were not played yet.
 *
 * @param {string} child
 * @returns {string[]}
 */
export function newAnswers(child) {
  return store.get(`new/${child}`) ?? [];
}

/** @param {api.Item} item */
export function markPlayed(item) {
  forgetAnswer(item.child, item.id);
  if (item.kind === "recording") markTried("listened");
}

/**
 * @param {string} child
 * @param {string} id
 */
function forgetAnswer(child, id) {
  if (!newAnswers(child).includes(id)) return;
  store.set(`new/${child}`, newAnswers(child).filter((one) => one !== id));
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
 * @param {import("./words.js").Action} action
 */
export async function actOnDelivery(delivery, action) {
  const mark = store.mark();
  const changed = await api.act(delivery.id, action);
  store.fill(`delivery/${changed.item}`, changed, mark);
  noteWaiting(changed.item);
}

/**
 * Shares a recording with a relative, or takes it back, and shows what became of it.
 *
 * @param {string} item
 * @param {"share" | "unshare"} action
 * @param {string} account
 */
export async function share(item, action, account) {
  const mark = store.mark();
  const { shared_with } = await actOnSharing(item, action, account);
  store.fill(`shared/${item}`, shared_with, mark);
}

/**
 * Keeps an item whatever its age, or lets it go when its time is over, and shows what became of it.
 *
 * @param {string} item
 * @param {boolean} kept
 */
export async function keep(item, kept) {
  const mark = store.mark();
  keepStanding(await setKept(item, kept), mark);
}

/**
 * Acts on a simulated toy and shows what became of it.
 *
 * @param {string} toy
 * @param {() => Promise<api.DemoToy>} act
 */
export async function actOnToy(toy, act) {
  const mark = store.mark();
  store.fill(`demo/${toy}`, await act(), mark);
}

/** @param {unknown} error */
function isMissing(error) {
  return error instanceof api.ApiError && error.code === "no_such_item";
}

/** @param {unknown} error */
export function isSignedOut(error) {
  return error instanceof api.ApiError && error.code === "not_signed_in";
}

/** Returns whether something was recorded that is neither sent nor discarded. */
export function hasDraft() {
  /** @type {api.Child[]} */
  const children = store.get("children") ?? [];
  return children.some(({ id }) => store.get(`draft/${id}`));
}
