//! When the household's day begins and ends: by the clock of where it lives.

use jiff::{Timestamp as Instant, civil::DateTime, tz::TimeZone};

use super::{Hub, HubError, quiet};
use crate::{model::Timestamp, store::household};

impl Hub {
    /// Returns when this day began where the household lives.
    pub(super) async fn today(&self) -> Result<Timestamp, HubError> {
        Ok(self.day().await?.0)
    }

    /// Returns when this day began where the household lives, and when it ends.
    pub(super) async fn day(&self) -> Result<(Timestamp, Timestamp), HubError> {
        let household = self.tools().store.read(household::find).await?;
        Ok(day(self.tools().clock.now(), &quiet::zone_of(household.as_ref())))
    }
}

fn day(now: Timestamp, zone: &TimeZone) -> (Timestamp, Timestamp) {
    const DAY_S: i64 = 24 * 3_600;

    // A midnight that the clocks skip is when they have skipped it.
    let at = |midnight: DateTime| {
        zone.to_timestamp(midnight).ok().map(|instant| Timestamp(instant.as_second()))
    };
    let bounds = Instant::from_second(now.0).ok().and_then(|now| {
        let midnight = zone.to_datetime(now).start_of_day();
        Some((at(midnight)?, at(midnight.tomorrow().ok()?)?))
    });
    // A clock that shows a year that no calendar has.
    bounds.unwrap_or_else(|| (now.after(-DAY_S), now.after(DAY_S)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<Instant>().unwrap().as_second())
    }

    #[test]
    fn a_day_begins_at_midnight_where_the_household_lives() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();

        assert_eq!(
            day(at("2026-11-24T23:30:00Z"), &berlin),
            (at("2026-11-24T23:00:00Z"), at("2026-11-25T23:00:00Z"))
        );
        // The night in which clocks go back has 25 hours.
        assert_eq!(
            day(at("2026-10-25T12:00:00Z"), &berlin),
            (at("2026-10-24T22:00:00Z"), at("2026-10-25T23:00:00Z"))
        );
        assert_eq!(
            day(at("2026-11-24T23:30:00Z"), &TimeZone::UTC),
            (at("2026-11-24T00:00:00Z"), at("2026-11-25T00:00:00Z"))
        );
    }

    #[test]
    fn no_clock_is_too_wrong() {
        for now in [i64::MIN, i64::MAX, 0] {
            let (begin, end) = day(Timestamp(now), &TimeZone::UTC);
            assert!(begin <= Timestamp(now) && Timestamp(now) <= end, "{now}");
        }
    }
}
