//! What a toy holds, and what a guardian may do with it.

use tokio::time::Instant;

use super::{
    Event, Guardian, Hub, HubError, SLOT_MS,
    bus::Wish,
    messages, quiet,
    view::{Holds, Presence, SlotSeen},
};
use crate::{
    model::{Deed, DeliveryState, Slot, ToyId},
    store::{StoreError, Transaction, activity, deliveries, erase, slots as stored, toys},
};

impl Hub {
    /// Returns the five slots of a toy, with what the hub knows of each.
    pub async fn slots(&self, _by: &Guardian, id: ToyId) -> Result<Vec<SlotSeen>, HubError> {
        let found = self.tools().store.read(move |tx| {
            let Some(toy) = toys::find(tx, id)? else { return Ok(None) };
            let is_retiring = toy.retiring_at.is_some();
            let all = Slot::ALL.into_iter().map(|slot| {
                let seen = see(tx, &toy, slot)?;
                Ok(SlotSeen { is_to_go: seen.is_to_go || is_retiring, ..seen })
            });
            all.collect::<Result<Vec<_>, StoreError>>().map(Some)
        });
        found.await?.ok_or(HubError::NoSuchToy)
    }

    /// Has a toy play what a slot holds, aloud, for whoever is with it. What the child has not heard
    /// counts as unheard still.
    pub async fn play(&self, _by: &Guardian, id: ToyId, slot: Slot) -> Result<(), HubError> {
        let moment = self.moment();
        let found = self.tools().store.read(move |tx| {
            if !toys::is_to_stay(tx, id)? {
                return Ok(None);
            }
            let child = toys::child_of(tx, id)?;
            child.map(|child| quiet::of_child(tx, child, moment)).transpose()
        });
        let hush = found.await?.ok_or(HubError::NoSuchToy)?;
        if let Some(quiet) = hush.told() {
            return Err(HubError::QuietHours { until: quiet.until });
        }
        self.wish(id, Wish::Play(slot))
    }

    /// Has a toy stop what it plays because a guardian wanted it to.
    pub async fn stop(&self, _by: &Guardian, id: ToyId) -> Result<(), HubError> {
        if self.tools().store.read(move |tx| toys::find(tx, id)).await?.is_none() {
            return Err(HubError::NoSuchToy);
        }
        self.wish(id, Wish::Stop)
    }

    fn wish(&self, id: ToyId, wish: Wish) -> Result<(), HubError> {
        if self.tools().bus.live(id).presence != Presence::Awake {
            return Err(HubError::ToyAsleep);
        }
        self.tools().bus.change(id, |live| live.wish = Some((wish, Instant::now())));
        self.poke(id);
        Ok(())
    }

    /// Has a slot overwritten with silence, as soon as the toy can be reached. A message that nobody
    /// heard is taken back by that. Where the toy keeps its recording nothing is overwritten: it may
    /// hold one that was not fetched yet.
    pub async fn silence(&self, by: &Guardian, id: ToyId, slot: Slot) -> Result<(), HubError> {
        if slot == Slot::STREAMING {
            return Err(HubError::BadChoice);
        }
        let now = self.now();
        let note = self.note(by, Deed::SlotSilenced).to(id.as_bytes());
        let found = self.tools().store.write(move |tx| {
            let Some(toy) = toys::find(tx, id)?.filter(|toy| toy.retiring_at.is_none()) else {
                return Ok(None);
            };
            activity::insert(tx, &note.of_child(toy.child))?;
            let in_mailbox = [DeliveryState::OnToy, DeliveryState::Withdrawing];
            let open = deliveries::open_of_toy(tx, id)?.into_iter();
            let mut unheard = open.filter(|delivery| in_mailbox.contains(&delivery.state));
            if slot == Slot::MAILBOX
                && let Some(delivery) = unheard.next()
            {
                deliveries::withdraw(tx, delivery.id, now)?;
                return Ok(Some(Some(delivery.id)));
            }
            stored::silence(tx, id, slot, SLOT_MS, now)?;
            Ok(Some(None))
        });
        let withdrawn = found.await?.ok_or(HubError::NoSuchToy)?;
        if let Some(delivery) = withdrawn {
            messages::publish_with_queue(self.tools(), delivery).await?;
        }
        tracing::info!(account.id = %by.account(), toy.id = %id, slot = slot.index(), "a slot is overwritten");
        self.tools().bus.holds_something_else(id);
        self.tools().bus.publish(Event::Changed);
        self.poke(id);
        Ok(())
    }
}

/// Returns what is known of a slot.
fn see(tx: &Transaction<'_>, toy: &toys::Toy, slot: Slot) -> Result<SlotSeen, StoreError> {
    let unknown = SlotSeen { slot, holds: Holds::Unknown, item: None, is_to_go: false };
    if slot == Slot::STREAMING {
        let item = stored::last_recording(tx, toy.id, toy.child)?;
        let holds = if item.is_some() { Holds::Recording } else { Holds::Unknown };
        return Ok(SlotSeen { holds, item, ..unknown });
    }
    if slot == Slot::MAILBOX {
        let is_to_go = erase::overwrite_of(tx, toy.id)?.is_some();
        let Some(message) = stored::mailbox(tx, toy.id)?.filter(|_| !is_to_go) else {
            return Ok(SlotSeen { is_to_go, ..unknown });
        };
        if message.state == DeliveryState::Withdrawn {
            return Ok(SlotSeen { holds: Holds::Silence, ..unknown });
        }
        let (item, is_to_go) = (Some(message.item), message.state == DeliveryState::Withdrawing);
        return Ok(SlotSeen { holds: Holds::Message, item, is_to_go, ..unknown });
    }
    let silences = stored::silences(tx, toy.id)?;
    match silences.into_iter().find(|silence| silence.slot == slot) {
        Some(silence) if silence.done_at.is_some() => {
            Ok(SlotSeen { holds: Holds::Silence, ..unknown })
        }
        Some(_) => Ok(SlotSeen { is_to_go: true, ..unknown }),
        None => Ok(unknown),
    }
}
