// @ts-check

import { h } from "../dom.js";
import { say } from "../language.js";
import { LIMITS } from "../notice-words.js";
import { section } from "./section.js";

/** Makes the part about what no hub can stop. */
export function limitsSection() {
  const part = section("limits", say("limits.title"));
  part.show([h("p", {}, say("limits.intro")), h("ul", { class: "limits" }, ...LIMITS.map((line) => h("li", {}, line)))]);
  return part;
}
