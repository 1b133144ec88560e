//! Somebody with the card in their hand: what it gives away, and what a changed row does.

use std::collections::{BTreeMap, BTreeSet};

use hutch::{
    hub::{
        HubError, Sending, SoundFormat,
        accounts::{Grant, NewRelative},
    },
    model::{ItemId, Relation},
    seal::{About, Kind, Opener, Place, Sealed, Wrap, WrapKey},
    store::{self, Store},
    toy::firmware::Quirks,
};
use rusqlite::{Connection, types::Value};
use zeroize::Zeroizing;

use crate::house::{House, NAME, PASSWORD, browser};

const GRANDMA: &str = "Grandma Gisela";
const HERS: &str = "sunday kettle";

/// How a column looks to somebody without any password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Looks {
    /// Sealed for people, or wrapped under what only they have.
    Closed,
    /// Under the device key, which lies on the same card.
    DeviceKey,
    /// Readable, as the claim about a stolen card says: in these words.
    Readable(&'static str),
}
use Looks::{Closed, DeviceKey, Readable};

/// Every column that is no random identifier, counter or reference, and what a thief sees of it. A
/// column that is not here fails the test: whoever adds one decides.
#[rustfmt::skip]
const COLUMNS: &[(&str, &[(&str, Looks)])] = &[
    ("account", &[("role", Readable("settings")), ("name", Readable("sign-in names")), ("created_at", Readable("times")), ("blocked_at", Readable("times"))]),
    ("activity", &[("at", Readable("times")), ("deed", Readable("activity without names")), ("n", Readable("activity without names")), ("place_hash", Readable("activity without names")), ("chain", Readable("activity without names"))]),
    ("activity_place", &[("salt", Readable("addresses and kinds of devices")), ("address", Readable("addresses and kinds of devices")), ("device", Readable("addresses and kinds of devices"))]),
    ("activity_seen", &[("up_to", Readable("settings"))]),
    ("audio", &[("sealed", Closed)]),
    ("browser", &[("lookup", Readable("a hash")), ("added_at", Readable("times")), ("last_used_at", Readable("times"))]),
    ("child", &[("animal", Readable("settings")), ("color", Readable("settings")), ("created_at", Readable("times")), ("max_volume", Readable("settings")), ("night_volume", Readable("settings")), ("retention_days", Readable("settings"))]),
    ("delivery", &[("arrival", Readable("times")), ("state", Readable("settings")), ("reason", Readable("settings")), ("tries", Readable("settings")), ("next_try_at", Readable("times")), ("queued_at", Readable("times")), ("heard_at", Readable("times")), ("expires_at", Readable("times")), ("perhaps_heard", Readable("settings")), ("begun", Readable("settings")), ("due_at", Readable("times"))]),
    ("fetched", &[("mac", Readable("a keyed hash")), ("fetched_at", Readable("times")), ("part", Readable("an identifier"))]),
    ("granted", &[("relation", Readable("settings")), ("needs_approval", Readable("settings")), ("daily_limit", Readable("settings"))]),
    ("guard", &[("sign", Readable("settings")), ("seen", Readable("a hash")), ("since", Readable("times")), ("trusted", Readable("settings"))]),
    ("household", &[("set_up_at", Readable("times")), ("time_zone", Readable("settings")), ("latest_at", Readable("times"))]),
    ("invite", &[("role", Readable("settings")), ("lookup", Readable("a hash")), ("wrap", Closed), ("made_at", Readable("times")), ("ends_at", Readable("times"))]),
    ("item", &[("arrival", Readable("times")), ("kind", Readable("settings")), ("recorded_at", Readable("times")), ("length_ms", Readable("durations")), ("while_away", Readable("settings")), ("waveform", Closed), ("text", Closed), ("kept", Readable("settings"))]),
    ("item_key", &[("sealed", Closed)]),
    ("key_for_later", &[("sealed", Closed)]),
    ("meter", &[("lookup", Readable("a hash")), ("made_at", Readable("times")), ("used_at", Readable("times"))]),
    ("note", &[("sealed", Closed)]),
    ("outbox", &[("clip", DeviceKey)]),
    ("overwrite", &[("length_ms", Readable("durations")), ("since", Readable("times"))]),
    ("password", &[("salt", Readable("a salt")), ("memory_kib", Readable("settings")), ("passes", Readable("settings")), ("wrap", Closed), ("changed_at", Readable("times")), ("totp_step", Readable("times"))]),
    ("picture", &[("sealed", Closed)]),
    ("quiet", &[("weekday", Readable("settings")), ("from_minute", Readable("settings")), ("until_minute", Readable("settings"))]),
    ("recipient", &[("public_key", Readable("a public key")), ("generation", Readable("settings")), ("created_at", Readable("times"))]),
    ("recovery", &[("public_key", Readable("a public key")), ("sealed", Closed), ("made_at", Readable("times")), ("part", Readable("settings")), ("part_mac", Readable("a keyed hash")), ("used_at", Readable("times"))]),
    ("request", &[("arrival", Readable("times")), ("key_mac", Readable("a keyed hash")), ("asked_mac", Readable("a keyed hash")), ("items", Readable("identifiers")), ("at", Readable("times"))]),
    ("rotation", &[("generation", Readable("settings")), ("previous", Closed), ("begun_at", Readable("times")), ("n_items", Readable("sizes"))]),
    ("session", &[("lookup", Readable("a hash")), ("wrap", Closed), ("created_at", Readable("times")), ("last_used_at", Readable("times")), ("ends_at", Readable("times")), ("address", Readable("addresses and kinds of devices")), ("device", Readable("addresses and kinds of devices")), ("confirmed_until", Readable("times"))]),
    ("silence", &[("slot", Readable("settings")), ("wanted_at", Readable("times")), ("done_at", Readable("times"))]),
    ("throttle", &[("lane", Readable("a keyed hash")), ("failures", Readable("settings")), ("last_failed_at", Readable("times")), ("blocked_until", Readable("times"))]),
    ("tombstone", &[("erased_at", Readable("times"))]),
    ("toy", &[("address", Readable("toy addresses")), ("character", Readable("settings")), ("adopted_at", Readable("times")), ("before_night", Readable("settings")), ("config", Readable("settings")), ("firmware", Readable("settings")), ("gatt_table", Readable("a hash")), ("signal_floor", Readable("settings")), ("retiring_at", Readable("times")), ("let_go_at", Readable("times")), ("wanted_volume", Readable("settings"))]),
];

