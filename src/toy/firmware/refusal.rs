//! What a toy would suffer from.

use crate::toy::wire::{Characteristic, ToyState};

/// What a hub did that a real toy would suffer from.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Nothing can be written without a link.
    #[error("not connected")]
    NotConnected,
    /// The characteristic takes no writes.
    #[error("{} cannot be written", .0.name())]
    NotWritable(Characteristic),
    /// More than fits into one write.
    #[error("{len} bytes in one write")]
    TooLong {
        /// How many.
        len: usize,
    },
    /// A value of another length or shape than this one has.
    #[error("no value for {}", .0.name())]
    Malformed(Characteristic),
    /// No command begins like this.
    #[error("no opcode {0:#04x}")]
    UnknownOpcode(u8),
    /// The toy has no such slot.
    #[error("no slot {0}")]
    NoSuchSlot(u8),
    /// The upload key is another one.
    #[error("wrong upload key")]
    WrongKey,
    /// The command does not fit what the toy is doing.
    #[error("opcode {opcode:#04x} in state {state:?}")]
    WrongState {
        /// The command.
        opcode: u8,
        /// What the toy is doing.
        state: ToyState,
    },
    /// The toy was not left alone after an upload.
    #[error("opcode {opcode:#04x} too soon after an upload")]
    TooSoon {
        /// The command.
        opcode: u8,
    },
    /// Audio that no upload asked for.
    #[error("audio without an upload")]
    NoUpload,
    /// More audio than the toy asked for; what was too much is lost.
    #[error("{n_bytes} bytes beyond the credit")]
    BeyondCredit {
        /// How much was too much.
        n_bytes: usize,
    },
    /// The stranger's command: it was obeyed, as a real toy obeys it.
    #[error("the microphone was started by command")]
    MicrophoneStarted,
}
