//! What each table keeps and refuses.

use rusqlite::StatementStatus;

use super::*;
use crate::{
    model::Failure,
    seal::{PublicKey, SealError},
};

/// A furnished database with messages 1 to `n`, each a second after the one before.
pub(super) fn with_messages(household: &Household, n: u32) -> Connection {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    household.move_in(&tx).unwrap();
    for n in 1..=n {
        let message = household.message(item(n), child(1), 5_000 + i64::from(n));
        items::insert(&tx, &message).unwrap();
    }
    tx.commit().unwrap();
    connection
}

fn state(tx: &Transaction<'_>, n: u8) -> DeliveryState {
    deliveries::find(tx, delivery(n)).unwrap().unwrap().state
}

pub(super) fn plan(tx: &Transaction<'_>, sql: &str) -> String {
    let mut explain = tx.prepare(&format!("explain query plan {sql}")).unwrap();
    let steps = explain.raw_query().mapped(|row| row.get("detail"));
    steps.map(|step| step.unwrap()).collect::<Vec<String>>().join("\n")
}

#[test]
fn children_and_toys_come_back_with_their_names() {
    let household = Household::new();
    let mut connection = with_messages(&household, 0);
    let tx = connection.transaction().unwrap();
    children::insert(&tx, &household.child(2)).unwrap();

    let found = children::find(&tx, child(1)).unwrap().unwrap();
    let other = toys::find(&tx, toy(2)).unwrap().unwrap();

    assert_eq!((found.animal, found.color.as_str()), (Character::Dog, "plum"));
    assert_eq!(found.created_at, Timestamp(1_000));
    let about = About {
        item: found.profile.item,
        kind: Kind::ChildProfile,
        child: Some(child(1)),
        sender: None,
    };
    let content = household.open(&found.profile.key, &about);
    let name = content.open(Part::Text, &about, &found.profile.name.unwrap()).unwrap();
    assert_eq!(*name, NAME.as_bytes());
    assert_eq!((other.child, other.character), (child(1), Character::Cat));
    assert_eq!(
        (other.address, other.adopted_at),
        (ToyAddress([1, 2, 3, 4, 5, 2]), Timestamp(2_000))
    );
    let about = About { item: other.profile.item, kind: Kind::ToyProfile, child: None, ..about };
    let content = household.open(&other.profile.key, &about);
    let name = content.open(Part::Text, &about, &other.profile.name.unwrap()).unwrap();
    assert_eq!(*name, NAME.as_bytes());
    let ids: Vec<_> = children::list(&tx).unwrap().iter().map(|child| child.id).collect();
    assert_eq!(ids, [child(1), child(2)]);
    let ids: Vec<_> = toys::list(&tx).unwrap().iter().map(|toy| toy.id).collect();
    assert_eq!(ids, [toy(1), toy(2)]);
    assert_eq!(toys::of_child(&tx, child(1)).unwrap().len(), 2);
    assert!(toys::of_child(&tx, child(2)).unwrap().is_empty());
    assert!(children::find(&tx, child(9)).unwrap().is_none());
    assert!(toys::find(&tx, toy(9)).unwrap().is_none());
}

#[test]
fn a_toy_is_adopted_once() {
    let household = Household::new();
    let mut connection = with_messages(&household, 0);
    let tx = connection.transaction().unwrap();
    let same = NewToy { address: ToyAddress([1, 2, 3, 4, 5, 1]), ..household.toy(3, child(1)) };

    let refused = toys::insert(&tx, &same).err().unwrap();

    assert!(matches!(refused, StoreError::Conflict { .. }));
    assert!(texts(&refused).contains("toy.address"));
}

