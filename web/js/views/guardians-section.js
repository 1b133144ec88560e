// @ts-check

import { ApiError, confirm, hubNow, invite, readInvites } from "../api.js";
import { goodForWords, personWords } from "../account-words.js";
import { button, h, icon, setText } from "../dom.js";
import { store } from "../store.js";
import { isSignedOut, refreshPeople } from "../sync.js";
import { errorWords } from "../words.js";
import { form, hiddenName } from "./form.js";
import { invitation, takeBack } from "./invitation.js";
import { proofFields } from "./reauth.js";
import { section } from "./section.js";
import { errand, waiting } from "./waiting.js";

const TICK_MS = 15_000;

const GUARDIAN_LINK = {
  care: "Whoever opens this link becomes a guardian and can hear everything. Give it to that person alone.",
  /** @param {string} until */
  terms: (until) => `It works once, for one hour (until ${until}), and in your home network only. It is shown only now.`,
  copied: "Copied. Send it to that person alone.",
};

/** Makes the list of guardians, and the place where another one is invited. */
export function guardiansSection() {
  const part = section("guardians", "Guardians");
  const me = () => /** @type {import("../api.js").Me} */ (store.get("me"));
  let alive = true;

  const read = async () => {
    try {
      const [invites] = await Promise.all([readInvites(), refreshPeople()]);
      if (alive) show(store.get("people").guardians, invites);
    } catch (error) {
      if (!alive || isSignedOut(error)) return;
      part.show([
        h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))),
        button({ class: "button button-small" }, "Try again", readAgain),
      ]);
    }
  };
  const readAgain = () => {
    part.show([waiting("Looking who is here")]);
    void read();
  };
  /**
   * @param {import("../api.js").Person[]} people
   * @param {import("../api.js").Invite[]} invites
   */
  const show = (people, invites) => {
    const ask = errand({}, "Invite another guardian", "Making an invitation", makeInvite);
    const rows = invites.map((one) => openInvite(one));
    const timer = setInterval(() => {
      for (const row of rows) row.tick();
      if (invites.some(({ expires_at: until }) => until <= hubNow())) void read();
    }, TICK_MS);
    part.show([
      h("ul", { class: "guardians" }, ...people.map((one) => person(one))),
      ...(rows.length > 0 ? [
        h("div", {}, h("h4", {}, "Open invitations"),
          h("ul", { class: "guardians" }, ...rows.map(({ element }) => element))),
      ] : []),
      h("p", { class: "note" }, "Another guardian hears everything and may do everything that you may. Whoever "
        + "of you has lost a password can be invited anew by the other, with another name."),
      ask.press, ask.news,
    ], () => clearInterval(timer));
  };
  /** @param {import("../api.js").Person} one */
  const person = (one) => h("li", {}, h("div", { class: "session-words" },
    h("p", { class: "session-device" }, one.name, ...(one.me ? [" ", h("span", { class: "tag" }, "you")] : [])),
    h("p", { class: "note" }, personWords(one))));
  /** @param {import("../api.js").Invite} open */
  const openInvite = ({ id, expires_at: until }) => {
    const words = h("p", {});
    const back = errand({ class: "button button-small" }, "Take back", "Taking it back", async () => {
      await takeBack(id);
      await read();
    });
    const tick = () => {
      const left = `Still ${goodForWords(until, hubNow())}`;
      setText(words, left);
      back.press.setAttribute("aria-label", `Take back: ${left}`);
    };
    tick();
    return { element: h("li", {}, h("div", { class: "session-words" }, words), back.press, back.news), tick };
  };
  const makeInvite = async () => {
    let made;
    try {
      made = await invite();
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "confirm_first")) throw error;
      if (alive) proveFirst();
      return;
    }
    if (!alive) return;
    const { id } = made;
    const shown = invitation(made, {
      words: GUARDIAN_LINK,
      done: readAgain,
      async withdraw() {
        await takeBack(id);
        readAgain();
      },
    });
    part.show(shown.nodes, shown.forget);
    part.focus();
  };
  const proveFirst = () => {
    const proof = proofFields(me());
    const proving = form({
      fields: proof.fields, layout: [hiddenName(me().name), ...proof.elements],
      submit: "Make an invitation", working: "Making an invitation",
      beside: [button({ class: "button button-quiet" }, "Cancel", readAgain)],
      async act() {
        store.set("me", await confirm(proof.proof()));
        await makeInvite();
      },
      caught: (error) => proof.caught(error, proving.refuse),
    });
    part.show([h("p", {}, "Your password once more, because the invitation opens everything."), proving.element],
      proving.forget);
    part.focus();
  };

  part.show([waiting("Looking who is here")]);
  void read();
  return {
    ...part,
    forget() {
      alive = false;
      part.forget();
    },
  };
}
