// @ts-check

import { ApiError } from "../api.js";
import { button, h, icon, rest } from "../dom.js";
import { say } from "../language.js";
import { errorWords } from "../words.js";

const SENTENCE_MS = 1_000;
const WAY_OUT_MS = 10_000;

/**
 * Makes what stands where something will be: grey shapes, after a second a sentence, after ten a
 * way out.
 *
 * @param {string} what
 */
export function waiting(what) {
  const words = h("p", { class: "note", role: "status" });
  const box = h("div", { class: "waiting" },
    h("span", { class: "bone" }), h("span", { class: "bone" }), words);
  setTimeout(() => { words.textContent = say("form.working", { what }); }, SENTENCE_MS);
  setTimeout(() => { words.textContent = say("form.waiting_long", { what }); }, WAY_OUT_MS);
  return box;
}

/**
 * Makes the line under what the hub is working on: after a second a sentence, after ten a way out.
 */
export function patience() {
  const words = h("p", { class: "note", role: "status" });
  const out = h("div", { class: "form-way-out" });
  /** @type {number[]} */
  let timers = [];
  const end = () => {
    for (const timer of timers) clearTimeout(timer);
    timers = [];
    words.textContent = "";
    out.replaceChildren();
  };
  return {
    element: h("div", { class: "form-patience" }, words, out),
    /**
     * Waits for something, until somebody has enough of it. The hub may do it all the same.
     *
     * @template T
     * @param {string} what
     * @param {() => Promise<T>} act
     * @returns {Promise<T>}
     */
    async during(what, act) {
      end();
      const stopped = new Promise((_, reject) => {
        timers.push(setTimeout(() => { words.textContent = say("form.working", { what }); }, SENTENCE_MS));
        timers.push(setTimeout(() => {
          words.textContent = say("form.working_long", { what });
          out.replaceChildren(button({ icon: "close", class: "button button-small" }, say("form.stop_waiting"),
            () => reject(new ApiError(0, "stopped", say("form.stopped")))));
        }, WAY_OUT_MS));
      });
      try {
        return await /** @type {Promise<T>} */ (Promise.race([act(), stopped]));
      } finally {
        end();
      }
    },
    end,
  };
}

/**
 * Makes a button that asks the hub for something, with a place where it says how that goes.
 *
 * @param {{ icon?: string, class?: string, label?: string }} look
 * @param {string} words
 * @param {string} working what the hub is doing meanwhile
 * @param {() => Promise<unknown>} act
 */
export function errand(look, words, working, act) {
  const wrong = h("p", { class: "form-wrong", role: "alert", hidden: true });
  const wait = patience();
  const press = button({ class: "button", ...look }, words, async () => {
    rest(press, true);
    wrong.hidden = true;
    try {
      await wait.during(working, act);
    } catch (error) {
      wrong.replaceChildren(icon("warning"), h("span", {}, errorWords(error)));
      wrong.hidden = false;
      press.focus();
    }
    rest(press, false);
  });
  return { press, news: h("div", { class: "errand-news" }, wrong, wait.element) };
}
