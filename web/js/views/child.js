// @ts-check

import { eraseChild } from "../api-erase.js";
import { addChild, changeChild } from "../api-people.js";
import { announce, h, icon } from "../dom.js";
import { childWords, erasedWords } from "../erase-words.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { refreshChildren, refreshPeople } from "../sync.js";
import { childPicture } from "./child-picture.js";
import { erasing } from "./erasing.js";
import { choiceField, field, form } from "./form.js";
import { going } from "./going.js";
import { portrait } from "./portrait.js";

const ANIMALS = /** @type {const} */ (["bear", "cat", "dog", "rabbit", "unicorn"]);
const COLORS = /** @type {const} */ (["plum", "leaf", "sky", "sun"]);

/**
 * Shows where a child is added or changed: a nickname and a picture.
 *
 * @param {HTMLElement} root
 * @param {{ child: import("../api.js").Child | null, moved: boolean, frame?: import("./start.js").Frame | null }} scene
 *   `frame`: the set-up, while it is a step of it
 * @returns {() => void} leaves nothing of it
 */
export function childView(root, { child, moved, frame = null }) {
  const isFirst = store.get("children").length === 0;
  const heading = child ? say("child.change", { child: child.name }) : say(isFirst ? "child.first" : "child.add");
  root.setAttribute("aria-label", heading);
  const title = h("h2", { tabindex: "-1" }, heading);
  const back = child ? `#/child/${child.id}` : "#/";
  const backWords = child ? say("common.back_to", { child: child.name }) : say("common.back_to_children");

  const name = field({
    label: say("child.nickname"), name: "nickname", missing: say("child.nickname_missing"), hint: [say("child.nickname_hint")],
  }, { autocomplete: "off", autocapitalize: "words", maxlength: "40", value: child?.name });
  const picture = h("span", { class: "child-picture" });
  const animal = choiceField({
    label: say("child.animal"), name: "animal", chosen: child?.animal ?? ANIMALS[0],
    choices: ANIMALS.map((one) => ({ value: one, words: say(`common.animal_${one}`), sign: icon(one) })), changed: () => draw(),
  });
  const color = choiceField({
    label: say("child.color"), name: "color", chosen: child?.color ?? COLORS[0],
    choices: COLORS.map((one) => ({ value: one, words: say(`child.color_${one}`), sign: h("span", { class: "swatch", "data-color": one }) })),
    changed: () => draw(),
  });
  const draw = () => picture.replaceChildren(portrait({ animal: animal.value(), color: color.value() }));
  draw();

  const asking = form({
    fields: { name }, layout: [name.element, h("div", { class: "child-look" }, picture, h("div", {}, animal.element, color.element))],
    submit: say(child ? "common.save" : "child.submit"), working: say("common.writing"),
    beside: isFirst ? [] : [h("a", { class: "button button-quiet", href: back }, say("common.cancel"))],
    async act() {
      const chosen = { name: name.input.value.trim(), animal: animal.value(), color: color.value() };
      const made = child ? await changeChild(child.id, chosen) : await addChild(chosen);
      await refreshChildren();
      announce(child ? say("common.saved") : say("child.added", { child: made.name }));
      if (frame) frame.done();
      else location.hash = `#/child/${made.id}`;
    },
  });
  const looks = child && childPicture(child);
  const erase = child && erasing({
    words: say("child.erase", { child: child.name }), label: say("child.erase_label", { child: child.name }),
    working: say("common.erasing"), class: "button",
    tell: () => childWords({ name: child.name, ...around(child) }),
    async act() {
      const { gone } = await eraseChild(child.id);
      announce(erasedWords(gone));
      location.replace("#/");
      await refreshChildren();
      void refreshPeople().catch(() => {});
    },
  });
  root.replaceChildren(h("div", { class: "you" },
    h("header", { class: "room-head" },
      h("a", { class: "back back-always", href: back, "aria-label": backWords }, icon("back")),
      title),
    h("div", { class: "you-body" },
      ...(frame ? [frame.above] : []),
      h("p", { class: "note" }, say(child ? "child.change_note" : "child.add_note")),
      asking.element,
      ...(frame ? [frame.below] : []),
      ...(looks ? [looks.element] : []),
      ...(child ? [going(child)] : []),
      ...(child ? [h("a", { class: "rules-link", href: `#/rules/${child.id}` }, icon("moon"),
        h("span", {}, say("child.rules_link")))] : []),
      ...(erase ? [h("section", { class: "you-section", "aria-labelledby": "erase-child" },
        h("h3", { id: "erase-child" }, say("erase.title")), h("div", { class: "you-place" }, erase.element))] : []))));
  if (moved) (child ? title : name.input).focus({ preventScroll: true });
  return () => {
    asking.forget();
    looks?.forget();
    erase?.forget();
    root.replaceChildren();
  };
}

/**
 * Returns what else is touched when a child is erased, by what it is called.
 *
 * @param {import("../api.js").Child} child
 */
function around({ id, toys }) {
  /** @type {import("../api-people.js").People | undefined} */
  const people = store.get("people");
  /** @param {import("../api-people.js").Relative} relative */
  const isOnly = ({ grants }) => grants.length === 1 && grants[0]?.child === id;
  return {
    toys: toys.map((toy) => store.get(`toy/${toy}`)?.name ?? say("common.the_toy")),
    screens: (people?.screens ?? []).filter((screen) => screen.child === id).map(({ name }) => name),
    only: (people?.relatives ?? []).filter(isOnly).map(({ name }) => name),
  };
}
