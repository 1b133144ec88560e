//! Messages and their journey: sound in, a delivery out, and what may become of it.
//!
//! What may go on its way at once, and what a guardian listens to first, is [`approval`]'s.

use std::time::Duration;

use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{
    Asks, Bus, Fresh as _, Guardian, Hub, HubError, LONGEST_MS,
    approval::{self, Leave, Ready},
    keeper::Tools,
    later::{self, Wait},
    once,
    quiet::{self, Hush, Moment},
    view::{self, Event, Item, Long, Presence, Sending, WaitsFor},
    whole,
};
use crate::{
    audio::{self, Clip, Pcm},
    model::{
        AccountId, ChildId, DeliveryId, DeliveryState, Failure, ItemId, Role, Timestamp, ToyId,
    },
    seal::{About, Kind, Part, SealedKey, new_content_key},
    store::{
        StoreError, Transaction, children,
        deliveries::{self, NewDelivery},
        grants::{self, Grant},
        household, item_keys,
        items::{self, ItemKind, NewItem},
        later as stored,
        recipients::{self, Recipient},
        requests::Before,
        toys,
    },
};

/// A message that nobody heard is given up after this long, unless set otherwise.
pub(super) const EXPIRES_AFTER_S: i64 = 7 * 24 * 3_600;

/// How long a file may take to decode. Ten minutes of sound take seconds, on a slow computer half a
/// minute: what takes longer was made to.
const MAX_WORK: Duration = Duration::from_secs(120);

/// A message on its way into the store.
struct Made {
    item: NewItem,
    delivery: NewDelivery,
    /// Its key for whoever sent it, if that is not a guardian.
    sender: Vec<(i64, SealedKey)>,
    /// What it needs to go on its way, unless a guardian listens first.
    ready: Option<Ready>,
}

/// A message's way, before it is looked at.
struct Way {
    sender: AccountId,
    child: ChildId,
    toy: ToyId,
    sent_at: Timestamp,
    due_at: Option<Timestamp>,
    leave: Option<Leave>,
    senders: Vec<Recipient>,
    screens: Vec<Recipient>,
}

/// Why a message was not stored after all.
enum Refused {
    MadeBefore(Before),
    NotGranted,
    Limit(u32),
    ToyRetired,
}

