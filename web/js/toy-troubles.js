// @ts-check

// The sentences about Bluetooth that does not work, and about toys that are not what they were. Pure.

import { say } from "./language.js";

/** @typedef {import("./api.js").Toy} Toy */

/**
 * What is wrong, and what can be done about it, one thing after the other.
 *
 * @typedef {{ title: string, text: string, steps: string[] }} Trouble
 */

const ASK_HUB = say("radio.ask_hub", { command: "hutch toy scan" });

/**
 * Returns why Bluetooth cannot be used; null if it can, or nobody knows yet.
 *
 * @param {string | undefined} state
 * @returns {Trouble | null}
 */
export function radioTrouble(state) {
  switch (state) {
    case undefined: case "works": return null;
    case "starting":
      return { title: say("radio.starting"), text: say("radio.starting_text"), steps: [] };
    case "unused":
      return {
        title: say("radio.unused"), text: say("radio.unused_text"),
        steps: [say("radio.unused_setting", { setting: "radio" })],
      };
    case "no_adapter":
      return {
        title: say("radio.no_adapter"), text: say("radio.no_adapter_text"),
        steps: [say("radio.no_adapter_plug"), say("radio.no_adapter_needed")],
      };
    case "off":
      return {
        title: say("radio.off"), text: say("radio.off_text"),
        steps: [say("radio.off_flight_mode"), say("radio.off_command", { command: "sudo rfkill unblock bluetooth" })],
      };
    case "stuck":
      return {
        title: say("radio.stuck"), text: say("radio.stuck_text"),
        steps: [say("radio.stuck_plug"), say("radio.stuck_restart")],
      };
    case "no_daemon":
      return {
        title: say("radio.no_daemon"), text: say("radio.no_daemon_text"),
        steps: [say("radio.restart_hub"),
          say("radio.no_daemon_command", { command: "sudo systemctl start bluetooth" })],
      };
    case "denied":
      return {
        title: say("radio.denied"), text: say("radio.denied_text"),
        steps: [say("radio.denied_install"), ASK_HUB],
      };
    case "no_bus":
      return {
        title: say("radio.no_bus"), text: say("radio.no_bus_text"),
        steps: [say("radio.restart_hub"), ASK_HUB],
      };
    default:
      return { title: say("radio.other"), text: say("radio.other_text"), steps: [ASK_HUB] };
  }
}

/**
 * Returns what a guardian should know of a toy that is not what it was when it was adopted.
 *
 * @param {Pick<Toy, "name" | "guard">} toy
 * @returns {Trouble | null}
 */
export function guardTrouble({ name: toy, guard }) {
  switch (guard) {
    case null: case undefined: return null;
    case "table":
      return {
        title: say("toys.guard_table", { toy }), text: say("toys.guard_table_text", { toy }),
        steps: [say("toys.guard_table_repaired", { toy }), say("toys.guard_table_unknown", { toy })],
      };
    case "config":
      return {
        title: say("toys.guard_config", { toy }), text: say("toys.guard_config_text", { toy }),
        steps: [say("toys.guard_config_set_up", { toy }), say("toys.guard_config_unknown", { toy })],
      };
    case "name":
      return {
        title: say("toys.guard_name", { toy }), text: say("toys.guard_name_text"),
        steps: [say("toys.guard_name_repaired", { toy }), say("toys.guard_name_unknown", { toy })],
      };
    case "second_address":
      return {
        title: say("toys.guard_second_address", { toy }), text: say("toys.guard_second_address_text", { toy }),
        steps: [say("toys.guard_second_address_squeeze", { toy }),
          say("toys.guard_second_address_twin"),
          say("toys.guard_second_address_unknown")],
      };
    case "game":
      return {
        title: say("toys.guard_game", { toy }), text: say("toys.guard_game_text"),
        steps: [say("toys.guard_game_batteries", { toy }), say("toys.guard_game_again")],
      };
    default:
      return {
        title: say("toys.guard_other", { toy }), text: say("toys.guard_other_text"),
        steps: [say("toys.guard_other_reload")],
      };
  }
}
