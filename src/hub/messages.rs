//! Messages and their journey: sound in, a delivery out, and what may become of it.

use zeroize::Zeroizing;

use super::{
    Bus, Fresh as _, Guardian, Hub, HubError,
    keeper::Tools,
    view::{self, Event, Item, Long, Presence, WaitsFor},
};
use crate::{
    audio::{self, Clip, Pcm},
    model::{ChildId, DeliveryId, DeliveryState, ItemId, Timestamp, ToyId},
    seal::{About, Kind, Part, Sealed, new_content_key},
    store::{
        StoreError, Transaction,
        deliveries::{self, NewDelivery},
        items::{self, ItemKind, NewItem},
        outbox, toys,
    },
};

/// A message that nobody heard is given up after this long, unless set otherwise.
const EXPIRES_AFTER_S: i64 = 7 * 24 * 3_600;

/// States in which no toy holds any of the message.
const NOT_ON_TOY: &[&str] = &["awaiting_approval", "queued"];

/// States in which a toy may hold the message or a part of it: a try that failed may have left
/// all of it there.
const PERHAPS_ON_TOY: &[&str] = &["failed", "on_toy"];

/// A message on its way into the store.
struct Made {
    item: NewItem,
    delivery: NewDelivery,
    clip: Sealed,
}

/// A message's way, before it is looked at.
#[derive(Clone, Copy)]
struct Way {
    child: ChildId,
    toy: ToyId,
    sent_at: Timestamp,
}

impl Hub {
    /// Sends a message to a child: the sound of a WAV file.
    ///
    /// Returns when it is stored, with what became of it: one item, or several if it was to be split.
    pub async fn send_message(
        &self,
        by: &Guardian,
        to: ChildId,
        wav: Vec<u8>,
        long: Option<Long>,
    ) -> Result<Vec<Item>, HubError> {
        let wav = Zeroizing::new(wav);
        let toy = self.toy_for(to).await?;
        let way = Way { child: to, toy, sent_at: self.tools().clock.now() };
        let made = {
            let _turn = self.0.at_work.acquire().await.map_err(|_closed| HubError::Stopping)?;
            let hub = self.clone();
            let work = move || make(hub.tools(), way, wav, long);
            tokio::task::spawn_blocking(work).await.map_err(|_stopping| HubError::Stopping)??
        };
        let ids: Vec<ItemId> = made.iter().map(|made| made.item.id).collect();

        self.tools()
            .store
            .write(move |tx| {
                for Made { item, delivery, clip } in &made {
                    items::insert(tx, item)?;
                    deliveries::insert(tx, delivery)?;
                    outbox::insert(tx, delivery.id, clip)?;
                }
                Ok(())
            })
            .await?;

        self.poke(toy);
        let mut sent = Vec::with_capacity(ids.len());
        for id in ids {
            sent.push(self.item(by, id).await?);
            self.tools().bus.publish(Event::Item { id, child: to });
        }
        Ok(sent)
    }

    /// Tries a failed delivery again at once.
    pub async fn retry(&self, _by: &Guardian, id: DeliveryId) -> Result<view::Delivery, HubError> {
        // One that waits for its first try is tried now, too.
        self.advance(id, vec![(&["failed", "queued"], DeliveryState::Queued)]).await
    }

    /// Takes a message back. One that lies in the toy is overwritten at the next contact.
    pub async fn withdraw(
        &self,
        _by: &Guardian,
        id: DeliveryId,
    ) -> Result<view::Delivery, HubError> {
        let seen = self.seen(id).await?;
        // What is being sent lies in the toy already, if only in part.
        let is_sending = self.tools().bus.live(seen.row.toy).sending.is_some_and(|s| s.0 == id);
        let from_queue =
            if is_sending { DeliveryState::Withdrawing } else { DeliveryState::Withdrawn };
        let steps = vec![(NOT_ON_TOY, from_queue), (PERHAPS_ON_TOY, DeliveryState::Withdrawing)];
        self.advance(id, steps).await
    }

    /// Marks a message as heard that was heard out of Hutch's sight.
    pub async fn mark_heard(
        &self,
        _by: &Guardian,
        id: DeliveryId,
    ) -> Result<view::Delivery, HubError> {
        self.advance(id, vec![(&["on_toy"], DeliveryState::Heard)]).await
    }

    /// Moves a delivery on, by the first step that fits where it is.
    async fn advance(
        &self,
        id: DeliveryId,
        steps: Vec<(&'static [&'static str], DeliveryState)>,
    ) -> Result<view::Delivery, HubError> {
        self.seen(id).await?;
        let now = self.tools().clock.now();
        let moved = self
            .tools()
            .store
            .write(move |tx| {
                for (from, to) in steps {
                    if deliveries::set_state(tx, id, from, to, now)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            })
            .await?;
        if !moved {
            return Err(HubError::TooLate);
        }
        let seen = self.seen(id).await?;
        self.poke(seen.row.toy);
        let delivery = seen.with(&self.tools().bus);
        self.tools().bus.publish(Event::Delivery(delivery.clone()));
        Ok(delivery)
    }

    async fn seen(&self, id: DeliveryId) -> Result<Seen, HubError> {
        let seen = self.tools().store.read(move |tx| find(tx, id)).await?;
        seen.ok_or(HubError::NoSuchDelivery)
    }

    /// Chooses the toy of a child that a message goes to: the one that is awake, else the first.
    async fn toy_for(&self, child: ChildId) -> Result<ToyId, HubError> {
        let (exists, toys) = self
            .tools()
            .store
            .read(move |tx| {
                let exists = crate::store::children::find(tx, child)?.is_some();
                Ok((exists, toys::of_child(tx, child)?))
            })
            .await?;
        if !exists {
            return Err(HubError::NoSuchChild);
        }
        let is_awake = |toy: ToyId| self.tools().bus.live(toy).presence == Presence::Awake;
        let awake = toys.iter().find(|toy| is_awake(toy.id));
        awake.or_else(|| toys.first()).map(|toy| toy.id).ok_or(HubError::NoToy)
    }
}

