// What the scripted hub shows of its certificates. It has none: pages on the computer itself may do all the same
// without, so what a browser makes of real ones is tried with the real hub.

import { notQuiteQr } from "./fake-accounts.mjs";

const PRINT = "5f0c1b7de2a94836b1c7d05e8f4a6b239c7e1d02f6a85b43c1e90d7f2b6a8c14";

export class FakeTrust {
  fingerprints = { root: PRINT, names: PRINT.replace("5f", "1a"), addresses: PRINT.replace("5f", "2b") };
  /** Where it is said to be. The last ones nobody asks from this computer. */
  places = [];

  /** @param {number} port */
  listens(port) {
    if (this.places.length > 0) return;
    this.places = [
      `http://localhost:${port}`, `http://127.0.0.1:${port}`, "https://hutch.local", "https://192.168.178.20",
    ];
  }

  /** What the document may connect to. */
  policy(policy) {
    return policy.replace("connect-src 'self'", `connect-src 'self' ${this.places.join(" ")}`);
  }

  /** Answers what is public; returns false for everything else. */
  answer({ route, response, json }) {
    if (route === "GET /probe") {
      response.writeHead(204, { "Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "no-store" });
      response.end();
    } else if (route === "GET /trust/hutch-root.crt") {
      response.writeHead(200, {
        "Content-Type": "application/x-x509-ca-cert", "Content-Disposition": 'attachment; filename="hutch-root.crt"',
      });
      response.end("a certificate");
    } else if (route === "GET /trust/hutch.mobileconfig") {
      response.writeHead(200, { "Content-Type": "application/x-apple-aspen-config" });
      response.end("a profile");
    } else if (route === "GET /api/v1/trust") {
      json(200, { fingerprints: this.fingerprints, places: this.places.map((url) => ({ url, qr: notQuiteQr() })) });
    } else return false;
    return true;
  }
}
