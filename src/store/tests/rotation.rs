//! A change of the household's keys, piece by piece.

use std::collections::BTreeSet;

use super::*;
use crate::{
    model::AccountId,
    seal::{KeyFor, SealError},
    store::rotation::{NewRotation, begin, find, finish, left, previous, seal_anew},
};

struct Change {
    home: Household,
    next: HouseholdKey,
}

impl Change {
    /// A household with three messages, and a key that is to take the place of its own.
    fn new(tx: &Transaction<'_>) -> Self {
        let home = Household::new();
        home.move_in(tx).unwrap();
        for n in 1..=3 {
            items::insert(tx, &home.message(item(n), child(1), 3_000)).unwrap();
        }
        Self { home, next: HouseholdKey::generate() }
    }

    fn begin(&self, tx: &Transaction<'_>) -> bool {
        let new = NewRotation {
            public_key: self.next.public(),
            previous: self.home.key.seal_for_next(&self.next),
            begun_by: AccountId::from_bytes([9; 16]),
            begun_at: Timestamp(4_000),
        };
        begin(tx, &new).unwrap()
    }

    fn anew(&self, kept: &item_keys::Kept) -> Result<KeyFor, SealError> {
        let content = self.home.key.open(kept.key.as_ref().unwrap(), &kept.about)?;
        Ok(content.key_for(&self.next.public(), &kept.about))
    }

    /// Seals this many anew of those that are left.
    fn go_on(&self, tx: &Transaction<'_>, limit: u32) {
        for kept in left(tx, None, limit).unwrap() {
            seal_anew(tx, kept.about.item, &self.anew(&kept).unwrap()).unwrap();
        }
    }

    /// By which of the two keys a message opens.
    fn opens(&self, tx: &Transaction<'_>, n: u32) -> (bool, bool) {
        let stored = items::find(tx, item(n)).unwrap().unwrap().key.unwrap();
        let about = about(item(n), child(1));
        (self.home.key.open(&stored, &about).is_ok(), self.next.open(&stored, &about).is_ok())
    }
}

#[test]
fn each_item_opens_by_one_of_the_two_keys_at_every_step() {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    let change = Change::new(&tx);
    // Three messages, and the names of a child and two toys.
    assert!(change.begin(&tx));
    assert_eq!(find(&tx).unwrap().map(|found| (found.n_items, found.n_left)), Some((6, 6)));

    for left in (0..6).rev() {
        for n in 1..=3 {
            let (old, new) = change.opens(&tx, n);
            assert!(old != new, "{n}, {left} left");
        }
        assert!(!finish(&tx, &BTreeSet::new()).unwrap());
        change.go_on(&tx, 1);
        assert_eq!(find(&tx).unwrap().unwrap().n_left, left);
    }

    assert!(finish(&tx, &BTreeSet::new()).unwrap());
    for n in 1..=3 {
        assert_eq!(change.opens(&tx, n), (false, true));
    }
    assert!(find(&tx).unwrap().is_none());
    assert!(previous(&tx).unwrap().is_none());
    assert!(finish(&tx, &BTreeSet::new()).unwrap(), "once more does nothing");
}

#[test]
fn only_one_change_is_under_way() {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    let change = Change::new(&tx);
    let second = Change { home: Household::new(), next: HouseholdKey::generate() };

    assert!(change.begin(&tx));

    assert!(!second.begin(&tx));
    assert_eq!(recipients::household_key(&tx).unwrap(), Some(Ok(change.next.public())));
    change.go_on(&tx, 10);
    assert!(finish(&tx, &BTreeSet::new()).unwrap());
    assert!(second.begin(&tx));
}

#[test]
fn what_was_on_its_way_when_keys_changed_is_sealed_anew_or_refused() {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    let change = Change::new(&tx);
    assert!(change.begin(&tx));
    change.go_on(&tx, 10);

    // Sealed for the key before, stored only now.
    items::insert(&tx, &change.home.message(item(4), child(1), 5_000)).unwrap();
    assert!(!finish(&tx, &BTreeSet::new()).unwrap());
    change.go_on(&tx, 10);
    assert!(finish(&tx, &BTreeSet::new()).unwrap());

    assert_eq!(change.opens(&tx, 4), (false, true));
    let late = items::insert(&tx, &change.home.message(item(5), child(1), 6_000));
    assert!(matches!(late, Err(StoreError::KeyGivenUp)));
}

#[test]
fn what_opens_by_no_key_holds_nothing_up() {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    let change = Change::new(&tx);
    // A row that was moved by hand.
    tx.execute_batch(
        "update item_key set sealed = (select sealed from item_key order by item desc limit 1)
         where item = (select min(item) from item_key)",
    )
    .unwrap();
    assert!(change.begin(&tx));
    let mut broken = BTreeSet::new();
    for kept in left(&tx, None, 10).unwrap() {
        match change.anew(&kept) {
            Ok(key) => seal_anew(&tx, kept.about.item, &key).unwrap(),
            Err(_) => {
                broken.insert(kept.about.item);
            }
        }
    }

    assert_eq!(broken.len(), 1);
    assert!(!finish(&tx, &BTreeSet::new()).unwrap());
    // As many are left as are broken, but another one is among them.
    let other = BTreeSet::from([item(3)]);
    assert!(!finish(&tx, &other).unwrap());
    assert!(finish(&tx, &broken).unwrap());
}

#[test]
fn items_that_are_left_come_in_pages() {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    let change = Change::new(&tx);
    assert!(change.begin(&tx));

    let first = left(&tx, None, 4).unwrap();
    let rest = left(&tx, Some(first.last().unwrap().about.item), 4).unwrap();

    let mut all: Vec<_> = first.iter().chain(&rest).map(|kept| kept.about.item).collect();
    assert_eq!((first.len(), rest.len()), (4, 2));
    all.dedup();
    assert_eq!(all.len(), 6);
    // One that is gone meanwhile stays gone.
    let gone = rest.first().unwrap();
    let key = change.anew(gone).unwrap();
    tx.execute("delete from item where id = ?1", [gone.about.item.as_bytes().as_slice()]).unwrap();
    seal_anew(&tx, gone.about.item, &key).unwrap();
    assert_eq!(find(&tx).unwrap().unwrap().n_left, 5);
}
