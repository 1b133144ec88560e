// @ts-check

import { changeKeys } from "../api-keys.js";
import { button, h, icon } from "../dom.js";
import { changeWords, RETURN_LINK } from "../key-words.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { refreshPeople } from "../sync.js";
import { form, hiddenName, tickBox } from "./form.js";
import { invitation, takeBack } from "./invitation.js";
import { newPassword } from "./new-password.js";
import { proofFields } from "./reauth.js";
import { recoveryKey } from "./recovery-key.js";

/**
 * Asks for everything that a change of the keys needs, changes them, and shows what comes of it: the new
 * recovery key, then a link for each other guardian.
 *
 * @param {object} scene
 * @param {{ show: (nodes: Node[], leave?: () => void) => void, focus: () => void }} scene.part where
 * @param {import("../key-words.js").Purpose} scene.purpose
 * @param {{ id: string, name: string }} [scene.person] who leaves, where that is the purpose
 * @param {() => void} scene.done
 */
export function keyChange({ part, purpose, person, done }) {
  const me = /** @type {import("../api.js").Me} */ (store.get("me"));
  const words = changeWords(purpose, person?.name);
  const proof = proofFields(me);
  const chosen = newPassword(say("account.your_new_password"));
  const tick = tickBox(say("key.choose_password"), false);
  const mustChoose = purpose === "stolen";
  const chooses = () => mustChoose || tick.input.checked;
  const showChoice = () => {
    chosen.element.hidden = !chooses();
    // What is not shown is not asked for.
    chosen.fields.new_password.element.hidden = !chooses();
    for (const one of Object.values(chosen.fields)) one.clear();
  };
  tick.input.addEventListener("change", showChoice);
  showChoice();
  const asking = form({
    fields: { ...proof.fields, ...chosen.fields },
    layout: [
      hiddenName(me.name), ...proof.elements, ...(mustChoose ? [] : [tick.element]), chosen.element,
    ],
    submit: words.submit, working: say("key.changing"),
    beside: [button({ class: "button button-quiet", escape: true }, say("common.cancel"), done)],
    check: () => (chooses() ? chosen.check() : null),
    async act() {
      // In a small household it may be over before its answer is here.
      const mark = store.mark();
      const changed = await changeKeys({
        ...proof.proof(),
        ...(chooses() ? { new_password: chosen.value() } : {}),
        ...(person ? { remove: person.id } : {}),
        ...(purpose === "stolen" ? { stolen: true } : {}),
      });
      store.set("me", changed.me);
      store.fill("keys", { done: 0, of: 0 }, mark);
      // Who is here has changed; the list says so when somebody looks again.
      void refreshPeople().catch(() => {});
      showKey(changed);
    },
    caught: (error) => proof.caught(error, asking.refuse),
  });
  /** @param {import("../api-keys.js").ChangedKeys} changed */
  const showKey = (changed) => {
    const place = h("div", { class: "you-key" });
    let leave = () => {};
    part.show([place], () => leave());
    leave = recoveryKey(place, {
      key: changed, me: changed.me, household: changed.me.household ?? "", replaces: true,
      checked(now) {
        store.set("me", now);
        showLink(changed.links);
      },
      later: () => showLink(changed.links),
    });
  };
  /** @param {import("../api-keys.js").GuardianLink[]} links */
  const showLink = ([link, ...rest]) => {
    if (!link) {
      done();
      return;
    }
    const next = () => showLink(rest);
    const shown = invitation(link.invite, {
      words: RETURN_LINK, done: next,
      async withdraw() {
        await takeBack(link.invite.id);
        next();
      },
    });
    const title = h("h4", { tabindex: "-1" }, say("key.link_for", { name: link.name }));
    part.show([title, h("p", {}, say("key.link_for_what", { name: link.name })), ...shown.nodes], shown.forget);
    title.focus();
  };

  part.show([
    h("p", { class: "key-change-title" }, h("strong", {}, words.title)),
    h("ul", { class: "key-change-list" }, ...words.what.map((one) => h("li", {}, one))),
    h("p", { class: "form-remark" }, icon("warning"), h("span", {}, words.care)),
    asking.element,
  ], asking.forget);
  part.focus();
}
