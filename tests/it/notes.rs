//! Written notes: who writes them, who reads them, and what becomes of them.

use actix_web::http::StatusCode;
use hutch::{
    hub::{HubError, SoundFormat},
    model::{Deed, ItemId},
    seal::{About, Kind, Part, PrivateKey as _},
    store::{self, Store, Transaction, notes},
    toy::firmware::Quirks,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    house::House,
    relatives::{items, recording, relative, screen, share},
    support::{Answer, Client, TestHub},
};

const TEXT: &str = "Good night, Mia!\nSleep well 🧸";

async fn write(client: &Client<'_>, item: &str, text: &str) -> Answer {
    client.put_json(&format!("/api/v1/items/{item}/note"), &json!({ "text": text })).await
}

async fn read(client: &Client<'_>, item: &str) -> Value {
    let shown = client.get(&format!("/api/v1/items/{item}")).await.json()["note"].clone();
    let listed = items(client).await;
    let listed = listed.iter().find(|listed| listed["id"] == item).unwrap();
    assert_eq!(listed["note"], shown, "the list says the same");
    shown
}

fn id(item: &Value) -> &str {
    item["id"].as_str().unwrap()
}

async fn deeds(guardian: &Client<'_>) -> Vec<String> {
    let entries = guardian.get("/api/v1/activity").await.json()["entries"].clone();
    let of_notes = entries.as_array().unwrap().iter().rev().filter_map(|entry| {
        let deed = entry["deed"].as_str().unwrap();
        deed.starts_with("note_").then(|| format!("{deed} {}", entry["item"].as_str().unwrap()))
    });
    of_notes.collect()
}

#[actix_web::test]
async fn a_guardian_writes_changes_and_removes_a_note() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let item = recording(&guardian).await;
    let before = read(&guardian, &item).await;
    let mut events = guardian.events().await;
    assert!(events.next().await.unwrap().contains("event: hello"));

    let written = write(&guardian, &item, TEXT).await;
    let told = events.next().await.unwrap();
    let same = write(&guardian, &item, TEXT).await;
    let seen = read(&guardian, &item).await;
    let changed = write(&guardian, &item, "Otherwise").await;
    let removed = write(&guardian, &item, " \n").await;
    let again = write(&guardian, &item, "").await;

    assert_eq!(before, Value::Null);
    assert_eq!((written.status, &written.json()["note"]), (StatusCode::OK, &json!(TEXT)));
    assert!(told.contains("event: item") && told.contains(&item), "{told}");
    assert!(!told.contains("night"), "{told}");
    assert_eq!((same.json()["note"].clone(), seen), (json!(TEXT), json!(TEXT)));
    assert_eq!(changed.json()["note"], "Otherwise");
    assert_eq!((removed.json()["note"].clone(), again.json()["note"].clone()), Default::default());
    let words = [Deed::NoteWritten, Deed::NoteChanged, Deed::NoteRemoved].map(Deed::word);
    assert_eq!(deeds(&guardian).await, words.map(|word| format!("{word} {item}")));
    let activity = guardian.get("/api/v1/activity").await;
    assert!(!activity.text().contains("night"), "by identifiers alone");
}

#[actix_web::test]
async fn what_cannot_be_a_note_is_refused_with_a_sentence() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let item = recording(&guardian).await;

    for text in ["a\tb", "a\r\nb", "\0", "\u{7f}", &"x".repeat(1_001)] {
        let refused = write(&guardian, &item, text).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{text:?}");
        assert_eq!(refused.error(), "bad_note", "{text:?}");
    }
    let longest = "🧸".repeat(1_000);
    assert_eq!(write(&guardian, &item, &longest).await.json()["note"], longest);
    assert_eq!(write(&guardian, &"a".repeat(26), "x").await.error(), "no_such_item");
    let path = format!("/api/v1/items/{item}/note");
    assert_eq!(guardian.put_json(&path, &json!({})).await.error(), "bad_json");
    assert_eq!(guardian.put_json(&path, &json!({ "text": null })).await.error(), "bad_json");
    assert_eq!(read(&guardian, &item).await, json!(longest));
}

