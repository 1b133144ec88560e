// @ts-check

import { ApiError, hubNow, readSessions, revoke, revokeOthers } from "../api.js";
import { deviceWords, lastUseWords } from "../account-words.js";
import { announce, button, h, icon } from "../dom.js";
import { say } from "../language.js";
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

  const read = async () => {
    try {
      const sessions = await readSessions();
      if (alive) show(sessions);
    } catch (error) {
      if (!alive || isSignedOut(error)) return;
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
    part.show([
      h("p", { class: "note" }, others > 0 ? say("account.sessions_note") : say("account.sessions_only_here")),
      h("ul", { class: "sessions" }, ...sessions.map((session) => row(session))),
      ...(others > 0 ? [all.press, all.news] : []),
    ]);
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
  return {
    ...part,
    forget() {
      alive = false;
      part.forget();
    },
  };
}
