//! Every route in every role: what the table says, none forgotten.

use hutch::http::{Access, ROUTES, Route};

use super::*;

/// The path with something in the place of every parameter that nobody has.
fn path(route: &Route) -> String {
    let mut path = route.path.replace("{slot}", "1").replace("{path:.*}", "");
    while let Some((before, rest)) = path.split_once('{') {
        let (_name, after) = rest.split_once('}').unwrap();
        path = format!("{before}{}{after}", "a".repeat(26));
    }
    path
}

/// What somebody of this role may use.
fn allowed(role: &str) -> &'static [Access] {
    match role {
        "guardian" => &[
            Access::Public,
            Access::SignedIn,
            Access::Account,
            Access::Guardian,
            Access::DemoGuardian,
        ],
        "relative" => &[Access::Public, Access::SignedIn, Access::Account],
        "child_screen" => &[Access::Public, Access::SignedIn, Access::ChildScreen],
        _ => unreachable!(),
    }
}

#[actix_web::test]
async fn every_route_answers_each_role_as_the_table_says() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let (_, screen) = screen(&hub, &guardian).await;

    for (role, client) in
        [("guardian", &guardian), ("relative", &grandma), ("child_screen", &screen)]
    {
        // The stream has no end; signing out would be the end of the walk.
        assert!(client.events().await.next().await.unwrap().contains("event: hello"));
        let last = ["/api/v1/events", "/api/v1/sign-out"];
        for route in ROUTES.iter().filter(|route| !last.contains(&route.path)) {
            let answer = client.send(client.request(route.method.word(), &path(route))).await;
            let of = format!("{role} {} {}", route.method.word(), route.path);
            if matches!(route.access, Access::Meter | Access::Newcomer) {
                // A program's alone, or somebody's who has no cookie yet.
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{of}");
            } else if allowed(role).contains(&route.access) {
                assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{of}");
                let is_refused = answer.text().contains("\"not_allowed\"");
                assert!(!is_refused, "{of}: {}", answer.text());
            } else {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{of}");
                assert_eq!(answer.error(), "not_allowed", "{of}");
            }
        }
        assert_eq!(client.post("/api/v1/sign-out").await.status, StatusCode::NO_CONTENT);
    }
}

#[actix_web::test]
async fn a_relative_has_a_password_and_sessions_of_their_own() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let (_, grandma) = relative(&hub, &guardian).await;
    let elsewhere = hub.with_cookies_of(&sign_in(&hub, "gisela", HERS).await);

    let sessions = grandma.get("/api/v1/sessions").await.json();
    let new = "kettle on a sunday";
    let body = json!({ "password": HERS, "new_password": new });
    let changed = grandma.post_json("/api/v1/me/password", &body).await;

    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 2, "none of the guardian's");
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    assert_eq!(elsewhere.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(grandma.child().await["name"], "Mia", "what was shared opens still");
    assert_eq!(guardian.get("/api/v1/me").await.status, StatusCode::OK);
    assert_eq!(sign_in(&hub, "gisela", new).await.status, StatusCode::CREATED);
}

#[actix_web::test]
async fn the_recovery_key_is_no_way_into_a_relatives_account() {
    let (day, answer) = crate::accounts::FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);
    let mia = json!({ "name": "Mia", "animal": "bear", "color": "plum" });
    assert_eq!(guardian.post_json("/api/v1/children", &mia).await.status, StatusCode::CREATED);
    relative(&day.web, &guardian).await;

    let body = json!({
        "name": "gisela",
        "recovery_key": answer.json()["recovery_key"],
        "new_password": crate::house::PASSWORD,
    });
    let refused = day.web.nobody().post_json("/api/v1/recover", &body).await;

    assert_eq!(refused.error(), "wrong_recovery_key");
}

#[actix_web::test]
async fn a_role_that_was_changed_by_hand_opens_nothing() {
    let (day, answer) = crate::accounts::FirstDay::set_up().await;
    let guardian = day.web.with_cookies_of(&answer);
    let mia = json!({ "name": "Mia", "animal": "bear", "color": "plum" });
    guardian.post_json("/api/v1/children", &mia).await;
    let (_, grandma) = relative(&day.web, &guardian).await;
    assert_eq!(grandma.get("/api/v1/me").await.status, StatusCode::OK);

    let promote = "update account set role = 'guardian' where role = 'relative'";
    day.store.write(move |tx| Ok(tx.execute_batch(promote)?)).await.unwrap();

    assert_eq!(grandma.get("/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&day.web, "gisela", HERS).await.error(), "wrong_password");
}

#[actix_web::test]
async fn neither_a_relatives_name_nor_their_password_is_in_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let store = hutch::store::Store::open(folder.path()).unwrap();
    let day = crate::accounts::FirstDay::with(store).await;
    let guardian = day.web.with_cookies_of(&day.found(crate::house::PASSWORD).await);
    let mia = json!({ "name": "Mia Magnolia", "animal": "bear", "color": "plum" });
    guardian.post_json("/api/v1/children", &mia).await;

    relative(&day.web, &guardian).await;

    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        files.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let holds =
        |needle: &str| files.windows(needle.len()).any(|window| window == needle.as_bytes());
    assert!(holds("gisela"), "the name to sign in with is readable, as the page says");
    for secret in [GRANDMA, HERS, "Magnolia"] {
        assert!(!holds(secret), "{secret}");
    }
}
