//! The layers of Hutch as tests: who may import whom, what the pure layers must not touch, where a
//! dependency may be named, how long a file may get.
//!
//! Tests inside the library are free of these rules: what `#[cfg(test)]` guards is not read.

mod scanner;
mod source;

use std::path::Path;

use actix_web::http::StatusCode;
use source::{Kind, Source, Token, module_of};

/// Who may import whom. An arrow is the only permission; a module may always name itself, and
/// children of what it may name. A module without a row may name nothing, nor be named.
const ARROWS: &[(&str, &[&str])] = &[
    // No part of the program: it packs the page while that is built.
    ("build", &[]),
    // L0
    ("model", &[]),
    // L1, pure
    ("toy", &["model"]),
    ("audio", &["model"]),
    ("picture", &[]),
    ("seal", &["model"]),
    ("auth", &["model"]),
    ("lan", &[]),
    // L2
    ("clock", &["model"]),
    ("radio", &["toy::wire", "toy::firmware", "toy::inferred", "model"]),
    (
        "store",
        &[
            "model",
            "seal::Sealed",
            "seal::SealedKey",
            "seal::SealError",
            "seal::PublicKey",
            "seal::About",
            "seal::Kind",
            "seal::KeyFor",
            "seal::SealedPrevious",
            "seal::Wrap",
            "seal::recovery::SealedHousehold",
        ],
    ),
    ("state", &["seal::DeviceKey", "seal::HashKey", "seal::age::RehearsalKey"]),
    ("tls", &["model", "clock"]),
    ("notify", &[]),
    ("update", &[]),
    (
        "care",
        &[
            "clock",
            "lan",
            "model::Timestamp",
            "radio::RadioState",
            "store::examine",
            "store::Examined",
        ],
    ),
    // L3: of the radio the hub knows the traits; which radio there is, the daemon decides.
    (
        "hub",
        &[
            "radio",
            "store",
            "clock",
            "toy",
            "audio",
            "picture",
            "seal",
            "auth",
            "model",
            "care",
            "demo::Playroom",
            "demo::DemoToy",
        ],
    ),
    ("backup", &["state", "store", "seal", "model"]),
    ("demo", &["radio::sim", "toy", "audio", "model"]),
    // L4
    ("http", &["hub", "demo", "model", "lan", "tls::Fingerprints"]),
    ("control", &["hub", "lan::kernel", "tls"]),
    ("config", &["model", "lan"]),
    (
        "cli",
        &[
            "backup",
            "daemon",
            "control",
            "hub",
            "config",
            "audio",
            "auth::breached",
            "clock",
            "seal::age",
            "seal::recovery",
            "state",
            "http",
            "model",
            "tls::Fingerprints",
        ],
    ),
    // L5
    (
        "daemon",
        &[
            "backup", "http", "control", "hub", "demo", "radio", "state", "store", "tls", "notify",
            "clock", "config", "auth", "seal", "audio", "toy", "model", "lan", "care", "update",
        ],
    ),
    ("main", &["cli"]),
];

