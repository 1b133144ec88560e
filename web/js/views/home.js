// @ts-check

import { lessons } from "../coach.js";
import { announce, h, icon, setText } from "../dom.js";
import { andList, say } from "../language.js";
import { store } from "../store.js";
import { isGuardian, newAnswers, waitingIds } from "../sync.js";
import { when } from "../time.js";
import { hubNow } from "../api.js";
import { senderName, waitingWords } from "../people-words.js";
import { careCall } from "./care-call.js";
import { childLine } from "./child-line.js";
import { newsBanner } from "./news.js";
import { nobody } from "./nobody.js";
import { portrait } from "./portrait.js";
import { reminders } from "./reminders.js";
import { startCard } from "./start-card.js";
import { toyCare } from "./toy-care.js";
import { waiting } from "./waiting.js";

/** @typedef {import("../api.js").Child} Child */

/**
 * Shows whom one can talk to.
 *
 * @param {HTMLElement} root
 */
export function home(root) {
  const tag = h("span", { class: "tag", hidden: true }, say("home.demo"));
  const myName = h("span", {});
  const you = h("a", { class: "you-link", id: "you-link", href: "#/you", hidden: true },
    icon("person"), h("span", { class: "unseen" }, `${say("home.you_named")} `), myName);
  const list = h("nav", { class: "children", "aria-label": say("home.whom") });
  const tips = h("section", { class: "lessons", "aria-labelledby": "lessons-title", hidden: true });
  const note = h("p", { class: "note", hidden: true }, say("home.demo_note"));
  const addChild = h("a", { class: "home-link", id: "add-child", href: "#/add-child" },
    icon("plus"), h("span", {}, say("child.add")));
  const more = h("nav", { class: "home-more", "aria-label": say("home.household"), hidden: true },
    h("a", { class: "home-link", id: "record-link", href: "#/record" }, icon("microphone"), h("span", {}, say("record.title"))),
    h("a", { class: "home-link", id: "toys-link", href: "#/toys" }, icon("paw"), h("span", {}, say("toys.title"))),
    h("a", { class: "home-link", id: "people-link", href: "#/people" },
      icon("people"), h("span", {}, say("common.people"))),
    h("a", { class: "home-link", id: "privacy-link", href: "#/privacy" },
      icon("shield"), h("span", {}, say("privacy.title"))),
    h("a", { class: "home-link", id: "care-link", href: "#/care" },
      icon("heart"), h("span", {}, say("care.title"))),
    addChild);
  root.append(
    h("header", { class: "brand" },
      h("span", { class: "mark", "aria-hidden": "true" }, icon("mark")),
      h("span", { class: "wordmark" }, "Hutch"),
      tag, you),
    newsBanner(), reminders(), waitingLink(), toyCare(), careCall(), list, startCard(), more, tips, note,
  );
  list.append(waiting(say("home.looking")));

  /** @type {() => void} */
  let forget = () => {};
  const showChildren = () => {
    /** @type {Child[] | undefined} */
    const children = store.get("children");
    if (!children) return;
    forget();
    const rows = children.map(childRow);
    const focused = document.activeElement?.id;
    list.replaceChildren(children.length > 0
      ? h("ul", {}, ...rows.map((row) => row.element))
      : nobody({ id: "add-first-child" }));
    more.hidden = !isGuardian();
    addChild.hidden = children.length === 0;
    if (focused?.startsWith("child-")) document.getElementById(focused)?.focus();
    forget = () => { for (const row of rows) row.forget(); };
  };
  const showLessons = () => {
    /** @type {Child[]} */
    const children = store.get("children") ?? [];
    const child = children.find(({ id }) => id === store.get("shown")) ?? children[0];
    const toy = store.get(`toy/${child?.toys[0]}`);
    const demo = store.get("hub")?.demo === true;
    tag.hidden = !demo;
    note.hidden = !demo;
    tips.hidden = !demo || !child || !toy;
    if (tips.hidden || !child) return;
    tips.replaceChildren(
      h("h2", { id: "lessons-title" }, say("home.lessons")),
      h("ol", {}, ...lessons(store.get("tried") ?? {}, { child: child.name, toy: toy.name })
        .map(({ words, done }) => h("li", { class: done ? "done" : "" },
          h("span", {}, words),
          ...(done ? [icon("check"), h("span", { class: "unseen" }, ` ${say("home.lesson_done")}`)] : [])))),
    );
  };
  const showYou = () => {
    setText(myName, store.get("me")?.name ?? "");
    you.hidden = !store.get("me");
    showCurrent(you, "you");
    for (const one of more.querySelectorAll("a")) showCurrent(one, one.hash.slice(2));
  };
  store.watch(["me", "shown"], showYou);
  store.watch(["children"], showChildren);
  store.watch(["children", "hub", "tried", "shown"], showLessons);
}

/**
 * @param {Element} link
 * @param {string} view
 */
function showCurrent(link, view) {
  if (store.get("shown") === view) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}

/** Makes what leads to the messages that wait for a guardian, while there are some. */
function waitingLink() {
  const words = h("span", { class: "waiting-words" });
  const from = h("span", { class: "note" });
  const link = h("a", { class: "waiting-link", id: "waiting-link", href: "#/waiting", hidden: true },
    icon("clock"), h("span", { class: "child-words" }, words, from));
  let before = 0;
  const show = () => {
    const ids = waitingIds();
    link.hidden = ids.length === 0;
    setText(words, waitingWords(ids.length));
    const senders = ids.map((id) => senderName(store.get(`item/${id}`), store.get("people")) ?? "");
    setText(from, say("home.from", { names: andList([...new Set(senders.filter(Boolean))]) }));
    if (before < ids.length) announce(waitingWords(ids.length));
    before = ids.length;
    showCurrent(link, "waiting");
  };
  store.watch(["waiting", "people", "shown"], show);
  return link;
}

/** @param {Child} child */
function childRow(child) {
  const toys = h("span", { class: "child-toy" });
  const time = h("span", { class: "child-time" });
  const badge = h("span", { class: "badge", hidden: true });
  const link = h("a", { class: "child", id: `child-${child.id}`, href: `#/child/${child.id}` },
    portrait(child),
    h("span", { class: "child-words" }, h("span", { class: "child-name" }, child.name), toys),
    h("span", { class: "child-side" }, time, badge));
  const show = () => {
    setText(toys, childLine(child));
    const thread = store.get(`thread/${child.id}`);
    const latest = store.get(`item/${thread?.ids.at(-1)}`)?.at ?? child.latest_at;
    setText(time, latest ? when(latest, hubNow()) : "");
    const answers = newAnswers(child.id).length;
    badge.hidden = answers === 0;
    setText(badge, answers > 0 ? say("home.new", { n: answers }) : "");
    badge.title = answers > 0 ? say("home.new_answers", { n: answers }) : "";
    if (store.get("shown") === child.id) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  };
  show();
  const forget = store.watch([
    "shown", `new/${child.id}`, `thread/${child.id}`, ...child.toys.flatMap((id) => [`presence/${id}`, `toy/${id}`]),
  ], show);
  return { element: h("li", {}, link), forget };
}
