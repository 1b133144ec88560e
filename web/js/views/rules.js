// @ts-check

import { confirm, hubNow } from "../api.js";
import { readRules, setRules } from "../api-rules.js";
import { announce, button, h, icon, rest, setText } from "../dom.js";
import { say } from "../language.js";
import { quietTimeWords } from "../quiet-words.js";
import { KEPT_FOR, LOUDNESS, goingWords, loudnessStep, loudnessWords, zoneWords } from "../rules-words.js";
import { store } from "../store.js";
import { isSignedOut, refreshChildren } from "../sync.js";
import { errorWords } from "../words.js";
import { field, form, hiddenName } from "./form.js";
import { nights } from "./nights.js";
import { proofFields } from "./reauth.js";
import { waiting } from "./waiting.js";

/** @typedef {import("../api.js").Child} Child */
/** @typedef {import("../api-rules.js").Rules} Rules */

/**
 * Shows what holds for a child: quiet hours, how loud its toys may be, how long things are kept.
 *
 * @param {HTMLElement} root
 * @param {{ child: Child, moved: boolean }} scene
 * @returns {() => void} leaves nothing of it
 */
export function rulesView(root, { child, moved }) {
  const heading = say("rules.title", { child: child.name });
  root.setAttribute("aria-label", heading);
  const title = h("h2", { tabindex: "-1" }, heading);
  const body = h("div", { class: "you-body" });
  root.replaceChildren(h("div", { class: "you" },
    h("header", { class: "room-head" },
      h("a", { class: "back back-always", href: `#/child/${child.id}`, "aria-label": say("common.back_to", { child: child.name }) }, icon("back")), title),
    body));
  let alive = true;
  let forget = () => {};

  const read = async () => {
    body.replaceChildren(waiting(say("rules.reading")));
    try {
      const rules = await readRules(child.id);
      if (!alive) return;
      const shown = sheet(child, rules);
      forget = shown.forget;
      body.replaceChildren(...shown.elements);
    } catch (error) {
      if (!alive || isSignedOut(error)) return;
      const again = button({ class: "button button-small" }, say("common.try_again"), () => {
        rest(again, true);
        void read();
      });
      body.replaceChildren(h("div", { class: "log-trouble", role: "alert" }, h("p", {}, errorWords(error)), again));
    }
  };
  void read();
  if (moved) title.focus({ preventScroll: true });
  return () => {
    alive = false;
    forget();
    root.replaceChildren();
  };
}

/**
 * @param {Child} child
 * @param {Rules} rules
 */
function sheet(child, rules) {
  /** @type {import("../api.js").Me} */
  const me = store.get("me");
  const hours = nights(rules.quiet);
  const byDay = loudness(say("rules.loudest_by_day"), "max_volume", rules.max_volume, false);
  const atNight = loudness(say("rules.loudest_in_quiet_hours"), "night_volume", rules.night_volume, true);
  const kept = retention(child, rules);
  const now = rules.quiet_now;
  // Asked for only where the hub wants it: when things are to go sooner.
  const proof = proofFields(me);
  const hasTotp = !proof.fields.totp.element.hidden;
  const needProof = (/** @type {boolean} */ isNeeded) => {
    proof.fields.password.element.hidden = !isNeeded;
    proof.fields.totp.element.hidden = !isNeeded || !hasTotp;
  };
  needProof(false);
  const asking = form({
    fields: { max_volume: byDay.field, night_volume: atNight.field, retention_days: kept.field, ...proof.fields },
    check: () => (hours.read() === null ? { field: null, text: say("rules.quiet_hours_wrong") } : null),
    layout: [
      part(say("rules.quiet_hours"), [
        h("p", { class: "note" }, say("rules.quiet_hours_note", { child: child.name, clock: zoneWords(rules.time_zone) })),
        ...(now ? [h("p", { class: "form-remark" }, icon("moon"), h("span", {}, `${quietTimeWords(now, hubNow())}.`))] : []),
        hours.element,
      ]),
      part(say("rules.loudness"), [
        byDay.field.element, atNight.field.element,
        h("p", { class: "note" }, say("rules.loudness_note")),
      ]),
      part(say("rules.retention"), [kept.field.element, kept.next]),
      hiddenName(me.name), ...proof.elements,
    ],
    submit: say("common.save"), working: say("common.writing"),
    beside: [h("a", { class: "button button-quiet", href: `#/child/${child.id}` }, say("common.cancel"))],
    async act() {
      if (!proof.fields.password.element.hidden) store.set("me", await confirm(proof.proof()));
      await setRules(child.id, {
        quiet: hours.read() ?? [], max_volume: byDay.value(), night_volume: atNight.value(),
        retention_days: kept.value(),
      });
      await refreshChildren();
      announce(say("common.saved"));
      location.hash = `#/child/${child.id}`;
    },
    caught(error) {
      if (error.code !== "confirm_first") return proof.caught(error, asking.refuse);
      needProof(true);
      asking.refuse({ field: "password", text: say("rules.password_again") });
      return true;
    },
  });
  return { elements: [asking.element], forget: () => asking.forget() };
}

