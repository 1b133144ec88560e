// @ts-check

// The notice for the family and its relatives, from what is set. Pure.

import { sizeWords } from "./size-words.js";
import { counted, held, isUncounted } from "./backup-words.js";
import { andList, say } from "./language.js";
import { day } from "./time.js";

/** @typedef {import("./api-backups.js").Backups} Backups */
/** @typedef {import("./api-people.js").People} People */
/** @typedef {{ title: string, lines: string[] }} Part */
/**
 * @typedef {object} Settings what the notice is made of
 * @property {string | null} household what the family is called
 * @property {{ id: string, name: string, retention_days: number | null }[]} children
 * @property {People} people
 * @property {Backups | null} backups null where they cannot be looked at
 * @property {string} date
 */

/** What no hub can stop, each in a sentence or two. */
export const LIMITS = [say("limits.air"), say("limits.stranger"), say("limits.clone"), say("limits.last")];

/**
 * @param {Settings} settings
 * @returns {{ title: string, date: string, parts: Part[] }}
 */
export function notice({ household, children, people, backups, date }) {
  const names = andList(people.guardians.map(({ name }) => name));
  const n = people.guardians.length;
  return {
    title: household ? say("notice.heading", { household }) : say("notice.heading_plain"),
    date: say("notice.date", { date }),
    parts: [
      { title: say("notice.who"), lines: [say("notice.who_text", { names, n })] },
      { title: say("notice.where"), lines: [say("notice.where_text"), say("notice.no_cloud")] },
      { title: say("notice.what"), lines: [say("notice.what_text"), say("notice.what_plain")] },
      ...(children.length > 0 ? [{ title: say("notice.how_long"), lines: [...children.map(howLong), say("notice.keep")] }] : []),
      { title: say("backup.title"), lines: inBackups(backups) },
      { title: say("notice.hear"), lines: [say("notice.hear_guardians", { names }), ...hearing(children, people), say("notice.hear_toys")] },
      { title: say("limits.title"), lines: LIMITS },
      { title: say("notice.rights"), lines: [say("notice.rights_text")] },
      { title: say("notice.erase"), lines: [say("notice.erase_text", { names }), ...(held(backups).how === "none" ? [] : [say("notice.erase_backups")]), say("notice.erase_left")] },
    ],
  };
}

/** @param {Settings["children"][number]} child */
const howLong = ({ name: child, retention_days: days }) =>
  (days === null ? say("notice.for_ever", { child }) : say("notice.days", { child, n: days }));

/**
 * @param {Backups | null} backups
 * @returns {string[]}
 */
function inBackups(backups) {
  if (!backups) return [say("notice.backups_unknown")];
  const { places, keeps, replaced } = backups;
  const { n, bytes, staying, goneBy } = counted(places);
  const uncounted = places.some(isUncounted);
  const all = n > 0 ? [say("notice.backups_now", { n, size: sizeWords(bytes) })] : uncounted ? [] : [say("notice.backups_none_yet")];
  return [
    ...(places.length === 0 ? [say("notice.backups_none")] : [say("notice.backups_kept", keeps), ...all]),
    ...(goneBy === null ? [] : [say("notice.backups_until", { day: day(goneBy) })]),
    ...(staying > 0 ? [say("notice.backups_staying", { n: staying })] : []),
    ...(uncounted ? [say("notice.backups_away")] : []),
    ...(places.some((place) => 0 < place.n && place.fails_since !== null) ? [say("notice.backups_fail")] : []),
    ...(replaced ? [say("notice.backups_replaced", { day: day(replaced.goes_at) })] : []),
  ];
}

/**
 * @param {Settings["children"]} children
 * @param {People} people
 * @returns {string[]}
 */
function hearing(children, { relatives, screens }) {
  const nameOf = (/** @type {string} */ id) => children.find((child) => child.id === id)?.name;
  const lines = relatives.flatMap(({ name, state, grants }) => {
    if (state === "blocked") return [say("notice.paused", { name })];
    return grants.flatMap(({ child: id, needs_approval: isChecked }) => {
      const child = nameOf(id);
      return child ? [say(isChecked ? "notice.checked" : "notice.direct", { name, child })] : [];
    });
  });
  return [
    ...lines, ...(lines.length > 0 ? [say("notice.hear_relatives")] : []),
    ...screens.flatMap(({ name, child: id }) => {
      const child = nameOf(id);
      return child ? [say("notice.screen", { name, child })] : [];
    }),
  ];
}
