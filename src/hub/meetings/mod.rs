//! Meetings: a toy that is not adopted is looked at, because a guardian asked, and may be adopted
//! then.
//!
//! There is one at a time. It leaves nothing in the store unless the toy is adopted, and the toy as it
//! was found: out of game mode, its heart dark.

mod encounter;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{Timestamp as Instant, tz::TimeZone};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use self::encounter::{Encounter, Met};
use super::{
    Fresh as _, Guardian, Hub, HubError, accounts,
    bus::Bus,
    keeper::Charge,
    toys,
    view::{Event, Meeting, MeetingState, Toy, WhyNot},
};
use crate::{
    model::{Character, ChildId, Deed, MeetingId, Timestamp, ToyAddress},
    store::{StoreError, activity, children, giving, toys as stored},
    toy::wire::ConfigId,
};

/// How many meetings are remembered, so that a page that looks after an hour hears how its own ended.
const REMEMBERED: usize = 8;

/// How long one who ends a meeting waits until the toy is let go.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// The meetings of late: the last is the one that may be going on.
#[derive(Default)]
pub(super) struct Meetings(Mutex<VecDeque<Arc<Held>>>);

/// A meeting, as whoever asks for it has it.
struct Held {
    bus: Arc<Bus>,
    seen: Mutex<Meeting>,
    /// What is wanted of it.
    asks: mpsc::Sender<Ask>,
    /// Cancelled when it is to end.
    cancel: CancellationToken,
    /// Cancelled once the toy is let go.
    ended: CancellationToken,
    /// Held by whoever adopts the toy: one at a time.
    adopting: tokio::sync::Mutex<()>,
}

/// What is wanted of a meeting at which a paw was squeezed.
enum Ask {
    /// Give the toy this identifier, should it have none, and say what was seen of it.
    Identify(ConfigId, oneshot::Sender<Met>),
    /// It has come to this.
    End(MeetingState),
}

/// How a toy is to be adopted.
pub struct Adoption {
    /// The meeting at which a paw was squeezed.
    pub meeting: MeetingId,
    /// Whose it becomes.
    pub child: ChildId,
    /// What the family calls it.
    pub name: String,
    /// The animal that it is, should it not say so itself.
    pub character: Option<Character>,
}

/// Why a toy was not stored after all.
enum Refused {
    Taken,
    NoSuchChild,
}

impl Hub {
    /// Begins to look at a toy that is heard and not adopted. Another meeting ends.
    pub async fn meet(&self, by: &Guardian, address: ToyAddress) -> Result<Meeting, HubError> {
        let heard = self.tools().radio.heard().into_iter().find(|heard| heard.address == address);
        let heard = heard.ok_or(HubError::NotHeard)?;
        let adopted = self.tools().store.read(move |tx| stored::at_address(tx, address)).await?;
        if adopted.is_some() {
            return Err(HubError::AlreadyAdopted);
        }
        let (asks, asked) = mpsc::channel(1);
        let meeting = Meeting {
            id: MeetingId::fresh(),
            address,
            state: MeetingState::Connecting,
            character: heard.config.as_ref().and_then(ConfigId::character),
        };
        let before = self.0.meetings.last();
        self.0.tasks.begin(|stop| {
            let held = Arc::new(Held {
                bus: Arc::clone(&self.tools().bus),
                seen: Mutex::new(meeting),
                asks,
                cancel: stop,
                ended: CancellationToken::new(),
                adopting: tokio::sync::Mutex::default(),
            });
            self.0.meetings.add(Arc::clone(&held));
            let encounter = Encounter::new(Arc::clone(&self.0.tools), held, asked, heard);
            let probes = self.0.probes.clone();
            async move {
                if let Some(before) = before {
                    before.end().await;
                }
                probes.end().await;
                encounter.run().await;
            }
        })?;
        tracing::info!(account.id = %by.account(), meeting.id = %meeting.id, "a toy is met");
        self.tools().bus.publish(Event::Meeting(meeting));
        Ok(meeting)
    }

    /// Returns how far a meeting has come.
    pub fn meeting(&self, _by: &Guardian, id: MeetingId) -> Result<Meeting, HubError> {
        Ok(self.held(id)?.seen())
    }

    /// Ends a meeting, if it has not ended. Returns when the toy is let go.
    pub async fn end_meeting(&self, _by: &Guardian, id: MeetingId) -> Result<(), HubError> {
        self.held(id)?.end().await;
        Ok(())
    }

