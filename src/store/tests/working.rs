//! Reading, writing, panics, closing.

use std::{
    fs,
    sync::{Barrier, atomic::AtomicUsize, mpsc},
    thread,
};

use super::*;

/// A store in a folder, with a household in it.
async fn furnished() -> (tempfile::TempDir, Store, Arc<Household>) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let household = Arc::new(Household::new());
    let moving = Arc::clone(&household);
    store.write(move |tx| moving.move_in(tx)).await.unwrap();
    (folder, store, household)
}

async fn n_toys(store: &Store) -> usize {
    store.read(|tx| Ok(toys::list(tx)?.len())).await.unwrap()
}

#[tokio::test]
async fn what_returns_an_error_is_undone() {
    let (_folder, store, household) = furnished().await;

    let refused: Result<(), StoreError> = store
        .write(move |tx| {
            toys::insert(tx, &household.toy(3, child(1)))?;
            Err(StoreError::Closed)
        })
        .await;

    assert!(matches!(refused, Err(StoreError::Closed)));
    assert_eq!(n_toys(&store).await, 2);
}

#[tokio::test]
async fn a_panic_undoes_its_own_work_and_stops_nobody_else() {
    let bare = (Store::in_memory().unwrap(), Arc::new(Household::new()));
    let moving = Arc::clone(&bare.1);
    bare.0.write(move |tx| moving.move_in(tx)).await.unwrap();
    let (_folder, store, household) = furnished().await;
    for (store, household) in [bare, (store, household)] {
        let again = Arc::clone(&household);
        let writing: Result<(), _> = store
            .write(move |tx| {
                toys::insert(tx, &again.toy(3, child(1)))?;
                std::panic::resume_unwind(Box::new("gone wrong"));
            })
            .await;
        let reading: Result<(), _> =
            store.read(|_tx| std::panic::resume_unwind(Box::new("gone wrong"))).await;

        assert!(matches!(writing, Err(StoreError::Panicked)));
        assert!(matches!(reading, Err(StoreError::Panicked)));
        assert_eq!(n_toys(&store).await, 2);
        store.write(move |tx| toys::insert(tx, &household.toy(4, child(1)))).await.unwrap();
        assert_eq!(n_toys(&store).await, 3);
    }
}

#[tokio::test]
async fn readers_cannot_write() {
    for store in [Store::in_memory().unwrap(), furnished().await.1] {
        let refused = store.read(|tx| Ok(tx.execute_batch("delete from item")?)).await;

        assert!(matches!(refused, Err(StoreError::ReadOnly { .. })));
        store.write(|tx| Ok(tx.execute_batch("delete from item")?)).await.unwrap();
    }
}

#[tokio::test]
async fn readers_need_not_wait_for_a_writer() {
    let (_folder, store, household) = furnished().await;
    let (go_on, may_go_on) = mpsc::channel();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let store = Arc::new(store);

    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move {
        writer
            .write(move |tx| {
                toys::insert(tx, &household.toy(3, child(1)))?;
                begun.send(()).unwrap();
                may_go_on.recv().unwrap();
                Ok(())
            })
            .await
    });
    has_begun.await.unwrap();
    let meanwhile = n_toys(&store).await;
    go_on.send(()).unwrap();
    writing.await.unwrap().unwrap();

    assert_eq!(meanwhile, 2);
    assert_eq!(n_toys(&store).await, 3);
}

/// The files as a power cut would leave them, the moment `write` has returned.
#[tokio::test]
async fn what_is_acknowledged_is_in_the_files() {
    let (folder, store, household) = furnished().await;
    let after = tempfile::tempdir().unwrap();

    store.write(move |tx| toys::insert(tx, &household.toy(3, child(1)))).await.unwrap();
    for name in ["hutch.db", "hutch.db-wal"] {
        fs::copy(folder.path().join(name), after.path().join(name)).unwrap();
    }

    let found = Store::open(after.path()).unwrap();
    assert_eq!(n_toys(&found).await, 3);
}

#[tokio::test]
async fn nothing_half_is_in_the_files() {
    let (folder, store, household) = furnished().await;
    let after = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().to_owned(), after.path().to_owned());

    store
        .write(move |tx| {
            toys::insert(tx, &household.toy(3, child(1)))?;
            // So that pages of the open transaction go to the disk before it ends.
            tx.execute_batch("pragma cache_spill = 1; create table big (b blob) strict")?;
            tx.execute("insert into big values (randomblob(4000000))", [])?;
            for name in ["hutch.db", "hutch.db-wal"] {
                fs::copy(from.join(name), to.join(name)).unwrap();
            }
            Ok(())
        })
        .await
        .unwrap();

    let found = Store::open(after.path()).unwrap();
    assert_eq!(n_toys(&found).await, 2);
}

