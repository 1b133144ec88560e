//! Quiet hours: whether they last, by the clock of where the household lives.
//!
//! What is decided here is plain data, which keepers and requests act upon alike. The clocks go
//! forward and back: an hour that is skipped is no hour, one that comes twice is quiet both times.
//! While nobody can say how late it is, a child that has quiet hours has them now.

use jiff::{
    Timestamp as Instant, ToSpan as _,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, AmbiguousTimestamp, TimeZone},
};

use super::view::{Because, QuietNow};
use crate::{
    clock::Clock,
    model::{ChildId, Timestamp},
    store::{
        StoreError, Transaction,
        household::{self, Household},
        rules::{self, Limits, Quiet},
    },
};

/// Nobody's clock was right when it showed less: Hutch had not been begun.
const EARLIEST: Timestamp = Timestamp(1_700_000_000);

/// How far a clock may go back, as when the network sets it right.
const CLOCK_SLACK_S: i64 = 300;

/// A clock that nobody vouches for and that is this far ahead of the latest known time is not
/// believed to have run that long.
pub(super) const LONGEST_SLEEP_S: i64 = 60 * 24 * 3_600;

/// What a clock says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Moment {
    /// How late it is.
    pub(super) now: Timestamp,
    /// Whether somebody vouches for that.
    pub(super) is_sure: bool,
}

/// How it stands with a child's quiet hours.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Hush {
    /// It has none.
    #[default]
    Never,
    /// They begin then.
    From(Timestamp),
    /// They end then.
    Until(Timestamp),
    /// Nobody can say how late it is.
    NoClock,
}

impl Moment {
    pub(super) fn of(clock: &dyn Clock) -> Self {
        Self { now: clock.now(), is_sure: clock.is_synchronized() }
    }

    /// Returns whether that can be right: somebody vouches for it, or it is no earlier than it ever
    /// was.
    pub(super) fn is_trusted(self, household: Option<&Household>) -> bool {
        let latest = household.map_or(EARLIEST, |household| household.latest_at);
        self.is_sure || (EARLIEST <= self.now && latest <= self.now.after(CLOCK_SLACK_S))
    }

    /// Returns whether that is right enough to erase by: a clock that jumped ahead is not.
    pub(super) fn is_believed(self, household: &Household) -> bool {
        let can_be = self.now <= household.latest_at.after(LONGEST_SLEEP_S);
        self.is_sure || (self.is_trusted(Some(household)) && can_be)
    }
}

impl Hush {
    /// Returns whether it is quiet.
    pub(super) const fn is_on(self) -> bool {
        match self {
            Self::Never | Self::From(_) => false,
            Self::Until(_) | Self::NoClock => true,
        }
    }

    /// Returns what is told of it while it lasts.
    pub(super) const fn told(self) -> Option<QuietNow> {
        match self {
            Self::Never | Self::From(_) => None,
            Self::Until(at) => Some(QuietNow { until: Some(at), because: Because::Hours }),
            Self::NoClock => Some(QuietNow { until: None, because: Because::Clock }),
        }
    }

    /// Returns when it begins next, while it does not last.
    pub(super) const fn begins_at(self) -> Option<Timestamp> {
        match self {
            Self::From(at) => Some(at),
            Self::Never | Self::Until(_) | Self::NoClock => None,
        }
    }

    /// Returns when that changes by itself.
    pub(super) const fn changes_at(self) -> Option<Timestamp> {
        match self {
            Self::Never | Self::NoClock => None,
            Self::From(at) | Self::Until(at) => Some(at),
        }
    }

    /// Returns how loud toys may be meanwhile.
    pub(super) fn cap(self, limits: Limits) -> Option<u8> {
        let Limits { max_volume, night_volume, .. } = limits;
        if !self.is_on() {
            return max_volume;
        }
        // A night that may be louder than the day was not meant.
        night_volume.into_iter().chain(max_volume).min()
    }
}