/// Arrows that the table above would allow and that must not be.
const NEVER: &[(&str, &str, &str)] = &[
    ("hub", "radio::sim", "which radio there is, the daemon decides"),
    ("hub", "radio::bluez", "which radio there is, the daemon decides"),
    ("hub::keeper", "seal::household", "a keeper runs with nobody signed in"),
    ("hub::keeper", "seal::HouseholdKey", "a keeper runs with nobody signed in"),
    ("hub::keeper", "hub::Guardian", "a keeper runs with nobody signed in"),
    ("hub::keeper", "hub::accounts", "a keeper runs with nobody signed in"),
    ("hub::keeper", "seal::recovery", "a keeper runs with nobody signed in"),
    ("hub::keeper", "seal::WrapKey", "a keeper runs with nobody signed in"),
    ("hub::bus", "seal::household", "an event reaches whoever listens"),
    ("hub::bus", "hub::accounts", "an event reaches whoever listens"),
    ("hub::view", "seal::household", "an event reaches whoever listens"),
    ("hub::view", "hub::accounts", "an event reaches whoever listens"),
    ("hub::view", "hub::Guardian", "an event reaches whoever listens"),
    ("hub::keeper", "hub::Accounts", "a keeper runs with nobody signed in"),
    ("hub::keeper", "hub::Confirmed", "a keeper runs with nobody signed in"),
    ("hub::keeper", "hub::SignedIn", "a keeper runs with nobody signed in"),
    ("hub::keeper", "hub::Hub", "a keeper runs with nobody signed in"),
    ("hub::keeper", "hub::Asks", "a keeper runs with nobody signed in"),
    ("hub::keeper", "hub::Caller", "a keeper runs with nobody signed in"),
    ("hub::keeper", "seal::AccountKey", "a keeper runs with nobody signed in"),
    ("hub::keeper", "seal::PrivateKey", "a keeper runs with nobody signed in"),
    (
        "hub::keeper",
        "hub::approval",
        "a keeper sends what lies in the outbox and puts nothing there",
    ),
    ("hub::keeper", "hub::rules", "a keeper acts upon what was decided"),
    ("hub::keeper", "hub::retention", "a keeper erases nothing"),
    ("hub::guard", "hub::Hub", "keepers see by it with nobody signed in"),
    ("hub::guard", "hub::Guardian", "keepers see by it with nobody signed in"),
    ("hub::guard", "seal", "keepers see by it with nobody signed in"),
    ("hub::probe", "seal", "it looks at a toy that is nobody's"),
    ("hub::probe", "hub::accounts", "it looks at a toy that is nobody's"),
    ("hub::probe", "store::outbox", "it looks at a toy that is nobody's"),
    ("hub::talk", "store", "it moves bytes"),
    ("hub::talk", "seal", "it moves bytes"),
    ("hub::quiet", "hub::Hub", "how late it is and what the rules say is all that it takes"),
    ("hub::quiet", "hub::Guardian", "how late it is and what the rules say is all that it takes"),
    ("hub::quiet", "hub::accounts", "keepers decide by it with nobody signed in"),
    ("hub::quiet", "seal", "keepers decide by it with nobody signed in"),
    ("hub::retention", "seal", "a timer erases with nobody signed in"),
    ("hub::accounts::relative", "seal::household", "a relative opens what was shared"),
    ("hub::accounts::relative", "hub::accounts::keys", "a relative opens what was shared"),
    ("hub::items", "seal::household", "a relative's request comes here"),
    ("hub::messages", "seal::household", "a relative's request comes here"),
    ("hub::later", "hub::Hub", "how late it is and what is stored is all that it takes"),
    ("hub::later", "hub::accounts", "keepers decide by it with nobody signed in"),
    ("hub::later", "seal", "keepers decide by it with nobody signed in"),
    ("hub::notes", "seal::household", "a relative's request comes here"),
    ("hub::notes", "store::outbox", "only approval fills the outbox"),
    ("hub::recordings", "seal::household", "a child screen's request comes here"),
    ("hub::children", "seal::household", "a relative's request comes here"),
    ("hub::pictures", "seal::household", "a relative's request comes here"),
    ("hub::approval", "seal::household", "what opens here opens by who asks"),
    ("hub::sharing", "seal::household", "what opens here opens by who asks"),
    ("hub::messages", "store::outbox", "only approval fills the outbox"),
    ("hub::recordings", "store::outbox", "only approval fills the outbox"),
    ("hub::accounts", "store::outbox", "only approval fills the outbox"),
    ("hub::sharing", "store::outbox", "only approval fills the outbox"),
    ("hub::items", "store::outbox", "only approval fills the outbox"),
    ("hub::bus", "hub::Guardian", "an event reaches whoever listens"),
    ("store", "seal::household", "the store keeps what is sealed"),
    ("http", "seal::household", "handlers translate; a guardian is enough of a proof"),
];

/// Layers without I/O, clock or runtime.
const PURE: &[&str] = &["model", "toy", "audio", "picture", "seal", "auth", "update"];

