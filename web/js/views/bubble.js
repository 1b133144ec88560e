// @ts-check

import { soundUrl } from "../api.js";
import { h, setText } from "../dom.js";
import { say } from "../language.js";
import { senderName } from "../people-words.js";
import { playableFormat } from "../sounding.js";
import { store } from "../store.js";
import { isGuardian, markPlayed, newAnswers } from "../sync.js";
import { timeOfDay } from "../time.js";
import { journey } from "./journey.js";
import { keeping } from "./keeping.js";
import { noting } from "./noting.js";
import { opening } from "./opening.js";
import { sharing } from "./sharing.js";
import { soundbar } from "./soundbar.js";

/** @typedef {import("../api.js").Item} Item */

const QUIET = "button button-small button-quiet";

/** What is fetched when somebody wants it. */
const LATER = { details: () => import("./item-details.js"), erasing: () => import("./item-erasing.js") };

/**
 * Makes one message or recording of a conversation.
 *
 * @param {Item} item
 * @param {{ child: import("../api.js").Child, player: import("../player.js").Player, isToDecide?: boolean,
 *   leaving?: import("./parting.js").Leaving }} scene `isToDecide`: it waits for a decision, and nothing else is done about it
 *   there; `leaving`: where it may be erased
 * @returns {{ element: HTMLElement, tick: () => void, forget: () => void }}
 */
export function bubble(item, { child, player, isToDecide = false, leaving }) {
  const isMessage = item.kind === "message";
  const sender = () => senderName(item, store.get("people"));
  const label = labelOf(item, child.name, sender());
  const sound = soundbar({
    id: item.id, url: () => soundUrl(item.id, playableFormat()), waveform: item.waveform,
    length_ms: item.length_ms, label, player, onPlay: () => markPlayed(item), isOneOfMany: !isMessage && !isToDecide,
  });
  const fresh = h("span", { class: "badge" }, say("talk.new"));
  const name = h("span", { class: "bubble-name" });
  const screen = h("span", {});
  const at = h("span", {}, timeOfDay(item.at));
  const meta = h("p", { class: "bubble-meta" }, name, at,
    ...(item.while_away ? [h("span", {}, say("talk.recorded_while_away"))] : []));
  const written = noting(item, label);
  const body = h("div", { class: "bubble-body" }, sound.element, written.note);
  const side = item.mine ? "mine" : isMessage ? "other" : "theirs";
  const element = h("li", { class: `bubble bubble-${side}`, "data-item": item.id }, body, meta);

  const showFresh = () => {
    if (newAnswers(child.id).includes(item.id)) meta.prepend(fresh);
    else fresh.remove();
  };
  const showSender = () => {
    setText(name, isMessage ? sender() ?? "" : child.name);
    const recordedOn = isMessage ? null : sender();
    setText(screen, recordedOn ? say("talk.on_screen", { screen: recordedOn }) : "");
    if (recordedOn) at.after(screen);
    else screen.remove();
  };
  const forgets = [sound.forget, written.forget, store.watch([`new/${child.id}`], showFresh), store.watch(["people"], showSender)];
  showFresh();
  showSender();

  let tick = () => {};
  // What can be done with it besides, in one line; what opens goes below.
  const more = h("div", { class: "bubble-more" });
  if (isMessage) {
    const way = journey(item, child);
    body.append(way.element);
    forgets.push(store.watch([`delivery/${item.id}`, `presence/${item.toy}`], way.show));
    tick = way.show;
  } else {
    const shared = sharing(item, label);
    more.append(shared.element);
    forgets.push(shared.forget);
  }
  more.append(written.writing);
  const kept = keeping(item, label);
  more.append(kept.element);
  forgets.push(kept.forget);
  const known = opening({ icon: "more", class: `${QUIET} opens-details`, label: say("details.label", { sound: label }) }, say("details.open"), LATER.details,
    ({ itemDetails }, at) => itemDetails(item, { child, label, at }));
  more.append(known.element);
  forgets.push(known.forget);
  if (leaving && isGuardian()) {
    const erase = opening({ icon: "discard", class: `${QUIET} opens-erasing`, label: say("talk.erase_sound", { sound: label }) }, say("common.erase"), LATER.erasing,
      ({ itemErasing }, at) => itemErasing(item, { label, at, leaving }));
    more.append(erase.element);
    forgets.push(erase.forget);
  }
  if (isGuardian() ? !isToDecide : item.mine) body.append(more);
  return { element, tick, forget: () => { for (const forget of forgets) forget(); } };
}

/**
 * Returns what an item is called, for those who hear the page.
 *
 * @param {Item} item
 * @param {string} child
 * @param {string | null} sender
 */
function labelOf({ kind, mine, at }, child, sender) {
  const time = timeOfDay(at);
  if (mine) return say("talk.your_message", { time });
  if (kind === "recording") return say("talk.recording_of", { child, time });
  return sender === null ? say("talk.message_of_somebody", { time }) : say("talk.message_of", { sender, time });
}
