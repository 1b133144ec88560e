// @ts-check

import { ApiError, confirm, hubNow, invite, readInvites, readPeople, withdrawInvite } from "../api.js";
import { spanWords } from "../account-words.js";
import { announce, button, h, icon } from "../dom.js";
import { store } from "../store.js";
import { isSignedOut } from "../sync.js";
import { errorWords } from "../words.js";
import { form, hiddenName } from "./form.js";
import { keepsake } from "./keepsake.js";
import { qr } from "./qr.js";
import { proofFields } from "./reauth.js";
import { section } from "./section.js";
import { errand, waiting } from "./waiting.js";

/** Makes the list of guardians, and the place where another one is invited. */
export function peopleSection() {
  const part = section("people", "Guardians");
  const me = () => /** @type {import("../api.js").Me} */ (store.get("me"));
  let alive = true;

  const read = async () => {
    try {
      const [people, invites] = await Promise.all([readPeople(), readInvites()]);
      if (alive) show(people, invites);
    } catch (error) {
      if (!alive || isSignedOut(error)) return;
      part.show([
        h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))),
        button({ class: "button button-small" }, "Try again", () => {
          part.show([waiting("Looking who is here")]);
          void read();
        }),
      ]);
    }
  };
  /**
   * @param {import("../api.js").Person[]} people
   * @param {import("../api.js").Invite[]} invites
   */
  const show = (people, invites) => {
    const ask = errand({}, "Invite another guardian", "Making an invitation", makeInvite);
    part.show([
      h("ul", { class: "guardians" }, ...people.map(({ name, sign_in_name: called, me: mine }) => h("li", {},
        h("div", {}, h("p", {}, h("strong", {}, name), mine ? " (you)" : ""), h("p", { class: "note" }, `Signs in as “${called}”`))))),
      ...(invites.length > 0 ? [h("p", { class: "note" }, "Open invitations:"),
        h("ul", { class: "guardians" }, ...invites.map((one) => row(one)))] : []),
      h("p", { class: "note" }, "Another guardian can do everything that you can, and can invite you again "
        + "if you lose your password."),
      ask.press, ask.news,
    ]);
  };
  /** @param {import("../api.js").Invite} open */
  const row = ({ id, expires_at: until }) => {
    const left = `Good for ${spanWords(Math.max(1, until - hubNow()))} more`;
    const back = errand({ class: "button button-small", label: `Take back: ${left}` }, "Take back", "Taking back", async () => {
      try {
        await withdrawInvite(id);
      } catch (error) {
        // Gone is gone: used, ended, or taken back elsewhere.
        if (!(error instanceof ApiError && error.code === "no_such_invite")) throw error;
      }
      announce("The invitation opens nothing any more.");
      await read();
    });
    return h("li", {}, h("div", {}, h("p", {}, left)), back.press, back.news);
  };
  const makeInvite = async () => {
    let made;
    try {
      made = await invite();
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "confirm_first")) throw error;
      proveFirst();
      return;
    }
    showLink(made);
  };
  /** @param {import("../api.js").NewInvite} made */
  const showLink = ({ link, qr: rows }) => {
    const shown = h("p", { class: "invite-link", tabindex: "0" }, link);
    const kept = keepsake({
      text: link, shown,
      paper: [h("p", { class: "sheet-title" }, "Invitation to Hutch"), h("p", {}, link), qr(rows, "The invitation as a QR code")],
    });
    part.show([
      h("p", { class: "form-remark" }, icon("warning"), h("span", {},
        "Whoever opens this becomes a guardian and hears everything. It is good once, for one hour, and on your "
        + "home network only.")),
      h("div", {}, qr(rows, "The invitation as a QR code")), shown, kept.element,
      button({ class: "button" }, "Done", () => {
        part.show([waiting("Looking who is here")]);
        void read();
      }),
    ], kept.forget);
    part.focus();
  };
  const proveFirst = () => {
    const proof = proofFields(me());
    const proving = form({
      fields: proof.fields, layout: [hiddenName(me().name), ...proof.elements],
      submit: "Make an invitation", working: "Making an invitation",
      beside: [button({ class: "button button-quiet" }, "Cancel", () => void read())],
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
