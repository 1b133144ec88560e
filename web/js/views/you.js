// @ts-check

import { signOut } from "../api.js";
import { h, icon } from "../dom.js";
import { store } from "../store.js";
import { hasDraft } from "../sync.js";
import { keySection } from "./key-section.js";
import { passwordSection } from "./password-section.js";
import { section as partOf } from "./section.js";
import { sessionsSection } from "./sessions-section.js";
import { totpSection } from "./totp-section.js";
import { errand } from "./waiting.js";

const ROLES = { guardian: "Guardian of this household", relative: "Relative", child_screen: "" };

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
  root.setAttribute("aria-label", "You and this hub");
  const title = h("h2", { tabindex: "-1" }, "You and this hub");
  const out = errand({}, "Sign out", "Signing out", async () => {
    await signOut();
    startOver();
  });
  const sections = [
    passwordSection(section === "password"), totpSection(),
    ...(me.role === "guardian" ? [keySection(section === "key")] : []),
    sessionsSection(startOver), deviceSection(),
  ];
  root.replaceChildren(h("div", { class: "you" },
    h("header", { class: "room-head" },
      h("a", { class: "back", href: "#/", "aria-label": "Back to the children" }, icon("back")), title),
    h("div", { class: "you-body" },
      h("div", { class: "you-who" },
        h("div", {}, h("p", { class: "you-name" }, me.name), h("p", { class: "note" }, ROLES[me.role])), out.press),
      ...(hasDraft() ? [h("p", { class: "note" },
        "There is a recording that you have not sent. Signing out discards it.")] : []),
      out.news,
      ...sections.map((one) => one.element))));
  if (section) sections.find((one) => one.name === section)?.focus();
  else if (moved) title.focus({ preventScroll: true });
  return () => {
    for (const one of sections) one.forget();
    root.replaceChildren();
  };
}

/** Leads to what lets a device trust the hub. */
function deviceSection() {
  const part = partOf("device", "This device");
  part.show([
    h("p", {}, "Does the browser warn before it opens Hutch? Once this device trusts your hub, it does not."),
    h("a", { class: "button", href: "#/trust" }, icon("shield"), h("span", {}, "Trust this device")),
  ]);
  return part;
}