/**
 * @param {string} heading
 * @param {Node[]} inside
 */
function part(heading, inside) {
  return h("section", { class: "rule" }, h("h3", {}, heading), ...inside);
}

/**
 * Makes a choice of how loud a toy may be.
 *
 * @param {string} label
 * @param {string} name
 * @param {number | null} level
 * @param {boolean} isNight
 */
function loudness(label, name, level, isNight) {
  const before = loudnessStep(level);
  const input = h("input", { type: "range", min: "0", max: String(LOUDNESS.length - 1), step: "1", value: String(before) });
  const made = field({ label, name, input, hint: [""] });
  const show = () => {
    const words = loudnessWords(Number(input.value), isNight);
    setText(made.hint, words);
    input.setAttribute("aria-valuetext", words);
  };
  input.addEventListener("input", show);
  show();
  return {
    field: made,
    value: () => {
      const step = Number(input.value);
      // What is between two steps stays where it is, unless somebody moves it.
      return step === before ? level : LOUDNESS[step]?.level ?? null;
    },
  };
}

/**
 * Makes a choice of how long things are kept, with what goes next.
 *
 * @param {Child} child
 * @param {Rules} rules
 */
function retention(child, rules) {
  const known = KEPT_FOR.some(({ days }) => days === rules.retention_days);
  const own = { days: rules.retention_days, words: say("rules.kept_days", { n: rules.retention_days ?? 0 }) };
  const choices = known ? KEPT_FOR : [own, ...KEPT_FOR];
  const input = h("select", {}, ...choices.map(({ days, words }) =>
    h("option", { value: String(days ?? ""), selected: days === rules.retention_days }, words)));
  const made = field({
    label: say("rules.retention_label"), name: "retention_days", input, hint: [say("rules.retention_hint")],
  });
  const next = h("p", { class: "form-remark", role: "status" }, icon("clock"), h("span", {}, goingWords(rules, hubNow())));
  const value = () => (input.value === "" ? null : Number(input.value));
  let asked = 0;
  input.addEventListener("change", async () => {
    asked += 1;
    const mine = asked;
    const tell = (/** @type {string} */ words) => {
      if (mine === asked) setText(/** @type {Node} */ (next.lastChild), words);
    };
    const days = value();
    if (days === null) {
      tell(say("rules.going_never"));
      return;
    }
    try {
      tell(goingWords(await readRules(child.id, days), hubNow()));
    } catch (error) {
      tell(say("rules.going_unread", { error: errorWords(error) }));
    }
  });
  if (rules.retention_days === null) setText(/** @type {Node} */ (next.lastChild), say("rules.going_never"));
  return { field: made, next, value };
}
