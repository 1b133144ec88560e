//! What whoever listens hears of what happens.

use tokio::sync::broadcast::error::RecvError;

use super::{Asks, Event, Hub, items};
use crate::model::{AccountId, ItemId, SessionId};

/// How far a change of the household's keys has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyProgress {
    /// How many items are sealed anew.
    pub done: u32,
    /// Of how many.
    pub of: u32,
}

impl Hub {
    /// Begins to listen to what happens, for as long as the session lasts.
    pub fn events(&self, by: &impl Asks) -> Events {
        let (session, account, reader) = (by.session(), by.account(), by.reader());
        Events { hub: self.clone(), bus: self.tools().bus.listen(), session, account, reader }
    }
}

/// A listener's end of the bus, as long as its session lasts. It hears of what it may see.
pub struct Events {
    hub: Hub,
    bus: tokio::sync::broadcast::Receiver<Event>,
    session: SessionId,
    account: AccountId,
    reader: Option<AccountId>,
}

impl Events {
    /// Returns the next event, or nothing when the hub stops or the session has ended.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            match self.bus.recv().await {
                Ok(Event::SessionEnded(session, _)) if session == self.session => return None,
                Ok(Event::SessionBegan(account) | Event::SessionEnded(_, account))
                    if account != self.account => {}
                Ok(event) => {
                    let event = match self.reader {
                        None => for_guardian(event),
                        Some(reader) => self.for_account(event, reader).await,
                    };
                    if event.is_some() {
                        return event;
                    }
                }
                Err(RecvError::Lagged(_)) => return Some(Event::Lagged),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Returns the session that listens.
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// Returns who listens.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Returns what a relative or child screen may hear of an event.
    async fn for_account(&self, event: Event, reader: AccountId) -> Option<Event> {
        match event {
            Event::Delivery(ref delivery) => {
                self.may_open(delivery.item, reader).await.then_some(event)
            }
            Event::Item { id, .. } => self.may_open(id, reader).await.then_some(event),
            Event::Erased { ref readers, .. } => readers.contains(&reader).then_some(event),
            // Also when it was taken away: that it was there, they know.
            Event::Shared { id, child, account } => {
                (account == reader).then_some(Event::Item { id, child })
            }
            Event::Changed | Event::Lagged | Event::SessionBegan(_) | Event::SessionEnded(..) => {
                Some(event)
            }
            Event::Toy { .. }
            | Event::Radio(_)
            | Event::Meeting(_)
            | Event::DemoToy(_)
            | Event::Keys(_)
            | Event::Care => None,
        }
    }

    async fn may_open(&self, item: ItemId, reader: AccountId) -> bool {
        let found =
            self.hub.tools().store.read(move |tx| items::find(tx, Some(reader), item)).await;
        found.is_ok_and(|item| item.is_some())
    }
}

fn for_guardian(event: Event) -> Option<Event> {
    match event {
        // There was an event of the item, too.
        Event::Shared { .. } => None,
        event => Some(event),
    }
}
