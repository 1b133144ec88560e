//! The page: the files of `web/`, compiled into the program.
//!
//! Only files that were there when the program was built can be asked for, by their exact
//! names; nothing is read from a disk. Every file has its hash as a strong `ETag` and is asked
//! about again each time (`no-cache`), so a new version of Hutch is a new page at once.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    web::{Bytes, Path, ThinData},
};
use data_encoding::HEXLOWER;
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest as _, Sha256};

use super::{error::ApiError, guard, trust::Trusted};

/// What a path that is not a file shows: the one document of the page.
const INDEX: &str = "index.html";

#[derive(Embed)]
#[folder = "web"]
struct Web;

/// `GET /…`: a file of the page, or its document for the paths that its script knows.
pub(super) async fn show(
    request: HttpRequest,
    ThinData(trusted): ThinData<Arc<dyn Trusted>>,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    // As the routes saw it: "%61pi" is "api" to them.
    if guard::is_api(request.match_info().as_str()) {
        return Err(ApiError::NotFound);
    }
    let name = file_name(&path);
    let file = find(name).ok_or(ApiError::NotFound)?;
    // What the document's script may ask is a part of the document: a browser that has it in another form
    // must not keep that.
    let policy = (name == INDEX).then(|| guard::document_policy(&trusted.places()));
    let tag = tag(&file, policy.as_deref().unwrap_or_default());
    let mut answer = if is_known(request.headers(), &tag) {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer
        .insert_header((header::ETAG, tag.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type(content_type(name));
    if let Some(policy) = policy {
        answer.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    }
    if is_known(request.headers(), &tag) {
        return Ok(answer.finish());
    }
    let bytes = match file.data {
        std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
    };
    Ok(answer.body(bytes))
}

/// Returns the name of the file that a path shows.
fn file_name(path: &str) -> &str {
    let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    if is_file { path } else { INDEX }
}

/// Returns an embedded file, unless a tool keeps it for itself.
fn find(name: &str) -> Option<EmbeddedFile> {
    let is_hidden = name.split('/').any(|part| part.starts_with('.'));
    if is_hidden { None } else { Web::get(name) }
}

/// Returns the strong entity tag of a file and what is sent along with it: half of their SHA-256.
fn tag(file: &EmbeddedFile, policy: &str) -> String {
    let hash =
        Sha256::new().chain_update(file.metadata.sha256_hash()).chain_update(policy).finalize();
    format!("\"{}\"", HEXLOWER.encode(hash.first_chunk::<16>().unwrap_or(&[0; 16])))
}

/// Returns whether `If-None-Match` names the tag (RFC 9110, 13.1.2: compared weakly).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers.get_all(header::IF_NONE_MATCH).any(|known| {
        let known = known.to_str().unwrap_or_default();
        known
            .split(',')
            .map(str::trim)
            .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
    })
}

/// Returns the type of a file by its name. A type that is not here is one that the page does
/// not use: a test keeps the list complete.
fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        "wav" => "audio/wav",
        "ogg" => "audio/ogg",
        _ => UNKNOWN,
    }
}

const UNKNOWN: &str = "application/octet-stream";

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_file_has_a_type() {
        for name in Web::iter().filter(|name| find(name).is_some()) {
            assert_ne!(content_type(&name), UNKNOWN, "{name}");
        }
    }

    #[test]
    fn the_page_is_there() {
        assert!(find(INDEX).is_some());
    }

    #[test]
    fn paths_of_the_page_show_its_document() {
        assert_eq!(file_name(""), INDEX);
        assert_eq!(file_name("child/abc"), INDEX);
        assert_eq!(file_name("v1.2/child"), INDEX);
        assert_eq!(file_name("js/main.js"), "js/main.js");
        assert_eq!(file_name("child/.env"), "child/.env");
    }

    #[test]
    fn a_list_of_tags_may_hold_ours() {
        let known = |text: &str| {
            let request = TestRequest::get().insert_header((header::IF_NONE_MATCH, text));
            is_known(request.to_srv_request().headers(), "\"ab\"")
        };

        assert!(known("\"ab\""));
        assert!(known("\"cd\", W/\"ab\""));
        assert!(known("*"));
        assert!(!known("ab"));
        assert!(!known("\"cd\",\"ef\""));
        assert!(!known(""));
    }

    proptest! {
        #[test]
        fn only_embedded_names_are_files(path in "\\PC{0,60}") {
            let name = file_name(&path);
            let is_embedded = Web::iter().any(|known| known == name);
            prop_assert!(is_embedded || find(name).is_none());
        }
    }
}
