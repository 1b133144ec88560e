// @ts-check

import { trustToy } from "../api-toys.js";
import { announce, h, icon, keepingFocus, setText } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { refreshAdopted, toyIds, watchToys } from "../sync.js";
import { guardTrouble } from "../toy-troubles.js";
import { STILL_OURS, heardWords, toyState, whoseWords } from "../toy-words.js";
import { adviceWords } from "../words.js";
import { stateLine } from "./people-part.js";
import { portrait } from "./portrait.js";
import { radioNotice } from "./radio-notice.js";
import { lettingGo, retiring } from "./retiring.js";
import { giving, renaming, undoLine } from "./toy-changing.js";
import { toySlots } from "./toy-slots.js";
import { toyVolume } from "./toy-volume.js";
import { errand } from "./waiting.js";

/** @typedef {import("../api.js").Child} Child */
/** @typedef {import("../api.js").Toy} Toy */

/**
 * Shows the adopted toys: whose they are, how they are, and what a guardian should look at.
 *
 * @param {HTMLElement} root
 * @param {{ player: import("../player.js").Player, moved: boolean }} scene
 * @returns {() => void} leaves nothing of it
 */
export function toysView(root, { player, moved }) {
  root.setAttribute("aria-label", say("toys.title"));
  const title = h("h2", { tabindex: "-1" }, say("toys.title"));
  const air = radioNotice();
  const list = h("ul", { class: "toy-rows", "aria-label": say("toys.adopted") });
  const empty = h("div", { class: "empty", hidden: true },
    h("span", { class: "empty-sign" }, icon("paw")),
    h("p", { class: "empty-title" }, say("toys.none")), h("p", {}, say("toys.none_text")));
  const adopt = h("a", { class: "button button-primary", href: "#/toys/adopt" }, icon("plus"),
    h("span", {}, say("adopt.title")));
  const addChild = h("a", { class: "button button-primary", href: "#/add-child" }, icon("plus"),
    h("span", {}, say("toys.add_child")));
  root.replaceChildren(h("div", { class: "you" },
    h("header", { class: "room-head" },
      h("a", { class: "back", href: "#/", "aria-label": say("common.back_to_children") }, icon("back")), title),
    h("div", { class: "you-body" }, air.element, empty, list, h("div", { class: "toys-adopt" }, adopt, addChild))));

  /** @type {Map<string, ReturnType<typeof row> & { seen: string }>} */
  const rows = new Map();
  /** @type {Map<string, import("./toy-changing.js").Changed>} what was changed last about each toy */
  const changes = new Map();
  const show = () => {
    /** @type {Child[]} */
    const children = store.get("children") ?? [];
    const ids = toyIds();
    for (const [id, old] of rows) if (!ids.includes(id)) drop(id, old);
    for (const id of ids) {
      /** @type {Toy} */
      const toy = store.get(`toy/${id}`);
      const child = children.find((one) => one.id === toy.child);
      const { name, character, retiring: isLeaving, guard } = toy;
      const others = children.filter((one) => one.id !== toy.child);
      const changed = changes.get(id);
      const seen = JSON.stringify([
        name, character, isLeaving, guard, child?.name, child?.color, others.map((one) => [one.id, one.name]),
        changed?.done,
      ]);
      const old = rows.get(id);
      // A row that is drawn anew loses what somebody is about to confirm.
      if (old && (old.seen === seen || old.isAsking())) continue;
      const keep = (/** @type {import("./toy-changing.js").Changed | null} */ change) => {
        if (change) changes.set(id, change);
        else changes.delete(id);
      };
      const made = { ...row(toy, { child, others, changed, keep, player, settled: show }), seen };
      rows.set(id, made);
      if (old) {
        if (old.inside?.open && made.inside) made.inside.open = true;
        keepingFocus(old.element, () => old.element.replaceWith(made.element), () => made.heading);
        old.forget();
      } else {
        list.append(made.element);
      }
    }
    list.hidden = ids.length === 0;
    empty.hidden = ids.length > 0;
    adopt.hidden = children.length === 0;
    addChild.hidden = children.length > 0;
  };
  /**
   * @param {string} id
   * @param {ReturnType<typeof row>} old
   */
  const drop = (id, old) => {
    rows.delete(id);
    old.forget();
    keepingFocus(old.element, () => old.element.remove(), () => title);
  };
  const forgets = [watchToys(show), store.watch(["children"], show), air.forget];
  show();
  if (moved) title.focus({ preventScroll: true });
  return () => {
    for (const forget of forgets) forget();
    for (const one of rows.values()) one.forget();
    root.replaceChildren();
  };
}

