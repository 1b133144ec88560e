// @ts-check

import { readPicture, removePicture, setPicture } from "../api-pictures.js";
import { announce, button, h, icon, keepingFocus, rest, setText } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { refreshChildren } from "../sync.js";
import { errorWords } from "../words.js";
import { cropping } from "./cropping.js";
import { portrait } from "./portrait.js";
import { patience } from "./waiting.js";

/** @typedef {import("../api.js").Child} Child */

// Cameras write a fifth of it. A browser makes many bytes of each.
const LIMIT_BYTES = 60_000_000;
const TAKEN = "image/jpeg,image/png,image/webp,.jpg,.jpeg,.png,.webp";

/**
 * Makes the place where a child gets a picture, or loses it.
 *
 * @param {Child} child
 */
export function childPicture(child) {
  const { id, name } = child;
  const title = h("h3", { id: "child-picture" }, say("picture.title"));
  const shown = h("span", { class: "child-picture" });
  const words = h("p", {});
  const picker = h("input", { type: "file", accept: TAKEN, hidden: true, tabindex: "-1" });
  const choose = button({ class: "button", icon: "edit" }, say("picture.choose"), () => picker.click());
  const remove = button({ class: "button button-quiet", icon: "discard" }, say("picture.remove"), () => void takeAway());
  const back = button({ class: "button", icon: "undo" }, say("talk.undo"), () => void putBack());
  const standing = h("div", { class: "picture-standing" }, shown, h("div", {}, words,
    h("div", { class: "form-actions" }, choose, remove, back)));
  const place = h("div", { class: "picture-place" });
  const wrong = h("p", { class: "form-wrong", role: "alert", hidden: true });
  const wait = patience();
  const element = h("section", { class: "you-section", "aria-labelledby": "child-picture" },
    title, h("div", { class: "you-place" }, standing, place, wrong, wait.element, picker,
      h("p", { class: "note" }, say("picture.who_sees", { child: name }))));
  /** What was taken away just now, so that it can come back.
   *
   * @type {Blob | null}
   */
  let taken = null;
  let busy = false;
  let leave = () => {};
  let left = false;

  /** @returns {Child} */
  const now = () => (store.get("children") ?? []).find((/** @type {Child} */ one) => one.id === id) ?? child;
  const show = () => {
    const has = Boolean(now().picture);
    if (has) taken = null;
    keepingFocus(standing, () => {
      shown.replaceChildren(portrait(now()));
      setText(words, say(has ? "picture.shown" : taken ? "picture.removed" : "picture.none", { child: name }));
      setText(/** @type {Node} */ (choose.lastChild), say(has ? "picture.choose_another" : "picture.choose"));
      remove.hidden = !has;
      back.hidden = taken === null;
    }, () => (back.hidden ? choose : back));
  };
  /** @param {string} text */
  const tell = (text) => {
    wrong.replaceChildren(icon("warning"), h("span", {}, text));
    wrong.hidden = false;
  };
  /**
   * Asks the hub, one thing at a time.
   *
   * @param {() => Promise<unknown>} act
   * @param {string} done what is said then
   */
  const ask = async (act, done) => {
    if (busy) return false;
    busy = true;
    wrong.hidden = true;
    const resting = [choose, remove, back, ...place.querySelectorAll("button")];
    for (const one of resting) rest(one, true);
    let worked = true;
    try {
      await wait.during(say("common.saving"), act);
      await refreshChildren().catch(() => {});
      announce(done);
    } catch (error) {
      worked = false;
      if (!left) tell(errorWords(error));
    }
    busy = false;
    for (const one of resting) rest(one, false);
    if (!left) show();
    return worked;
  };
  const takeAway = () => ask(async () => {
    const before = await readPicture(id);
    await removePicture(id);
    taken = before;
  }, say("picture.removed", { child: name }));
  const putBack = async () => {
    const picture = taken;
    if (picture) await ask(() => setPicture(id, picture), say("picture.is_back"));
  };

  const close = () => keepingFocus(place, () => {
    leave();
    leave = () => {};
    place.replaceChildren();
    standing.hidden = false;
  }, () => choose);
  /** @param {ImageBitmap} bitmap */
  const crop = (bitmap) => {
    close();
    const made = cropping(bitmap, name);
    leave = made.forget;
    const use = button({ class: "button button-primary", icon: "check" }, say("picture.use"), async () => {
      const picture = await made.cut();
      if (picture && await ask(() => setPicture(id, picture), say("picture.saved", { child: name })) && !left) close();
    });
    place.append(made.element, h("div", { class: "form-actions" }, use,
      button({ class: "button button-quiet", escape: true }, say("common.cancel"), close)));
    standing.hidden = true;
    made.frame.focus();
  };
  picker.addEventListener("change", async () => {
    const file = picker.files?.[0];
    picker.value = "";
    if (!file || busy) return;
    wrong.hidden = true;
    if (file.size > LIMIT_BYTES) {
      tell(say("picture.file_too_large", { megabytes: LIMIT_BYTES / 1_000_000 }));
      return;
    }
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
    if (left) bitmap?.close();
    else if (bitmap) crop(bitmap);
    else tell(say("picture.unreadable"));
  });

  const forget = store.watch(["children"], () => { if (!busy) show(); });
  show();
  return {
    element,
    forget() {
      left = true;
      forget();
      leave();
      wait.end();
    },
  };
}
