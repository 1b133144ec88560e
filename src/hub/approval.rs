//! What may go on its way to a toy: the one place from which the outbox is filled.
//!
//! The keeper sends what lies in the outbox and nothing else, so a message that needs a guardian's
//! approval has no clip there. It is made when a guardian approves, of the very sound that they could
//! listen to.

use zeroize::Zeroizing;

use super::{
    Asks as _, Guardian, Hub, HubError, items, later as waiting, messages,
    view::{self, Event},
};
use crate::{
    audio::{self, Clip},
    model::{AccountId, Deed, DeliveryId, DeliveryState, Failure, ItemId, Role},
    seal::{Part, PrivateKey, PublicKey, Sealed, SealedKey},
    store::{
        StoreError, Transaction,
        activity::{self, Entry},
        deliveries, giving,
        grants::Grant,
        item_keys, later, outbox,
        recipients::{self, Recipient},
    },
};

/// The states of a delivery that its clip is needed for.
const CAN_BE_SENT: &[&str] = &["queued", "failed", "on_toy"];

/// Leave to put a message into the outbox, for a guardian, or a relative who needs no approval for
/// that child. Nobody outside this module makes one.
#[derive(Clone, Copy)]
pub(super) struct Leave(());

/// What a message needs to go on its way: the clip for the toy, and its key for the child's screens.
pub(super) struct Ready {
    pub(super) clip: Sealed,
    pub(super) screens: Vec<(i64, SealedKey)>,
}

impl Leave {
    /// Returns the leave of somebody who sends to a child that was granted to them so.
    pub(super) fn of(by: Role, grant: Option<&Grant>) -> Option<Self> {
        match (by, grant) {
            (Role::Guardian, _) => Some(Self(())),
            (Role::Relative, Some(grant)) if !grant.needs_approval => Some(Self(())),
            (Role::Relative | Role::ChildScreen, _) => None,
        }
    }
}

/// Lets a message that is stored go on its way.
pub(super) fn let_go(
    tx: &Transaction<'_>,
    _leave: Leave,
    delivery: &deliveries::NewDelivery,
    ready: &Ready,
) -> Result<(), StoreError> {
    let when = if delivery.due_at.is_some() { When::Later } else { When::Now };
    put(tx, delivery.id, delivery.item, ready, when)
}

/// When a message sets out that may.
#[derive(Clone, Copy)]
enum When {
    Now,
    Later,
}

fn put(
    tx: &Transaction<'_>,
    delivery: DeliveryId,
    item: ItemId,
    ready: &Ready,
    when: When,
) -> Result<(), StoreError> {
    outbox::insert(tx, delivery, &ready.clip)?;
    match when {
        When::Now => item_keys::insert_all(tx, item, &ready.screens),
        // The child is not to find it on its screen before.
        When::Later => later::insert_keys(tx, delivery, &ready.screens),
    }
}

impl Hub {
    /// Approves a message: it goes on its way, and the child's screens may play it. One that was
    /// declined can be approved still.
    pub async fn approve(&self, by: &Guardian, id: DeliveryId) -> Result<view::Delivery, HubError> {
        let found = self.tools().store.read(move |tx| {
            let Some(delivery) = deliveries::find(tx, id)? else { return Ok(None) };
            let Some(item) = items::find(tx, None, delivery.item)? else { return Ok(None) };
            let screens = recipients::of_screens(tx, item.child)?;
            let sound = crate::store::items::sound(tx, item.id)?;
            Ok(sound.map(|sound| (delivery, item, sound, screens)))
        });
        let (delivery, item, sound, screens) = found.await?.ok_or(HubError::NoSuchDelivery)?;
        if !matches!(delivery.state, DeliveryState::AwaitingApproval | DeliveryState::Declined) {
            return Err(HubError::TooLate);
        }
        let (about, content) = items::unlock(|key, about| by.open(key, about), &item)?;
        let ogg = content.open(Part::Sound, &about, &sound?)?;
        let (item_id, child) = (item.id, item.child);
        let clip = self.encode(ogg).await?;
        let about_clip = messages::about_clip(item_id, child);
        let ready = Ready {
            clip: self.tools().device.seal(&about_clip, clip.as_bytes())?,
            screens: seal_for_all(&screens, |key| content.seal_for(key, &about)),
        };
        let note = self.note(by, Deed::Approved);
        let moment = self.moment();
        let approved = self.change(id, move |tx, now| {
            // Somebody may have said "now" meanwhile.
            let Some(delivery) = deliveries::find(tx, id)? else { return Ok(false) };
            let is_clock_right = waiting::is_clock_right(tx, &[delivery], moment)?;
            let wait = waiting::wait(delivery.due_at, now, is_clock_right);
            let when = if wait.is_some() { When::Later } else { When::Now };
            let sets_out_at = delivery.due_at.map_or(now, |due_at| due_at.max(now));
            let expires_at = sets_out_at.after(messages::EXPIRES_AFTER_S);
            let is_approved = deliveries::approve(tx, id, expires_at)?;
            if is_approved {
                // Its toy may be another child's by now.
                giving::send_on(tx, child, &[])?;
                put(tx, id, item_id, &ready, when)?;
                note_message(tx, note, id)?;
            }
            Ok(is_approved)
        });
        let approved = approved.await?;
        tracing::info!(account.id = %by.account(), delivery.id = %id, "a message was approved");
        // The child's screens can open it from here on.
        self.tools().bus.publish(Event::Item { id: item_id, child });
        Ok(approved)
    }

