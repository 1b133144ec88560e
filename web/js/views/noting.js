// @ts-check

import { setNote } from "../api-notes.js";
import { announce, button, h, keepingFocus, setText } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { addItems, isGuardian } from "../sync.js";
import { field, form } from "./form.js";

/** The most characters of a note that the hub takes. */
const LONGEST = "1000";

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
  const words = h("span", {});
  const opener = button({ icon: "edit", class: "button button-small button-quiet" }, "", () => open(true));
  opener.append(words);
  const place = h("div", { class: "twice noting", role: "group", "aria-label": named });
  const writing = h("div", { class: "noting-place", hidden: !isGuardian() && !item.mine }, opener);
  let leave = () => {};

  /** @returns {string} */
  const written = () => store.get(key) ?? "";
  /** @param {boolean} isOpen */
  const open = (isOpen) => keepingFocus(writing, () => {
    leave();
    leave = () => {};
    place.replaceChildren();
    if (isOpen) fill();
    if (isOpen) writing.append(place);
    else place.remove();
    opener.hidden = isOpen;
    if (isOpen) place.querySelector("textarea")?.focus();
  }, () => opener);
  const fill = () => {
    const input = h("textarea", { rows: "3", maxlength: LONGEST, dir: "auto" });
    input.value = written();
    const text = field({ label: named, name: "note", hint: [say("note.hint")], input });
    const made = form({
      fields: { note: text }, submit: say("common.save"), working: say("common.writing"),
      beside: [button({ class: "button button-quiet" }, say("common.cancel"), () => open(false))],
      async act() {
        const mark = store.mark();
        addItems([await setNote(item.id, input.value.trim())], mark);
        announce(say(written() === "" ? "note.removed" : "note.saved"));
        open(false);
      },
    });
    leave = made.forget;
    place.append(made.element);
  };
  const show = () => {
    setText(note, written());
    note.hidden = written() === "";
    const offer = say(note.hidden ? "note.add" : "note.change");
    setText(words, offer);
    opener.setAttribute("aria-label", `${offer}: ${label}`);
  };
  const forget = store.watch([key], show);
  show();
  return {
    note, writing,
    forget() {
      forget();
      leave();
    },
  };
}
