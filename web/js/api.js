// @ts-check

// Every request to the hub, one function per route. Refusals arrive as ApiError.

import { say } from "./language.js";

/**
 * @typedef {{ name: string, version: string, demo: boolean, slot_ms: number, max_upload_bytes: number, kernel: "stops" | "lets" | "unknown",
 *   longest_ms?: number }} HubInfo `longest_ms`: the longest sound that the hub splits
 * @typedef {"bear" | "cat" | "dog" | "rabbit" | "unicorn"} Animal
 * @typedef {{ relation: string, needs_approval: boolean, daily_limit: number | null, sent_today: number }} OwnGrant
 * @typedef {{ id: string, name: string, animal: Animal, color: string, toys: string[], latest_at: number | null,
 *   picture?: string | null, grant?: OwnGrant | null, quiet?: Quiet | null, quiet_at?: number | null }} Child `picture`: which it has; `grant`: what a relative may do;
 *   `quiet`: its quiet hours, while they last; `quiet_at`: when they begin next
 * @typedef {{ until: number | null, because: "hours" | "clock" }} Quiet `until`: null while nobody knows how late it is
 * @typedef {"asleep" | "connecting" | "awake" | "unreachable" | "no_room"} Presence
 * @typedef {"table" | "name" | "config" | "second_address" | "game"} Guard in what a toy is not what it was when it was adopted
 * @typedef {{ id: string, name: string, character: Animal, child: string, presence: Presence, volume: number | null,
 *   signal?: import("./api-toys.js").Signal | null, playing?: number | null, holds?: number,
 *   wanted_volume?: number | null, loudest?: number | null, retiring?: boolean, guard?: Guard | null }} Toy `retiring`: it is let go at the next contact
 * @typedef {"awaiting_approval" | "queued" | "sending" | "on_toy" | "heard" | "declined" | "failed" | "expired" | "withdrawing" | "withdrawn"} DeliveryState
 * @typedef {"unreachable" | "link_lost" | "silent" | "gave_up" | "key_refused" | "confused" | "damaged"} Failure
 * @typedef {{ id: string, item: string, toy: string, state: DeliveryState, percent: number | null,
 *   reason: Failure | null, tries: number, next_try_at: number | null, queued_at: number,
 *   heard_at: number | null, expires_at: number, perhaps_heard: boolean,
 *   waits_for: "toy" | "toy_of_theirs" | "guardian" | "previous" | "quiet" | "time" | null, waits_until?: number | null,
 *   send_at?: number | null }} Delivery
 * @typedef {{ id: string, kind: "message" | "recording", child: string, at: number, length_ms: number,
 *   waveform: number[], toy: string | null, while_away: boolean, delivery: Delivery | null,
 *   sender: string | null, mine: boolean, shared_with: string[], note?: string | null, kept?: boolean, goes_at?: number | null }} Item `sender`: an
 *   account, and null for a toy; `shared_with`: relatives that may hear it; `goes_at`: when it is erased by itself
 * @typedef {{ items: Item[], next: string | null }} Page
 * @typedef {{ id: string, character: Animal, awake: boolean, connected: boolean, state: string,
 *   led: { mode: "off" | "on" | "blink", period_ms: number | null }, volume: number,
 *   playing_ms: number | null, has_message: boolean, has_recording: boolean }} DemoToy
 * @typedef {{ state: "set_up" | "signed_out" | "signed_in", demo: boolean, now: number, clock_trusted: boolean }} Door
 * @typedef {{ first: number, n: number }} KeyPart `first` counts from 1, after the part that all keys share
 * @typedef {"guardian" | "relative" | "child_screen"} Role
 * @typedef {{ id: string, name: string, household: string | null, role: Role,
 *   password_advice: "names" | "weak" | null, totp: boolean,
 *   confirmed_until: number | null, recovery_key_checked: boolean, recovery_key_part: KeyPart | null,
 *   recovery_key_used_at: number | null }} Me
 * @typedef {{ recovery_key: string, recovery_key_qr?: string[] }} NewKey `recovery_key_qr`: rows of modules
 * @typedef {{ id: string, current: boolean, device: string, address: string, created_at: number,
 *   last_used_at: number, expires_at: number }} Session
 * @typedef {{ id: string, name: string, sign_in_name: string, created_at: number, me: boolean,
 *   has_password: boolean, invite: { id: string, expires_at: number } | null }} Person
 * @typedef {{ id: string, created_at: number, expires_at: number }} Invite
 * @typedef {{ id: string, link: string, qr: string[], expires_at: number }} NewInvite
 * @typedef {{ secret: string, uri: string, qr: string[] }} TotpOffer
 * @typedef {{ password: string, totp?: string }} Proof that it is still the same person
 */

