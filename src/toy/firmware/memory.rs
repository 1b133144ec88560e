//! The toy's five slots.

use std::time::Duration;

use crate::{model::Slot, toy::wire::HEADER_BYTES};

/// The sound of one frame of a clip.
const FRAME: Duration = Duration::from_millis(20);
const FRAME_BYTES: usize = 40;
/// Where the header of a clip has its count of frames.
const FRAMES_AT: usize = 8;
/// Where the header of a recording has its bits per code.
const BITS_AT: usize = 4;
/// Recordings have 8,000 samples per second.
const RECORDING_RATE: u64 = 8_000;

/// What the toy keeps while the link is down.
#[derive(Default)]
pub(super) struct Memory {
    slots: [Vec<u8>; 5],
    /// Slot 0 holds the recording, not an upload.
    is_recorded: bool,
    /// ... which was made without a link and has not been fetched.
    is_unfetched: bool,
}

impl Memory {
    pub(super) fn slot(&self, slot: Slot) -> &[u8] {
        self.slots.get(usize::from(slot.index())).map_or(&[], Vec::as_slice)
    }

    pub(super) fn recording(&self) -> &[u8] {
        if self.is_recorded { self.slot(Slot::STREAMING) } else { &[] }
    }

    pub(super) const fn is_unfetched(&self) -> bool {
        self.is_unfetched
    }

    pub(super) const fn fetched(&mut self) {
        self.is_unfetched = false;
    }

    pub(super) fn keep_recording(&mut self, file: Vec<u8>, is_unfetched: bool) {
        self.put(Slot::STREAMING, file);
        self.is_recorded = true;
        self.is_unfetched = is_unfetched;
    }

    pub(super) fn erase(&mut self, slot: Slot) {
        self.put(slot, Vec::new());
    }

    /// Keeps an upload without what only filled it up, as far as its header tells.
    pub(super) fn keep_upload(&mut self, slot: Slot, mut bytes: Vec<u8>) {
        if let Some(expected) = expected_bytes(slot, &bytes) {
            bytes.truncate(expected);
        }
        if has_repeated_header(slot, &bytes) {
            bytes.drain(..HEADER_BYTES);
        }
        self.put(slot, bytes);
    }

    fn put(&mut self, slot: Slot, bytes: Vec<u8>) {
        if slot == Slot::STREAMING {
            self.is_recorded = false;
            self.is_unfetched = false;
        }
        if let Some(place) = self.slots.get_mut(usize::from(slot.index())) {
            *place = bytes;
        }
    }

    /// Returns how long a slot plays; `None` when it holds nothing to play. Silent: of a clip that
    /// did not come whole a toy may also play as much as its header says.
    pub(super) fn length(&self, slot: Slot) -> Option<Duration> {
        let bytes = self.slot(slot);
        let payload = bytes.len().saturating_sub(HEADER_BYTES);
        let length = match bytes.first_chunk()? {
            b"AU" => {
                let n_present = u32::try_from(payload / FRAME_BYTES).unwrap_or(u32::MAX);
                FRAME * n_frames(bytes)?.min(n_present)
            }
            b"MS" => {
                let (n_bytes, n_samples) = packet(*bytes.get(BITS_AT)?)?;
                let n_packets = u64::try_from(payload).ok()? / n_bytes;
                Duration::from_millis(n_packets * n_samples * 1_000 / RECORDING_RATE)
            }
            _ => return None,
        };
        (!length.is_zero()).then_some(length)
    }
}

/// Returns how many bytes an upload will have, as soon as its header tells.
pub(super) fn expected_bytes(slot: Slot, bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(b"AU") || bytes.len() < HEADER_BYTES {
        return None;
    }
    let n_frames = usize::try_from(n_frames(bytes)?).ok()?;
    let n_headers = if slot == Slot::STREAMING { 2 } else { 1 };
    n_frames.checked_mul(FRAME_BYTES)?.checked_add(n_headers * HEADER_BYTES)
}

fn has_repeated_header(slot: Slot, bytes: &[u8]) -> bool {
    let header = bytes.get(..HEADER_BYTES);
    slot == Slot::STREAMING
        && header.is_some()
        && header == bytes.get(HEADER_BYTES..2 * HEADER_BYTES)
}

fn n_frames(bytes: &[u8]) -> Option<u32> {
    let (_, from) = bytes.split_at_checked(FRAMES_AT)?;
    from.first_chunk().copied().map(u32::from_le_bytes)
}

/// Returns bytes and samples of a packet with this many bits per code.
const fn packet(bits: u8) -> Option<(u64, u64)> {
    match bits {
        4 => Some((22, 43)),
        5 => Some((28, 44)),
        6 => Some((32, 42)),
        _ => None,
    }
}

/// Makes a recording of nothing: four bits per code, all of them zero.
pub(super) fn silence(length: Duration) -> Vec<u8> {
    let n_samples = length.as_millis().saturating_mul(8);
    let n_packets = u32::try_from(n_samples / 43).unwrap_or(0).clamp(1, 7_442);
    let mut file = b"MS".to_vec();
    for field in [8_000, 4, 1] {
        file.extend_from_slice(&u16::to_le_bytes(field));
    }
    file.extend_from_slice(&n_packets.to_le_bytes());
    file.extend_from_slice(&(n_packets * 11).to_le_bytes());
    file.extend_from_slice(&[0; 10]);
    file.extend_from_slice(&[16, 0, 0xff, 0xff, 0xff, 0xff]);
    file.extend((0..n_packets).flat_map(|_| [0; 22]));
    file
}
