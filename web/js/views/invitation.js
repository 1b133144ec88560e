// @ts-check

import { ApiError, hubNow, withdrawInvite } from "../api.js";
import { announce, button, h, icon } from "../dom.js";
import { say } from "../language.js";
import { when } from "../time.js";
import { copyOrSelect } from "./keepsake.js";
import { qr } from "./qr.js";
import { errand } from "./waiting.js";

/**
 * What is said beside a link: what it opens, how long, and what to do with it.
 *
 * @typedef {{ care: string, terms: (until: string) => string, copied: string }} LinkWords
 */

/**
 * Takes an invitation back. Gone is gone: used, ended, or taken back elsewhere.
 *
 * @param {string} id
 */
export async function takeBack(id) {
  try {
    await withdrawInvite(id);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "no_such_invite")) throw error;
  }
  announce(say("people.invitation_ended"));
}

/**
 * Makes what is shown once of an invitation: its link, to hand over by another way, and as a picture for
 * somebody who stands beside.
 *
 * @param {import("../api.js").NewInvite} made
 * @param {{ words: LinkWords, done: () => void, withdraw: () => Promise<void> }} scene
 */
export function invitation({ link, qr: rows, expires_at: ends }, { words, done, withdraw }) {
  const until = when(ends, hubNow());
  const shown = h("p", { class: "secret invite-link", tabindex: "0", role: "group", "aria-label": say("people.link") }, link);
  const told = h("p", { class: "note", role: "status" });
  const copy = async () => {
    told.textContent = await copyOrSelect(link, shown, words.copied);
    announce(told.textContent);
  };
  const share = async () => {
    try {
      await navigator.share({ title: "Hutch", text: say("people.share_text", { until }), url: link });
    } catch (error) {
      // Who closes the sheet has decided.
      if (/** @type {Error} */ (error).name !== "AbortError") await copy();
    }
  };
  const back = errand({ class: "button button-quiet" }, say("people.take_back"), say("people.taking_back"), withdraw);
  const canShare = typeof navigator.share === "function";
  return {
    nodes: [
      h("p", { class: "form-remark" }, icon("warning"), h("span", {}, words.care)),
      h("p", {}, words.terms(until)),
      shown,
      h("div", { class: "keepsake" },
        h("div", { class: "keepsake-actions" },
          ...(canShare ? [button({ class: "button button-primary", icon: "send" }, say("people.share_link"), () => void share())] : []),
          button({ class: canShare ? "button" : "button button-primary" }, say("common.copy"), () => void copy()),
          button({ class: "button" }, say("common.done"), done), back.press),
        back.news, told),
      h("p", { class: "note" }, say("people.or_camera")),
      h("div", {}, qr(rows, say("people.invitation_as_qr"))),
      h("p", { class: "note" }, say("people.unknown_hub_note")),
    ],
    forget() {
      shown.replaceChildren();
    },
  };
}
