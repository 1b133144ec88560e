//! Wall time as the household reads it.

/// Seconds since the start of 1970, UTC.
#[derive(
    Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Deserialize, serde::Serialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// 2026-01-01: Hutch is not older than that, whatever the computer believed that built it.
const FIRST: i64 = 1_767_225_600;

impl Timestamp {
    /// The day on which this program was built. No clock that is right shows an earlier one.
    pub const BUILT: Self = Self(match i64::from_str_radix(env!("HUTCH_BUILT_ON"), 10) {
        Ok(built) if FIRST < built => built,
        _ => FIRST,
    });

    /// Returns the time this many seconds later.
    #[must_use]
    pub const fn after(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}
