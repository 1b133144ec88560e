// @ts-check

// Starts the page: who is shown where, by the part of the address after the "#". What stands there
// never leaves the browser, so a child's id is in no log.

import { follow } from "./events.js";
import { inviteIn } from "./keys.js";
import { Player } from "./player.js";
import { ignoreHeldKeys } from "./press.js";
import { store } from "./store.js";
import { banner } from "./views/banner.js";
import { conversation } from "./views/conversation.js";
import { door } from "./views/door.js";
import { home } from "./views/home.js";
import { you } from "./views/you.js";
import { h } from "./dom.js";

const TWO_PANES = matchMedia("(min-width: 900px)");

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
const people = h("section", { class: "people", "aria-label": "Children" });
const room = h("section", { class: "room" });
const player = new Player(/** @type {HTMLAudioElement} */ (document.getElementById("player")));

/** @type {() => void} */
let leaveRoom = () => {};
/** What is in the room: a child's id, "you", or nothing.
 *
 * @type {string | null}
 */
let shown = null;
/** @type {string | null} */
let who = null;

start();

/** Takes an invitation out of the address, where it would stay in the history. */
function takeInvite() {
  const token = inviteIn(location.hash);
  if (token === null) return;
  history.replaceState(null, "", "/");
  store.set("invite", token);
}

function start() {
  takeInvite();
  app.append(banner(), people, room, door(app, [people, room], () => player.pause()));
  home(people);
  ignoreHeldKeys(app);
  addEventListener("hashchange", () => {
    takeInvite();
    route(true);
  });
  TWO_PANES.addEventListener("change", () => route(false));
  store.watch(["children"], () => route(false));
  store.watch(["me"], () => {
    const { id } = store.get("me");
    // Somebody else must find nothing of what the one before was doing.
    if (who !== null && who !== id) startOver();
    who = id;
  });
  route(false);
  follow();
}

/** Leaves nothing of this visit. */
function startOver() {
  leaveRoom();
  leaveRoom = () => {};
  history.replaceState(null, "", "/");
  location.reload();
}

/**
 * Shows what the address says.
 *
 * @param {boolean} moved whether a person went there just now, so that the focus follows
 */
function route(moved) {
  /** @type {import("./api.js").Child[] | undefined} */
  const children = store.get("children");
  const aboutYou = /^#\/you(?:\/(\w+))?$/.exec(location.hash);
  const asked = /^#\/child\/([a-z0-9]+)$/.exec(location.hash)?.[1] ?? null;
  const child = aboutYou ? undefined : children?.find(({ id }) => id === asked)
    ?? (TWO_PANES.matches ? children?.[0] : undefined);
  const next = aboutYou && children ? `you/${aboutYou[1] ?? ""}` : child?.id ?? null;
  store.set("shown", aboutYou ? "you" : child?.id ?? null);
  app.dataset.view = child ? "conversation" : aboutYou ? "you" : "home";
  if (next === shown) return;
  leaveRoom();
  leaveRoom = () => {};
  room.replaceChildren();
  const left = shown;
  shown = next;
  document.title = aboutYou ? "You and this hub · Hutch" : child ? `${child.name} · Hutch` : "Hutch";
  if (child) leaveRoom = conversation(room, { child, player, moved });
  else if (aboutYou && children) leaveRoom = you(room, { section: aboutYou[1] ?? null, moved, startOver });
  else if (left && moved) document.getElementById(left.startsWith("you/") ? "you-link" : `child-${left}`)?.focus();
}
