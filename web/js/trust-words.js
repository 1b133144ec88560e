// @ts-check

// The sentences of "Trust this device". Pure.

/**
 * @typedef {import("./trust.js").Guide} Guide
 * @typedef {["head" | "bar" | "link" | "press" | "row" | "chosen" | "on", string]} Line a line of a picture: what
 *   it is and what stands there
 * @typedef {{ frame: "phone" | "window", lines: Line[] }} Picture
 * @typedef {{ words: string, file?: "certificate" | "profile", code?: string, picture?: Picture }} Step `file`: what is
 *   fetched; `code`: what is typed
 */

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
      return {
        tone: "good", icon: "check", title: "This device trusts Hutch.",
        text: "Its browser does not warn any more. There is nothing left to do here.",
      };
    case "not_yet":
      return {
        tone: "care", icon: "warning", title: "Not yet. That is expected.",
        text: "Your browser does not know this hub by itself. Everything works all the same once you go on past the warning, "
          + "but it comes back now and then. Install the certificate, and it is gone for good.",
      };
    case "perhaps":
      return {
        tone: "care", icon: "warning", title: "Not yet, or this device does not find the name.",
        text: `Hutch tells by asking for ${name}, and got no answer there. Either the certificate is not installed yet, or `
          + "this device cannot find the hub by its name. Go on by the address then: that works as well.",
      };
    case "unknown":
      return {
        tone: "wait", icon: "shield", title: "From here it cannot be seen.",
        text: "Hutch finds out by asking for the hub at a second address, and there is none that it could ask from here. "
          + "If your browser does not warn, it trusts Hutch.",
      };
    default:
      return { tone: "wait", icon: "clock", title: "Looking whether this device trusts Hutch …", text: "" };
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
      const press = guide === "ios" ? "Tap" : "Click";
      return [
        {
          words: `Safari says “This Connection Is Not Private”. ${press} “Show Details”.`,
          picture: frame(guide, ["head", "This Connection Is Not Private"], ["bar", ""], ["press", "Show Details"]),
        },
        {
          words: `Under the text, ${press.toLowerCase()} “visit this website”, and then “Visit Website”.`,
          picture: frame(guide, ["bar", ""], ["bar", ""], ["link", "visit this website"]),
        },
        ...(guide === "macos" ? [{ words: "In Chrome, click “Advanced” and then “Proceed”." }] : []),
      ];
    }
    case "firefox":
      return [{
        words: "Firefox says “Warning: Potential Security Risk Ahead”. Click “Advanced…”, and then “Accept the Risk and "
          + "Continue”.",
        picture: frame(guide, ["head", "Warning: Potential Security Risk Ahead"], ["bar", ""], ["press", "Advanced…"],
          ["press", "Accept the Risk and Continue"]),
      }];
    default: {
      const press = guide === "android" ? "Tap" : "Click";
      return [{
        words: `The browser says “Your connection is not private”. ${press} “Advanced”, and then “Proceed to ${host}”. Edge says `
          + "“Continue” instead.",
        picture: frame(guide, ["head", "Your connection is not private"], ["bar", ""], ["press", "Advanced"],
          ["link", `Proceed to ${host} (unsafe)`]),
      }];
    }
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
        words: "Open this page in Safari, fetch the profile, and allow it.", file: "profile",
        picture: frame(guide, ["bar", ""], ["row", "This website is trying to download a configuration profile."], ["press", "Allow"]),
      },
      {
        words: "Open Settings. Near the top it says “Profile Downloaded”: tap it, and “Install”. It says “Not Verified”, because "
          + "nobody outside your home vouches for it.",
        picture: frame(guide, ["head", "Settings"], ["chosen", "Profile Downloaded"], ["bar", ""], ["bar", ""]),
      },
      {
        words: "One more switch, which many miss: in Settings go to General, About, and at the very bottom Certificate Trust "
          + "Settings. Switch on “Hutch at home”.",
        picture: frame(guide, ["head", "Certificate Trust Settings"], ["on", "Hutch at home"]),
      },
      { words: "To compare: in General, “VPN & Device Management”, tap the profile, “More Details”, and the certificate. Its "
        + "SHA-256 is the fingerprint." },
    ];
    case "android": return [
      { words: "Fetch the certificate.", file: "certificate" },
      {
        words: "Open Settings and search for “CA certificate”. (It lies under Security, “More security settings”, “Install from "
          + "storage”.) Android warns of every certificate: tap “Install anyway”.",
        picture: frame(guide, ["head", "Install a certificate"], ["chosen", "CA certificate"], ["row", "VPN & app user certificate"],
          ["row", "Wi-Fi certificate"]),
      },
      {
        words: "Choose “hutch-root.crt” from your downloads.",
        picture: frame(guide, ["head", "Downloads"], ["chosen", "hutch-root.crt"], ["bar", ""]),
      },
      { words: "To compare: search the settings for “Trusted credentials”, tab “User”, and tap “Hutch at home”. Its SHA-256 is "
        + "the fingerprint." },
      { words: "Use Chrome for Hutch. Firefox on Android looks elsewhere, and goes on warning." },
    ];
    case "windows": return [
      { words: "Fetch the certificate. To compare it before it is installed, type this at a command prompt: it shows the "
        + "fingerprint.", file: "certificate", code: "certutil -hashfile %USERPROFILE%\\Downloads\\hutch-root.crt SHA256" },
      {
        words: "Open it from your downloads, and click “Install Certificate…”. “Current User” is right.",
        picture: frame(guide, ["head", "Certificate"], ["bar", ""], ["bar", ""], ["press", "Install Certificate…"]),
      },
      {
        words: "Choose “Place all certificates in the following store”, “Browse…”, and there “Trusted Root Certification "
          + "Authorities”. Windows picks another place by itself, where it does not help.",
        picture: frame(guide, ["row", "Personal"], ["chosen", "Trusted Root Certification Authorities"], ["row", "Enterprise Trust"]),
      },
      { words: "Finish, and answer “Yes”. Then close Chrome or Edge once, and open it again." },
    ];
    case "macos": return [
      { words: "Fetch the certificate, open it from your downloads, and add it to the keychain “login”.", file: "certificate" },
      {
        words: "In Keychain Access, under “login” and “Certificates”, open “Hutch at home”. Its SHA-256, at the bottom, is the "
          + "fingerprint to compare.",
        picture: frame(guide, ["head", "login · Certificates"], ["chosen", "Hutch at home"], ["bar", ""]),
      },
      {
        words: "Open “Trust”, and next to “When using this certificate” choose “Always Trust”. Close the window; your Mac asks for "
          + "your password.",
        picture: frame(guide, ["head", "Trust"], ["row", "When using this certificate:"], ["press", "Always Trust"]),
      },
    ];
    case "firefox": return [
      { words: "Fetch the certificate, and save it.", file: "certificate" },
      {
        words: "In the settings of Firefox, under “Privacy & Security”, click “View Certificates…”, and there “Authorities” and "
          + "“Import…”. Choose “hutch-root.crt”.",
        picture: frame(guide, ["head", "Certificate Manager"], ["chosen", "Authorities"], ["bar", ""], ["press", "Import…"]),
      },
      {
        words: "“View” shows the SHA-256 to compare. Then tick “Trust this CA to identify websites”.",
        picture: frame(guide, ["head", "Downloading Certificate"], ["on", "Trust this CA to identify websites"], ["press", "OK"]),
      },
      { words: "Firefox trusts for itself alone: other browsers on this device are told in their own way." },
    ];
    default: return [
      { words: "Fetch the certificate. This shows its fingerprint, to compare before it is installed.", file: "certificate",
        code: "sha256sum ~/Downloads/hutch-root.crt" },
      {
        words: "For Chromium and Chrome: settings, “Privacy and security”, “Security”, “Manage certificates”, and import it among "
          + "those that you trust. Or in a terminal, with the package libnss3-tools:",
        code: "mkdir -p ~/.pki/nssdb && certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Hutch -i ~/Downloads/hutch-root.crt",
        picture: frame(guide, ["head", "Certificate manager"], ["row", "Installed by you"], ["press", "Import"]),
      },
      { words: "For other programs of the system, if they need it:",
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
    case "ios": return "In Safari, tap the share sign and “Add to Home Screen”.";
    case "macos": return "In Safari, choose “Add to Dock” in the menu “File”; in Chrome, “Install” in the menu with the three dots.";
    case "firefox": return null;
    default: return "In the browser’s menu with the three dots, choose “Install Hutch” or “Add to home screen”.";
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