/// What a pure layer must not name.
const IMPURE: &[&str] = &[
    "tokio",
    "tokio_util",
    "futures_util",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::time::SystemTime",
    "std::time::Instant::now",
    "rusqlite",
    "actix_web",
    "actix_http",
    "actix_server",
    "actix_rt",
    "h2",
    "bluer",
    "tracing",
];

/// Dependencies that belong to some modules only.
const OWNED: &[(&str, &[&str])] = &[
    ("actix_http", &["http", "daemon"]),
    ("actix_server", &["http", "daemon"]),
    ("actix_web", &["http", "daemon"]),
    ("anyhow", &["main", "cli", "daemon"]),
    ("argon2", &["auth"]),
    ("bluer", &["radio::bluez"]),
    ("brotli", &["build"]),
    ("brotli_decompressor", &["http"]),
    ("clap", &["main", "cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("getrandom", &["seal", "auth", "hub", "demo", "daemon", "backup"]),
    ("h2", &["http"]),
    ("httparse", &["http"]),
    ("icu_normalizer", &["auth"]),
    ("if_addrs", &["lan"]),
    ("image", &["picture"]),
    ("indicatif", &["cli"]),
    ("listenfd", &["cli"]),
    ("mdns_sd", &["lan"]),
    ("minisign_verify", &["update"]),
    ("nix", &["radio::bluez"]),
    ("ogg", &["audio"]),
    ("opus", &["audio"]),
    ("rcgen", &["tls"]),
    ("rusqlite", &["store"]),
    ("sha1", &["auth"]),
    ("scrypt", &["seal::age"]),
    ("strsim", &["config"]),
    ("symphonia", &["audio::file"]),
    ("tar", &["backup"]),
    ("tokio_rustls", &["daemon"]),
    ("toml", &["config"]),
    ("zxcvbn", &["auth::password"]),
];

/// The toy's command to switch on its microphone, which only the simulated toy knows.
const LISTEN: [u32; 2] = [0x08, 0x02];
const LISTEN_HOME: &str = "toy::firmware";

/// Longer files have stopped being about one thing.
const MAX_LINES: usize = 600;

/// Words of the workshop that mean nothing to a reader of Hutch; written in halves, so that this
/// file does not contain them.
const STRANGE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("..", "/shared"),
    concat!("CONT", "RACT.md"),
    concat!("/tmp/", "hutch"),
    concat!("issues ", "show"),
    concat!("work", "place"),
    concat!("this ", "session"),
    concat!("the acceptance ", "list"),
];

/// Returns what one file does against the rules, a sentence each.
fn violations(file: &str, text: &str) -> Vec<String> {
    let source = Source::read(file, text);
    let module = module_of(file);
    let mut found = Vec::new();
    for named in &source.named {
        let mut say = |why: String| {
            found.push(format!("{file}:{} names {}: {why}", named.line, named.path.join("::")));
        };
        match named.path.split_first() {
            Some((head, inside)) if head == "crate" => {
                if let Some(why) = forbidden_arrow(&module, inside) {
                    say(why);
                }
                if named.exported && is_within(inside, "seal::household") && inside.len() > 2 {
                    say("the household key has one path, which keepers are searched for".to_owned());
                }
            }
            Some(_) => {
                if is_one_of(&module, PURE) && is_one_of(&named.path, IMPURE) {
                    say("this layer is pure: bytes, time and randomness come as arguments"
                        .to_owned());
                }
                for (name, owners) in OWNED {
                    if is_within(&named.path, name) && !is_one_of(&module, owners) {
                        say(format!("only {} may", owners.join(", ")));
                    }
                }
            }
            None => {}
        }
    }
    if !is_within(&module, LISTEN_HOME) && !is_within(&module, "audio") {
        found.extend(listens(&source.tokens).map(|line| {
            format!("{file}:{line} spells the command that switches on a toy's microphone")
        }));
    }
    found
}

/// Whether a path is this dotted name or lies within it.
fn is_within(path: &[String], name: &str) -> bool {
    let segments: Vec<&str> = name.split("::").collect();
    segments.len() <= path.len() && segments.iter().zip(path).all(|(segment, of)| segment == of)
}

fn is_one_of(path: &[String], names: &[&str]) -> bool {
    names.iter().any(|name| is_within(path, name))
}

/// Returns why this module may not name that path of ours, if so.
fn forbidden_arrow(module: &[String], named: &[String]) -> Option<String> {
    let (Some(layer), Some(target)) = (module.first(), named.first()) else {
        // `lib.rs` only lists the modules.
        return None;
    };
    let never = NEVER.iter().find(|(from, to, _)| is_within(module, from) && is_within(named, to));
    if let Some((_, _, why)) = never {
        return Some((*why).to_owned());
    }
    if layer == target {
        return None;
    }
    let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| name == layer) else {
        return Some(format!("`{layer}` has no row in the table of arrows"));
    };
    // `use crate::seal;` with an arrow to `seal::Sealed` alone would open all of `seal`.
    let is_allowed = is_one_of(named, allowed);
    (!is_allowed).then(|| format!("`{layer}` may name {}", list(allowed)))
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// Returns the lines where the two bytes stand side by side in hexadecimal, as numbers or in a
/// string, or as one number of two bytes.
fn listens(tokens: &[Token]) -> impl Iterator<Item = usize> {
    let byte = |token: &Token| {
        let digits = token.text.strip_prefix("0x")?.replace('_', "");
        u32::from_str_radix(digits.trim_end_matches("u16").trim_end_matches("u8"), 16).ok()
    };
    let whole = [LISTEN[0] << 8 | LISTEN[1], LISTEN[1] << 8 | LISTEN[0]];
    tokens.iter().enumerate().filter_map(move |(at, token)| {
        if token.kind != Kind::Literal {
            return None;
        }
        let is_pair = byte(token) == Some(LISTEN[0])
            && tokens.get(at + 1).is_some_and(|next| next.text == ",")
            && tokens.get(at + 2).and_then(byte) == Some(LISTEN[1]);
        let is_whole = 6 <= token.text.len() && byte(token).is_some_and(|n| whole.contains(&n));
        let escaped = format!(r"\x{:02x}\x{:02x}", LISTEN[0], LISTEN[1]);
        (is_pair || is_whole || token.text.contains(&escaped)).then_some(token.line)
    })
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the files below a folder, each as it is called from the top.
fn paths(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy();
            if !path.is_dir() {
                found.push(path.strip_prefix(root()).unwrap().to_string_lossy().into_owned());
            } else if !["node_modules", "target", "vendor"].contains(&&*name) {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Returns the files below a folder with their text; what is no text is left out.
fn files(folder: &str) -> Vec<(String, String)> {
    let read =
        |file: String| Some((file.clone(), std::fs::read_to_string(root().join(file)).ok()?));
    paths(folder).into_iter().filter_map(read).collect()
}

fn is_rust(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension == "rs")
}

/// Returns the Rust sources of the product, without the files that only tests see.
fn product() -> Vec<(String, String)> {
    let all: Vec<(String, String)> =
        files("src").into_iter().filter(|(file, _)| is_rust(file)).collect();
    let tests: Vec<Vec<String>> =
        all.iter().flat_map(|(file, text)| Source::read(file, text).test_modules).collect();
    all.into_iter()
        .filter(|(file, _)| !tests.iter().any(|test| module_of(file).starts_with(test)))
        .collect()
}

#[track_caller]
fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "{} found:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_import_follows_an_arrow() {
    let sources = product();

    let found: Vec<String> =
        sources.iter().flat_map(|(file, text)| violations(file, text)).collect();

    assert!(!sources.is_empty());
    assert_none(&found);
}

#[test]
fn every_module_has_a_row_in_the_table() {
    let modules: Vec<String> =
        product().iter().filter_map(|(file, _)| module_of(file).first().cloned()).collect();

    let found: Vec<String> = modules
        .into_iter()
        .filter(|module| !ARROWS.iter().any(|(name, _)| name == module))
        .map(|module| format!("src/{module} has no row in the table of arrows"))
        .collect();

    assert_none(&found);
}

#[test]
fn no_file_outgrows_its_reader() {
    let sources = ["src", "tests", "web"].into_iter().flat_map(files);

    let found: Vec<String> = sources
        .filter(|(file, _)| {
            let path = Path::new(file);
            let is_code = path.extension().is_some_and(|kind| {
                ["rs", "js", "mjs", "css", "html", "sql"].iter().any(|k| kind == *k)
            });
            // Tables are read by the machine; the tests of one machine may stay together.
            is_code && !path.ends_with("tables.rs") && !path.ends_with("tests.rs")
        })
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, n_lines)| MAX_LINES < *n_lines)
        .map(|(file, n_lines)| format!("{file} has {n_lines} lines, more than {MAX_LINES}"))
        .collect();

    assert_none(&found);
}

