//! A long conversation is opened as fast as a short one.

use std::time::Duration;

use hutch::{
    model::{ItemId, Timestamp},
    seal::{About, Kind, Part, PrivateKey as _, new_content_key},
    store::{
        Store, Transaction,
        items::{self, ItemKind, NewItem},
    },
};
use tokio::time::Instant;

use crate::house::House;

const FEW: u32 = 100;
const MANY: u32 = 100_000;
/// What the first page shows.
const PAGE: u32 = 50;

/// How much longer the first page may take among many than among few, at the 99th percentile.
const AT_MOST: f64 = 1.3;
const N_ROUNDS: usize = 500;
/// A machine that does something else meanwhile spoils a try, never all of them.
const N_TRIES: usize = 3;

#[tokio::test]
async fn the_first_page_of_100_000_items_is_as_fast_as_that_of_100() {
    let (few, many) = (Conversation::of(FEW).await, Conversation::of(MANY).await);

    let mut ratios = Vec::new();
    for _ in 0..N_TRIES {
        let ratio = ratio(&few, &many).await;
        ratios.push(ratio);
        if ratio <= AT_MOST {
            return;
        }
    }
    panic!("each time slower than {AT_MOST} times: {ratios:?}");
}

/// Opens both by turns, and compares the 99th percentiles.
async fn ratio(few: &Conversation, many: &Conversation) -> f64 {
    let (mut of_few, mut of_many) = (Vec::new(), Vec::new());
    for round in 0..N_ROUNDS {
        // Neither is always the one that comes first.
        if round % 2 == 0 {
            of_few.push(few.open().await);
            of_many.push(many.open().await);
        } else {
            of_many.push(many.open().await);
            of_few.push(few.open().await);
        }
    }
    p99(of_many).as_secs_f64() / p99(of_few).as_secs_f64()
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100 - 1]
}

/// A household whose store is a file, with a conversation of a certain length in it.
struct Conversation {
    house: House,
    newest: ItemId,
    _folder: tempfile::TempDir,
}

impl Conversation {
    async fn of(n_items: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = House::with_store(Store::open(folder.path()).unwrap()).await;
        // What no page here shows may be sealed for another item: it weighs the same.
        let oldest = recording(&house, 0);
        let newest: Vec<_> = (n_items - PAGE..n_items).map(|n| recording(&house, n)).collect();
        let fill = move |tx: &Transaction<'_>| {
            for n in 0..n_items - PAGE {
                items::insert(tx, &NewItem { id: id(n), recorded_at: at(n), ..oldest.clone() })?;
            }
            newest.iter().try_for_each(|item| items::insert(tx, item))
        };
        house.tools.store.write(fill).await.unwrap();
        Self { house, newest: id(n_items - 1), _folder: folder }
    }

    /// Opens the first page and returns how long that took.
    async fn open(&self) -> Duration {
        let House { hub, guardian, child, .. } = &self.house;
        let started = Instant::now();
        let page = hub.items(guardian, *child, None, PAGE).await.unwrap();
        let took = started.elapsed();
        assert_eq!(page.items.len(), usize::try_from(PAGE).unwrap());
        assert_eq!(page.items[0].id, self.newest);
        took
    }
}

/// What a toy would have recorded as the n-th.
fn recording(house: &House, n: u32) -> NewItem {
    let about =
        About { item: id(n), kind: Kind::Recording, child: Some(house.child), sender: None };
    let content = new_content_key();
    NewItem {
        id: id(n),
        kind: ItemKind::Recording,
        child: house.child,
        sender: None,
        toy: Some(house.toy_id),
        recorded_at: at(n),
        length_ms: 1_000,
        while_away: false,
        sound: content.seal(Part::Sound, &about, &[0; 64]).unwrap(),
        waveform: content.seal(Part::Waveform, &about, &[9; 64]).unwrap(),
        key: content.key_for(&house.household.public(), &about),
    }
}

/// Identifiers are random in truth: these lie as far apart in the indexes.
fn id(n: u32) -> ItemId {
    let spread = u128::from(n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
    ItemId::from_bytes(spread.to_be_bytes())
}

fn at(n: u32) -> Timestamp {
    Timestamp(n.into())
}
