// The files of the page, as the hub gives them out.

import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("../../web/", import.meta.url));
const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
  ".json": "application/json", ".webmanifest": "application/manifest+json", ".png": "image/png",
};
const DOCUMENT = "/index.html";
const WORKER = "/sw.js";
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
 * Answers with a file.
 *
 * @param {URL} url
 * @param {import("node:http").ServerResponse} response
 * @param {object} hub
 * @param {(policy: string) => string} hub.policyOf makes what the document may ask out of what the others may
 * @param {Record<string, string>} hub.changed what another version of the hub has in other words, by path
 */
export async function sendFile(url, response, { policyOf, changed }) {
  // As the hub does: what is no file is a place of the page.
  const path = url.pathname.split("/").at(-1)?.includes(".") ? normalize(url.pathname) : DOCUMENT;
  try {
    const bytes = await read(path, changed);
    response.writeHead(200, {
      "Content-Type": TYPES[extname(path)] ?? "application/octet-stream", "Cache-Control": "no-cache",
      ...(path === DOCUMENT ? { [POLICY]: policyOf(HEADERS[POLICY]) } : {}),
    });
    return response.end(path === WORKER ? await shell(changed) + bytes : bytes);
  } catch {
    response.writeHead(404);
    return response.end();
  }
}

const read = async (path, changed) => changed[path] ?? await readFile(join(WEB, path));

/** The line that the build writes in front of the worker. */
async function shell(changed) {
  const entries = await readdir(WEB, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(WEB.length - 1)).sort();
  const version = createHash("sha256");
  for (const path of paths) version.update(path).update(await read(path, changed));
  const files = paths.filter((path) => path !== WORKER).map((path) => (path === DOCUMENT ? "/" : path));
  return `const SHELL = ${JSON.stringify({ version: version.digest("hex").slice(0, 16), files })};\n`;
}
