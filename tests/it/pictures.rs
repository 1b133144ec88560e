//! Pictures of children: who sees them, what is taken, and what is left of them.

use std::{collections::HashSet, fs, path::Path, time::Duration};

use actix_web::http::{StatusCode, header};
use hutch::store::{Store, children, pictures};
use serde_json::{Value, json};

use crate::{
    house::{House, PASSWORD},
    relatives::{relative, screen},
    support::{Answer, Client, TestHub},
};

const JPEG: &[u8] = include_bytes!("../fuzz/corpus/picture/jpeg");
const PNG: &[u8] = include_bytes!("../fuzz/corpus/picture/png");
const WEBP: &[u8] = include_bytes!("../fuzz/corpus/picture/webp");
const JPEG_CUT: &[u8] = include_bytes!("../fuzz/corpus/picture/jpeg_cut");

async fn put(client: &Client<'_>, child: &str, kind: &str, file: Vec<u8>) -> Answer {
    let path = format!("/api/v1/children/{child}/picture");
    let request = client.request("PUT", &path).insert_header((header::CONTENT_TYPE, kind));
    client.send(request.set_payload(file)).await
}

async fn get(client: &Client<'_>, child: &str) -> Answer {
    client.get(&format!("/api/v1/children/{child}/picture")).await
}

async fn remove(client: &Client<'_>, child: &str) -> Answer {
    client.send(client.request("DELETE", &format!("/api/v1/children/{child}/picture"))).await
}

async fn child(client: &Client<'_>) -> String {
    client.child().await["id"].as_str().unwrap().to_owned()
}

/// A JPEG with what a camera says of the place.
fn with_gps() -> Vec<u8> {
    let exif = b"Exif\0\0II*\0\x08\0\0\0\0\0GPS 48.2082 N, 16.3738 E";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&JPEG[..2], &[0xff, 0xe1], &length, exif, &JPEG[2..]].concat()
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[actix_web::test]
async fn a_picture_is_seen_by_whoever_may_see_the_child() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let mia = child(&guardian).await;
    let leo = json!({ "name": "Leo", "animal": "cat", "color": "sky" });
    let leo = guardian.post_json("/api/v1/children", &leo).await.json();
    let leo = leo["id"].as_str().unwrap();
    // She comes before there is a picture, the screen after.
    let (grandma_id, grandma) = relative(&hub, &guardian).await;

    assert_eq!(guardian.child().await["picture"], json!(null));
    assert_eq!(get(&guardian, &mia).await.error(), "no_such_picture");
    let answer = put(&guardian, &mia, "image/jpeg", with_gps()).await;
    let set = answer.json();
    assert_eq!((answer.status, &set["id"]), (StatusCode::OK, &json!(mia)), "{answer:?}");
    assert_eq!(put(&guardian, leo, "image/png", PNG.to_vec()).await.status, StatusCode::OK);
    let (_, screen) = screen(&hub, &guardian).await;

    for client in [&guardian, &grandma, &screen] {
        assert_eq!(client.child().await["picture"], set["picture"]);
        let seen = get(client, &mia).await;
        assert_eq!(seen.status, StatusCode::OK);
        assert_eq!(seen.header(header::CONTENT_TYPE), "image/jpeg");
        assert_eq!(seen.header(header::CACHE_CONTROL), "no-store");
        let tag = format!("\"{}\"", set["picture"].as_str().unwrap());
        assert_eq!(seen.header(header::ETAG), tag);
        assert!(seen.body.starts_with(&[0xff, 0xd8, 0xff]));
        for trace in [b"GPS".as_slice(), b"48.2082", b"Exif", b"Lavc"] {
            assert!(!holds(&seen.body, trace), "what the camera wrote");
        }
        let path = format!("/api/v1/children/{mia}/picture");
        let again = client.request("GET", &path).insert_header((header::IF_NONE_MATCH, tag));
        let again = client.send(again).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    }
    assert_eq!(get(&guardian, leo).await.header(header::CONTENT_TYPE), "image/png");
    for client in [&grandma, &screen] {
        assert_eq!(get(client, leo).await.error(), "no_such_child");
    }

    let relative = format!("/api/v1/relatives/{grandma_id}");
    let only_leo = json!({ "grants": [{ "child": leo, "relation": "grandmother" }] });
    assert_eq!(guardian.post_json(&relative, &only_leo).await.status, StatusCode::OK);
    assert_eq!(get(&grandma, &mia).await.error(), "no_such_child");
    assert_eq!(get(&grandma, leo).await.status, StatusCode::OK, "hers from now on");
}

