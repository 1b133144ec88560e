// @ts-check

import { button, h, icon, setText } from "../dom.js";
import { meetingTrouble } from "../toy-words.js";

/** @typedef {import("../api-toys.js").Meeting} Meeting */

/**
 * Makes what is shown while the hub meets a toy: a heart that blinks as the toy's does.
 *
 * @param {{ another: () => void }} scene `another`: somebody wants to choose another one
 */
export function meetingStep({ another }) {
  const heading = h("h3", { tabindex: "-1" }, "Is it this one?");
  const heart = h("span", { class: "meeting-heart", "aria-hidden": "true" }, icon("heart"));
  const lead = h("p", { class: "meeting-lead", role: "status" }, "Reaching the toy …");
  const rest = h("p", { class: "note" });
  const element = h("div", { class: "meeting" }, heart, lead, rest,
    h("div", { class: "form-actions" }, button({ class: "button" }, "Choose another one", another)));
  return {
    heading, nodes: [heading, element], forget() {},
    /** @param {Meeting | undefined} meeting */
    show(meeting) {
      const isWaiting = meeting?.state === "waiting";
      heart.dataset.blinks = String(isWaiting);
      setText(lead, isWaiting ? "Its heart blinks. Squeeze one of its paws." : "Reaching the toy …");
      setText(rest, isWaiting ? "That shows that it is the toy in your hands. If no heart blinks near you, choose another one."
        : "It has to be awake for this. Squeeze a paw if it is not.");
    },
  };
}

/**
 * Makes what is shown when a meeting came to nothing.
 *
 * @param {import("../toy-words.js").Trouble & { again: boolean }} trouble
 * @param {{ again: () => void, another: () => void }} scene
 */
export function meetingFailed({ title, text, steps, again: canHelp }, { again, another }) {
  const heading = h("h3", { tabindex: "-1" }, title);
  return {
    heading, forget() {},
    nodes: [heading, h("p", {}, text),
      ...(steps.length > 0 ? [h("ul", { class: "points" }, ...steps.map((one) => h("li", {}, one)))] : []),
      h("div", { class: "form-actions" },
        ...(canHelp ? [button({ class: "button button-primary" }, "Try again", again)]
          : [h("a", { class: "button button-primary", href: "#/toys" }, "See your toys")]),
        button({ class: "button" }, "Choose another one", another))],
  };
}

/**
 * Returns why a meeting came to nothing; null if it has not.
 *
 * @param {Meeting} meeting
 */
export const failureOf = (meeting) =>
  (meeting.state === "failed" || meeting.state === "cancelled" ? meetingTrouble(meeting) : null);