/** Why the hub did not do what it was asked, or that it could not be asked at all. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 when there was no answer
   * @param {string} code stable; `no_answer` when there was none, `stopped` when nobody waits for one
   * @param {string} message a sentence for people
   * @param {Record<string, any>} body
   */
  constructor(status, code, message, body = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

export const BASE = "/api/v1";
// A hub on a busy little computer may take a while, but nobody waits longer than this.
const PATIENCE_MS = 15_000;
// The hub itself gives up on a sender that says nothing for 10 s; on a weak radio its answer to that
// takes its time, too.
const STALL_MS = 20_000;
// With everything in its hands, a small hub still levels, encodes and seals up to ten minutes of sound.
const ANSWER_MS = 60_000;

let skewSeconds = 0;
/** @type {() => void} */
let tellSignedOut = () => {};

/**
 * Calls `tell` whenever an answer says that nobody is signed in.
 *
 * @param {() => void} tell
 */
export function onSignedOut(tell) {
  tellSignedOut = tell;
}

/** Returns the hub's time in Unix seconds; the clocks of hub and browser need not agree. */
export function hubNow() {
  return Date.now() / 1000 + skewSeconds;
}

/**
 * @param {number} [patienceMs]
 * @returns {Promise<Door>}
 */
export const readDoor = (patienceMs) => request("GET", "/door", null, patienceMs);

/** @returns {Promise<string>} */
export const drawPassphrase = async () => (await request("GET", "/passphrase")).passphrase;

/**
 * @param {{ code: string, name: string, password: string, household?: string, time_zone?: string }} household
 * @returns {Promise<NewKey & { me: Me }>}
 */
export const setUp = (household) => request("POST", "/setup", household);

/**
 * @param {{ name: string } & Proof} proof `totp` may be a recovery code
 * @returns {Promise<Me>}
 */
export const signIn = (proof) => request("POST", "/sessions", proof);

/** @returns {Promise<null>} */
export const signOut = () => request("POST", "/sign-out");

/** @returns {Promise<Me>} */
export const readMe = () => request("GET", "/me");

/** @returns {Promise<Session[]>} */
export const readSessions = async () => (await request("GET", "/sessions")).sessions;

/**
 * @param {string} session
 * @returns {Promise<null>}
 */
export const revoke = (session) => request("POST", `/sessions/${session}/revoke`);

/** @returns {Promise<null>} */
export const revokeOthers = () => request("POST", "/sessions/revoke-others");

/**
 * @param {Proof} proof
 * @returns {Promise<Me>}
 */
export const confirm = (proof) => request("POST", "/me/confirm", proof);

/**
 * @param {Proof & { new_password: string }} change
 * @returns {Promise<Me>}
 */
export const changePassword = (change) => request("POST", "/me/password", change);

/** @returns {Promise<TotpOffer>} */
export const offerTotp = () => request("POST", "/me/totp/new");

/**
 * @param {{ password: string, secret: string, code: string }} proof
 * @returns {Promise<string[]>} recovery codes
 */
export const switchTotpOn = async (proof) => (await request("POST", "/me/totp", proof)).recovery_codes;

/**
 * @param {Proof} proof
 * @returns {Promise<Me>}
 */
export const switchTotpOff = (proof) => request("POST", "/me/totp/off", proof);

/** @returns {Promise<NewKey>} */
export const makeRecoveryKey = () => request("POST", "/me/recovery-key");

/**
 * @param {string} part
 * @returns {Promise<Me>}
 */
export const checkRecoveryKey = (part) => request("POST", "/me/recovery-key/check", { part });

/**
 * @param {{ name: string, recovery_key: string, new_password: string }} lost
 * @returns {Promise<NewKey & { me: Me }>}
 */
export const recover = (lost) => request("POST", "/recover", lost);

/** @returns {Promise<Invite[]>} */
export const readInvites = async () => (await request("GET", "/invites")).invites;

/** @returns {Promise<NewInvite>} */
export const invite = () => request("POST", "/invites");

/**
 * @param {string} id
 * @returns {Promise<null>}
 */
export const withdrawInvite = (id) => request("POST", `/invites/${id}/withdraw`);

/**
 * What an invitation says of itself: for whom it is (a relative's or a screen's `name`), and about whom.
 *
 * @typedef {{ expires_at: number, role: Role, name: string | null, household: string | null,
 *   children: string[] }} Invited
 */

/**
 * @param {string} token
 * @returns {Promise<Invited>}
 */
export const lookAtInvite = (token) => request("POST", "/invites/look", { token });

/**
 * @param {{ token: string, name?: string, password?: string }} guest a screen has neither name nor password
 * @returns {Promise<Me>}
 */
export const acceptInvite = (guest) => request("POST", "/invites/accept", guest);

/** @returns {Promise<HubInfo>} */
export const readHub = () => request("GET", "/hub");

/** @returns {Promise<Child[]>} */
export const readChildren = async () => (await request("GET", "/children")).children;

/** @returns {Promise<Toy[]>} */
export const readToys = async () => (await request("GET", "/toys")).toys;

/**
 * @param {string} child
 * @param {string | null} before cursor of the page before
 * @returns {Promise<Page>}
 */
export const readItems = (child, before = null) => request(
  "GET",
  `/children/${child}/items?limit=50${before ? `&before=${encodeURIComponent(before)}` : ""}`,
);

/**
 * @param {string} item
 * @returns {Promise<Item>}
 */
export const readItem = (item) => request("GET", `/items/${item}`);

/**
 * @param {string} item
 * @param {"ogg" | "wav"} format
 */
export const soundUrl = (item, format) => `${BASE}/items/${item}/sound?as=${format}`;

/**
 * @param {string} delivery
 * @param {import("./words.js").Action} action
 * @returns {Promise<Delivery>}
 */
export const act = (delivery, action) => request("POST", `/deliveries/${delivery}/${action}`);

/** @returns {Promise<Item[]>} the oldest first */
export const readWaiting = async () => (await request("GET", "/waiting")).items;

/**
 * How a sound is sent.
 *
 * @typedef {object} Sending
 * @property {string} key by which the hub knows it when it is sent again; of letters, digits, hyphens and underscores
 * @property {(share: number) => void} progress 0 to 1
 * @property {AbortSignal} signal stops it; the hub may have the sound all the same
 */

/**
 * Sends a message. `fetch` does not tell how far an upload is, so this is the older interface.
 *
 * @param {string} child
 * @param {Blob} sound
 * @param {{ long: "cut" | "split" | null, send_at: number | null }} how `long`: what to do if it is longer than a slot; `send_at`: when
 *   it sets out, in Unix seconds, if not at once
 * @param {Sending} sending
 * @returns {Promise<Item[]>}
 */
export function sendMessage(child, sound, { long, send_at }, sending) {
  const how = new URLSearchParams();
  if (long) how.set("long", long);
  if (send_at) how.set("send_at", String(send_at));
  return upload(`/children/${child}/messages${String(how) ? `?${how}` : ""}`, sound, sending);
}

/**
 * Sends what a child said into its screen.
 *
 * @param {string} child
 * @param {Blob} sound
 * @param {Sending} sending
 * @returns {Promise<Item[]>}
 */
export const sendRecording = (child, sound, sending) => upload(`/children/${child}/recordings`, sound, sending);

/**
 * @param {string} path
 * @param {Blob} sound
 * @param {Sending} sending
 * @returns {Promise<Item[]>}
 */
const upload = async (path, sound, { key, progress, signal }) => (await send(path, sound, {
  "Content-Type": /^(audio|video)\//.test(sound.type) ? sound.type : "application/octet-stream", "Idempotency-Key": key,
}, { progress, signal })).items;

/**
 * Sends a file, of which something is made.
 *
 * @param {string} path
 * @param {Blob} file
 * @param {Record<string, string>} headers
 * @param {Omit<Sending, "key">} sending
 * @returns {Promise<any>}
 */
export function send(path, file, headers, { progress, signal }) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(stopped());
    const sending = new XMLHttpRequest();
    let timer = 0;
    const expectNewsWithin = (/** @type {number} */ ms) => {
      clearTimeout(timer);
      timer = setTimeout(stop, ms);
    };
    const stop = () => sending.abort();
    sending.open("POST", BASE + path);
    for (const [name, value] of Object.entries(headers)) sending.setRequestHeader(name, value);
    sending.setRequestHeader("Accept", "application/json");
    sending.upload.addEventListener("progress", (event) => {
      expectNewsWithin(STALL_MS);
      if (event.lengthComputable && event.total > 0) progress(event.loaded / event.total);
    });
    sending.upload.addEventListener("load", () => expectNewsWithin(ANSWER_MS));
    sending.addEventListener("load", () => {
      const body = parse(sending.responseText);
      if (sending.status === 201 && body) resolve(body);
      else reject(refusal(sending.status, body));
    });
    sending.addEventListener("error", () => reject(noAnswer()));
    sending.addEventListener("abort", () => reject(signal.aborted ? stopped() : noAnswer()));
    sending.addEventListener("loadend", () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    });
    signal.addEventListener("abort", stop);
    sending.send(file);
    expectNewsWithin(STALL_MS);
  });
}