#[test]
fn errors_never_quote_what_was_given() {
    let household = Household::new();
    let mut connection = with_messages(&household, 0);
    let tx = connection.transaction().unwrap();
    let mut other = household.child(2);
    other.color = "Wilhelmina Wilhelmina".to_owned();

    let refused = children::insert(&tx, &other).err().unwrap();
    let unreadable: Result<u8, _> = tx.query_row("select 987654", [], |row| row.get(0));
    let unreadable = StoreError::from(unreadable.unwrap_err());

    assert!(matches!(refused, StoreError::Conflict { .. }));
    assert!(!texts(&refused).contains("Wilhelmina"));
    assert!(matches!(unreadable, StoreError::Corrupt { .. }));
    assert!(!texts(&unreadable).contains("987654"));
}

#[test]
fn items_need_their_child_their_toy_and_the_household() {
    let household = Household::new();
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    let without_household = children::insert(&tx, &household.child(1));
    tx.rollback().unwrap();
    let tx = connection.transaction().unwrap();
    household.move_in(&tx).unwrap();
    let no_toy = NewItem { toy: Some(toy(9)), ..household.message(item(1), child(1), 1) };

    assert!(matches!(without_household, Err(StoreError::KeyGivenUp)));
    let no_child = items::insert(&tx, &household.message(item(1), child(9), 1));
    assert!(matches!(no_child, Err(StoreError::Conflict { .. })));
    assert!(matches!(items::insert(&tx, &no_toy), Err(StoreError::Conflict { .. })));
}

#[test]
fn an_item_comes_back_as_it_was() {
    let household = Household::new();
    let mut connection = with_messages(&household, 0);
    let tx = connection.transaction().unwrap();
    let new = NewItem {
        kind: ItemKind::Recording,
        toy: Some(toy(2)),
        while_away: true,
        ..household.message(item(1), child(1), 5_000)
    };

    items::insert(&tx, &new).unwrap();

    let found = items::find(&tx, item(1)).unwrap().unwrap();
    assert_eq!((found.id, found.kind, found.child), (item(1), ItemKind::Recording, child(1)));
    assert_eq!((found.sender, found.toy, found.while_away), (None, Some(toy(2)), true));
    assert_eq!((found.recorded_at, found.length_ms), (Timestamp(5_000), 1_500));
    assert_eq!((found.waveform, found.key), (Ok(new.waveform), Ok(new.key.key)));
    assert_eq!(items::sound(&tx, item(1)).unwrap(), Some(Ok(new.sound)));
    assert_eq!(items::latest_at(&tx, child(1)).unwrap(), Some(Timestamp(5_000)));
    assert!(items::find(&tx, item(9)).unwrap().is_none());
    assert!(items::sound(&tx, item(9)).unwrap().is_none());
    assert!(items::latest_at(&tx, child(2)).unwrap().is_none());
    // A profile is no part of the conversation.
    let profile = children::find(&tx, child(1)).unwrap().unwrap().profile.item;
    assert!(items::find(&tx, profile).unwrap().is_none());
}

#[test]
fn pages_show_each_item_once_and_the_newest_first() {
    let household = Household::new();
    let mut connection = with_messages(&household, 3);
    let tx = connection.transaction().unwrap();
    children::insert(&tx, &household.child(2)).unwrap();
    items::insert(&tx, &household.message(item(50), child(2), 5_001)).unwrap();
    for n in 4..=7 {
        // All in one second, the same as that of item 2.
        items::insert(&tx, &household.message(item(n), child(1), 5_002)).unwrap();
    }
    // The last to arrive is the oldest of all: a toy had kept it.
    items::insert(&tx, &household.message(item(8), child(1), 4_000)).unwrap();

    let mut pages = Vec::new();
    let mut before = None;
    loop {
        let page = items::page(&tx, child(1), before, 2).unwrap();
        let Some(last) = page.last() else { break };
        before = Some((last.recorded_at, last.arrival));
        pages.push(page.iter().map(|item| item.id).collect::<Vec<_>>());
    }

    let expected = [vec![3, 7], vec![6, 5], vec![4, 2], vec![1, 8]];
    assert_eq!(pages, expected.map(|page| page.into_iter().map(item).collect::<Vec<_>>()));
}

