// @ts-check

import { setUp } from "../api.js";
import { h, icon } from "../dom.js";
import { meet } from "../events.js";
import { ownTimeZone, tidyCode, timeZones } from "../keys.js";
import { store } from "../store.js";
import { field, form } from "./form.js";
import { newPassword } from "./new-password.js";
import { recoveryKey } from "./recovery-key.js";

/**
 * Shows the set-up of a new hub, and then its recovery key.
 *
 * @param {HTMLElement} root
 * @param {{ holding: (holds: boolean) => void }} scene `holding`: whether it must stay, whatever the
 *   hub says meanwhile
 * @returns {() => void} leaves nothing of it
 */
export function welcome(root, { holding }) {
  const title = h("h2", { tabindex: "-1" }, "Welcome to Hutch");
  const code = field({
    label: "Set-up code", name: "code", missing: "Type the code that the hub shows.",
    hint: ["It stands in the terminal, on the hub’s own screen, or comes with ", h("code", {}, "sudo hutch setup-code"), "."],
  }, { autocomplete: "one-time-code", autocapitalize: "characters", class: "code-input" });
  const household = field({
    label: "What is your family called? (if you like)", name: "household",
    hint: ["For the sheet with your recovery key, and for those whom you invite."],
  }, { autocomplete: "off", maxlength: "60" });
  const name = field({
    label: "Your name", name: "username", missing: "Type your name.",
    hint: ["You sign in with it, too. Sign-in names are kept readable on the hub’s card; a first name is enough."],
  }, { autocomplete: "username", autocapitalize: "words", maxlength: "40" });
  const password = newPassword("Your password");
  const zone = zoneField();

  const asking = form({
    fields: { code, household, name, ...password.fields, time_zone: zone },
    layout: [
      code.element, h("hr", {}), household.element, name.element, password.element, h("hr", {}), zone.element,
    ],
    submit: "Set up Hutch", working: "Making your keys", check: password.check,
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
      // The next question of a new household.
      if (store.get("children")?.length === 0) location.hash = "#/add-child";
    };
    leave = recoveryKey(root, { key: answer, me: answer.me, household: answer.me.household ?? "", checked: () => void done(), later: () => void done() });
  };

  root.replaceChildren(h("span", { class: "mark", "aria-hidden": "true" }, icon("mark")), title,
    h("p", {}, "This hub is new. A few questions, and it belongs to your family alone."), asking.element);
  title.focus({ preventScroll: true });
  return () => {
    leave();
    root.replaceChildren();
  };
}

function zoneField() {
  const mine = ownTimeZone();
  const known = timeZones(mine);
  const look = {
    label: "Time zone", name: "time-zone", hint: ["As this device has it. Quiet hours go by it."],
  };
  if (!known) return field(look, { value: mine, autocomplete: "off", autocapitalize: "none" });
  const input = h("select", {}, ...known.map((zone) =>
    h("option", { value: zone, selected: zone === mine }, zone.replaceAll("_", " ").replaceAll("/", " / "))));
  return field({ ...look, input });
}