#[tokio::test]
async fn leaving_before_the_answer_keeps_the_work_whole() {
    let (_folder, store, household) = furnished().await;

    {
        let leaving = store.write(move |tx| toys::insert(tx, &household.toy(3, child(1))));
        let mut leaving = Box::pin(leaving);
        assert!(futures_util::poll!(&mut leaving).is_pending());
    }
    // Work is done in order, so this comes back after the other is through.
    store.write(|_tx| Ok(())).await.unwrap();

    assert_eq!(n_toys(&store).await, 3);
}

#[tokio::test]
async fn closing_leaves_one_whole_file() {
    let (folder, store, _household) = furnished().await;

    store.close().await;
    store.close().await;

    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["hutch.db"]);
    assert!(matches!(store.write(|_tx| Ok(())).await, Err(StoreError::Closed)));
    assert!(matches!(store.read(|_tx| Ok(())).await, Err(StoreError::Closed)));
    assert_eq!(n_toys(&Store::open(folder.path()).unwrap()).await, 2);
}

#[tokio::test]
async fn dropping_closes_too() {
    let (folder, store, _household) = furnished().await;

    drop(store);

    assert!(!folder.path().join("hutch.db-wal").exists());
}

#[tokio::test]
async fn work_that_holds_the_last_store_may_drop_it() {
    let store = Arc::new(Store::in_memory().unwrap());
    let (go_on, may_go_on) = mpsc::channel();
    let (done, is_done) = mpsc::channel();

    let last = Arc::clone(&store);
    let writing = store.write(move |_tx| {
        may_go_on.recv().unwrap();
        drop(last);
        done.send(()).unwrap();
        Ok(())
    });
    let mut writing = Box::pin(writing);
    assert!(futures_util::poll!(&mut writing).is_pending());
    drop(writing);
    drop(store);

    go_on.send(()).unwrap();

    assert_eq!(is_done.recv(), Ok(()));
}

#[tokio::test]
async fn a_full_disk_is_called_full_and_nothing_is_lost() {
    let (_folder, store, household) = furnished().await;
    store
        .write(|tx| {
            let n_pages: i64 = tx.pragma_query_value(None, "page_count", |row| row.get(0))?;
            tx.pragma_update_and_check(None, "max_page_count", n_pages, |_row| Ok(()))?;
            Ok(())
        })
        .await
        .unwrap();

    let refused = store
        .write(move |tx| {
            for n in 1..=100 {
                items::insert(tx, &household.message(item(n), child(1), 1))?;
            }
            Ok(())
        })
        .await;

    assert!(matches!(refused, Err(StoreError::Full { .. })));
    assert_eq!(n_toys(&store).await, 2);
    assert!(store.read(|tx| items::page(tx, child(1), None, 9)).await.unwrap().is_empty());
}

/// Everything goes in sealed, so no file holds a word of it, not even before a checkpoint.
#[tokio::test]
async fn nothing_said_or_named_is_in_any_file() {
    let (folder, store, household) = furnished().await;
    let household_key = household.key.to_bytes();
    let device_key = household.device.to_bytes();
    store
        .write(move |tx| {
            items::insert(tx, &household.message(item(1), child(1), 5_000))?;
            deliveries::insert(tx, &queued(1, toy(1), 5_000))?;
            outbox::insert(tx, delivery(1), &household.clip(item(1), child(1)))
        })
        .await
        .unwrap();

    let names = ["hutch.db", "hutch.db-wal", "hutch.db-shm"];
    let mut files: Vec<Vec<u8>> =
        names.iter().map(|name| fs::read(folder.path().join(name)).unwrap()).collect();
    store.close().await;
    files.push(fs::read(folder.path().join("hutch.db")).unwrap());

    // The toy's address is plain: it shows that what is there would be found.
    let holds = |needle: &[u8]| {
        files.iter().any(|file| file.windows(needle.len()).any(|bytes| bytes == needle))
    };
    assert!(holds(&[1, 2, 3, 4, 5, 1]));
    assert!(!holds(NAME.as_bytes()));
    assert!(!holds(&SOUND[..12]));
    assert!(!holds(&[0x5a; 12]));
    assert!(!holds(household_key.as_slice()));
    assert!(!holds(device_key.as_slice()));
}

