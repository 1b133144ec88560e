// @ts-check

import { button, h, icon, setText } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { isGuardian, refreshChildren } from "../sync.js";
import { childLine } from "./child-line.js";
import { composer } from "./composer.js";
import { portrait } from "./portrait.js";
import { thread } from "./thread.js";
import { toyStage } from "./toy.js";

/** @typedef {import("../api.js").Child} Child */

/**
 * Shows the conversation with one child.
 *
 * @param {HTMLElement} root
 * @param {{ child: Child, player: import("../player.js").Player, moved: boolean }} scene
 * @returns {() => void} cleanup
 */
export function conversation(root, { child, player, moved }) {
  const toys = child.toys.map((id) => store.get(`toy/${id}`)).filter(Boolean);
  const toyName = isGuardian() ? toys[0]?.name ?? say("common.the_toy") : say("common.toy_of", { child: child.name });
  root.setAttribute("aria-label", child.name);

  const title = h("h2", { tabindex: "-1" }, child.name);
  const presence = h("p", { class: "room-presence" });
  const head = h("header", { class: "room-head" },
    h("a", { class: "back", href: "#/", "aria-label": say("common.back_to_children") }, icon("back")),
    portrait(child), h("div", { class: "room-names" }, title, presence));
  if (isGuardian()) {
    head.append(h("a", {
      class: "back room-change", href: `#/change-child/${child.id}`,
      "aria-label": say("child.change", { child: child.name }),
    }, icon("edit")));
  }
  const showPresence = () => setText(presence, childLine(child));
  showPresence();

  const aside = h("div", { class: "composer-aside" });
  const log = thread(child, { root, player, toyName, aside });
  const sent = () => {
    log.toEnd();
    // One message less today.
    if (child.grant) void refreshChildren().catch(() => {});
  };
  const voice = composer({ to: () => [child], draft: child.id, toyName: () => toyName, player, sent });
  voice.element.prepend(aside);
  root.append(head);
  const forgets = [
    store.watch(["children", ...toys.flatMap(({ id }) => [`presence/${id}`, `toy/${id}`])], showPresence),
    log.forget, voice.forget,
  ];
  const stages = toys
    .filter((toy) => store.get(`demo/${toy.id}`))
    .map((toy) => toyStage({ child, toy }));
  if (isGuardian() && child.toys.length === 0) {
    root.append(h("div", { class: "no-toy" },
      h("p", {}, say("talk.no_toy", { child: child.name })),
      h("a", { class: "button button-small", href: "#/toys/adopt" }, icon("plus"), h("span", {}, say("adopt.title")))));
  }
  if (stages.length > 0) {
    const stand = h("div", { class: "stages" }, ...stages.map((stage) => stage.element));
    const fold = button({ class: "fold", icon: toys[0].character }, say("talk.hide_toy"), () => {
      stand.hidden = !stand.hidden;
      fold.setAttribute("aria-expanded", String(!stand.hidden));
      setText(/** @type {Node} */ (fold.lastChild), stand.hidden ? say("talk.show_toy") : say("talk.hide_toy"));
      fold.classList.toggle("is-folded", stand.hidden);
    });
    fold.setAttribute("aria-expanded", "true");
    head.append(fold);
    root.append(stand);
    forgets.push(...stages.map((stage) => stage.forget));
  }
  root.append(log.element, voice.element);
  voice.acceptDrops(root);
  if (moved) title.focus({ preventScroll: true });
  return () => { for (const forget of forgets) forget(); };
}
