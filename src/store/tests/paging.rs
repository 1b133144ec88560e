//! The database page by page, as a backup holds it.

use std::{
    fs::{self, File},
    io::{Read as _, Write as _},
    path::Path,
};

use rusqlite::Connection;

use super::super::{Pages, Store, copy, look_through, open::FILE, pages};

/// Begins each clip and each wrap of a session, so that they are told apart from all else.
const CLIP: &str = "89485443020a0b0c0d1122334455667788";
const WRAP: &str = "89485443040a0b0c0d99aabbccddeeff00";

fn connect(folder: &Path) -> Connection {
    let connection = Connection::open(folder.join(FILE)).unwrap();
    connection.execute_batch("pragma secure_delete = on; pragma foreign_keys = off;").unwrap();
    connection
}

/// A household with what is copied and what is not, over many pages, and with free ones in between.
fn household() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let connection = connect(dir.path());
    let fill = format!(
        "with recursive n (at) as (select 1 union all select at + 1 from n where at < 400)
         insert into outbox select randomblob(16), cast(x'{CLIP}' || randomblob(9000) as blob) from n;
         with recursive n (at) as (select 1 union all select at + 1 from n where at < 400)
         insert into session select randomblob(16), randomblob(16), randomblob(32),
             cast(x'{WRAP}' || randomblob(60) as blob), 0, 0, 0, '', '', null from n;
         with recursive n (at) as (select 1 union all select at + 1 from n where at < 300)
         insert into throttle select randomblob(32), 1, 0, 0 from n;
         with recursive n (at) as (select 1 union all select at + 1 from n where at < 900)
         insert into child select randomblob(16), 'bear', 'plum', at, null, null, 90 from n;
         delete from outbox where rowid % 3 = 0;
         delete from child where created_at % 7 = 0;
         analyze;"
    );
    connection.execute_batch(&fill).unwrap();
    dir
}

fn begin(folder: &Path) -> Pages {
    pages(folder, &folder.join("aside")).unwrap().expect("SQLite is built with what this takes")
}

fn count(database: &Path, table: &str) -> i64 {
    let connection = Connection::open(database).unwrap();
    let count = format!("select count(*) from {table}");
    connection.query_row(&count, [], |row| row.get(0)).unwrap()
}

fn has(bytes: &[u8], hex: &str) -> bool {
    let wanted = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[test]
fn all_is_there_but_what_is_no_part_of_a_backup() {
    let dir = household();
    assert!(has(&fs::read(dir.path().join(FILE)).unwrap(), CLIP));
    let mut pages = begin(dir.path());
    let mut bytes = Vec::new();
    pages.read_to_end(&mut bytes).unwrap();
    assert_eq!(u64::try_from(bytes.len()).unwrap(), pages.n_bytes());
    drop(pages);

    assert!(!has(&bytes, CLIP) && !has(&bytes, WRAP), "also not in what is free");
    let read = dir.path().join("read");
    fs::write(&read, &bytes).unwrap();
    look_through(&read).unwrap();
    // It is what a copy would be.
    let copied = dir.path().join("copied");
    copy(dir.path(), &copied).unwrap();
    for table in ["session", "outbox", "throttle"] {
        assert_eq!(count(&read, table), 0, "{table}");
    }
    assert_eq!(count(&read, "child"), 900 - 900 / 7);
    for table in ["child", "activity", "household", "sqlite_schema"] {
        assert_eq!(count(&read, table), count(&copied, table), "{table}");
    }
    // Here, nothing has changed.
    assert_eq!(count(&dir.path().join(FILE), "session"), 400);
}

#[test]
fn it_is_of_one_moment_while_others_write() {
    let dir = household();
    let mut pages = begin(dir.path());
    let read = dir.path().join("read");
    let mut to = File::create(&read).unwrap();
    let other = connect(dir.path());
    let mut piece = vec![0; 70_000];
    let mut n = 0;
    loop {
        let n_bytes = pages.read(&mut piece).unwrap();
        if n_bytes == 0 {
            break;
        }
        to.write_all(&piece[..n_bytes]).unwrap();
        n += 1;
        other
            .execute_batch(
                "update child set created_at = created_at + 1000;
                 insert into child values (randomblob(16), 'cat', 'sky', 5000, null, null, null);
                 delete from outbox where rowid in (select rowid from outbox limit 5);
                 pragma incremental_vacuum(3); pragma wal_checkpoint(passive);",
            )
            .unwrap();
    }
    drop(to);
    assert!(10 < n);

    look_through(&read).unwrap();
    assert_eq!(count(&read, "child where created_at <= 900"), 900 - 900 / 7);
    assert_eq!(count(&read, "child where created_at > 900"), 0);
    drop(pages);
    assert_eq!(count(&dir.path().join(FILE), "child where created_at <= 900"), 0);
}

#[test]
fn an_empty_household_goes_as_well() {
    let dir = tempfile::tempdir().unwrap();
    drop(Store::open(dir.path()).unwrap());
    let mut bytes = Vec::new();
    begin(dir.path()).read_to_end(&mut bytes).unwrap();
    let read = dir.path().join("read");
    fs::write(&read, bytes).unwrap();

    look_through(&read).unwrap();
}
