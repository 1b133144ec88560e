// @ts-check

// Words about the household's keys.

/**
 * Why keys are changed.
 *
 * @typedef {"change" | "stolen" | "remove"} Purpose
 */

const NEW_KEY = "You get a new recovery key to print. The old one then opens nothing but backups that were made before.";
const OTHERS = "Every other guardian is signed out and gets a link from you, to choose a new password.";
const ELSEWHERE = "You are signed out on your other devices, and open invitations for guardians end.";
const MEANWHILE = "Everything can be heard meanwhile. Hutch works through all recordings and names in the background, "
  + "and goes on after a restart when a guardian visits.";

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
        title: "My hub was stolen",
        what: [
          "Everybody is signed out at once, on every device but this one. Relatives sign in again with their passwords; "
          + "each child screen needs a new link.",
          "You choose a new password.",
          OTHERS, NEW_KEY,
          "From the next start on, the hub has another certificate. Switch it off and on again when you are done here; each "
          + "browser then asks once whether to trust it.",
          MEANWHILE,
        ],
        care: "Whoever has the old card keeps what it gives away: messages not yet heard, times, sign-in names, and the "
          + "addresses of your toys. This protects what comes from now on.",
        submit: "Change the keys, sign everybody out",
      };
    case "remove":
      return {
        title: `Remove ${name}`,
        what: [
          ELSEWHERE,
          `${name} is signed out at once and cannot come back. Relatives whom ${name} invited stay.`,
          OTHERS, NEW_KEY, MEANWHILE,
        ],
        care: `What ${name} has heard or copied before, nobody can take back. What comes from now on, no old copy opens.`,
        submit: `Remove ${name}, change the keys`,
      };
    default:
      return {
        title: "Change the keys",
        what: [ELSEWHERE, OTHERS, NEW_KEY, MEANWHILE],
        care: "If it was your password that somebody knows, choose another one here as well.",
        submit: "Change the keys",
      };
  }
}

/** What is said beside the link of a guardian who is here already. */
export const RETURN_LINK = {
  care: "Whoever opens this link is that guardian from then on and can hear everything. Give it to that person alone.",
  /** @param {string} until */
  terms: (until) => `It works once, for one hour (until ${until}), and in your home network only. It is shown only now.`,
  copied: "Copied. Send it to that person alone.",
};

/**
 * Returns how far a change of keys has come.
 *
 * @param {import("./api-keys.js").KeyProgress} progress
 */
export function progressWords({ done, of }) {
  if (of === 0) return "The keys are being changed";
  return `The keys are being changed: ${Math.min(done, of)} of ${of} recordings, messages and names`;
}

/**
 * Returns the same in percent.
 *
 * @param {import("./api-keys.js").KeyProgress} progress
 */
export const progressPercent = ({ done, of }) => (of > 0 ? Math.floor(100 * Math.min(done, of) / of) : 0);