/** @returns {Promise<DemoToy[]>} */
export const readDemoToys = async () => (await request("GET", "/demo/toys")).toys;

/**
 * @param {string} toy
 * @param {"play" | "sleep" | "wake"} action
 * @returns {Promise<DemoToy>}
 */
export const actOnToy = (toy, action) => request("POST", `/demo/toys/${toy}/${action}`);

/**
 * Holds the toy's record paw: with this sound, or with the built-in phrase.
 *
 * @param {string} toy
 * @param {Blob | null} wav
 * @returns {Promise<DemoToy>}
 */
export const recordOnToy = (toy, wav) => request("POST", `/demo/toys/${toy}/record`, wav);

/** @param {string} toy */
export const speakerUrl = (toy) => `${BASE}/demo/toys/${toy}/sound`;

export const EVENTS_URL = `${BASE}/events`;

/**
 * Asks the hub.
 *
 * @param {"GET" | "POST" | "PUT" | "DELETE"} method
 * @param {string} path
 * @param {Blob | object | null} body
 * @param {number} [patienceMs]
 * @param {{ keepalive?: boolean, also?: Record<string, string> }} [more] `keepalive`: it goes on if the page is left; `also`: further headers
 * @returns {Promise<any>}
 */
export async function request(method, path, body = null, patienceMs = PATIENCE_MS, more = {}) {
  const { keepalive = false, also = {} } = more;
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", ...also };
  const isFile = body instanceof Blob;
  if (body) headers["Content-Type"] = !isFile ? "application/json" : body.type.startsWith("image/") ? body.type : "audio/wav";
  let response;
  let text;
  try {
    response = await fetch(BASE + path, {
      method, body: isFile || !body ? body : JSON.stringify(body), headers, cache: "no-store", signal: AbortSignal.timeout(patienceMs), keepalive,
    });
    text = await response.text();
  } catch {
    throw noAnswer();
  }
  readClock(response.headers.get("Date"));
  if (response.status === 204) return null;
  const answer = parse(text);
  if (!response.ok || answer === null) throw refusal(response.status, answer);
  return answer;
}

/** @param {string | null} date */
function readClock(date) {
  const theirs = Date.parse(date ?? "") / 1000;
  if (Number.isNaN(theirs)) return;
  const difference = theirs - Date.now() / 1000;
  // The header has whole seconds and took time to arrive; less than this is not a difference.
  skewSeconds = Math.abs(difference) < 3 ? 0 : difference;
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * @param {number} status
 * @param {any} body
 */
function refusal(status, body) {
  if (body?.error === "not_signed_in") tellSignedOut();
  return new ApiError(status, body?.error ?? "unknown", body?.message ?? "", body ?? {});
}

function noAnswer() {
  return new ApiError(0, "no_answer", say("error.no_answer"));
}

/** Returns what happened to a sending that its sender stopped. */
export function stopped() {
  return new ApiError(0, "stopped", say("error.stopped"));
}
