// @ts-check

import { countWords, goesWords } from "../amount-words.js";
import { sizeWords } from "../size-words.js";
import { readAmounts } from "../api-amounts.js";
import { hubNow } from "../api.js";
import { readBackups } from "../api-backups.js";
import { held, heldWords, isCounted } from "../backup-words.js";
import { button, h, icon, keepingFocus } from "../dom.js";
import { say } from "../language.js";
import { notice } from "../notice-words.js";
import { store } from "../store.js";
import { day } from "../time.js";
import { errorWords } from "../words.js";
import { sheet } from "./keepsake.js";
import { section } from "./section.js";
import { waiting } from "./waiting.js";

/** @typedef {import("../api-amounts.js").Amounts} Amounts */
/** @typedef {import("../api-amounts.js").Amount} Amount */
/** @typedef {import("../api-backups.js").Backups} Backups */
/** @typedef {import("../api.js").Child} Child */

/** How often it is counted anew while somebody looks. */
const EVERY_MS = 20_000;
/** What changes in quick succession is counted once. */
const SOON_MS = 400;

/** Makes the parts about what is kept: in numbers, and as a notice for the family. */
export function amountsSections() {
  const numbers = section("amounts", say("amounts.title"));
  const paper = section("notice", say("notice.title"));
  numbers.show([waiting(say("amounts.counting"))]);
  paper.show([waiting(say("amounts.counting"))]);
  const printed = makePrinter();
  let alive = true;
  let asking = false;
  let soon = 0;
  let shown = "";

  const load = async () => {
    if (!alive || asking || document.hidden) return;
    asking = true;
    try {
      // What is on the hub is said even where a stick does not answer.
      const [amounts, backups] = await Promise.all([readAmounts(), readBackups().catch(() => null)]);
      if (alive) show(amounts, backups);
    } catch (error) {
      if (alive && shown === "") {
        const again = button({ class: "button" }, say("common.try_again"), () => void load());
        numbers.show([h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))), again]);
      }
    }
    asking = false;
  };
  /**
   * @param {Amounts} amounts
   * @param {Backups | null} backups null where they cannot be looked at
   */
  const show = (amounts, backups) => {
    const people = store.get("people");
    const now = JSON.stringify([amounts, backups, people, store.get("children"), store.get("me").household]);
    // What is the same stays, with what somebody is reading or has selected.
    if (now === shown || !people) return;
    shown = now;
    numbers.show([
      ...amounts.children.map((of) => childTable(of, backups)), ...relativesTable(amounts), hubTable(amounts),
      backupsPart(backups), h("p", { class: "note" }, say("amounts.note")),
    ]);
    const told = noticeOf(amounts, backups);
    keepingFocus(paper.place, () => paper.show([
      h("p", {}, say("notice.intro")),
      h("div", {}, button({ class: "button" }, say("common.print"), () => printed.print(told))),
      h("details", { class: "more notice-shown", open: isOpen() }, h("summary", {}, say("notice.read")), noticeElement(told, "h4", "h5")),
    ]), () => paper.element.querySelector("button"));
  };
  const isOpen = () => paper.element.querySelector("details")?.open === true;
  const again = () => {
    clearTimeout(soon);
    soon = setTimeout(() => void load(), SOON_MS);
  };
  const timer = setInterval(() => void load(), EVERY_MS);
  const forget = store.watch(["children", "people", "waiting", "care", "sessions"], again);
  document.addEventListener("visibilitychange", again);
  void load();
  return [{
    ...numbers,
    forget() {
      alive = false;
      clearInterval(timer);
      clearTimeout(soon);
      forget();
      document.removeEventListener("visibilitychange", again);
      printed.forget();
      numbers.forget();
    },
  }, paper];
}

/** @param {string} id */
const childName = (id) => (store.get("children") ?? []).find((/** @type {Child} */ child) => child.id === id)?.name ?? "";

/**
 * @param {string} caption
 * @param {string[]} heads
 * @param {string[][]} rows each with its name first
 */
function table(caption, heads, rows) {
  return h("table", { class: "amounts" }, h("caption", {}, caption),
    h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, ...rows.map(([name = "", ...cells]) => h("tr", {},
      h("th", { scope: "row" }, name), ...cells.map((cell) => h("td", {}, cell))))));
}

