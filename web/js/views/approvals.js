// @ts-check

import { h, icon } from "../dom.js";
import { say } from "../language.js";
import { capital, senderName } from "../people-words.js";
import { store } from "../store.js";
import { waitingIds } from "../sync.js";
import { bubble } from "./bubble.js";

const TICK_MS = 1_000;

/**
 * Shows the messages that wait for a guardian. What was decided here stays in its place, so that it can
 * be undone.
 *
 * @param {HTMLElement} root
 * @param {{ player: import("../player.js").Player, moved: boolean }} scene
 * @returns {() => void} cleanup
 */
export function approvals(root, { player, moved }) {
  root.setAttribute("aria-label", say("approvals.title"));
  const title = h("h2", { tabindex: "-1" }, say("approvals.title"));
  const list = h("ol", { class: "approvals" });
  const none = h("div", { class: "empty", hidden: true }, h("span", { class: "empty-sign" }, icon("check")),
    h("p", { class: "empty-title" }, say("approvals.none")),
    h("p", {}, say("approvals.none_text")));
  const lead = h("p", { class: "note" }, say("approvals.lead"));
  /** @type {Map<string, ReturnType<typeof bubble>>} */
  const rows = new Map();
  /** @type {(() => void)[]} */
  const forgets = [];

  const show = () => {
    /** @type {import("../api.js").Child[]} */
    const children = store.get("children") ?? [];
    for (const id of waitingIds()) {
      /** @type {import("../api.js").Item} */
      const item = store.get(`item/${id}`);
      const child = children.find((one) => one.id === item.child);
      if (rows.has(id) || !child) continue;
      const made = bubble(item, { child, player, isToDecide: true });
      forgets.push(store.watch([`gone/${id}`], show));
      const sender = capital(senderName(item, store.get("people")) ?? say("people.somebody"));
      made.element.prepend(h("p", { class: "approval-for" }, say("approvals.from_for", { sender, child: child.name })));
      rows.set(id, made);
      list.append(made.element);
    }
    for (const [id, row] of rows) {
      if (store.get(`gone/${id}`) !== true) continue;
      if (row.element.contains(document.activeElement)) title.focus();
      row.forget();
      row.element.remove();
      rows.delete(id);
    }
    none.hidden = rows.size > 0;
    lead.hidden = rows.size === 0;
  };
  forgets.push(store.watch(["waiting"], show));
  show();
  const timer = setInterval(() => { for (const row of rows.values()) row.tick(); }, TICK_MS);
  root.replaceChildren(h("div", { class: "you" },
    h("header", { class: "room-head" },
      h("a", { class: "back", href: "#/", "aria-label": say("common.back_to_children") }, icon("back")), title),
    h("div", { class: "you-body approvals-body" }, lead, none, list)));
  if (moved) title.focus({ preventScroll: true });
  return () => {
    clearInterval(timer);
    for (const forget of forgets) forget();
    for (const row of rows.values()) row.forget();
    root.replaceChildren();
  };
}
