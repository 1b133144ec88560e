// @ts-check

import { hubNow } from "../api.js";
import { eraseRelative } from "../api-erase.js";
import { actOnRelative, changeRelative, inviteRelative, removePerson } from "../api-people.js";
import { announce, button, h } from "../dom.js";
import { erasedWords, noChildWords, relativeWords } from "../erase-words.js";
import { andList, say } from "../language.js";
import { grantWords, relativeState } from "../people-words.js";
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
  care: say("people.relative_link_care", { name, children: andList(children) }),
  terms: (until) => say("people.relative_link_terms", { until }),
  copied: say("people.relative_link_copied", { name }),
});

/** Makes the list of relatives, and the place where one is invited or changed. */
export function relativesSection() {
  /** @returns {import("../api.js").Child[]} */
  const children = () => store.get("children") ?? [];
  const nameOf = (/** @type {string} */ id) => children().find((one) => one.id === id)?.name ?? say("people.a_child");
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
        h("p", { class: "note" }, say(children().length === 0 ? "people.relatives_note_no_child" : "people.relatives_note")),
        ...(children().length === 0 ? [] : [button({ class: "button" }, say("people.invite_relative"), invite)]),
      ],
    };
  };
  const part = peoplePart({ name: "relatives", title: say("people.relatives"), kind: "relatives", list });

  /** @param {Relative} relative */
  const row = (relative) => {
    const { id, name, state, grants } = relative;
    const line = stateLine(() => relativeState(relative, hubNow()));
    const isPaused = state === "blocked";
    const small = (/** @type {string} */ label) => ({ class: "button button-small", label });
    const change = button(small(say("people.change_name", { name })), say("people.change"), () => edit(relative));
    const link = button(small(say("people.new_link_for", { name })), say("people.new_link"),
      () => part.offerLink(id, newLinkWords(relative), linkWords(name, namesOf(relative))));
    const pause = errand(small(say(isPaused ? "people.let_in_name" : "people.pause_name", { name })),
      say(isPaused ? "people.let_in" : "people.pause"), say(isPaused ? "people.letting_in" : "people.pausing"), async () => {
        await actOnRelative(id, isPaused ? "unblock" : "block");
        announce(say(isPaused ? "people.can_sign_in" : "people.cannot_sign_in", { name }));
        await refreshPeople();
      });
    const remove = twice({
      words: say("people.remove"), label: say("people.remove_name", { name }), sure: say("people.remove_relative_sure"),
      working: say("people.removing"), question: say("people.remove_relative_question", { name }),
      async act() {
        await removePerson("relatives", id);
        announce(say("people.removed", { name }));
        await refreshPeople();
      },
    });
    const erase = erasing({
      words: say("common.erase"), label: say("people.erase_relative", { name }), working: say("common.erasing"),
      tell: () => relativeWords(name),
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
  const newLinkWords = ({ name, state }) =>
    say(state === "invited" ? "people.new_link_invited" : "people.new_link_active", { name });

  const invite = () => {
    const asking = relativeForm({
      children: children(), submit: say("people.make_the_invitation"), working: say("people.making_the_invitation"),
      cancel: () => void part.back(),
      async act(relative) {
        const { invite: made } = await inviteRelative(relative);
        part.showLink(made, linkWords(relative.name, namesOf(relative)));
      },
    });
    part.showInstead([h("p", {}, say("people.invite_lead")), asking.element], asking.forget);
  };
  /** @param {Relative} relative */
  const edit = (relative) => {
    const asking = relativeForm({
      children: children(), relative, submit: say("common.save"), working: say("common.saving"), cancel: () => void part.back(),
      async act(change) {
        await changeRelative(relative.id, change);
        announce(say("common.saved"));
        await part.back();
      },
    });
    part.showInstead([h("p", {}, say("people.edit_lead", { name: relative.name })), asking.element], asking.forget);
  };
  part.showList();
  return part;
}
