//! Rules of a child: quiet hours, how loud its toys may be, how long things are kept.
//!
//! Guardians set them; what follows from them is decided in [`quiet`] and [`retention`].

pub use crate::store::rules::Quiet;
use std::collections::HashSet;

use super::{Event, Guardian, Hub, HubError, quiet, retention, view::QuietNow};
use crate::{
    model::{ChildId, Deed, Timestamp},
    store::{
        StoreError, activity, household,
        rules::{self as stored, Limits},
        toys,
    },
};

/// The longest that things are kept, unless it is for ever.
pub const MOST_DAYS: u16 = 3_650;

/// What holds for a child.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rules {
    /// Its quiet hours, at most one for each day of the week.
    pub quiet: Vec<Quiet>,
    /// How loud its toys may be, 0 to 255.
    pub max_volume: Option<u8>,
    /// The same while quiet hours last.
    pub night_volume: Option<u8>,
    /// After how many days recordings and messages are erased by themselves.
    pub retention_days: Option<u16>,
}

/// What holds for a child, and what follows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InForce {
    /// The rules.
    pub rules: Rules,
    /// Where the household lives, as the IANA names it: by its clock hours are quiet.
    pub time_zone: Option<String>,
    /// Its quiet hours, while they last.
    pub quiet: Option<QuietNow>,
    /// When they begin next.
    pub quiet_at: Option<Timestamp>,
    /// How many recordings and messages are erased by themselves within a week.
    pub n_going: u32,
    /// When the first of them is.
    pub first_goes_at: Option<Timestamp>,
}

impl Rules {
    fn check(&self) -> Result<(), HubError> {
        let Self { quiet, max_volume: _, night_volume: _, retention_days } = self;
        let mut days = HashSet::new();
        let is_span = |span: &Quiet| {
            let Quiet { weekday, from_minute, until_minute } = span;
            (1..=7).contains(weekday)
                && *from_minute < 24 * 60
                && *until_minute < 24 * 60
                && from_minute != until_minute
        };
        let is_usable = quiet.iter().all(|span| is_span(span) && days.insert(span.weekday))
            && retention_days.is_none_or(|days| (1..=MOST_DAYS).contains(&days));
        if is_usable { Ok(()) } else { Err(HubError::BadChoice) }
    }
}

impl Hub {
    /// Returns what holds for a child. With `kept_for`, what is going is counted as if things were
    /// kept for that many days.
    pub async fn rules(
        &self,
        _by: &Guardian,
        child: ChildId,
        kept_for: Option<u16>,
    ) -> Result<InForce, HubError> {
        if kept_for.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
            return Err(HubError::BadChoice);
        }
        let moment = self.moment();
        let found = self.tools().store.read(move |tx| {
            let Some(limits) = stored::limits(tx, child)? else { return Ok(None) };
            let Limits { max_volume, night_volume, retention_days } = limits;
            let quiet = stored::quiet(tx, child)?;
            let days = kept_for.or(retention_days);
            let (n_going, first_goes_at) = match days {
                Some(days) => retention::going(tx, child, days, moment.now)?,
                None => (0, None),
            };
            let hush = quiet::of_child(tx, child, moment)?;
            Ok(Some(InForce {
                rules: Rules { quiet, max_volume, night_volume, retention_days },
                time_zone: household::find(tx)?.and_then(|household| household.time_zone),
                quiet: hush.told(),
                quiet_at: hush.begins_at(),
                n_going,
                first_goes_at,
            }))
        });
        found.await?.ok_or(HubError::NoSuchChild)
    }

    /// Returns whether things would be kept for less long than they are.
    async fn is_shorter(&self, child: ChildId, days: Option<u16>) -> Result<bool, HubError> {
        let limits = self.tools().store.read(move |tx| stored::limits(tx, child)).await?;
        let now = limits.ok_or(HubError::NoSuchChild)?.retention_days;
        Ok(days.is_some_and(|days| now.is_none_or(|now| days < now)))
    }

    /// Sets what holds for a child, from now on. To keep things for less long takes the password once
    /// more.
    pub async fn set_rules(
        &self,
        by: &Guardian,
        child: ChildId,
        rules: Rules,
    ) -> Result<InForce, HubError> {
        rules.check()?;
        if self.is_shorter(child, rules.retention_days).await? {
            // Much may go with that at once, which takes the password as erasing does.
            self.confirmed(by)?;
        }
        let note = self.note(by, Deed::RulesChanged).of_child(child);
        let toys = self.tools().store.write(move |tx| {
            let Rules { quiet, max_volume, night_volume, retention_days } = rules;
            let limits = Limits { max_volume, night_volume, retention_days };
            if !stored::set_limits(tx, child, &limits)? {
                return Ok(None);
            }
            stored::set_quiet(tx, child, &quiet)?;
            activity::insert(tx, &note)?;
            let toys = toys::of_child(tx, child)?.into_iter().map(|toy| toy.id);
            Ok::<_, StoreError>(Some(toys.collect::<Vec<_>>()))
        });
        for toy in toys.await?.ok_or(HubError::NoSuchChild)? {
            self.poke(toy);
        }
        tracing::info!(account.id = %by.account(), child.id = %child, "a child's rules were changed");
        self.tools().bus.publish(Event::Changed);
        self.rules(by, child, None).await
    }
}
