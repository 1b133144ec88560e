// @ts-check

// The requests about Bluetooth, about meeting a toy, and about whose it is.

import { request } from "./api.js";

/**
 * @typedef {import("./api.js").Animal} Animal
 * @typedef {"starting" | "works" | "unused" | "no_bus" | "denied" | "no_daemon" | "no_adapter" | "off" | "stuck"} RadioState
 * @typedef {{ address: string, name: string, signal_dbm: number | null, character: Animal | null, toy: string | null,
 *   child: string | null }} Heard a toy that is awake nearby; `toy` and `child` if it is adopted
 * @typedef {{ state: RadioState, toys: Heard[] }} Radio
 * @typedef {"close" | "next_room" | "faint"} Signal
 * @typedef {"message" | "recording" | "silence" | "unknown"} Holds
 * @typedef {{ slot: number, holds: Holds, item: string | null, to_go: boolean }} Slot
 * @typedef {"connecting" | "waiting" | "squeezed" | "failed" | "cancelled" | "adopted"} MeetingState
 * @typedef {"unreachable" | "no_room" | "link_lost" | "silent" | "confused" | "not_squeezed" | "taken" | "timed_out"} MeetingFailure
 * @typedef {{ id: string, address: string, state: MeetingState, why: MeetingFailure | null,
 *   character: Animal | null }} Meeting
 */

/** @typedef {Pick<import("./api.js").Toy, "presence" | "volume" | "signal" | "playing" | "holds">} Live */

/**
 * Returns what is true of a toy only right now.
 *
 * @param {Live} toy
 */
export const liveOf = ({ presence, volume, signal = null, playing = null, holds = 0 }) =>
  ({ presence, volume, signal, playing, holds });

/** @returns {Promise<Radio>} */
export const readRadio = () => request("GET", "/radio");

/**
 * Has the hub meet a toy: it connects, and waits for one of its paws to be squeezed.
 *
 * @param {string} address
 * @returns {Promise<Meeting>}
 */
export const meetToy = (address) => request("POST", "/meetings", { address });

/**
 * @param {string} meeting
 * @returns {Promise<Meeting>}
 */
export const readMeeting = (meeting) => request("GET", `/meetings/${meeting}`);

/**
 * @param {string} meeting
 * @returns {Promise<null>}
 */
export const endMeeting = (meeting) => request("POST", `/meetings/${meeting}/end`);

/**
 * @param {{ meeting: string, child: string, name: string, character?: string }} toy
 * @returns {Promise<import("./api.js").Toy>}
 */
export const adoptToy = (toy) => request("POST", "/toys", toy);

/**
 * Changes what a toy is called, whose it is, or how loud.
 *
 * @param {string} toy
 * @param {{ name?: string, child?: string, volume?: number }} change
 * @returns {Promise<import("./api.js").Toy>}
 */
export const changeToy = (toy, change) => request("POST", `/toys/${toy}`, change);

/**
 * @param {string} toy
 * @param {boolean} atOnce without reaching it once more
 * @returns {Promise<object>}
 */
export const retireToy = (toy, atOnce) => request("POST", `/toys/${toy}/retire`, { at_once: atOnce });

/**
 * @param {string} toy
 * @returns {Promise<null>}
 */
export const trustToy = (toy) => request("POST", `/toys/${toy}/trust`);

/**
 * @param {string} toy
 * @returns {Promise<Slot[]>}
 */
export const readSlots = async (toy) => (await request("GET", `/toys/${toy}/slots`)).slots;

/**
 * Has a toy play a slot aloud.
 *
 * @param {string} toy
 * @param {number} slot
 * @returns {Promise<object>}
 */
export const playSlot = (toy, slot) => request("POST", `/toys/${toy}/slots/${slot}/play`);

/**
 * @param {string} toy
 * @returns {Promise<object>}
 */
export const stopToy = (toy) => request("POST", `/toys/${toy}/stop`);

/**
 * Has a slot overwritten with silence.
 *
 * @param {string} toy
 * @param {number} slot
 * @returns {Promise<object>}
 */
export const silenceSlot = (toy, slot) => request("POST", `/toys/${toy}/slots/${slot}/silence`);