/**
 * @param {Toy} toy
 * @param {object} scene
 * @param {Child | undefined} scene.child
 * @param {Child[]} scene.others
 * @param {import("./toy-changing.js").Changed | undefined} scene.changed what was changed last
 * @param {(change: import("./toy-changing.js").Changed | null) => void} scene.keep takes note of what is changed
 * @param {import("../player.js").Player} scene.player
 * @param {() => void} scene.settled is called when somebody was asked something
 */
function row(toy, { child, others, changed, keep, player, settled }) {
  const { id, name, character } = toy;
  const heading = h("h3", { class: "toy-row-name", tabindex: "-1" }, name);
  const line = stateLine(() => toyState(toy, store.get(`presence/${id}`)?.presence));
  const bars = h("span", { class: "bars", "aria-hidden": "true" }, h("i", {}), h("i", {}), h("i", {}));
  const heardText = h("span", {});
  const heard = h("p", { class: "person-state toy-heard" }, h("span", { class: "unseen" }, `${say("toys.heard_title", { toy: name })}: `),
    bars, heardText);
  const help = h("details", { class: "more" }, h("summary", {}, say("common.what_to_do")),
    h("div", {}, h("ul", {}, ...adviceWords(name).map((step) => h("li", {}, step)))));
  const rename = toy.retiring ? null : renaming(toy, keep);
  const give = toy.retiring || !child || others.length === 0 ? null : giving(toy, { child, others, keep });
  const undo = changed && undoLine(toy, changed, keep);
  const slots = toy.retiring || !child ? null : toySlots(toy, { child, player });
  const volume = slots && toyVolume(toy, child?.name);
  const inside = slots && volume && h("details", { class: "more toy-inside" },
    h("summary", {}, say("toys.inside"), h("span", { class: "unseen" }, ` (${name})`)), h("div", {}, volume.element, slots.element));
  inside?.addEventListener("toggle", () => slots?.look(inside.open));
  const end = toy.retiring ? lettingGo(toy) : retiring(toy, child?.name);
  const trouble = toy.retiring ? null : guardTrouble(toy);
  const look = { class: "button button-small", label: say("toys.still_ours_label", { toy: name }) };
  const trust = errand(look, STILL_OURS, say("toys.still_ours_working"), async () => {
    await trustToy(id);
    announce(say("toys.still_ours_done", { toy: name }));
    await refreshAdopted();
  });
  const element = h("li", { class: "toy-row" },
    portrait({ animal: character, color: child?.color ?? "stone" }),
    h("div", { class: "toy-row-words" },
      heading, h("p", { class: "note" }, whoseWords(toy, child?.name)), ...(undo ? [undo] : []), line.element, heard, help,
      ...(inside ? [inside] : []),
      ...(trouble ? [h("div", { class: "form-remark" }, icon("warning"), h("div", {},
        h("p", {}, h("strong", {}, trouble.title)), h("p", {}, trouble.text),
        h("ul", {}, ...trouble.steps.map((step) => h("li", {}, step)))))] : []),
      h("div", { class: "person-actions" }, ...(trouble ? [trust.press] : []), ...(rename ? [rename] : []),
        ...(give ? [give] : []), end),
      ...(trouble ? [trust.news] : [])));
  const show = () => {
    line.tick();
    const live = store.get(`presence/${id}`);
    const signal = heardWords(live?.signal, live?.presence);
    heard.hidden = signal === null;
    bars.dataset.bars = String(signal?.bars ?? 0);
    setText(heardText, signal?.text ?? "");
    help.hidden = live?.presence !== "unreachable" || Boolean(toy.retiring || toy.guard);
  };
  const isAsking = () => element.querySelector(".twice:not([hidden])") !== null;
  // What had to wait while somebody was asked something.
  element.addEventListener("click", () => { if (!isAsking()) settled(); });
  show();
  const forgets = [store.watch([`presence/${id}`], show), ...(slots ? [slots.forget] : []), ...(volume ? [volume.forget] : [])];
  return { element, heading, inside, isAsking, forget: () => { for (const forget of forgets) forget(); } };
}
