// @ts-check

import { readItemActivity } from "../api-activity.js";
import { hubNow } from "../api.js";
import { h, setText } from "../dom.js";
import { itemLines } from "../item-words.js";
import { say } from "../language.js";
import { senderName } from "../people-words.js";
import { store } from "../store.js";
import { isGuardian } from "../sync.js";
import { when } from "../time.js";
import { errorWords } from "../words.js";
import { waiting } from "./waiting.js";

let made = 0;

/**
 * Makes the place that says what is known of a message or recording: who sent it, what was done with it, who heard it.
 *
 * @param {import("../api.js").Item} item
 * @param {{ child: import("../api.js").Child, label: string, at: import("./opening.js").Opening }} scene
 * @returns {import("./opening.js").Opened}
 */
export function itemDetails(item, { child, label, at: { element, opener } }) {
  made += 1;
  const list = h("ul", { class: "item-lines" });
  const wrong = h("p", { class: "bubble-trouble", role: "alert", hidden: true });
  const place = h("div", {
    class: "twice item-details", id: `details-${made}`, role: "group", "aria-label": say("details.label", { sound: label }),
  });
  /** @type {import("../api-activity.js").Entry[] | null} */
  let entries = null;
  let isOver = false;

  const toyName = () => {
    const id = store.get(`delivery/${item.id}`)?.toy ?? item.toy;
    return isGuardian() ? store.get(`toy/${id}`)?.name ?? say("common.the_toy") : say("common.toy_of", { child: child.name });
  };
  const sharedNames = () => {
    /** @type {string[]} */
    const shared = store.get(`shared/${item.id}`) ?? [];
    /** @type {import("../api-people.js").Relative[]} */
    const relatives = store.get("people")?.relatives ?? [];
    return relatives.filter(({ id }) => shared.includes(id)).map(({ name }) => name);
  };
  const show = () => {
    if (entries === null || !place.isConnected) return;
    const now = hubNow();
    const lines = itemLines(item, {
      delivery: store.get(`delivery/${item.id}`) ?? null, entries, me: store.get("me").id, child: child.name, toy: toyName(),
      sender: senderName(item, store.get("people")), sharedWith: sharedNames(), now,
    });
    list.replaceChildren(...lines.map(({ at, text }) => h("li", {},
      ...(at === null ? [] : [h("time", { datetime: new Date(at * 1000).toISOString() }, when(at, now))]),
      h("span", {}, text))));
    place.replaceChildren(list, wrong, h("p", { class: "note" }, say("details.not_noted")));
  };
  const read = async () => {
    wrong.hidden = true;
    let known = entries ?? [];
    try {
      // Nobody else may know what guardians did.
      if (isGuardian()) known = await readItemActivity(item.id);
    } catch (error) {
      setText(wrong, errorWords(error));
      wrong.hidden = false;
    }
    if (isOver) return;
    entries = known;
    show();
  };
  const again = () => {
    if (!place.isConnected) return;
    show();
    void read();
  };
  const forget = store.watch(["delivery", "shared", "kept", "note"].map((what) => `${what}/${item.id}`), again);
  const forgetPeople = store.watch(["people"], show);
  opener.setAttribute("aria-expanded", "false");

  return {
    open() {
      const isOpen = !place.isConnected;
      opener.setAttribute("aria-expanded", String(isOpen));
      if (!isOpen) {
        place.remove();
        opener.removeAttribute("aria-controls");
        return;
      }
      opener.setAttribute("aria-controls", place.id);
      if (entries === null) place.replaceChildren(waiting(say("activity.looking")));
      element.append(place);
      show();
      void read().then(() => place.scrollIntoView({ block: "nearest" }));
    },
    forget() {
      isOver = true;
      forget();
      forgetPeople();
    },
  };
}
