// @ts-check

import { hubNow } from "../api.js";
import { ownGrantWords } from "../people-words.js";
import { untilWords } from "../rules-words.js";
import { store } from "../store.js";
import { isGuardian, quietOf } from "../sync.js";
import { presenceWords } from "../words.js";

/**
 * Returns what stands under the name of a child: how its toys are, or what a relative may do.
 *
 * @param {import("../api.js").Child} child
 */
export function childLine({ id, toys }) {
  const quiet = quietOf(id);
  return [standing({ id, toys }), quiet ? `quiet time ${untilWords(quiet, hubNow())}` : ""].filter(Boolean).join(", ");
}

/** @param {string} id */
function toyLine(id) {
  /** @type {import("../api.js").Toy | undefined} */
  const toy = store.get(`toy/${id}`);
  if (toy?.retiring) return `${toy.name} is on its way out`;
  if (toy?.guard) return `${toy.name} needs a look`;
  return presenceWords(toy?.name ?? "", store.get(`presence/${id}`)?.presence);
}

/** @param {Pick<import("../api.js").Child, "id" | "toys">} child */
function standing({ id, toys }) {
  if (isGuardian()) {
    return toys.length === 0 ? "No toy yet" : toys.map(toyLine).join(", ");
  }
  /** @type {import("../api.js").Child[]} */
  const children = store.get("children") ?? [];
  const grant = children.find((one) => one.id === id)?.grant;
  return grant ? ownGrantWords(grant) : "";
}
