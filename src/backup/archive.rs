//! What is in a backup: a tar archive of a few files.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
};

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use tar::{Archive, EntryType, Header};
use zeroize::Zeroizing;

use super::{BackupError, Progress, Tell};
use crate::model::Timestamp;

/// Says of itself what it is: the first file.
const ABOUT: &str = "about.json";
/// The database.
pub(super) const DATABASE: &str = "hutch.db";
/// What `sha256sum --check` reads: the last file.
const SUMS: &str = "SHA256SUMS";

/// The files of the state folder that come along: without root and leaves every device would have to trust
/// the hub anew, and without the hash key recordings could appear a second time.
pub(super) const SMALL: [&str; 4] =
    ["tls-root.pem", "tls-names.pem", "tls-addresses.pem", "hash.key"];

/// No small file is larger.
const MAX_SMALL_BYTES: u64 = 64 << 10;

/// How much is read at once.
pub(super) const PIECE_BYTES: usize = 256 << 10;

/// The version of all this.
const FORMAT: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub(super) struct About {
    /// How to read it.
    pub format: u32,
    /// Which version of Hutch made it.
    pub version: String,
    /// Which hub's it is.
    pub hub: String,
    /// As of when.
    pub made_at: Timestamp,
}

/// The files of a backup, small ones in memory, with the database on the disk.
pub(super) struct Contents {
    pub about: About,
    pub small: BTreeMap<&'static str, Zeroizing<Vec<u8>>>,
}

impl About {
    pub(super) fn new(hub: &str, made_at: Timestamp) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            hub: hub.to_owned(),
            made_at,
        }
    }
}

/// Writes an archive with a database of so many bytes, and returns what it was written to.
pub(super) fn write<W: Write>(
    out: W,
    contents: &Contents,
    database: &mut dyn Read,
    n_bytes: u64,
    tell: Tell<'_>,
) -> io::Result<W> {
    let Contents { about, small } = contents;
    let (mut out, mut sums) = (tar::Builder::new(out), Vec::new());
    let about_bytes = serde_json::to_vec_pretty(about).map_err(io::Error::other)?;
    let mut add = |name: &str, from: &mut dyn Read, n_bytes, tell: Tell<'_>| -> io::Result<()> {
        let mut header = header(name, n_bytes, about.made_at)?;
        header.set_cksum();
        let mut from = Passing::new(from, n_bytes, tell);
        out.append(&header, &mut from)?;
        if from.left() != 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        sums.push(format!("{}  {name}\n", from.sum()));
        Ok(())
    };
    let mut quiet = |_progress| {};
    add(ABOUT, &mut about_bytes.as_slice(), length(&about_bytes), &mut quiet)?;
    for (name, bytes) in small {
        add(name, &mut bytes.as_slice(), length(bytes), &mut quiet)?;
    }
    add(DATABASE, database, n_bytes, tell)?;
    let sums = sums.concat();
    let mut header = header(SUMS, length(sums.as_bytes()), about.made_at)?;
    header.set_cksum();
    out.append(&header, sums.as_bytes())?;
    out.into_inner()
}

