// @ts-check

import { h } from "../dom.js";
import { say } from "../language.js";
import { store } from "../store.js";
import { stateLine } from "./people-part.js";
import { section } from "./section.js";

/** @type {Record<string, { text: string, icon: string, tone: string }>} */
const KERNEL = {
  stops: { text: say("privacy.kernel_stops"), icon: "check", tone: "good" },
  lets: { text: say("privacy.kernel_lets"), icon: "shield", tone: "wait" },
  unknown: { text: say("privacy.kernel_unknown"), icon: "warning", tone: "care" },
};

/** Makes the part about what keeps the hub to the home network. */
export function homeNetworkSection() {
  const part = section("network", say("privacy.network"));
  const show = () => {
    const kernel = KERNEL[store.get("hub")?.kernel ?? "unknown"] ?? KERNEL["unknown"];
    part.show([
      h("p", {}, say("privacy.network_what")),
      ...(kernel ? [stateLine(() => kernel).element] : []),
    ]);
  };
  const forget = store.watch(["hub"], show);
  show();
  return {
    ...part,
    forget() {
      forget();
      part.forget();
    },
  };
}
