//! The page's files.

use actix_web::http::{StatusCode, header};

use crate::support::{Answer, TestHub};

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
async fn the_way_past_what_a_browser_kept_of_the_page_clears_that() {
    let hub = TestHub::demo().await;
    let clears = |answer: &Answer| {
        let header = answer.headers.get("clear-site-data");
        header.map(|value| value.to_str().unwrap().to_owned())
    };

    let fresh = hub.nobody().get("/fresh").await;
    let other = hub.nobody().get("/fresher").await;

    // Not what the page remembers, such as its language.
    assert_eq!(clears(&fresh).as_deref(), Some("\"cache\""));
    assert_eq!(clears(&other), None);
    assert_eq!(fresh.body, other.body);
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

#[actix_web::test]
async fn whoever_takes_it_compressed_gets_the_same_file_so() {
    let hub = TestHub::demo().await;
    let nobody = hub.nobody();
    let plain = nobody.get("/js/views/privacy.js").await;
    let ask = |accepted: &str| {
        let request = nobody.request("GET", "/js/views/privacy.js");
        nobody.send(request.insert_header((header::ACCEPT_ENCODING, accepted)))
    };

    let packed = ask("gzip, deflate, br, zstd").await;
    let refused = ask("gzip, br;q=0").await;

    assert_eq!(packed.header(header::CONTENT_ENCODING), "br");
    assert_eq!(packed.header(header::VARY), "accept-encoding");
    assert!(packed.body.len() * 2 < plain.body.len(), "{} bytes", packed.body.len());
    assert_eq!(unpacked(&packed.body), plain.body);
    assert_ne!(packed.header(header::ETAG), plain.header(header::ETAG));
    for whole in [plain, refused] {
        assert!(!whole.headers.contains_key(header::CONTENT_ENCODING));
        assert_eq!(whole.header(header::VARY), "accept-encoding");
        assert!(whole.body.windows(7).any(|word| word == b"export "));
    }
}

#[actix_web::test]
async fn a_form_that_is_known_is_not_another_one() {
    let hub = TestHub::demo().await;
    let nobody = hub.nobody();
    let ask = |accepted: &'static str, tag: String| {
        let request = nobody.request("GET", "/js/main.js");
        let request = request.insert_header((header::ACCEPT_ENCODING, accepted));
        nobody.send(request.insert_header((header::IF_NONE_MATCH, tag)))
    };
    let tag = ask("br", String::new()).await.header(header::ETAG).to_owned();

    let same = ask("br", tag.clone()).await;
    let other = ask("identity", tag).await;

    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    assert_eq!(same.header(header::VARY), "accept-encoding");
    assert!(!same.headers.contains_key(header::CONTENT_ENCODING));
    assert_eq!(other.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_picture_is_sent_as_it_is() {
    let hub = TestHub::demo().await;
    let request = hub.nobody().request("GET", "/img/icon-192.png");

    let icon = hub.nobody().send(request.insert_header((header::ACCEPT_ENCODING, "br"))).await;

    assert!(icon.body.starts_with(b"\x89PNG"));
    assert!(!icon.headers.contains_key(header::CONTENT_ENCODING));
}

/// What somebody may have put into an answer of the API must not show in its length.
#[actix_web::test]
async fn no_answer_of_the_api_is_compressed() {
    let hub = TestHub::demo().await;
    let guardian = hub.guardian().await;
    for path in ["/api/v1/overview", "/api/v1/trust", "/api/v1/nothing"] {
        let request = guardian.request("GET", path);
        let answer =
            guardian.send(request.insert_header((header::ACCEPT_ENCODING, "br, gzip, *"))).await;

        assert!(!answer.headers.contains_key(header::CONTENT_ENCODING), "{path}");
        assert!(answer.body.starts_with(b"{"), "{path}");
    }
}

fn unpacked(mut packed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    brotli_decompressor::BrotliDecompress(&mut packed, &mut bytes).unwrap();
    bytes
}
