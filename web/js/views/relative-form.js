// @ts-check

import { button, h } from "../dom.js";
import { say } from "../language.js";
import { RELATIONS, relationWords } from "../people-words.js";
import { field, form, tickBox } from "./form.js";

/** @typedef {import("../api-people.js").Grant} Grant */

const MOST_A_DAY = 100;

/**
 * Makes the form about a relative: a name, and what they may do with which children.
 *
 * @param {object} look
 * @param {import("../api.js").Child[]} look.children
 * @param {import("../api-people.js").Relative} [look.relative] who is changed, if nobody is invited
 * @param {string} look.submit
 * @param {string} look.working
 * @param {() => void} look.cancel
 * @param {(relative: { name: string, grants: Grant[] }) => Promise<void>} look.act
 */
export function relativeForm({ children, relative, submit, working, cancel, act }) {
  const name = field({
    label: say("people.name"), name: "relative-name", missing: say("people.name_missing"), hint: [say("people.name_hint")],
  }, { autocomplete: "off", autocapitalize: "words", maxlength: "40", value: relative?.name });
  // An only child is what an invitation is about.
  const rows = children.map((child) => grantRow(child, {
    grant: relative?.grants.find((one) => one.child === child.id), isOnly: !relative && children.length === 1,
  }));
  const chosen = () => rows.filter((row) => row.isChosen());
  const cancelling = button({ class: "button button-quiet", escape: true }, say("common.cancel"), cancel);
  const asking = form({
    fields: { name, ...Object.fromEntries(rows.map((row, at) => [`limit${at}`, row.limit])) },
    layout: [name.element, h("fieldset", { class: "grants" }, h("legend", {}, say("people.children")), ...rows.map((row) => row.element))],
    submit, working, beside: [cancelling],
    check() {
      if (chosen().length === 0) return { field: null, text: say("people.children_missing") };
      const off = rows.findIndex((row) => row.isChosen() && Number.isNaN(row.grant().daily_limit ?? 0));
      return off < 0 ? null : { field: `limit${off}`, text: say("people.limit_wrong", { most: MOST_A_DAY }) };
    },
    act: () => act({ name: name.input.value.trim(), grants: chosen().map((row) => row.grant()) }),
  });
  return asking;
}

/**
 * @param {import("../api.js").Child} child
 * @param {{ grant?: Grant, isOnly: boolean }} before
 */
function grantRow(child, { grant, isOnly }) {
  const chosen = tickBox(child.name, Boolean(grant) || isOnly);
  const relation = field({
    label: say("people.relation_to", { child: child.name }), name: "relation",
    input: h("select", {}, ...RELATIONS.map((one) => h("option", { value: one, selected: one === grant?.relation }, relationWords(one)))),
  });
  const approval = tickBox(say("people.check_messages", { child: child.name }), grant?.needs_approval ?? true);
  const limit = field({
    label: say("people.limit", { child: child.name }), name: "daily-limit", hint: [say("people.limit_hint")],
  }, {
    inputmode: "numeric", autocomplete: "off", maxlength: "3", class: "short-input",
    value: grant?.daily_limit ? String(grant.daily_limit) : "",
  });
  const rules = h("div", { class: "grant-rules" }, relation.element, approval.element, limit.element);
  const show = () => { rules.hidden = !chosen.input.checked; };
  chosen.input.addEventListener("change", show);
  show();
  return {
    limit, element: h("div", { class: "grant" }, chosen.element, rules),
    isChosen: () => chosen.input.checked,
    /** @returns {Grant} `daily_limit` is NaN for what is no number of messages */
    grant: () => ({
      child: child.id, relation: relation.input.value, needs_approval: approval.input.checked,
      daily_limit: limitOf(limit.input.value),
    }),
  };
}

/** @param {string} typed */
function limitOf(typed) {
  const text = typed.trim();
  if (text === "") return null;
  const n = /^\d+$/.test(text) ? Number(text) : NaN;
  return n >= 1 && n <= MOST_A_DAY ? n : NaN;
}
