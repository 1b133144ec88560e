// @ts-check

import { newsWords, wrongWords } from "../activity-words.js";
import { markSeen } from "../api-activity.js";
import { hubNow } from "../api.js";
import { announce, h, icon, keepingFocus } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { refreshActivity } from "../sync.js";
import { errand } from "./waiting.js";

// More than that nobody reads in a banner.
const MOST = 3;

/** Makes what tells a guardian of new devices, of tries to get in, and of an activity that does not fit. */
export function newsBanner() {
  const element = h("div", { class: "reminders" });
  const title = h("h2", { id: "news-title" }, say("home.news"));
  const list = h("ul", {});
  let upTo = 0;
  const ours = errand({ class: "button button-small" }, say("home.news_ours"), say("home.news_noting"), async () => {
    await markSeen(upTo);
    await refreshActivity();
    announce(say("home.news_noted"));
  });
  const look = h("a", { href: "#/privacy/activity" }, say("home.news_look"));
  const news = h("section", { class: "reminder news", "aria-labelledby": title.id }, icon("warning"),
    h("div", {}, title, list, h("div", { class: "news-actions" }, ours.press, look), ours.news));

  const show = () => keepingFocus(element, () => {
    /** @type {import("../api-activity.js").News | undefined} */
    const told = store.get("news");
    /** @type {import("../activity-memory.js").Wrong | null | undefined} */
    const wrong = store.get("activity-wrong");
    const lines = [];
    if (wrong && !wrong.isKnown) {
      lines.push(h("div", { class: "reminder" }, icon("warning"), h("div", {},
        h("p", {}, wrongWords(wrong).title, "."), h("a", { href: "#/privacy/activity" }, say("home.wrong_look")))));
    }
    if (told && told.n > 0) {
      upTo = told.up_to;
      const me = store.get("me").id;
      const rest = told.n - Math.min(MOST, told.entries.length);
      list.replaceChildren(
        ...told.entries.slice(0, MOST).map((entry) => h("li", {}, newsWords(entry, me, hubNow()))),
        ...(rest > 0 ? [h("li", {}, say("home.news_more", { n: rest }))] : []));
      lines.push(news);
    }
    element.replaceChildren(...lines);
  }, () => document.getElementById("privacy-link"));
  store.watch(["news", "activity-wrong"], show);
  return element;
}
