// What the hub's own document says of its answers, so that the scripted hub can be held against it.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv from "ajv/dist/2020.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** @typedef {{ answer: (answer: Answer) => void, event: (name: string, data: unknown) => void }} Watcher */
/**
 * @typedef {object} Answer
 * @property {string} method
 * @property {string} pathname
 * @property {number} status
 * @property {string | undefined} type
 * @property {unknown} body what was written as JSON
 */

/** The program that writes it: that of the tree, or the one that is tested. */
const BINARY = resolve(ROOT, process.env.HUTCH_BIN ?? "target/debug/hutch");
const MOST = 16 << 20;

/** Has an object hold nothing but what is written of it, unless it is put together of several. */
function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== "object") return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, name === "allOf" ? value : closed(value)]));
  return copy.properties && copy.type === "object" && copy.additionalProperties === undefined
    ? { ...copy, additionalProperties: false } : copy;
}

export class Contract {
  /** @type {{ method: string, pattern: RegExp, path: string, responses: object }[]} */
  routes = [];
  #document;
  #ajv = new Ajv({ strict: false, allErrors: true, formats: { int64: true } });
  #checks = new Map();

  /** @param {any} document OpenAPI */
  constructor(document) {
    // Of a refusal there may be more to say than its schema lists.
    const schemas = Object.fromEntries(Object.entries(document.components.schemas)
      .map(([name, schema]) => [name, name === "Error" ? schema : closed(schema)]));
    this.#document = document;
    this.#ajv.addSchema({ $id: "hub", components: { schemas } });
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { responses, parameters = [] }] of Object.entries(methods)) {
        const source = path.replace(/\{(\w+)\}/g, (_, name) => {
          const { pattern } = parameters.find((one) => one.name === name && one.in === "path")?.schema ?? {};
          return `(?:${pattern ? pattern.replace(/^\^|\$$/g, "") : "[^/]+"})`;
        });
        this.routes.push({ method: method.toUpperCase(), path, pattern: new RegExp(`^${source}$`), responses });
      }
    }
  }

  /** Asks the program; returns null where there is none. */
  static read() {
    if (!existsSync(BINARY)) return null;
    return new Contract(JSON.parse(execFileSync(BINARY, ["openapi"], { encoding: "utf8", maxBuffer: MOST })));
  }

  /** Returns the route that a request is for; what is no interface is a file of the page. */
  routeOf(method, pathname) {
    return this.routes.find((one) => one.method === method && one.path !== "/{path}" && one.pattern.test(pathname))
      ?? (pathname.startsWith("/api/") ? undefined : this.routes.find(({ path }) => path === "/{path}"));
  }

  /**
   * Returns what is wrong with an answer, or null.
   *
   * @param {Answer} answer
   */
  fault({ method, pathname, status, type, body }) {
    const name = `${method} ${pathname}`;
    const route = this.routeOf(method, pathname);
    // Whoever asks for what there is not is told so.
    if (!route) return status === 404 || status === 405 ? null : `${name}: the hub has no such route, and here it answers ${status}`;
    const response = route.responses[status];
    if (!response) return `${method} ${route.path}: the hub never answers ${status}`;
    const kind = type?.split(";")[0];
    const content = Object.entries(response.content ?? {}).find(([one]) => one.split(";")[0] === kind)?.[1];
    if (kind && !content && route.path !== "/{path}") return `${method} ${route.path}: ${status} is never ${kind}`;
    if (kind !== "application/json" || !content?.schema) return null;
    return this.#check(`${method} ${route.path}: ${status}`, content.schema, body);
  }

  /** Returns what is wrong with an event, or null. */
  eventFault(event, data) {
    const { itemSchema } = this.#document.paths["/api/v1/events"].get.responses[200].content["text/event-stream"];
    const one = itemSchema.oneOf.find(({ properties }) => properties.event.const === event);
    if (!one) return `the hub has no event ${event}`;
    return this.#check(`event ${event}`, one.properties.data.contentSchema, data);
  }

  /**
   * Looks at everything that a scripted hub says.
   *
   * @param {(fault: string) => void} found
   * @returns {Watcher}
   */
  watcher(found) {
    const note = (/** @type {string | null} */ fault) => { if (fault !== null) found(fault); };
    return {
      answer: (answer) => note(this.fault(answer)),
      event: (name, data) => note(this.eventFault(name, data)),
    };
  }

  #check(name, schema, value) {
    let check = this.#checks.get(name);
    if (!check) {
      check = this.#ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"hub#/components/')));
      this.#checks.set(name, check);
    }
    // As it goes over the network: without what is not defined.
    if (check(JSON.parse(JSON.stringify(value ?? null)))) return null;
    const wrongs = check.errors.map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
    return `${name}: ${wrongs.slice(0, 4).join("; ")}`;
  }
}
