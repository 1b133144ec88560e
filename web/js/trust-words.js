// @ts-check

// The sentences of "Trust this device". Pure.

import { say } from "./language.js";

/**
 * @typedef {import("./trust.js").Guide} Guide
 * @typedef {["head" | "bar" | "link" | "press" | "row" | "chosen" | "on", string]} Line a line of a picture: what
 *   it is and what stands there
 * @typedef {{ frame: "phone" | "window", lines: Line[] }} Picture
 * @typedef {{ words: string, file?: "certificate" | "profile", code?: string, picture?: Picture }} Step `file`: what is
 *   fetched; `code`: what is typed
 */

/** How the hub names the file of its certificate. */
export const FILE = "hutch-root.crt";

/** How devices name the hub's certificate. */
export const ROOT = "Hutch at home";

/** @type {Record<Guide, string>} */
export const GUIDE_WORDS = {
  ios: "iPhone, iPad", android: "Android", windows: "Windows", macos: "Mac", linux: "Linux", firefox: "Firefox",
};

/**
 * Returns what the page knows about this device.
 *
 * @param {import("./trust.js").Verdict | "looking"} verdict
 * @param {{ name: string }} scene `name`: by which the hub could be called
 * @returns {{ tone: "good" | "care" | "wait", icon: string, title: string, text: string }}
 */
export function verdictWords(verdict, { name }) {
  switch (verdict) {
    case "trusted":
      return { tone: "good", icon: "check", title: say("trust.trusted"), text: say("trust.trusted_text") };
    case "not_yet":
      return { tone: "care", icon: "warning", title: say("trust.not_yet"), text: say("trust.not_yet_text") };
    case "perhaps":
      return {
        tone: "care", icon: "warning", title: say("trust.perhaps"), text: say("trust.perhaps_text", { url: name }),
      };
    case "unknown":
      return { tone: "wait", icon: "shield", title: say("trust.unknown"), text: say("trust.unknown_text") };
    default:
      return { tone: "wait", icon: "clock", title: say("trust.looking"), text: "" };
  }
}

/** Returns a fingerprint as browsers and `hutch fingerprint` show it: two lines are easier to compare than one.
 *
 * @param {string} hex
 */
export function fingerprintLines(hex) {
  const pairs = hex.toUpperCase().match(/../g) ?? [];
  return [pairs.slice(0, 16).join(":"), pairs.slice(16).join(":")];
}

/**
 * Returns what leads past a browser's warning.
 *
 * @param {Guide} guide
 * @param {string} host
 * @returns {Step[]}
 */
export function pastWarning(guide, host) {
  switch (guide) {
    case "ios": case "macos": {
      const isTouched = guide === "ios";
      return [
        {
          words: say(isTouched ? "trust.past_safari_tap" : "trust.past_safari_click"),
          picture: frame(guide,
            ["head", say("trust.menu_safari_warning")], ["bar", ""], ["press", say("trust.menu_show_details")]),
        },
        {
          words: say(isTouched ? "trust.past_safari_visit_tap" : "trust.past_safari_visit_click"),
          picture: frame(guide, ["bar", ""], ["bar", ""], ["link", say("trust.menu_visit_website")]),
        },
        ...(guide === "macos" ? [{ words: say("trust.past_chrome_mac") }] : []),
      ];
    }
    case "firefox":
      return [{
        words: say("trust.past_firefox"),
        picture: frame(guide,
          ["head", say("trust.menu_firefox_warning")], ["bar", ""], ["press", say("trust.menu_firefox_advanced")],
          ["press", say("trust.menu_accept_risk")]),
      }];
    default:
      return [{
        words: say(guide === "android" ? "trust.past_browser_tap" : "trust.past_browser_click", { host }),
        picture: frame(guide,
          ["head", say("trust.menu_browser_warning")], ["bar", ""], ["press", say("trust.menu_browser_advanced")],
          ["link", say("trust.menu_proceed", { host })]),
      }];
  }
}

/**
 * Returns how a device is told to trust the hub for good.
 *
 * @param {Guide} guide
 * @returns {Step[]}
 */
