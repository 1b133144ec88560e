//! What is counted of a recording that is fetched.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::keep::Kept;
use crate::toy::wire::HEADER_BYTES;

/// Counts of a recording on its way, and its header.
pub(super) struct Sound {
    /// When it was asked for. What comes before that is counted only.
    pub(super) asked_at: Option<Instant>,
    n_unasked: usize,
    /// At most [`HEADER_BYTES`].
    header: Vec<u8>,
    pub(super) n_bytes: usize,
    n_notified: usize,
    /// How many notifications had this size. No link carries more sizes than a packet has bytes.
    sizes: BTreeMap<usize, usize>,
    first_at: Option<Instant>,
    last_at: Option<Instant>,
    pub(super) gaps: Spread,
}

/// The least, the mean and the most of some times.
#[derive(Clone, Copy)]
pub(super) struct Spread {
    n: u32,
    least: Duration,
    sum: Duration,
    most: Duration,
}

impl Spread {
    pub(super) const NONE: Self =
        Self { n: 0, least: Duration::ZERO, sum: Duration::ZERO, most: Duration::ZERO };

    pub(super) fn add(&mut self, time: Duration) {
        self.least = if self.n == 0 { time } else { self.least.min(time) };
        self.most = self.most.max(time);
        self.sum = self.sum.saturating_add(time);
        self.n = self.n.saturating_add(1);
    }

    pub(super) const fn most(&self) -> Duration {
        self.most
    }

    /// Returns the three in milliseconds; nothing if there were no times.
    pub(super) fn text(&self) -> Option<String> {
        let mean = self.sum.checked_div(self.n)?;
        let (least, mean, most) = (self.least.as_millis(), mean.as_millis(), self.most.as_millis());
        Some(format!("{least}/{mean}/{most} ms"))
    }
}

impl Sound {
    pub(super) const NONE: Self = Self {
        asked_at: None,
        n_unasked: 0,
        header: Vec::new(),
        n_bytes: 0,
        n_notified: 0,
        sizes: BTreeMap::new(),
        first_at: None,
        last_at: None,
        gaps: Spread::NONE,
    };

    /// The recording is asked for: what comes from now on is it.
    pub(super) fn asked(&mut self, now: Instant) {
        *self = Self { asked_at: Some(now), n_unasked: self.n_unasked, ..Self::NONE };
    }

    /// Takes a notification of sound.
    pub(super) fn take(&mut self, bytes: &[u8], now: Instant) {
        if self.asked_at.is_none() {
            self.n_unasked = self.n_unasked.saturating_add(bytes.len());
            return;
        }
        let room = HEADER_BYTES.saturating_sub(self.header.len());
        self.header.extend(bytes.iter().take(room));
        self.n_bytes = self.n_bytes.saturating_add(bytes.len());
        self.n_notified = self.n_notified.saturating_add(1);
        *self.sizes.entry(bytes.len().min(1024)).or_default() += 1;
        if let Some(last) = self.last_at {
            self.gaps.add(now.saturating_duration_since(last));
        }
        self.first_at.get_or_insert(now);
        self.last_at = Some(now);
    }

    /// Returns the lines about it; none if nothing was asked for and nothing came.
    pub(super) fn lines(&self) -> Vec<String> {
        let unasked = format!("sound that nobody asked for: {} bytes", self.n_unasked);
        let mut lines = if self.n_unasked == 0 { Vec::new() } else { vec![unasked] };
        let Some(asked_at) = self.asked_at else { return lines };
        let (Some(first), Some(last)) = (self.first_at, self.last_at) else {
            lines.push("recording: 0 bytes".to_owned());
            return lines;
        };
        let sizes: Vec<String> =
            self.sizes.iter().map(|(size, n)| format!("{n} of {size} bytes")).collect();
        lines.extend([
            format!(
                "recording: {} bytes in {} notifications; the first after {} ms, the last {} ms later",
                self.n_bytes,
                self.n_notified,
                first.saturating_duration_since(asked_at).as_millis(),
                last.saturating_duration_since(first).as_millis()
            ),
            format!("recording sizes: {}", sizes.join(", ")),
            format!("recording gaps: {}", self.gaps.text().unwrap_or_else(|| "none".to_owned())),
            format!("recording header: {}", Kept::header(&self.header)),
        ]);
        lines
    }
}
