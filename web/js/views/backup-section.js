// @ts-check

import { eraseReplaced, makeBackup, readBackups } from "../api-backups.js";
import { hubNow } from "../api.js";
import { sizeWords } from "../size-words.js";
import { placeWords } from "../backup-words.js";
import { announce, button, h, icon } from "../dom.js";
import { REPLACED_WORDS } from "../erase-words.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { isSignedOut } from "../sync.js";
import { day } from "../time.js";
import { errorWords } from "../words.js";
import { erasing } from "./erasing.js";
import { stateLine } from "./people-part.js";
import { section } from "./section.js";
import { errand, waiting } from "./waiting.js";

/** @typedef {import("../api-backups.js").Backups} Backups */

/** How often it is asked how far a backup is. */
const ASKS_EVERY_MS = 2_000;

/** Makes the part about backups: what there is, how it comes back, and one at once. */
export function backupSection() {
  const part = section("backups", say("backup.title"));
  let alive = true;
  /** @type {number | undefined} */
  let timer;
  const now = errand({}, say("backup.now"), say("backup.asking"), async () => {
    show(await makeBackup());
  });
  // It stays where it is, and keeps the focus.
  const press = h("div", {}, now.press);
  const before = erasing({
    words: say("backup.replaced_erase"), label: say("backup.replaced_label"), class: "button button-small",
    tell: () => REPLACED_WORDS, working: say("backup.replaced_working"),
    async act() {
      show(await eraseReplaced());
      part.focusHeading();
    },
  });
  const load = async () => {
    try {
      const backups = await readBackups();
      if (alive) show(backups);
    } catch (error) {
      if (!alive || isSignedOut(error)) return;
      const retry = button({ class: "button" }, say("common.try_again"), () => void load());
      part.show([h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))), retry]);
    }
  };
  let wasUnderWay = false;
  /** @param {Backups} backups */
  const show = ({ places, under_way: isUnderWay, replaced }) => {
    clearTimeout(timer);
    const isThere = places.some(({ there }) => there);
    const lines = places.map((place) => {
      const { state, more } = placeWords(place, hubNow());
      return h("li", { "data-folder": place.folder }, stateLine(() => state).element,
        ...more.map((text) => h("p", { class: "finding-act note" }, text)));
    });
    const done = h("p", { role: "status", class: "note" }, isUnderWay ? say("backup.under_way") : "");
    part.show([
      ...(places.length === 0 ? [h("p", {}, say("backup.none_here"))] : [h("ul", { class: "findings" }, ...lines)]),
      ...(isThere ? [] : [h("p", {}, say("backup.how"))]),
      h("p", { class: "note" }, say("backup.needs_key")), done,
      ...(replaced ? [h("p", {}, say("backup.replaced", { size: sizeWords(replaced.bytes), day: day(replaced.goes_at) })), before.element] : []),
      ...(isThere && !isUnderWay ? [press, now.news] : []),
    ]);
    if (wasUnderWay && !isUnderWay) announce(say("backup.done"));
    wasUnderWay = isUnderWay;
    if (isUnderWay) timer = setTimeout(() => void load(), ASKS_EVERY_MS);
  };
  part.show([waiting(say("backup.looking"))]);
  void load();
  // What is found of the hub is also whether its backups work.
  const forget = store.watch(["care"], () => {
    if (!wasUnderWay) void load();
  });
  return {
    ...part,
    forget() {
      alive = false;
      clearTimeout(timer);
      forget();
      before.forget();
      part.forget();
    },
  };
}
