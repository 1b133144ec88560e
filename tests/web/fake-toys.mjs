// Bluetooth, meetings and adopted toys of the scripted hub. Tests say what is heard, and what becomes of
// a meeting; one that nobody touches stays where it is.

import { idOf } from "./fake-ids.mjs";

const ANIMALS = ["bear", "cat", "dog", "rabbit", "unicorn"];
const OVER = ["failed", "cancelled", "adopted"];
const OFF = { mode: "off", period_ms: null };
const BLINKING = { mode: "blink", period_ms: 500 };
const MOST_LETTERS = 40;

/** What the simulated rabbit is called until it is adopted. */
const RABBIT = "r".repeat(26);

/** A toy as the hub tells of it. */
const seen = (toy) => ({
  retiring: false, guard: null, signal: null, playing: null, holds: 0, wanted_volume: null, loudest: null, ...toy,
});

const isName = (name) => /^\p{L}/u.test(name) && name.length <= MOST_LETTERS;

export class FakeToys {
  /** Whether Bluetooth works, and if not, why. */
  state = "works";
  /** What is heard, the strongest first. */
  heard = [FakeToys.stranger()];
  meeting = null;
  /** How a meeting goes on by itself after it was asked for; `connecting` leaves it there. */
  reaches = "waiting";
  /** Slots that are to hold silence, and those that do: "toy/slot". */
  toGo = new Set();
  silent = new Set();
  /** Whether a toy that is to play something has nothing to play. */
  isEmpty = false;
  #made = 0;
  #hub;

  /** @param {import("./fake-hub.mjs").FakeHub} hub */
  constructor(hub) {
    this.#hub = hub;
  }

  /** A toy that is nobody's. */
  static stranger(changes = {}) {
    return {
      address: "C0:FF:EE:00:00:03", name: "CloudPets B 1.0.19", signal_dbm: -55, character: null, toy: null, child: null,
      ...changes,
    };
  }

  /** A toy of the household, as it is heard. */
  static own({ id, child, character }, changes = {}) {
    return FakeToys.stranger({ address: "C0:FF:EE:00:00:01", signal_dbm: -70, toy: id, child, character, ...changes });
  }