/// Columns of random identifiers, counters of rows, and references to them.
const IDENTIFIERS: &[&str] = &[
    "id",
    "account",
    "child",
    "toy",
    "item",
    "sender",
    "recipient",
    "invite",
    "made_by",
    "begun_by",
    "delivery",
    "subject",
    "activity",
];

/// A household in which everything has happened once, its store closed, and its keys.
struct Stolen {
    folder: tempfile::TempDir,
    house: House,
    /// A message that waits for its toy.
    waiting: ItemId,
    cookie: Vec<u8>,
}

impl Stolen {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut house = House::with_store(Store::open(folder.path()).unwrap()).await;
        house.add_recording(1_000).await;
        let picture = include_bytes!("../fuzz/corpus/picture/webp").to_vec();
        house.hub.set_picture(&house.guardian, house.child, picture).await.unwrap();
        house.start_keepers().await;
        let heard = house.send(1_500).await;
        let delivery = heard.delivery.unwrap().id;
        house.until_state(delivery, "on_toy").await;
        house.toy.press_play();
        house.until_state(delivery, "heard").await;
        house.stop_keepers().await;
        let waiting = house.send(1_200).await.id;
        let child = house.child;
        let grant = Grant {
            child,
            relation: Relation::Grandmother,
            needs_approval: true,
            daily_limit: None,
        };
        let new = NewRelative { name: GRANDMA.to_owned(), grants: vec![grant] };
        let (line, invited) = house.hub.invite_relative(&house.guardian, new).await.unwrap();
        let password = Some(Zeroizing::new(HERS.to_owned()));
        let token = invited.token.to_text();
        house.hub.accept_invite(browser(), &token, Some("gisela"), password).await.unwrap();
        let item = ItemId::from_bytes([7; 16]);
        house.hub.share(&house.guardian, item, line.id).await.unwrap();
        let open = house.hub.renew_invite(&house.guardian, line.id, hutch::model::Role::Relative);
        open.await.unwrap();
        let signed_in = house
            .hub
            .sign_in(browser(), NAME, Zeroizing::new(PASSWORD.to_owned()), None)
            .await
            .unwrap();
        let cookie = signed_in.session.to_text().as_bytes().to_vec();
        Self { folder, house, waiting, cookie }
    }

    fn database(&self) -> Connection {
        Connection::open(self.folder.path().join("hutch.db")).unwrap()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            all.extend(std::fs::read(entry.unwrap().path()).unwrap());
        }
        all
    }
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// Every column of every table.
fn columns(database: &Connection) -> BTreeMap<String, BTreeSet<String>> {
    let mut select = database
        .prepare(
            "select m.name, p.name from sqlite_schema m join pragma_table_info(m.name) p
             where m.type = 'table' and m.name not like 'sqlite_%'",
        )
        .unwrap();
    let rows = select
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .unwrap();
    let mut columns: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for row in rows {
        let (table, column) = row.unwrap();
        columns.entry(table).or_default().insert(column);
    }
    columns
}

