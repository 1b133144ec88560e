// @ts-check

import { readCare } from "../api-care.js";
import { careWords } from "../care-words.js";
import { announce, h, icon, setText } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { isGuardian } from "../sync.js";

/** When a guardian's page asks for the first time: not while it is still being put together. */
const FIRST_MS = 4_000;
const EVERY_MS = 10 * 60_000;

/** Makes what leads to what is wrong with the hub and its computer, while something is. */
export function careCall() {
  const words = h("span", { class: "note" });
  const link = h("a", { class: "waiting-link", id: "care-call", href: "#/care", hidden: true },
    icon("warning"), h("span", { class: "child-words" },
      h("span", { class: "waiting-words" }, say("care.call")), words));
  const look = async () => {
    if (!isGuardian() || document.hidden || store.get("link") !== "live") return;
    // It is no news that the hub cannot be asked: another line says so.
    const care = await readCare().catch(() => null);
    if (care) store.set("care", care);
  };
  const show = () => {
    /** @type {import("../api-care.js").Care | undefined} */
    const care = store.get("care");
    const findings = care?.findings ?? [];
    const was = link.hidden;
    link.hidden = !findings.some(({ calls }) => calls);
    setText(words, link.hidden ? "" : careWords(findings).text);
    if (was && !link.hidden) announce(say("care.call"));
    if (store.get("shown") === "care") link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  };
  const forget = store.watch(["children"], () => {
    if (!store.get("children") || !isGuardian()) return;
    forget();
    setTimeout(() => void look(), FIRST_MS);
    setInterval(() => void look(), EVERY_MS);
  });
  store.watch(["care", "shown"], show);
  return link;
}