/// Returns how it stands with a child's quiet hours.
pub(super) fn of_child(
    tx: &Transaction<'_>,
    child: ChildId,
    moment: Moment,
) -> Result<Hush, StoreError> {
    let spans = rules::quiet(tx, child)?;
    if spans.is_empty() {
        return Ok(Hush::Never);
    }
    let household = household::find(tx)?;
    if !moment.is_trusted(household.as_ref()) {
        return Ok(Hush::NoClock);
    }
    Ok(hush(&spans, &zone_of(household.as_ref()), moment.now))
}

/// Returns the time zone of where the household lives.
pub(super) fn zone_of(household: Option<&Household>) -> TimeZone {
    let name = household.and_then(|household| household.time_zone.as_deref());
    name.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}

/// How far quiet hours are looked for: to the second next time of each.
const DAYS_BACK: i64 = -2;
const DAYS_AHEAD: i64 = 15;

/// Returns how it stands with quiet hours at this time.
fn hush(spans: &[Quiet], zone: &TimeZone, now: Timestamp) -> Hush {
    if spans.is_empty() {
        return Hush::Never;
    }
    let Ok(instant) = Instant::from_second(now.0) else { return Hush::NoClock };
    let today = zone.to_datetime(instant).date();
    let mut nights: Vec<(i64, i64)> = (DAYS_BACK..=DAYS_AHEAD)
        .filter_map(|days| today.checked_add(days.days()).ok())
        .flat_map(|date| spans.iter().filter_map(move |span| night(*span, zone, date)))
        .collect();
    nights.sort_unstable();
    let mut merged: Option<(i64, i64)> = None;
    for (from, until) in nights {
        match &mut merged {
            Some((_, end)) if from <= *end => *end = until.max(*end),
            // The one before is not over yet, or has yet to begin.
            Some((_, end)) if now.0 < *end => break,
            _ => merged = Some((from, until)),
        }
    }
    match merged {
        Some((from, until)) if from <= now.0 && now.0 < until => Hush::Until(Timestamp(until)),
        Some((from, _)) if now.0 < from => Hush::From(Timestamp(from)),
        // At the end of all calendars.
        _ => Hush::Never,
    }
}

/// Returns the quiet hours that begin on a date, unless the clocks skip them.
fn night(span: Quiet, zone: &TimeZone, date: Date) -> Option<(i64, i64)> {
    if i8::try_from(span.weekday) != Ok(date.weekday().to_monday_one_offset()) {
        return None;
    }
    let last = if span.until_minute <= span.from_minute { date.tomorrow().ok()? } else { date };
    let from = shown(zone, at(date, span.from_minute)?, AmbiguousTimestamp::earlier)?;
    let until = shown(zone, at(last, span.until_minute)?, AmbiguousTimestamp::later)?;
    (from < until).then_some((from, until))
}

fn at(date: Date, minute: u16) -> Option<DateTime> {
    let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
    Some(date.at(hour, minute, 0, 0))
}

/// Returns when clocks show this, or have skipped it. Of an hour that comes twice, `which` picks.
fn shown(
    zone: &TimeZone,
    time: DateTime,
    which: fn(AmbiguousTimestamp) -> Result<Instant, jiff::Error>,
) -> Option<i64> {
    let found = zone.to_ambiguous_timestamp(time);
    match found.offset() {
        AmbiguousOffset::Gap { .. } => skipped(zone, found.later().ok()?),
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
            Some(which(found).ok()?.as_second())
        }
    }
}

/// Returns when the clocks went forward, last before then.
fn skipped(zone: &TimeZone, after: Instant) -> Option<i64> {
    let just_after = after.checked_add(1.nanosecond()).ok()?;
    let transition = zone.preceding(just_after).next();
    Some(transition.map_or(after, |transition| transition.timestamp()).as_second())
}

#[cfg(test)]
mod tests;
