// @ts-check

import { hubNow, readItem, soundUrl } from "../api.js";
import { playSlot, readSlots, silenceSlot, stopToy } from "../api-toys.js";
import { announce, h, icon, keepingFocus, setText } from "../dom.js";
import { say } from "../language.js";
import { senderName } from "../people-words.js";
import { playableFormat } from "../sounding.js";
import { store } from "../store.js";
import { isSignedOut, quietOf } from "../sync.js";
import { slotWords, whyNotPlayed } from "../toy-words.js";
import { errorWords } from "../words.js";
import { soundbar } from "./soundbar.js";
import { twice } from "./twice.js";
import { errand, waiting } from "./waiting.js";

/** @typedef {import("../api.js").Item} Item */
/** @typedef {import("../api-toys.js").Slot} Slot */

/** How long a toy takes to begin, if it does. */
const BEGINS_MS = 8_000;

/**
 * Makes the list of what a toy holds. It is asked for once somebody looks.
 *
 * @param {import("../api.js").Toy} toy
 * @param {{ child: import("../api.js").Child, player: import("../player.js").Player }} scene
 */
export function toySlots({ id, name }, { child, player }) {
  const heading = h("h4", { tabindex: "-1" }, say("toys.slots", { toy: name }));
  const why = h("p", { class: "note", role: "status" });
  const place = h("div", {});
  const element = h("div", { class: "toy-slots" }, heading,
    h("p", { class: "note" }, say("toys.slots_note", { toy: name, child: child.name })), why, place);
  /** @type {(() => void)[]} */
  let forgets = [];
  let forgetItems = () => {};
  let drawn = "";
  let looks = false;
  let isOld = false;
  let nth = 0;
  let holds = -1;

  const live = () => store.get(`presence/${id}`) ?? {};
  const read = async () => {
    nth += 1;
    const mine = nth;
    try {
      const slots = await readSlots(id);
      const readOne = (/** @type {string | null} */ item) => (item === null ? null : readItem(item).catch(() => null));
      const items = await Promise.all(slots.map(({ item }) => readOne(item)));
      if (mine === nth && looks) draw(slots, items);
    } catch (error) {
      if (mine !== nth || !looks || isSignedOut(error)) return;
      drawn = "";
      place.replaceChildren(h("p", { class: "form-wrong", role: "alert" }, icon("warning"), h("span", {}, errorWords(error))));
    }
  };
  /**
   * @param {Slot[]} slots
   * @param {(Item | null)[]} items
   */
  const draw = (slots, items) => {
    const seen = JSON.stringify([slots, items]);
    const isAsking = place.querySelector(".twice:not([hidden])") !== null;
    isOld = seen !== drawn && isAsking;
    if (seen === drawn || isAsking) return;
    drawn = seen;
    for (const forget of forgets) forget();
    const rows = slots.map((slot, at) => row(slot, items[at] ?? null));
    forgets = rows.flatMap((one) => one.forgets);
    keepingFocus(place, () => place.replaceChildren(h("ul", { class: "slots" }, ...rows.map((one) => one.element))), () => heading);
    forgetItems();
    forgetItems = store.watch(items.flatMap((item) => (item ? [`delivery/${item.id}`] : [])), () => void read());
    show();
  };
  /**
   * @param {Slot} slot
   * @param {Item | null} item
   */
  const row = (slot, item) => {
    const sender = item && senderName(item, store.get("people"));
    const names = { toy: name, child: child.name, sender };
    const { title, text, question } = slotWords(slot, item, { ...names, now: hubNow() });
    const sound = item && soundbar({
      id: item.id, url: () => soundUrl(item.id, playableFormat()), waveform: item.waveform, length_ms: item.length_ms,
      label: title, player,
    });
    const body = h("li", { class: "slot" });
    const late = h("p", { class: "note", role: "status" });
    let timer = 0;
    const play = errand({ icon: "paw", class: "button button-small", label: say("toys.play_on_label", { toy: name, slot: title }) },
      say("toys.play_on", { toy: name }), say("toys.playing_soon"), async () => {
        player.pause();
        late.textContent = "";
        await playSlot(id, slot.slot);
        clearTimeout(timer);
        timer = setTimeout(() => {
          if (live().playing !== slot.slot) late.textContent = say("toys.did_not_begin", { toy: name });
        }, BEGINS_MS);
      });
    const stop = errand({ icon: "stop", class: "button button-small", label: say("toys.stop_label", { toy: name }) },
      say("toys.stop"), say("common.writing"), () => stopToy(id));
    const clear = question === null ? null : twice({
      words: say("toys.silence"), label: say("toys.silence_label", { slot: title }), question, sure: say("toys.silence_sure"),
      working: say("common.writing"), act: async () => {
        await silenceSlot(id, slot.slot);
        announce(say("toys.silenced"));
        // Nobody is asked any more, so that it can be drawn anew.
        drawn = "";
        keepingFocus(body, () => { for (const asking of body.querySelectorAll(".twice")) asking.remove(); }, () => heading);
        await read();
      },
    });
    const showPlay = () => {
      const { playing = null } = live();
      const canPlay = slot.holds !== "silence" && whyNot() === "";
      if (playing === slot.slot) {
        clearTimeout(timer);
        late.textContent = "";
      }
      keepingFocus(actions, () => {
        play.press.hidden = !canPlay || playing !== null;
        stop.press.hidden = playing !== slot.slot;
      }, () => (stop.press.hidden ? (play.press.hidden ? heading : play.press) : stop.press));
    };
    const actions = h("div", { class: "person-actions" }, play.press, stop.press, ...(clear ? [clear] : []));
    body.append(h("h5", {}, title), h("p", { class: "note" }, text), ...(sound ? [sound.element] : []),
      actions, play.news, stop.news, late);
    // What had to wait while somebody was asked something.
    body.addEventListener("click", () => {
      if (isOld && place.querySelector(".twice:not([hidden])") === null) void read();
    });
    showPlay();
    return {
      element: body,
      forgets: [
        store.watch([`presence/${id}`, "children"], showPlay), () => clearTimeout(timer), ...(sound ? [sound.forget] : []),
      ],
    };
  };
  const whyNot = () => whyNotPlayed(live().presence, quietOf(child.id), { toy: name, now: hubNow() });
  const show = () => {
    setText(why, whyNot());
    why.hidden = why.textContent === "";
  };
  const follow = () => {
    show();
    if (!looks || live().holds === holds) return;
    holds = live().holds;
    void read();
  };
  const forgetLive = store.watch([`presence/${id}`, "children", `toy/${id}`], follow);
  return {
    element,
    /** Asks what there is, from now on until `looks` is false. */
    look: (/** @type {boolean} */ isOpen) => {
      looks = isOpen;
      if (!isOpen) return;
      if (drawn === "") place.replaceChildren(waiting(say("toys.slots_reading")));
      holds = live().holds;
      show();
      void read();
    },
    forget: () => {
      looks = false;
      forgetLive();
      forgetItems();
      for (const forget of forgets) forget();
    },
  };
}
