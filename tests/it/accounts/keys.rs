//! Other keys for the household: what opens before, meanwhile and after, and by whose.

use std::time::Duration;

use actix_web::http::StatusCode;
use hutch::{
    hub::{Guardian, Sending, accounts::KeyChange},
    seal::{About, Kind, PrivateKey as _, SealedKey},
    store::{self, items::ItemKind},
};
use serde_json::json;

use super::*;
use crate::{
    house::{House, browser},
    support::Client,
};

const OTHER: &str = "lantern-orbit-pickle-meadow-cobalt";
const THIRD: &str = "walnut-ribbon-glacier-tango-plume";

fn change(password: &str) -> KeyChange {
    KeyChange {
        password: Zeroizing::new(password.to_owned()),
        totp: None,
        new_password: None,
        removes: None,
        is_stolen: false,
    }
}

/// A guardian who has signed in with the password, and their browser.
async fn signed_in(hub: &Hub) -> (Guardian, Browser) {
    let password = Zeroizing::new(PASSWORD.to_owned());
    let signed_in = hub.sign_in(browser(), NAME, password, None).await.unwrap();
    let cookie = signed_in.session;
    (guardian(hub, &cookie).await, Browser { session: Some(cookie), ..browser() })
}

async fn guardian(hub: &Hub, cookie: &Token) -> Guardian {
    let caller = hub.caller(&cookie.to_text(), "127.0.0.1").await.unwrap();
    let Some(hutch::hub::Caller::Guardian(guardian)) = caller else {
        panic!("a guardian's cookie")
    };
    guardian
}

