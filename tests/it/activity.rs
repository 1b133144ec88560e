//! The activity: everything is noted, by whom and of whom; what was changed by hand shows; guardians
//! hear of what they should know.

mod news;

use actix_web::http::StatusCode;
use hmac::{Hmac, KeyInit as _, Mac as _};
use hutch::model::{Deed, Timestamp};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::{
    accounts::FirstDay,
    house::{NAME, PASSWORD},
    relatives::recording,
    support::{Answer, Client, TestHub},
};

const OTHER: &str = "lantern-orbit-pickle-meadow-cobalt";
const THIRD: &str = "violet-anchor-muffin-gravel-tulip";
const HERS: &str = "sunday kettle";

/// All of the activity, the first first.
async fn all(guardian: &Client<'_>) -> Vec<Value> {
    let mut entries = Vec::new();
    let mut path = "/api/v1/activity?limit=7".to_owned();
    loop {
        let page = guardian.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        let page = page.json();
        entries.extend(page["entries"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_i64() else { break };
        path = format!("/api/v1/activity?limit=7&before={next}");
    }
    entries.reverse();
    entries
}

/// An entry in a line: the deed, who did it, and what else is known of it.
fn line(entry: &Value) -> String {
    let mut words = vec![entry["deed"].as_str().unwrap().to_owned()];
    let mut add = |before: &str, value: &Value| match value {
        Value::Null => {}
        Value::String(text) => words.push(format!("{before}{text}")),
        other => words.push(format!("{before}{other}")),
    };
    add("by ", &entry["account_name"]);
    add("to ", &entry["subject_name"]);
    add("of ", &entry["child_name"]);
    add("n ", &entry["n"]);
    add("with ", &entry["device"]);
    words.join(", ")
}

/// What was noted since the last time.
struct Walk {
    seen: usize,
    deeds: Vec<String>,
}

impl Walk {
    #[track_caller]
    fn expect(&mut self, entries: &[Value], what: &str, expected: &[&str]) {
        let lines: Vec<_> = entries[self.seen..].iter().map(line).collect();
        assert_eq!(lines, expected, "{what}");
        let ids: Vec<_> = entries.iter().map(|entry| entry["id"].as_i64().unwrap()).collect();
        assert!(ids.iter().copied().eq(1..=i64::try_from(ids.len()).unwrap()), "{ids:?}");
        self.seen = entries.len();
        let deeds = entries.iter().map(|entry| entry["deed"].as_str().unwrap().to_owned());
        self.deeds = deeds.collect();
    }
}

/// What an authenticator shows: RFC 6238, by hand.
fn totp(secret: &str, Timestamp(at): Timestamp) -> String {
    let secret = data_encoding::BASE32_NOPAD.decode(secret.as_bytes()).unwrap();
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret).unwrap();
    mac.update(&(at / 30).to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let from = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes(mac[from..from + 4].try_into().unwrap()) & 0x7FFF_FFFF;
    format!("{:06}", number % 1_000_000)
}

fn token(invite: &Value) -> String {
    let link = invite["link"].as_str().unwrap();
    link.split_once("#invite=").unwrap().1.to_owned()
}

async fn accept(hub: &TestHub, invite: &Value, name: &str, password: &str) -> Answer {
    let body = json!({ "token": token(invite), "name": name, "password": password });
    let accepted = hub.nobody().post_json("/api/v1/invites/accept", &body).await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{accepted:?}");
    accepted
}

fn credentials(name: &str, password: &str) -> Value {
    json!({ "name": name, "password": password })
}

/// Asks for something that must succeed.
async fn done(by: &Client<'_>, path: &str, body: Value) -> Value {
    let answer = by.post_json(path, &body).await;
    assert!(answer.status.is_success(), "{path}: {answer:?}");
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

#[actix_web::test]
async fn every_deed_is_noted_once_with_who_did_it_and_to_whom() {
    let hub = TestHub::demo().await;
    let mut walk = Walk { seen: 0, deeds: Vec::new() };
    let mut robin = hub.guardian().await;
    let new = ["new_device, by Robin, with A browser"];
    let came = ["set_up, by Robin", new[0], new[0]];
    walk.expect(&all(&robin).await, "set-up, and a link for each of two browsers", &came);

    // Signing in, and sessions.
    hub.nobody().post_json("/api/v1/sessions", &credentials(NAME, "wrong")).await;
    let failed = ["sign_in_failed, to Robin, with A browser"];
    walk.expect(&all(&robin).await, "a wrong password", &failed);
    hub.nobody().post_json("/api/v1/sessions", &credentials("nobody", PASSWORD)).await;
    walk.expect(&all(&robin).await, "a wrong name", &["sign_in_failed, with A browser"]);
    let answer = hub.nobody().post_json("/api/v1/sessions", &credentials(NAME, PASSWORD)).await;
    let known = hub.with_cookies_of(&answer);
    walk.expect(&all(&robin).await, "a new browser", &new);
    done(&known, "/api/v1/sessions", credentials(NAME, PASSWORD)).await;
    let again = ["signed_in, by Robin, with A browser"];
    walk.expect(&all(&robin).await, "a known browser", &again);
    let sessions = robin.get("/api/v1/sessions").await.json()["sessions"].clone();
    let other = sessions.as_array().unwrap().iter().find(|one| one["current"] == false).unwrap();
    let path = format!("/api/v1/sessions/{}/revoke", other["id"].as_str().unwrap());
    done(&robin, &path, json!({})).await;
    walk.expect(&all(&robin).await, "one session", &["sessions_ended, by Robin, n 1"]);
    done(&robin, "/api/v1/sessions/revoke-others", json!({})).await;
    walk.expect(&all(&robin).await, "the other", &["sessions_ended, by Robin, n 1"]);
    done(&robin, "/api/v1/sessions/revoke-others", json!({})).await;
    walk.expect(&all(&robin).await, "no session was left to end", &[]);
    for _ in 0..2 {
        hub.nobody().post_json("/api/v1/sessions", &credentials(NAME, PASSWORD)).await;
    }
    done(&robin, "/api/v1/sessions/revoke-others", json!({})).await;
    let ended = [new[0], new[0], "sessions_ended, by Robin, n 2"];
    walk.expect(&all(&robin).await, "two sessions", &ended);

    // The account's own.
    let secret = done(&robin, "/api/v1/me/totp/new", json!({})).await["secret"].clone();
    let code = totp(secret.as_str().unwrap(), hub.hub.now());
    let on = json!({ "password": PASSWORD, "secret": secret, "code": code });
    let codes = done(&robin, "/api/v1/me/totp", on).await["recovery_codes"].clone();
    walk.expect(&all(&robin).await, "two steps", &["two_step_on, by Robin"]);
    let off = json!({ "password": PASSWORD, "totp": codes[0] });
    done(&robin, "/api/v1/me/totp/off", off).await;
    walk.expect(&all(&robin).await, "one step", &["two_step_off, by Robin"]);
    let change = json!({ "password": PASSWORD, "new_password": OTHER });
    done(&robin, "/api/v1/me/password", change).await;
    walk.expect(&all(&robin).await, "a password", &["password_changed, by Robin"]);
    done(&robin, "/api/v1/me/confirm", json!({ "password": OTHER })).await;
    let key = done(&robin, "/api/v1/me/recovery-key", json!({})).await["recovery_key"].clone();
    walk.expect(&all(&robin).await, "a key", &["recovery_key_made, by Robin"]);

    // Guardians.
    let invite = done(&robin, "/api/v1/invites", json!({})).await;
    let path = format!("/api/v1/invites/{}/withdraw", invite["id"].as_str().unwrap());
    done(&robin, &path, json!({})).await;
    let taken_back = ["guardian_invited, by Robin", "invite_withdrawn, by Robin"];
    walk.expect(&all(&robin).await, "an invitation taken back", &taken_back);
    let invite = done(&robin, "/api/v1/invites", json!({})).await;
    accept(&hub, &invite, "Sam", THIRD).await;
    let accepted = [
        "guardian_invited, by Robin",
        "invite_accepted, by Sam",
        "new_device, by Sam, with A browser",
    ];
    walk.expect(&all(&robin).await, "another guardian", &accepted);

    // Children.
    let leo = json!({ "name": "Leo", "animal": "cat", "color": "sky" });
    let child = done(&robin, "/api/v1/children", leo).await["id"].clone();
    let path = format!("/api/v1/children/{}", child.as_str().unwrap());
    done(&robin, &path, json!({ "name": "Lea" })).await;
    let changed = ["child_added, by Robin, of Lea", "child_changed, by Robin, of Lea"];
    walk.expect(&all(&robin).await, "a child", &changed);

    // Relatives.
    let mia = robin.child().await["id"].clone();
    let grants = json!([{ "child": mia, "relation": "grandmother" }]);
    let wanted = json!({ "name": "Gisela", "grants": grants });
    let relative = done(&robin, "/api/v1/relatives", wanted).await["relative"]["id"].clone();
    let of = format!("/api/v1/relatives/{}", relative.as_str().unwrap());
    let invite = done(&robin, &format!("{of}/invite"), json!({})).await;
    let gisela = hub.with_cookies_of(&accept(&hub, &invite, "gisela", HERS).await);
    let came = [
        "invited, by Robin, to Gisela",
        "link_renewed, by Robin, to Gisela",
        "invite_accepted, by Gisela",
        "new_device, by Gisela, with A browser",
    ];
    walk.expect(&all(&robin).await, "a relative", &came);
    done(&robin, &of, json!({ "name": "Grandma" })).await;
    walk.expect(&all(&robin).await, "a name", &["account_changed, by Robin, to Grandma"]);
    for (action, expected) in [
        ("approve", "approved, by Robin, to Grandma, of Mia"),
        ("decline", "declined, by Robin, to Grandma, of Mia"),
    ] {
        let sent = gisela.message(500).await;
        let delivery = sent["delivery"]["id"].as_str().unwrap();
        done(&robin, &format!("/api/v1/deliveries/{delivery}/{action}"), json!({})).await;
        let entries = all(&robin).await;
        assert_eq!(entries.last().unwrap()["item"], sent["id"], "{action}");
        walk.expect(&entries, action, &[expected]);
    }
    done(&robin, &format!("{of}/block"), json!({})).await;
    done(&robin, &format!("{of}/unblock"), json!({})).await;
    let blocked =
        ["account_blocked, by Robin, to Grandma", "account_unblocked, by Robin, to Grandma"];
    walk.expect(&all(&robin).await, "blocked", &blocked);
    let screen = json!({ "name": "Kitchen", "child": mia });
    done(&robin, "/api/v1/screens", screen).await;
    walk.expect(&all(&robin).await, "a screen", &["invited, by Robin, to Kitchen"]);
    done(&robin, &format!("{of}/remove"), json!({})).await;
    let entries = all(&robin).await;
    assert_eq!(entries.last().unwrap()["subject"], relative, "known by its identifier still");
    walk.expect(&entries, "who is gone has no name", &["account_removed, by Robin"]);

    // What somebody at the terminal does, and the way back in.
    hub.hub.reset_account("Sam").await.unwrap();
    walk.expect(&all(&robin).await, "the terminal", &["account_reset, to Sam"]);
    hub.hub.note_new_root().await.unwrap();
    walk.expect(&all(&robin).await, "another root", &["root_changed"]);
    let body = json!({ "name": NAME, "recovery_key": key, "new_password": PASSWORD });
    let recovered = hub.nobody().post_json("/api/v1/recover", &body).await;
    robin = hub.with_cookies_of(&recovered);
    let back =
        ["recovery_key_used, by Robin, with A browser", "new_device, by Robin, with A browser"];
    walk.expect(&all(&robin).await, "the recovery key", &back);
    let again = hub.nobody().post_json("/api/v1/recover", &body).await;
    assert_eq!(again.error(), "wrong_recovery_key");
    walk.expect(&all(&robin).await, "noted a moment ago", &[]);

    // What is not among these is noted elsewhere, and tried there.
    let elsewhere = [
        Deed::AccountErased,
        Deed::RulesChanged,
        Deed::Restored,
        Deed::ReplacedErased,
        Deed::ChildErased,
        Deed::Shared,
        Deed::Unshared,
        Deed::Kept,
        Deed::Unkept,
        Deed::NoteWritten,
        Deed::NoteChanged,
        Deed::NoteRemoved,
        Deed::Erased,
        Deed::TimeOver,
        Deed::KeysChanging,
        Deed::KeysChanged,
        Deed::HubStolen,
        Deed::MeterMade,
        Deed::MeterRevoked,
        Deed::ToyAdopted,
        Deed::ToyRenamed,
        Deed::ToyGiven,
        Deed::SlotSilenced,
        Deed::ToyRetired,
        Deed::ToyLetGo,
        Deed::ToyTrusted,
        Deed::GuardTable,
        Deed::GuardConfig,
        Deed::GuardSecondAddress,
        Deed::GuardName,
        Deed::GuardGame,
    ];
    for deed in Deed::ALL {
        let is_here = walk.deeds.iter().any(|word| word == deed.word());
        assert_ne!(is_here, elsewhere.contains(&deed), "{deed:?}");
    }
    let checked = done(&robin, "/api/v1/activity/check", json!({})).await;
    assert_eq!(checked["first_wrong"], json!(null), "and all of it fits together");
    assert_eq!(checked["head"]["id"], walk.deeds.len());
}

#[actix_web::test]
async fn a_row_that_was_changed_by_hand_shows() {
    for (statement, first_wrong) in [
        ("update activity set account = null where id = 2", 2),
        ("update activity set deed = 'signed_in', at = at - 1 where id = 3", 3),
        ("update activity_place set address = '10.0.0.1' where activity = 2", 2),
        ("delete from activity where id = 2", 2),
        ("delete from activity where id = 4", 4),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let day = FirstDay::with(hutch::store::Store::open(folder.path()).unwrap()).await;
        let robin = day.web.with_cookies_of(&day.found(PASSWORD).await);
        for name in ["Mia", "Ben"] {
            let child = json!({ "name": name, "animal": "bear", "color": "plum" });
            done(&robin, "/api/v1/children", child).await;
        }
        let first = done(&robin, "/api/v1/activity/check", json!({})).await;
        assert_eq!((&first["head"]["id"], &first["first_wrong"]), (&json!(4), &json!(null)));
        let remembered = &first["head"];
        let fits = done(&robin, "/api/v1/activity/check", remembered.clone()).await;
        assert_eq!(fits, first);

        day.store.write(move |tx| Ok(tx.execute_batch(statement)?)).await.unwrap();

        let checked = done(&robin, "/api/v1/activity/check", remembered.clone()).await;
        assert_eq!(checked["first_wrong"], first_wrong, "{statement}");
        assert!(checked["head"]["id"].is_i64(), "there is an end to go on from");
    }
}

#[actix_web::test]
async fn what_somebody_has_looked_at_hides_nothing_else() {
    let (day, answer) = FirstDay::set_up().await;
    let robin = day.web.with_cookies_of(&answer);
    let mia = json!({ "name": "Mia", "animal": "bear", "color": "plum" });
    done(&robin, "/api/v1/children", mia).await;
    let edit = async |statement: &'static str| {
        day.store.write(move |tx| Ok(tx.execute_batch(statement)?)).await.unwrap();
    };
    let mut body = done(&robin, "/api/v1/activity/check", json!({})).await["head"].clone();
    edit("update activity set at = at - 1 where id = 2").await;

    body["looked_at"] = json!([2]);
    let passed = done(&robin, "/api/v1/activity/check", body.clone()).await;
    assert_eq!((&passed["first_wrong"], &passed["head"]["id"]), (&json!(null), &json!(3)));
    edit("update activity set child = null where id = 3").await;

    let checked = done(&robin, "/api/v1/activity/check", body.clone()).await;
    assert_eq!(checked["first_wrong"], 3, "{checked}");
}

#[actix_web::test]
async fn a_wrong_link_is_no_link_and_a_page_is_a_page() {
    let (day, answer) = FirstDay::set_up().await;
    let robin = day.web.with_cookies_of(&answer);

    for chain in ["", "00", "zz", &"0".repeat(65)] {
        let body = json!({ "id": 1, "chain": chain });
        let refused = robin.post_json("/api/v1/activity/check", &body).await;
        assert_eq!(refused.error(), "bad_json", "{chain}");
    }
    let other = json!({ "id": 1, "chain": "0".repeat(64) });
    assert_eq!(done(&robin, "/api/v1/activity/check", other).await["first_wrong"], 1);
    let alone = json!({ "id": 1 });
    assert_eq!(done(&robin, "/api/v1/activity/check", alone).await["first_wrong"], json!(null));
    for query in ["limit=0", "limit=101", "before=0", "before=x", "before=-1"] {
        let refused = robin.get(&format!("/api/v1/activity?{query}")).await;
        assert_eq!(refused.error(), "bad_query", "{query}");
    }
    let page = robin.get("/api/v1/activity?before=2").await.json();
    assert_eq!(page["entries"].as_array().unwrap().len(), 1);
    assert_eq!(page["next"], json!(null));
}

#[actix_web::test]
async fn what_was_done_with_one_item_is_told_alone() {
    let hub = TestHub::demo().await;
    let robin = hub.guardian().await;
    let one = recording(&robin).await;
    let other = robin.message(1_000).await["id"].as_str().unwrap().to_owned();
    for (item, text) in [(&one, "Hello"), (&other, "No"), (&one, "Hello again")] {
        let path = format!("/api/v1/items/{item}/note");
        let written = robin.put_json(&path, &json!({ "text": text })).await;
        assert_eq!(written.status, StatusCode::OK, "{written:?}");
    }

    let path = format!("/api/v1/activity?item={one}");
    let told = robin.get(&path).await.json();
    let first = robin.get(&format!("{path}&limit=1")).await.json();
    let next = robin.get(&format!("{path}&limit=1&before={}", first["next"])).await.json();

    let deeds = |page: &Value| {
        let entries = page["entries"].as_array().unwrap();
        assert!(entries.iter().all(|entry| entry["item"] == *one), "{page}");
        entries.iter().map(|entry| entry["deed"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(deeds(&told), ["note_changed", "note_written"]);
    assert_eq!(told["next"], json!(null));
    assert_eq!(
        (deeds(&first), deeds(&next)),
        (vec!["note_changed".into()], vec!["note_written".into()])
    );
    assert_eq!(next["next"], json!(null));
    let refused = robin.get("/api/v1/activity?item=none").await;
    assert_eq!(refused.error(), "bad_query");
    let unknown = robin.get(&format!("/api/v1/activity?item={}", "a".repeat(26))).await.json();
    assert_eq!(deeds(&unknown), Vec::<String>::new());
}
