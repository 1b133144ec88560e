// @ts-check

import { hubNow } from "../api.js";
import { say } from "../language.js";
import { ownGrantWords } from "../people-words.js";
import { untilWords } from "../quiet-words.js";
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
  const now = standing({ id, toys });
  if (!quiet) return now;
  const until = untilWords(quiet, hubNow());
  return now ? say("home.standing_and_quiet_time", { standing: now, until }) : say("home.quiet_time", { until });
}

/** @param {string} id */
function toyLine(id) {
  /** @type {import("../api.js").Toy | undefined} */
  const toy = store.get(`toy/${id}`);
  if (toy?.retiring) return say("presence.retiring", { toy: toy.name });
  if (toy?.guard) return say("presence.guarded", { toy: toy.name });
  return presenceWords(toy?.name ?? "", store.get(`presence/${id}`)?.presence);
}

/** @param {Pick<import("../api.js").Child, "id" | "toys">} child */
function standing({ id, toys }) {
  if (isGuardian()) {
    return toys.length === 0 ? say("home.no_toy") : toys.map(toyLine).join(", ");
  }
  /** @type {import("../api.js").Child[]} */
  const children = store.get("children") ?? [];
  const grant = children.find((one) => one.id === id)?.grant;
  return grant ? ownGrantWords(grant) : "";
}
