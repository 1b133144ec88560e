// @ts-check

import { deedWords, isNotable, wrongWords } from "../activity-words.js";
import { goOn } from "../activity-memory.js";
import { readActivity } from "../api-activity.js";
import { hubNow } from "../api.js";
import { announce, button, h, icon } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { isSignedOut } from "../sync.js";
import { dayKey, dayLine, timeOfDay } from "../time.js";
import { errorWords } from "../words.js";
import { section } from "./section.js";
import { errand, waiting } from "./waiting.js";

/** @typedef {import("../api-activity.js").Entry} Entry */

/** Makes the list of who did what, the latest first. */
export function activitySection() {
  const part = section("activity", say("activity.title"));
  /** @type {string} */
  const me = store.get("me").id;
  const wrong = h("div", { class: "activity-wrong", hidden: true });
  const list = h("div", { class: "activity" });
  const end = h("div", { class: "activity-end" });
  /** @type {number | null} */
  let next = null;
  let shownDay = "";
  /** @type {HTMLUListElement | null} */
  let rows = null;
  let alive = true;

  /** @param {Entry[]} entries */
  const add = (entries) => {
    /** @type {HTMLElement[]} */
    const added = [];
    for (const entry of entries) {
      const day = dayKey(entry.at);
      if (!rows || day !== shownDay) {
        const heading = h("h4", { id: `activity-${entry.id}` }, dayLine(entry.at, hubNow()));
        rows = h("ul", { class: "activity-day", "aria-labelledby": heading.id });
        list.append(heading, rows);
        shownDay = day;
      }
      const row = activityRow(entry, me);
      rows.append(row);
      added.push(row);
    }
    return added;
  };
  const more = errand({}, say("activity.more"), say("activity.looking_back"), async () => {
    const page = await readActivity(next);
    if (!alive) return;
    next = page.next;
    const [first] = add(page.entries);
    showEnd();
    first?.focus({ preventScroll: true });
  });
  const showEnd = () => end.replaceChildren(...(next === null ? [] : [more.press, more.news]));

  const read = async () => {
    try {
      const page = await readActivity();
      if (!alive) return;
      next = page.next;
      add(page.entries);
      showEnd();
      part.show([
        wrong,
        h("div", { class: "activity-help" }, h("p", { class: "note" }, say("activity.none_of_you")),
          h("a", { href: "#/you/sessions" }, say("account.sessions")),
          h("a", { href: "#/you/password" }, say("activity.to_password")),
          h("a", { href: "#/privacy/keys" }, say("activity.to_keys"))),
        ...(page.entries.length === 0
          ? [h("p", {}, say("activity.nothing_yet"))]
          : [list, end]),
        h("p", { class: "note" }, say("activity.note")),
      ]);
    } catch (error) {
      if (!alive || isSignedOut(error)) return;
      part.show([
        h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))),
        button({ class: "button button-small" }, say("common.try_again"), () => {
          part.show([waiting(say("activity.looking"))]);
          void read();
        }),
      ]);
    }
  };
  const showWrong = () => {
    /** @type {import("../activity-memory.js").Wrong | null | undefined} */
    const found = store.get("activity-wrong");
    wrong.hidden = !found;
    if (!found) {
      wrong.replaceChildren();
      return;
    }
    const { title, what, why, todo } = wrongWords(found);
    const known = errand({ class: "button button-small" }, say("activity.go_on"), say("activity.checking"), async () => {
      store.set("activity-wrong", await goOn(me));
      announce(say("activity.goes_on"));
      if (alive) part.focusHeading();
    });
    wrong.replaceChildren(
      h("div", { class: "form-wrong" }, icon("warning"), h("div", {},
        h("p", {}, h("strong", {}, title)), h("p", {}, what), h("p", {}, why),
        ...(found.isKnown ? [] : [h("p", {}, todo)]))),
      ...(found.isKnown ? [] : [known.press, known.news]));
  };

  part.show([waiting(say("activity.looking"))]);
  const forget = store.watch(["activity-wrong"], showWrong);
  showWrong();
  void read();
  return {
    ...part,
    forget() {
      alive = false;
      forget();
      part.forget();
    },
  };
}

/**
 * @param {Entry} entry
 * @param {string} me
 */
function activityRow(entry, me) {
  const at = h("time", { datetime: new Date(entry.at * 1000).toISOString() }, timeOfDay(entry.at));
  return h("li", { tabindex: "-1" }, at,
    h("span", { class: "activity-words" }, ...(isNotable(entry) ? [icon("warning")] : []), h("span", {}, deedWords(entry, me))));
}
