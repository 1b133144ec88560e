// @ts-check

import { signOut } from "../api.js";
import { h, icon } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { hasDraft } from "../sync.js";
import { keySection } from "./key-section.js";
import { languageChoice } from "./language.js";
import { passwordSection } from "./password-section.js";
import { section as partOf } from "./section.js";
import { sessionsSection } from "./sessions-section.js";
import { totpSection } from "./totp-section.js";
import { errand } from "./waiting.js";

const ROLES = { guardian: say("account.guardian"), relative: say("account.relative"), child_screen: "" };

/**
 * Shows who somebody is to this hub and how it is kept that only they get in.
 *
 * @param {HTMLElement} root
 * @param {{ section: string | null, moved: boolean, startOver: () => void }} scene `section` is opened
 *   at once
 * @returns {() => void} leaves nothing of it
 */
export function you(root, { section, moved, startOver }) {
  /** @type {import("../api.js").Me} */
  const me = store.get("me");
  root.setAttribute("aria-label", say("account.title"));
  const title = h("h2", { tabindex: "-1" }, say("account.title"));
  const out = errand({}, say("account.sign_out"), say("account.signing_out"), async () => {
    await signOut();
    startOver();
  });
  const sections = [
    passwordSection(section === "password"), totpSection(),
    ...(me.role === "guardian" ? [keySection(section === "key")] : []),
    sessionsSection(startOver), languageSection(), deviceSection(),
  ];
  root.replaceChildren(h("div", { class: "you" },
    h("header", { class: "room-head" },
      h("a", { class: "back", href: "#/", "aria-label": say("common.back_to_children") }, icon("back")), title),
    h("div", { class: "you-body" },
      h("div", { class: "you-who" },
        h("div", {}, h("p", { class: "you-name" }, me.name), h("p", { class: "note" }, ROLES[me.role])), out.press),
      ...(hasDraft() ? [h("p", { class: "note" }, say("account.unsent_recording"))] : []),
      out.news,
      ...sections.map((one) => one.element))));
  if (section) sections.find((one) => one.name === section)?.focus();
  else if (moved) title.focus({ preventScroll: true });
  return () => {
    for (const one of sections) one.forget();
    root.replaceChildren();
  };
}

/** Holds in which language this browser shows the page. */
function languageSection() {
  const part = partOf("language", say("language.title"));
  part.show([languageChoice()]);
  return part;
}

/** Leads to what lets a device trust the hub. */
function deviceSection() {
  const part = partOf("device", say("account.device"));
  part.show([
    h("p", {}, say("account.device_note")),
    h("a", { class: "button", href: "#/trust" }, icon("shield"), h("span", {}, say("common.trust_device"))),
  ]);
  return part;
}
