// @ts-check

import { ownGrantWords } from "../people-words.js";
import { store } from "../store.js";
import { isGuardian } from "../sync.js";
import { presenceWords } from "../words.js";

/**
 * Returns what stands under the name of a child: how its toys are, or what a relative may do.
 *
 * @param {import("../api.js").Child} child
 */
export function childLine({ id, toys }) {
  if (isGuardian()) {
    return toys.length === 0 ? "No toy yet" : toys.map((toy) =>
      presenceWords(store.get(`toy/${toy}`)?.name ?? "", store.get(`presence/${toy}`)?.presence)).join(", ");
  }
  /** @type {import("../api.js").Child[]} */
  const children = store.get("children") ?? [];
  const grant = children.find((one) => one.id === id)?.grant;
  return grant ? ownGrantWords(grant) : "";
}