#[test]
fn a_page_costs_the_same_however_long_the_conversation() {
    let household = Household::new();
    let steps = |n_items: i64| {
        let mut connection = with_messages(&household, 0);
        let tx = connection.transaction().unwrap();
        tx.execute(
            "insert into item (id, kind, child, recorded_at, length_ms, waveform)
             with recursive n(n) as (select 1 union all select n + 1 from n where n < ?1)
             select randomblob(16), 'message', (select id from child), n, 1,
                    cast(x'8948544301' || zeroblob(112) as blob) from n",
            [n_items],
        )
        .unwrap();
        let mut select = tx.prepare(items::PAGE).unwrap();
        let parameters = rusqlite::named_params! {
            ":child": child(1), ":recorded_at": n_items - 20, ":arrival": i64::MAX, ":limit": 50,
        };
        let n_found = select.query_map(parameters, |_row| Ok(())).unwrap().count();
        assert_eq!(n_found, 50);
        select.get_status(StatementStatus::VmStep)
    };

    assert_eq!(steps(100), steps(100_000));
}

#[test]
fn lists_use_their_indexes_and_never_touch_sound() {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();

    let page = plan(&tx, items::PAGE);
    let open = plan(&tx, deliveries::OPEN_OF_TOY);

    assert!(page.contains("item USING INDEX item_of_child (child=? AND recorded_at<?)"), "{page}");
    assert!(open.contains("delivery USING INDEX delivery_open (toy=?)"), "{open}");
    let replace = plan(&tx, deliveries::REPLACE);
    assert!(replace.contains("delivery USING INDEX delivery_begun (toy=?)"), "{replace}");
    let failed = plan(&tx, activity::LAST_FAILURE);
    assert!(failed.contains("activity USING INDEX activity_failed (subject=?)"), "{failed}");
    for plan in [page, open] {
        assert!(!plan.contains("audio") && !plan.contains("SCAN"), "{plan}");
    }
    assert!(!plan(&tx, deliveries::OPEN_OF_TOY).contains("TEMP B-TREE"));
    assert!(!items::PAGE.contains("audio"));
}

#[test]
fn a_damaged_item_does_not_hide_the_others() {
    let household = Household::new();
    let mut connection = with_messages(&household, 3);
    connection
        .execute_batch(
            "pragma ignore_check_constraints = on;
             update item set waveform = x'00' where recorded_at = 5002;
             update item_key set sealed = x'00'
                 where item = (select id from item where recorded_at = 5003);
             update audio set sealed = x'00'
                 where item = (select id from item where recorded_at = 5001);",
        )
        .unwrap();
    let tx = connection.transaction().unwrap();

    let page = items::page(&tx, child(1), None, 50).unwrap();
    let sound = items::sound(&tx, item(1)).unwrap();

    let [third, second, first] = page.as_slice() else { panic!("{} items", page.len()) };
    assert!(first.waveform.is_ok() && first.key.is_ok());
    assert_eq!(second.waveform, Err(SealError::NotSealed));
    assert_eq!(third.key, Err(SealError::NotSealed));
    assert_eq!(sound, Some(Err(SealError::NotSealed)));
    assert!(items::sound(&tx, item(2)).unwrap().unwrap().is_ok());
}

