// @ts-check

import { setUp } from "../api.js";
import { button, h, icon } from "../dom.js";
import { meet } from "../events.js";
import { ownTimeZone, tidyCode, timeZones } from "../keys.js";
import { say, sayWith } from "../language.js";
import { field, form } from "./form.js";
import { newPassword } from "./new-password.js";
import { recoveryKey } from "./recovery-key.js";
import { restoringView } from "./restoring.js";
import { progress } from "./start-card.js";

/**
 * Shows the set-up of a new hub, and then its recovery key.
 *
 * @param {HTMLElement} root
 * @param {{ holding: (holds: boolean) => void }} scene `holding`: whether it must stay, whatever the
 *   hub says meanwhile
 * @returns {() => void} leaves nothing of it
 */
export function welcome(root, { holding }) {
  const title = h("h2", { tabindex: "-1" }, say("setup.title"));
  const code = field({
    label: say("setup.code"), name: "code", missing: say("setup.code_missing"),
    hint: sayWith("setup.code_hint", { command: h("code", {}, "sudo hutch setup-code") }),
  }, { autocomplete: "one-time-code", autocapitalize: "characters", class: "code-input" });
  const household = field({
    label: say("setup.household"), name: "household", hint: [say("setup.household_hint")],
  }, { autocomplete: "off", maxlength: "60" });
  const name = field({
    label: say("account.your_name"), name: "username", missing: say("account.name_missing"),
    hint: [say("account.name_hint")],
  }, { autocomplete: "username", autocapitalize: "words", maxlength: "40" });
  const password = newPassword(say("account.your_password"));
  const zone = zoneField();

  const asking = form({
    fields: { code, household, name, ...password.fields, time_zone: zone },
    layout: [
      code.element, h("hr", {}), household.element, name.element, password.element, h("hr", {}), zone.element,
    ],
    submit: say("setup.submit"), working: say("account.making_keys"), check: password.check,
    async act() {
      const chosen = {
        code: tidyCode(code.input.value), name: name.input.value.trim(), password: password.value(),
        household: household.input.value.trim() || undefined, time_zone: zone.input.value.trim() || undefined,
      };
      const answer = await setUp(chosen);
      asking.forget();
      showKey(answer);
    },
    caught(error) {
      if (error.code !== "already_set_up") return false;
      void meet();
      return true;
    },
  });

  let leave = asking.forget;
  /** @param {Awaited<ReturnType<typeof setUp>>} answer */
  const showKey = (answer) => {
    holding(true);
    const done = async () => {
      holding(false);
      await meet();
      // What comes next stands behind this door.
      location.hash = "#/start";
    };
    const place = h("div", { class: "you-key" });
    root.replaceChildren(progress(1), place);
    leave = recoveryKey(place, {
      key: answer, me: answer.me, household: answer.me.household ?? "", checked: () => void done(), later: () => void done(),
    });
  };

  const show = () => {
    leave = asking.forget;
    root.replaceChildren(h("span", { class: "mark", "aria-hidden": "true" }, icon("mark")), progress(1), title,
      h("p", {}, say("setup.lead")), had, asking.element);
    title.focus({ preventScroll: true });
  };
  const had = h("p", { class: "had-one" }, h("span", {}, say("setup.had_one")),
    button({ class: "button", icon: "undo" }, say("setup.have_backup"), () => {
      leave = restoringView(root, { code: code.input.value, holding, back: show });
    }));
  show();
  return () => {
    leave();
    root.replaceChildren();
  };
}

function zoneField() {
  const mine = ownTimeZone();
  const known = timeZones(mine);
  const look = { label: say("setup.time_zone"), name: "time-zone", hint: [say("setup.time_zone_hint")] };
  if (!known) return field(look, { value: mine, autocomplete: "off", autocapitalize: "none" });
  const input = h("select", {}, ...known.map((zone) =>
    h("option", { value: zone, selected: zone === mine }, zone.replaceAll("_", " ").replaceAll("/", " / "))));
  return field({ ...look, input });
}
