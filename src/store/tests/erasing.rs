//! What erasing leaves behind: in tables, and in the raw bytes of the files.

use std::{collections::HashSet, fs};

use super::{
    erase::{Erased, ErasedChild, Overwrite},
    *,
};
use crate::model::{AccountId, Role};

const AT: Timestamp = Timestamp(9_000);

const HEADER_BYTES: usize = 6;

/// So many bytes of something sealed are nowhere else by chance.
const PIECE_BYTES: usize = 12;

/// A furnished database with message 1, on its way to toy 1.
fn with_message(household: &Household, state: DeliveryState) -> Connection {
    let mut connection = empty();
    let tx = connection.transaction().unwrap();
    household.move_in(&tx).unwrap();
    items::insert(&tx, &household.message(item(1), child(1), 5_000)).unwrap();
    deliveries::insert(&tx, &NewDelivery { state, ..queued(1, toy(1), 5_000) }).unwrap();
    tx.commit().unwrap();
    connection
}

fn count(tx: &Transaction<'_>, table: &str) -> i64 {
    tx.query_row(&format!("select count(*) from {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn an_item_goes_with_all_that_hangs_on_it_and_leaves_a_tombstone() {
    let household = Household::new();
    let mut connection = with_message(&household, DeliveryState::Queued);
    let tx = connection.transaction().unwrap();
    outbox::insert(&tx, delivery(1), &household.clip(item(1), child(1))).unwrap();
    let n_keys = count(&tx, "item_key");

    let erased = erase::erase_item(&tx, item(1), AT).unwrap();

    let expected = Erased { id: item(1), child: child(1), readers: vec![], toys: vec![toy(1)] };
    assert_eq!(erased, Some(expected));
    assert!(items::find(&tx, item(1)).unwrap().is_none());
    assert_eq!(["audio", "delivery", "outbox"].map(|table| count(&tx, table)), [0; 3]);
    assert_eq!(count(&tx, "item_key"), n_keys - 1, "names keep theirs");
    assert!(tombstones::contains(&tx, item(1).as_bytes()).unwrap());
    assert_eq!(erase::overwrite_of(&tx, toy(1)).unwrap(), None, "no byte of it was sent");
    assert_eq!(erase::erase_item(&tx, item(1), AT).unwrap(), None);
}

#[test]
fn a_name_is_not_erased_as_if_it_were_a_message() {
    let household = Household::new();
    let mut connection = with_message(&household, DeliveryState::Queued);
    let tx = connection.transaction().unwrap();
    let name = children::find(&tx, child(1)).unwrap().unwrap().profile.item;

    assert_eq!(erase::erase_item(&tx, name, AT).unwrap(), None);
    assert!(children::find(&tx, child(1)).unwrap().is_some());
}

#[test]
fn what_a_toy_may_hold_is_to_be_overwritten() {
    let (heard, withdrawn) = (DeliveryState::Heard, DeliveryState::Withdrawn);
    let (queued, on_toy) = (DeliveryState::Queued, DeliveryState::OnToy);
    for (state, begun, expected) in [
        (queued, false, false),
        (queued, true, true),
        (on_toy, true, true),
        (DeliveryState::Withdrawing, true, true),
        (withdrawn, true, false),
        (heard, true, true),
        // Another message lies over it.
        (heard, false, false),
    ] {
        let household = Household::new();
        let mut connection = with_message(&household, queued);
        let tx = connection.transaction().unwrap();
        if begun {
            assert!(deliveries::begin(&tx, delivery(1)).unwrap());
        }
        deliveries::set_state(&tx, delivery(1), &["queued"], state, AT).unwrap();

        erase::erase_item(&tx, item(1), AT).unwrap();

        let wanted = Overwrite { toy: toy(1), length_ms: 1_500, since: AT };
        let found = erase::overwrite_of(&tx, toy(1)).unwrap();
        assert_eq!(found, expected.then_some(wanted), "{state:?}, begun: {begun}");
    }
}

#[test]
fn the_longest_of_what_was_erased_is_overwritten() {
    let household = Household::new();
    let mut connection = with_message(&household, DeliveryState::Queued);
    let tx = connection.transaction().unwrap();
    let longer = NewItem { length_ms: 9_000, ..household.message(item(2), child(1), 5_001) };
    items::insert(&tx, &longer).unwrap();
    for n in [2, 1] {
        let id = item(n);
        let number = u8::try_from(n).unwrap() + 4;
        let new = NewDelivery { id: delivery(number), item: id, ..queued(1, toy(2), 5_000) };
        deliveries::insert(&tx, &new).unwrap();
        // Silence goes first: what is sent before that would be overwritten with it.
        assert_eq!(deliveries::begin(&tx, delivery(number)).unwrap(), n == 2);
        let begin = "update delivery set begun = 1 where id = ?1";
        tx.execute(begin, [delivery(number).as_bytes().as_slice()]).unwrap();
        erase::erase_item(&tx, id, AT.after(i64::from(n))).unwrap();
    }

    let first = Overwrite { toy: toy(2), length_ms: 9_000, since: AT.after(1) };
    assert_eq!(erase::overwrite_of(&tx, toy(2)).unwrap(), Some(first));
    erase::overwritten(&tx, &Overwrite { length_ms: 1_500, ..first }).unwrap();
    assert_eq!(erase::overwrite_of(&tx, toy(2)).unwrap(), Some(first), "that was too short");
    erase::overwritten(&tx, &first).unwrap();
    assert_eq!(erase::overwrite_of(&tx, toy(2)).unwrap(), None);
}

#[test]
fn a_child_goes_with_its_toys_its_screens_and_all_that_was_said() {
    let household = Household::new();
    let mut connection = with_message(&household, DeliveryState::Queued);
    let tx = connection.transaction().unwrap();
    children::insert(&tx, &household.child(2)).unwrap();
    let other = household.message(item(2), child(2), 5_000);
    items::insert(&tx, &other).unwrap();
    let recording = NewItem {
        kind: ItemKind::Recording,
        toy: Some(toy(1)),
        ..household.message(item(3), child(1), 5_000)
    };
    items::insert(&tx, &recording).unwrap();
    fetched::insert(&tx, toy(1), &[7; 32], AT).unwrap();
    let screen = account(&household, &tx, 0xb0, Role::ChildScreen);
    let both = account(&household, &tx, 0xb1, Role::Relative);
    for (who, of) in [(screen, 1), (both, 1), (both, 2)] {
        let grant = grants::Grant {
            child: child(of),
            relation: None,
            needs_approval: true,
            daily_limit: None,
        };
        grants::set(&tx, who, &grant).unwrap();
    }

    let gone = erase::erase_child(&tx, child(1), AT).unwrap();

    let toys = vec![toy(1), toy(2)];
    assert_eq!(gone, Some(ErasedChild { n_items: 2, toys: toys.clone(), sessions: vec![] }));
    assert!(children::find(&tx, child(1)).unwrap().is_none());
    assert!(toys::list(&tx).unwrap().is_empty());
    assert_eq!(["delivery", "fetched"].map(|table| count(&tx, table)), [0; 2]);
    assert!(accounts::standing(&tx, screen).unwrap().is_none());
    assert!(items::find(&tx, item(2)).unwrap().is_some(), "the other child keeps all");
    let grants = grants::of_account(&tx, both).unwrap();
    assert_eq!(grants.iter().map(|grant| grant.child).collect::<Vec<_>>(), [child(2)]);
    let ids = [item(1), item(3)].map(|id| *id.as_bytes());
    let more = [*child(1).as_bytes(), *toy(1).as_bytes(), *toy(2).as_bytes(), *screen.as_bytes()];
    for id in ids.iter().chain(&more) {
        assert!(tombstones::contains(&tx, id).unwrap());
    }
    assert!(!tombstones::contains(&tx, item(2).as_bytes()).unwrap());
    assert_eq!(erase::erase_child(&tx, child(1), AT).unwrap(), None);
}

#[test]
fn a_relative_goes_with_what_they_sent_and_nothing_else() {
    let household = Household::new();
    let mut connection = with_message(&household, DeliveryState::Queued);
    let tx = connection.transaction().unwrap();
    let relative = account(&household, &tx, 0xb1, Role::Relative);
    let screen = account(&household, &tx, 0xb2, Role::ChildScreen);
    let sent = NewItem { sender: Some(relative), ..household.message(item(2), child(1), 5_000) };
    items::insert(&tx, &sent).unwrap();

    assert_eq!(erase::erase_relative(&tx, screen, AT).unwrap(), None);
    let gone = erase::erase_relative(&tx, relative, AT).unwrap().unwrap();

    let ids: Vec<_> = gone.items.iter().map(|erased| erased.id).collect();
    assert_eq!(ids, [item(2)]);
    assert!(accounts::standing(&tx, relative).unwrap().is_none());
    assert!(tombstones::contains(&tx, relative.as_bytes()).unwrap());
    assert!(items::find(&tx, item(1)).unwrap().is_some());
}

#[test]
fn without_keys_nothing_opens() {
    let household = Household::new();
    let mut connection = with_message(&household, DeliveryState::Queued);
    let tx = connection.transaction().unwrap();

    erase::lose_all_keys(&tx).unwrap();

    assert_eq!(count(&tx, "item_key"), 0);
    assert!(items::find(&tx, item(1)).unwrap().unwrap().key.is_err());
}

fn account(household: &Household, tx: &Transaction<'_>, n: u8, role: Role) -> AccountId {
    let id = AccountId::from_bytes([n; 16]);
    let profile = household.profile(Kind::AccountProfile, None, n);
    accounts::insert_invited(tx, id, role, &profile, Timestamp(1_000)).unwrap();
    id
}

/// The name of each file of a database, and all its bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read(path).unwrap()))
        .collect()
}

/// Returns in which files any of these pieces of bytes is.
fn holding(folder: &Path, pieces: &[&[u8]]) -> Vec<String> {
    // What is sealed begins with a header that all have.
    let inside = |piece: &'_ &[u8]| piece[HEADER_BYTES..][..PIECE_BYTES].to_vec();
    let beginnings: HashSet<Vec<u8>> = pieces.iter().map(inside).collect();
    let holds = |bytes: &[u8]| bytes.windows(PIECE_BYTES).any(|window| beginnings.contains(window));
    files(folder).into_iter().filter(|(_, bytes)| holds(bytes)).map(|(name, _)| name).collect()
}

/// Everything that is sealed of a message: its sound of several megabytes, on many overflow pages,
/// waveform and key.
#[tokio::test]
async fn no_byte_of_what_was_erased_is_in_any_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let household = Household::new();
    let noise: Vec<u8> = (0..3_000_000_u32)
        .flat_map(|n| n.wrapping_mul(0x9E37_79B1).to_be_bytes())
        .take(3_000_000)
        .collect();
    let content = new_content_key();
    let sound = content.seal(Part::Sound, &about(item(1), child(1)), &noise).unwrap();
    let mut large = household.message(item(1), child(1), 5_000);
    large.sound = sound;
    let small = household.message(item(2), child(1), 5_001);
    let (erased, kept) = (large.clone(), small.clone());
    store
        .write(move |tx| {
            household.move_in(tx)?;
            items::insert(tx, &large)?;
            items::insert(tx, &small)
        })
        .await
        .unwrap();
    let sound = erased.sound.as_bytes();
    // From every page there is something, wherever its bytes begin on it.
    let mut pieces: Vec<&[u8]> = sound.chunks_exact(1_000).collect();
    pieces.push(erased.waveform.as_bytes());
    pieces.push(erased.key.key.as_bytes());
    let last = pieces.len() - 1;
    for piece in [pieces[0], pieces[last / 2], pieces[last]] {
        assert!(!holding(folder.path(), &[piece]).is_empty(), "it is there before");
    }
    let before: usize = files(folder.path()).iter().map(|(_, bytes)| bytes.len()).sum();

    store.write(|tx| erase::erase_item(tx, item(1), AT)).await.unwrap().unwrap();
    assert!(store.scrub().await.unwrap());

    assert_eq!(holding(folder.path(), &pieces), [""; 0]);
    assert!(!holding(folder.path(), &[kept.sound.as_bytes()]).is_empty(), "the other is there");
    let after: usize = files(folder.path()).iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(after + 2_900_000 < before, "its room is given back: {before} bytes, then {after}");
    store.close().await;
    assert_eq!(holding(folder.path(), &pieces), [""; 0]);
}

/// While somebody reads, the log cannot be emptied, and that is said; afterwards it can.
#[tokio::test]
async fn a_reader_keeps_the_log_and_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let household = Household::new();
    let message = household.message(item(1), child(1), 5_000);
    let erased = message.clone();
    store
        .write(move |tx| {
            household.move_in(tx)?;
            items::insert(tx, &message)
        })
        .await
        .unwrap();
    let mut reader = open::reader(&folder.path().join("hutch.db")).unwrap();
    let reading = reader.transaction().unwrap();
    assert!(items::find(&reading, item(1)).unwrap().is_some());

    store.write(|tx| erase::erase_item(tx, item(1), AT)).await.unwrap().unwrap();

    assert!(!store.scrub().await.unwrap());
    assert!(!holding(folder.path(), &[erased.sound.as_bytes()]).is_empty());
    drop(reading);
    assert!(store.scrub().await.unwrap());
    assert_eq!(holding(folder.path(), &[erased.sound.as_bytes()]), [""; 0]);
}
