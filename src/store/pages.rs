//! The database as of one moment, as a backup holds it, page by page and without a copy of it.
//!
//! A transaction that reads sees the database as it was when that began, however long it takes, while a
//! hub goes on writing. SQLite hands out the pages of that moment (`sqlite_dbpage`). What is no part of a
//! backup is taken out on the side: the pages that this touches, a few among all, go into a file that is
//! otherwise empty, SQLite deletes there, and what it made of them stands in for the others.

use std::{
    collections::BTreeSet,
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::Path,
};

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{
    StoreError,
    copy::{NOT_COPIED, connect, damaged},
    migrate,
    open::{FILE, check_sqlite},
};

/// One page. Several at once would have SQLite look at all that there are.
const PAGE: &str = "select data from sqlite_dbpage where pgno = ?1";

/// Where SQLite keeps locks in a large file: no page is there.
const LOCKS_AT: u64 = 1 << 30;

/// Where the first page says how the file is written, and where the list of free pages begins.
const VERSIONS_AT: std::ops::Range<usize> = 18..20;
const FREE_AT: std::ops::Range<usize> = 32..36;
/// That no log lies beside it.
const WITHOUT_LOG: u8 = 1;

/// The entries of a page that says where others belong have so many bytes.
const POINTER_BYTES: u32 = 5;

/// The database, to be read from its first byte to its last. While this lives, what is erased elsewhere
/// stays in the log beside the database.
pub struct Pages {
    connection: Connection,
    /// What stands in for some pages.
    aside: File,
    replaced: BTreeSet<u32>,
    page_bytes: u32,
    /// How many there are.
    count: u32,
    /// The next page to ask for.
    next: u32,
    /// A page that was asked for in parts, and how much of it was given.
    piece: Vec<u8>,
    given: usize,
}

/// Begins to read the database in a state folder, whether a hub has it open or not. `aside` is where a
/// file may be put meanwhile.
///
/// Returns nothing where SQLite was built without what this takes: then there is [`copy`](super::copy()).
pub fn pages(folder: &Path, aside: &Path) -> Result<Option<Pages>, StoreError> {
    check_sqlite(rusqlite::version_number(), rusqlite::version())?;
    let connection = connect(&folder.join(FILE))?;
    migrate::check(&connection)?;
    let has_pages = "select 1 from pragma_module_list where name = 'sqlite_dbpage'";
    if !connection.prepare(has_pages)?.exists([])? {
        return Ok(None);
    }
    connection.execute_batch("pragma query_only = on; begin")?;
    // The first look is the moment.
    let count = connection.query_row("pragma page_count", [], |row| row.get(0))?;
    let page_bytes = connection.query_row("pragma page_size", [], |row| row.get(0))?;
    let replaced = touched(&connection, page_bytes, count)?;
    let aside = take_out(&connection, &replaced, aside, page_bytes, count)?;
    Ok(Some(Pages {
        connection,
        aside,
        replaced,
        page_bytes,
        count,
        next: 1,
        piece: Vec::new(),
        given: 0,
    }))
}

impl Pages {
    /// Returns how large it is.
    pub fn n_bytes(&self) -> u64 {
        u64::from(self.page_bytes) * u64::from(self.count)
    }

    /// Writes as many of the next pages as this has room for. Returns how many bytes that is; none at
    /// the end.
    fn fill(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let Self { connection, aside, replaced, page_bytes, count, next, .. } = self;
        let length = usize::try_from(*page_bytes).unwrap_or_default();
        let mut select = connection.prepare_cached(PAGE).map_err(io::Error::other)?;
        let mut n_bytes = 0;
        for room in room.chunks_exact_mut(length.max(1)) {
            if *count < *next {
                break;
            }
            if replaced.contains(next) {
                aside.read_exact_at(room, offset(*next, *page_bytes))?;
            } else {
                let take = |row: &Row<'_>| {
                    let page = row.get_ref(0)?.as_blob()?;
                    // One that is shorter than it said would shift all behind it.
                    let is_whole = page.len() == room.len();
                    if is_whole {
                        room.copy_from_slice(page);
                    }
                    Ok(is_whole)
                };
                if !select.query_row([*next], take).map_err(io::Error::other)? {
                    return Err(io::ErrorKind::InvalidData.into());
                }
            }
            *next += 1;
            n_bytes += room.len();
        }
        Ok(n_bytes)
    }
}