#[test]
fn the_schema_takes_nothing_but_what_is_sealed_for_its_place() {
    let household = Household::new();
    let mut connection = with_messages(&household, 1);
    let tx = connection.transaction().unwrap();
    deliveries::insert(&tx, &queued(1, toy(1), 5_000)).unwrap();
    let clip_as_sound = NewItem {
        sound: household.clip(item(2), child(1)),
        ..household.message(item(2), child(1), 5_000)
    };
    let clip_as_waveform = NewItem {
        waveform: household.clip(item(3), child(1)),
        ..household.message(item(3), child(1), 5_000)
    };
    let sound = household.message(item(1), child(1), 5_000).sound;

    assert!(matches!(items::insert(&tx, &clip_as_sound), Err(StoreError::Conflict { .. })));
    assert!(matches!(items::insert(&tx, &clip_as_waveform), Err(StoreError::Conflict { .. })));
    let sound_as_clip = outbox::insert(&tx, delivery(1), &sound);
    assert!(matches!(sound_as_clip, Err(StoreError::Conflict { .. })));
    for plain in [
        "update audio set sealed = cast('OggS' as blob)",
        "update item set waveform = zeroblob(64)",
        "update item set text = cast('Ana' as blob) where text is not null",
        "update item_key set sealed = zeroblob(32)",
        "insert into note select id, cast('Good night' as blob) from item where length_ms is not null",
        "insert into picture select id, randomblob(16), x'ffd8ff' from item where kind = 'child_profile'",
        "insert into key_for_later select delivery.id, recipient.id, zeroblob(32)
             from delivery, recipient",
    ] {
        let refused = tx.execute_batch(plain).map_err(StoreError::from);
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{plain}");
    }
}

#[test]
fn the_latest_household_key_is_the_one_in_use() {
    let old = Household::new();
    let new = Household::new();
    let mut connection = with_messages(&old, 1);
    let tx = connection.transaction().unwrap();
    let key = |tx: &Transaction<'_>| recipients::household_key(tx).unwrap().map(Result::unwrap);

    assert_eq!(key(&tx), Some(old.key.public()));
    recipients::set_household(&tx, &old.key.public(), Timestamp(1)).unwrap();
    recipients::set_household(&tx, &new.key.public(), Timestamp(2)).unwrap();
    items::insert(&tx, &new.message(item(2), child(1), 6_000)).unwrap();

    assert_eq!(key(&tx), Some(new.key.public()));
    let page = items::page(&tx, child(1), None, 50).unwrap();
    new.open(&page[0].key, &about(item(2), child(1)));
    old.open(&page[1].key, &about(item(1), child(1)));
    let n_generations: i64 =
        tx.query_row("select count(*) from recipient", [], |row| row.get(0)).unwrap();
    assert_eq!(n_generations, 2);
    // Once it is sealed for the latest key as well, that is the key to be had.
    let resealed = old
        .open(&page[1].key, &about(item(1), child(1)))
        .key_for(&new.key.public(), &about(item(1), child(1)));
    items::insert_household_key(&tx, item(1), &resealed).unwrap();
    assert_eq!(items::find(&tx, item(1)).unwrap().unwrap().key, Ok(resealed.key));
    let back = recipients::set_household(&tx, &old.key.public(), Timestamp(3));
    assert!(matches!(back, Err(StoreError::Conflict { .. })));
}

#[test]
fn without_a_household_key_there_is_none() {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();

    let key: Option<Stored<PublicKey>> = recipients::household_key(&tx).unwrap();

    assert!(key.is_none());
}

#[test]
fn a_delivery_moves_only_from_where_it_is_expected() {
    let household = Household::new();
    let mut connection = with_messages(&household, 1);
    let tx = connection.transaction().unwrap();
    deliveries::insert(&tx, &queued(1, toy(1), 5_000)).unwrap();
    let at = Timestamp(6_000);
    let set =
        |expected: &[&str], to| deliveries::set_state(&tx, delivery(1), expected, to, at).unwrap();

    assert!(!set(&["on_toy", "failed"], DeliveryState::Heard));
    assert!(!set(&[], DeliveryState::Heard));
    assert!(set(&["failed", "queued"], DeliveryState::OnToy));
    assert!(!set(&["failed", "queued"], DeliveryState::OnToy));
    assert!(set(&["on_toy"], DeliveryState::Heard));
    assert!(!set(&["on_toy", "withdrawing"], DeliveryState::Withdrawn));

    let found = deliveries::find(&tx, delivery(1)).unwrap().unwrap();
    assert_eq!((found.state, found.heard_at), (DeliveryState::Heard, Some(at)));
    let unknown = deliveries::set_state(&tx, delivery(9), &["queued"], DeliveryState::OnToy, at);
    assert!(!unknown.unwrap());
    let misspelt = deliveries::set_state(&tx, delivery(1), &["on toy"], DeliveryState::OnToy, at);
    assert!(matches!(misspelt, Err(StoreError::Other { .. })));
}

