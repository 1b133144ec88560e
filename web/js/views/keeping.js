// @ts-check

import { hubNow } from "../api.js";
import { announce, button, h, rest, setText, troubleLine } from "../dom.js";
import { say } from "../language.js";
import { goesWords } from "../quiet-words.js";
import { store } from "../store.js";
import { isGuardian, keep } from "../sync.js";
import { errorWords } from "../words.js";

/**
 * Makes the place where a guardian keeps a recording or message whatever its age, and sees when it goes.
 *
 * @param {import("../api.js").Item} item
 * @param {string} label whose it is, for those who hear the page
 */
export function keeping(item, label) {
  const press = button({ icon: "keep", class: "button button-small button-quiet keep-press" }, say("keep.keep"), () => void toggle());
  const goes = h("span", { class: "keep-goes" });
  const element = h("div", { class: "keep", hidden: true });
  // Only guardians are told.
  if (!isGuardian()) return { element, forget() {} };
  element.hidden = false;
  element.append(h("div", { class: "keep-line" }, press, goes));
  const trouble = troubleLine(element);

  /** @returns {{ kept: boolean, goes_at: number | null }} */
  const stands = () => store.get(`kept/${item.id}`) ?? { kept: false, goes_at: null };
  const toggle = async () => {
    const { kept } = stands();
    rest(press, true);
    trouble(null);
    try {
      await keep(item.id, !kept);
      announce(say(kept ? "keep.goes_again" : "keep.kept_told"));
    } catch (error) {
      trouble(errorWords(error));
    }
    rest(press, false);
  };
  const show = () => {
    const { kept, goes_at: goesAt } = stands();
    press.setAttribute("aria-pressed", String(kept));
    press.setAttribute("aria-label", say(kept ? "keep.kept_sound" : "keep.keep_sound", { sound: label }));
    setText(/** @type {Node} */ (press.lastChild), say(kept ? "keep.kept" : "keep.keep"));
    setText(goes, goesWords(goesAt, hubNow()));
  };
  show();
  return { element, forget: store.watch([`kept/${item.id}`], show) };
}
