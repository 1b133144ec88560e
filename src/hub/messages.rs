//! Messages and their journey: sound in, a delivery out, and what may become of it.

use zeroize::Zeroizing;

use super::{
    Bus, Fresh as _, Guardian, Hub, HubError, LONGEST_MS,
    keeper::Tools,
    view::{self, Event, Item, Long, Presence, WaitsFor},
};
use crate::{
    audio::{self, Clip, Pcm},
    model::{AccountId, ChildId, DeliveryId, DeliveryState, Failure, ItemId, Timestamp, ToyId},
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

/// A message on its way into the store.
struct Made {
    item: NewItem,
    delivery: NewDelivery,
    clip: Sealed,
}

/// A message's way, before it is looked at.
#[derive(Clone, Copy)]
struct Way {
    sender: AccountId,
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
        let way = Way { sender: by.account(), child: to, toy, sent_at: self.tools().clock.now() };
        let made = {
            let turn = self.turn_at_work().await?;
            let hub = self.clone();
            let work = move || {
                // Held by the work, not by whoever asked: they may leave.
                let _turn = turn;
                make(hub.tools(), way, wav, long)
            };
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
        let again = DeliveryState::Queued;
        self.change(id, move |tx, now| {
            deliveries::set_state(tx, id, &["failed", "queued"], again, now)
        })
        .await
    }

    /// Takes a message back. One that lies in the toy is overwritten at the next contact.
    pub async fn withdraw(
        &self,
        _by: &Guardian,
        id: DeliveryId,
    ) -> Result<view::Delivery, HubError> {
        self.change(id, move |tx, now| deliveries::withdraw(tx, id, now)).await
    }

    /// Marks a message as heard that was heard out of Hutch's sight.
    pub async fn mark_heard(
        &self,
        _by: &Guardian,
        id: DeliveryId,
    ) -> Result<view::Delivery, HubError> {
        let heard = DeliveryState::Heard;
        self.change(id, move |tx, now| deliveries::set_state(tx, id, &["on_toy"], heard, now)).await
    }

    /// Changes a delivery; `change` says whether it was not too late for that.
    async fn change(
        &self,
        id: DeliveryId,
        change: impl FnOnce(&Transaction<'_>, Timestamp) -> Result<bool, StoreError> + Send + 'static,
    ) -> Result<view::Delivery, HubError> {
        self.seen(id).await?;
        let now = self.tools().clock.now();
        if !self.tools().store.write(move |tx| change(tx, now)).await? {
            return Err(HubError::TooLate);
        }
        publish_with_queue(self.tools(), id).await?;
        let seen = self.seen(id).await?;
        self.poke(seen.row.toy);
        Ok(seen.with(&self.tools().bus))
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
    let mut sound = audio::wav::read(&wav)?;
    drop(wav);
    let length_ms = sound.length_ms();
    match long {
        None if Clip::MAX_MS < length_ms => {
            return Err(HubError::TooLong { length_ms, slot_ms: Clip::MAX_MS });
        }
        Some(Long::Split) if LONGEST_MS < length_ms => {
            return Err(HubError::FarTooLong { length_ms, longest_ms: LONGEST_MS });
        }
        // Before its loudness is measured: what is cut off must not decide how loud the rest is.
        Some(Long::Cut) => sound.cut(Clip::MAX_MS),
        None | Some(Long::Split) => {}
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
    let Way { sender, child, toy, sent_at } = way;
    let id = ItemId::fresh();
    let sender = Some(sender);
    let about = About { item: id, kind: Kind::Message, child: Some(child), sender };
    let content = new_content_key();
    let sound = Zeroizing::new(audio::keep::encode(spoken)?);
    let waveform = audio::waveform(spoken);
    let clip = Clip::encode(spoken)?;
    let item = NewItem {
        id,
        kind: ItemKind::Message,
        child,
        sender,
        toy: None,
        recorded_at: sent_at,
        length_ms: spoken.length_ms(),
        while_away: false,
        sound: content.seal(Part::Sound, &about, &sound)?,
        waveform: content.seal(Part::Waveform, &about, &waveform.0)?,
        key: content.seal_for(&tools.household.key()?, &about),
    };
    let delivery = NewDelivery {
        id: DeliveryId::fresh(),
        item: id,
        toy,
        state: DeliveryState::Queued,
        queued_at: sent_at,
        expires_at: sent_at.after(EXPIRES_AFTER_S),
    };
    Ok(Made { item, delivery, clip: tools.device.seal(&about_clip(id, child), clip.as_bytes())? })
}

/// What a queued clip is sealed as: who sent it is for people to open, not for the keeper.
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
        DeliveryState::Queued => is_behind_another(&row, &deliveries::open_of_toy(tx, row.toy)?),
        _ => false,
    };
    Ok(Seen { row, is_behind_another })
}

/// Returns whether a queued delivery has to wait for another one of those that are open, which are
/// in the order of the queue.
fn is_behind_another(row: &deliveries::Delivery, open: &[deliveries::Delivery]) -> bool {
    let (before, after) = match open.iter().position(|other| other.id == row.id) {
        Some(place) => open.split_at(place),
        None => (open, [].as_slice()),
    };
    let holds_mailbox = |other: &deliveries::Delivery| {
        matches!(other.state, DeliveryState::OnToy | DeliveryState::Withdrawing)
    };
    let goes_first = |other: &deliveries::Delivery| match other.state {
        DeliveryState::Failed(failure) => failure != Failure::Damaged,
        state => state == DeliveryState::Queued,
    };
    before.iter().any(|other| holds_mailbox(other) || goes_first(other))
        || after.iter().any(holds_mailbox)
}

/// Tells everybody how a delivery stands, and those that wait for the same toy: what they wait for
/// may have changed with it.
pub(super) async fn publish_with_queue(tools: &Tools, id: DeliveryId) -> Result<(), StoreError> {
    let found = tools
        .store
        .read(move |tx| {
            let Some(row) = deliveries::find(tx, id)? else { return Ok(Vec::new()) };
            let open = deliveries::open_of_toy(tx, row.toy)?;
            let waiting = open
                .iter()
                .filter(|other| other.state == DeliveryState::Queued && other.id != row.id);
            let seen = std::iter::once(&row).chain(waiting).map(|row| Seen {
                row: *row,
                is_behind_another: row.state == DeliveryState::Queued
                    && is_behind_another(row, &open),
            });
            Ok(seen.collect())
        })
        .await?;
    for seen in found {
        tools.bus.publish(Event::Delivery(seen.with(&tools.bus)));
    }
    Ok(())
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
            begun: _,
        } = row;
        let sending = match (state, bus.live(toy).sending) {
            (DeliveryState::Queued | DeliveryState::Failed(_), Some((sent, percent))) => {
                (sent == id).then_some(percent)
            }
            _ => None,
        };
        let will_be_tried = state != DeliveryState::Failed(Failure::Damaged);
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
            next_try_at: next_try_at.filter(|_| will_be_tried),
            queued_at,
            heard_at,
            expires_at,
            perhaps_heard,
            waits_for: waits_for.filter(|_| sending.is_none()),
        }
    }
}
