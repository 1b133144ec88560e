//! Packs the page: what a first view is made of is joined, every text of `web/` is compressed here, once, and the
//! program keeps no other form of it.
//!
//! The worker that keeps the page on a device (`sw.js`) is told in its first line what the page is made of, and which
//! version of it this is: so any change is another worker, which is how browsers notice.
//!
//! What comes out is a table, `web.rs`, that `src/http/assets.rs` includes.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

#[path = "build/join.rs"]
mod join;
#[path = "build/signs.rs"]
mod signs;

use brotli::enc::BrotliEncoderParams;
use sha2::{Digest as _, Sha256};

const WEB: &str = "web";
const DAY_S: u64 = 24 * 60 * 60;

const WORKER: &str = "sw.js";
const DOCUMENT: &str = "index.html";

/// The sheet whose signs are gathered.
const SIGNS: &str = "/css/icons.css";

/// Where the page's modules are.
const MODULES: &str = "js/";

/// As wide as the longest file needs: 256 KiB.
const WINDOW_BITS: i32 = 18;

fn main() -> Result<(), Box<dyn Error>> {
    tell_cargo("rerun-if-changed=src/build.rs");
    tell_cargo("rerun-if-changed=src/build");
    tell_cargo("rerun-if-changed=web");
    check_release_key()?;
    keep_relocations_small();
    tell_day()?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    // In order, so that a name is found by halving.
    let mut files = served()?;
    let shell = shell(&files)?;
    files.get_mut(WORKER).ok_or("there is no worker")?.splice(..0, shell.bytes());
    let mut table = String::from("&[\n");
    for (n, (name, file)) in files.into_iter().enumerate() {
        let packed = compress(&file)?;
        let is_packed = packed.len() < file.len();
        let kept = if is_packed { packed } else { file };
        let hash: [u8; 32] = Sha256::digest(&kept).into();
        // By number: a name may have folders.
        fs::write(out.join(n.to_string()), &kept)?;
        writeln!(
            table,
            "File {{ name: {name:?}, is_packed: {is_packed}, hash: {hash:?}, \
             bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{n}\")) }},"
        )?;
    }
    table.push(']');
    fs::write(out.join("web.rs"), table)?;
    Ok(())
}

/// Returns what is served, by name.
fn served() -> Result<BTreeMap<String, Vec<u8>>, Box<dyn Error>> {
    let mut names = Vec::new();
    collect(Path::new(WEB), &mut names)?;
    let mut files = BTreeMap::new();
    let mut modules = BTreeMap::new();
    for name in names {
        let file = fs::read(Path::new(WEB).join(&name))?;
        if Path::new(&name).extension().is_some_and(|kind| kind == "js") {
            let text = without_remarks(&String::from_utf8(file)?);
            if name.starts_with(MODULES) {
                modules.insert(format!("/{name}"), text.clone());
            }
            files.insert(name, text.into_bytes());
        } else {
            files.insert(name, file);
        }
    }
    let joined = join::modules(&modules)?;
    for (path, file) in joined.files.iter().chain(&joined.stubs) {
        files.insert(path[1..].to_owned(), file.clone().into_bytes());
    }
    gather_signs(&mut files)?;
    let document = files.remove(DOCUMENT).ok_or("there is no document")?;
    let joined = join::document(&String::from_utf8(document)?, &joined.stubs, |path| {
        let sheet = files.remove(&path[1..]).ok_or_else(|| format!("{path} is not there"))?;
        String::from_utf8(sheet).map_err(|error| format!("{path}: {error}"))
    })?;
    files.insert(DOCUMENT.to_owned(), joined.document.into_bytes());
    for (path, sheet) in joined.sheets {
        files.insert(path[1..].to_owned(), sheet.into_bytes());
    }
    Ok(files)
}