#[actix_web::test]
async fn a_relative_writes_to_their_own_until_others_can_see_it() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let (_, screen) = screen(&hub, &guardian).await;
    let sent = grandma.message(500).await;

    let written = write(&grandma, id(&sent), TEXT).await;
    let for_guardian = read(&guardian, id(&sent)).await;
    let delivery = sent["delivery"]["id"].as_str().unwrap();
    guardian.post(&format!("/api/v1/deliveries/{delivery}/approve")).await;
    let too_late = write(&grandma, id(&sent), "Something else").await;
    let by_guardian = write(&guardian, id(&sent), "Something else").await;

    assert_eq!(written.json()["note"], TEXT);
    assert_eq!(for_guardian, TEXT);
    assert_eq!((too_late.status, too_late.error()), (StatusCode::CONFLICT, "too_late".to_owned()));
    assert_eq!(by_guardian.json()["note"], "Something else");
    assert_eq!(read(&grandma, id(&sent)).await, "Something else");
    assert_eq!(read(&screen, id(&sent)).await, "Something else");
    assert_eq!(write(&screen, id(&sent), "x").await.error(), "not_allowed");
}

#[actix_web::test]
async fn a_relative_does_not_write_to_what_another_relative_may_hear() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let child = guardian.child().await["id"].clone();
    let uncle = json!({ "name": "Uncle", "grants": [{ "child": child, "relation": "uncle" }] });
    let uncle = guardian.post_json("/api/v1/relatives", &uncle).await.json();
    let sent = grandma.message(500).await;

    // He has not come yet: what is shared waits for him.
    share(&guardian, id(&sent), id(&uncle["relative"])).await;

    assert_eq!(write(&grandma, id(&sent), TEXT).await.error(), "too_late");
}

#[actix_web::test]
async fn a_note_is_shared_and_taken_away_with_its_item() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (relative_id, grandma) = relative(&hub, &guardian).await;
    let item = recording(&guardian).await;
    write(&guardian, &item, TEXT).await;
    let path = format!("/api/v1/items/{item}");

    let before = grandma.get(&path).await;
    share(&guardian, &item, &relative_id).await;
    let shared = read(&grandma, &item).await;
    let refused = write(&grandma, &item, "Mine").await;
    write(&guardian, &item, "Newer").await;
    let newer = read(&grandma, &item).await;
    let body = json!({ "account": relative_id });
    guardian.post_json(&format!("{path}/unshare"), &body).await;

    assert_eq!(before.error(), "no_such_item");
    assert_eq!((shared, newer), (json!(TEXT), json!("Newer")));
    assert_eq!(
        (refused.status, refused.error()),
        (StatusCode::FORBIDDEN, "not_allowed".to_owned())
    );
    assert_eq!(grandma.get(&path).await.error(), "no_such_item");
    assert_eq!(write(&grandma, &item, "Mine").await.error(), "no_such_item");
}

async fn n_notes(store: &Store) -> i64 {
    let count =
        |tx: &Transaction<'_>| Ok(tx.query_row("select count(*) from note", [], |row| row.get(0))?);
    store.read(count).await.unwrap()
}

async fn set(house: &House, item: ItemId, text: &str) {
    let text = Zeroizing::new(text.to_owned());
    house.hub.set_note(&house.guardian, item, text).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_note_goes_with_its_item() {
    let house = House::without_keepers(Quirks::default()).await;
    house.add_recording(1_000).await;
    let (one, other) = (house.send(500).await.id, house.send(600).await.id);
    for item in [one, other, ItemId::from_bytes([7; 16])] {
        set(&house, item, TEXT).await;
    }
    let store = &house.tools.store;
    let mut n = vec![n_notes(store).await];

    house.erase(one).await;
    n.push(n_notes(store).await);
    // A clock that is further ahead than this is not believed.
    for _ in 0..2 {
        house.clock.set_by(46 * 24 * 3_600);
        house.hub.erase_what_is_over().await.unwrap();
    }
    n.push(n_notes(store).await);

    assert_eq!(n, [3, 2, 1], "what waits for its toy stays");
}

#[tokio::test(start_paused = true)]
async fn what_a_note_said_is_in_no_file_and_the_old_bytes_go_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::with_store(Store::open(folder.path()).unwrap()).await;
    let item = house.send(500).await.id;
    let holds = |needle: &[u8]| {
        std::fs::read_dir(folder.path()).unwrap().any(|entry| {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            bytes.windows(needle.len()).any(|window| window == needle)
        })
    };
    set(&house, item, TEXT).await;
    let sealed = house.tools.store.read(move |tx| notes::find(tx, item)).await.unwrap();
    let sealed = sealed.unwrap().unwrap();

    assert!(!holds(b"Sleep well"), "readable");
    assert!(holds(&sealed.as_bytes()[6..]));
    set(&house, item, "Otherwise").await;
    assert!(!holds(&sealed.as_bytes()[6..]), "the note before is there still");
    let shown = house.hub.item(&house.guardian, item).await.unwrap();
    assert_eq!(shown.note.as_deref(), Some("Otherwise"));
    assert!(!format!("{shown:?}").contains("Otherwise"));
}

