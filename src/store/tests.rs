//! A household to store, and the tests of opening, working and each table.

mod chain;
mod erasing;
mod opening;
mod paging;
mod rotation;
mod ruling;
mod tables;
mod working;

use rusqlite::{Connection, Transaction};

use super::{
    children::NewChild,
    deliveries::NewDelivery,
    items::{ItemKind, NewItem},
    profiles::NewProfile,
    toys::NewToy,
    *,
};
use crate::{
    model::{
        Baseline, Character, ChildId, DeliveryId, DeliveryState, ItemId, Timestamp, ToyAddress,
        ToyId,
    },
    seal::{
        About, ContentKey, DeviceKey, Kind, Part, PrivateKey as _, Sealed, SealedKey,
        household::HouseholdKey, new_content_key,
    },
};

const NAME: &str = "Wilhelmina-the-brave";
const SOUND: &[u8] = b"good night little one, sleep well and dream of the sea";

/// Makes what a hub would store. The numbers become identifiers.
struct Household {
    key: HouseholdKey,
    device: DeviceKey,
}

impl Household {
    fn new() -> Self {
        Self { key: HouseholdKey::generate(), device: DeviceKey::generate() }
    }

    fn profile(&self, kind: Kind, child: Option<ChildId>, n: u8) -> NewProfile {
        let item = ItemId::from_bytes([n; 16]);
        let about = About { item, kind, child, sender: None };
        let content = new_content_key();
        let name = content.seal(Part::Text, &about, NAME.as_bytes()).unwrap();
        NewProfile { item, name, key: content.key_for(&self.key.public(), &about) }
    }

    fn child(&self, n: u8) -> NewChild {
        NewChild {
            id: child(n),
            created_at: Timestamp(1_000),
            profile: self.profile(Kind::ChildProfile, Some(child(n)), 0x40 + n),
            animal: Character::Dog,
            color: "plum".to_owned(),
        }
    }

    fn toy(&self, n: u8, child: ChildId) -> NewToy {
        NewToy {
            id: toy(n),
            child,
            address: ToyAddress([1, 2, 3, 4, 5, n]),
            character: Character::Cat,
            adopted_at: Timestamp(2_000),
            baseline: Baseline::default(),
            profile: self.profile(Kind::ToyProfile, None, 0x80 + n),
        }
    }

    fn message(&self, id: ItemId, child: ChildId, at: i64) -> NewItem {
        let content = new_content_key();
        let about = about(id, child);
        NewItem {
            id,
            kind: ItemKind::Message,
            child,
            sender: None,
            toy: None,
            recorded_at: Timestamp(at),
            length_ms: 1_500,
            while_away: false,
            sound: content.seal(Part::Sound, &about, SOUND).unwrap(),
            waveform: content.seal(Part::Waveform, &about, &[0x5a; 64]).unwrap(),
            key: content.key_for(&self.key.public(), &about),
        }
    }

    fn clip(&self, id: ItemId, child: ChildId) -> Sealed {
        self.device.seal(&about(id, child), SOUND).unwrap()
    }

    fn open(&self, key: &Stored<SealedKey>, about: &About) -> ContentKey {
        self.key.open(key.as_ref().unwrap(), about).unwrap()
    }

    /// Stores the household's key, child 1 and its toys 1 and 2.
    fn move_in(&self, tx: &Transaction<'_>) -> Result<(), StoreError> {
        recipients::set_household(tx, &self.key.public(), Timestamp(500))?;
        children::insert(tx, &self.child(1))?;
        toys::insert(tx, &self.toy(1, child(1)))?;
        toys::insert(tx, &self.toy(2, child(1)))
    }
}

fn child(n: u8) -> ChildId {
    ChildId::from_bytes([n; 16])
}

fn toy(n: u8) -> ToyId {
    ToyId::from_bytes([n; 16])
}

fn item(n: u32) -> ItemId {
    let mut bytes = [0xee; 16];
    bytes[..4].copy_from_slice(&n.to_be_bytes());
    ItemId::from_bytes(bytes)
}

fn delivery(n: u8) -> DeliveryId {
    DeliveryId::from_bytes([n; 16])
}

fn queued(n: u8, to: ToyId, at: i64) -> NewDelivery {
    NewDelivery {
        id: delivery(n),
        item: item(1),
        toy: to,
        state: DeliveryState::Queued,
        queued_at: Timestamp(at),
        expires_at: Timestamp(at + 604_800),
        due_at: None,
    }
}

fn about(id: ItemId, child: ChildId) -> About {
    About { item: id, kind: Kind::Message, child: Some(child), sender: None }
}

/// An empty database without a store around it.
fn empty() -> Connection {
    open::in_memory().unwrap()
}

/// Every text that a person or a log could get to see.
fn texts(error: &StoreError) -> String {
    let mut texts = vec![error.to_string(), format!("{error:?}")];
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        texts.push(cause.to_string());
        source = cause.source();
    }
    texts.join("\n")
}