/// Puts one picture in the place of those that are signs, and of nothing else.
fn gather_signs(files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), Box<dyn Error>> {
    let text = |path: &str| {
        let file = files.get(&path[1..]).ok_or_else(|| format!("{path} is not there"))?;
        String::from_utf8(file.clone()).map_err(|error| format!("{path}: {error}"))
    };
    let signs = signs::gather(&text(SIGNS)?, text)?;
    files.insert(SIGNS[1..].to_owned(), signs.sheet.into_bytes());
    for path in signs.taken {
        let named = format!("\"{path}\"");
        let is_named = files
            .values()
            .any(|file| file.windows(named.len()).any(|part| part == named.as_bytes()));
        if !is_named {
            files.remove(&path[1..]);
        }
    }
    files.insert(signs::PICTURE[1..].to_owned(), signs.picture.into_bytes());
    Ok(())
}

/// Returns a module without the remarks that have lines of their own, which are a third of what would go
/// over the wire. The lines stay, empty, so that a fault is found where it was written.
fn without_remarks(text: &str) -> String {
    let mut is_within = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        let words = line.trim();
        let begins = words.starts_with("/*") && (words.ends_with("*/") || !words.contains("*/"));
        if !(is_within || begins || words.starts_with("//")) {
            kept.push_str(line);
        }
        kept.push('\n');
        is_within = (is_within || begins) && !words.ends_with("*/");
    }
    kept
}

/// Has the program's relocations kept in the short form (`DT_RELR`, which glibc reads since 2.36, Debian 12): in the
/// long one they are three quarters of a megabyte that every start reads into memory. Debian 12's linker for arm64
/// does not know it.
fn keep_relocations_small() {
    let is = |name: &str, value: &str| env::var_os(name).is_some_and(|found| found == value);
    if is("CARGO_CFG_TARGET_ARCH", "x86_64")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("PROFILE", "release")
    {
        tell_cargo("rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Tells the program on which day it was built, in Unix seconds: no clock that is right shows an earlier one. Where the
/// same program is to come of two builds, that is said from outside.
fn tell_day() -> Result<(), Box<dyn Error>> {
    tell_cargo("rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let said = env::var_os("SOURCE_DATE_EPOCH").map(|seconds| seconds.to_string_lossy().parse());
    #[expect(clippy::disallowed_methods, reason = "who builds has no other clock")]
    let seconds: u64 = match said.transpose()? {
        Some(seconds) => seconds,
        None => SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs(),
    };
    tell_cargo(&format!("rustc-env=HUTCH_BUILT_ON={}", seconds - seconds % DAY_S));
    Ok(())
}

/// Refuses to build with a release key that is none: the program would take no release at all.
fn check_release_key() -> Result<(), Box<dyn Error>> {
    tell_cargo("rerun-if-env-changed=HUTCH_RELEASE_KEY");
    let Some(key) = env::var_os("HUTCH_RELEASE_KEY") else { return Ok(()) };
    let is_one = key.to_str().is_some_and(|key| key.len() == 56 && key.starts_with("RW"));
    if is_one {
        Ok(())
    } else {
        Err("HUTCH_RELEASE_KEY is not the second line of a minisign public key".into())
    }
}

/// Returns the first line of the worker.
fn shell(files: &BTreeMap<String, Vec<u8>>) -> Result<String, Box<dyn Error>> {
    let mut version = Sha256::new();
    let mut paths = Vec::new();
    for (name, file) in files {
        version.update(name);
        version.update(Sha256::digest(file));
        match name.as_str() {
            WORKER => {}
            DOCUMENT => paths.push("/".to_owned()),
            _ => paths.push(format!("/{name}")),
        }
    }
    let mut hex = String::new();
    for byte in version.finalize().iter().take(8) {
        write!(hex, "{byte:02x}")?;
    }
    Ok(format!("const SHELL = {{ version: {hex:?}, files: {paths:?} }};\n"))
}

/// Collects the names of all files, as an address has them; what a tool keeps for itself is left out.
fn collect(folder: &Path, names: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with('.')) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), names)?;
        } else {
            let path = entry.path();
            let name = path.strip_prefix(WEB)?.to_str().ok_or("a file's name is no text")?;
            names.push(name.to_owned());
        }
    }
    Ok(())
}

fn compress(mut file: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let settings = BrotliEncoderParams {
        quality: 11,
        lgwin: WINDOW_BITS,
        size_hint: file.len(),
        ..BrotliEncoderParams::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut file, &mut packed, &settings)?;
    Ok(packed)
}

fn tell_cargo(what: &str) {
    println!("cargo::{what}");
}
