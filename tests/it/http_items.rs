//! Conversations, deliveries and sound.

use actix_web::http::{StatusCode, header};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};

use crate::support::TestHub;

#[actix_web::test]
async fn a_conversation_is_read_page_by_page_newest_first() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    for _ in 0..3 {
        guardian.message(500).await;
    }
    let path = format!("{}/items", guardian.child_path().await);

    let whole = guardian.get(&path).await.json();
    let first = guardian.get(&format!("{path}?limit=3")).await.json();
    let cursor = first["next"].as_str().unwrap();
    let second = guardian.get(&format!("{path}?limit=3&before={cursor}")).await.json();

    let ids = |page: &serde_json::Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&whole), [ids(&first), ids(&second)].concat());
    assert_eq!(whole["next"], serde_json::Value::Null);
    assert_eq!(second["next"], serde_json::Value::Null);
    let times: Vec<_> =
        whole["items"].as_array().unwrap().iter().map(|item| item["at"].as_i64()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));
}

#[actix_web::test]
async fn queries_that_make_no_sense_are_refused() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let path = format!("{}/items", guardian.child_path().await);

    for query in ["limit=0", "limit=101", "limit=-1", "limit=many", "limit=1&limit=2"] {
        assert_eq!(guardian.get(&format!("{path}?{query}")).await.error(), "bad_query", "{query}");
    }
    assert_eq!(guardian.get(&format!("{path}?before=nonsense")).await.error(), "bad_cursor");
}

#[actix_web::test]
async fn what_is_not_there_is_named() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let nobody = "z".repeat(5) + &"a".repeat(21);

    let cases = [
        ("GET", format!("/api/v1/children/{nobody}/items"), "no_such_child"),
        ("GET", format!("/api/v1/items/{nobody}"), "no_such_item"),
        ("GET", format!("/api/v1/items/{nobody}/sound"), "no_such_item"),
        ("POST", format!("/api/v1/deliveries/{nobody}/retry"), "no_such_delivery"),
        ("POST", format!("/api/v1/demo/toys/{nobody}/play"), "no_such_toy"),
        ("GET", "/api/v1/items/7".to_owned(), "not_found"),
        ("GET", "/api/v1/items/%ff".to_owned(), "not_found"),
        ("GET", "/api/v1/items/..%2f..%2fetc".to_owned(), "not_found"),
        ("GET", format!("/api/v1/demo/toys/{nobody}/slots/5"), "not_found"),
        ("GET", format!("/api/v1/demo/toys/{nobody}/slots/-1"), "not_found"),
    ];
    for (method, path, code) in cases {
        let answer = guardian.send(guardian.request(method, &path)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.error(), code, "{path}");
    }
}

#[actix_web::test]
async fn a_message_is_taken_back_once() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let item = guardian.message(500).await;
    let path = format!("/api/v1/deliveries/{}", item["delivery"]["id"].as_str().unwrap());

    let withdrawn = guardian.post(&format!("{path}/withdraw")).await;
    let again = guardian.post(&format!("{path}/withdraw")).await;
    let heard = guardian.post(&format!("{path}/heard")).await;

    assert_eq!(withdrawn.json()["state"], "withdrawn");
    assert_eq!((again.status, again.error()), (StatusCode::CONFLICT, "too_late".to_owned()));
    assert_eq!(heard.error(), "too_late");
    let shown = guardian.get(&format!("/api/v1/items/{}", item["id"].as_str().unwrap())).await;
    assert_eq!(shown.json()["delivery"]["state"], "withdrawn");
}

#[actix_web::test]
async fn sound_comes_whole_or_in_parts() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let item = guardian.message(500).await;
    let path = format!("/api/v1/items/{}/sound", item["id"].as_str().unwrap());
    let part = |range: &'static str| {
        let path = format!("{path}?as=wav");
        let request = guardian.request("GET", &path).insert_header((header::RANGE, range));
        guardian.send(request)
    };

    let ogg = guardian.get(&path).await;
    let whole = guardian.get(&format!("{path}?as=wav")).await;
    let n_bytes = whole.body.len();

    assert_eq!(ogg.header(header::CONTENT_TYPE), "audio/ogg; codecs=opus");
    assert!(ogg.body.starts_with(b"OggS"));
    assert_eq!(whole.header(header::CONTENT_TYPE), "audio/wav");
    assert_eq!(whole.header(header::ACCEPT_RANGES), "bytes");
    assert_eq!(whole.header(header::CACHE_CONTROL), "no-store");
    assert!(whole.body.starts_with(b"RIFF"));
    let first = part("bytes=0-1").await;
    assert_eq!(first.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(first.header(header::CONTENT_RANGE), format!("bytes 0-1/{n_bytes}"));
    assert_eq!(first.body, whole.body[..2]);
    let last = part("bytes=-5").await;
    assert_eq!(last.body, whole.body[n_bytes - 5..]);
    let rest = part("bytes=100-").await;
    assert_eq!(rest.body, whole.body[100..]);
    let outside = part("bytes=99999999-").await;
    assert_eq!(outside.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(outside.header(header::CONTENT_RANGE), format!("bytes */{n_bytes}"));
    assert_eq!(part("bytes=0-1,4-5").await.body, whole.body);
    assert_eq!(guardian.get(&format!("{path}?as=mp3")).await.error(), "bad_query");
}

/// Whatever stands in an address, a range or a cookie: the answer is one that the document
/// names, which `TestHub` checks, and never a fault of ours.
#[actix_web::test]
async fn no_query_range_or_cookie_is_a_fault_of_ours() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    let item = guardian.message(500).await;
    let child_path = guardian.child_path().await;
    let sound = format!("/api/v1/items/{}/sound", item["id"].as_str().unwrap());
    let mut runner = TestRunner::default();
    let query = prop_oneof![
        "[!-~&&[^#\"<>\\\\^`{|}]]{0,30}",
        "(before|limit|as|long|token)=[a-z0-9%&=+-]{0,20}",
    ];
    let header_text = "[ -~]{0,30}";

    for _ in 0..300 {
        let query = query.new_tree(&mut runner).unwrap().current();
        let text = header_text.new_tree(&mut runner).unwrap().current();
        for path in [&format!("{child_path}/items"), &sound, "/open", "/"] {
            let request = guardian
                .request("GET", &format!("{path}?{query}"))
                .insert_header((header::RANGE, text.as_str()))
                .insert_header((header::IF_NONE_MATCH, text.as_str()));
            let answer = guardian.send(request).await;
            assert!(!answer.status.is_server_error(), "{path}?{query} {text}");
        }
        let request = hub.nobody().request("GET", "/api/v1/hub");
        let answer = hub.send(request.insert_header((header::COOKIE, text.as_str()))).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{text}");
    }
}
