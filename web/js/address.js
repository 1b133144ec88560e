// @ts-check

// What the address of the page says that must not stay in it.

import { inviteIn } from "./keys.js";
import { store } from "./store.js";

/** Takes an invitation out of the address, where it would stay in the history. */
export function takeInvite() {
  const token = inviteIn(location.hash);
  if (token === null) return;
  history.replaceState(null, "", "/");
  store.set("invite", token);
}