  /** Lays a rabbit beside whoever tries the demo. */
  layRabbit() {
    this.#hub.demo.set(RABBIT, {
      id: RABBIT, address: FakeToys.stranger().address, character: "rabbit", awake: true, connected: false, state: "idle", led: OFF, volume: 200,
      playing_ms: null, has_message: false, has_recording: false,
    });
  }

  #tell(name, data) {
    this.#hub.emit(name, data, ({ role }) => role === "guardian");
  }

  /** Bluetooth works, or does not any more. */
  setRadio(state) {
    this.state = state;
    this.#tell("radio", { state });
  }

  /** Moves the meeting on. */
  move(state, changes = {}) {
    Object.assign(this.meeting, { state, ...changes });
    if (this.#hub.demo.has(RABBIT)) this.#hub.changeToy(RABBIT, { led: state === "waiting" ? BLINKING : OFF });
    this.#tell("meeting", { ...this.meeting });
  }

  /** A paw of a toy is squeezed. Returns whether somebody waits for that. */
  squeeze(id) {
    if (this.#toy(id)) return false;
    if (this.meeting?.state === "waiting") this.move("squeezed");
    return true;
  }

  /** A toy is heard as near as that. */
  hear(id, signal) {
    const toy = this.#toy(id);
    toy.signal = signal;
    this.#hub.setPresence(id, toy.presence);
  }

  /** A toy is not what it was any more, or is again. */
  doubt(id, guard) {
    this.#toy(id).guard = guard;
    this.#hub.lag();
  }

  /** Lets a toy go: the hub reached it once more, or does without. */
  letGo(id) {
    const hub = this.#hub;
    hub.toys = hub.toys.filter((one) => one.id !== id);
    for (const child of hub.children) child.toys = child.toys.filter((one) => one !== id);
    hub.lag();
  }

  #toy(id) {
    return this.#hub.toys.find((one) => one.id === id);
  }

  /** Answers what is about Bluetooth and toys; returns false for everything else. */
  answer({ route: { method, path }, body, json, refuse }) {
    const [first, id, verb, slot, act] = path;
    switch (`${method} ${first}`) {
      case "GET radio":
        json(200, { state: this.state, toys: this.state === "works" ? this.heard : [] });
        return true;
      case "POST meetings":
        if (!id) this.#meet(body, json, refuse);
        else if (this.meeting?.id !== id) refuse(404, "no_such_meeting", "Hutch has let go of this toy. Choose it again.");
        else {
          if (!OVER.includes(this.meeting.state)) this.move("cancelled");
          json(204);
        }
        return true;
      case "GET meetings":
        if (this.meeting?.id !== id) refuse(404, "no_such_meeting", "Hutch has let go of this toy. Choose it again.");
        else json(200, this.meeting);
        return true;
      case "GET toys":
        if (verb === "slots") {
          json(200, { slots: this.#slots(this.#toy(id)) });
          return true;
        }
        json(200, { toys: this.#hub.toys.map(seen) });
        return true;
      case "POST toys":
        if (!id) this.#adopt(body, json, refuse);
        else if (!this.#toy(id)) refuse(404, "no_such_toy", "There is no such toy here. Reload the page.");
        else if (!verb) this.#change(this.#toy(id), body, json, refuse);
        else if (verb === "slots" || verb === "stop") this.#hold(this.#toy(id), Number(slot), act ?? verb, json, refuse);
        else if (verb === "trust") {
          this.doubt(id, null);
          json(204);
        } else {
          if (body.at_once) this.letGo(id);
          else this.#toy(id).retiring = true;
          this.#hub.lag();
          json(202, {});
        }
        return true;
      default:
        return false;
    }
  }

  /** What a toy holds, as far as the hub knows. */
  #slots(toy) {
    const isOf = (item) => (item.toy ?? item.delivery?.toy) === toy.id;
    const of = (kind) => this.#hub.items.filter((item) => item.kind === kind && isOf(item));
    const recorded = of("recording").at(-1);
    const message = of("message").findLast(({ delivery }) => ["on_toy", "heard", "withdrawing"].includes(delivery?.state));
    return [0, 1, 2, 3, 4].map((slot) => {
      const to_go = this.toGo.has(`${toy.id}/${slot}`);
      const item = slot === 0 ? recorded : slot === 1 && !to_go ? message : undefined;
      const known = item ? item.kind : this.silent.has(`${toy.id}/${slot}`) ? "silence" : "unknown";
      return { slot, holds: known, item: item?.id ?? null, to_go };
    });
  }

  /** A toy plays a slot, stops, or is to forget one. */
  #hold(toy, slot, act, json, refuse) {
    if (act === "silence") this.toGo.add(`${toy.id}/${slot}`);
    else if (toy.presence !== "awake") return refuse(409, "toy_asleep", "The toy is asleep, so nothing was played.");
    json(202, {});
    if (act === "silence") return this.holdsElse(toy.id);
    if (act === "play" && this.isEmpty) return undefined;
    toy.playing = act === "play" ? slot : null;
    return this.#hub.setPresence(toy.id, toy.presence);
  }

  /** What a toy holds became something else; what was to be silent is. */
  holdsElse(id, isReached = false) {
    const toy = this.#toy(id);
    if (isReached) {
      for (const place of this.toGo) this.silent.add(place);
      this.toGo.clear();
    }
    toy.holds = (toy.holds ?? 0) + 1;
    this.#hub.setPresence(id, toy.presence);
  }

  #change(toy, { name = toy.name, child: childId = toy.child, volume }, json, refuse) {
    const child = this.#hub.children.find((one) => one.id === childId);
    if (!child) return refuse(404, "no_such_child", "There is no such child here. Reload the page.");
    if (!isName(name)) return refuse(422, "bad_name", "A name has 1 to 64 letters. Choose another one.");
    Object.assign(toy, { name, child: childId });
    if (volume !== undefined) {
      const level = Math.min(volume, toy.loudest ?? 255);
      Object.assign(toy, toy.presence === "awake" ? { volume: level } : { wanted_volume: volume });
    }
    for (const one of this.#hub.children) {
      one.toys = this.#hub.toys.filter((other) => other.child === one.id).map(({ id }) => id);
    }
    json(200, seen(toy));
    return this.#hub.lag();
  }

  #meet({ address }, json, refuse) {
    const heard = this.heard.find((one) => one.address === address);
    if (!heard) return refuse(404, "not_heard", "Hutch does not hear this toy any more. Squeeze a paw, and choose it again.");
    if (heard.toy) return refuse(409, "already_adopted", "This toy is adopted already. You find it under “Toys”.");
    if (this.meeting && !OVER.includes(this.meeting.state)) this.move("cancelled");
    this.#made += 1;
    this.meeting = { id: idOf("m", this.#made), address, state: "connecting", why: null, character: heard.character };
    json(201, { ...this.meeting });
    if (this.reaches !== "connecting") setTimeout(() => this.move(this.reaches), 60);
    return undefined;
  }

  #adopt({ meeting: id, child: childId, name = "", character }, json, refuse) {
    const { meeting } = this;
    const child = this.#hub.children.find((one) => one.id === childId);
    const animal = meeting?.character ?? character;
    if (meeting?.id !== id || meeting.state !== "squeezed") {
      return refuse(409, "not_squeezed", "Hutch has let go of this toy. Choose it again, and squeeze its paw.");
    }
    if (!child) return refuse(404, "no_such_child", "There is no such child here. Reload the page.");
    if (!isName(name)) {
      return refuse(422, "bad_name", "A name has 1 to 64 letters. Choose another one.");
    }
    if (!animal) return refuse(422, "character_missing", "Choose which animal it is.");
    if (!ANIMALS.includes(animal)) return refuse(422, "bad_choice", "Something that was chosen is not possible.");
    const toy = { id: idOf("t", this.#made), name, character: animal, child: child.id, presence: "awake", volume: 200 };
    this.#hub.toys.push(toy);
    child.toys.push(toy.id);
    this.heard = this.heard.filter((one) => one.address !== meeting.address);
    this.move("adopted");
    const rabbit = this.#hub.demo.get(RABBIT);
    if (rabbit) {
      this.#hub.demo.delete(RABBIT);
      this.#hub.demo.set(toy.id, { ...rabbit, id: toy.id, connected: true });
    }
    json(201, seen(toy));
    return this.#hub.lag();
  }
}
