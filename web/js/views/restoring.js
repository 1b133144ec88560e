// @ts-check

import { readRestoring, readOffers, restore, sendBackup } from "../api-restoring.js";
import { readDoor } from "../api.js";
import { sizeWords } from "../size-words.js";
import { announce, button, h, icon, rest, setText } from "../dom.js";
import { tidyCode } from "../keys.js";
import { say, sayWith } from "../language.js";
import { faultWords, offerWords, readKey, returnedWords, stageWords } from "../restoring-words.js";
import { errorWords } from "../words.js";
import { field, form } from "./form.js";

/** @typedef {import("../api-restoring.js").BackupOffer} BackupOffer */
/** @typedef {import("../api-restoring.js").Restoring} Restoring */

/** How often it is asked how far the hub is. */
const ASKS_EVERY_MS = 1_000;
/** How often the hub may be silent that begins anew, before that is taken for a warning of the browser. */
const SILENCES = 8;

/** The choice of a file on this device. */
const HERE = "here";

/**
 * Lets a family bring its household back from a backup, in the place of setting the hub up.
 *
 * @param {HTMLElement} root
 * @param {object} scene
 * @param {string} scene.code the set-up code, as far as it was typed already
 * @param {(holds: boolean) => void} scene.holding whether it must stay, whatever the hub says meanwhile
 * @param {() => void} scene.back
 * @returns {() => void} leaves nothing of it
 */
