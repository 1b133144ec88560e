// @ts-check

// Words about the household's keys.

import { say } from "./language.js";

/**
 * Why keys are changed.
 *
 * @typedef {"change" | "stolen" | "remove"} Purpose
 */

const NEW_KEY = say("key.gives_new_key");
const OTHERS = say("key.others_signed_out");
const ELSEWHERE = say("key.elsewhere");
const MEANWHILE = say("key.meanwhile");

/**
 * Returns what a change of keys does, before somebody decides.
 *
 * @param {Purpose} purpose
 * @param {string} [name] who leaves
 * @returns {{ title: string, what: string[], care: string, submit: string }}
 */
export function changeWords(purpose, name = "") {
  switch (purpose) {
    case "stolen":
      return {
        title: say("key.stolen"),
        what: [
          say("key.stolen_signed_out"), say("key.stolen_password"), OTHERS, NEW_KEY, say("key.stolen_certificate"),
          MEANWHILE,
        ],
        care: say("key.stolen_care"),
        submit: say("key.stolen_submit"),
      };
    case "remove":
      return {
        title: say("key.remove", { name }),
        what: [ELSEWHERE, say("key.remove_signed_out", { name }), OTHERS, NEW_KEY, MEANWHILE],
        care: say("key.remove_care", { name }),
        submit: say("key.remove_submit", { name }),
      };
    default:
      return {
        title: say("key.change"),
        what: [ELSEWHERE, OTHERS, NEW_KEY, MEANWHILE],
        care: say("key.change_care"),
        submit: say("key.change"),
      };
  }
}

/** What is said beside the link of a guardian who is here already. */
export const RETURN_LINK = {
  care: say("key.return_link_care"),
  /** @param {string} until */
  terms: (until) => say("key.return_link_terms", { time: until }),
  copied: say("key.return_link_copied"),
};

/**
 * Returns how far a change of keys has come.
 *
 * @param {import("./api-keys.js").KeyProgress} progress
 */
export function progressWords({ done, of }) {
  if (of === 0) return say("key.progress");
  return say("key.progress_of", { done: Math.min(done, of), all: of });
}

/**
 * Returns the same in percent.
 *
 * @param {import("./api-keys.js").KeyProgress} progress
 */
export const progressPercent = ({ done, of }) => (of > 0 ? Math.floor(100 * Math.min(done, of) / of) : 0);
