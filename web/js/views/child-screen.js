// @ts-check

import { hubNow, readMe, soundUrl } from "../api.js";
import { announce, h, icon, setText } from "../dom.js";
import { say } from "../language.js";
import { quietTimeWords } from "../quiet-words.js";
import { playableFormat } from "../sounding.js";
import { store } from "../store.js";
import { isSignedOut, markPlayed, newAnswers, quietOf, readThread } from "../sync.js";
import { portrait } from "./portrait.js";
import { sayButton } from "./say-button.js";

/** @typedef {import("../api.js").Item} Item */

// Once everything was heard, so many are played again.
const LAST_FEW = 5;
// A screen hangs on the wall for months: it stays signed in by asking who it is now and then.
const ASK_MS = 6 * 3_600_000;

/**
 * Shows a child's own screen: hear what came, and say something. Pictures instead of words, no way to
 * anything else; a guardian ends it.
 *
 * @param {HTMLElement} root
 * @param {{ child: import("../api.js").Child, player: import("../player.js").Player }} scene
 * @returns {() => void} cleanup
 */
export function childScreen(root, { child, player }) {
  root.setAttribute("aria-label", child.name);
  const picture = h("div", { class: "screen-picture" }, portrait(child, { large: true }));
  const quiet = h("p", { class: "screen-quiet", hidden: true }, icon("moon"), h("span", {}));
  const help = h("div", { class: "screen-help", role: "alert", tabindex: "0", hidden: true });
  const hearing = hearButton(child, player, (isPlaying) => {
    picture.classList.toggle("is-talking", isPlaying);
    const now = quietOf(child.id);
    quiet.hidden = now === null;
    if (now) setText(/** @type {Node} */ (quiet.lastChild), quietTimeWords(now, hubNow()));
  });
  const saying = sayButton(child, {
    begin: () => hearing.stop(),
    tell(words) {
      help.replaceChildren(...(words ? [words] : []));
      help.hidden = !words;
    },
  });
  root.replaceChildren(h("div", { class: "screen", "data-color": child.color },
    h("h2", { class: "unseen" }, child.name), picture, h("div", { class: "screen-words" }, quiet, help),
    h("div", { class: "screen-buttons" }, hearing.element, saying.element)));
  const asking = setInterval(() => void readMe().catch(() => {}), ASK_MS);
  return () => {
    clearInterval(asking);
    hearing.forget();
    saying.forget();
    root.replaceChildren();
  };
}

/**
 * Makes the button that plays the newest messages, one after the other.
 *
 * @param {import("../api.js").Child} child
 * @param {import("../player.js").Player} player
 * @param {(isPlaying: boolean) => void} tell
 */
function hearButton(child, player, tell) {
  const sign = icon("hear");
  const badge = h("span", { class: "screen-badge", "aria-hidden": "true", hidden: true });
  const element = h("button", { type: "button", class: "screen-button" }, sign, badge);
  /** @type {Item[]} what is still to be played */
  let queue = [];
  let forgetSound = () => {};
  let isPlaying = false;

  /** @returns {Item[]} */
  const messages = () => (store.get(`thread/${child.id}`)?.ids ?? [])
    .map((/** @type {string} */ id) => store.get(`item/${id}`))
    .filter((/** @type {Item} */ { kind }) => kind === "message");
  const show = () => {
    const quiet = quietOf(child.id);
    const fresh = quiet ? 0 : newAnswers(child.id).length;
    const none = messages().length === 0;
    badge.hidden = fresh === 0;
    setText(badge, String(fresh));
    sign.className = `icon icon-${isPlaying ? "stop" : quiet ? "moon" : "hear"}`;
    element.classList.toggle("is-quiet", quiet !== null);
    element.classList.toggle("is-new", fresh > 0 && !isPlaying);
    element.classList.toggle("is-empty", none);
    element.setAttribute("aria-label", isPlaying ? say("screen.stop") : quiet ? quietTimeWords(quiet, hubNow())
      : fresh > 0 ? say("screen.hear_new", { n: fresh }) : say(none ? "screen.hear_none" : "screen.hear_again"));
    tell(isPlaying);
  };
  const stop = () => {
    forgetSound();
    forgetSound = () => {};
    queue = [];
    player.pause();
    isPlaying = false;
    show();
  };
  const next = () => {
    forgetSound();
    forgetSound = () => {};
    const item = queue.shift();
    if (!item) {
      stop();
      return;
    }
    isPlaying = true;
    markPlayed(item);
    let began = false;
    const forget = player.listen(item.id, ({ playing, failed }) => {
      began ||= playing;
      // What does not play must not keep the others from it.
      if (failed || (began && !playing)) setTimeout(() => { if (forgetSound === forget) next(); });
    });
    forgetSound = forget;
    player.seek(item.id, () => soundUrl(item.id, playableFormat()), 0);
    player.toggle(item.id, () => soundUrl(item.id, playableFormat()));
    show();
  };
  element.addEventListener("click", () => {
    const quiet = quietOf(child.id);
    if (isPlaying || quiet) {
      stop();
      if (quiet) announce(quietTimeWords(quiet, hubNow()));
      return;
    }
    const fresh = newAnswers(child.id);
    const all = messages();
    queue = fresh.length > 0 ? all.filter(({ id }) => fresh.includes(id)) : all.slice(-LAST_FEW);
    if (queue.length > 0) next();
    else announce(say("screen.no_message"));
  });

  const read = async () => {
    try {
      await readThread(child.id);
    } catch (error) {
      // It is read again as soon as the hub is there.
      if (isSignedOut(error)) stop();
    }
  };
  const forgets = [
    store.watch([`new/${child.id}`, `thread/${child.id}`], show),
    // What plays when quiet hours begin stops.
    store.watch(["children"], () => (isPlaying && quietOf(child.id) ? stop() : show())),
    store.watch(["link"], () => { if (store.get("link") === "live" && !store.get(`thread/${child.id}`)) void read(); }),
  ];
  show();
  void read();
  return {
    element, stop,
    forget() {
      for (const forget of forgets) forget();
      stop();
    },
  };
}
