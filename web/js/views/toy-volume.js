// @ts-check

import { changeToy } from "../api-toys.js";
import { announce, h, icon, setText } from "../dom.js";
import { say } from "../language.js";
import { LOUDNESS } from "../rules-words.js";
import { store } from "../store.js";
import { refreshAdopted } from "../sync.js";
import { volumeNote, volumeStep } from "../toy-words.js";
import { errorWords } from "../words.js";
import { field } from "./form.js";

/**
 * Makes the slider that says how loud a toy is, and makes it louder or quieter.
 *
 * @param {import("../api.js").Toy} toy
 * @param {string | undefined} child
 */
export function toyVolume({ id, name }, child) {
  const input = h("input", { type: "range", min: "0", max: String(LOUDNESS.length - 1), step: "1" });
  const made = field({ label: say("toys.volume", { toy: name }), name: "volume", input, hint: [""] });
  const note = h("p", { class: "note", role: "status" });
  const wrong = h("p", { class: "form-wrong", role: "alert", hidden: true });
  let busy = false;
  const tell = () => {
    const words = LOUDNESS[Number(input.value)]?.words ?? "";
    setText(made.hint, words);
    input.setAttribute("aria-valuetext", words);
  };
  const show = () => {
    /** @type {import("../api.js").Toy | undefined} */
    const toy = store.get(`toy/${id}`);
    const { volume = null, presence } = store.get(`presence/${id}`) ?? {};
    if (!toy || busy) return;
    const level = toy.wanted_volume ?? volume;
    if (document.activeElement !== input || level !== null) input.value = String(volumeStep(level));
    tell();
    setText(note, volumeNote(toy, { volume, presence, child }));
    note.hidden = note.textContent === "";
  };
  input.addEventListener("input", () => {
    busy = true;
    tell();
  });
  input.addEventListener("change", async () => {
    busy = true;
    wrong.hidden = true;
    tell();
    const step = Number(input.value);
    try {
      await changeToy(id, { volume: LOUDNESS[step]?.level ?? 255 });
      announce(say("common.saved"));
      await refreshAdopted();
    } catch (error) {
      wrong.replaceChildren(icon("warning"), h("span", {}, errorWords(error)));
      wrong.hidden = false;
    }
    busy = false;
    show();
  });
  show();
  return {
    element: h("div", { class: "toy-volume" }, made.element, note, wrong),
    forget: store.watch([`toy/${id}`, `presence/${id}`], show),
  };
}
