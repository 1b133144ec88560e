// The pictures of the scripted hub's children: kept as they come, and looked at no further than their first bytes.

import { idOf } from "./fake-ids.mjs";

const LIMIT_BYTES = 5 << 20;
const KINDS = { "image/jpeg": "ffd8ff", "image/png": "89504e47", "image/webp": "52494646" };

export class FakePictures {
  /** By child. */
  files = new Map();
  #made = 0;
  #hub;

  /** @param {import("./fake-hub.mjs").FakeHub} hub */
  constructor(hub) {
    this.#hub = hub;
  }

  /**
   * What is kept of a child's picture.
   *
   * @param {string} child
   */
  amount(child) {
    const file = this.files.get(child)?.file;
    return { n: file ? 1 : 0, bytes: file?.length ?? 0 };
  }

  /** Answers what is about pictures; returns false for everything else. */
  answer({ route: { method, path: [first, id, verb] }, bytes, response, session, json, refuse }) {
    if (first !== "children" || verb !== "picture") return false;
    const child = this.#hub.people.children(session.account).find((one) => one.id === id);
    const isGuardian = session.account.role === "guardian";
    if (method !== "GET" && !isGuardian) refuse(403, "not_allowed", "This is not for this account to do. Ask a guardian to do it.");
    else if (!child) refuse(404, "no_such_child", "There is no such child here. Reload the page.");
    else if (method === "PUT") this.#set(id, bytes, session, json, refuse);
    else if (!this.files.has(id)) refuse(404, "no_such_picture", "This child has no picture, or not any more. Reload the page.");
    else if (method === "DELETE") this.#change(id, null, session, json);
    else {
      const { type, file } = this.files.get(id);
      response.writeHead(200, { "Content-Type": type, "Cache-Control": "no-store" });
      response.end(file);
    }
    return true;
  }

  #set(id, file, session, json, refuse) {
    const start = file.subarray(0, 4).toString("hex");
    const [type] = Object.entries(KINDS).find(([, magic]) => start.startsWith(magic)) ?? [];
    if (file.length > LIMIT_BYTES) refuse(413, "picture_too_heavy", "This picture is larger than Hutch takes.");
    else if (!type) refuse(422, "no_picture", "This file is no picture that Hutch knows. Choose a JPEG, PNG or WebP picture.");
    else this.#change(id, { type, file }, session, json);
  }

  #change(id, picture, { account }, json) {
    if (picture) this.files.set(id, picture);
    else this.files.delete(id);
    this.#made += 1;
    const child = this.#hub.children.find((one) => one.id === id);
    child.picture = picture && idOf("a", this.#made);
    json(200, this.#hub.people.child(account, child));
    this.#hub.lag();
  }
}