    /// Adopts the toy of a meeting at which a paw was squeezed. Its keeper starts at once.
    pub async fn adopt(&self, by: &Guardian, adoption: Adoption) -> Result<Toy, HubError> {
        let Adoption { meeting: id, child, name, character } = adoption;
        let name = accounts::tidy(&name)?;
        let held = self.held(id)?;
        let _turn = held.adopting.lock().await;
        let Meeting { address, state, character: told, .. } = held.seen();
        if state != MeetingState::Squeezed {
            return Err(HubError::NotSqueezed);
        }
        let character = told.or(character).ok_or(HubError::CharacterMissing)?;
        let found = self.tools().store.read(move |tx| children::find(tx, child)).await?;
        if found.is_none() {
            return Err(HubError::NoSuchChild);
        }
        let Met { baseline } = held.identify(identifier(character, self.now())).await?;

        let made = toys::make(self.tools(), child, address, character, &name)?;
        let new = stored::NewToy { baseline, ..made };
        let toy = new.id;
        let note = self.note(by, Deed::ToyAdopted).to(toy.as_bytes()).of_child(child);
        let adopted = self.tools().store.write(move |tx| {
            if stored::at_address(tx, address)?.is_some() {
                return Ok(Err(Refused::Taken));
            }
            if children::find(tx, child)?.is_none() {
                return Ok(Err(Refused::NoSuchChild));
            }
            stored::insert(tx, &new)?;
            giving::send_on(tx, child, &[toy])?;
            activity::insert(tx, &note)?;
            Ok::<_, StoreError>(Ok(()))
        });
        match adopted.await? {
            Ok(()) => {}
            Err(Refused::NoSuchChild) => return Err(HubError::NoSuchChild),
            Err(Refused::Taken) => {
                held.come_to(MeetingState::Failed(WhyNot::Taken)).await;
                return Err(HubError::AlreadyAdopted);
            }
        }
        tracing::info!(account.id = %by.account(), toy.id = %toy, child.id = %child, "a toy was adopted");
        if let Some(playroom) = self.playroom() {
            playroom.adopted(address, toy);
        }
        // The keeper wants the link that the meeting holds.
        held.come_to(MeetingState::Adopted).await;
        self.look_after(Charge { toy, address, child })?;
        self.tools().bus.publish(Event::Changed);
        self.toy(by, toy).await
    }

    fn held(&self, id: MeetingId) -> Result<Arc<Held>, HubError> {
        let all = self.0.meetings.all();
        let held = all.iter().find(|held| held.seen().id == id);
        held.cloned().ok_or(HubError::NoSuchMeeting)
    }
}

impl Meetings {
    fn last(&self) -> Option<Arc<Held>> {
        self.all().back().cloned()
    }

    /// Returns whether a toy is met at this moment.
    pub(super) fn is_going_on(&self) -> bool {
        self.last().is_some_and(|held| !held.ended.is_cancelled())
    }

    fn add(&self, held: Arc<Held>) {
        let mut all = self.all();
        while REMEMBERED <= all.len() {
            all.pop_front();
        }
        all.push_back(held);
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<Arc<Held>>> {
        // Every change is one call; a panic cannot leave one half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn seen(&self) -> Meeting {
        *self.meeting()
    }

    fn change(&self, change: impl FnOnce(&mut Meeting)) {
        let meeting = {
            let mut meeting = self.meeting();
            change(&mut meeting);
            *meeting
        };
        self.bus.publish(Event::Meeting(meeting));
    }

    fn meeting(&self) -> MutexGuard<'_, Meeting> {
        // Every change is a plain assignment; a panic cannot leave one half done.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends it, and waits until the toy is let go.
    async fn end(&self) {
        self.cancel.cancel();
        self.has_ended().await;
    }

    /// Lets it come to an end of its own, and waits until the toy is let go.
    async fn come_to(&self, end: MeetingState) {
        // It may have ended by itself meanwhile.
        drop(self.asks.send(Ask::End(end)).await);
        self.has_ended().await;
        if self.seen().state != end {
            self.change(|meeting| meeting.state = end);
        }
    }

    async fn has_ended(&self) {
        if timeout(ENDS_WITHIN, self.ended.cancelled()).await.is_err() {
            tracing::warn!("a meeting did not end in time");
        }
    }

    async fn identify(&self, id: ConfigId) -> Result<Met, HubError> {
        let (met, answer) = oneshot::channel();
        let asked = self.asks.send(Ask::Identify(id, met)).await;
        asked.map_err(|_ended| HubError::NotSqueezed)?;
        answer.await.map_err(|_ended| HubError::NotSqueezed)
    }
}

/// Returns the identifier of a toy that is adopted now, by universal time.
fn identifier(character: Character, now: Timestamp) -> ConfigId {
    let at = Instant::from_second(now.0).unwrap_or(Instant::UNIX_EPOCH);
    let at = TimeZone::UTC.to_datetime(at);
    let fields = [at.month(), at.day(), at.hour(), at.minute(), at.second()];
    let fields = fields.map(|field| u8::try_from(field).unwrap_or(0));
    ConfigId::new(character, fields).expect("a calendar's numbers have two digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_the_animal_and_the_time() {
        // 2023-11-14 22:13:20 UTC.
        let at = Timestamp(1_700_000_000);

        assert_eq!(identifier(Character::Rabbit, at).to_string(), "0311_14_22_13_20");
        for character in Character::ALL {
            assert_eq!(identifier(character, at).character(), Some(character));
        }
        // A clock that shows a year that no calendar has.
        assert_eq!(
            identifier(Character::Bear, Timestamp(i64::MAX)).to_string(),
            "0001_01_00_00_00"
        );
    }
}