#[test]
fn failures_are_counted_and_the_next_try_is_kept() {
    let household = Household::new();
    let mut connection = with_messages(&household, 1);
    let tx = connection.transaction().unwrap();
    deliveries::insert(&tx, &queued(1, toy(1), 5_000)).unwrap();
    let found = || deliveries::find(&tx, delivery(1)).unwrap().unwrap();

    for (n, reason) in (1..).zip(Failure::ALL) {
        let failed = DeliveryState::Failed(reason);
        let due = Timestamp(7_000 + i64::from(n));
        assert!(deliveries::set_state(&tx, delivery(1), &["queued"], failed, due).unwrap());

        assert_eq!(found().state, failed);
        assert_eq!((found().tries, found().next_try_at), (n, Some(due)));

        let again = DeliveryState::Queued;
        assert!(deliveries::set_state(&tx, delivery(1), &["failed"], again, due).unwrap());
        assert_eq!((found().state, found().tries, found().next_try_at), (again, n, None));
    }
}

#[test]
fn every_state_comes_back() {
    let household = Household::new();
    let mut connection = with_messages(&household, 1);
    let tx = connection.transaction().unwrap();
    let states = [
        DeliveryState::AwaitingApproval,
        DeliveryState::Queued,
        DeliveryState::OnToy,
        DeliveryState::Heard,
        DeliveryState::Declined,
        DeliveryState::Failed(Failure::GaveUp),
        DeliveryState::Expired,
        DeliveryState::Withdrawing,
        DeliveryState::Withdrawn,
    ];

    for (n, to) in (1..).zip(states) {
        let new = NewDelivery { state: DeliveryState::Queued, ..queued(n, toy(1), 5_000) };
        deliveries::insert(&tx, &new).unwrap();
        deliveries::set_state(&tx, delivery(n), &["queued"], to, Timestamp(1)).unwrap();
        assert_eq!(state(&tx, n), to);
        let aside = DeliveryState::Withdrawn;
        deliveries::set_state(&tx, delivery(n), &["on_toy"], aside, Timestamp(1)).unwrap();
    }
    assert_eq!(deliveries::of_item(&tx, item(1)).unwrap().len(), states.len());
}

#[test]
fn a_mailbox_holds_one_message() {
    let household = Household::new();
    let mut connection = with_messages(&household, 1);
    let tx = connection.transaction().unwrap();
    let at = Timestamp(6_000);
    for (n, to) in [(1, toy(1)), (2, toy(1)), (3, toy(2))] {
        deliveries::insert(&tx, &queued(n, to, 5_000)).unwrap();
    }
    let set = |n, expected: &str, to| deliveries::set_state(&tx, delivery(n), &[expected], to, at);

    assert!(set(1, "queued", DeliveryState::OnToy).unwrap());
    assert!(set(3, "queued", DeliveryState::OnToy).unwrap());
    let second = set(2, "queued", DeliveryState::OnToy);
    assert!(matches!(second, Err(StoreError::Conflict { .. })));
    assert!(set(1, "on_toy", DeliveryState::Withdrawing).unwrap());
    let second = set(2, "queued", DeliveryState::OnToy);
    assert!(matches!(second, Err(StoreError::Conflict { .. })));
    assert!(set(1, "withdrawing", DeliveryState::Withdrawn).unwrap());
    assert!(set(2, "queued", DeliveryState::OnToy).unwrap());
}

