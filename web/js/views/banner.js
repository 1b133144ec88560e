// @ts-check

import { connect } from "../events.js";
import { button, h, setText } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";

const PATIENCE_MS = 1_000;
const LONG_MS = 10_000;

/** Makes the strip that appears while the hub does not answer. */
export function banner() {
  const text = h("p", {});
  const again = button({ class: "button button-small" }, say("common.try_now"), connect);
  const strip = h("div", { class: "banner", role: "status", hidden: true }, text, again);
  /** @type {number[]} */
  let timers = [];

  const show = () => {
    for (const timer of timers) clearTimeout(timer);
    timers = [];
    if (store.get("link") !== "lost") {
      strip.hidden = true;
      return;
    }
    // A hub that restarts is back before anyone needs to know.
    timers.push(setTimeout(() => {
      setText(text, say("home.away"));
      again.hidden = true;
      strip.hidden = false;
    }, PATIENCE_MS));
    timers.push(setTimeout(() => {
      const demo = store.get("hub")?.demo ? [say("home.away_demo")] : [];
      setText(text, [say("home.away_long"), ...demo].join(" "));
      again.hidden = false;
    }, LONG_MS));
  };
  store.watch(["link"], show);
  return strip;
}
