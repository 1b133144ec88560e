//! The toy's mailbox as the store knows it: what lies in it, what comes next, what is over.

use super::{Charge, Tools, backoff};
use crate::{
    audio::{Clip, Pcm, audio32},
    hub::{
        later, messages,
        quiet::{self, Hush, Moment},
        view::{self, Event},
    },
    model::{Deed, DeliveryId, DeliveryState, Failure, Slot, Timestamp},
    store::{
        StoreError,
        activity::{self, Entry},
        deliveries::{self, Delivery},
        erase::{self, Overwrite},
        items, later as stored, outbox, retiring, rules, slots, toys,
    },
};

/// States that end when a message's time is over.
const WAITING: &[&str] = &["queued", "failed", "on_toy"];

/// States in which a message may be on its way into the toy.
pub(super) const UNDER_WAY: &[&str] = &["queued", "failed"];

/// What a keeper has to do for the mailbox of its toy.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Mailbox {
    /// Lies in the toy, unheard: the heart blinks for it, but not in quiet hours.
    pub on_toy: Option<DeliveryId>,
    /// Lies in the toy and must be overwritten.
    pub withdrawing: Option<DeliveryId>,
    /// A message that was erased and that the toy may hold: it must be overwritten.
    pub erased: Option<Overwrite>,
    /// To be uploaded, as soon as nothing unheard lies in the toy.
    pub next: Option<DeliveryId>,
    /// When the next message that failed may be tried again.
    pub next_try_at: Option<Timestamp>,
    /// When the next message is due that was sent for later.
    pub due_at: Option<Timestamp>,
    /// How it stands with the child's quiet hours.
    pub hush: Hush,
    /// How loud the toy may be now.
    pub cap: Option<u8>,
    /// How loud it was before quiet hours made it quieter, if they did.
    pub before_night: Option<u8>,
    /// How loud a guardian wants it, until it is.
    pub wanted: Option<u8>,
    /// A slot beside this one that is to be overwritten.
    pub to_silence: Option<Slot>,
    /// The toy is to be emptied and let go.
    pub is_retiring: bool,
}

/// What the rules of a child, and its guardians, say of a toy now.
#[derive(Clone, Copy)]
struct Ruled {
    hush: Hush,
    cap: Option<u8>,
    before_night: Option<u8>,
    wanted: Option<u8>,
    to_silence: Option<Slot>,
    is_retiring: bool,
    is_clock_right: bool,
}

impl Mailbox {
    fn of(open: &[Delivery], erased: Option<Overwrite>, now: Timestamp, ruled: Ruled) -> Self {
        let Ruled { hush, cap, before_night, wanted, to_silence, is_retiring, is_clock_right } =
            ruled;
        let ruled = Self { hush, cap, before_night, wanted, to_silence, ..Self::default() };
        let mut mailbox = Self { erased, is_retiring, ..ruled };
        for delivery in open {
            let wait = later::wait(delivery.due_at, now, is_clock_right);
            match delivery.state {
                DeliveryState::OnToy => mailbox.on_toy = Some(delivery.id),
                DeliveryState::Withdrawing => mailbox.withdrawing = Some(delivery.id),
                // What is damaged will never go, and is in nobody's way.
                DeliveryState::Failed(Failure::Damaged)
                | DeliveryState::AwaitingApproval
                | DeliveryState::Heard
                | DeliveryState::Declined
                | DeliveryState::Expired
                | DeliveryState::Withdrawn => {}
                // It is for another child, who had the toy before.
                DeliveryState::Queued | DeliveryState::Failed(_) if delivery.given_away => {}
                // A guardian has to sign in first, and those behind it need not wait for that.
                DeliveryState::Queued | DeliveryState::Failed(_) if !delivery.has_clip => {}
                // Its time has yet to come, and those behind it need not wait for that.
                DeliveryState::Queued | DeliveryState::Failed(_) if wait.is_some() => {
                    let due_at = wait.and_then(|wait| wait.until);
                    mailbox.due_at = mailbox.due_at.into_iter().chain(due_at).min();
                }
                // Nothing sets out in quiet hours.
                DeliveryState::Queued | DeliveryState::Failed(_) if hush.is_on() => {}
                DeliveryState::Queued | DeliveryState::Failed(_) => {
                    // The oldest goes first, even while it is being waited for: messages stay in order.
                    if mailbox.next.is_none() && mailbox.next_try_at.is_none() {
                        match delivery.next_try_at.filter(|at| is_to_come(*at, now)) {
                            Some(at) => mailbox.next_try_at = Some(at),
                            None => mailbox.next = Some(delivery.id),
                        }
                    }
                }
            }
        }
        mailbox
    }

