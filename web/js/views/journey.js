// @ts-check

import { hubNow } from "../api.js";
import { announce, button, h, icon, keepingFocus, place, rest, setText, troubleLine } from "../dom.js";
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
  const element = h("div", { class: "journey" }, line);
  // A conversation is long: what most messages do not need is made where it is needed.
  const progress = h("progress", { max: "100", value: "0" });
  /** @type {Map<Action, HTMLButtonElement>} */
  const offers = new Map();
  const actions = h("div", { class: "bubble-actions" });
  const advice = h("details", { class: "advice" });
  const trouble = troubleLine(element);
  /** @type {string | null} */
  let state = null;

  /** @param {Action} action */
  const offerOf = (action) => {
    const known = offers.get(action);
    if (known) return known;
    const { words: name, icon: look } = ACTION_WORDS[action];
    const made = button({ icon: look, class: "button button-small" }, name, () => {
      const current = store.get(`delivery/${item.id}`);
      if (current) void act(current, action);
    });
    offers.set(action, made);
    return made;
  };
  const act = async (/** @type {Delivery} */ delivery, /** @type {Action} */ action) => {
    for (const one of offers.values()) rest(one, true);
    trouble(null);
    try {
      await actOnDelivery(delivery, action);
    } catch (error) {
      trouble(errorWords(error));
    }
    for (const one of offers.values()) rest(one, false);
  };

  /**
   * @param {import("../words.js").Status} status
   * @param {string} toy
   * @param {Delivery["state"]} now
   */
  const showOffer = (status, toy, now) => {
    place(actions, ACTIONS.filter((action) => status.actions.includes(action)).map(offerOf));
    const approve = offers.get("approve");
    if (approve) {
      setText(/** @type {Node} */ (approve.lastChild), now === "declined" ? say("journey.after_all") : ACTION_WORDS.approve.words);
    }
    if (status.advice && !advice.isConnected) {
      advice.replaceChildren(h("summary", {}, say("common.what_to_do")),
        h("ul", {}, ...adviceWords(toy).map((step) => h("li", {}, step))));
    }
    place(element, [
      line, ...(now === "sending" ? [progress] : []), ...(status.actions.length > 0 ? [actions] : []),
      ...(status.advice ? [advice] : []), ...[...element.children].filter((one) => one.matches("[role=alert]")),
    ]);
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
    progress.value = delivery.percent ?? 0;
    progress.setAttribute("aria-label", onItsWay);

    keepingFocus(element, () => showOffer(status, toy, delivery.state), () => line);
    if (state !== null && state !== delivery.state && SPOKEN.has(delivery.state)) {
      announce(delivery.state === "sending" ? onItsWay : status.text);
      trouble(null);
    }
    state = delivery.state;
  };
  show();
  return { element, show };
}
