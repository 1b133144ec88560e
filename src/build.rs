//! Packs the page: every text of `web/` is compressed here, once, and the program keeps no other form of it.
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
    let mut table = String::from("&[\n");
    for (n, name) in names.iter().enumerate() {
        let file = fs::read(Path::new(WEB).join(name))?;
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
