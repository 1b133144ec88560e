//! The route table: what is public, what is mounted, and what the document says.

use std::collections::HashSet;

use actix_web::{
    http::{StatusCode, header},
    test::TestRequest,
};
use hutch::http::{self, Access, Method, ROUTES, Route};
use serde_json::json;

use crate::support::{Answer, Client, TestHub, wav};

const SOME_ID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// The path with something in the place of every parameter.
fn path(route: &Route) -> String {
    let path = route.path.replace("{slot}", "1").replace("{path:.*}", "");
    let path = path.replace("{file}", "hutch-root.crt");
    ["{child}", "{item}", "{delivery}", "{toy}", "{session}", "{invite}", "{account}", "{meeting}"]
        .iter()
        .fold(path, |path, parameter| path.replace(parameter, SOME_ID))
}

async fn ask(client: &Client<'_>, route: &Route) -> Answer {
    client.send(client.request(route.method.word(), &path(route))).await
}

#[actix_web::test]
async fn nobody_gets_nothing_but_what_is_public() {
    let hub = TestHub::demo().await;

    for route in ROUTES.iter() {
        let answer = ask(&hub.nobody(), route).await;
        match route.access {
            Access::Public => {
                assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{}", route.path);
            }
            Access::SignedIn
            | Access::Account
            | Access::Guardian
            | Access::ChildScreen
            | Access::DemoGuardian
            | Access::Meter
            | Access::Newcomer => {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", route.path);
                assert_eq!(answer.error(), "not_signed_in");
            }
        }
    }
}

#[actix_web::test]
async fn a_wrong_cookie_is_nobody() {
    let hub = TestHub::demo().await;

    for route in ROUTES.iter().filter(|route| route.access != Access::Public) {
        for cookie in ["__Host-hutch=wrong", "__Host-hutch=", "__Host-hutch", "\"", "a=b; c"] {
            let request = hub.nobody().request(route.method.word(), &path(route));
            let answer = hub.send(request.insert_header((header::COOKIE, cookie))).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {cookie}", route.path);
        }
    }
}

#[actix_web::test]
async fn only_the_page_and_the_ways_in_are_public() {
    let public: Vec<_> = ROUTES
        .iter()
        .filter(|route| route.access == Access::Public)
        .map(|route| (route.method, route.path))
        .collect();

    let expected = [
        (Method::Get, "/open"),
        (Method::Get, "/api/v1/door"),
        (Method::Get, "/api/v1/passphrase"),
        (Method::Post, "/api/v1/setup"),
        (Method::Post, "/api/v1/sessions"),
        (Method::Post, "/api/v1/recover"),
        (Method::Post, "/api/v1/invites/look"),
        (Method::Post, "/api/v1/invites/accept"),
        (Method::Get, "/api/v1/trust"),
        (Method::Get, "/trust/{file}"),
        (Method::Get, "/probe"),
        (Method::Get, "/api/v1/health"),
        (Method::Get, "/{path:.*}"),
    ];
    assert_eq!(public, expected);
    assert!(public.len() <= 13);
}

#[actix_web::test]
async fn every_route_is_mounted_and_answers_to_no_other_method() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    // Otherwise the event stream would be read for ever.
    hub.stop.cancel();

    for route in ROUTES.iter() {
        let mounted: Vec<_> = ROUTES
            .iter()
            .filter(|other| other.path == route.path)
            .flat_map(|other| [Some(other.method.word()), other.takes_head().then_some("HEAD")])
            .flatten()
            .collect();
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            let answer = guardian.send(guardian.request(method, &path(route))).await;
            let is_refused = answer.status == StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(is_refused, !mounted.contains(&method), "{method} {}", route.path);
            if is_refused {
                assert_eq!(answer.header(header::ALLOW), mounted.join(", "));
                assert_eq!(answer.error(), "wrong_method");
            }
        }
    }
}

/// Mounting is done in one place, from the table; this finds a second one.
#[test]
fn nothing_is_mounted_beside_the_table() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    let of = |folder: &std::path::Path| -> Vec<_> {
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect()
    };
    let (folders, mut files): (Vec<_>, Vec<_>) =
        of(&folder).into_iter().partition(|path| path.is_dir());
    files.extend(folders.iter().flat_map(|folder| of(folder)));
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        let mounts: Vec<_> = [".service(", "web::resource(", "web::scope(", ".route(", "#[get("]
            .into_iter()
            .filter(|mount| source.contains(mount))
            .collect();
        let expected: &[&str] = match file.file_name().unwrap().to_str().unwrap() {
            "mod.rs" => &[".service(", "web::scope("],
            "routes.rs" => &[".service(", "web::resource(", "web::scope(", ".route("],
            _ => &[],
        };
        assert_eq!(mounts, expected, "{}", file.display());
    }
}