#[test]
fn the_queue_goes_by_arrival_whatever_the_clock_said() {
    let household = Household::new();
    let mut connection = with_messages(&household, 1);
    let tx = connection.transaction().unwrap();
    for (n, to, at) in
        [(5, toy(1), 30), (4, toy(1), 20), (1, toy(2), 10), (3, toy(1), 20), (2, toy(1), 10)]
    {
        deliveries::insert(&tx, &queued(n, to, at)).unwrap();
    }
    deliveries::set_state(&tx, delivery(2), &["queued"], DeliveryState::Heard, Timestamp(1))
        .unwrap();

    let open = deliveries::open_of_toy(&tx, toy(1)).unwrap();

    let ids: Vec<_> = open.iter().map(|delivery| delivery.id).collect();
    assert_eq!(ids, [5, 4, 3].map(delivery));
}

#[test]
fn what_is_sent_for_later_stands_where_it_would_if_it_were_sent_then() {
    let household = Household::new();
    let mut connection = with_messages(&household, 1);
    let tx = connection.transaction().unwrap();
    let for_later = |n, at, due| {
        let due_at = Some(Timestamp(due));
        deliveries::insert(&tx, &NewDelivery { due_at, ..queued(n, toy(1), at) }).unwrap();
    };
    let at_once = |n, at| deliveries::insert(&tx, &queued(n, toy(1), at)).unwrap();
    for_later(1, 10, 500);
    for_later(2, 10, 15);
    at_once(3, 10);
    at_once(4, 20);
    // The clock was set back.
    at_once(5, 12);
    for_later(6, 13, 400);
    for_later(7, 14, 5);
    let ids = || -> Vec<_> {
        let open = deliveries::open_of_toy(&tx, toy(1)).unwrap();
        open.iter().map(|delivery| delivery.id).collect()
    };

    let before = ids();
    let sent = later::send_now(&tx, delivery(1), Timestamp(100), Timestamp(900)).unwrap();
    let again = later::send_now(&tx, delivery(1), Timestamp(100), Timestamp(900)).unwrap();

    assert_eq!(before, [7, 3, 4, 5, 2, 6, 1].map(delivery));
    assert_eq!((sent, again), (true, false));
    assert_eq!(ids(), [7, 3, 4, 5, 2, 1, 6].map(delivery), "as if it had come last");
}

#[test]
fn what_a_toy_may_hold_is_taken_back_at_the_next_contact() {
    let household = Household::new();
    let mut connection = with_messages(&household, 1);
    let tx = connection.transaction().unwrap();
    for n in 1..=3 {
        deliveries::insert(&tx, &queued(n, toy(1), 5_000)).unwrap();
    }
    let at = Timestamp(6_000);
    let failed = DeliveryState::Failed(Failure::Silent);

    assert!(deliveries::begin(&tx, delivery(1)).unwrap());
    assert!(deliveries::set_state(&tx, delivery(1), &["queued"], failed, at).unwrap());
    assert!(deliveries::begin(&tx, delivery(2)).unwrap());
    for n in 1..=3 {
        assert!(deliveries::withdraw(&tx, delivery(n), at).unwrap());
        assert!(!deliveries::withdraw(&tx, delivery(n), at).unwrap(), "twice");
    }

    // The second took the place of the first, and the third never left.
    assert_eq!(state(&tx, 1), DeliveryState::Withdrawn);
    assert_eq!(state(&tx, 2), DeliveryState::Withdrawing);
    assert_eq!(state(&tx, 3), DeliveryState::Withdrawn);
    assert!(!deliveries::begin(&tx, delivery(1)).unwrap());
    assert!(!deliveries::withdraw(&tx, delivery(9), at).unwrap());
}

