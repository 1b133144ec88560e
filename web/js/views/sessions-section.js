// @ts-check

import { hubNow, readSessions, revoke, revokeOthers } from "../api.js";
import { lastUseWords } from "../account-words.js";
import { announce, button, h, icon, rest } from "../dom.js";
import { isSignedOut } from "../sync.js";
import { errorWords } from "../words.js";
import { section } from "./section.js";
import { waiting } from "./waiting.js";

/**
 * Makes the list of browsers that are signed in.
 *
 * @param {() => void} startOver
 */
export function sessionsSection(startOver) {
  const part = section("sessions", "Where you are signed in");
  let alive = true;
  const trouble = h("div", { class: "form-wrong", role: "alert", hidden: true });

  /** @param {unknown} error */
  const complain = (error) => {
    trouble.replaceChildren(icon("warning"), h("span", {}, errorWords(error)));
    trouble.hidden = false;
  };
  const read = async () => {
    try {
      const sessions = await readSessions();
      if (alive) show(sessions);
    } catch (error) {
      if (!alive || isSignedOut(error)) return;
      complain(error);
      part.show([trouble, button({ class: "button button-small" }, "Try again", () => {
        part.show([waiting("Looking who is signed in")]);
        void read();
      })]);
    }
  };
  /**
   * @param {HTMLButtonElement} pressed
   * @param {() => Promise<unknown>} act
   * @param {string} done
   */
  const attempt = async (pressed, act, done) => {
    trouble.hidden = true;
    rest(pressed, true);
    try {
      await act();
      announce(done);
      await read();
    } catch (error) {
      complain(error);
    }
    rest(pressed, false);
  };
  /** @param {import("../api.js").Session[]} sessions */
  const show = (sessions) => {
    trouble.hidden = true;
    const others = sessions.filter(({ current }) => !current).length;
    const all = button({ class: "button" }, "Sign out everywhere else",
      () => void attempt(all, revokeOthers, "Every other browser is signed out."));
    part.show([
      h("p", { class: "note" }, others > 0
        ? "Signing a browser out ends what is open there at once. It takes your password to sign in again."
        : "Only in this browser."),
      h("ul", { class: "sessions" }, ...sessions.map((session) => row(session))),
      trouble,
      ...(others > 0 ? [all] : []),
    ]);
  };
  /** @param {import("../api.js").Session} session */
  const row = (session) => {
    const { id, current, device, address, last_used_at } = session;
    const out = button({
      class: "button button-small", label: current ? "Sign out in this browser" : `Sign out: ${device}, ${address}`,
    }, "Sign out", () => {
      if (current) void revoke(id).then(startOver, complain);
      else void attempt(out, () => revoke(id), `${device} is signed out.`);
    });
    return h("li", {},
      h("div", { class: "session-words" },
        h("p", { class: "session-device" }, device, ...(current ? [" ", h("span", { class: "tag" }, "this browser")] : [])),
        h("p", { class: "note" }, current ? address : `${address}, ${lastUseWords(last_used_at, hubNow())}`)),
      out);
  };

  part.show([waiting("Looking who is signed in")]);
  void read();
  return {
    ...part,
    forget() {
      alive = false;
      part.forget();
    },
  };
}