#[test]
fn the_table_names_each_route_once() {
    let named: HashSet<_> = ROUTES.iter().map(|route| (route.method.word(), route.path)).collect();

    assert_eq!(named.len(), ROUTES.len());
}

#[actix_web::test]
async fn there_is_nothing_else_in_the_api() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;

    let paths = ["/api", "/api/", "/api/v1", "/api/v2/hub", "/api/v1/hub/", "/api/v1/x.js"];
    let beside_others = ["/api/v1/me/x", "/api/v1/toys/", "/api/v1/toys/a/b/c", "/api/v1/toys.js"];
    for path in paths.into_iter().chain(beside_others) {
        for method in ["GET", "HEAD", "POST", "DELETE"] {
            let answer = guardian.send(guardian.request(method, path)).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
            assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        }
    }
}

#[actix_web::test]
async fn simulated_toys_exist_only_in_a_demo() {
    let hub = TestHub::without_demo().await;
    let guardian = hub.guardian().await;

    for route in ROUTES.iter().filter(|route| route.access == Access::DemoGuardian) {
        let answer = ask(&guardian, route).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", route.path);
        assert_eq!(answer.error(), "not_found");
    }
    assert_eq!(guardian.get("/api/v1/hub").await.json()["demo"], false);
}

/// What comes back is checked against the document by `TestHub` itself.
///
/// Each route has a hub of its own: what one does would change what the next one finds.
#[actix_web::test]
async fn every_route_answers_as_documented() {
    // A message takes its time to the toy; nobody here has to wait for that.
    tokio::time::pause();
    for route in ROUTES.iter() {
        let needs_message_on_toy = [
            "/api/v1/deliveries/{delivery}/heard",
            "/api/v1/demo/toys/{toy}/sound",
            "/api/v1/toys/{toy}/slots/{slot}/play",
            "/api/v1/toys/{toy}/stop",
        ]
        .contains(&route.path);
        let hub = if needs_message_on_toy {
            TestHub::demo_at_work().await
        } else {
            TestHub::demo().await
        };
        let guardian = hub.guardian().await;
        if route.path == "/api/v1/events" {
            let mut events = guardian.events().await;
            assert!(events.next().await.is_some());
            continue;
        }
        let session = guardian.get("/api/v1/sessions").await.json()["sessions"][0]["id"].clone();
        let child = guardian.child().await;
        let (child, toy) = (child["id"].as_str().unwrap(), child["toys"][0].as_str().unwrap());
        let item = if needs_message_on_toy {
            guardian.message_on_toy().await
        } else {
            guardian.message(500).await
        };
        let path = route
            .path
            .replace("{path:.*}", "")
            .replace("{slot}", "1")
            .replace("{file}", "hutch-root.crt")
            .replace("{session}", session.as_str().unwrap())
            .replace("{child}", child)
            .replace("{toy}", toy)
            .replace("{item}", item["id"].as_str().unwrap())
            .replace("{delivery}", item["delivery"]["id"].as_str().unwrap());
        let path = match path.as_str() {
            "/open" => format!("/open?token={}", hub.token),
            _ => path,
        };
        // What needs another state of things is asked in the tests of accounts and relatives.
        let others = [
            "/setup",
            "/restore",
            "/restore/backups",
            "/restore/file",
            "/totp",
            "/totp/off",
            "/recovery-key/check",
            "/recover",
            "/recordings",
            "/approve",
            "/decline",
            "/share",
            "/unshare",
            "/household/erase",
            "/send-now",
            "/picture",
            "/metrics",
        ];
        let is_of_people = ["invites/", "guardians", "relatives", "screens"]
            .iter()
            .any(|of| path.contains(&format!("/v1/{of}")));
        // These need a toy that is met.
        let is_of_meetings = path.contains("/v1/meetings")
            || (route.method == Method::Post && path == "/api/v1/toys");
        if is_of_people || is_of_meetings || others.iter().any(|other| path.ends_with(other)) {
            continue;
        }
        let needs_password = ["/recovery-key", "/invites", "/erase", "/meter"];
        if needs_password.iter().any(|of| path.ends_with(of)) {
            // Whoever came by a link has given no password yet.
            let again = json!({ "password": crate::house::PASSWORD });
            guardian.post_json("/api/v1/me/confirm", &again).await;
        }
        let mut request: TestRequest = guardian.request(route.method.word(), &path);
        if let (Method::Post | Method::Put, Some(body)) = (route.method, body_of(&path)) {
            request = request.set_json(body);
        }
        if path.ends_with("/messages") || path.ends_with("/record") {
            request = request.insert_header((header::CONTENT_TYPE, "audio/wav"));
            request = request.set_payload(wav(1_000));
        }
        if path.ends_with("/quirks") {
            request = request.insert_header((header::CONTENT_TYPE, "application/json"));
            request = request.set_payload("{}");
        }
        let answer = guardian.send(request).await;
        let is_fine = answer.status.is_success() || answer.status == StatusCode::SEE_OTHER;
        assert!(is_fine, "{} {path}: {answer:?}", route.method.word());
    }
}

