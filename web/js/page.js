// @ts-check

// Starts the page: who is shown where, by the part of the address after the "#". What stands there
// never leaves the browser, so a child's id is in no log.

import { takeInvite } from "./address.js";
import { follow } from "./events.js";
import { keepInstallOffer } from "./install.js";
import { say } from "./language.js";
import { fetchAhead, onceAtPeace, showLazily } from "./lazily.js";
import { Player } from "./player.js";
import { ignoreHeldKeys } from "./press.js";
import { withSheets } from "./sheets.js";
import { chosenSpeed } from "./speed.js";
import { store } from "./store.js";
import { isGuardian } from "./sync.js";
import { banner } from "./views/banner.js";
import { bar } from "./views/bar.js";
import { door } from "./views/door.js";
import { home } from "./views/home.js";
import { recordingParts } from "./views/parts.js";
import { h } from "./dom.js";

/** @typedef {import("./api.js").Child} Child */

/**
 * What is in the room beside the list.
 *
 * @typedef {object} Room
 * @property {string} key differs whenever something else is shown
 * @property {string} view
 * @property {string} title
 * @property {string} link the id of what leads there, which has the focus afterwards
 * @property {string} [child] whom it is about
 * @property {() => (() => void)} show
 */

/** What is shown beside the list, or instead of it. */
const VIEWS = {
  adoption: withSheets(() => import("./views/adoption.js")),
  approvals: withSheets(() => import("./views/approvals.js")),
  care: withSheets(() => import("./views/care.js")),
  child: withSheets(() => import("./views/child.js")),
  childScreen: withSheets(() => import("./views/child-screen.js")),
  conversation: () => import("./views/conversation.js"),
  more: withSheets(() => import("./views/more.js")),
  people: withSheets(() => import("./views/people.js")),
  privacy: withSheets(() => import("./views/privacy.js")),
  record: withSheets(() => import("./views/record.js")),
  rules: withSheets(() => import("./views/rules.js")),
  start: withSheets(() => import("./views/start.js")),
  toys: withSheets(() => import("./views/toys.js")),
  trust: withSheets(() => import("./views/trust.js")),
  you: withSheets(() => import("./views/you.js")),
};

/** What somebody asks for in a conversation. */
const AHEAD = [
  () => import("./views/item-details.js"), () => import("./views/item-erasing.js"), () => import("./views/item-noting.js"),
];

const escaping = () => import("./escape.js");

const TWO_PANES = matchMedia("(min-width: 900px)");

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
const people = h("section", { class: "people", "aria-label": say("people.children") });
const room = h("section", { class: "room" });
const player = new Player(/** @type {HTMLAudioElement} */ (document.getElementById("player")), chosenSpeed());

/** @type {() => void} */
let leaveRoom = () => {};
/** @type {Room | null} */
let shown = null;
/** @type {string | null} */
let who = null;

start();

/** Looks what the address says that is there for everybody. */
function lookAtAddress() {
  store.set("trusting", location.hash === "#/trust");
  takeInvite();
}