    /// Returns whether the toy's heart is to blink.
    pub(super) const fn is_lit(&self) -> bool {
        self.on_toy.is_some() && !self.hush.is_on()
    }

    /// Returns how loud the toy is to be instead: as somebody wants it; quieter, if it is louder than it
    /// may be; in the morning, as loud as it was before the night, as far as it may.
    fn level(&self, volume: u8) -> Option<u8> {
        let may = |level: u8| self.cap.map_or(level, |cap| level.min(cap));
        let wanted = match (self.wanted, self.before_night) {
            (Some(wanted), _) => wanted,
            (None, Some(before)) if !self.hush.is_on() => before.max(volume),
            (None, _) => volume,
        };
        Some(may(wanted)).filter(|level| *level != volume)
    }

    /// Returns whether a toy that was let go should be taken again for this; `blinks` says what its
    /// heart was last told, and `volume` how loud it is.
    pub(super) fn is_work(&self, blinks: bool, volume: Option<u8>) -> bool {
        let is_to_overwrite = self.withdrawing.is_some() || self.erased.is_some();
        let can_go = self.on_toy.is_none() && self.next.is_some();
        self.is_retiring
            || is_to_overwrite
            || can_go
            || self.to_silence.is_some()
            || self.wanted.is_some()
            || blinks != self.is_lit()
            || volume.is_some_and(|volume| self.level(volume).is_some())
    }

    /// Returns when there may be something else to do without anybody saying so.
    pub(super) fn changes_at(&self) -> Option<Timestamp> {
        [self.next_try_at, self.due_at, self.hush.changes_at()].into_iter().flatten().min()
    }
}

/// Returns whether the time for another try has yet to come. One that is further off than any
/// pause was set by a clock that has been put back since.
fn is_to_come(at: Timestamp, now: Timestamp) -> bool {
    now < at && at <= now.after(backoff::LONGEST_DELIVERY_S)
}

/// What was found at the last look, so that everybody is told when it changes by itself.
#[derive(Debug, Default)]
pub(super) struct LastLook {
    /// Whether quiet hours lasted.
    was_quiet: Option<bool>,
    /// What waited for its time.
    waited: Vec<DeliveryId>,
}

/// Looks into the store; what is over by now is marked so, and what is due by now sets out. When quiet
/// hours have begun or ended since the last look, everybody is told.
pub(super) async fn look(
    tools: &Tools,
    charge: Charge,
    last: &mut LastLook,
) -> Result<Mailbox, StoreError> {
    let moment = Moment::of(&*tools.clock);
    let now = moment.now;
    let Charge { toy, child, .. } = charge;
    let found = tools.store.read(move |tx| {
        let hush = quiet::of_child(tx, child, moment)?;
        let cap = rules::limits(tx, child)?.and_then(|limits| hush.cap(limits));
        let is_retiring = !toys::is_to_stay(tx, toy)?;
        let before_night = toys::before_night(tx, toy)?;
        let (wanted, to_silence) = (toys::wanted_volume(tx, toy)?, slots::to_silence(tx, toy)?);
        let (open, erased) = (deliveries::open_of_toy(tx, toy)?, erase::overwrite_of(tx, toy)?);
        let is_clock_right = later::is_clock_right(tx, &open, moment)?;
        let ruled =
            Ruled { hush, cap, before_night, wanted, to_silence, is_retiring, is_clock_right };
        Ok((open, erased, ruled))
    });
    let (open, erased, ruled) = found.await?;
    let is_quiet = ruled.hush.is_on();
    if last.was_quiet.replace(is_quiet).is_some_and(|was_quiet| was_quiet != is_quiet) {
        tools.bus.publish(Event::Changed);
    }
    let (over, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|delivery| {
        delivery.expires_at <= now && WAITING.contains(&delivery.state.word())
    });
    for delivery in over {
        advance(tools, delivery.id, WAITING, DeliveryState::Expired).await?;
    }
    set_out(tools, &open, moment, ruled.is_clock_right, last).await?;
    Ok(Mailbox::of(&open, erased, now, ruled))
}