impl Hub {
    /// Sends a message to a child: the sound of a file.
    ///
    /// Returns when it is stored, with what became of it: one item, or several if it was to be split.
    /// What a relative sends waits for a guardian's approval, unless they need none for this child.
    pub async fn send_message(
        &self,
        by: &impl Asks,
        to: ChildId,
        file: Vec<u8>,
        how: Sending,
    ) -> Result<Vec<Item>, HubError> {
        let file = Zeroizing::new(file);
        let Sending { long, send_at, key } = how;
        let (role, account) = (by.role(), by.account());
        let long_word = long.map_or("", Long::word);
        let time = send_at.map_or([0; 8], |at| at.0.to_be_bytes());
        let has_time = [u8::from(send_at.is_some())];
        let asked: [&[u8]; 5] =
            [b"message\0", to.as_bytes(), &has_time, &time, long_word.as_bytes()];
        let request = self.request(account, key.as_ref(), &asked);
        let granted = move |tx: &Transaction<'_>| granted(tx, (role, account), to);
        let (today, tomorrow) = self.day().await?;
        let found = self.tools().store.read(move |tx| {
            let (is_known, grant) = granted(tx)?;
            let before = once::before(tx, request)?;
            let sent = items::sent_since(tx, account, to, today)?;
            let (senders, screens) =
                (recipients::of_account(tx, account)?, recipients::of_screens(tx, to)?);
            let household = household::find(tx)?;
            Ok((is_known, before, grant, sent, senders, screens, household))
        });
        let (is_known, before, grant, sent, senders, screens, household) = found.await?;
        if !is_known {
            return Err(HubError::NoSuchChild);
        }
        if let Some(before) = before {
            return self.answer_again(by, before).await;
        }
        self.has_room()?;
        let moment = self.moment();
        let sent_at = moment.now;
        let due_at = later::due_at(send_at, moment, household.as_ref())?;
        let until = tomorrow.0.saturating_sub(sent_at.0);
        let seconds = u32::try_from(until.max(1)).unwrap_or(u32::MAX);
        let limit = grant.and_then(|grant| grant.daily_limit);
        if let Some(limit) = limit.filter(|limit| *limit <= sent) {
            return Err(HubError::DailyLimit { limit, seconds });
        }
        let toy = self.toy_for(to).await?;
        let leave = Leave::of(role, grant.as_ref());
        let way = Way { sender: account, child: to, toy, sent_at, due_at, leave, senders, screens };
        let made = {
            let turn = self.turn_at_work().await?;
            let hub = self.clone();
            let work = move || {
                // Held by the work, not by whoever asked: they may leave.
                let _turn = turn;
                make(hub.tools(), &way, file, long)
            };
            tokio::task::spawn_blocking(work).await.map_err(|_stopping| HubError::Stopping)??
        };
        let ids: Vec<ItemId> = made.iter().map(|made| made.item.id).collect();

        let (hub, stored_ids, told_ids) = (self.clone(), ids.clone(), ids.clone());
        let store = move |tx: &Transaction<'_>| {
            // A guardian may have changed their mind while the sound was encoded.
            let (is_known, grant) = granted(tx)?;
            if !is_known {
                return Ok(Err(Refused::NotGranted));
            }
            // So may the same request have been made twice.
            if let Some(before) = once::before(tx, request)? {
                return Ok(Err(Refused::MadeBefore(before)));
            }
            let n_sent = items::sent_since(tx, account, to, today)?;
            let n_all = n_sent.saturating_add(u32::try_from(made.len()).unwrap_or(u32::MAX));
            let limit = grant.and_then(|grant| grant.daily_limit);
            if let Some(limit) = limit.filter(|limit| *limit < n_all) {
                return Ok(Err(Refused::Limit(limit)));
            }
            // Or the toy was retired.
            if !toys::is_to_stay(tx, toy)? {
                return Ok(Err(Refused::ToyRetired));
            }
            let leave = Leave::of(role, grant.as_ref());
            made.iter().try_for_each(|made| store(tx, made, leave))?;
            once::remember(tx, request, &stored_ids, sent_at).map(Ok)
        };
        let stored = async move {
            let stored = hub.tools().store.write(store).await?;
            if stored.is_ok() {
                hub.poke(toy);
                for id in told_ids {
                    hub.tools().bus.publish(Event::Item { id, child: to });
                }
            }
            Ok(stored)
        };
        // What is stored is told of, also when whoever sent it has left.
        match whole(stored).await? {
            Ok(()) => {}
            Err(Refused::MadeBefore(before)) => return self.answer_again(by, before).await,
            Err(Refused::NotGranted) => return Err(HubError::NoSuchChild),
            Err(Refused::ToyRetired) => return Err(HubError::NoToy),
            Err(Refused::Limit(limit)) => return Err(HubError::DailyLimit { limit, seconds }),
        }
        let mut sent = Vec::with_capacity(ids.len());
        for id in ids {
            sent.push(self.item(by, id).await?);
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

    /// Takes a message back: a relative their own only. One that lies in the toy is overwritten at
    /// the next contact.
    pub async fn withdraw(
        &self,
        by: &impl Asks,
        id: DeliveryId,
    ) -> Result<view::Delivery, HubError> {
        let who = (by.role(), by.account());
        if !self.tools().store.read(move |tx| approval::is_own(tx, who, id)).await? {
            return Err(HubError::NoSuchDelivery);
        }
        self.change(id, move |tx, now| deliveries::withdraw(tx, id, now)).await
    }

    /// Sends a message now that was sent for later: a relative their own only. It goes as if it had
    /// been sent just now; what waits for a guardian's approval, waits for that still.
    pub async fn send_now(
        &self,
        by: &impl Asks,
        id: DeliveryId,
    ) -> Result<view::Delivery, HubError> {
        let (who, moment) = ((by.role(), by.account()), self.moment());
        if !self.tools().store.read(move |tx| approval::is_own(tx, who, id)).await? {
            return Err(HubError::NoSuchDelivery);
        }
        let delivery = self.change(id, move |tx, now| {
            let Some(delivery) = deliveries::find(tx, id)? else { return Ok(false) };
            let is_clock_right = later::is_clock_right(tx, &[delivery], moment)?;
            if later::wait(delivery.due_at, now, is_clock_right).is_none() {
                return Ok(false);
            }
            stored::send_now(tx, id, now, now.after(EXPIRES_AFTER_S))
        });
        let delivery = delivery.await?;
        // The child's screens can open it from here on.
        publish_item(self.tools(), delivery.item).await?;
        Ok(delivery)
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
    pub(super) async fn change(
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
        let moment = self.moment();
        let seen = self.tools().store.read(move |tx| find(tx, id, moment)).await?;
        seen.ok_or(HubError::NoSuchDelivery)
    }

    /// Chooses the toy of a child that a message goes to: the one that is awake, else the first.
    async fn toy_for(&self, child: ChildId) -> Result<ToyId, HubError> {
        let mut toys = self.tools().store.read(move |tx| toys::of_child(tx, child)).await?;
        toys.retain(|toy| toy.retiring_at.is_none());
        let is_awake = |toy: ToyId| self.tools().bus.live(toy).presence == Presence::Awake;
        let awake = toys.iter().find(|toy| is_awake(toy.id));
        awake.or_else(|| toys.first()).map(|toy| toy.id).ok_or(HubError::NoToy)
    }
}

/// Whether somebody may send to a child, and what goes with that for a relative.
fn granted(
    tx: &Transaction<'_>,
    (role, account): (Role, AccountId),
    child: ChildId,
) -> Result<(bool, Option<Grant>), StoreError> {
    match role {
        Role::Guardian => Ok((children::find(tx, child)?.is_some(), None)),
        Role::Relative => {
            let grant = grants::find(tx, account, child)?;
            Ok((grant.is_some(), grant))
        }
        Role::ChildScreen => Ok((false, None)),
    }
}

/// Stores a message, and lets it go on its way if that is allowed still.
fn store(tx: &Transaction<'_>, made: &Made, leave: Option<Leave>) -> Result<(), StoreError> {
    let Made { item, delivery, sender, ready } = made;
    items::insert(tx, item)?;
    item_keys::insert_all(tx, item.id, sender)?;
    if let (Some(leave), Some(ready)) = (leave, ready) {
        let delivery = NewDelivery { state: DeliveryState::Queued, ..*delivery };
        deliveries::insert(tx, &delivery)?;
        return approval::let_go(tx, leave, &delivery, ready);
    }
    deliveries::insert(tx, delivery)
}

/// Makes messages of a sound: leveled, encoded for the toy, encoded to be kept, sealed.
fn make(
    tools: &Tools,
    way: &Way,
    file: Zeroizing<Vec<u8>>,
    long: Option<Long>,
) -> Result<Vec<Made>, HubError> {
    let wanted_ms = match long {
        // Before its loudness is measured: what is cut off must not decide how loud the rest is.
        Some(Long::Cut) => Clip::MAX_MS,
        None | Some(Long::Split) => LONGEST_MS,
    };
    let until = Instant::now() + MAX_WORK;
    let mut heard = audio::file::read(&file, wanted_ms, &|| Instant::now() < until)?;
    drop(file);
    let length_ms = heard.length_ms;
    match long {
        None if Clip::MAX_MS < length_ms => {
            return Err(HubError::TooLong { length_ms, slot_ms: Clip::MAX_MS });
        }
        Some(Long::Split) if LONGEST_MS < length_ms => {
            return Err(HubError::FarTooLong { length_ms, longest_ms: LONGEST_MS });
        }
        Some(Long::Cut) => heard.cut(Clip::MAX_MS),
        None | Some(Long::Split) => {}
    }
    let spoken = audio::level(heard.samples);
    let parts = match long {
        None | Some(Long::Cut) => vec![audio::clip::cut(&spoken)],
        Some(Long::Split) => audio::clip::split(&spoken),
    };
    parts.iter().map(|part| seal(tools, way, part)).collect()
}

fn seal(tools: &Tools, way: &Way, spoken: &Pcm) -> Result<Made, HubError> {
    let Way { sender, child, toy, sent_at, due_at, leave, senders, screens } = way;
    let (child, toy, sent_at, due_at) = (*child, *toy, *sent_at, *due_at);
    let id = ItemId::fresh();
    let sender = Some(*sender);
    let about = About { item: id, kind: Kind::Message, child: Some(child), sender };
    let content = new_content_key();
    let sound = Zeroizing::new(audio::keep::encode(spoken)?);
    let waveform = audio::waveform(spoken);
    let seal_for = |key: &_| content.seal_for(key, &about);
    // Without leave there is no clip that anything could send by mistake.
    let ready = match leave {
        None => None,
        Some(_) => Some(Ready {
            clip: tools.device.seal(&about_clip(id, child), Clip::encode(spoken)?.as_bytes())?,
            screens: approval::seal_for_all(screens, seal_for),
        }),
    };
    let sender_keys = approval::seal_for_all(senders, seal_for);
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
        key: content.key_for(&tools.household.key()?, &about),
    };
    let delivery = NewDelivery {
        id: DeliveryId::fresh(),
        item: id,
        toy,
        state: DeliveryState::AwaitingApproval,
        queued_at: sent_at,
        expires_at: due_at.unwrap_or(sent_at).after(EXPIRES_AFTER_S),
        due_at,
    };
    Ok(Made { item, delivery, sender: sender_keys, ready })
}

/// What a queued clip is sealed as: who sent it is for people to open, not for the keeper.
pub(super) fn about_clip(item: ItemId, child: ChildId) -> About {
    About { item, kind: Kind::Message, child: Some(child), sender: None }
}

/// A delivery as stored, and what is in its way.
pub(super) struct Seen {
    pub(super) row: deliveries::Delivery,
    is_behind_another: bool,
    wait: Option<Wait>,
    hush: Hush,
}

/// Finds a delivery.
pub(super) fn find(
    tx: &Transaction<'_>,
    id: DeliveryId,
    moment: Moment,
) -> Result<Option<Seen>, StoreError> {
    deliveries::find(tx, id)?.map(|row| see(tx, row, moment)).transpose()
}

/// Finds the delivery of a message.
pub(super) fn of_item(
    tx: &Transaction<'_>,
    item: ItemId,
    moment: Moment,
) -> Result<Option<Seen>, StoreError> {
    deliveries::of_item(tx, item)?.pop().map(|row| see(tx, row, moment)).transpose()
}

fn see(
    tx: &Transaction<'_>,
    row: deliveries::Delivery,
    moment: Moment,
) -> Result<Seen, StoreError> {
    let open = match row.state {
        DeliveryState::Queued => deliveries::open_of_toy(tx, row.toy)?,
        _ => vec![row],
    };
    let hush = if is_to_go(row.state) { hush_of(tx, row.toy, moment)? } else { Hush::Never };
    Ok(Queue::new(tx, open, moment)?.see(row, hush))
}

/// What is under way to a toy, in the order of the queue, and what the clock says.
struct Queue {
    open: Vec<deliveries::Delivery>,
    moment: Moment,
    is_clock_right: bool,
}

impl Queue {
    fn of(tx: &Transaction<'_>, toy: ToyId, moment: Moment) -> Result<Self, StoreError> {
        Self::new(tx, deliveries::open_of_toy(tx, toy)?, moment)
    }

