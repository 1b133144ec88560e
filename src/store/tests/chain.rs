//! The chain of what was done: what shows, and what is forgotten without a trace in it.

use std::collections::BTreeSet;

use super::{
    activity::{Entry, Head, Place, forget_places, head, insert, page},
    *,
};
use crate::model::{AccountId, Deed};

fn entry(n: i64) -> Entry {
    let place = Place {
        salt: [7; 16],
        address: "192.168.1.7".to_owned(),
        device: "Firefox on Android".to_owned(),
    };
    let entry = Entry::new(Timestamp(n * 1_000), Deed::SignedIn);
    Entry { place: Some(place), ..entry.by(AccountId::from_bytes([1; 16])) }
}

fn check(
    tx: &Transaction<'_>,
    remembered: Option<Head>,
) -> Result<Result<Option<Head>, i64>, StoreError> {
    activity::check(tx, remembered, &BTreeSet::new())
}

/// Adds five rows; returns every link.
fn five(tx: &Transaction<'_>) -> Vec<Head> {
    let add = |n| {
        assert_eq!(insert(tx, &entry(n)).unwrap(), n);
        head(tx).unwrap().unwrap()
    };
    (1..=5).map(add).collect()
}

#[test]
fn an_untouched_chain_holds_whatever_is_remembered_of_it() {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    assert_eq!(check(&tx, None).unwrap(), Ok(None));

    let links = five(&tx);

    assert_eq!(check(&tx, None).unwrap(), Ok(links.last().copied()));
    for link in &links {
        assert_eq!(check(&tx, Some(*link)).unwrap(), Ok(links.last().copied()));
    }
}

#[test]
fn an_edit_a_gap_or_a_cut_shows() {
    let statements = [
        ("update activity set at = 2001 where id = 2", 2),
        ("update activity set account = null where id = 3", 3),
        ("update activity set account = null, subject = account where id = 3", 3),
        ("update activity set account = null, item = account where id = 3", 3),
        ("update activity set deed = 'signed_out' where id = 1", 1),
        ("update activity set n = 0 where id = 5", 5),
        ("update activity set place_hash = null where id = 4", 4),
        ("update activity set chain = zeroblob(32) where id = 5", 5),
        ("update activity_place set address = '192.168.1.8' where activity = 2", 2),
        ("update activity_place set device = 'Firefox on Linux' where activity = 3", 3),
        ("update activity_place set salt = zeroblob(16) where activity = 4", 4),
        ("delete from activity where id = 1", 1),
        ("delete from activity where id = 3", 3),
    ];
    for (statement, broken) in statements {
        let mut connection = empty();
        let tx = connection.transaction().unwrap();
        five(&tx);

        tx.execute_batch(statement).unwrap();

        assert_eq!(check(&tx, None).unwrap(), Err(broken), "{statement}");
    }
}

#[test]
fn what_was_chained_anew_shows_to_whoever_remembers() {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    let links = five(&tx);
    tx.execute_batch("delete from activity where 2 < id").unwrap();
    // Cut short: nothing is wrong with what is left.
    assert!(check(&tx, None).unwrap().is_ok());
    assert_eq!(check(&tx, links.last().copied()).unwrap(), Err(3));

    for n in 3..=6 {
        insert(&tx, &Entry { account: None, ..entry(n) }).unwrap();
    }

    assert!(check(&tx, None).unwrap().is_ok());
    assert!(check(&tx, Some(links[1])).unwrap().is_ok());
    assert_eq!(check(&tx, Some(links[4])).unwrap(), Err(5));
}

#[test]
fn what_somebody_has_looked_at_hides_nothing_else() {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    let end = five(&tx).last().copied();
    let check = |remembered, looked_at: &[i64]| {
        activity::check(&tx, remembered, &looked_at.iter().copied().collect()).unwrap()
    };
    tx.execute_batch("update activity set at = 1 where id = 2").unwrap();
    assert_eq!(check(end, &[]), Err(2));
    assert_eq!(check(end, &[2]), Ok(end));

    tx.execute_batch("update activity set at = 1 where id = 4").unwrap();
    assert_eq!(check(end, &[2]), Err(4));
    assert_eq!(check(end, &[4]), Err(2));
    assert_eq!(check(end, &[2, 4]), Ok(end));

    tx.execute_batch("delete from activity where id = 3").unwrap();
    assert_eq!(check(end, &[2, 4]), Err(3));
    assert_eq!(check(end, &[2, 3]), Ok(end), "what follows a gap chains to what is not there");

    tx.execute_batch("delete from activity where id in (4, 5)").unwrap();
    insert(&tx, &Entry { account: None, ..entry(3) }).unwrap();
    insert(&tx, &Entry { place: None, ..entry(4) }).unwrap();
    insert(&tx, &entry(5)).unwrap();
    assert_eq!(check(end, &[2, 5]), Err(5), "what is remembered counts nevertheless");
    tx.execute_batch("delete from activity where id = 5; update activity set id = 6 where id = 4")
        .unwrap();
    assert_eq!(check(end, &[2, 4]), Err(4), "it lies in the gap that somebody knows of");
}

#[test]
fn a_place_is_forgotten_and_the_chain_holds() {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    let links = five(&tx);
    assert!(page(&tx, i64::MAX, None, 10).unwrap().iter().all(|done| done.place.is_some()));

    assert_eq!(forget_places(&tx, Timestamp(4_000)).unwrap(), 3);

    let places: Vec<_> =
        page(&tx, i64::MAX, None, 10).unwrap().iter().map(|done| done.place.is_some()).collect();
    assert_eq!(places, [true, true, false, false, false]);
    assert_eq!(check(&tx, None).unwrap(), Ok(links.last().copied()));
}

#[test]
fn pages_come_latest_first() {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    five(&tx);

    let ids = |before| -> Vec<_> {
        page(&tx, before, None, 2).unwrap().iter().map(|done| done.id).collect()
    };

    assert_eq!(ids(i64::MAX), [5, 4]);
    assert_eq!(ids(4), [3, 2]);
    assert_eq!(ids(2), [1]);
    assert_eq!(ids(1), Vec::<i64>::new());
}
