// @ts-check

import { button, h, icon, setText } from "../dom.js";
import { say } from "../language.js";
import { meetingTrouble } from "../toy-words.js";

/** @typedef {import("../api-toys.js").Meeting} Meeting */

/**
 * Makes what is shown while the hub meets a toy: a heart that blinks as the toy's does.
 *
 * @param {{ another: () => void }} scene `another`: somebody wants to choose another one
 */
export function meetingStep({ another }) {
  const heading = h("h3", { tabindex: "-1" }, say("meeting.title"));
  const heart = h("span", { class: "meeting-heart", "aria-hidden": "true" }, icon("heart"));
  const lead = h("p", { class: "meeting-lead", role: "status" }, say("meeting.reaching"));
  const rest = h("p", { class: "note" });
  const element = h("div", { class: "meeting" }, heart, lead, rest,
    h("div", { class: "form-actions" }, button({ class: "button" }, say("meeting.another"), another)));
  return {
    heading, nodes: [heading, element], forget() {},
    /** @param {Meeting | undefined} meeting */
    show(meeting) {
      const isWaiting = meeting?.state === "waiting";
      heart.dataset.blinks = String(isWaiting);
      setText(lead, say(isWaiting ? "meeting.blinks" : "meeting.reaching"));
      setText(rest, say(isWaiting ? "meeting.blinks_note" : "meeting.reaching_note"));
    },
  };
}

/**
 * Makes what is shown when a meeting came to nothing.
 *
 * @param {import("../toy-troubles.js").Trouble & { again: boolean }} trouble
 * @param {{ again: () => void, another: () => void }} scene
 */
export function meetingFailed({ title, text, steps, again: canHelp }, { again, another }) {
  const heading = h("h3", { tabindex: "-1" }, title);
  return {
    heading, forget() {},
    nodes: [heading, h("p", {}, text),
      ...(steps.length > 0 ? [h("ul", { class: "points" }, ...steps.map((one) => h("li", {}, one)))] : []),
      h("div", { class: "form-actions" },
        ...(canHelp ? [button({ class: "button button-primary" }, say("common.try_again"), again)]
          : [h("a", { class: "button button-primary", href: "#/toys" }, say("meeting.see_toys"))]),
        button({ class: "button" }, say("meeting.another"), another))],
  };
}

/**
 * Returns why a meeting came to nothing; null if it has not.
 *
 * @param {Meeting} meeting
 */
export const failureOf = (meeting) =>
  (meeting.state === "failed" || meeting.state === "cancelled" ? meetingTrouble(meeting) : null);