export function restoringView(root, { code: typed, holding, back }) {
  const title = h("h2", { tabindex: "-1" }, say("restoring.title"));
  let code = "";
  let alive = true;
  /** What is stopped and forgotten when somebody leaves. */
  let leave = () => {};
  /** @param {(Node | string)[]} parts */
  const show = (...parts) => {
    root.replaceChildren(h("span", { class: "mark", "aria-hidden": "true" }, icon("mark")), title, ...parts);
    title.focus({ preventScroll: true });
  };
  const away = () => button({ class: "button button-quiet" }, say("restoring.set_up_anew"), () => {
    leave();
    back();
  });

  /** @param {string} [wrong] what became of the code that was typed before */
  const askCode = (wrong) => {
    const input = field({
      label: say("setup.code"), name: "code", missing: say("setup.code_missing"),
      hint: sayWith("setup.code_hint", { command: h("code", {}, "sudo hutch setup-code") }),
    }, { autocomplete: "one-time-code", autocapitalize: "characters", class: "code-input", value: typed });
    const asking = form({
      fields: { code: input }, submit: say("restoring.look"), working: say("restoring.looking"), beside: [away()],
      async act() {
        const tidy = tidyCode(input.input.value);
        const offers = await readOffers(tidy);
        code = tidy;
        typed = tidy;
        asking.forget();
        choose(offers);
      },
    });
    leave = asking.forget;
    show(h("p", {}, say("restoring.lead")), asking.element);
    if (wrong) asking.refuse({ field: "code", text: wrong });
  };

  /** @param {BackupOffer[]} first */
  const choose = (first) => {
    /** @type {File | null} */
    let file = null;
    let offers = first;
    let chosen = first[0]?.id ?? HERE;
    const list = h("div", { class: "offers" });
    const legend = h("legend", {}, say("restoring.which"));
    const none = h("p", { class: "note", hidden: true }, say("restoring.none_seen"));
    const picker = h("input", { type: "file", hidden: true, tabindex: "-1", accept: ".age,application/octet-stream" });
    const key = field({
      label: say("restoring.key"), name: "key", missing: say("restoring.key_missing"), hint: [say("restoring.key_hint")],
      input: h("textarea", {
        rows: "4", autocomplete: "off", autocapitalize: "off", autocorrect: "off", spellcheck: "false", class: "code-input",
      }),
    });
    const refresh = button({ class: "button button-quiet button-small" }, say("restoring.look_again"), async () => {
      rest(refresh, true);
      try {
        offers = await readOffers(code);
        if (alive) draw();
      } catch (error) {
        asking.refuse({ field: null, text: errorWords(error) });
      }
      rest(refresh, false);
    });
    const pick = button({ class: "button button-small" }, say("restoring.pick"), () => picker.click());
    picker.addEventListener("change", () => {
      file = picker.files?.[0] ?? file;
      chosen = HERE;
      draw();
      key.input.focus();
    });
    /**
     * @param {string} id
     * @param {[string, string]} words
     * @param {Node[]} more
     */
    const line = (id, [what, about], ...more) => {
      const input = h("input", { type: "radio", class: "unseen", name: "backup", value: id, checked: id === chosen });
      input.addEventListener("change", () => { chosen = id; });
      return h("div", { class: "offer" }, h("label", { class: "choice" }, input,
        h("span", {}, h("span", { class: "offer-when" }, what), h("span", { class: "note" }, about))), ...more);
    };
    const draw = () => {
      if (chosen !== HERE && !offers.some(({ id }) => id === chosen)) chosen = offers[0]?.id ?? HERE;
      none.hidden = 0 < offers.length;
      list.replaceChildren(...offers.map((offer) => line(offer.id, offerWords(offer))),
        line(HERE, [say("restoring.here"), file ? `${file.name} · ${sizeWords(file.size)}` : say("restoring.here_hint")], pick));
    };
    const opens = () => offers.find(({ id }) => id === chosen)?.opens ?? null;
    const asking = form({
      fields: { key },
      layout: [h("fieldset", { class: "choices" }, legend, none, list, h("div", {}, refresh)), picker, key.element,
        h("p", { class: "note" }, say("restoring.warns_again"))],
      submit: say("restoring.submit"), working: say("restoring.title"), beside: [away()],
      check() {
        if (chosen === HERE && !file) return { field: null, text: say("restoring.no_file") };
        const read = readKey(key.input.value, opens());
        return "text" in read ? { field: "key", text: read.text } : null;
      },
      async act() {
        const read = readKey(key.input.value, opens());
        if (!("key" in read)) return;
        void run({ id: chosen, file: chosen === HERE ? file : null, key: read.key });
      },
    });
    /**
     * @param {{ field: string | null, text: string }} wrong
     */
    const again = (wrong) => {
      holding(false);
      leave = asking.forget;
      show(h("p", {}, say("restoring.choose_lead")), asking.element);
      asking.refuse(wrong);
    };
    /** @param {{ id: string, file: File | null, key: string }} wanted */
    const run = async ({ id, file: sending, key: typedKey }) => {
      holding(true);
      const stop = new AbortController();
      const text = h("p", { role: "status" });
      const bar = h("progress", { max: "1" });
      bar.setAttribute("aria-label", say("restoring.title"));
      const cancel = button({ class: "button", icon: "close" }, say("restoring.stop"), () => stop.abort());
      cancel.hidden = !sending;
      leave = () => {
        stop.abort();
        asking.forget();
      };
      show(text, bar, h("p", { class: "note" }, say("restoring.leave_open")), h("div", {}, cancel));
      /** @param {{ text: string, share: number | null }} how */
      const tell = ({ text: words, share }) => {
        setText(text, words);
        if (share === null) bar.removeAttribute("value");
        else bar.value = share;
      };
      try {
        let backup = id;
        if (sending) {
          tell({ text: say("restoring.sending", { percent: 0 }), share: 0 });
          const progress = (/** @type {number} */ share) =>
            tell({ text: say("restoring.sending", { percent: Math.floor(share * 100) }), share });
          const sent = await sendBackup(code, sending, { progress, signal: stop.signal });
          // What the hub has needs not be sent again when the key was mistyped.
          offers = [sent, ...offers.filter((one) => one.id !== sent.id)];
          chosen = sent.id;
          backup = sent.id;
          draw();
        }
        cancel.hidden = true;
        const returned = await follow(await restore(code, { backup, key: typedKey }), tell);
        if (!alive) return;
        asking.forget();
        ready(returned);
      } catch (error) {
        if (!alive) return;
        if (error instanceof Failed) again(error.wrong);
        else if (isOfCode(error)) {
          asking.forget();
          holding(false);
          askCode(errorWords(error));
        } else again({ field: null, text: errorWords(error) });
      }
    };
    draw();
    leave = asking.forget;
    show(h("p", {}, say("restoring.choose_lead")), asking.element);
  };

  /**
   * Asks how far the hub is until the household is back, or is not.
   *
   * @param {Restoring} first
   * @param {(how: { text: string, share: number | null }) => void} tell
   */
  const follow = async (first, tell) => {
    let now = first;
    while (alive) {
      if (now.state === "ready") return now.returned;
      if (now.state === "failed") throw new Failed(faultWords(now.fault));
      // It was started anew meanwhile, and knows of nothing.
      if (now.state === "idle") throw new Failed({ field: null, text: say("restoring.fault_interrupted") });
      tell(stageWords(now));
      await new Promise((done) => { setTimeout(done, ASKS_EVERY_MS); });
      try {
        now = await readRestoring(code);
      } catch (error) {
        // It is set up: with what came back, while this page did not listen.
        if (codeOf(error) === "already_set_up") return null;
        if (codeOf(error) !== "no_answer") throw error;
      }
    }
    return null;
  };

  /** @param {import("../api-restoring.js").Returned | null} returned */
  const ready = async (returned) => {
    const words = [...(returned ? returnedWords(returned) : []), say("restoring.sign_in_as_before")];
    const state = h("p", { class: "note", role: "status" }, say("restoring.begins_anew"));
    const on = button({ class: "button button-primary" }, say("restoring.go_on"), () => {
      holding(false);
      // Past a warning of the browser leads only a page that it loads.
      location.reload();
    });
    rest(on, true);
    setText(title, say("restoring.back"));
    show(...words.map((text) => h("p", {}, text)), h("p", { class: "note" }, say("restoring.warns_now")), state,
      h("div", { class: "form-actions" }, on));
    announce(say("restoring.back"));
    leave = () => {};
    for (let silent = 0; alive && silent < SILENCES;) {
      await new Promise((done) => { setTimeout(done, ASKS_EVERY_MS); });
      const door = await readDoor().catch(() => null);
      if (door?.state === "signed_out") break;
      silent += door ? 0 : 1;
    }
    if (!alive) return;
    setText(state, "");
    rest(on, false);
  };

  askCode();
  return () => {
    alive = false;
    leave();
    root.replaceChildren();
  };
}

/** The hub tried, and said why it did not come to an end. */
class Failed extends Error {
  /** @param {{ field: string | null, text: string }} wrong */
  constructor(wrong) {
    super(wrong.text);
    this.wrong = wrong;
  }
}

/** @param {unknown} error */
const codeOf = (error) => /** @type {{ code?: string }} */ (error ?? {}).code;

/**
 * Whether the hub has another set-up code by now.
 *
 * @param {unknown} error
 */
const isOfCode = (error) => ["wrong_code", "code_renewed"].includes(codeOf(error) ?? "");