#[tokio::test(start_paused = true)]
async fn a_note_that_was_changed_by_hand_does_not_open_and_hides_nothing_else() {
    let changes = [
        (
            "the note of another",
            "update note set sealed = (select sealed from note where item <> ?1) where item = ?1",
        ),
        (
            "moved from another",
            "update note set item = case item when ?1 then zeroblob(16) else ?1 end",
        ),
        (
            "a waveform",
            "update note set sealed = (select waveform from item where id = ?1) where item = ?1",
        ),
        (
            "a byte",
            "update note set sealed = cast(substr(sealed, 1, 40) || x'00' || substr(sealed, 42) as blob) where item = ?1",
        ),
        (
            "cut short",
            "update note set sealed = substr(sealed, 1, length(sealed) - 1) where item = ?1",
        ),
        ("cut to nothing", "update note set sealed = substr(sealed, 1, 7) where item = ?1"),
        ("bytes added", "update note set sealed = cast(sealed || x'00' as blob) where item = ?1"),
        (
            "a later version",
            "update note set sealed = cast(substr(sealed, 1, 5) || x'63' || substr(sealed, 7) as blob) where item = ?1",
        ),
    ];
    for (what, change) in changes {
        let house = House::without_keepers(Quirks::default()).await;
        let (one, other) = (house.send(500).await.id, house.send(600).await.id);
        set(&house, one, "One").await;
        set(&house, other, "Other").await;
        let change = move |tx: &Transaction<'_>| {
            tx.execute_batch("pragma defer_foreign_keys = on")?;
            let n = tx.execute(change, [one.as_bytes().as_slice()])?;
            // What was moved away belongs to nothing.
            tx.execute("delete from note where item not in (select id from item)", [])?;
            Ok(n)
        };
        let n = house.tools.store.write(change).await.unwrap();
        assert!(0 < n, "{what}");

        let (hub, by) = (&house.hub, &house.guardian);
        let refused = hub.item(by, one).await.err().unwrap();
        assert!(matches!(refused, HubError::DoesNotOpen { item } if item == one), "{what}");
        assert!(refused.to_string().contains(&one.to_string()), "{refused}");
        assert!(hub.sound(by, one, SoundFormat::Ogg).await.is_ok(), "{what}");
        let page = hub.items(by, house.child, None, 10).await.unwrap();
        assert_eq!(page.items.iter().map(|item| item.id).collect::<Vec<_>>(), [other], "{what}");
        // Written anew, all is well again.
        set(&house, one, "Anew").await;
        let anew = hub.item(by, one).await.unwrap().note;
        assert_eq!(anew.as_deref(), Some("Anew"), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_note_opens_by_the_key_of_its_item_alone() {
    let house = House::without_keepers(Quirks::default()).await;
    let sent = house.send(500).await;
    set(&house, sent.id, TEXT).await;
    let item = sent.id;
    let found = house.tools.store.read(move |tx| {
        Ok((notes::find(tx, item)?.unwrap(), store::items::find(tx, item)?.unwrap()))
    });
    let (note, stored) = found.await.unwrap();
    let (child, sender) = (Some(house.child), Some(house.account));
    let about = About { item, kind: Kind::Message, child, sender };

    let content = house.household.open(&stored.key.unwrap(), &about).unwrap();
    let note = note.unwrap();

    assert_eq!(**content.open(Part::Text, &about, &note).unwrap(), *TEXT.as_bytes());
    assert!(content.open(Part::Waveform, &about, &note).is_err());
    assert!(house.tools.device.open(&about, &note).is_err());
}
