// @ts-check

import { hubNow } from "../api.js";
import { announce, button, h, icon, keepingFocus, rest, setText } from "../dom.js";
import { say } from "../language.js";
import { relativeStatus, senderName } from "../people-words.js";
import { store } from "../store.js";
import { actOnDelivery, isGuardian, quietOf } from "../sync.js";
import { ACTION_WORDS, adviceWords, deliveryStatus, errorWords } from "../words.js";

/** @typedef {import("../api.js").Delivery} Delivery */
/** @typedef {import("../words.js").Action} Action */

// In the order in which they are offered: the one that takes a message away comes last.
const ACTIONS = /** @type {const} */ (["approve", "retry", "heard", "send-now", "decline", "withdraw"]);

// A delivery that moves on announces its new state; percents would talk without end.
const SPOKEN = new Set(["queued", "sending", "on_toy", "heard", "declined", "failed", "expired", "withdrawing", "withdrawn"]);

/**
 * Makes the part of a message that says where it is, and what can be done about it.
 *
 * @param {import("../api.js").Item} item
 * @param {import("../api.js").Child} child
 */
export function journey(item, child) {
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
   * @param {Delivery["state"]} now
   */
  const showOffer = (status, toy, now) => {
    for (const [action, one] of offers) one.hidden = !status.actions.includes(action);
    setText(/** @type {Node} */ (offers.get("approve")?.lastChild),
      now === "declined" ? say("journey.after_all") : ACTION_WORDS.approve.words);
    actions.hidden = status.actions.length === 0;
    if (advice.hidden === Boolean(status.advice)) {
      advice.hidden = !status.advice;
      advice.replaceChildren(h("summary", {}, say("common.what_to_do")),
        h("ul", {}, ...adviceWords(toy).map((step) => h("li", {}, step))));
    }
  };

  const show = () => {
    /** @type {Delivery | null | undefined} */
    const delivery = store.get(`delivery/${item.id}`);
    element.hidden = !delivery;
    if (!delivery) return;
    const toy = isGuardian()
      ? store.get(`toy/${delivery.toy}`)?.name ?? say("common.the_toy")
      : say("common.toy_of", { child: child.name });
    const onItsWay = isGuardian()
      ? say("journey.on_its_way", { toy })
      : say("journey.on_its_way_child", { child: child.name });
    const presence = store.get(`presence/${delivery.toy}`)?.presence;
    const scene = { child: child.name, now: hubNow(), quiet: quietOf(child.id) };
    const sender = item.mine ? undefined : senderName(item, store.get("people")) ?? undefined;
    const status = isGuardian()
      ? deliveryStatus(delivery, { ...scene, toy, presence, sender, guard: store.get(`toy/${delivery.toy}`)?.guard })
      : relativeStatus(delivery, scene);
    sign.className = `icon icon-${status.icon}`;
    element.dataset.tone = status.tone;
    element.dataset.state = delivery.state;
    setText(words, status.text);
    progress.hidden = delivery.state !== "sending";
    progress.value = delivery.percent ?? 0;
    progress.setAttribute("aria-label", onItsWay);

    keepingFocus(element, () => showOffer(status, toy, delivery.state), () => line);
    if (state !== null && state !== delivery.state && SPOKEN.has(delivery.state)) {
      announce(delivery.state === "sending" ? onItsWay : status.text);
      trouble.hidden = true;
    }
    state = delivery.state;
  };
  show();
  return { element, show };
}