/// Every value of a column that is there.
fn values(database: &Connection, table: &str, column: &str) -> Vec<Value> {
    let select = format!("select \"{column}\" from \"{table}\" where \"{column}\" is not null");
    let mut select = database.prepare(&select).unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(|value| value.unwrap()).collect()
}

fn blob(value: Value) -> Vec<u8> {
    match value {
        Value::Blob(bytes) => bytes,
        Value::Text(text) => text.into_bytes(),
        other => panic!("{other:?} is sealed by nobody"),
    }
}

#[tokio::test(start_paused = true)]
async fn every_column_is_sealed_or_named_in_the_claim_about_a_stolen_card() {
    let stolen = Stolen::new().await;
    stolen.house.tools.store.close().await;
    let database = stolen.database();
    let known: BTreeMap<_, BTreeMap<_, _>> = COLUMNS
        .iter()
        .map(|(table, columns)| (*table, columns.iter().copied().collect()))
        .collect();
    let mut n_closed = 0;

    for (table, columns) in columns(&database) {
        let known = known.get(table.as_str()).unwrap_or_else(|| panic!("who may read {table}?"));
        for column in columns {
            if IDENTIFIERS.contains(&column.as_str()) {
                continue;
            }
            let looks = known.get(column.as_str());
            let looks = looks.unwrap_or_else(|| panic!("who may read {table}.{column}?"));
            for value in values(&database, &table, &column) {
                let form = match (looks, &value) {
                    (Readable(_), Value::Blob(bytes)) => {
                        assert!(!bytes.starts_with(b"\x89HTC"), "{table}.{column} is sealed");
                        continue;
                    }
                    (Readable(_), _) => continue,
                    (Closed, _) => [1, 3, 4, 5, 6].as_slice(),
                    (DeviceKey, _) => [2].as_slice(),
                };
                let bytes = blob(value);
                assert!(bytes.starts_with(b"\x89HTC"), "{table}.{column}");
                assert!(form.contains(&bytes[4]), "{table}.{column} has form {}", bytes[4]);
                n_closed += 1;
            }
        }
    }
    assert!(20 < n_closed, "a household was looked at: {n_closed}");
}

#[tokio::test(start_paused = true)]
async fn a_stolen_card_gives_away_what_the_claim_says_and_no_more() {
    let stolen = Stolen::new().await;
    // With the log and without it.
    let with_log = stolen.bytes();
    stolen.house.tools.store.close().await;
    let without_log = stolen.bytes();

    for files in [&with_log, &without_log] {
        for hidden in [NAME, PASSWORD, GRANDMA, HERS, "Bentley"] {
            assert!(!holds(files, hidden.as_bytes()), "{hidden} is readable");
        }
        // The nickname is three letters, which chance writes anywhere: as a text it is in no column.
        assert!(!holds(files, &stolen.cookie));
        // Ogg pages and toy files begin like this: nothing that was said is stored as it was.
        for sound in [b"OggS".as_slice(), b"OpusHead", b"OpusTags"] {
            assert!(!holds(files, sound));
        }
        for given_away in [NAME.to_lowercase().as_str(), "gisela", "A browser", "127.0.0.1"] {
            assert!(holds(files, given_away.as_bytes()), "the claim says that {given_away} is");
        }
    }
    let database = stolen.database();
    for (table, columns) in columns(&database) {
        for column in columns {
            for value in values(&database, &table, &column) {
                if let Value::Text(text) = value {
                    assert!(!text.contains("Mia"), "{table}.{column}");
                }
            }
        }
    }
    // "It does give away messages not yet heard": those, and none that was heard.
    let clips = values(&database, "outbox", "clip");
    assert_eq!(clips.len(), 1);
    let clip = Sealed::from_stored(blob(clips.into_iter().next().unwrap())).unwrap();
    let about = About {
        item: stolen.waiting,
        kind: Kind::Message,
        child: Some(stolen.house.child),
        sender: None,
    };
    let opened = stolen.house.tools.device.open(&about, &clip).unwrap();
    assert!(**opened == House::clip(1_200));
}

