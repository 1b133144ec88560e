// @ts-check

// The sentences about what was found of the hub and its computer. Pure.

import { canSay, say } from "./language.js";
import { sizeWords } from "./size-words.js";
import { radioTrouble } from "./toy-troubles.js";

/** @typedef {import("./api-care.js").Finding} Finding */
/** @typedef {{ text: string, act: string | null, icon: string, tone: "good" | "wait" | "care" }} FindingWords */

const MEBI = 1 << 20;
/** What is worst comes first. */
const ORDER = ["ails", "mind", "good"];

/**
 * Returns what is said of a finding, and what to do about it.
 *
 * @param {Finding} finding
 * @returns {FindingWords}
 */
export function findingWords({ about, how, verdict, facts }) {
  /** @type {FindingWords["tone"]} */
  const tone = verdict === "ails" ? "care" : verdict === "mind" ? "wait" : "good";
  const look = { icon: verdict === "ails" ? "warning" : verdict === "mind" ? "shield" : "check", tone };
  const trouble = about === "bluetooth" ? radioTrouble(how) : null;
  if (trouble) return { ...look, text: trouble.title, act: [trouble.text, ...trouble.steps].filter(Boolean).join(" ") };
  const key = `care.${about}_${how}`;
  /** @type {Record<string, number | string>} */
  const values = Object.fromEntries(facts.map(({ name, value }) => {
    if (name === "mib") return ["size", sizeWords(value * MEBI)];
    return [name === "days" ? "n" : name, value];
  }));
  const act = `care.${about}_${how}_do`;
  return {
    ...look,
    text: canSay(key) ? say(key, values) : say("care.unknown"),
    act: canSay(act) ? say(act) : null,
  };
}

/**
 * Puts what needs somebody first.
 *
 * @param {Finding[]} findings
 */
export const inOrder = (findings) => [...findings].sort((one, other) =>
  ORDER.indexOf(one.verdict) - ORDER.indexOf(other.verdict));

/**
 * Returns what is said of all of them in one sentence.
 *
 * @param {Finding[]} findings
 */
export function careWords(findings) {
  const n = findings.filter(({ verdict, calls }) => verdict === "ails" || calls).length;
  return n === 0
    ? { text: say("care.all_good"), icon: "check", tone: "good" }
    : { text: say("care.needs", { n }), icon: "warning", tone: "care" };
}