    /// Makes the clips anew that this hub cannot send, because another made them: a household came back
    /// from a backup, or its device key was lost. A job of its own, with the key of the guardian who
    /// signed in.
    pub(super) fn send_anew(&self, key: impl PrivateKey + Send + Sync + 'static) {
        let hub = self.clone();
        tokio::spawn(async move {
            if let Err(error) = hub.make_clips_anew(&key).await {
                tracing::warn!(%error, "not all messages could be made ready again for their toys");
            }
        });
    }

    async fn make_clips_anew(&self, key: &(impl PrivateKey + Sync)) -> Result<(), HubError> {
        let lost = self.tools().store.read(|tx| {
            let all = deliveries::to_send(tx)?;
            let all = all.into_iter().map(|(delivery, clip)| {
                let item = items::find(tx, None, delivery.item)?;
                Ok(item.map(|item| (delivery, clip, item)))
            });
            all.filter_map(Result::transpose).collect::<Result<Vec<_>, StoreError>>()
        });
        let mut n = 0;
        for (delivery, clip, item) in lost.await? {
            let about_clip = messages::about_clip(item.id, item.child);
            let opens = |clip: &Sealed| self.tools().device.open(&about_clip, clip).is_ok();
            if clip.is_some_and(|clip| clip.is_ok_and(|clip| opens(&clip))) {
                continue;
            }
            let id = item.id;
            let sound =
                self.tools().store.read(move |tx| crate::store::items::sound(tx, id)).await?;
            let Ok((about, content)) =
                items::unlock(|sealed, about| key.open(sealed, about), &item)
            else {
                continue;
            };
            let Some(Ok(sound)) = sound else { continue };
            let Ok(ogg) = content.open(Part::Sound, &about, &sound) else { continue };
            let clip = self.encode(ogg).await?;
            let clip = self.tools().device.seal(&about_clip, clip.as_bytes())?;
            let (id, toy) = (delivery.id, delivery.toy);
            let put = self.tools().store.write(move |tx| {
                let now_open = deliveries::find(tx, id)?;
                let Some(delivery) = now_open.filter(|one| CAN_BE_SENT.contains(&one.state.word()))
                else {
                    return Ok(());
                };
                outbox::erase(tx, id)?;
                outbox::insert(tx, id, &clip)?;
                // It did not go only because its clip did not open.
                if delivery.state == DeliveryState::Failed(Failure::Damaged) {
                    let at = delivery.queued_at;
                    deliveries::set_state(tx, id, &["failed"], DeliveryState::Queued, at)?;
                }
                Ok(())
            });
            put.await?;
            n += 1;
            self.poke(toy);
        }
        if 0 < n {
            tracing::info!(n, "messages are ready again for their toys");
            self.tools().bus.publish(Event::Changed);
        }
        Ok(())
    }

    /// Makes the clip for a toy of a sound as it is kept.
    async fn encode(&self, ogg: Zeroizing<Vec<u8>>) -> Result<Clip, HubError> {
        let turn = self.turn_at_work().await?;
        let encode = move || -> Result<Clip, HubError> {
            let _turn = turn;
            let spoken = audio::keep::decode(&ogg).map_err(HubError::Damaged)?;
            Ok(Clip::encode(&spoken)?)
        };
        let encoding = tokio::task::spawn_blocking(encode).await;
        encoding.map_err(|_stopping| HubError::Stopping)?
    }

    /// Declines a message: it stays where it is, and the child does not hear it.
    pub async fn decline(&self, by: &Guardian, id: DeliveryId) -> Result<view::Delivery, HubError> {
        let (declined, note) = (DeliveryState::Declined, self.note(by, Deed::Declined));
        let delivery = self
            .change(id, move |tx, now| {
                let is_declined =
                    deliveries::set_state(tx, id, &["awaiting_approval"], declined, now)?;
                if is_declined {
                    note_message(tx, note, id)?;
                }
                Ok(is_declined)
            })
            .await?;
        tracing::info!(account.id = %by.account(), delivery.id = %id, "a message was declined");
        Ok(delivery)
    }
}

/// Notes what was decided about a message, by whom and for whom it was.
fn note_message(tx: &Transaction<'_>, note: Entry, id: DeliveryId) -> Result<(), StoreError> {
    let Some(delivery) = deliveries::find(tx, id)? else { return Ok(()) };
    let Some(item) = items::find(tx, None, delivery.item)? else { return Ok(()) };
    let subject = item.sender.map(|sender| *sender.as_bytes());
    let note = Entry { subject, ..note.with(item.id).of_child(item.child) };
    activity::insert(tx, &note).map(|_id| ())
}

/// Seals an item's key for several recipients.
pub(super) fn seal_for_all(
    recipients: &[Recipient],
    seal: impl Fn(&PublicKey) -> SealedKey,
) -> Vec<(i64, SealedKey)> {
    let usable = recipients.iter().filter_map(|to| Some((to.id, to.public_key.ok()?)));
    usable.map(|(id, key)| (id, seal(&key))).collect()
}

/// Whether a delivery is somebody's own to take back.
pub(super) fn is_own(
    tx: &Transaction<'_>,
    by: (Role, AccountId),
    id: DeliveryId,
) -> Result<bool, StoreError> {
    let (role, account) = by;
    let Some(delivery) = deliveries::find(tx, id)? else { return Ok(false) };
    match role {
        Role::Guardian => Ok(true),
        Role::Relative => {
            let item = items::find(tx, Some(account), delivery.item)?;
            Ok(item.is_some_and(|item| item.sender == Some(account)))
        }
        Role::ChildScreen => Ok(false),
    }
}