function start() {
  keepInstallOffer();
  lookAtAddress();
  const places = bar();
  app.append(banner(), people, room, places, door(app, [people, room, places], () => player.pause()));
  home(people);
  ignoreHeldKeys(app);
  app.addEventListener("keydown", ({ key, isComposing, target }) => {
    // Where the file does not come, the way out is still on the page.
    if (key === "Escape" && !isComposing) escaping().then(({ wayOut }) => wayOut(app, target), () => {});
  });
  addEventListener("hashchange", () => {
    lookAtAddress();
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
  const forget = store.watch(["children"], () => {
    if (!store.get("children")) return;
    forget();
    // What a conversation needs before anything else comes first.
    fetchAhead([VIEWS.conversation, recordingParts, escaping, ...AHEAD, ...Object.values(VIEWS)]);
  });
  lookAfterShell();
}

/** Has this device keep what the page is made of while somebody is signed in on it, and no longer. */
function lookAfterShell() {
  if (!navigator.serviceWorker) return;
  // Where its file does not come, the next visit does it.
  const withShell = (/** @type {(module: typeof import("./shell.js")) => unknown} */ act) =>
    import("./shell.js").then(act, () => {});
  const act = () => {
    const state = store.get("door")?.state;
    if (state === "signed_in") onceAtPeace(() => withShell(({ keepShell }) => keepShell()));
    else if (state && navigator.serviceWorker.controller) void withShell(({ forgetShell }) => forgetShell());
  };
  store.watch(["door"], act);
  if (!("kept" in document.documentElement.dataset)) return;
  const stop = store.watch(["door"], () => {
    stop();
    void withShell(({ catchUp }) => catchUp());
  });
}

/** Leaves nothing of this visit. */
function startOver() {
  leaveRoom();
  leaveRoom = () => {};
  history.replaceState(null, "", "/");
  location.reload();
}

/**
 * Returns what the address asks for and whoever is here may see; null for the list alone.
 *
 * @param {boolean} moved whether a person went there just now, so that the focus follows
 * @returns {Room | null}
 */
function asked(moved) {
  /** @type {Child[] | undefined} */
  const children = store.get("children");
  if (!children) return null;
  if (store.get("me").role === "child_screen") return screenRoom(children[0]);
  const [, place = "", detail] = /^#\/([a-z-]+)(?:\/(\w+))?$/.exec(location.hash) ?? [];
  const child = children.find(({ id }) => id === detail);
  if (place === "you") {
    return {
      key: `you/${detail ?? ""}`, view: "you", title: say("account.title"), link: "you-link",
      show: () => showLazily(room, VIEWS.you, ({ you }) => you(room, { section: detail ?? null, moved, startOver })),
    };
  }
  if (place === "trust") {
    return {
      key: place, view: place, title: say("common.trust_device"), link: "you-link",
      show: () => showLazily(room, VIEWS.trust, ({ trustRoom }) => trustRoom(room, { moved })),
    };
  }
  if (place === "record") {
    return {
      key: place, view: place, title: say("record.title"), link: "record-link",
      show: () => showLazily(room, VIEWS.record, ({ recordView }) => recordView(room, { player, moved })),
    };
  }
  if (place === "more") {
    return {
      key: place, view: place, title: say("bar.more"), link: "you-link",
      show: () => showLazily(room, VIEWS.more, ({ moreView }) => moreView(room, { moved })),
    };
  }
  if (isGuardian()) {
    if (place === "start") {
      return {
        key: `${place}/${detail ?? ""}`, view: place, title: say("start.title"), link: "start-next",
        show: () => showLazily(room, VIEWS.start, ({ startRoom }) => startRoom(room, { step: detail ?? null, moved })),
      };
    }
    if (place === "people") {
      return {
        key: place, view: place, title: say("common.people"), link: "people-link",
        show: () => showLazily(room, VIEWS.people, ({ people: view }) => view(room, { moved })),
      };
    }
    if (place === "toys") {
      const isAdopting = detail === "adopt" && children.length > 0;
      return {
        key: isAdopting ? "toys/adopt" : place, view: place, title: say(isAdopting ? "adopt.title" : "toys.title"),
        link: "toys-link",
        show: () => (isAdopting
          ? showLazily(room, VIEWS.adoption, ({ adoption }) => adoption(room, { moved }))
          : showLazily(room, VIEWS.toys, ({ toysView }) => toysView(room, { player, moved }))),
      };
    }
    if (place === "privacy") {
      return {
        key: `${place}/${detail ?? ""}`, view: place, title: say("privacy.title"), link: "privacy-link",
        show: () => showLazily(room, VIEWS.privacy, ({ privacy }) => privacy(room, { section: detail ?? null, moved })),
      };
    }
    if (place === "care") {
      return {
        key: place, view: place, title: say("care.title"), link: "care-link",
        show: () => showLazily(room, VIEWS.care, ({ careView }) => careView(room, { moved })),
      };
    }
    if (place === "waiting") {
      return {
        key: place, view: place, title: say("approvals.title"), link: "waiting-link",
        show: () => showLazily(room, VIEWS.approvals, ({ approvals }) => approvals(room, { player, moved })),
      };
    }
    if (place === "rules" && child) {
      return {
        key: `${place}/${child.id}`, view: place, title: say("rules.title", { child: child.name }),
        link: `child-${child.id}`, child: child.id,
        show: () => showLazily(room, VIEWS.rules, ({ rulesView }) => rulesView(room, { child, moved })),
      };
    }
    if (place === "add-child" || (place === "change-child" && child)) {
      return {
        key: `${place}/${child?.id ?? ""}`, view: place,
        title: child ? say("child.change", { child: child.name }) : say("child.add"),
        link: children.length === 0 ? "add-first-child" : "add-child",
        child: child?.id,
        show: () => showLazily(room, VIEWS.child, ({ childView }) => childView(room, { child: child ?? null, moved })),
      };
    }
  }
  const talkedTo = place === "child" && child ? child : place === "first" ? children[0] : TWO_PANES.matches ? children[0] : undefined;
  return talkedTo ? childRoom(talkedTo, moved) : null;
}

/**
 * @param {Child} child
 * @param {boolean} moved
 * @returns {Room}
 */
function childRoom(child, moved) {
  return {
    // What a conversation looks like hangs on these.
    key: JSON.stringify([child.id, child.name, child.animal, child.color, child.picture, child.toys]),
    view: "conversation", title: child.name, link: `child-${child.id}`, child: child.id,
    show: () => showLazily(room, VIEWS.conversation,
      ({ conversation }) => conversation(room, { child, player, moved })),
  };
}

/**
 * @param {Child | undefined} child
 * @returns {Room | null}
 */
function screenRoom(child) {
  return child ? {
    key: JSON.stringify([child.id, child.name, child.animal, child.color, child.picture]),
    view: "screen", title: child.name, link: "", child: child.id,
    show: () => showLazily(room, VIEWS.childScreen, ({ childScreen: view }) => view(room, { child, player })),
  } : null;
}

/**
 * Shows what the address says.
 *
 * @param {boolean} moved
 */
function route(moved) {
  const next = asked(moved);
  store.set("shown", next?.view === "conversation" ? next.child : next?.view ?? null);
  app.dataset.view = next?.view ?? "home";
  if (next?.key === shown?.key) return;
  leaveRoom();
  leaveRoom = () => {};
  room.replaceChildren();
  room.removeAttribute("aria-label");
  const left = shown;
  shown = next;
  document.title = next ? `${next.title} · Hutch` : "Hutch";
  if (next) leaveRoom = next.show();
  else if (left && moved) focusWayBack(left);
}

/**
 * Gives the focus to what led there: in the list, or in the bar where that stands instead.
 *
 * @param {Room} left
 */
function focusWayBack({ link, view }) {
  const ways = document.querySelectorAll(`#${CSS.escape(link)}, .bar a[href="#/${view}"]`);
  const way = [...ways].find((one) => one.getClientRects().length > 0);
  if (way instanceof HTMLElement) way.focus();
}