impl Read for Pages {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let length = usize::try_from(self.page_bytes).unwrap_or_default();
        if self.given == self.piece.len() {
            if length <= room.len() {
                return self.fill(room);
            }
            // A page that is asked for in parts.
            let mut piece = std::mem::take(&mut self.piece);
            self.given = 0;
            piece.resize(length, 0);
            let n_bytes = self.fill(&mut piece)?;
            piece.truncate(n_bytes);
            self.piece = piece;
        }
        let rest = self.piece.get(self.given..).unwrap_or_default();
        let n_bytes = rest.len().min(room.len());
        if let (Some(to), Some(from)) = (room.get_mut(..n_bytes), rest.get(..n_bytes)) {
            to.copy_from_slice(from);
        }
        self.given += n_bytes;
        Ok(n_bytes)
    }
}

/// Returns which pages SQLite reads or writes when what is no part of a backup is deleted.
fn touched(
    connection: &Connection,
    page_bytes: u32,
    count: u32,
) -> Result<BTreeSet<u32>, StoreError> {
    let mut touched = BTreeSet::from([1]);
    let mut names = vec!["sqlite_schema".to_owned()];
    let mut select = connection
        .prepare("select name, tbl_name from sqlite_schema where rootpage > 0 order by name")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (name, table): (String, String) = (row.get(0)?, row.get(1)?);
        // SQLite reads its own tables before it does anything.
        if NOT_COPIED.contains(&&*table) || name.starts_with("sqlite_") && table == name {
            names.push(name);
        }
    }
    let mut find = connection.prepare("select pageno from dbstat where name = ?1")?;
    for name in names {
        let mut rows = find.query([name])?;
        while let Some(row) = rows.next()? {
            touched.insert(row.get(0)?);
        }
    }
    // What lists the free pages.
    let mut free = be(&page(connection, 1)?, FREE_AT)?;
    while free != 0 {
        if count < free || !touched.insert(free) {
            return Err(damaged());
        }
        free = be(&page(connection, free)?, 0..4)?;
    }
    // What says where each page belongs: the second page, and one after each so many.
    let every = page_bytes / POINTER_BYTES + 1;
    let at_locks = u32::try_from(LOCKS_AT / u64::from(page_bytes)).unwrap_or(u32::MAX) + 1;
    let pointers = (2..=count).step_by(usize::try_from(every).unwrap_or(1));
    touched.extend(pointers.map(|number| number + u32::from(number == at_locks)));
    touched.retain(|number| *number <= count);
    Ok(touched)
}

/// Deletes what is no part of a backup, in a file that has no more than these pages.
fn take_out(
    connection: &Connection,
    touched: &BTreeSet<u32>,
    to: &Path,
    page_bytes: u32,
    count: u32,
) -> Result<File, StoreError> {
    let failed = |source| StoreError::Folder { action: "put pages aside", source };
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create_new(true).mode(0o600).open(to);
    let file = file.map_err(failed)?;
    file.set_len(u64::from(page_bytes) * u64::from(count)).map_err(failed)?;
    for number in touched {
        let mut page = page(connection, *number)?;
        if *number == 1 {
            page.get_mut(VERSIONS_AT).ok_or_else(damaged)?.fill(WITHOUT_LOG);
        }
        file.write_all_at(&page, offset(*number, page_bytes)).map_err(failed)?;
    }
    // A file that is closed loses SQLite's locks on it: this one is, before SQLite opens it.
    drop(file);
    let mut aside = connect(to)?;
    // Should the power go, all of this is done anew. Nothing refers to what is deleted here.
    aside.execute_batch(
        "pragma journal_mode = off; pragma synchronous = off; pragma secure_delete = on;
         pragma foreign_keys = off;",
    )?;
    let tx = aside.transaction()?;
    for table in NOT_COPIED {
        tx.execute(&format!("delete from {table}"), [])?;
    }
    tx.commit()?;
    let n_now: u32 = aside.query_row("pragma page_count", [], |row| row.get(0))?;
    if n_now != count {
        return Err(damaged());
    }
    aside.close().map_err(|(_connection, error)| error)?;
    File::open(to).map_err(failed)
}

fn page(connection: &Connection, number: u32) -> Result<Vec<u8>, StoreError> {
    let mut select = connection.prepare_cached(PAGE)?;
    let page = select.query_row([number], |row| row.get(0)).optional()?;
    page.ok_or_else(damaged)
}

fn be(page: &[u8], at: std::ops::Range<usize>) -> Result<u32, StoreError> {
    let bytes = page.get(at).and_then(|bytes| bytes.try_into().ok()).ok_or_else(damaged)?;
    Ok(u32::from_be_bytes(bytes))
}

fn offset(number: u32, page_bytes: u32) -> u64 {
    u64::from(page_bytes) * (u64::from(number) - 1)
}
