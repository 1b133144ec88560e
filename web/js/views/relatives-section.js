// @ts-check

import { hubNow } from "../api.js";
import { eraseRelative } from "../api-erase.js";
import { actOnRelative, changeRelative, inviteRelative, removePerson } from "../api-people.js";
import { announce, button, h } from "../dom.js";
import { erasedWords, noChildWords, relativeWords } from "../erase-words.js";
import { andWords, grantWords, relativeState } from "../people-words.js";
import { store } from "../store.js";
import { refreshPeople } from "../sync.js";
import { erasing } from "./erasing.js";
import { linkBack, peoplePart, stateLine } from "./people-part.js";
import { relativeForm } from "./relative-form.js";
import { twice } from "./twice.js";
import { errand } from "./waiting.js";

/** @typedef {import("../api-people.js").Relative} Relative */

/**
 * @param {string} name
 * @param {string[]} children
 * @returns {import("./invitation.js").LinkWords}
 */
const linkWords = (name, children) => ({
  care: `Whoever opens this link first is ${name} here, may write to ${andWords(children)} and hears what you share. `
    + `Give it to ${name} alone.`,
  terms: (until) => `It works once, for 7 days (until ${until}), and only where this page can be opened: at home, never from outside. `
    + "It is shown only now.",
  copied: `Copied. Send it to ${name} alone.`,
});

/** Makes the list of relatives, and the place where one is invited or changed. */
export function relativesSection() {
  /** @returns {import("../api.js").Child[]} */
  const children = () => store.get("children") ?? [];
  const nameOf = (/** @type {string} */ id) => children().find((one) => one.id === id)?.name ?? "a child";
  const namesOf = (/** @type {Pick<Relative, "grants">} */ { grants }) => grants.map(({ child }) => nameOf(child));

  const list = () => {
    /** @type {Relative[]} */
    const relatives = store.get("people")?.relatives ?? [];
    const rows = relatives.map(row);
    return {
      tick: () => { for (const one of rows) one.tick(); },
      nodes: [
        ...(relatives.length > 0
          ? [h("ul", { class: "guardians persons" }, ...rows.map(({ element }) => element))] : []),
        h("p", { class: "note" }, children().length === 0
          ? "Grandparents, aunts, friends: whoever may send messages to a child. First add a child."
          : "Grandparents, aunts, friends: they send messages to the children that you choose, and hear only what you share with them."),
        ...(children().length === 0 ? [] : [button({ class: "button" }, "Invite a relative", invite)]),
      ],
    };
  };
  const part = peoplePart({ name: "relatives", title: "Relatives", kind: "relatives", list });

  /** @param {Relative} relative */
  const row = (relative) => {
    const { id, name, state, grants } = relative;
    const line = stateLine(() => relativeState(relative, hubNow()));
    const isPaused = state === "blocked";
    const small = (/** @type {string} */ label) => ({ class: "button button-small", label });
    const change = button(small(`Change ${name}`), "Change", () => edit(relative));
    const link = button(small(`New link for ${name}`), "New link", () => part.offerLink(id, newLinkWords(relative), linkWords(name, namesOf(relative))));
    const pause = errand(small(isPaused ? `Let in again: ${name}` : `Pause ${name}`), isPaused ? "Let in again" : "Pause",
      isPaused ? "Letting in" : "Pausing", async () => {
        await actOnRelative(id, isPaused ? "unblock" : "block");
        announce(isPaused ? `${name} can sign in again.` : `${name} is signed out everywhere and cannot sign in.`);
        await refreshPeople();
      });
    const remove = twice({
      words: "Remove", label: `Remove ${name}`, sure: "Remove for good", working: "Removing",
      question: `${name} cannot sign in any more and hears nothing that was shared. What ${name} sent stays, as from “a removed relative”. `
        + "This cannot be undone; to keep somebody out for a while, pause them.",
      async act() {
        await removePerson("relatives", id);
        announce(`${name} is removed.`);
        await refreshPeople();
      },
    });
    const erase = erasing({
      words: "Erase", label: `Erase ${name} and everything sent by ${name}`, working: "Erasing", tell: () => relativeWords(name),
      async act() {
        const { gone } = await eraseRelative(id);
        announce(erasedWords(gone));
        await refreshPeople();
      },
    });
    const back = linkBack(relative);
    return {
      tick: line.tick,
      element: h("li", {},
        h("div", { class: "session-words" },
          h("p", { class: "session-device" }, name), line.element,
          ...grants.map((grant) => h("p", { class: "note" }, grantWords(grant, nameOf(grant.child)))),
          ...(grants.length === 0 ? [h("p", { class: "note" }, noChildWords(name))] : [])),
        h("div", { class: "person-actions" }, change, ...(isPaused ? [] : [link]), ...back.presses,
          ...(state === "invited" ? [] : [pause.press]), remove, erase.element),
        pause.news, ...back.news),
    };
  };

  /** @param {Relative} relative */
  const newLinkWords = ({ name, state }) => (state === "invited"
    ? `${name} can come in with the new link for 7 days. The earlier one ends now.`
    : `For when ${name} forgot the password: whoever opens the link chooses a new one, and everything that was shared stays. `
      + "Until then the old password works; after that it does not, and other browsers are signed out.");

  const invite = () => {
    const asking = relativeForm({
      children: children(), submit: "Make the invitation", working: "Making the invitation", cancel: () => void part.back(),
      async act(relative) {
        const { invite: made } = await inviteRelative(relative);
        part.showLink(made, linkWords(relative.name, namesOf(relative)));
      },
    });
    part.showInstead([h("p", {}, "Whom do you invite, and to which children?"), asking.element], asking.forget);
  };
  /** @param {Relative} relative */
  const edit = (relative) => {
    const asking = relativeForm({
      children: children(), relative, submit: "Save", working: "Saving", cancel: () => void part.back(),
      async act(change) {
        await changeRelative(relative.id, change);
        announce("Saved.");
        await part.back();
      },
    });
    part.showInstead([h("p", {}, `What ${relative.name} may do. Taking a child away also takes away what was shared of it.`), asking.element],
      asking.forget);
  };
  part.showList();
  return part;
}
