//! Sealing for people and for the device.
