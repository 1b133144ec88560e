// @ts-check

import { adoptToy } from "../api-toys.js";
import { button, h, icon } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { choiceField, field, form } from "./form.js";
import { portrait } from "./portrait.js";

const ANIMALS = /** @type {const} */ (["bear", "cat", "dog", "rabbit", "unicorn"]);

/**
 * What was typed and chosen before, for a toy that has to be met once more.
 *
 * @typedef {{ name: string, child: string, character: string }} Typed
 */

/**
 * Makes the form for a toy whose paw was squeezed: what it is called, and whose it is.
 *
 * @param {{ meeting: import("../api-toys.js").Meeting, typed: Typed | null, keep: (typed: Typed) => void,
 *   done: (toy: import("../api.js").Toy) => Promise<void>, cancel: () => void }} scene
 */
export function namingStep({ meeting, typed, keep, done, cancel }) {
  /** @type {import("../api.js").Child[]} */
  const children = store.get("children") ?? [];
  const only = children.length === 1 ? children[0] : undefined;
  const heading = h("h3", { tabindex: "-1" }, say("adopt.what_name"));
  const name = field({
    label: say("adopt.name"), name: "name", missing: say("adopt.name_missing"),
    hint: [say("adopt.name_hint")],
  }, { autocomplete: "off", autocapitalize: "words", maxlength: "40", value: typed?.name });
  const chosen = () => ({ name: name.input.value.trim(), child: only?.id ?? whose.value(), character: animal.value() });
  const note = () => keep(chosen());
  const whose = choiceField({
    label: say("adopt.whose"), name: "child", chosen: typed?.child ?? "", changed: note,
    choices: children.map((child) => ({ value: child.id, words: child.name, sign: portrait(child) })),
  });
  const animal = choiceField({
    label: say("adopt.which_animal"), name: "character", chosen: typed?.character ?? "", changed: note,
    choices: ANIMALS.map((one) => ({ value: one, words: say(`common.animal_${one}`), sign: icon(one) })),
  });
  name.input.addEventListener("input", note);
  const isKnown = meeting.character !== null;
  const asking = form({
    fields: { name },
    layout: [name.element, ...(only ? [] : [whose.element]), ...(isKnown ? [] : [animal.element])],
    submit: say("adopt.submit"), working: say("adopt.working"),
    beside: [button({ class: "button button-quiet", escape: true }, say("common.cancel"), cancel)],
    check: () => {
      const { child, character } = chosen();
      if (child === "") return { field: null, text: say("adopt.choose_whose") };
      return isKnown || character !== "" ? null : { field: null, text: say("adopt.choose_animal") };
    },
    async act() {
      const { character, ...rest } = chosen();
      await done(await adoptToy({ meeting: meeting.id, ...rest, ...(isKnown ? {} : { character }) }));
    },
  });
  return {
    heading, forget: asking.forget,
    nodes: [heading,
      h("p", { class: "note" }, only ? say("adopt.hold_child", { child: only.name }) : say("adopt.hold")),
      asking.element],
  };
}
