//! Both sides together, over a simulated link in simulated time.

mod by_hand;
mod faults;
mod pair;
mod procedures;
mod properties;
mod refusals;
mod transcripts;

use std::time::{Duration, Instant};

use pair::Pair;

/// A point in time to count from.
fn epoch() -> Instant {
    #[allow(clippy::disallowed_methods, reason = "only distances from it are ever looked at")]
    Instant::now()
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A clip of so many frames, with a right header and frames that differ.
fn clip(n_frames: u32) -> Vec<u8> {
    let mut bytes = b"AU".to_vec();
    for field in [16_000_u16, 1_600, 1] {
        bytes.extend_from_slice(&field.to_le_bytes());
    }
    bytes.extend_from_slice(&n_frames.to_le_bytes());
    bytes.extend_from_slice(&(n_frames * 20).to_le_bytes());
    bytes.extend_from_slice(&[0; 10]);
    bytes.extend_from_slice(&[16, 0, 0xff, 0xff, 0xff, 0xff]);
    let n_bytes = usize::try_from(n_frames).unwrap() * 40;
    bytes.extend((0..251).cycle().take(n_bytes));
    bytes
}

/// A recording of so many packets of four bits per code.
fn recording(n_packets: usize) -> Vec<u8> {
    let mut bytes = b"MS".to_vec();
    for field in [8_000_u16, 4, 1] {
        bytes.extend_from_slice(&field.to_le_bytes());
    }
    bytes.resize(32, 0);
    bytes.extend((0..241).cycle().take(n_packets * 22));
    bytes
}
