// @ts-check

import { ApiError, hubNow, readSessions, revoke, revokeOthers } from "../api.js";
import { lastUseWords } from "../account-words.js";
import { announce, button, h, icon } from "../dom.js";
import { isSignedOut } from "../sync.js";
import { errorWords } from "../words.js";
import { section } from "./section.js";
import { errand, waiting } from "./waiting.js";

/**
 * Makes the list of browsers that are signed in.
 *
 * @param {() => void} startOver
 */
export function sessionsSection(startOver) {
  const part = section("sessions", "Where you are signed in");
  let alive = true;

  const read = async () => {
    try {
      const sessions = await readSessions();
      if (alive) show(sessions);
    } catch (error) {
      if (!alive || isSignedOut(error)) return;
      part.show([
        h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))),
        button({ class: "button button-small" }, "Try again", () => {
          part.show([waiting("Looking who is signed in")]);
          void read();
        }),
      ]);
    }
  };
  /** @param {import("../api.js").Session[]} sessions */
  const show = (sessions) => {
    const others = sessions.filter(({ current }) => !current).length;
    const all = errand({}, "Sign out everywhere else", "Signing out", async () => {
      await revokeOthers();
      announce("Every other browser is signed out.");
      await read();
    });
    part.show([
      h("p", { class: "note" }, others > 0
        ? "Signing a browser out ends what is open there at once. It takes your password to sign in again."
        : "Only in this browser."),
      h("ul", { class: "sessions" }, ...sessions.map((session) => row(session))),
      ...(others > 0 ? [all.press, all.news] : []),
    ]);
  };
  /** @param {import("../api.js").Session} session */
  const row = ({ id, current, device, address, last_used_at }) => {
    const label = current ? "Sign out in this browser" : `Sign out: ${device}, ${address}`;
    const out = errand({ class: "button button-small", label }, "Sign out", "Signing out", async () => {
      try {
        await revoke(id);
      } catch (error) {
        // Gone is gone, whoever did it.
        if (!(error instanceof ApiError && error.code === "no_such_session")) throw error;
      }
      if (current) {
        startOver();
        return;
      }
      announce(`${device} is signed out.`);
      await read();
    });
    return h("li", {},
      h("div", { class: "session-words" },
        h("p", { class: "session-device" }, device, ...(current ? [" ", h("span", { class: "tag" }, "this browser")] : [])),
        h("p", { class: "note" }, current ? address : `${address}, ${lastUseWords(last_used_at, hubNow())}`)),
      out.press, out.news);
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