/// Reads an archive to its last byte, the database into this file, and checks every sum.
pub(super) fn read(
    from: impl Read,
    database: &mut dyn Write,
    tell: Tell<'_>,
) -> Result<Contents, BackupError> {
    let mut archive = Archive::new(from);
    let (mut about, mut small, mut sums) = (None, BTreeMap::new(), BTreeMap::new());
    let mut expected = None;
    // Raw: names of any length, and whatever else an archive may have, are none of ours.
    for entry in archive.entries().map_err(unreadable)?.raw(true) {
        let mut entry = entry.map_err(unreadable)?;
        if expected.is_some() {
            return Err(BackupError::Damaged { what: "something stands behind its end" });
        }
        let header = entry.header();
        let n_bytes = header.size().map_err(unreadable)?;
        let is_file = header.entry_type() == EntryType::Regular;
        let name = str::from_utf8(&header.path_bytes()).unwrap_or_default().to_owned();
        let known = [ABOUT, DATABASE, SUMS].into_iter().chain(SMALL).find(|known| *known == name);
        let Some(name) = known.filter(|name| is_file && !sums.contains_key(name)) else {
            return Err(BackupError::Damaged { what: "it holds what no backup holds" });
        };
        // What it is says how to read the rest.
        if (name == ABOUT) == about.is_some() || (name != DATABASE && MAX_SMALL_BYTES < n_bytes) {
            return Err(BackupError::Damaged { what: "its parts are in disorder" });
        }
        let mut quiet = |_progress| {};
        let tell: Tell<'_> = if name == DATABASE { &mut *tell } else { &mut quiet };
        let mut passing = Passing::new(&mut entry, n_bytes, tell);
        if name == DATABASE {
            let mut piece = vec![0; PIECE_BYTES];
            loop {
                let n_read = passing.read(&mut piece).map_err(unreadable)?;
                let Some(read) = piece.get(..n_read).filter(|read| !read.is_empty()) else { break };
                database.write_all(read).map_err(|source| BackupError::Io {
                    action: "unpack",
                    path: DATABASE.into(),
                    source,
                })?;
            }
        } else {
            let capacity = usize::try_from(n_bytes).unwrap_or_default();
            let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
            passing.read_to_end(&mut bytes).map_err(unreadable)?;
            match name {
                ABOUT => about = Some(read_about(&bytes)?),
                SUMS => expected = Some(bytes.to_vec()),
                _ => drop(small.insert(name, bytes)),
            }
        }
        // The end of an archive may be missing, and the end of an entry too.
        if passing.left() != 0 {
            return Err(BackupError::Damaged { what: "it was cut short" });
        }
        let sum = passing.sum();
        if name != SUMS {
            sums.insert(name, sum);
        }
    }
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(unreadable)?;
    let (Some(about), Some(expected)) = (about, expected) else {
        return Err(BackupError::Damaged { what: "it was cut short" });
    };
    let found: BTreeMap<String, String> =
        sums.into_iter().map(|(name, sum)| (name.to_owned(), sum)).collect();
    if !found.contains_key(DATABASE) || read_sums(&expected).as_ref() != Some(&found) {
        return Err(BackupError::Damaged { what: "it is not what was put there" });
    }
    Ok(Contents { about, small })
}

fn read_about(bytes: &[u8]) -> Result<About, BackupError> {
    // The format alone first: another has other things in it.
    #[derive(serde::Deserialize)]
    struct Least {
        format: u32,
        #[serde(default)]
        version: String,
    }
    let damaged = |_no_json| BackupError::Damaged { what: "it does not say what it is" };
    let Least { format, version } = serde_json::from_slice(bytes).map_err(damaged)?;
    if FORMAT < format {
        return Err(BackupError::Newer { version: version.chars().take(32).collect() });
    }
    serde_json::from_slice(bytes).map_err(damaged)
}

fn read_sums(text: &[u8]) -> Option<BTreeMap<String, String>> {
    let lines = str::from_utf8(text).ok()?.lines();
    lines
        .map(|line| line.split_once("  ").map(|(sum, name)| (name.to_owned(), sum.to_owned())))
        .collect()
}

fn header(name: &str, n_bytes: u64, at: Timestamp) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_size(n_bytes);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(at.0).unwrap_or_default());
    header.set_entry_type(EntryType::Regular);
    Ok(header)
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// Whatever goes wrong while a backup is read is the backup's fault, unless the system says otherwise.
pub(super) fn unreadable(error: io::Error) -> BackupError {
    match error.raw_os_error() {
        Some(_) => BackupError::Closed(error.into()),
        None => BackupError::Damaged { what: "it cannot be read to its end" },
    }
}

/// Sums up what is read through it, and tells how much that is.
struct Passing<'a> {
    from: &'a mut dyn Read,
    hash: Sha256,
    done: u64,
    of: u64,
    tell: Tell<'a>,
}

impl<'a> Passing<'a> {
    fn new(from: &'a mut dyn Read, of: u64, tell: Tell<'a>) -> Self {
        Self { from, hash: Sha256::new(), done: 0, of, tell }
    }

    fn left(&self) -> u64 {
        self.of.saturating_sub(self.done)
    }

    fn sum(self) -> String {
        HEXLOWER.encode(&self.hash.finalize())
    }
}

impl Read for Passing<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.from.read(room)?;
        self.hash.update(room.get(..n_bytes).unwrap_or_default());
        self.done += u64::try_from(n_bytes).unwrap_or_default();
        (self.tell)(Progress::Bytes { done: self.done, of: self.of });
        Ok(n_bytes)
    }
}
