// @ts-check

import { clockWords } from "../account-words.js";
import { readDoor } from "../api.js";
import { tidyTotp } from "../keys.js";
import { say } from "../language.js";
import { passwordField, totpField } from "./form.js";

/**
 * Makes the fields by which somebody proves to be still the same.
 *
 * @param {import("../api.js").Me} me
 * @param {{ label?: string }} [look]
 */
export function proofFields(me, { label = say("account.your_password") } = {}) {
  const password = passwordField({
    label, name: "password", autocomplete: "current-password", missing: say("account.password_missing"),
  });
  const totp = totpField(say("account.totp_or_recovery_code"));
  // A recovery code has letters.
  totp.input.setAttribute("inputmode", "text");
  totp.element.hidden = !me.totp;
  return {
    fields: { password, totp },
    elements: [password.element, totp.element],
    /** @returns {import("../api.js").Proof} */
    proof: () => ({
      password: password.input.value,
      ...(totp.element.hidden ? {} : { totp: tidyTotp(totp.input.value) }),
    }),
    /**
     * Takes care of what only a second step can run into.
     *
     * @param {import("../api.js").ApiError} error
     * @param {(trouble: import("../account-words.js").Trouble) => void} refuse
     */
    caught(error, refuse) {
      if (error.code === "totp_needed") {
        // Switched on in another browser meanwhile.
        totp.element.hidden = false;
        refuse({ field: "totp", text: say("account.totp_needed") });
        return true;
      }
      if (error.code === "wrong_password") {
        refuse({ field: "password", text: say("account.not_your_password_look") });
        return true;
      }
      if (error.code === "clock_not_trusted") {
        void explainClock(refuse);
        return true;
      }
      return false;
    },
  };
}

/**
 * Says what time the hub thinks it is.
 *
 * @param {(trouble: import("../account-words.js").Trouble) => void} refuse
 */
export async function explainClock(refuse) {
  const door = await readDoor().catch(() => null);
  const now = Date.now() / 1000;
  refuse({ field: "totp", text: clockWords(door?.now ?? now, now) });
}
