// The files of the page, as the hub gives them out.

import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("../../web/", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
  ".json": "application/json", ".webmanifest": "application/manifest+json", ".png": "image/png",
};
const POLICY = "Content-Security-Policy";
/** What comes with every answer. */
export const HEADERS = {
  [POLICY]: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    + "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()",
};

/**
 * Answers with a file; `policyOf` makes what the document may ask out of what the others may.
 *
 * @param {URL} url
 * @param {import("node:http").ServerResponse} response
 * @param {(policy: string) => string} policyOf
 */
export async function sendFile(url, response, policyOf) {
  // As the hub does: what is no file is a place of the page.
  const path = url.pathname.split("/").at(-1)?.includes(".") ? normalize(url.pathname) : "/index.html";
  try {
    const bytes = await readFile(join(WEB, path));
    response.writeHead(200, {
      "Content-Type": TYPES[extname(path)] ?? "application/octet-stream", "Cache-Control": "no-cache",
      ...(path.endsWith(".html") ? { [POLICY]: policyOf(HEADERS[POLICY]) } : {}),
    });
    return response.end(bytes);
  } catch {
    response.writeHead(404);
    return response.end();
  }
}