/// Lets those set out that were sent for later and are due by now: the child's screens may open them
/// from here on.
async fn set_out(
    tools: &Tools,
    open: &[Delivery],
    moment: Moment,
    is_clock_right: bool,
    last: &mut LastLook,
) -> Result<(), StoreError> {
    let for_later = open
        .iter()
        .copied()
        .filter(|delivery| delivery.due_at.is_some() && UNDER_WAY.contains(&delivery.state.word()));
    let (wait, due): (Vec<Delivery>, Vec<Delivery>) = for_later
        .partition(|delivery| later::wait(delivery.due_at, moment.now, is_clock_right).is_some());
    let waited = std::mem::replace(&mut last.waited, wait.iter().map(|it| it.id).collect());
    for Delivery { id, item, .. } in due {
        let has_keys = tools.store.read(move |tx| stored::has_keys(tx, id)).await?;
        if has_keys {
            tools.store.write(move |tx| stored::hand_keys_out(tx, id)).await?;
            messages::publish_item(tools, item).await?;
        }
        if has_keys || waited.contains(&id) {
            messages::publish_with_queue(tools, id).await?;
        }
    }
    Ok(())
}

/// Returns how loud the toy is to be set, if it should be otherwise. What it was before the night is
/// remembered, and forgotten in the morning; then it returns true, too.
pub(super) async fn volume(
    tools: &Tools,
    charge: Charge,
    mailbox: Mailbox,
) -> Result<(Option<u8>, bool), StoreError> {
    let toy = charge.toy;
    let Some(volume) = tools.bus.live(toy).volume else { return Ok((None, false)) };
    let level = mailbox.level(volume);
    if let Some(wanted) = mailbox.wanted {
        if level.is_some() {
            return Ok((level, false));
        }
        let for_morning = Some(wanted).filter(|wanted| mailbox.hush.is_on() && volume < *wanted);
        tools.store.write(move |tx| toys::has_volume(tx, toy, wanted, for_morning)).await?;
        tools.bus.publish(Event::Changed);
        return Ok((None, true));
    }
    let (is_night, before) = (mailbox.hush.is_on(), mailbox.before_night);
    let remembered = match before {
        None if is_night && level.is_some() => Some(volume),
        Some(_) if !is_night => None,
        _ => return Ok((level, false)),
    };
    tools.store.write(move |tx| toys::set_before_night(tx, toy, remembered)).await?;
    Ok((level, true))
}

/// Notes that the first byte of a message is about to go out; returns false if it was taken back.
pub(super) async fn begin(tools: &Tools, id: DeliveryId) -> Result<bool, StoreError> {
    tools.store.write(move |tx| deliveries::begin(tx, id)).await
}

/// Moves a delivery on, if it is still in one of these states, and tells everybody.
pub(super) async fn advance(
    tools: &Tools,
    id: DeliveryId,
    from: &'static [&'static str],
    to: DeliveryState,
) -> Result<bool, StoreError> {
    let now = tools.clock.now();
    let moved = tools.store.write(move |tx| deliveries::set_state(tx, id, from, to, now)).await?;
    if moved {
        messages::publish_with_queue(tools, id).await?;
    }
    Ok(moved)
}

/// Notes that a try failed, and when the next one comes.
pub(super) async fn fail(
    tools: &Tools,
    id: DeliveryId,
    failure: Failure,
) -> Result<(), StoreError> {
    let now = tools.clock.now();
    tools
        .store
        .write(move |tx| {
            let tries = deliveries::find(tx, id)?.map_or(0, |delivery| delivery.tries);
            let next_try_at = now.after(backoff::of_delivery(tries.saturating_add(1)));
            let failed = DeliveryState::Failed(failure);
            deliveries::set_state(tx, id, UNDER_WAY, failed, next_try_at)
        })
        .await?;
    messages::publish_with_queue(tools, id).await
}

/// Notes that a message in the toy may have been heard while nobody watched.
pub(super) async fn perhaps_heard(tools: &Tools, id: DeliveryId) -> Result<(), StoreError> {
    if tools.store.write(move |tx| deliveries::set_perhaps_heard(tx, id)).await? {
        publish(tools, id).await?;
    }
    Ok(())
}

