// @ts-check

// The requests about Bluetooth, about meeting a toy, and about whose it is.

import { request } from "./api.js";

/**
 * @typedef {import("./api.js").Animal} Animal
 * @typedef {"starting" | "works" | "unused" | "no_bus" | "denied" | "no_daemon" | "no_adapter" | "off" | "stuck"} RadioState
 * @typedef {{ address: string, name: string, signal_dbm: number | null, character: Animal | null, toy: string | null,
 *   child: string | null }} Heard a toy that is awake nearby; `toy` and `child` if it is adopted
 * @typedef {{ state: RadioState, toys: Heard[] }} Radio
 * @typedef {"connecting" | "waiting" | "squeezed" | "failed" | "cancelled" | "adopted"} MeetingState
 * @typedef {"unreachable" | "no_room" | "link_lost" | "silent" | "confused" | "not_squeezed" | "taken" | "timed_out"} MeetingFailure
 * @typedef {{ id: string, address: string, state: MeetingState, why: MeetingFailure | null,
 *   character: Animal | null }} Meeting
 */

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
