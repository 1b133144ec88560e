// @ts-check

import { hubNow, soundUrl } from "../api.js";
import { playableFormat } from "../audio.js";
import { announce, button, h, icon, keepingFocus, rest, setText } from "../dom.js";
import { store } from "../store.js";
import { actOnDelivery, markPlayed, newAnswers } from "../sync.js";
import { timeOfDay } from "../time.js";
import { ACTION_WORDS, adviceWords, deliveryStatus, errorWords } from "../words.js";
import { soundbar } from "./soundbar.js";

/** @typedef {import("../api.js").Item} Item */
/** @typedef {import("../api.js").Delivery} Delivery */
/** @typedef {import("../words.js").Action} Action */

// In the order in which they are offered: the one that takes a message away comes last.
const ACTIONS = /** @type {const} */ (["retry", "heard", "withdraw"]);

// A delivery that moves on announces its new state; percents would talk without end.
const SPOKEN = new Set(["sending", "on_toy", "heard", "failed", "expired", "withdrawing", "withdrawn"]);

/**
 * Makes one message or recording of a conversation.
 *
 * @param {Item} item
 * @param {{ child: import("../api.js").Child, player: import("../player.js").Player }} scene
 * @returns {{ element: HTMLElement, tick: () => void, forget: () => void }}
 */
export function bubble(item, { child, player }) {
  const mine = item.kind === "message";
  const label = mine
    ? `your message of ${timeOfDay(item.at)}`
    : `${child.name}’s recording of ${timeOfDay(item.at)}`;
  const sound = soundbar({
    id: item.id, url: () => soundUrl(item.id, playableFormat()), waveform: item.waveform,
    length_ms: item.length_ms, label, player, onPlay: () => markPlayed(item),
  });
  const meta = h("p", { class: "bubble-meta" },
    h("span", {}, timeOfDay(item.at)),
    ...(item.while_away ? [h("span", {}, "recorded while Hutch was not connected")] : []));
  const fresh = h("span", { class: "badge", hidden: true }, "New");
  const body = h("div", { class: "bubble-body" }, sound.element);
  const element = h("li", { class: `bubble ${mine ? "bubble-mine" : "bubble-theirs"}`, "data-item": item.id },
    h("span", { class: "unseen" }, mine ? "You" : child.name), body, meta);
  meta.prepend(fresh);

  const showFresh = () => { fresh.hidden = !newAnswers(child.id).includes(item.id); };
  const forgets = [sound.forget, store.watch([`new/${child.id}`], showFresh)];
  showFresh();

  let tick = () => {};
  if (mine) {
    const journey = deliveryPanel(item, child);
    body.append(journey.element);
    forgets.push(store.watch([`delivery/${item.id}`, `presence/${item.toy}`], journey.show));
    tick = journey.show;
  }
  return { element, tick, forget: () => { for (const forget of forgets) forget(); } };
}

/**
 * @param {Item} item
 * @param {import("../api.js").Child} child
 */
function deliveryPanel(item, child) {
  const sign = icon("clock");
  const words = h("span", { class: "status-words" });
  const line = h("p", { class: "status", tabindex: "-1" }, sign, words);
  const progress = h("progress", { max: "100", value: "0", hidden: true });
  const offers = new Map(ACTIONS.map((action) => {
    const { words: name, icon: look } = ACTION_WORDS[action];
    return [action, button({ icon: look, class: "button button-small" }, name, () => {
      const current = store.get(`delivery/${item.id}`);
      if (current) void act(current, action);
    })];
  }));
  const actions = h("div", { class: "bubble-actions" }, ...offers.values());
  const trouble = h("p", { class: "bubble-trouble", role: "alert", hidden: true });
  const advice = h("details", { class: "advice", hidden: true });
  const element = h("div", { class: "journey" }, line, progress, actions, advice, trouble);
  /** @type {string | null} */
  let state = null;

  const act = async (/** @type {Delivery} */ delivery, /** @type {Action} */ action) => {
    for (const one of offers.values()) rest(one, true);
    trouble.hidden = true;
    try {
      await actOnDelivery(delivery, action);
    } catch (error) {
      trouble.textContent = errorWords(error);
      trouble.hidden = false;
    }
    for (const one of offers.values()) rest(one, false);
  };

  /**
   * @param {import("../words.js").Status} status
   * @param {string} toy
   */
  const showOffer = (status, toy) => {
    for (const [action, one] of offers) one.hidden = !status.actions.includes(action);
    actions.hidden = status.actions.length === 0;
    if (advice.hidden === Boolean(status.advice)) {
      advice.hidden = !status.advice;
      advice.replaceChildren(h("summary", {}, "What to do"),
        h("ul", {}, ...adviceWords(toy).map((step) => h("li", {}, step))));
    }
  };

  const show = () => {
    /** @type {Delivery | null | undefined} */
    const delivery = store.get(`delivery/${item.id}`);
    element.hidden = !delivery;
    if (!delivery) return;
    const toy = store.get(`toy/${delivery.toy}`)?.name ?? "the toy";
    const presence = store.get(`presence/${delivery.toy}`)?.presence;
    const status = deliveryStatus(delivery, { toy, child: child.name, now: hubNow(), presence });
    sign.className = `icon icon-${status.icon}`;
    element.dataset.tone = status.tone;
    element.dataset.state = delivery.state;
    setText(words, status.text);
    progress.hidden = delivery.state !== "sending";
    progress.value = delivery.percent ?? 0;
    progress.setAttribute("aria-label", `On its way to ${toy}`);

    keepingFocus(element, () => showOffer(status, toy), () => line);
    if (state !== null && state !== delivery.state && SPOKEN.has(delivery.state)) {
      announce(delivery.state === "sending" ? `On its way to ${toy}` : status.text);
      trouble.hidden = true;
    }
    state = delivery.state;
  };
  show();
  return { element, show };
}