/// Makes messages of a sound: leveled, encoded for the toy, encoded to be kept, sealed.
fn make(
    tools: &Tools,
    way: Way,
    wav: Zeroizing<Vec<u8>>,
    long: Option<Long>,
) -> Result<Vec<Made>, HubError> {
    let sound = audio::wav::read(&wav)?;
    drop(wav);
    if long.is_none() && Clip::MAX_MS < sound.length_ms() {
        return Err(HubError::TooLong { length_ms: sound.length_ms(), slot_ms: Clip::MAX_MS });
    }
    let spoken = audio::prepare(&sound)?;
    drop(sound);
    let parts = match long {
        None | Some(Long::Cut) => vec![audio::clip::cut(&spoken)],
        Some(Long::Split) => audio::clip::split(&spoken),
    };
    parts.iter().map(|part| seal(tools, way, part)).collect()
}

fn seal(tools: &Tools, way: Way, spoken: &Pcm) -> Result<Made, HubError> {
    let Way { child, toy, sent_at } = way;
    let id = ItemId::fresh();
    let about = About { item: id, kind: Kind::Message, child: Some(child), sender: None };
    let content = new_content_key();
    let sound = Zeroizing::new(audio::keep::encode(spoken)?);
    let waveform = audio::waveform(spoken);
    let clip = Clip::encode(spoken)?;
    let item = NewItem {
        id,
        kind: ItemKind::Message,
        child,
        sender: None,
        toy: None,
        recorded_at: sent_at,
        length_ms: spoken.length_ms(),
        while_away: false,
        sound: content.seal(Part::Sound, &about, &sound)?,
        waveform: content.seal(Part::Waveform, &about, &waveform.0)?,
        key: content.seal_for(&tools.household, &about),
    };
    let delivery = NewDelivery {
        id: DeliveryId::fresh(),
        item: id,
        toy,
        state: DeliveryState::Queued,
        queued_at: sent_at,
        expires_at: sent_at.after(EXPIRES_AFTER_S),
    };
    Ok(Made { item, delivery, clip: tools.device.seal(&about, clip.as_bytes())? })
}

/// What a queued clip is sealed as.
pub(super) fn about_clip(item: ItemId, child: ChildId) -> About {
    About { item, kind: Kind::Message, child: Some(child), sender: None }
}

/// A delivery as stored, and whether another one is in its way.
pub(super) struct Seen {
    pub(super) row: deliveries::Delivery,
    is_behind_another: bool,
}

/// Finds a delivery.
pub(super) fn find(tx: &Transaction<'_>, id: DeliveryId) -> Result<Option<Seen>, StoreError> {
    deliveries::find(tx, id)?.map(|row| see(tx, row)).transpose()
}

/// Finds the delivery of a message.
pub(super) fn of_item(tx: &Transaction<'_>, item: ItemId) -> Result<Option<Seen>, StoreError> {
    deliveries::of_item(tx, item)?.pop().map(|row| see(tx, row)).transpose()
}

fn see(tx: &Transaction<'_>, row: deliveries::Delivery) -> Result<Seen, StoreError> {
    let is_behind_another = match row.state {
        DeliveryState::Queued => deliveries::open_of_toy(tx, row.toy)?
            .iter()
            .any(|other| matches!(other.state, DeliveryState::OnToy | DeliveryState::Withdrawing)),
        _ => false,
    };
    Ok(Seen { row, is_behind_another })
}

impl Seen {
    /// Joins it with what is going on right now.
    pub(super) fn with(self, bus: &Bus) -> view::Delivery {
        let Self { row, is_behind_another } = self;
        let deliveries::Delivery {
            id,
            item,
            toy,
            state,
            tries,
            next_try_at,
            queued_at,
            heard_at,
            expires_at,
            perhaps_heard,
        } = row;
        let sending = match (state, bus.live(toy).sending) {
            (DeliveryState::Queued | DeliveryState::Failed(_), Some((sent, percent))) => {
                (sent == id).then_some(percent)
            }
            _ => None,
        };
        let waits_for = match (state, is_behind_another) {
            (DeliveryState::Queued, true) => Some(WaitsFor::Previous),
            (DeliveryState::Queued, false) => Some(WaitsFor::Toy),
            _ => None,
        };
        view::Delivery {
            id,
            item,
            toy,
            state,
            sending,
            tries,
            next_try_at,
            queued_at,
            heard_at,
            expires_at,
            perhaps_heard,
            waits_for: waits_for.filter(|_| sending.is_none()),
        }
    }
}