/// What is sent to a route that takes JSON.
fn body_of(path: &str) -> Option<serde_json::Value> {
    let password = crate::house::PASSWORD;
    let new_password = "lantern-orbit-pickle-meadow-cobalt";
    match path.strip_prefix("/api/v1")? {
        "/sessions" => Some(json!({ "name": crate::house::NAME, "password": password })),
        "/me/confirm" | "/keys/change" => Some(json!({ "password": password })),
        "/children" => Some(json!({ "name": "Leo", "animal": "cat", "color": "sky" })),
        "/activity/check" => Some(json!({})),
        "/activity/seen" => Some(json!({ "up_to": 1 })),
        "/me/password" => Some(json!({ "password": password, "new_password": new_password })),
        child if child.starts_with("/children/") && child.matches('/').count() == 2 => {
            Some(json!({ "name": "Lea" }))
        }
        toy if toy.starts_with("/toys/") && toy.matches('/').count() == 2 => {
            Some(json!({ "name": "Barnaby" }))
        }
        rules if rules.ends_with("/rules") => Some(json!({ "quiet": [] })),
        toy if toy.ends_with("/retire") => Some(json!({ "at_once": false })),
        item if item.ends_with("/note") => Some(json!({ "text": "Good night!" })),
        item if item.ends_with("/kept") => Some(json!({ "kept": true })),
        _ => None,
    }
}

#[test]
fn the_document_holds_every_route_with_its_access() {
    let document = http::openapi();

    assert_eq!(document["openapi"], "3.2.0");
    let mut n_operations = 0;
    for path in document["paths"].as_object().unwrap().values() {
        n_operations += path.as_object().unwrap().len();
    }
    assert_eq!(n_operations, ROUTES.len());
    for route in ROUTES.iter() {
        let path = route.path.replace(":.*", "");
        let operation = &document["paths"][&path][route.method.word().to_ascii_lowercase()];
        assert_eq!(operation["x-access"], route.access.word(), "{path}");
        assert_eq!(operation["summary"], route.summary);
        let needs_cookie = operation["security"] != serde_json::json!([]);
        assert_eq!(needs_cookie, route.access != Access::Public, "{path}");
        for parameter in path.split('{').skip(1) {
            let name = parameter.split('}').next().unwrap();
            let parameters = operation["parameters"].as_array().unwrap();
            assert!(parameters.iter().any(|known| known["name"] == name), "{path} {name}");
        }
    }
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document = http::openapi();
    let text = document.to_string();

    let mut n_references = 0;
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
        n_references += 1;
    }
    assert!(10 < n_references);
}

#[test]
fn the_document_names_states_and_codes() {
    let document = http::openapi();
    let send = &document["paths"]["/api/v1/children/{child}/messages"]["post"];

    let states = &document["components"]["schemas"]["Delivery"]["properties"]["state"]["enum"];
    assert!(states.as_array().unwrap().contains(&"sending".into()), "{states}");
    let mut codes = Vec::new();
    for (status, response) in send["responses"].as_object().unwrap() {
        codes.push(format!("{status} {}", response["description"].as_str().unwrap()));
    }
    insta::assert_json_snapshot!(codes, @r#"
    [
      "201 Done, and something new is there.",
      "400 bad_query, bad_idempotency_key, broken_off",
      "401 not_signed_in",
      "403 cross_site, not_allowed",
      "404 no_such_child, not_found",
      "408 too_slow",
      "409 idempotency_key_reused, no_toy, clock_not_trusted",
      "410 erased_since",
      "411 no_length",
      "413 too_large",
      "415 wrong_type",
      "421 wrong_host",
      "422 message_too_long, sound_too_long, bad_sound, empty_file, no_sound_file, no_sound_track, protected_sound, unknown_encoding, sound_cut_off, damaged_sound, no_sound, sound_too_hard, bad_send_at",
      "429 daily_limit",
      "500 internal, cannot_write",
      "503 stopping",
      "507 room_kept, disk_full"
    ]
    "#);
}
