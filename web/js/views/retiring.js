// @ts-check

import { retireToy } from "../api-toys.js";
import { announce, button, h, keepingFocus } from "../dom.js";
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
 * @param {string} child
 */
export function retiring({ id, name }, child) {
  const { lead, goes, stays, lost } = retireWords({ name, child });
  const opener = button({ class: "button button-small button-quiet", label: `Retire ${name}` }, "Retire", () => ask(true));
  const title = h("p", { tabindex: "-1" }, h("strong", {}, lead));
  const go = errand({ class: "button button-small button-danger" }, `Retire ${name}`, "Retiring it", async () => {
    await retireToy(id, false);
    announce(`${name} is retired with the next squeeze of its paw.`);
    ask(false);
    await refreshAdopted();
  });
  const atOnce = errand({ class: "button button-small button-danger" }, "Let it go at once", "Letting it go", () => letGo({ id, name }));
  const asking = h("div", { class: "twice retiring", role: "group", "aria-label": `Retire ${name}`, hidden: true },
    title, points(goes), h("p", { class: "erasing-stays" }, "What stays:"), points(stays, "note"),
    h("div", { class: "bubble-actions" }, go.press, button({ class: "button button-small" }, "Keep", () => ask(false))), go.news,
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
 * @param {string} child
 */
export function lettingGo({ id, name }, child) {
  return twice({
    words: "Let it go at once", label: `Let ${name} go at once`, question: retireWords({ name, child }).lost.text,
    sure: "Let it go", working: "Letting it go", act: () => letGo({ id, name }),
  });
}

/** @param {Pick<Toy, "id" | "name">} toy */
async function letGo({ id, name }) {
  await retireToy(id, true);
  announce(`${name} is retired.`);
  await refreshAdopted();
}

/**
 * @param {string[]} lines
 * @param {string} [look]
 */
const points = (lines, look = "") => h("ul", { class: `points ${look}`.trim() }, ...lines.map((one) => h("li", {}, one)));
