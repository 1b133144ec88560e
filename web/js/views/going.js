// @ts-check

import { hubNow } from "../api.js";
import { readRules } from "../api-rules.js";
import { h, icon, setText } from "../dom.js";
import { say } from "../language.js";
import { goingWords, keptForWords } from "../rules-words.js";
import { errorWords } from "../words.js";

/**
 * Makes the place that says how long what a child says and hears is kept, and what goes next.
 *
 * @param {import("../api.js").Child} child
 */
export function going(child) {
  const kept = h("p", { hidden: true });
  const next = h("div", { role: "status" });
  const read = async () => {
    try {
      const rules = await readRules(child.id);
      setText(kept, say("child.kept_for", { length: keptForWords(rules.retention_days) }));
      kept.hidden = false;
      const words = rules.retention_days === null ? say("rules.going_never") : goingWords(rules, hubNow());
      // Only what goes soon wants to be looked at.
      next.append(rules.going > 0
        ? h("p", { class: "form-remark" }, icon("clock"), h("span", {}, words)) : h("p", { class: "note" }, words));
    } catch (error) {
      next.append(h("p", { class: "note" }, say("rules.going_unread", { error: errorWords(error) })));
    }
  };
  void read();
  return h("section", { class: "you-section", "aria-labelledby": "child-going" },
    h("h3", { id: "child-going" }, say("rules.retention")), h("div", { class: "you-place" }, kept, next));
}