#[tokio::test(start_paused = true)]
async fn no_value_of_the_database_opens_a_wrap() {
    let stolen = Stolen::new().await;
    stolen.house.tools.store.close().await;
    let database = stolen.database();
    let mut keys: BTreeSet<[u8; 32]> = BTreeSet::new();
    for (table, columns) in columns(&database) {
        for column in
            columns.iter().filter(|_| !["audio", "outbox", "picture"].contains(&table.as_str()))
        {
            for value in values(&database, &table, column) {
                let bytes = match value {
                    Value::Blob(bytes) => bytes,
                    Value::Text(text) => text.into_bytes(),
                    _ => continue,
                };
                for window in bytes.windows(32) {
                    keys.insert(window.try_into().unwrap());
                }
                // What is shorter may be a key with nothing behind it.
                if bytes.len() < 32 {
                    let mut key = [0; 32];
                    key[..bytes.len()].copy_from_slice(&bytes);
                    keys.insert(key);
                }
            }
        }
    }
    let places = [
        ("password", "account", Opener::Password),
        ("session", "id", Opener::Session),
        ("invite", "id", Opener::Link),
    ];
    let mut n_wraps = 0;
    for (table, id, opener) in places {
        let select = format!("select {id}, wrap from {table} where wrap is not null");
        let mut select = database.prepare(&select).unwrap();
        let rows: Vec<([u8; 16], Vec<u8>)> = select
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(|row| row.unwrap())
            .collect();
        for (id, wrap) in rows {
            n_wraps += 1;
            let wrap = Wrap::from_stored(wrap).unwrap();
            let place = Place { opener, id };
            for key in &keys {
                assert!(WrapKey::from_bytes(key).open(&place, &wrap).is_err(), "{table}");
            }
        }
    }
    assert!(5 <= n_wraps && 1_000 < keys.len(), "{n_wraps} wraps, {} keys", keys.len());
}