#[actix_web::test]
async fn another_picture_takes_its_place_until_it_is_taken_away() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let mia = child(&guardian).await;
    let (_, screen) = screen(&hub, &guardian).await;
    let first = put(&guardian, &mia, "image/webp", WEBP.to_vec()).await.json();
    let mut events = screen.events().await;
    assert!(events.next().await.unwrap().contains("event: hello"));

    let second = put(&guardian, &mia, "application/octet-stream", JPEG.to_vec()).await.json();

    assert!(events.next().await.unwrap().contains("event: hello"));
    assert_ne!(first["picture"], second["picture"]);
    let removed = remove(&guardian, &mia).await;
    assert_eq!((removed.status, &removed.json()["picture"]), (StatusCode::OK, &json!(null)));
    assert!(events.next().await.unwrap().contains("event: hello"));
    assert_eq!(get(&screen, &mia).await.error(), "no_such_picture");
    assert_eq!(remove(&guardian, &mia).await.error(), "no_such_picture");
    let nobody = "a".repeat(26);
    assert_eq!(put(&guardian, &nobody, "image/jpeg", JPEG.to_vec()).await.error(), "no_such_child");
    assert_eq!(remove(&guardian, &nobody).await.error(), "no_such_child");
    let deeds = guardian.get("/api/v1/activity").await.json();
    let changes = deeds["entries"].as_array().unwrap().iter();
    assert_eq!(changes.filter(|entry| entry["deed"] == "child_changed").count(), 3);
}

#[actix_web::test]
async fn what_is_no_picture_is_refused_in_a_sentence_of_its_own() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let mia = child(&guardian).await;
    let too_heavy = [JPEG, &vec![0; 5 << 20]].concat();
    let mut too_large = JPEG.to_vec();
    let frame = too_large.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    too_large[frame + 5..frame + 9].copy_from_slice(&[0x40, 0, 0x40, 0]);
    let mut sentences = HashSet::new();

    for (kind, file, status, code) in [
        ("image/jpeg", Vec::new(), 422, "empty_picture"),
        ("image/jpeg", b"Good night".to_vec(), 422, "no_picture"),
        ("image/heic", b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(), 422, "unknown_picture"),
        ("image/svg+xml", b"<svg/>".to_vec(), 422, "unknown_picture"),
        ("image/gif", b"GIF89a".to_vec(), 422, "unknown_picture"),
        ("image/jpeg", JPEG_CUT.to_vec(), 422, "picture_cut_off"),
        ("image/png", b"\x89PNG\r\n\x1a\nand so on, and so on".to_vec(), 422, "damaged_picture"),
        ("image/jpeg", too_large, 422, "picture_too_large"),
        ("image/jpeg", too_heavy, 413, "picture_too_heavy"),
        ("text/plain", JPEG.to_vec(), 415, "wrong_type"),
    ] {
        let refused = put(&guardian, &mia, kind, file).await;
        assert_eq!((refused.status.as_u16(), refused.error().as_str()), (status, code));
        assert!(sentences.insert(refused.json()["message"].as_str().unwrap().to_owned()));
    }
    let heic = put(&guardian, &mia, "image/heic", b"\0\0\0\x18ftypheic".to_vec()).await.json();
    assert_eq!(heic["kind"], "HEIC");
    // A body that claims to be large is not waited for.
    let path = format!("/api/v1/children/{mia}/picture");
    let claims = guardian
        .request("PUT", &path)
        .insert_header((header::CONTENT_TYPE, "image/jpeg"))
        .insert_header((header::CONTENT_LENGTH, (200 << 20).to_string()));
    assert_eq!(guardian.send(claims).await.error(), "picture_too_heavy");
    assert_eq!(guardian.child().await["picture"], json!(null), "nothing was kept");
}

