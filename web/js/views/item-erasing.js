// @ts-check

import { itemWords } from "../erase-words.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { erasing } from "./erasing.js";
import { BACK_S, part } from "./parting.js";

/**
 * Makes what erases one recording or message.
 *
 * @param {import("../api.js").Item} item
 * @param {{ label: string, at: import("./opening.js").Opening, leaving: import("./parting.js").Leaving }} scene
 */
export function itemErasing(item, { label, at, leaving }) {
  const tell = () => itemWords({
    kind: item.kind, toy: item.toy === null ? null : store.get(`toy/${item.toy}`)?.name ?? say("common.the_toy"),
    state: store.get(`delivery/${item.id}`)?.state ?? null, heardBy: sharedNames(item.id),
  });
  return erasing({
    words: say("common.erase"), label: say("talk.erase_sound", { sound: label }), working: say("common.erasing"), tell, at,
    back_s: BACK_S,
    async act() {
      part(item, { label, words: tell() }, leaving);
    },
  });
}

/**
 * Returns what those are called whom an item was shared with.
 *
 * @param {string} id
 * @returns {string[]}
 */
function sharedNames(id) {
  /** @type {string[]} */
  const shared = store.get(`shared/${id}`) ?? [];
  /** @type {import("../api-people.js").Relative[]} */
  const relatives = store.get("people")?.relatives ?? [];
  return relatives.filter((one) => shared.includes(one.id)).map(({ name }) => name);
}
