// @ts-check

/** @typedef {string | boolean | null | undefined} AttributeValue */

/**
 * Makes an element. Strings become text nodes, so nothing is ever parsed as HTML.
 *
 * `true` sets a bare attribute; `false`, `null` and `undefined` leave it out.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, AttributeValue>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * Makes an SVG element.
 *
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, AttributeValue>} attributes
 * @param {...Node} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * Makes a sign that only decorates: a drawing of `img/`, in the colour of the text around it.
 *
 * @param {string} name
 * @returns {HTMLSpanElement}
 */
export function icon(name) {
  return h("span", { class: `icon icon-${name}`, "aria-hidden": "true" });
}

/**
 * Makes a button with a sign and words.
 *
 * @param {{ icon?: string, class?: string, label?: string, escape?: boolean }} look `label` names a button without words;
 *   `escape`: whether the Escape key presses it
 * @param {string} words
 * @param {(event: MouseEvent) => void} act
 * @returns {HTMLButtonElement}
 */
export function button(look, words, act) {
  const element = h("button", { type: "button", class: look.class ?? "button" });
  if (look.icon) element.append(icon(look.icon));
  if (words) element.append(h("span", {}, words));
  if (look.label) element.setAttribute("aria-label", look.label);
  if (look.escape) element.dataset.escape = "";
  element.addEventListener("click", (event) => {
    if (element.getAttribute("aria-disabled") !== "true") act(event);
  });
  return element;
}

/**
 * Lets a button rest while what it began is under way. It keeps the focus, which a disabled one
 * would lose.
 *
 * @param {HTMLButtonElement} element
 * @param {boolean} resting
 */
export function rest(element, resting) {
  if (resting) element.setAttribute("aria-disabled", "true");
  else element.removeAttribute("aria-disabled");
}

/**
 * Changes what is shown. If that takes the focus away with it, the focus moves on instead of
 * falling back to the start of the page.
 *
 * @param {HTMLElement} place what may lose it
 * @param {() => void} change
 * @param {() => HTMLElement | null | undefined} next where it goes
 */
export function keepingFocus(place, change, next) {
  const wasHere = place.contains(document.activeElement);
  change();
  // Looking where the focus is costs a layout.
  if (!wasHere) return;
  const focused = document.activeElement;
  // A hidden element may keep the focus until the page is drawn again.
  const isLost = !focused || focused === document.body || focused.getClientRects().length === 0;
  if (isLost) next()?.focus({ preventScroll: true });
}

/**
 * Sets the text only when it differs, so that screen readers are not told twice.
 *
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Makes these the children of a list, leaving alone what is in its place already: an element that
 * is moved loses its focus.
 *
 * @param {HTMLElement} list
 * @param {Element[]} nodes
 */
export function place(list, nodes) {
  const wanted = new Set(nodes);
  for (const node of [...list.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, index) => {
    const there = list.children[index] ?? null;
    if (there === node) return;
    // What stands in the way of the focus goes, and comes again in its turn.
    const stays = node.parentNode === list && node.contains(document.activeElement);
    if (!stays) list.insertBefore(node, there);
    else while (list.children[index] !== node) list.append(/** @type {Element} */ (list.children[index]));
  });
}

/**
 * Returns what says something that went wrong, at the end of a place. The line stands there only while it
 * says something, and is heard when it comes.
 *
 * @param {HTMLElement} where
 * @returns {(text: string | null) => void}
 */
export function troubleLine(where) {
  /** @type {HTMLElement | null} */
  let line = null;
  return (text) => {
    line?.remove();
    line = text === null ? null : h("p", { class: "bubble-trouble", role: "alert" }, text);
    if (line) where.append(line);
  };
}

let announcing = 0;

/**
 * Says something to those who listen to the page instead of looking at it.
 *
 * @param {string} text
 */
export function announce(text) {
  const announcer = document.getElementById("announcer");
  if (!announcer) return;
  // The same sentence twice in a row is read only if the region was empty in between.
  announcer.textContent = "";
  clearTimeout(announcing);
  announcing = setTimeout(() => { announcer.textContent = text; }, 60);
}

/**
 * @param {Element} element
 * @param {Record<string, AttributeValue>} attributes
 */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
}