#[test]
fn the_clip_goes_as_soon_as_nothing_will_be_sent() {
    let household = Household::new();
    let mut connection = with_messages(&household, 1);
    let ends = [
        (DeliveryState::Heard, false),
        (DeliveryState::Declined, false),
        (DeliveryState::Expired, false),
        (DeliveryState::Withdrawing, false),
        (DeliveryState::Withdrawn, false),
        (DeliveryState::OnToy, true),
        (DeliveryState::Failed(Failure::LinkLost), true),
    ];

    for (to, stays) in ends {
        let tx = connection.transaction().unwrap();
        deliveries::insert(&tx, &queued(1, toy(1), 5_000)).unwrap();
        let clip = household.clip(item(1), child(1));
        outbox::insert(&tx, delivery(1), &clip).unwrap();
        assert_eq!(outbox::find(&tx, delivery(1)).unwrap(), Some(Ok(clip)));

        deliveries::set_state(&tx, delivery(1), &["queued"], to, Timestamp(1)).unwrap();

        assert_eq!(outbox::find(&tx, delivery(1)).unwrap().is_some(), stays, "{to:?}");
        tx.rollback().unwrap();
    }
}

#[test]
fn perhaps_heard_is_said_of_what_is_in_the_mailbox() {
    let household = Household::new();
    let mut connection = with_messages(&household, 1);
    let tx = connection.transaction().unwrap();
    deliveries::insert(&tx, &queued(1, toy(1), 5_000)).unwrap();
    let perhaps = || deliveries::find(&tx, delivery(1)).unwrap().unwrap().perhaps_heard;

    let too_early = deliveries::set_perhaps_heard(&tx, delivery(1)).unwrap();
    let at = Timestamp(1);
    deliveries::set_state(&tx, delivery(1), &["queued"], DeliveryState::OnToy, at).unwrap();
    let in_time = deliveries::set_perhaps_heard(&tx, delivery(1)).unwrap();

    assert_eq!((too_early, in_time, perhaps()), (false, true, true));
    deliveries::set_state(&tx, delivery(1), &["on_toy"], DeliveryState::Heard, at).unwrap();
    assert!(!perhaps());
}

#[test]
fn an_erased_item_takes_everything_along() {
    let household = Household::new();
    let mut connection = with_messages(&household, 2);
    let tx = connection.transaction().unwrap();
    deliveries::insert(&tx, &queued(1, toy(1), 5_000)).unwrap();
    outbox::insert(&tx, delivery(1), &household.clip(item(1), child(1))).unwrap();

    tx.execute("delete from item where id = ?1", [item(1)]).unwrap();

    assert!(items::sound(&tx, item(1)).unwrap().is_none());
    assert!(deliveries::find(&tx, delivery(1)).unwrap().is_none());
    assert!(outbox::find(&tx, delivery(1)).unwrap().is_none());
    let n_keys: i64 = tx
        .query_row("select count(*) from item_key where item = ?1", [item(1)], |row| row.get(0))
        .unwrap();
    assert_eq!(n_keys, 0);
    assert!(items::sound(&tx, item(2)).unwrap().is_some());
}

#[test]
fn what_was_fetched_is_known_for_that_toy() {
    let household = Household::new();
    let mut connection = with_messages(&household, 0);
    let tx = connection.transaction().unwrap();

    fetched::insert(&tx, toy(1), &[7; 32], Timestamp(1)).unwrap();
    fetched::insert(&tx, toy(1), &[7; 32], Timestamp(2)).unwrap();

    assert!(fetched::contains(&tx, toy(1), &[7; 32]).unwrap());
    assert!(!fetched::contains(&tx, toy(1), &[8; 32]).unwrap());
    assert!(!fetched::contains(&tx, toy(2), &[7; 32]).unwrap());
    let of_nobody = fetched::insert(&tx, toy(9), &[7; 32], Timestamp(1));
    assert!(matches!(of_nobody, Err(StoreError::Conflict { .. })));
}
