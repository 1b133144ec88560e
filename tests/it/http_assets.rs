//! The page's files.

use actix_web::http::{StatusCode, header};

use crate::support::TestHub;

#[actix_web::test]
async fn the_document_is_shown_at_every_path_of_the_page() {
    let hub = TestHub::demo().await;
    let nobody = hub.nobody();
    let document = nobody.get("/").await;

    assert_eq!(document.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
    assert_eq!(document.header(header::CACHE_CONTROL), "no-cache");
    for path in ["/index.html", "/child/abc", "/toys", "/child/abc/", "/opener", "/apis"] {
        assert_eq!(nobody.get(path).await.body, document.body, "{path}");
    }
}

#[actix_web::test]
async fn a_file_that_is_not_there_is_not_the_document() {
    let hub = TestHub::demo().await;

    let paths = ["/nothing.js", "/js/nothing.js", "/.env", "/../Cargo.toml", "/%2e%2e/Cargo.toml"];
    for path in paths {
        let answer = hub.nobody().get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[actix_web::test]
async fn a_known_file_is_not_sent_again() {
    let hub = TestHub::demo().await;
    let nobody = hub.nobody();
    let tag = nobody.get("/").await.header(header::ETAG).to_owned();
    let ask = |tag: &str| {
        let request = nobody.request("GET", "/").insert_header((header::IF_NONE_MATCH, tag));
        nobody.send(request)
    };

    let known = ask(&tag).await;
    let other = ask("\"00\"").await;

    assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
    assert!(known.body.is_empty());
    assert_eq!(known.header(header::ETAG), tag);
    assert_eq!(known.header(header::CACHE_CONTROL), "no-cache");
    assert_eq!(other.status, StatusCode::OK);
}