    fn new(
        tx: &Transaction<'_>,
        open: Vec<deliveries::Delivery>,
        moment: Moment,
    ) -> Result<Self, StoreError> {
        let is_clock_right = later::is_clock_right(tx, &open, moment)?;
        Ok(Self { open, moment, is_clock_right })
    }

    fn queued(&self) -> impl Iterator<Item = deliveries::Delivery> {
        self.open.iter().filter(|row| row.state == DeliveryState::Queued).copied()
    }

    fn see(&self, row: deliveries::Delivery, hush: Hush) -> Seen {
        let is_behind_another = row.state == DeliveryState::Queued && self.is_behind_another(&row);
        let wait = self.wait(&row).filter(|_| is_to_go(row.state));
        Seen { row, is_behind_another, wait, hush }
    }

    fn wait(&self, row: &deliveries::Delivery) -> Option<Wait> {
        later::wait(row.due_at, self.moment.now, self.is_clock_right)
    }

    /// Returns whether a queued delivery has to wait for another one.
    fn is_behind_another(&self, row: &deliveries::Delivery) -> bool {
        let (before, after) = match self.open.iter().position(|other| other.id == row.id) {
            Some(place) => self.open.split_at(place),
            None => (self.open.as_slice(), [].as_slice()),
        };
        let holds_mailbox = |other: &deliveries::Delivery| {
            matches!(other.state, DeliveryState::OnToy | DeliveryState::Withdrawing)
        };
        let goes = |other: &deliveries::Delivery| {
            is_to_go(other.state)
                && !other.given_away
                && other.has_clip
                && self.wait(other).is_none()
        };
        before.iter().any(|other| holds_mailbox(other) || goes(other))
            || after.iter().any(holds_mailbox)
    }
}

/// Whether a message has its way before it, so that quiet hours are in it.
fn is_to_go(state: DeliveryState) -> bool {
    match state {
        DeliveryState::Failed(failure) => failure != Failure::Damaged,
        state => state == DeliveryState::Queued,
    }
}

fn hush_of(tx: &Transaction<'_>, toy: ToyId, moment: Moment) -> Result<Hush, StoreError> {
    match toys::child_of(tx, toy)? {
        Some(child) => quiet::of_child(tx, child, moment),
        None => Ok(Hush::Never),
    }
}

/// Tells everybody how a delivery stands, and those that wait for the same toy: what they wait for
/// may have changed with it.
pub(super) async fn publish_with_queue(tools: &Tools, id: DeliveryId) -> Result<(), StoreError> {
    let moment = Moment::of(&*tools.clock);
    let found = tools.store.read(move |tx| {
        let Some(row) = deliveries::find(tx, id)? else { return Ok(Vec::new()) };
        let hush = hush_of(tx, row.toy, moment)?;
        let queue = Queue::of(tx, row.toy, moment)?;
        let others = queue.queued().filter(|other| other.id != row.id);
        Ok(std::iter::once(row).chain(others).map(|row| queue.see(row, hush)).collect())
    });
    let found: Vec<Seen> = found.await?;
    for seen in found {
        tools.bus.publish(Event::Delivery(seen.with(&tools.bus)));
    }
    Ok(())
}

/// Tells everybody whom it concerns that there is a message.
pub(super) async fn publish_item(tools: &Tools, id: ItemId) -> Result<(), StoreError> {
    if let Some(item) = tools.store.read(move |tx| items::find(tx, id)).await? {
        tools.bus.publish(Event::Item { id, child: item.child });
    }
    Ok(())
}

/// Tells everybody what waits for a toy, and for what: something before it is gone.
pub(super) async fn publish_queue(tools: &Tools, toy: ToyId) -> Result<(), StoreError> {
    let moment = Moment::of(&*tools.clock);
    let found = tools.store.read(move |tx| {
        let (hush, queue) = (hush_of(tx, toy, moment)?, Queue::of(tx, toy, moment)?);
        Ok(queue.queued().map(|row| queue.see(row, hush)).collect())
    });
    let found: Vec<Seen> = found.await?;
    for seen in found {
        tools.bus.publish(Event::Delivery(seen.with(&tools.bus)));
    }
    Ok(())
}

impl Seen {
    /// Joins it with what is going on right now.
    pub(super) fn with(self, bus: &Bus) -> view::Delivery {
        let Self { row, is_behind_another, wait, hush } = self;
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
            due_at: send_at,
            given_away,
            has_clip,
        } = row;
        let sending = match (state, bus.live(toy).sending) {
            (DeliveryState::Queued | DeliveryState::Failed(_), Some((sent, percent))) => {
                (sent == id).then_some(percent)
            }
            _ => None,
        };
        let will_be_tried = state != DeliveryState::Failed(Failure::Damaged);
        let waits_for = match (state, wait, hush.told()) {
            (_, Some(Wait { until }), _) => Some(WaitsFor::Time { until }),
            (state, None, _) if given_away && is_to_go(state) => Some(WaitsFor::ToyOfTheirs),
            (state, None, _) if !has_clip && is_to_go(state) => Some(WaitsFor::Guardian),
            (DeliveryState::Queued, None, _) if is_behind_another => Some(WaitsFor::Previous),
            (state, None, Some(quiet)) if is_to_go(state) => {
                Some(WaitsFor::Quiet { until: quiet.until })
            }
            (DeliveryState::Queued, None, None) => Some(WaitsFor::Toy),
            _ => None,
        };
        let is_held_back = !matches!(waits_for, None | Some(WaitsFor::Toy | WaitsFor::Previous));
        let will_be_tried = will_be_tried && !is_held_back;
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
            send_at,
        }
    }
}
