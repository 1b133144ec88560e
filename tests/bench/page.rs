//! How much longer the first page of a long conversation takes than that of a short one.

use std::time::{Duration, Instant};

use hutch::{
    model::{ItemId, Timestamp},
    seal::{About, Kind, Part, PrivateKey as _, new_content_key},
    store::{
        Store, Transaction,
        items::{self, ItemKind, NewItem},
    },
};

use crate::{Bar, Figure, home::Home};

const FEW: u32 = 100;
/// More than a large family says in a lifetime.
const MANY: u32 = 2_200_000;
const AT_ONCE: u32 = 100_000;
const PAGE: u32 = 50;
const N_ROUNDS: usize = 1_000;

/// The 99th percentile with 2.2 million rows of less than 1 kB against that with 100.
pub(crate) fn first_page() -> Vec<Figure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let value = runtime.block_on(async {
        let (few, many) = (Conversation::of(FEW).await, Conversation::of(MANY).await);
        let (mut of_few, mut of_many) = (Vec::new(), Vec::new());
        for _ in 0..N_ROUNDS {
            of_few.push(few.open().await);
            of_many.push(many.open().await);
        }
        p99(of_many).as_secs_f64() / p99(of_few).as_secs_f64()
    });
    vec![Figure {
        what: "first page of 2.2 million items, compared with the first page of 100, p99",
        bar: Bar::TimesAsLong(2.0),
        value: Some(value),
    }]
}

fn p99(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100 - 1]
}

struct Conversation {
    home: Home,
    _folder: tempfile::TempDir,
}

impl Conversation {
    async fn of(n_items: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Store::open(folder.path()).unwrap()).await;
        // What is on no page here may be sealed for another item: it weighs the same.
        let old = recording(&home, 0, n_items);
        let n_old = n_items - PAGE;
        for from in (0..n_old).step_by(usize::try_from(AT_ONCE).unwrap()) {
            let old = old.clone();
            let fill = move |tx: &Transaction<'_>| {
                (from..n_old.min(from + AT_ONCE)).try_for_each(|n| {
                    let (id, recorded_at) = (id(n, n_items), at(n));
                    items::insert(tx, &NewItem { id, recorded_at, ..old.clone() })
                })
            };
            home.tools.store.write(fill).await.unwrap();
        }
        let new: Vec<_> = (n_old..n_items).map(|n| recording(&home, n, n_items)).collect();
        let fill =
            move |tx: &Transaction<'_>| new.iter().try_for_each(|item| items::insert(tx, item));
        home.tools.store.write(fill).await.unwrap();
        Self { home, _folder: folder }
    }

    async fn open(&self) -> Duration {
        let Home { hub, guardian, child, .. } = &self.home;
        let started = Instant::now();
        let page = hub.items(guardian, *child, None, PAGE).await.unwrap();
        let took = started.elapsed();
        assert_eq!(page.items.len(), usize::try_from(PAGE).unwrap());
        took
    }
}

fn recording(home: &Home, n: u32, n_items: u32) -> NewItem {
    let id = id(n, n_items);
    let about = About { item: id, kind: Kind::Recording, child: Some(home.child), sender: None };
    let content = new_content_key();
    NewItem {
        id,
        kind: ItemKind::Recording,
        child: home.child,
        sender: None,
        toy: Some(home.toy),
        recorded_at: at(n),
        length_ms: 1_000,
        while_away: false,
        sound: content.seal(Part::Sound, &about, &[0; 64]).unwrap(),
        waveform: content.seal(Part::Waveform, &about, &[9; 64]).unwrap(),
        key: content.key_for(&home.household.public(), &about),
    }
}

/// Identifiers are random in truth. Here those of the last page lie as far apart, among all others,
/// but the others come in their order: two million at random places would take an hour to write.
fn id(n: u32, n_items: u32) -> ItemId {
    let n_old = n_items - PAGE;
    let (place, beside) = match n.checked_sub(n_old) {
        None => (n, 0),
        Some(n) => (n_old / PAGE * n, 1_u128),
    };
    let step = u128::MAX / u128::from(n_items);
    ItemId::from_bytes((step * u128::from(place) + beside).to_be_bytes())
}

fn at(n: u32) -> Timestamp {
    Timestamp(n.into())
}