/// Returns whether a delivery still wants to be sent.
pub(super) async fn is_under_way(tools: &Tools, id: DeliveryId) -> Result<bool, StoreError> {
    let found = tools.store.read(move |tx| deliveries::find(tx, id)).await?;
    Ok(found.is_some_and(|delivery| UNDER_WAY.contains(&delivery.state.word())))
}

/// Opens the clip of a delivery; nothing if it is gone or does not open.
pub(super) async fn clip(
    tools: &Tools,
    charge: Charge,
    id: DeliveryId,
) -> Result<Option<Clip>, StoreError> {
    let found = tools
        .store
        .read(move |tx| {
            let Some(delivery) = deliveries::find(tx, id)? else { return Ok(None) };
            Ok(outbox::find(tx, id)?.map(|clip| (delivery.item, clip)))
        })
        .await?;
    let Some((item, Ok(sealed))) = found else { return Ok(None) };
    let about = messages::about_clip(item, charge.child);
    let Ok(clip) = tools.device.open(&about, &sealed) else { return Ok(None) };
    Ok(Clip::from_stored(clip.to_vec()).ok())
}

/// Returns silence as long as a message: a shorter clip would leave the end of it in the toy's memory.
pub(super) async fn silence_over(tools: &Tools, id: DeliveryId) -> Result<Clip, StoreError> {
    let length_ms = tools
        .store
        .read(move |tx| {
            let Some(delivery) = deliveries::find(tx, id)? else { return Ok(None) };
            Ok(items::find(tx, delivery.item)?.map(|item| item.length_ms))
        })
        .await?;
    Ok(silence(length_ms.unwrap_or(Clip::MAX_MS)))
}

/// Lets a toy go that holds nothing any more.
pub(super) async fn let_go(tools: &Tools, charge: Charge) -> Result<(), StoreError> {
    let (toy, now) = (charge.toy, tools.clock.now());
    let note = Entry::new(now, Deed::ToyLetGo).to(toy.as_bytes()).of_child(charge.child);
    let let_go = tools.store.write(move |tx| {
        if retiring::let_go(tx, toy, now)? {
            activity::insert(tx, &note)?;
        }
        Ok(())
    });
    let_go.await?;
    tracing::info!(toy.id = %toy, "a toy was let go");
    tools.bus.publish(Event::Changed);
    Ok(())
}

/// Notes that a slot beside the mailbox was overwritten.
pub(super) async fn silenced(tools: &Tools, charge: Charge, slot: Slot) -> Result<(), StoreError> {
    let (toy, now) = (charge.toy, tools.clock.now());
    tools.store.write(move |tx| slots::silenced(tx, toy, slot, now)).await
}

/// Notes that what was erased is overwritten in the toy.
pub(super) async fn overwritten(tools: &Tools, erased: Overwrite) -> Result<(), StoreError> {
    tools.store.write(move |tx| erase::overwritten(tx, &erased)).await
}

/// Returns silence of this length, or as long as a slot.
pub(super) fn silence(length_ms: u32) -> Clip {
    let length_ms = length_ms.min(Clip::MAX_MS);
    let n_samples = u64::from(audio32::RATE) * u64::from(length_ms) / 1_000;
    let n_samples = usize::try_from(n_samples).unwrap_or_default().max(audio32::FRAME_SAMPLES);
    let silence = Pcm { rate: audio32::RATE, samples: vec![0; n_samples] };
    Clip::encode(&silence).expect("silence of up to a slot's length fits into a slot")
}

/// Tells everybody how a delivery stands.
pub(super) async fn publish(tools: &Tools, id: DeliveryId) -> Result<(), StoreError> {
    if let Some(delivery) = shown(tools, id).await? {
        tools.bus.publish(Event::Delivery(delivery));
    }
    Ok(())
}

/// Returns how a delivery stands.
pub(super) async fn shown(
    tools: &Tools,
    id: DeliveryId,
) -> Result<Option<view::Delivery>, StoreError> {
    let moment = Moment::of(&*tools.clock);
    let seen = tools.store.read(move |tx| messages::find(tx, id, moment)).await?;
    Ok(seen.map(|seen| seen.with(&tools.bus)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_put_back_keeps_nobody_waiting() {
        let now = Timestamp(1_000_000);

        assert!(!is_to_come(now, now));
        assert!(is_to_come(now.after(1), now));
        assert!(is_to_come(now.after(backoff::LONGEST_DELIVERY_S), now));
        assert!(!is_to_come(now.after(30 * 24 * 3_600), now));
    }
}
