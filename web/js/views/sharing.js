// @ts-check

import { announce, button, h, icon, rest, setText, troubleLine } from "../dom.js";
import { andList, say } from "../language.js";
import { store } from "../store.js";
import { isGuardian, share } from "../sync.js";
import { errorWords } from "../words.js";

/** @typedef {import("../api-people.js").Relative} Relative */

let made = 0;

/**
 * Makes the place under a recording where a guardian lets relatives hear it. Where no relative has this
 * child, there is nothing.
 *
 * @param {import("../api.js").Item} item
 * @param {string} label whose recording it is, for those who hear the page
 */
export function sharing(item, label) {
  made += 1;
  const choices = h("div", {
    class: "share-choices", id: `share-${made}`, hidden: true, role: "group", "aria-label": say("share.who_may_hear", { sound: label }),
  });
  const look = { icon: "share", class: "button button-small button-quiet share-open" };
  const opener = button(look, say("share.share"), () => open(choices.hidden));
  const element = h("div", { class: "share" });
  const trouble = troubleLine(element);
  /** @type {Map<string, HTMLButtonElement>} */
  const presses = new Map();

  const open = (/** @type {boolean} */ isOpen) => {
    choices.hidden = !isOpen;
    opener.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) opener.setAttribute("aria-controls", choices.id);
    if (isOpen && !choices.isConnected) opener.after(choices);
    show();
  };
  /** @returns {Relative[]} */
  const relatives = () => (store.get("people")?.relatives ?? [])
    .filter((/** @type {Relative} */ { grants }) => grants.some(({ child }) => child === item.child));
  /** @returns {string[]} */
  const sharedWith = () => store.get(`shared/${item.id}`) ?? [];

  /** @param {Relative} relative */
  const toggle = async ({ id, name }) => {
    const press = presses.get(id);
    if (!press) return;
    const isShared = sharedWith().includes(id);
    rest(press, true);
    trouble(null);
    try {
      await share(item.id, isShared ? "unshare" : "share", id);
      announce(say(isShared ? "share.cannot_hear" : "share.can_hear", { name }));
    } catch (error) {
      trouble(errorWords(error));
    }
    rest(press, false);
  };
  /** @param {Relative} relative */
  const pressOf = (relative) => {
    const known = presses.get(relative.id);
    if (known) return known;
    const press = button({ class: "button button-small" }, relative.name, () => void toggle(relative));
    press.prepend(icon("plus"));
    presses.set(relative.id, press);
    return press;
  };

  const show = () => {
    const known = isGuardian() ? relatives() : [];
    const shared = sharedWith();
    element.hidden = known.length === 0;
    if (known.length > 0 && !opener.isConnected) element.prepend(opener);
    const names = known.filter(({ id }) => shared.includes(id)).map(({ name }) => name);
    const words = names.length > 0 ? say("share.shared_with", { names: andList(names) }) : say("share.share");
    setText(/** @type {Node} */ (opener.lastChild), words);
    if (choices.hidden) return;
    for (const [id, press] of presses) {
      if (known.some((one) => one.id === id)) continue;
      press.remove();
      presses.delete(id);
    }
    known.forEach((relative, at) => {
      const press = pressOf(relative);
      const isShared = shared.includes(relative.id);
      press.setAttribute("aria-pressed", String(isShared));
      /** @type {HTMLElement} */ (press.firstChild).className = `icon icon-${isShared ? "check" : "plus"}`;
      setText(/** @type {Node} */ (press.lastChild), relative.name);
      if (choices.children[at] !== press) choices.insertBefore(press, choices.children[at] ?? null);
    });
  };
  open(false);
  return { element, forget: store.watch(["people", `shared/${item.id}`], show) };
}
