// @ts-check

import { announce, h, icon, keepingFocus, setText } from "../dom.js";
import { andList, say } from "../language.js";
import { store } from "../store.js";
import { isGuardian, refreshChildren } from "../sync.js";
import { composer } from "./composer.js";
import { nobody } from "./nobody.js";
import { portrait } from "./portrait.js";

/** @typedef {import("../api.js").Child} Child */

/** Who was chosen last, on this page.
 *
 * @type {Set<string> | null}
 */
let chosen = null;

/**
 * Whether there is something that says it: relatives are not told of toys, so the hub tells them when there is none.
 *
 * @param {Child} child
 */
const isReachable = ({ toys, grant }) => toys.length > 0 || Boolean(grant);

/**
 * Shows where one message is said to several children.
 *
 * @param {HTMLElement} root
 * @param {{ player: import("../player.js").Player, moved: boolean }} scene
 * @returns {() => void} leaves nothing of it
 */
export function recordView(root, { player, moved }) {
  root.setAttribute("aria-label", say("record.title"));
  const title = h("h2", { tabindex: "-1" }, say("record.title"));
  const list = h("div", { class: "record-children" });
  const adopt = h("p", { class: "record-adopt", hidden: true }, h("a", { class: "button button-primary", href: "#/toys/adopt" },
    icon("plus"), h("span", {}, say("adopt.title"))));
  const done = h("p", { class: "record-done", hidden: true }, icon("check"));
  const doneWords = h("span", {});
  done.append(doneWords);

  /** @returns {Child[]} */
  const children = () => store.get("children") ?? [];
  const reachable = () => children().filter(isReachable);
  const to = () => reachable().filter(({ id }) => chosen?.has(id));
  if (chosen === null) {
    const [only, ...others] = reachable();
    chosen = new Set(only && others.length === 0 ? [only.id] : []);
  }
  const voice = composer({
    to, draft: "several", player,
    toyName: () => (to().length === 1 ? store.get(`toy/${to()[0]?.toys[0]}`)?.name : null) ?? say("common.the_toy"),
    sent(all) {
      const words = say("record.sent", { children: andList(all.map(({ name }) => name)) });
      setText(doneWords, words);
      done.hidden = false;
      announce(words);
      // One message less today.
      if (all.some(({ grant }) => grant)) void refreshChildren().catch(() => {});
    },
  });

  /** @param {Child} child */
  const tickOf = (child) => {
    const canHear = isReachable(child);
    const box = h("input", {
      type: "checkbox", class: "unseen", id: `to-${child.id}`, checked: canHear && chosen?.has(child.id), disabled: !canHear,
    });
    box.addEventListener("change", () => {
      if (box.checked) chosen?.add(child.id);
      else chosen?.delete(child.id);
      done.hidden = true;
      voice.retarget();
    });
    return h("label", { class: "tick record-child" }, box, h("span", { class: "tick-box", "aria-hidden": "true" }, icon("check")),
      portrait(child), h("span", { class: "child-words" }, h("span", { class: "child-name" }, child.name),
        ...(canHear ? [] : [h("span", { class: "note" }, say("home.no_toy"))])));
  };
  const show = () => {
    const focused = document.activeElement?.id;
    keepingFocus(list, () => list.replaceChildren(...(children().length > 0
      ? [h("fieldset", { class: "choices" }, h("legend", {}, say("record.whom")), ...children().map(tickOf))]
      : [nobody()])),
    () => (focused ? document.getElementById(focused) : null) ?? title);
    // Nobody speaks into what nobody hears; what was begun stays.
    const isHeard = reachable().length > 0;
    voice.element.hidden = !isHeard && voice.element.dataset.phase === "idle";
    adopt.hidden = isHeard || !isGuardian() || children().length === 0;
    voice.retarget();
  };
  root.replaceChildren(
    h("header", { class: "room-head" },
      h("a", { class: "back", href: "#/", "aria-label": say("common.back_to_children") }, icon("back")), title),
    h("div", { class: "record-body" }, list, adopt, done), voice.element);
  voice.acceptDrops(root);
  show();
  const forget = store.watch(["children"], show);
  if (moved) title.focus({ preventScroll: true });
  return () => {
    forget();
    voice.forget();
    root.replaceChildren();
  };
}