/// A change that somebody makes to the rows of one item, and the item.
#[tokio::test(start_paused = true)]
async fn a_row_that_was_changed_by_hand_does_not_open_and_hides_nothing_else() {
    let one = ItemId::from_bytes([7; 16]);
    let changes = [
        ("moved to another child", "update item set child = (select id from child where id <> (select child from item where id = ?1)) where id = ?1"),
        ("sent by somebody else", "update item set sender = zeroblob(16) where id = ?1"),
        ("another kind", "update item set kind = 'message' where id = ?1"),
        ("the sound of another", "update audio set sealed = (select sealed from audio where item <> ?1 limit 1) where item = ?1"),
        ("the key of another", "update item_key set sealed = (select sealed from item_key where item <> ?1 limit 1) where item = ?1"),
        ("a byte of the sound", "update audio set sealed = cast(substr(sealed, 1, 500) || x'00' || substr(sealed, 502) as blob) where item = ?1"),
        ("cut short", "update audio set sealed = substr(sealed, 1, length(sealed) - 1) where item = ?1"),
        ("cut in half", "update audio set sealed = substr(sealed, 1, length(sealed) / 2) where item = ?1"),
        ("bytes added", "update audio set sealed = cast(sealed || x'00' as blob) where item = ?1"),
        ("segments in another order", "update audio set sealed = cast(
            substr(sealed, 1, 38) || substr(sealed, 38 + 65552 + 1, 65552) || substr(sealed, 39, 65552) || substr(sealed, 38 + 2 * 65552 + 1) as blob)
            where item = ?1"),
        ("a later version", "update audio set sealed = cast(substr(sealed, 1, 5) || x'63' || substr(sealed, 7) as blob) where item = ?1"),
    ];
    for (what, change) in changes {
        let mut house = House::with_store(Store::in_memory().unwrap()).await;
        // Some 190 kB of Ogg Opus: header, salt, and three segments of 64 KiB with their tags.
        house.add_recording(60_000).await;
        house.start_keepers().await;
        let other = house.send(1_000).await;
        let leo = hutch::hub::children::make(
            &house.tools,
            "Leo",
            hutch::model::Character::Cat,
            hutch::hub::Color::Sky,
        )
        .unwrap();
        let add = move |tx: &store::Transaction<'_>| store::children::insert(tx, &leo);
        house.tools.store.write(add).await.unwrap();
        let sound = house.hub.sound(&house.guardian, one, SoundFormat::Ogg).await.unwrap();
        assert!(130_000 < sound.len(), "{} bytes", sound.len());

        let n_rows = house
            .tools
            .store
            .write(move |tx| Ok(tx.execute(change, [one.as_bytes().as_slice()])?))
            .await
            .unwrap();

        assert_eq!(n_rows, 1, "{what}");
        let refused = house.hub.sound(&house.guardian, one, SoundFormat::Ogg).await.err().unwrap();
        assert!(
            matches!(refused, HubError::DoesNotOpen { item } if item == one),
            "{what}: {refused:?}"
        );
        assert!(refused.to_string().contains(&one.to_string()), "{refused}");
        let heard = house.hub.sound(&house.guardian, other.id, SoundFormat::Ogg).await;
        assert!(heard.is_ok(), "{what}");
        let page = house.hub.items(&house.guardian, house.child, None, 10).await.unwrap();
        assert!(page.items.iter().any(|item| item.id == other.id), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_of_the_card_opens_nothing_that_was_said() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.add_recording(1_000).await;
    let heard = house.send(1_000).await;
    let delivery = heard.delivery.unwrap().id;
    house.until_state(delivery, "on_toy").await;
    house.toy.press_play();
    house.until_state(delivery, "heard").await;

    for (item, kind) in [(ItemId::from_bytes([7; 16]), Kind::Recording), (heard.id, Kind::Message)]
    {
        let sound = house.tools.store.read(move |tx| store::items::sound(tx, item)).await.unwrap();
        let sound = sound.unwrap().unwrap();
        for sender in [None, Some(house.account)] {
            let about = About { item, kind, child: Some(house.child), sender };
            assert!(house.tools.device.open(&about, &sound).is_err());
        }
    }
}

/// Lets the database grow no more, or as much as it likes again.
async fn fill_disk(house: &House, is_full: bool) {
    let limit = move |tx: &store::Transaction<'_>| {
        let n_pages: i64 = tx.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let most = if is_full { n_pages } else { i64::from(i32::MAX) };
        tx.pragma_update_and_check(None, "max_page_count", most, |_row| Ok(()))?;
        Ok(())
    };
    house.tools.store.write(limit).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_is_said_and_nothing_is_lost() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.add_recording(1_000).await;
    let kept = house.send(1_000).await;
    house.until_state(kept.delivery.unwrap().id, "on_toy").await;
    let by = signed_in(&house).await;
    fill_disk(&house, true).await;

    let wav = hutch::audio::wav::write(&crate::house::tone(16_000, 20_000));
    let refused =
        house.hub.send_message(&house.guardian, house.child, wav.clone(), Sending::default()).await;
    let invited = house.hub.invite(&house.hub.confirmed(&by).unwrap()).await;

    assert!(matches!(refused, Err(HubError::DiskFull(_))), "{:?}", refused.err());
    // What is small may still fit into a page that is there.
    assert!(invited.is_ok() || matches!(invited, Err(HubError::DiskFull(_))));
    let page = house.hub.items(&house.guardian, house.child, None, 10).await.unwrap();
    assert_eq!(page.items.len(), 2);
    for item in page.items {
        assert!(house.hub.sound(&house.guardian, item.id, SoundFormat::Ogg).await.is_ok());
    }
    fill_disk(&house, false).await;
    let sent = house.hub.send_message(&house.guardian, house.child, wav, Sending::default()).await;
    assert!(sent.is_ok(), "there is room again");
}

/// A recording that comes while the disk is full stays on the toy until there is room.
#[tokio::test(start_paused = true)]
async fn what_a_child_says_while_the_disk_is_full_is_fetched_when_there_is_room() {
    let mut house = House::with_toy(Quirks::default()).await;
    house.until_presence(hutch::hub::Presence::Awake).await;
    fill_disk(&house, true).await;

    house.record(8_000);
    tokio::time::sleep(std::time::Duration::from_secs(120)).await;
    assert!(house.recordings().await.is_empty());
    fill_disk(&house, false).await;
    house.until_item().await;

    assert_eq!(house.recordings().await.len(), 1);
}

/// Everything that writes, on a disk that has room for so many pages more. What is refused is refused
/// as a whole: nothing stored before is lost, and the file is in order.
#[tokio::test(start_paused = true)]
async fn wherever_the_disk_becomes_full_nothing_is_half_done() {
    let mut n_refused = 0;
    for room in [0, 1, 2, 3, 5, 8, 13, 21] {
        let folder = tempfile::tempdir().unwrap();
        let house = House::with_store(Store::open(folder.path()).unwrap()).await;
        house.add_recording(1_000).await;
        let kept = house.send(1_000).await.id;
        let by = signed_in(&house).await;
        let limit = move |tx: &store::Transaction<'_>| {
            let n_pages: i64 = tx.pragma_query_value(None, "page_count", |row| row.get(0))?;
            tx.pragma_update_and_check(None, "max_page_count", n_pages + room, |_row| Ok(()))?;
            Ok(())
        };
        house.tools.store.write(limit).await.unwrap();

        let (hub, child) = (&house.hub, house.child);
        let grant =
            Grant { child, relation: Relation::Aunt, needs_approval: true, daily_limit: None };
        let new = |n: u8| NewRelative { name: format!("Aunt {n}"), grants: vec![grant] };
        let wav = hutch::audio::wav::write(&crate::house::tone(16_000, 4_000));
        let mut outcomes: Vec<Result<(), HubError>> = Vec::new();
        for n in 0..4 {
            let sent = hub.send_message(&by, child, wav.clone(), Sending::default()).await;
            outcomes.push(sent.map(|_items| ()));
            outcomes.push(hub.invite_relative(&by, new(n)).await.map(|_line| ()));
            outcomes.push(hub.invite(&hub.confirmed(&by).unwrap()).await.map(|_invited| ()));
            let rules = hutch::hub::rules::Rules {
                quiet: Vec::new(),
                max_volume: Some(n),
                night_volume: None,
                retention_days: None,
            };
            outcomes.push(hub.set_rules(&by, child, rules).await.map(|_rules| ()));
            let password = Zeroizing::new(PASSWORD.to_owned());
            let signed_in = hub.sign_in(browser(), NAME, password, None).await;
            outcomes.push(signed_in.map(|_signed_in| ()));
        }

        for outcome in outcomes {
            match outcome {
                Ok(()) => {}
                Err(HubError::DiskFull(_)) => n_refused += 1,
                Err(other) => panic!("{room} pages: {other:?}"),
            }
        }
        let page = hub.items(&by, child, None, 100).await.unwrap();
        assert!(page.items.iter().any(|item| item.id == kept));
        for item in &page.items {
            assert!(hub.sound(&by, item.id, SoundFormat::Ogg).await.is_ok());
        }
        for line in hub.people(&by).await.unwrap().relatives {
            assert_eq!(line.grants.len(), 1, "no account without its child");
        }
        house.tools.store.close().await;
        let database = Connection::open(folder.path().join("hutch.db")).unwrap();
        let verdict: String =
            database.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(verdict, "ok");
        let chained = Store::open(folder.path()).unwrap();
        let checked =
            chained.read(|tx| store::activity::check(tx, None, &BTreeSet::new())).await.unwrap();
        assert!(checked.is_ok(), "what was refused left no hole in the activity");
    }
    assert!(20 < n_refused, "the disk was full often enough: {n_refused}");
}

/// A guardian who gave the password a moment ago.
async fn signed_in(house: &House) -> hutch::hub::Guardian {
    let password = Zeroizing::new(PASSWORD.to_owned());
    let signed_in = house.hub.sign_in(browser(), NAME, password, None).await.unwrap();
    let cookie = signed_in.session.to_text();
    let caller = house.hub.caller(&cookie, "127.0.0.1").await.unwrap();
    let Some(hutch::hub::Caller::Guardian(guardian)) = caller else { panic!("a guardian") };
    guardian
}