#[actix_web::test]
async fn a_picture_stays_when_the_keys_are_changed() {
    let (day, answer) = crate::accounts::FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);
    let mia = json!({ "name": "Mia", "animal": "bear", "color": "plum" });
    assert_eq!(guardian.post_json("/api/v1/children", &mia).await.status, StatusCode::CREATED);
    let mia = child(&guardian).await;
    let (_, grandma) = relative(&day.web, &guardian).await;
    put(&guardian, &mia, "image/jpeg", JPEG.to_vec()).await;
    let before = get(&guardian, &mia).await;

    let body = json!({ "password": PASSWORD });
    let changed = guardian.post_json("/api/v1/keys/change", &body).await;
    while guardian.get("/api/v1/keys").await.json()["changing"] != Value::Null {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    assert_eq!(before.status, StatusCode::OK);
    for client in [&guardian, &grandma] {
        assert_eq!(get(client, &mia).await.body, before.body);
    }
}

/// Returns whether a piece of what is sealed is in any file of a folder.
fn found(folder: &Path, sealed: &[u8]) -> bool {
    let pieces: HashSet<&[u8]> = sealed[16..].chunks_exact(20).map(|piece| &piece[..16]).collect();
    assert!(4 < pieces.len());
    fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(16).any(|window| pieces.contains(window))
    })
}

/// The sealed picture of the house's child.
async fn sealed(house: &House) -> Vec<u8> {
    let child = house.child;
    let found = house.tools.store.read(move |tx| {
        let profile = children::find(tx, child)?.unwrap().profile.item;
        Ok(pictures::find(tx, profile)?.unwrap().1.unwrap().as_bytes().to_vec())
    });
    found.await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_picture_is_in_no_file_as_it_is_and_in_none_at_all_once_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::with_store(Store::open(folder.path()).unwrap()).await;
    let set = async |file: &[u8]| {
        house.hub.set_picture(&house.guardian, house.child, file.to_vec()).await.unwrap();
        sealed(&house).await
    };

    let first = set(JPEG).await;
    assert!(found(folder.path(), &first), "it is there before");
    let (_, open) = house.hub.picture(&house.guardian, house.child).await.unwrap();
    assert!(!found(folder.path(), open.as_bytes()), "only sealed");
    assert!(!format!("{open:?}").contains("255"));

    let second = set(PNG).await;
    assert!(!found(folder.path(), &first) && found(folder.path(), &second), "replaced");
    house.hub.remove_picture(&house.guardian, house.child).await.unwrap();
    assert!(!found(folder.path(), &second), "taken away");

    let third = set(WEBP).await;
    assert!(found(folder.path(), &third));
    let by = house.confirmed().await;
    let by = house.hub.confirmed(&by).unwrap();
    assert!(house.hub.erase_child(&by, house.child).await.unwrap().is_gone);
    assert!(!found(folder.path(), &third), "erased with the child");
}

#[tokio::test(start_paused = true)]
async fn a_picture_does_not_open_as_another_childs() {
    let house = House::with_store(Store::in_memory().unwrap()).await;
    house.hub.set_picture(&house.guardian, house.child, JPEG.to_vec()).await.unwrap();
    let leo = hutch::hub::children::NewChild {
        name: "Leo".to_owned(),
        animal: hutch::model::Character::Cat,
        color: hutch::hub::Color::Plum,
    };
    let leo = house.hub.add_child(&house.guardian, leo).await.unwrap().id;
    let swap = "update picture set item = (
                    select id from item where kind = 'child_profile' and item.id <> picture.item
                )";
    house.tools.store.write(move |tx| Ok(tx.execute_batch(swap)?)).await.unwrap();

    assert!(house.hub.picture(&house.guardian, leo).await.is_err());
    let left = house.hub.picture(&house.guardian, house.child).await;
    assert!(matches!(left, Err(hutch::hub::HubError::NoSuchPicture)));
}
