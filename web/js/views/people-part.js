// @ts-check

import { inviteAgain } from "../api-people.js";
import { button, h, icon, setText } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { isSignedOut, refreshPeople } from "../sync.js";
import { errorWords } from "../words.js";
import { invitation, takeBack } from "./invitation.js";
import { section } from "./section.js";
import { errand } from "./waiting.js";

const TICK_MS = 15_000;

/**
 * What a row of people says of somebody's state.
 *
 * @typedef {{ text: string, icon: string, tone: string }} State
 */

/**
 * Makes a part of "People": a list that follows the store, and in its place, for a while, something to
 * fill in or a link.
 *
 * @param {object} look
 * @param {string} look.name
 * @param {string} look.title
 * @param {"relatives" | "screens"} look.kind
 * @param {() => { nodes: Node[], tick: () => void }} look.list
 */
export function peoplePart({ name, title, kind, list }) {
  const part = section(name, title);
  let isListed = false;
  let drawn = "";
  let drawnIds = "";

  const showList = () => {
    isListed = true;
    drawn = seen();
    drawnIds = ids();
    const { nodes, tick } = list();
    const timer = setInterval(() => {
      tick();
      // What had to wait while somebody was asked something.
      drawAnew();
    }, TICK_MS);
    part.show(nodes, () => clearInterval(timer));
  };
  // A list that is drawn anew loses what somebody is about to confirm: only for news of its own.
  const children = () => (store.get("children") ?? []).map((/** @type {import("../api.js").Child} */ { id, name: called }) => [id, called]);
  const ids = () => JSON.stringify((store.get("people")?.[kind] ?? []).map((/** @type {{ id: string }} */ { id }) => id));
  const seen = () => JSON.stringify([store.get("people")?.[kind], children()]);
  const drawAnew = () => {
    const isAsking = part.place.querySelector(".twice:not([hidden])") !== null;
    if (isListed && seen() !== drawn && !(isAsking && ids() === drawnIds)) showList();
  };
  const forget = store.watch(["people", "children"], drawAnew);
  /**
   * @param {Node[]} nodes
   * @param {() => void} [leave]
   */
  const showInstead = (nodes, leave) => {
    isListed = false;
    part.show(nodes, leave);
    part.focus();
  };
  const back = async () => {
    showList();
    try {
      await refreshPeople();
    } catch (error) {
      if (isSignedOut(error) || !isListed) return;
      part.place.prepend(h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))));
    }
  };
  /**
   * Shows a link that was just made.
   *
   * @param {import("../api.js").NewInvite} made
   * @param {import("./invitation.js").LinkWords} words
   */
  const showLink = (made, words) => {
    const shown = invitation(made, {
      words, done: () => void back(),
      async withdraw() {
        await takeBack(made.id);
        await back();
      },
    });
    showInstead(shown.nodes, shown.forget);
  };
  return {
    ...part, showList, showInstead, showLink, back,
    /**
     * Says what a new link does, and makes it.
     *
     * @param {string} id
     * @param {string} question
     * @param {import("./invitation.js").LinkWords} words
     */
    offerLink(id, question, words) {
      const make = errand({ class: "button button-primary" }, say("people.make_new_link"), say("people.making_link"), async () => {
        showLink(await inviteAgain(kind, id), words);
      });
      showInstead([h("p", {}, question), h("div", { class: "form-actions" }, make.press,
        button({ class: "button button-quiet", escape: true }, say("common.cancel"), () => void back())), make.news]);
    },
    forget() {
      forget();
      isListed = false;
      part.forget();
    },
  };
}

/**
 * Makes what takes somebody's open link back; nothing where there is none.
 *
 * @param {{ name: string, invite: import("../api-people.js").OpenLink | null }} person
 */
export function linkBack({ name, invite }) {
  if (!invite) return { presses: [], news: [] };
  const look = { class: "button button-small", label: say("people.take_back_link_for", { name }) };
  const back = errand(look, say("people.take_back_link"), say("people.taking_back"), async () => {
    await takeBack(invite.id);
    await refreshPeople();
  });
  return { presses: [back.press], news: [back.news] };
}

/**
 * Makes the line about somebody's state, which moves with the time.
 *
 * @param {() => State} state
 */
export function stateLine(state) {
  const sign = icon("clock");
  const words = h("span", {});
  const element = h("p", { class: "person-state" }, sign, words);
  const tick = () => {
    const now = state();
    sign.className = `icon icon-${now.icon}`;
    element.dataset.tone = now.tone;
    setText(words, now.text);
  };
  tick();
  return { element, tick };
}

