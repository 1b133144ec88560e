// @ts-check

import { h, setText } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { isGuardian } from "../sync.js";
import { opening } from "./opening.js";

const LATER = () => import("./item-noting.js");

/**
 * Makes the note to a recording or message, for those who cannot hear it, and the place where it is written: by
 * guardians, and by whoever sent it.
 *
 * @param {import("../api.js").Item} item
 * @param {string} label whose it is, for those who hear the page
 * @returns {{ note: HTMLElement, writing: HTMLElement, forget: () => void }} `note`: what was written; `writing`: a button, and
 *   below it what it opens
 */
export function noting(item, label) {
  const key = `note/${item.id}`;
  const named = say("note.label", { sound: label });
  const note = h("p", { class: "bubble-note", dir: "auto" });
  const place = opening({ icon: "edit" }, say("note.add"), LATER, ({ itemNoting }, at) => itemNoting(item, { named, at }));
  const { element: writing, opener } = place;
  writing.hidden = !isGuardian() && !item.mine;

  /** @returns {string} */
  const written = () => store.get(key) ?? "";
  const show = () => {
    setText(note, written());
    note.hidden = written() === "";
    const offer = say(note.hidden ? "note.add" : "note.change");
    setText(/** @type {Node} */ (opener.lastChild), offer);
    opener.setAttribute("aria-label", `${offer}: ${label}`);
  };
  const forget = store.watch([key], show);
  show();
  return {
    note, writing,
    forget() {
      forget();
      place.forget();
    },
  };
}
