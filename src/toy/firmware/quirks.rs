//! How a toy misbehaves.

use std::time::Duration;

use crate::toy::{
    inferred::{CREDIT, LOW_WATER},
    wire::{Characteristic, ToyState},
};

/// How a toy misbehaves. The default is a well-behaved toy.
///
/// A quirk that strikes at a byte strikes in every transfer, until it is taken away; "upload byte
/// n" means that n bytes have arrived, 0 meaning as soon as the upload begins.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Quirks {
    /// How many bytes the toy asks for at a time, over and over. A zero skips a turn: the toy asks
    /// later, not for nothing, which would mean that it gives up. Empty: it never asks.
    pub credit: Vec<u16>,
    /// The toy asks for more when so much credit is left, or less.
    pub low_water: usize,
    /// How much it asks for beyond the clip.
    pub over_ask: usize,
    /// It says nothing, from now on.
    pub silent: bool,
    /// It says nothing until the link ends, once this opcode was written.
    pub silent_after_command: Option<u8>,
    /// It says nothing until the link ends, from this upload byte on.
    pub silent_after_upload: Option<usize>,
    /// It says nothing until the link ends, from this download byte on.
    pub silent_after_download: Option<usize>,
    /// It drops the link at this upload byte.
    pub disconnect_after_upload: Option<usize>,
    /// It drops the link at this download byte.
    pub disconnect_after_download: Option<usize>,
    /// This byte of a recording arrives with all its bits the other way round.
    pub corrupt_download: Option<usize>,
    /// This notification of a recording, counted from 0, is lost.
    pub drop_notification: Option<usize>,
    /// Everything the toy says comes so much later.
    pub slow: Duration,
    /// It does not know the upload key.
    pub refuse_key: bool,
    /// It gives up at this upload byte.
    pub give_up_after: Option<usize>,
    /// It ends every upload with `transferred = 0`.
    pub transferred_zero: bool,
    /// It says this value before every state.
    pub unknown_state: Option<u8>,
    /// It notifies these before everything it says, subscribed or not.
    pub garbage: Vec<(Characteristic, Vec<u8>)>,
    /// It never leaves this state.
    pub stuck_in: Option<ToyState>,
    /// It says these bytes after every state.
    pub state_tail: Vec<u8>,
    /// The time from one notification of a recording to the next; zero leaves it to the link.
    pub notify_gap: Duration,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            // A fast link never runs dry by that.
            credit: CREDIT.to_vec(),
            low_water: LOW_WATER,
            over_ask: 0,
            silent: false,
            silent_after_command: None,
            silent_after_upload: None,
            silent_after_download: None,
            disconnect_after_upload: None,
            disconnect_after_download: None,
            corrupt_download: None,
            drop_notification: None,
            slow: Duration::ZERO,
            refuse_key: false,
            give_up_after: None,
            transferred_zero: false,
            unknown_state: None,
            garbage: Vec::new(),
            stuck_in: None,
            state_tail: Vec::new(),
            notify_gap: Duration::ZERO,
        }
    }
}
