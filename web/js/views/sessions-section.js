// @ts-check

import { ApiError, hubNow, readSessions, revoke, revokeOthers } from "../api.js";
import { deviceWords, lastUseWords } from "../account-words.js";
import { announce, button, h, icon, place } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
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
  const part = section("sessions", say("account.sessions"));
  let alive = true;
  let shown = "";
  /** Those of sessions that are the same as before are left alone. */
  const rows = new Map();
  const list = h("ul", { class: "sessions" });

  const read = async () => {
    try {
      const sessions = await readSessions();
      const now = JSON.stringify(sessions);
      if (alive && now !== shown) show(sessions);
      shown = now;
    } catch (error) {
      // What was shown before is better than nothing.
      if (!alive || isSignedOut(error) || shown !== "") return;
      part.show([
        h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))),
        button({ class: "button button-small" }, say("common.try_again"), () => {
          part.show([waiting(say("account.sessions_looking"))]);
          void read();
        }),
      ]);
    }
  };
  /** @param {import("../api.js").Session[]} sessions */
  const show = (sessions) => {
    const others = sessions.filter(({ current }) => !current).length;
    const all = errand({}, say("account.sign_out_others"), say("account.signing_out"), async () => {
      await revokeOthers();
      announce(say("account.others_signed_out"));
      await read();
    });
    // A row that was somebody's place and is gone gives the focus to the heading, and not to nothing.
    const wasHere = list.contains(document.activeElement);
    place(list, sessions.map((session) => knownRow(session)));
    if (wasHere && !list.contains(document.activeElement)) part.focusHeading();
    part.show([
      h("p", { class: "note" }, others > 0 ? say("account.sessions_note") : say("account.sessions_only_here")),
      list,
      ...(others > 0 ? [all.press, all.news] : []),
    ]);
  };
  /** @param {import("../api.js").Session} session */
  const knownRow = (session) => {
    const now = JSON.stringify(session);
    const known = rows.get(session.id);
    if (known?.now === now) return known.element;
    const element = row(session);
    rows.set(session.id, { now, element });
    return element;
  };
  /** @param {import("../api.js").Session} session */
  const row = ({ id, current, device: kind, address, last_used_at }) => {
    const device = deviceWords(kind);
    const label = current ? say("account.sign_out_here") : say("account.sign_out_device", { device, address });
    const look = { class: "button button-small", label };
    const out = errand(look, say("account.sign_out"), say("account.signing_out"), async () => {
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
      announce(say("account.device_signed_out", { device }));
      await read();
    });
    return h("li", {},
      h("div", { class: "session-words" },
        h("p", { class: "session-device" }, device,
          ...(current ? [" ", h("span", { class: "tag" }, say("account.this_browser"))] : [])),
        h("p", { class: "note" }, current
          ? address
          : say("account.session_used", { address, last_use: lastUseWords(last_used_at, hubNow()) }))),
      out.press, out.news);
  };

  part.show([waiting(say("account.sessions_looking"))]);
  void read();
  const forget = store.watch(["sessions"], () => void read());
  return {
    ...part,
    forget() {
      alive = false;
      forget();
      part.forget();
    },
  };
}
