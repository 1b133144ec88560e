// @ts-check

import { setNote } from "../api-notes.js";
import { announce, button, h, keepingFocus } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { addItems } from "../sync.js";
import { field, form } from "./form.js";

/** The most characters of a note that the hub takes. */
const LONGEST = "1000";

/**
 * Makes the place where a note is written.
 *
 * @param {import("../api.js").Item} item
 * @param {{ named: string, at: import("./opening.js").Opening }} scene `named`: what it is called, for those who hear the page
 * @returns {import("./opening.js").Opened}
 */
export function itemNoting(item, { named, at: { element: writing, opener } }) {
  const place = h("div", { class: "twice noting", role: "group", "aria-label": named });
  let leave = () => {};

  /** @returns {string} */
  const written = () => store.get(`note/${item.id}`) ?? "";
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
      beside: [button({ class: "button button-quiet", escape: true }, say("common.cancel"), () => open(false))],
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
  return { open: () => open(true), forget: () => leave() };
}
