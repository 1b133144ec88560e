// @ts-check

import { hubNow } from "../api.js";
import { addScreen, removePerson } from "../api-people.js";
import { announce, button, h } from "../dom.js";
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
  care: `The device that opens this link first becomes ${child}’s screen: it plays what is sent to ${child} and records what `
    + `${child} says. It asks for no password.`,
  terms: (until) => `It works once, for one hour (until ${until}), and only where this page can be opened. It is shown only now.`,
  copied: "Copied. Open it on the device that becomes the screen.",
});

/** Makes the list of child screens, and the place where one is added. */
export function screensSection() {
  /** @returns {import("../api.js").Child[]} */
  const children = () => store.get("children") ?? [];
  const nameOf = (/** @type {string} */ id) => children().find((one) => one.id === id)?.name ?? "a child";

  const list = () => {
    /** @type {Screen[]} */
    const screens = store.get("people")?.screens ?? [];
    const rows = screens.map(row);
    return {
      tick: () => { for (const one of rows) one.tick(); },
      nodes: [
        ...(screens.length > 0 ? [h("ul", { class: "guardians persons" }, ...rows.map(({ element }) => element))] : []),
        h("p", { class: "note" }, "An old phone or a tablet that belongs to one child: it plays messages and records answers, and can do nothing "
          + `else.${children().length === 0 ? " First add a child." : ""}`),
        ...(children().length === 0 ? [] : [button({ class: "button" }, "Add a screen", add)]),
      ],
    };
  };
  const part = peoplePart({ name: "screens", title: "Child screens", kind: "screens", list });

  /** @param {Screen} screen */
  const row = (screen) => {
    const { id, name, state } = screen;
    const child = nameOf(screen.child);
    const line = stateLine(() => screenState(screen, hubNow()));
    const link = button({ class: "button button-small", label: `New link for ${name}` }, "New link", () => part.offerLink(id,
      state === "invited"
        ? `The device that opens the new link becomes ${child}’s screen. The earlier link ends now.`
        : `For another device, or if this one was signed out: whoever opens the link takes the place of ${name}, which then shows nothing any more.`,
      linkWords(child)));
    const remove = twice({
      words: "Remove", label: `Remove ${name}`, sure: "Remove this screen", working: "Removing",
      question: `${name} shows nothing of ${child} any more. What was recorded there stays.`,
      async act() {
        await removePerson("screens", id);
        announce(`${name} is removed.`);
        await refreshPeople();
      },
    });
    const back = linkBack(screen);
    return {
      tick: line.tick,
      element: h("li", {},
        h("div", { class: "session-words" },
          h("p", { class: "session-device" }, name), h("p", { class: "note" }, `For ${child}`), line.element),
        h("div", { class: "person-actions" }, link, ...back.presses, remove), ...back.news),
    };
  };

  const add = () => {
    const known = children();
    const name = field({
      label: "Which device is it?", name: "screen-name", missing: "Type a name for the device.", hint: ["“Kitchen tablet”, for example."],
    }, { autocomplete: "off", autocapitalize: "sentences", maxlength: "40" });
    const whose = field({
      label: "Whose screen is it?", name: "screen-child",
      input: h("select", {}, ...known.map((child) => h("option", { value: child.id }, child.name))),
    });
    whose.element.hidden = known.length === 1;
    const asking = form({
      fields: { name, child: whose }, submit: "Make the link", working: "Making the link",
      beside: [button({ class: "button button-quiet" }, "Cancel", () => void part.back())],
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