/// SQLite forgets them when it is told what a connection may do, even when it is told the same.
#[tokio::test]
async fn statements_stay_prepared_from_one_piece_of_work_to_the_next() {
    let (_folder, store, _household) = furnished().await;
    let times_prepared = |tx: &Transaction<'_>| {
        let mut select = tx.prepare_cached("select count(*) from toy")?;
        select.query_row([], |row| row.get::<_, i64>(0))?;
        Ok(select.get_status(rusqlite::StatementStatus::RePrepare))
    };
    // There are two readers, and whoever gave one back last is asked first.
    for _ in 0..4 {
        assert_eq!(store.read(times_prepared).await.unwrap(), 0);
        assert_eq!(store.write(times_prepared).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn work_that_reads_and_holds_the_last_store_may_drop_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(folder.path()).unwrap());
    let (go_on, may_go_on) = mpsc::channel();
    let (done, is_done) = mpsc::channel();

    let last = Arc::clone(&store);
    let reading = store.read(move |_tx| {
        may_go_on.recv().unwrap();
        drop(last);
        done.send(()).unwrap();
        Ok(())
    });
    let mut reading = Box::pin(reading);
    assert!(futures_util::poll!(&mut reading).is_pending());
    drop(reading);
    drop(store);

    go_on.send(()).unwrap();

    assert_eq!(is_done.recv(), Ok(()));
}

#[tokio::test]
async fn closing_waits_for_whoever_reads() {
    let (folder, store, _household) = furnished().await;
    let store = Arc::new(store);
    let (go_on, may_go_on) = mpsc::channel();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let reader = Arc::clone(&store);
    let reading = tokio::spawn(async move {
        let work = move |_tx: &Transaction<'_>| {
            begun.send(()).unwrap();
            may_go_on.recv().unwrap();
            Ok(())
        };
        reader.read(work).await
    });
    has_begun.await.unwrap();

    let mut closing = Box::pin(store.close());
    assert!(futures_util::poll!(&mut closing).is_pending());
    assert!(matches!(store.read(|_tx| Ok(())).await, Err(StoreError::Closed)));
    go_on.send(()).unwrap();
    closing.await;

    reading.await.unwrap().unwrap();
    assert!(!folder.path().join("hutch.db-wal").exists());
}

#[tokio::test]
async fn a_glance_is_had_on_the_thread_that_asks() {
    let (_folder, store, household) = furnished().await;
    store.write(move |tx| toys::insert(tx, &household.toy(3, child(1)))).await.unwrap();

    let look = |tx: &Transaction<'_>| Ok((toys::list(tx)?.len(), thread::current().id()));
    let (n_seen, on) = store.glance(look).await.unwrap();
    let refused = store.glance(|tx| Ok(tx.execute_batch("delete from item")?)).await;
    let broken: Result<(), _> =
        store.glance(|_tx| std::panic::resume_unwind(Box::new("gone wrong"))).await;

    assert_eq!((n_seen, on), (3, thread::current().id()));
    assert!(matches!(refused, Err(StoreError::ReadOnly { .. })));
    assert!(matches!(broken, Err(StoreError::Panicked)));
    assert_eq!(store.glance(look).await.unwrap().0, 3);
}

#[tokio::test]
async fn a_glance_that_would_have_to_wait_is_had_on_another_thread() {
    let (_folder, store, _household) = furnished().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let held_at_first = move |_tx: &Transaction<'_>| match asked.fetch_add(1, Ordering::Relaxed) {
        0 => Err(StoreError::from(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
            None,
        ))),
        _ => Ok(thread::current().id()),
    };

    let on = store.glance(held_at_first).await.unwrap();

    assert_ne!(on, thread::current().id());
}

#[tokio::test]
async fn a_glance_waits_for_a_connection_as_everything_does() {
    let (_folder, store, _household) = furnished().await;
    let store = Arc::new(store);
    let (begun, mut has_begun) = tokio::sync::mpsc::channel(N_READERS);
    let go_on = Arc::new(Barrier::new(N_READERS + 1));
    for _ in 0..N_READERS {
        let (store, begun, go_on) = (Arc::clone(&store), begun.clone(), Arc::clone(&go_on));
        tokio::spawn(async move {
            let read = move |_tx: &Transaction<'_>| {
                begun.blocking_send(()).unwrap();
                go_on.wait();
                Ok(())
            };
            store.read(read).await.unwrap();
        });
    }
    for _ in 0..N_READERS {
        has_begun.recv().await.unwrap();
    }
    let looking = Arc::clone(&store);

    let glance = tokio::spawn(async move { looking.glance(|tx| Ok(toys::list(tx)?.len())).await });
    // It has been asked, and could not.
    tokio::task::yield_now().await;
    assert!(!glance.is_finished());
    go_on.wait();

    assert_eq!(glance.await.unwrap().unwrap(), 2);
}
