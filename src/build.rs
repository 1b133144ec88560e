//! Packs the page: every text of `web/` is compressed here, once, and the program keeps no other form of it.
//!
//! The worker that keeps the page on a device (`sw.js`) is told in its first line what the page is made of, and which
//! version of it this is: so any change is another worker, which is how browsers notice.
//!
//! What comes out is a table, `web.rs`, that `src/http/assets.rs` includes.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use brotli::enc::BrotliEncoderParams;
use sha2::{Digest as _, Sha256};

const WEB: &str = "web";

const WORKER: &str = "sw.js";
const DOCUMENT: &str = "index.html";

/// As wide as the longest file needs: 256 KiB.
const WINDOW_BITS: i32 = 18;

fn main() -> Result<(), Box<dyn Error>> {
    tell_cargo("rerun-if-changed=src/build.rs");
    tell_cargo("rerun-if-changed=web");
    check_release_key()?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?);
    let mut names = Vec::new();
    collect(Path::new(WEB), &mut names)?;
    // In order, so that a name is found by halving.
    names.sort();
    let shell = shell(&names)?;
    let mut table = String::from("&[\n");
    for (n, name) in names.iter().enumerate() {
        let mut file = fs::read(Path::new(WEB).join(name))?;
        if Path::new(name).extension().is_some_and(|kind| kind == "js") {
            file = without_remarks(&String::from_utf8(file)?).into_bytes();
        }
        if name == WORKER {
            file.splice(..0, shell.bytes());
        }
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
fn shell(names: &[String]) -> Result<String, Box<dyn Error>> {
    let mut version = Sha256::new();
    let mut paths = Vec::new();
    for name in names {
        version.update(name);
        version.update(Sha256::digest(fs::read(Path::new(WEB).join(name))?));
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
