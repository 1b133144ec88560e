//! The page: the files of `web/`, compiled into the program.
//!
//! Only files that were there when the program was built can be asked for, by their exact
//! names; nothing is read from a disk. Every file has its hash as a strong `ETag` and is asked
//! about again each time (`no-cache`), so a new version of Hutch is a new page at once.
//!
//! The build compresses them, and there is no other form of a text in the program: the rare client that takes
//! no Brotli has it unpacked, with a tag of its own.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    web::{Bytes, Path, ThinData},
};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::{encoding, error::ApiError, guard, trust::Trusted};

/// What a path that is not a file shows: the one document of the page.
const INDEX: &str = "index.html";

/// The address that leads past whatever a browser kept of the page (`web/sw.js`).
const FRESH: &str = "fresh";
const CLEAR_SITE_DATA: &str = "clear-site-data";

/// All files, in the order of their names.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/web.rs"));

/// A file of the page.
#[derive(Debug)]
struct File {
    name: &'static str,
    /// Whether the bytes are Brotli's.
    is_packed: bool,
    /// The bytes' SHA-256.
    hash: [u8; 32],
    bytes: &'static [u8],
}

/// A form in which a file is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    AsKept,
    Unpacked,
}

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
    let file = find(file_name(&path)).ok_or(ApiError::NotFound)?;
    let form = form(file, request.headers());
    // What the document's script may ask is a part of the document: a browser that has it in another form
    // must not keep that.
    let policy = (file.name == INDEX).then(|| guard::document_policy(&trusted.places()));
    let tag = tag(file, form, policy.as_deref().unwrap_or_default());
    let mut answer = if is_known(request.headers(), &tag) {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer
        .insert_header((header::ETAG, tag.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type(content_type(file.name));
    if file.is_packed {
        answer.insert_header((header::VARY, header::ACCEPT_ENCODING.as_str()));
    }
    if let Some(policy) = policy {
        answer.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    }
    if *path == FRESH {
        answer.insert_header((CLEAR_SITE_DATA, "\"cache\""));
    }
    if is_known(request.headers(), &tag) {
        return Ok(answer.finish());
    }
    if file.is_packed && form == Form::AsKept {
        answer.insert_header((header::CONTENT_ENCODING, "br"));
    }
    Ok(answer.body(bytes(file, form)))
}

/// Returns the name of the file that a path shows.
fn file_name(path: &str) -> &str {
    let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    if is_file { path } else { INDEX }
}

fn find(name: &str) -> Option<&'static File> {
    let n = FILES.binary_search_by_key(&name, |file| file.name).ok()?;
    FILES.get(n)
}

/// Returns the form in which a client gets a file.
fn form(file: &File, headers: &HeaderMap) -> Form {
    if file.is_packed && !encoding::takes_brotli(headers) { Form::Unpacked } else { Form::AsKept }
}

fn bytes(file: &File, form: Form) -> Bytes {
    match form {
        Form::AsKept => Bytes::from_static(file.bytes),
        Form::Unpacked => {
            let mut packed = file.bytes;
            let mut bytes = Vec::new();
            brotli_decompressor::BrotliDecompress(&mut packed, &mut bytes)
                .expect("the build packed it");
            Bytes::from(bytes)
        }
    }
}

/// Returns the strong entity tag of a file in a form and with what is sent along with it: half of a SHA-256.
fn tag(file: &File, form: Form, policy: &str) -> String {
    let form = match form {
        Form::AsKept => 0,
        Form::Unpacked => 1,
    };
    let hash = Sha256::new().chain_update(file.hash).chain_update([form]).chain_update(policy);
    format!("\"{}\"", HEXLOWER.encode(hash.finalize().first_chunk::<16>().unwrap_or(&[0; 16])))
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

    const WORKER: &str = "sw.js";

    #[test]
    fn every_file_has_a_type() {
        for File { name, .. } in FILES {
            assert_ne!(content_type(name), UNKNOWN, "{name}");
        }
    }

    /// Returns the lines of a text; those of remarks in a script are empty.
    fn lines(name: &str, text: &[u8]) -> Vec<Vec<u8>> {
        let is_remark = |line: &[u8]| {
            content_type(name).starts_with("text/javascript")
                && [&b"/"[..], b"*"].iter().any(|mark| line.trim_ascii().starts_with(mark))
        };
        let lines = text.split(|byte| *byte == b'\n');
        lines.map(|line| if is_remark(line) { Vec::new() } else { line.to_vec() }).collect()
    }

    /// Collects the names of all files in a folder of the page.
    fn collect(folder: &std::path::Path, names: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, names);
            } else if !path.file_name().unwrap().to_str().unwrap().starts_with('.') {
                names.push(path.strip_prefix("web").unwrap().to_str().unwrap().to_owned());
            }
        }
    }

    #[test]
    fn every_file_is_as_it_is_in_the_folder_or_joined() {
        let served = |name: &str| {
            let file = find(name)?;
            Some(bytes(file, if file.is_packed { Form::Unpacked } else { Form::AsKept }))
        };
        let text = |name: &str| String::from_utf8(served(name).unwrap().to_vec()).unwrap();
        let modules = text("js/first.js") + &text("js/talk.js");
        let sheets = text("css/first.css") + &text("css/later.css");
        let mut names = Vec::new();
        collect(std::path::Path::new("web"), &mut names);
        let (mut n_modules, mut n_sheets, mut n_signs) = (0, 0, 0);
        let signs = text("img/signs.svg");

        for name in &names {
            let written = std::fs::read(std::path::Path::new("web").join(name)).unwrap();
            let Some(bytes) = served(name) else {
                let text = std::str::from_utf8(&written).unwrap();
                if name.starts_with("img/") {
                    let (_, drawing) = text.trim().split_once("viewBox").unwrap();
                    assert!(signs.contains(drawing), "{name}");
                    n_signs += 1;
                    continue;
                }
                // Each sign has its own place in the picture.
                assert!(name == "css/icons.css" || sheets.contains(text), "{name}");
                n_sheets += 1;
                continue;
            };
            if bytes.starts_with(b"import { $") {
                assert!(modules.contains(&format!("\n\"/{name}\": once(")), "{name}");
                n_modules += 1;
            } else if name != INDEX {
                // The worker has one line more.
                let n_told = usize::from(name == WORKER);
                assert!(lines(name, &bytes)[n_told..] == lines(name, &written), "{name}");
            }
        }

        assert!(
            70 < n_modules && 15 < n_sheets && 30 < n_signs,
            "{n_modules}, {n_sheets}, {n_signs}"
        );
        assert_eq!(FILES.len(), names.len() + 5 - n_sheets - n_signs);
        assert!(find(INDEX).is_some_and(|file| file.is_packed));
        assert!(FILES.is_sorted_by_key(|file| file.name));
    }

    #[test]
    fn the_worker_is_told_what_the_page_is_made_of() {
        let text = bytes(find(WORKER).unwrap(), Form::Unpacked);
        let line = text.split(|byte| *byte == b'\n').next().unwrap();
        let line = std::str::from_utf8(line).unwrap();

        let list = line.split_once("files: ").unwrap().1.strip_suffix(" };").unwrap();
        let told: Vec<String> = serde_json::from_str(list).unwrap();
        let made = FILES.iter().map(|file| file.name).filter(|name| *name != WORKER);
        let made = made.map(|name| if name == INDEX { "/".to_owned() } else { format!("/{name}") });
        assert_eq!(told, made.collect::<Vec<_>>());
    }

    #[test]
    fn every_form_of_a_file_has_a_tag_of_its_own() {
        let file = find(INDEX).unwrap();
        let tags = [
            tag(file, Form::AsKept, ""),
            tag(file, Form::Unpacked, ""),
            tag(file, Form::AsKept, "a"),
            tag(find("js/main.js").unwrap(), Form::AsKept, ""),
        ];

        for (n, one) in tags.iter().enumerate() {
            assert!(!tags[..n].contains(one), "{tags:?}");
        }
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
            let is_embedded = FILES.iter().any(|known| known.name == name);
            prop_assert!(is_embedded || find(name).is_none());
        }
    }
}
