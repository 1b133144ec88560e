// Erasing in the scripted hub: what is gone, and who is told.

export class FakeErase {
  /** Whether somebody reads just then, so that a trace stays for a while. */
  isRead = false;
  /** Whether everything was erased. */
  isAnew = false;
  #hub;

  /** @param {import("./fake-hub.mjs").FakeHub} hub */
  constructor(hub) {
    this.#hub = hub;
  }

  /** Answers what erases; returns false for everything else. */
  answer({ route: { method, path }, body, session, json, refuse }) {
    const [first, id] = path;
    if (method !== "POST" || path.at(-1) !== "erase") return false;
    if (session.confirmed <= this.#hub.accounts.now()) {
      refuse(403, "confirm_first", "This needs your password once more. Type it and try again.");
      return true;
    }
    const done = first === "household" ? this.#household(body, refuse) : this.#one(first, id, refuse);
    if (done === "all") json(204);
    else if (done) json(200, { gone: !this.isRead });
    return true;
  }

  #one(kind, id, refuse) {
    const { people } = this.#hub;
    switch (kind) {
      case "items": {
        const item = this.#hub.items.find((one) => one.id === id);
        if (!item) return refuse(404, "no_such_item", "There is no such message here. Reload the page.");
        this.item(item);
        return true;
      }
      case "children": {
        const child = this.#hub.children.find((one) => one.id === id);
        if (!child) return refuse(404, "no_such_child", "There is no such child here. Reload the page.");
        for (const item of this.#hub.items.filter((one) => one.child === id)) this.item(item);
        this.#hub.children = this.#hub.children.filter((one) => one !== child);
        this.#hub.toys = this.#hub.toys.filter((one) => one.child !== id);
        const screens = people.screens.filter((one) => one.child === id);
        people.screens = people.screens.filter((one) => one.child !== id);
        for (const one of people.relatives) one.grants = one.grants.filter((grant) => grant.child !== id);
        this.#hub.accounts.end(({ account }) => screens.includes(account));
        this.#hub.lag();
        return true;
      }
      default: {
        const relative = people.relatives.find((one) => one.id === id);
        if (!relative) return refuse(404, "no_such_account", "There is no such person here. Reload the page.");
        for (const item of this.#hub.items.filter((one) => one.sender === id)) this.item(item);
        people.relatives = people.relatives.filter((one) => one !== relative);
        this.#hub.accounts.end(({ account }) => account === relative);
        this.#hub.lag();
        return true;
      }
    }
  }

  /** Erases an item, and tells everybody whom it concerns. */
  item(item) {
    const { id, child } = item;
    const { people } = this.#hub;
    this.#hub.items = this.#hub.items.filter((one) => one !== item);
    this.#hub.emit("erased", { id, child }, (one) => people.sees(one, item));
  }

  #household({ name }, refuse) {
    const { accounts } = this.#hub;
    const wanted = accounts.household === "Hutch" ? accounts.guardian.name : accounts.household;
    if (String(name ?? "").trim().toLowerCase() !== wanted.toLowerCase()) {
      return refuse(422, "wrong_name", "This is not the name that was asked for, so nothing was erased.");
    }
    this.isAnew = true;
    return "all";
  }
}
