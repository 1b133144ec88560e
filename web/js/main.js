// @ts-check

// Starts the page: who is shown where, by the part of the address after the "#". What stands there
// never leaves the browser, so a child's id is in no log.

import { follow } from "./events.js";
import { Player } from "./player.js";
import { ignoreHeldKeys } from "./press.js";
import { store } from "./store.js";
import { banner } from "./views/banner.js";
import { conversation } from "./views/conversation.js";
import { gate } from "./views/gate.js";
import { home } from "./views/home.js";
import { h } from "./dom.js";

const TWO_PANES = matchMedia("(min-width: 900px)");

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
const people = h("section", { class: "people", "aria-label": "Children" });
const room = h("section", { class: "room" });
const player = new Player(/** @type {HTMLAudioElement} */ (document.getElementById("player")));

/** @type {() => void} */
let leaveRoom = () => {};
/** @type {string | null} */
let shown = null;

start();

function start() {
  app.append(banner(), people, room);
  home(people);
  ignoreHeldKeys(app);
  addEventListener("hashchange", () => route(true));
  TWO_PANES.addEventListener("change", () => route(false));
  store.watch(["children"], () => route(false));
  store.watch(["link"], () => {
    if (store.get("link") !== "refused") return;
    leaveRoom();
    player.pause();
    gate(app);
  });
  route(false);
  follow();
}

/**
 * Shows what the address says.
 *
 * @param {boolean} moved whether a person went there just now, so that the focus follows
 */
function route(moved) {
  /** @type {import("./api.js").Child[] | undefined} */
  const children = store.get("children");
  const asked = /^#\/child\/([a-z0-9]+)$/.exec(location.hash)?.[1] ?? null;
  const child = children?.find(({ id }) => id === asked)
    ?? (TWO_PANES.matches ? children?.[0] : undefined);
  store.set("shown", child?.id ?? null);
  app.dataset.view = child ? "conversation" : "home";
  if (child?.id === shown) return;
  leaveRoom();
  leaveRoom = () => {};
  room.replaceChildren();
  const left = shown;
  shown = child?.id ?? null;
  document.title = child ? `${child.name} · Hutch` : "Hutch";
  if (child) leaveRoom = conversation(room, { child, player, moved });
  else if (left && moved) document.getElementById(`child-${left}`)?.focus();
}