#[test]
fn the_project_speaks_of_itself_alone() {
    let tops = ["Cargo.toml", "Makefile", "README.md", ".deny.toml", ".clippy.toml", ".gitignore"];
    let tops = tops.into_iter().map(|file| {
        (file.to_owned(), std::fs::read_to_string(root().join(file)).unwrap_or_default())
    });
    let folders = ["src", "tests", "web", "systemd", ".ci", ".config"].into_iter().flat_map(files);

    let found: Vec<String> = tops
        .chain(folders)
        .flat_map(|(file, text)| {
            let lines: Vec<String> = text
                .lines()
                .enumerate()
                .filter_map(|(at, line)| {
                    let word = STRANGE.iter().find(|word| line.contains(**word))?;
                    Some(format!("{file}:{} says {word:?}", at + 1))
                })
                .collect();
            lines
        })
        .collect();

    assert_none(&found);
}

#[actix_web::test]
async fn every_file_of_the_page_is_embedded() {
    let hub = crate::support::TestHub::demo().await;
    let nobody = hub.nobody();
    let mut joined = String::new();
    for name in
        ["/css/first.css", "/css/later.css", "/img/signs.svg", "/js/first.js", "/js/talk.js"]
    {
        let answer = nobody.get(name).await;
        joined += std::str::from_utf8(&answer.body).unwrap();
    }
    let files = paths("web");

    for file in &files {
        let kept = std::fs::read(root().join(file)).unwrap();
        let answer = nobody.get(file.strip_prefix("web").unwrap()).await;
        // Where it is embedded together with others, they stand in its place; the document names those.
        let text = std::str::from_utf8(&kept).unwrap_or_default();
        let is_joined = if answer.body.starts_with(b"import { $") {
            joined.contains(&format!("\n\"{}\": once(", file.strip_prefix("web").unwrap()))
        } else if file == "web/css/icons.css" {
            joined.contains(".icon-heart { -webkit-mask: url(\"/img/signs.svg\")")
        } else {
            let drawing = text.trim().split_once("viewBox").map(|(_, drawing)| drawing);
            answer.status == StatusCode::NOT_FOUND && joined.contains(drawing.unwrap_or(text))
        };
        if is_joined || file == "web/index.html" {
            continue;
        }

        assert_eq!(answer.status, StatusCode::OK, "{file}");
        if Path::new(file).extension().is_none_or(|kind| kind != "js") {
            assert!(answer.body == kept, "{file} is another one");
            continue;
        }
        // Remarks are left out, and the worker has a line in front: what the page is made of.
        let lines = answer.body.split(|byte| *byte == b'\n');
        let mut lines = lines.skip(usize::from(file.ends_with("/sw.js")));
        let is_same = kept
            .split(|byte| *byte == b'\n')
            .all(|kept| lines.next().is_some_and(|line| line == kept || line.is_empty()));
        assert!(is_same && lines.next().is_none(), "{file} is another one");
    }
    assert!(!files.is_empty());
}
