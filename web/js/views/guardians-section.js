// @ts-check

import { ApiError, confirm, hubNow, invite, readInvites } from "../api.js";
import { inviteGuardianAgain } from "../api-keys.js";
import { guardianState, personWords, timeLeft } from "../account-words.js";
import { button, h, icon, setText } from "../dom.js";
import { RETURN_LINK } from "../key-words.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { isSignedOut, refreshPeople } from "../sync.js";
import { errorWords } from "../words.js";
import { form, hiddenName } from "./form.js";
import { invitation, takeBack } from "./invitation.js";
import { keyChange } from "./key-change.js";
import { linkBack } from "./people-part.js";
import { proofFields } from "./reauth.js";
import { section } from "./section.js";
import { errand, waiting } from "./waiting.js";

const TICK_MS = 15_000;

const GUARDIAN_LINK = {
  care: say("people.guardian_link_care"),
  /** @param {string} until */
  terms: (until) => say("people.guardian_link_terms", { until }),
  copied: say("people.guardian_link_copied"),
};

/** Makes the list of guardians, and the place where another one is invited. */
export function guardiansSection() {
  const part = section("guardians", say("people.guardians"));
  const me = () => /** @type {import("../api.js").Me} */ (store.get("me"));
  let alive = true;
  /** @type {import("../api.js").Invite[] | null} what is listed; null while something else is there */
  let listed = null;
  let reading = 0;

  /**
   * Shows something in the place of the list; an answer that is under way must not take it away.
   *
   * @param {Node[]} nodes
   * @param {() => void} [leave]
   */
  const showInstead = (nodes, leave) => {
    listed = null;
    reading += 1;
    part.show(nodes, leave);
  };
  const read = async () => {
    reading += 1;
    const mine = reading;
    try {
      const [invites] = await Promise.all([readInvites(), refreshPeople()]);
      if (alive && mine === reading) show(store.get("people").guardians, invites);
    } catch (error) {
      if (!alive || mine !== reading || isSignedOut(error)) return;
      showInstead([
        h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))),
        button({ class: "button button-small" }, say("common.try_again"), readAgain),
      ]);
    }
  };
  const readAgain = () => {
    showInstead([waiting(say("people.looking"))]);
    void read();
  };
  /**
   * @param {import("../api.js").Person[]} people
   * @param {import("../api.js").Invite[]} invites
   */
  const show = (people, invites) => {
    listed = invites;
    const ask = errand({}, say("people.invite_guardian"), say("people.making_an_invitation"), makeInvite);
    const rows = invites.map((one) => openInvite(one));
    const persons = people.map((one) => person(one));
    const timer = setInterval(() => {
      for (const row of [...rows, ...persons]) row.tick();
      if (invites.some(({ expires_at: until }) => until <= hubNow())) void read();
    }, TICK_MS);
    part.show([
      h("ul", { class: "guardians persons" }, ...persons.map(({ element }) => element)),
      ...(rows.length > 0 ? [
        h("div", {}, h("h4", {}, say("people.open_invitations")),
          h("ul", { class: "guardians" }, ...rows.map(({ element }) => element))),
      ] : []),
      h("p", { class: "note" }, say("people.guardians_note")),
      ask.press, ask.news,
    ], () => clearInterval(timer));
  };
  /** @param {import("../api.js").Person} one */
  const person = (one) => {
    const { name } = one;
    const words = h("span", {});
    const line = h("p", { class: "person-state", "data-tone": "care" }, icon("clock"), words);
    const tick = () => {
      const state = one.me ? null : guardianState(one, hubNow());
      line.hidden = state === null;
      setText(words, state ?? "");
    };
    tick();
    const small = (/** @type {string} */ label) => ({ class: "button button-small", label });
    const back = linkBack(one);
    const element = h("li", {},
      h("div", { class: "session-words" },
        h("p", { class: "session-device" }, name, ...(one.me ? [" ", h("span", { class: "tag" }, say("people.you_tag"))] : [])),
        line, h("p", { class: "note" }, personWords(one))),
      ...(one.me ? [] : [h("div", { class: "person-actions" },
        button(small(say("people.new_link_for", { name })), say("people.new_link"), () => offerReturn(one)), ...back.presses,
        button(small(say("people.remove_name", { name })), say("people.remove"),
          () => keyChange({ part: { ...part, show: showInstead }, purpose: "remove", person: one, done: readAgain })))]),
      ...back.news);
    return { element, tick };
  };
  /** @param {import("../api.js").Person} one */
  const offerReturn = ({ id, name, has_password: hasPassword }) => {
    const make = errand({ class: "button button-primary" }, say("people.make_new_link"), say("people.making_link"), () => makeReturn(id));
    showInstead([
      h("p", {}, say(hasPassword ? "people.return_with_password" : "people.return_without_password", { name })),
      h("div", { class: "form-actions" }, make.press, button({ class: "button button-quiet", escape: true }, say("common.cancel"), readAgain)), make.news,
    ]);
    part.focus();
  };
  /** @param {string} id */
  const makeReturn = async (id) => {
    const words = { submit: say("people.make_new_link"), working: say("people.making_link") };
    const made = await unlessProofIsNeeded(() => inviteGuardianAgain(id), () => makeReturn(id), words);
    if (made && alive) showLink(made, RETURN_LINK);
  };
  /** @param {import("../api.js").Invite} open */
  const openInvite = ({ id, expires_at: until }) => {
    const words = h("p", {});
    const back = errand({ class: "button button-small" }, say("people.take_back"), say("people.taking_back"), async () => {
      await takeBack(id);
      await read();
    });
    const tick = () => {
      const state = say("people.invitation_open", { span: timeLeft(until, hubNow()) });
      setText(words, state);
      back.press.setAttribute("aria-label", say("people.take_back_state", { state }));
    };
    tick();
    return { element: h("li", {}, h("div", { class: "session-words" }, words), back.press, back.news), tick };
  };
  const makeInvite = async () => {
    const words = { submit: say("people.make_an_invitation"), working: say("people.making_an_invitation") };
    const made = await unlessProofIsNeeded(invite, makeInvite, words);
    if (made && alive) showLink(made, GUARDIAN_LINK);
  };
  /**
   * Asks for something; where the password is needed first, asks for that, and then once more.
   *
   * @template T
   * @param {() => Promise<T>} act
   * @param {() => Promise<void>} again
   * @param {{ submit: string, working: string }} words
   * @returns {Promise<T | null>} null: it was not done yet
   */
  const unlessProofIsNeeded = async (act, again, words) => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "confirm_first")) throw error;
      if (alive) proveFirst(again, words);
      return null;
    }
  };
  /**
   * @param {import("../api.js").NewInvite} made
   * @param {import("./invitation.js").LinkWords} words
   */
  const showLink = (made, words) => {
    const { id } = made;
    const shown = invitation(made, {
      words,
      done: readAgain,
      async withdraw() {
        await takeBack(id);
        readAgain();
      },
    });
    showInstead(shown.nodes, shown.forget);
    part.focus();
  };
  /**
   * @param {() => Promise<void>} again
   * @param {{ submit: string, working: string }} words
   */
  const proveFirst = (again, words) => {
    const proof = proofFields(me());
    const proving = form({
      fields: proof.fields, layout: [hiddenName(me().name), ...proof.elements],
      submit: words.submit, working: words.working,
      beside: [button({ class: "button button-quiet", escape: true }, say("common.cancel"), readAgain)],
      async act() {
        store.set("me", await confirm(proof.proof()));
        await again();
      },
      caught: (error) => proof.caught(error, proving.refuse),
    });
    showInstead([h("p", {}, say("people.link_needs_password")), proving.element],
      proving.forget);
    part.focus();
  };

  showInstead([waiting(say("people.looking"))]);
  void read();
  const forget = store.watch(["people"], () => {
    if (listed) show(store.get("people").guardians, listed);
  });
  return {
    ...part,
    forget() {
      alive = false;
      forget();
      part.forget();
    },
  };
}
