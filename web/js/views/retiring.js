// @ts-check

import { retireToy } from "../api-toys.js";
import { announce, button, h, keepingFocus } from "../dom.js";
import { say } from "../language.js";
import { refreshAdopted } from "../sync.js";
import { retireWords } from "../toy-words.js";
import { twice } from "./twice.js";
import { errand } from "./waiting.js";

/** @typedef {import("../api.js").Toy} Toy */

/**
 * Makes a button that retires a toy. Behind it stands what becomes of what is on the toy, and a way for a
 * toy that nobody can squeeze any more.
 *
 * @param {Toy} toy
 * @param {string | undefined} child
 */
export function retiring({ id, name }, child) {
  const label = say("toys.retire_label", { toy: name });
  const { lead, goes, stays, lost } = retireWords({ name, child });
  const opener = button({ class: "button button-small button-quiet", label }, say("toys.retire"), () => ask(true));
  const title = h("p", { tabindex: "-1" }, h("strong", {}, lead));
  const go = errand({ class: "button button-small button-danger" }, label, say("toys.retire_working"), async () => {
    await retireToy(id, false);
    announce(say("toys.retire_soon", { toy: name }));
    ask(false);
    await refreshAdopted();
  });
  const atOnce = errand({ class: "button button-small button-danger" }, say("toys.let_go"), say("toys.let_go_working"),
    () => letGo({ id, name }));
  const asking = h("div", { class: "twice retiring", role: "group", "aria-label": label, hidden: true },
    title, points(goes), h("p", { class: "erasing-stays" }, say("toys.retire_stays")), points(stays, "note"),
    h("div", { class: "bubble-actions" }, go.press,
      button({ class: "button button-small", escape: true }, say("common.keep"), () => ask(false))), go.news,
    h("details", { class: "more" }, h("summary", {}, lost.summary), h("div", {}, h("p", {}, lost.text), atOnce.press, atOnce.news)));
  const element = h("div", { class: "twice-place" }, opener, asking);
  /** @param {boolean} isAsking */
  const ask = (isAsking) => keepingFocus(element, () => {
    opener.hidden = isAsking;
    asking.hidden = !isAsking;
    if (isAsking) asking.scrollIntoView({ block: "nearest" });
  }, () => (isAsking ? title : opener));
  return element;
}

/**
 * Makes a button that lets a toy go which is retired already and was not reached since.
 *
 * @param {Toy} toy
 */
export function lettingGo({ id, name }) {
  return twice({
    words: say("toys.let_go"), label: say("toys.let_go_label", { toy: name }),
    question: say("toys.lost_text", { toy: name }),
    sure: say("toys.let_go_sure"), working: say("toys.let_go_working"), act: () => letGo({ id, name }),
  });
}

/** @param {Pick<Toy, "id" | "name">} toy */
async function letGo({ id, name }) {
  await retireToy(id, true);
  announce(say("toys.retired", { toy: name }));
  await refreshAdopted();
}

/**
 * @param {string[]} lines
 * @param {string} [look]
 */
const points = (lines, look = "") => h("ul", { class: `points ${look}`.trim() }, ...lines.map((one) => h("li", {}, one)));