/// Waits until nothing is sealed for the key before any more.
async fn changed(hub: &Hub, by: &Guardian) {
    let wait = async {
        while hub.key_change(by).await.unwrap().is_some() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.expect("the change comes to an end");
}

/// Every key that is stored for the messages and recordings of the house, and what it is about.
async fn sealed_keys(house: &House) -> Vec<(About, SealedKey)> {
    let child = house.child;
    let items = house.tools.store.read(move |tx| store::items::page(tx, child, None, 1_000));
    let found = items.await.unwrap().into_iter().map(|item| {
        let kind = match item.kind {
            ItemKind::Message => Kind::Message,
            ItemKind::Recording => Kind::Recording,
        };
        let about = About { item: item.id, kind, child: Some(child), sender: item.sender };
        (about, item.key.unwrap())
    });
    found.collect()
}

#[actix_web::test]
async fn other_keys_open_everything_and_the_key_before_nothing_any_more() {
    let house = House::without_keepers(hutch::toy::firmware::Quirks::default()).await;
    house.add_recording(1_000).await;
    house.send(1_000).await;
    let old = &house.household;
    assert!(sealed_keys(&house).await.iter().all(|(about, key)| old.open(key, about).is_ok()));
    let (by, browser) = signed_in(&house.hub).await;
    let cookie = Token::parse(&browser.session.as_ref().unwrap().to_text()).unwrap();
    for item in house.hub.items(&by, house.child, None, 10).await.unwrap().items {
        house.hub.set_note(&by, item.id, Zeroizing::new("A note".to_owned())).await.unwrap();
    }

    let answer = house.hub.change_keys(browser, &by, change(PASSWORD)).await.unwrap();
    let by = guardian(&house.hub, &cookie).await;
    changed(&house.hub, &by).await;
    // With the key that was in use when the request began: a moment later it is the new one.
    let wav = hutch::audio::wav::write(&crate::house::tone(16_000, 2_000));
    house.hub.send_message(&by, house.child, wav, Sending::default()).await.unwrap();

    assert_eq!(answer.me.name, NAME);
    let keys = sealed_keys(&house).await;
    assert_eq!(keys.len(), 3);
    assert!(!keys.iter().any(|(about, key)| old.open(key, about).is_ok()));
    let page = house.hub.items(&by, house.child, None, 10).await.unwrap();
    assert_eq!(page.items.len(), 3);
    let n_notes = page.items.iter().filter(|item| item.note.as_deref() == Some("A note")).count();
    assert_eq!(n_notes, 2, "notes open by the new key, too");
    for item in page.items {
        let format = hutch::hub::SoundFormat::Ogg;
        assert!(house.hub.sound(&by, item.id, format).await.is_ok());
    }
    assert_eq!(house.hub.children(&by).await.unwrap()[0].name, "Mia");
    assert_eq!(house.hub.toys(&by).await.unwrap()[0].name, "Bentley");
}

#[actix_web::test]
async fn a_change_of_keys_that_was_cut_off_goes_on_at_the_next_visit() {
    let folder = tempfile::tempdir().unwrap();
    let house = House::with_store(Store::open(folder.path()).unwrap()).await;
    house.add_recording(1_000).await;
    // Names are sealed too: enough of them that the job takes more than a moment.
    let child = house.child;
    let (public, n_extra) = (house.household.public(), 2_000_u32);
    let fill = move |tx: &store::Transaction<'_>| {
        for n in 0..n_extra {
            let mut id = [9; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            store::items::insert(tx, &stub(id, child, &public))?;
        }
        Ok(())
    };
    house.tools.store.write(fill).await.unwrap();
    let (by, browser) = signed_in(&house.hub).await;
    let cookie = Token::parse(&browser.session.as_ref().unwrap().to_text()).unwrap();
    house.hub.change_keys(browser, &by, change(PASSWORD)).await.unwrap();
    // The power is gone.
    house.tools.store.close().await;

    let again = Arc::new(Store::open(folder.path()).unwrap());
    let left = again.read(store::rotation::find).await.unwrap().unwrap();
    assert!(0 < left.n_left, "it was cut off in the middle");
    let hub = reopened(&again, &house).await;
    let by = guardian(&hub, &cookie).await;
    // Meanwhile everything opens, by the one key or the other.
    let page = hub.items(&by, child, None, 100).await.unwrap();
    assert_eq!(page.items.len(), 100);
    assert_eq!(hub.children(&by).await.unwrap()[0].name, "Mia");
    changed(&hub, &by).await;

    let find = again.read(store::rotation::find).await.unwrap();
    assert!(find.is_none());
    let old = &house.household;
    let keys = again.read(move |tx| store::items::page(tx, child, None, 10_000)).await.unwrap();
    assert_eq!(keys.len(), 2_001);
    for item in keys {
        let kind = match item.kind {
            ItemKind::Message => Kind::Message,
            ItemKind::Recording => Kind::Recording,
        };
        let about = About { item: item.id, kind, child: Some(child), sender: item.sender };
        assert!(old.open(&item.key.unwrap(), &about).is_err());
    }
}

/// A message of nothing, sealed for the household.
fn stub(
    id: [u8; 16],
    child: hutch::model::ChildId,
    public: &hutch::seal::PublicKey,
) -> store::items::NewItem {
    use hutch::seal::Part;
    let id = hutch::model::ItemId::from_bytes(id);
    let about = About { item: id, kind: Kind::Message, child: Some(child), sender: None };
    let content = hutch::seal::new_content_key();
    store::items::NewItem {
        id,
        kind: ItemKind::Message,
        child,
        sender: None,
        toy: None,
        recorded_at: Timestamp(1_700_000_100),
        length_ms: 0,
        while_away: false,
        sound: content.seal(Part::Sound, &about, b"").unwrap(),
        waveform: content.seal(Part::Waveform, &about, &[0; 64]).unwrap(),
        key: content.key_for(public, &about),
    }
}

/// The same hub after a restart.
async fn reopened(store: &Arc<Store>, house: &House) -> Hub {
    let tools = Arc::new(Tools {
        radio: Arc::new(SimRadio::new([], LinkTiming::default())),
        store: Arc::clone(store),
        clock: Arc::clone(&house.tools.clock),
        bus: Arc::new(Bus::default()),
        device: DeviceKey::generate(),
        hash: HashKey::generate(),
        household: Household::default(),
        pacing: Pacing::default(),
    });
    let key = store.read(store::recipients::household_key).await.unwrap().unwrap().unwrap();
    tools.household.resume(key);
    Hub::new(tools, Accounts::new(Cost::FLOOR, None), None)
}

/// Invites another guardian, who comes.
async fn second<'a>(day: &'a FirstDay, first: &Client<'_>) -> Client<'a> {
    let invited = first.post("/api/v1/invites").await.json();
    let body = json!({ "token": secret(&invited), "name": "Sam", "password": OTHER });
    let accepted = day.web.nobody().post_json("/api/v1/invites/accept", &body).await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{accepted:?}");
    day.web.with_cookies_of(&accepted)
}

fn secret(invite: &Value) -> String {
    let link = invite["link"].as_str().unwrap();
    link.strip_prefix("https://localhost:8443/#invite=").unwrap().to_owned()
}

async fn change_over_http(client: &Client<'_>, body: Value) -> Answer {
    client.post_json("/api/v1/keys/change", &body).await
}

/// Waits until the change is over.
async fn over(client: &Client<'_>) {
    while client.get("/api/v1/keys").await.json()["changing"] != json!(null) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A child, so that there is a name to open.
async fn add_child(client: &Client<'_>) -> Value {
    let body = json!({ "name": "Mia", "animal": "bear", "color": "plum" });
    let added = client.post_json("/api/v1/children", &body).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    added.json()
}

#[actix_web::test]
async fn another_guardian_comes_back_by_the_link_that_goes_with_the_change() {
    let (day, answer) = FirstDay::set_up().await;
    let first = day.web.with_cookies_of(&answer);
    let sam = second(&day, &first).await;
    let who = sam.get("/api/v1/me").await.json()["id"].clone();
    add_child(&first).await;

    let changed = change_over_http(&first, json!({ "password": PASSWORD })).await;
    over(&first).await;

    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    let links = changed.json()["links"].clone();
    assert_eq!(links.as_array().unwrap().len(), 1);
    assert_eq!((&links[0]["account"], &links[0]["name"]), (&who, &json!("Sam")));
    assert_eq!(sam.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(day.sign_in("sam", OTHER).await.error(), "wrong_password");
    let people = first.get("/api/v1/people").await.json();
    assert_eq!(people["guardians"][1]["has_password"], false);
    assert!(people["guardians"][1]["invite"].is_object());

    let token = secret(&links[0]["invite"]);
    let look = json!({ "token": token });
    let looked = day.web.nobody().post_json("/api/v1/invites/look", &look).await.json();
    assert_eq!((&looked["role"], &looked["name"]), (&json!("guardian"), &json!("Sam")));
    let weak = json!({ "token": token, "password": "The Millers 2027" });
    let weak = day.web.nobody().post_json("/api/v1/invites/accept", &weak).await;
    let back = json!({ "token": token, "password": THIRD });
    let accepted = day.web.nobody().post_json("/api/v1/invites/accept", &back).await;
    let again = day.web.nobody().post_json("/api/v1/invites/accept", &back).await;

    assert_eq!(weak.error(), "weak_password");
    assert_eq!(accepted.status, StatusCode::CREATED, "{accepted:?}");
    assert_eq!(accepted.json()["id"], who, "the account is the same");
    assert_eq!(again.error(), "no_such_invite");
    let sam = day.web.with_cookies_of(&accepted);
    assert_eq!(sam.get("/api/v1/children").await.json()["children"][0]["name"], "Mia");
    assert_eq!(day.sign_in("sam", THIRD).await.status, StatusCode::CREATED);
    let people = sam.get("/api/v1/people").await.json();
    assert_eq!(people["guardians"].as_array().unwrap().len(), 2);
    assert_eq!(people["guardians"][1]["has_password"], true);
}

#[actix_web::test]
async fn a_guardian_who_lost_link_and_password_gets_another_link() {
    let (day, answer) = FirstDay::set_up().await;
    let first = day.web.with_cookies_of(&answer);
    let sam = second(&day, &first).await;
    let who = sam.get("/api/v1/me").await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/guardians/{who}/invite");

    let lost = secret(&first.post(&path).await.json());
    let link = first.post(&path).await;

    assert_eq!(link.status, StatusCode::CREATED);
    assert_eq!(sam.get("/api/v1/me").await.status, StatusCode::OK, "until then nothing changes");
    let accept = async |token: &str| {
        let body = json!({ "token": token, "password": THIRD });
        day.web.nobody().post_json("/api/v1/invites/accept", &body).await
    };
    assert_eq!(accept(&lost).await.error(), "no_such_invite");
    assert_eq!(accept(&secret(&link.json())).await.status, StatusCode::CREATED);
    assert_eq!(sam.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(day.sign_in("sam", OTHER).await.error(), "wrong_password");
    let me = first.get("/api/v1/me").await.json()["id"].as_str().unwrap().to_owned();
    let own = first.post(&format!("/api/v1/guardians/{me}/invite")).await;
    let nobody = first.post("/api/v1/guardians/aaaaaaaaaaaaaaaaaaaaaaaaaa/invite").await;
    assert_eq!((own.error(), nobody.error()), ("bad_choice".into(), "no_such_account".into()));
    day.later(11 * MINUTE);
    assert_eq!(first.post(&path).await.error(), "confirm_first");
}

#[actix_web::test]
async fn a_removed_guardian_is_out_and_whom_they_invited_stays() {
    let (day, answer) = FirstDay::set_up().await;
    let first = day.web.with_cookies_of(&answer);
    let sam = second(&day, &first).await;
    let who = sam.get("/api/v1/me").await.json()["id"].clone();
    let child = add_child(&sam).await;
    let relative = json!({
        "name": "Grandma", "grants": [{ "child": child["id"], "relation": "grandmother" }],
    });
    let invited = sam.post_json("/api/v1/relatives", &relative).await.json();
    let open_invite = sam.post("/api/v1/invites").await.json();

    let body = json!({ "password": PASSWORD, "remove": who });
    let changed = change_over_http(&first, body.clone()).await;
    over(&first).await;

    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    assert_eq!(changed.json()["links"], json!([]));
    assert_eq!(sam.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(day.sign_in("sam", OTHER).await.error(), "wrong_password");
    let people = first.get("/api/v1/people").await.json();
    assert_eq!(people["guardians"].as_array().unwrap().len(), 1);
    let token = json!({ "token": secret(&open_invite), "name": "Kim", "password": THIRD });
    let by_old_link = day.web.nobody().post_json("/api/v1/invites/accept", &token).await;
    assert_eq!(by_old_link.error(), "no_such_invite", "it held the key before");
    // The relative comes by the link that the removed guardian had made.
    let token = secret(&invited["invite"]);
    let body_of_relative = json!({ "token": token, "name": "gisela", "password": "sunday kettle" });
    let accepted = day.web.nobody().post_json("/api/v1/invites/accept", &body_of_relative).await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{accepted:?}");
    let grandma = day.web.with_cookies_of(&accepted);
    assert_eq!(grandma.get("/api/v1/children").await.json()["children"][0]["name"], "Mia");
    assert_eq!(change_over_http(&first, body).await.error(), "no_such_account");
}

#[actix_web::test]
async fn after_a_theft_everybody_is_signed_out_and_keeps_what_is_theirs() {
    for is_stolen in [false, true] {
        let (day, answer) = FirstDay::set_up().await;
        let first = day.web.with_cookies_of(&answer);
        let child = add_child(&first).await;
        let relative = json!({
            "name": "Grandma", "grants": [{ "child": child["id"], "relation": "grandmother" }],
        });
        let invited = first.post_json("/api/v1/relatives", &relative).await.json();
        let body = json!({
            "token": secret(&invited["invite"]), "name": "gisela", "password": "sunday kettle",
        });
        let accepted = day.web.nobody().post_json("/api/v1/invites/accept", &body).await;
        let grandma = day.web.with_cookies_of(&accepted);
        let elsewhere = day.web.with_cookies_of(&day.sign_in(NAME, PASSWORD).await);

        let body = json!({ "password": PASSWORD, "new_password": THIRD, "stolen": is_stolen });
        let changed = change_over_http(&first, body).await;
        over(&first).await;

        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
        assert_eq!(first.get("/api/v1/me").await.status, StatusCode::OK);
        assert_eq!(elsewhere.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
        let theirs = grandma.get("/api/v1/me").await.status;
        assert_eq!(theirs == StatusCode::UNAUTHORIZED, is_stolen);
        let again = day.sign_in("gisela", "sunday kettle").await;
        let again = day.web.with_cookies_of(&again);
        assert_eq!(again.get("/api/v1/children").await.json()["children"][0]["name"], "Mia");
        assert_eq!(day.sign_in(NAME, PASSWORD).await.error(), "wrong_password");
        assert_eq!(day.sign_in(NAME, THIRD).await.status, StatusCode::CREATED);
    }
}

#[actix_web::test]
async fn a_guardian_who_comes_at_that_very_moment_changes_nothing_about_the_others() {
    let (day, answer) = FirstDay::set_up().await;
    let first = day.web.with_cookies_of(&answer);
    let wrap = |tx: &store::Transaction<'_>| {
        let wraps = "select hex(wrap) from password order by account";
        Ok(tx
            .prepare(wraps)?
            .query_map([], |row| row.get(0))?
            .collect::<Result<Vec<String>, _>>()?)
    };
    let before = day.store.read(wrap).await.unwrap();
    // Somebody whom the list, which needs a name, does not have yet.
    let add = "insert into account (id, role, name, created_at)
               values (x'0123456789abcdef0123456789abcdef', 'guardian', 'kim', 1)";
    day.store.write(move |tx| Ok(tx.execute_batch(add)?)).await.unwrap();

    let refused = change_over_http(&first, json!({ "password": PASSWORD })).await;

    assert_eq!(refused.error(), "try_later");
    assert_eq!(day.store.read(wrap).await.unwrap(), before);
    assert!(day.store.read(store::rotation::find).await.unwrap().is_none());
    assert_eq!(day.sign_in(NAME, PASSWORD).await.status, StatusCode::CREATED);
    let gone = "delete from account where name = 'kim'";
    day.store.write(move |tx| Ok(tx.execute_batch(gone)?)).await.unwrap();
    let changed = change_over_http(&first, json!({ "password": PASSWORD })).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
}

#[actix_web::test]
async fn a_browser_that_a_thief_may_have_used_is_a_strangers_again() {
    for (change, is_known) in [
        (json!({ "password": PASSWORD }), true),
        (json!({ "password": PASSWORD, "new_password": THIRD }), false),
        (json!({ "password": PASSWORD, "stolen": true }), false),
    ] {
        let (day, answer) = FirstDay::set_up().await;
        let first = day.web.with_cookies_of(&answer);
        let thief = browser_at("192.168.1.66", None);
        let known = day.sign_in_from(thief, NAME, PASSWORD).await.unwrap().known;
        let lookup = hutch::auth::token::lookup_id(&known);
        let is_there = move |tx: &store::Transaction<'_>| {
            let mut select = tx.prepare("select 1 from browser where lookup = ?1")?;
            Ok(select.exists([lookup])?)
        };
        assert!(day.store.read(is_there).await.unwrap());

        let changed = change_over_http(&first, change).await;

        assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
        assert_eq!(day.store.read(is_there).await.unwrap(), is_known);
        let n_browsers = |tx: &store::Transaction<'_>| {
            Ok(tx.query_row("select count(*) from browser", [], |row| row.get::<_, i64>(0))?)
        };
        let left = day.store.read(n_browsers).await.unwrap();
        assert_eq!(left, if is_known { 2 } else { 1 }, "this one is known still");
    }
}

#[actix_web::test]
async fn a_wrong_password_changes_no_keys() {
    let (day, answer) = FirstDay::set_up().await;
    let first = day.web.with_cookies_of(&answer);
    let before = day.store.read(store::recipients::household_key).await.unwrap();
    let me = first.get("/api/v1/me").await.json()["id"].clone();

    let wrong = change_over_http(&first, json!({ "password": OTHER })).await;
    let weak = json!({ "password": PASSWORD, "new_password": "The Millers 2027" });
    let weak = change_over_http(&first, weak).await;
    let own = change_over_http(&first, json!({ "password": PASSWORD, "remove": me })).await;

    assert_eq!(wrong.error(), "wrong_password");
    assert_eq!(weak.error(), "weak_password");
    assert_eq!(own.error(), "bad_choice");
    assert_eq!(day.store.read(store::recipients::household_key).await.unwrap(), before);
}

#[actix_web::test]
async fn the_recovery_key_is_another_one_and_says_when_the_last_was_used() {
    let (day, answer) = FirstDay::set_up().await;
    let old = answer.json()["recovery_key"].as_str().unwrap().to_owned();
    let recover = async |key: &str, password: &str| {
        let body = json!({ "name": NAME, "recovery_key": key, "new_password": password });
        day.web.nobody().post_json("/api/v1/recover", &body).await
    };
    let recovered = recover(&old, OTHER).await;
    assert_eq!(recovered.status, StatusCode::CREATED, "{recovered:?}");
    let first = day.web.with_cookies_of(&recovered);
    assert_eq!(first.get("/api/v1/me").await.json()["recovery_key_used_at"], START.0);

    let changed = change_over_http(&first, json!({ "password": OTHER })).await;
    over(&first).await;

    let me = changed.json()["me"].clone();
    assert_eq!(me["recovery_key_used_at"], json!(null));
    assert_eq!(me["recovery_key_checked"], false);
    let between = recovered.json()["recovery_key"].as_str().unwrap().to_owned();
    for stale in [&old, &between] {
        assert_eq!(recover(stale, THIRD).await.error(), "wrong_recovery_key");
    }
    let new = changed.json()["recovery_key"].as_str().unwrap().to_owned();
    assert_eq!(recover(&new, THIRD).await.status, StatusCode::CREATED);
}

#[actix_web::test]
async fn a_guardian_without_a_password_comes_back_with_the_recovery_key() {
    let (day, answer) = FirstDay::set_up().await;
    let first = day.web.with_cookies_of(&answer);
    second(&day, &first).await;
    let changed = change_over_http(&first, json!({ "password": PASSWORD })).await;
    over(&first).await;

    let key = changed.json()["recovery_key"].clone();
    let body = json!({ "name": "Sam", "recovery_key": key, "new_password": THIRD });
    let recovered = day.web.nobody().post_json("/api/v1/recover", &body).await;

    assert_eq!(recovered.status, StatusCode::CREATED, "{recovered:?}");
    assert_eq!(day.sign_in("sam", THIRD).await.status, StatusCode::CREATED);
    let people = first.get("/api/v1/people").await.json();
    assert_eq!(people["guardians"][1]["invite"], json!(null), "the link is used up, too");
}

#[actix_web::test]
async fn what_the_key_before_was_wrapped_into_is_gone_from_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let day = FirstDay::with(Store::open(folder.path()).unwrap()).await;
    let first = day.web.with_cookies_of(&day.found(PASSWORD).await);
    let _sam = second(&day, &first).await;
    let _open = first.post("/api/v1/invites").await;
    let before = files::wraps(folder.path());
    assert_eq!(before.len(), 5, "two passwords, two sessions, an invitation");

    let changed = change_over_http(&first, json!({ "password": PASSWORD })).await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    over(&first).await;
    tokio::time::sleep(Duration::from_millis(100)).await;

    let after = files::wraps(folder.path());
    assert_eq!(after.len(), 3, "a password, a session, a link");
    assert!(!before.iter().any(|wrap| after.contains(wrap)));
    let all = files::bytes(folder.path());
    let previous = all.windows(5).filter(|window| *window == b"\x89HTC\x06").count();
    // The schema names the header as text, not as bytes.
    assert_eq!(previous, 0, "the key before is given up");
}

#[actix_web::test]
async fn guardians_read_that_keys_were_changed() {
    let (day, answer) = FirstDay::set_up().await;
    let first = day.web.with_cookies_of(&answer);

    change_over_http(&first, json!({ "password": PASSWORD, "stolen": true })).await;
    over(&first).await;

    let done = day.store.read(|tx| store::activity::page(tx, i64::MAX, None, 10)).await.unwrap();
    let deeds: Vec<_> = done.iter().map(|done| done.deed.as_str()).collect();
    assert!(deeds.starts_with(&["keys_changed", "hub_stolen", "keys_changing"]), "{deeds:?}");
}