export function installSteps(guide) {
  switch (guide) {
    case "ios": return [
      {
        words: say("trust.ios_fetch"), file: "profile",
        picture: frame(guide,
          ["bar", ""], ["row", say("trust.menu_ios_question")], ["press", say("trust.menu_ios_allow")]),
      },
      {
        words: say("trust.ios_install"),
        picture: frame(guide,
          ["head", say("trust.menu_ios_settings")], ["chosen", say("trust.menu_ios_downloaded")], ["bar", ""],
          ["bar", ""]),
      },
      {
        words: say("trust.ios_switch", { root: ROOT }),
        picture: frame(guide, ["head", say("trust.menu_ios_trust_settings")], ["on", ROOT]),
      },
      { words: say("trust.ios_compare") },
    ];
    case "android": return [
      { words: say("trust.android_fetch"), file: "certificate" },
      {
        words: say("trust.android_install"),
        picture: frame(guide,
          ["head", say("trust.menu_android_install")], ["chosen", say("trust.menu_android_ca")],
          ["row", say("trust.menu_android_vpn")], ["row", say("trust.menu_android_wifi")]),
      },
      {
        words: say("trust.android_choose", { file: FILE }),
        picture: frame(guide, ["head", say("trust.menu_android_downloads")], ["chosen", FILE], ["bar", ""]),
      },
      { words: say("trust.android_compare", { root: ROOT }) },
      { words: say("trust.android_chrome") },
    ];
    case "windows": return [
      { words: say("trust.windows_fetch"), file: "certificate",
        code: "certutil -hashfile %USERPROFILE%\\Downloads\\hutch-root.crt SHA256" },
      {
        words: say("trust.windows_open"),
        picture: frame(guide,
          ["head", say("trust.menu_windows_certificate")], ["bar", ""], ["bar", ""],
          ["press", say("trust.menu_windows_install")]),
      },
      {
        words: say("trust.windows_store"),
        picture: frame(guide,
          ["row", say("trust.menu_windows_personal")], ["chosen", say("trust.menu_windows_roots")],
          ["row", say("trust.menu_windows_enterprise")]),
      },
      { words: say("trust.windows_finish") },
    ];
    case "macos": return [
      { words: say("trust.macos_fetch"), file: "certificate" },
      {
        words: say("trust.macos_compare", { root: ROOT }),
        picture: frame(guide, ["head", say("trust.menu_macos_keychain")], ["chosen", ROOT], ["bar", ""]),
      },
      {
        words: say("trust.macos_trust"),
        picture: frame(guide,
          ["head", say("trust.menu_macos_trust")], ["row", say("trust.menu_macos_when_using")],
          ["press", say("trust.menu_macos_always")]),
      },
    ];
    case "firefox": return [
      { words: say("trust.firefox_fetch"), file: "certificate" },
      {
        words: say("trust.firefox_import", { file: FILE }),
        picture: frame(guide,
          ["head", say("trust.menu_firefox_manager")], ["chosen", say("trust.menu_firefox_authorities")],
          ["bar", ""], ["press", say("trust.menu_firefox_import")]),
      },
      {
        words: say("trust.firefox_trust"),
        picture: frame(guide,
          ["head", say("trust.menu_firefox_downloading")], ["on", say("trust.menu_firefox_identify")],
          ["press", say("trust.menu_firefox_ok")]),
      },
      { words: say("trust.firefox_alone") },
    ];
    default: return [
      { words: say("trust.linux_fetch"), file: "certificate", code: "sha256sum ~/Downloads/hutch-root.crt" },
      {
        words: say("trust.linux_chromium"),
        code: "mkdir -p ~/.pki/nssdb && certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Hutch -i ~/Downloads/hutch-root.crt",
        picture: frame(guide,
          ["head", say("trust.menu_chromium_manager")], ["row", say("trust.menu_chromium_yours")],
          ["press", say("trust.menu_chromium_import")]),
      },
      { words: say("trust.linux_others"),
        code: "sudo openssl x509 -inform der -in ~/Downloads/hutch-root.crt -out /usr/local/share/ca-certificates/hutch-root.crt && "
          + "sudo update-ca-certificates" },
    ];
  }
}

/**
 * Returns how the page becomes an app where the browser makes no offer of its own; null where it cannot.
 *
 * @param {Guide} guide
 */
export function appWords(guide) {
  switch (guide) {
    case "ios": return say("trust.app_ios");
    case "macos": return say("trust.app_macos");
    case "firefox": return null;
    default: return say("trust.app_other");
  }
}

/**
 * @param {Guide} guide
 * @param {...Line} lines
 * @returns {Picture}
 */
function frame(guide, ...lines) {
  return { frame: guide === "ios" || guide === "android" ? "phone" : "window", lines };
}