/** @param {Amount} amount */
const cells = ({ n, bytes }) => [countWords(n), sizeWords(bytes)];

/**
 * @param {import("../api-amounts.js").ChildAmounts} of
 * @param {Backups | null} backups
 */
function childTable(of, backups) {
  return h("div", { class: "amounts-part" },
    table(childName(of.child), [say("amounts.what"), say("amounts.how_many"), say("amounts.size")], [
      [say("amounts.recordings"), ...cells(of.recordings)], [say("amounts.messages"), ...cells(of.messages)],
      [say("amounts.notes"), ...cells(of.notes)], [say("amounts.pictures"), ...cells(of.pictures)],
      [say("amounts.own_picture"), ...cells(of.own_picture)],
    ]),
    ...goesWords(of, hubNow(), held(backups)).map((words) => h("p", { class: "note" }, words)));
}

/** @param {Amounts} amounts */
function relativesTable({ relatives }) {
  /** @type {import("../api-people.js").Relative[]} */
  const known = store.get("people")?.relatives ?? [];
  const rows = relatives.flatMap(({ account, messages, shared }) => {
    const name = known.find(({ id }) => id === account)?.name;
    return name ? [[name, ...cells(messages), countWords(shared)]] : [];
  });
  if (rows.length === 0) return [];
  return [table(say("amounts.relatives"), [say("amounts.who"), say("amounts.sent"), say("amounts.size"), say("amounts.may_hear")], rows)];
}

/** @param {Amounts} amounts */
function hubTable({ sessions, activity, places, waiting: clips, database_bytes: bytes, replaced_bytes: replaced }) {
  return table(say("amounts.hub"), [say("amounts.what"), say("amounts.how_many"), say("amounts.size")], [
    [say("amounts.sessions"), countWords(sessions), ""], [say("amounts.activity"), countWords(activity), ""],
    [say("amounts.places"), countWords(places), ""], [say("amounts.clips"), ...cells(clips)],
    [say("amounts.database"), "", sizeWords(bytes)],
    ...(replaced ? [[say("amounts.replaced"), "", sizeWords(replaced)]] : []),
  ]);
}

/** @param {Backups | null} backups */
function backupsPart(backups) {
  const rows = (backups?.places ?? []).filter(isCounted).map((place) => [place.folder, ...cells(place)]);
  const title = say("backup.title");
  return h("div", { class: "amounts-part" },
    rows.length > 0 ? table(title, [say("amounts.where"), say("amounts.how_many"), say("amounts.size")], rows)
      : h("h4", { class: "amounts-title" }, title),
    ...heldWords(backups, hubNow()).map((words) => h("p", { class: "note" }, words)));
}

/**
 * @param {Amounts} amounts
 * @param {Backups | null} backups
 */
function noticeOf({ children }, backups) {
  return notice({
    backups, household: store.get("me").household ?? null, people: store.get("people"), date: day(hubNow()),
    children: children.map(({ child: id, retention_days }) => ({ id, retention_days, name: childName(id) })),
  });
}

/**
 * @param {ReturnType<typeof notice>} told
 * @param {"h1" | "h4"} high
 * @param {"h2" | "h5"} low
 */
function noticeElement({ title, date, parts }, high, low) {
  return h("article", { class: "house-notice" },
    h(high, { class: "notice-title" }, title),
    h("p", { class: "note" }, date),
    ...parts.map((part) => h("section", {},
      h(low, {}, part.title),
      ...(part.lines.length === 1 ? part.lines.map((line) => h("p", {}, line))
        : [h("ul", {}, ...part.lines.map((line) => h("li", {}, line)))]))));
}

/** Prints the notice alone, and leaves nothing of it in the page. */
function makePrinter() {
  /** @type {HTMLElement | null} */
  let paper = null;
  const forget = () => {
    paper?.remove();
    paper = null;
  };
  addEventListener("afterprint", forget);
  return {
    /** @param {ReturnType<typeof notice>} told */
    print(told) {
      forget();
      paper = sheet(noticeElement(told, "h1", "h2"));
      print();
    },
    forget() {
      removeEventListener("afterprint", forget);
      forget();
    },
  };
}
