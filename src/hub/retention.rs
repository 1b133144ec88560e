//! How long recordings and messages are kept: what goes next, and what stays whatever its age.

use super::{Event, Guardian, Hub, HubError, accounts, once, view::Item};
use crate::{
    model::{ChildId, Deed, DeliveryState, ItemId, Timestamp},
    store::{
        StoreError, Transaction,
        activity::{self, Entry},
        erase, household, items as stored, requests, rules,
    },
};

const DAY_S: i64 = 24 * 3_600;

/// What goes within this time is told of.
const TOLD_AHEAD_S: i64 = 7 * DAY_S;

/// How many items are erased in one go, so that nobody waits long for their turn to write.
const BATCH: u32 = 100;

impl Hub {
    /// Keeps a recording or message whatever its age, or lets it go when its time is over.
    pub async fn set_kept(&self, by: &Guardian, id: ItemId, kept: bool) -> Result<Item, HubError> {
        let note = self.note(by, if kept { Deed::Kept } else { Deed::Unkept }).with(id);
        let child = self.tools().store.write(move |tx| {
            let Some(item) = stored::find(tx, id)? else { return Ok(None) };
            if rules::set_kept(tx, id, kept)? {
                activity::insert(tx, &note.of_child(item.child))?;
            }
            Ok(Some(item.child))
        });
        let child = child.await?.ok_or(HubError::NoSuchItem)?;
        self.tools().bus.publish(Event::Item { id, child });
        self.item(by, id).await
    }

    /// Erases what is older than its child's rules say, and forgets old requests. Call it now and then:
    /// it also remembers how late it is, so that a clock that jumps ahead shows. A clock that may be
    /// wrong erases nothing.
    pub async fn erase_what_is_over(&self) -> Result<(), HubError> {
        let moment = self.moment();
        let found = self.tools().store.write(move |tx| {
            let Some(household) = household::find(tx)? else { return Ok(Vec::new()) };
            accounts::saw_time(tx, moment.now, moment.is_sure)?;
            if !moment.is_believed(&household) {
                return Ok(Vec::new());
            }
            requests::forget(tx, moment.now.after(-once::KNOWN_FOR_S))?;
            rules::retention(tx)
        });
        for (child, _) in found.await? {
            while self.erase_batch(child, moment.now).await? {}
        }
        Ok(())
    }

    /// Erases some of what is over; returns whether there may be more.
    async fn erase_batch(&self, child: ChildId, now: Timestamp) -> Result<bool, HubError> {
        let erased = self.tools().store.write(move |tx| {
            // It may have been changed meanwhile.
            let days = rules::limits(tx, child)?.and_then(|limits| limits.retention_days);
            let Some(days) = days else { return Ok(Vec::new()) };
            let mut erased = Vec::new();
            for id in rules::over(tx, child, over_before(days, now), BATCH)? {
                erased.extend(erase::erase_item(tx, id, now)?);
            }
            if !erased.is_empty() {
                let note = Entry::new(now, Deed::TimeOver).of_child(child);
                let n = i64::try_from(erased.len()).ok();
                activity::insert(tx, &Entry { n, ..note })?;
            }
            Ok(erased)
        });
        let erased = erased.await?;
        if erased.is_empty() {
            return Ok(false);
        }
        tracing::info!(child.id = %child, n = erased.len(), "the time of some items was over");
        let may_be_more = erased.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
        self.erased(erased).await?;
        Ok(may_be_more)
    }
}

/// Returns from before when items are that have been kept for so many days.
fn over_before(days: u16, now: Timestamp) -> Timestamp {
    now.after(-age_s(days))
}

fn age_s(days: u16) -> i64 {
    i64::from(days) * DAY_S
}

/// Returns how many items of a child go within a week if they are kept for so many days, and when
/// the first does: what is over already goes at once.
pub(super) fn going(
    tx: &Transaction<'_>,
    child: ChildId,
    days: u16,
    now: Timestamp,
) -> Result<(u32, Option<Timestamp>), StoreError> {
    going_within(tx, child, days, (now, TOLD_AHEAD_S))
}

/// Does the same for those that go within a day.
pub(super) fn going_within_a_day(
    tx: &Transaction<'_>,
    child: ChildId,
    days: u16,
    now: Timestamp,
) -> Result<(u32, Option<Timestamp>), StoreError> {
    going_within(tx, child, days, (now, DAY_S))
}

fn going_within(
    tx: &Transaction<'_>,
    child: ChildId,
    days: u16,
    (now, ahead_s): (Timestamp, i64),
) -> Result<(u32, Option<Timestamp>), StoreError> {
    let (n, oldest) = rules::goes(tx, child, over_before(days, now.after(ahead_s)))?;
    Ok((n, oldest.map(|at| at.after(age_s(days)).max(now))))
}

/// Returns when an item goes by itself, unless it is kept or on its way to a toy.
pub(super) fn goes_at(
    tx: &Transaction<'_>,
    item: &stored::Item,
    delivery: Option<DeliveryState>,
) -> Result<Option<Timestamp>, StoreError> {
    let is_under_way = match delivery {
        None => false,
        Some(state) => match state {
            DeliveryState::Queued | DeliveryState::Failed(_) | DeliveryState::OnToy => true,
            DeliveryState::AwaitingApproval
            | DeliveryState::Heard
            | DeliveryState::Declined
            | DeliveryState::Expired
            | DeliveryState::Withdrawing
            | DeliveryState::Withdrawn => false,
        },
    };
    if item.kept || is_under_way {
        return Ok(None);
    }
    let days = rules::limits(tx, item.child)?.and_then(|limits| limits.retention_days);
    Ok(days.map(|days| item.recorded_at.after(age_s(days))))
}
