// @ts-check

import { hubNow } from "../api.js";
import { addScreen, removePerson } from "../api-people.js";
import { announce, button, h } from "../dom.js";
import { say } from "../language.js";
import { screenState } from "../people-words.js";
import { store } from "../store.js";
import { refreshPeople } from "../sync.js";
import { field, form } from "./form.js";
import { linkBack, peoplePart, stateLine } from "./people-part.js";
import { twice } from "./twice.js";

/** @typedef {import("../api-people.js").Screen} Screen */

/**
 * @param {string} child
 * @returns {import("./invitation.js").LinkWords}
 */
const linkWords = (child) => ({
  care: say("people.screen_link_care", { child }),
  terms: (until) => say("people.screen_link_terms", { until }),
  copied: say("people.screen_link_copied"),
});

/** Makes the list of child screens, and the place where one is added. */
export function screensSection() {
  /** @returns {import("../api.js").Child[]} */
  const children = () => store.get("children") ?? [];
  const nameOf = (/** @type {string} */ id) => children().find((one) => one.id === id)?.name ?? say("people.a_child");

  const list = () => {
    /** @type {Screen[]} */
    const screens = store.get("people")?.screens ?? [];
    const rows = screens.map(row);
    return {
      tick: () => { for (const one of rows) one.tick(); },
      nodes: [
        ...(screens.length > 0 ? [h("ul", { class: "guardians persons" }, ...rows.map(({ element }) => element))] : []),
        h("p", { class: "note" }, say(children().length === 0 ? "people.screens_note_no_child" : "people.screens_note")),
        ...(children().length === 0 ? [] : [button({ class: "button" }, say("people.add_screen"), add)]),
      ],
    };
  };
  const part = peoplePart({ name: "screens", title: say("people.screens"), kind: "screens", list });

  /** @param {Screen} screen */
  const row = (screen) => {
    const { id, name, state } = screen;
    const child = nameOf(screen.child);
    const line = stateLine(() => screenState(screen, hubNow()));
    const label = say("people.new_link_for", { name });
    const link = button({ class: "button button-small", label }, say("people.new_link"), () => part.offerLink(id,
      state === "invited" ? say("people.screen_new_link_invited", { child }) : say("people.screen_new_link_active", { name }),
      linkWords(child)));
    const remove = twice({
      words: say("people.remove"), label: say("people.remove_name", { name }), sure: say("people.remove_screen_sure"),
      working: say("people.removing"), question: say("people.remove_screen_question", { name, child }),
      async act() {
        await removePerson("screens", id);
        announce(say("people.removed", { name }));
        await refreshPeople();
      },
    });
    const back = linkBack(screen);
    return {
      tick: line.tick,
      element: h("li", {},
        h("div", { class: "session-words" },
          h("p", { class: "session-device" }, name), h("p", { class: "note" }, say("people.screen_for", { child })), line.element),
        h("div", { class: "person-actions" }, link, ...back.presses, remove), ...back.news),
    };
  };

  const add = () => {
    const known = children();
    const name = field({
      label: say("people.screen_name"), name: "screen-name", missing: say("people.screen_name_missing"),
      hint: [say("people.screen_name_hint")],
    }, { autocomplete: "off", autocapitalize: "sentences", maxlength: "40" });
    const whose = field({
      label: say("people.screen_whose"), name: "screen-child",
      input: h("select", {}, ...known.map((child) => h("option", { value: child.id }, child.name))),
    });
    whose.element.hidden = known.length === 1;
    const asking = form({
      fields: { name, child: whose }, submit: say("people.make_the_link"), working: say("people.making_the_link"),
      beside: [button({ class: "button button-quiet", escape: true }, say("common.cancel"), () => void part.back())],
      async act() {
        const child = whose.input.value;
        const { invite } = await addScreen({ name: name.input.value.trim(), child });
        part.showLink(invite, linkWords(nameOf(child)));
      },
    });
    part.showInstead([asking.element], asking.forget);
  };
  part.showList();
  return part;
}
