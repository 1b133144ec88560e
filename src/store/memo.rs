//! What is asked for over and over again, for as long as nothing is written.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Store, StoreError, Transaction};

/// How much is remembered. With more, it begins anew.
const MOST: usize = 64;

/// Remembers what was read, until anything at all is written: then it may be otherwise.
pub struct Memo<K, V>(Mutex<Remembered<K, V>>);

struct Remembered<K, V> {
    /// How often had been written when this was read.
    as_of: u64,
    found: HashMap<K, V>,
}

impl<K: Eq + Hash, V: Clone + Send + 'static> Memo<K, V> {
    /// Returns what is known of `key`, or has a [glance](Store::glance) at it.
    ///
    /// It is never older than what the last finished [`Store::write`] left.
    pub async fn recall<F>(&self, store: &Store, key: K, look: F) -> Result<V, StoreError>
    where
        F: FnOnce(&Transaction<'_>) -> Result<V, StoreError> + Clone + Send + 'static,
    {
        // Asked before anything is read: what is written meanwhile makes it old at worst.
        let as_of = store.times_written();
        if let Some(known) = self.as_of(as_of).found.get(&key) {
            return Ok(known.clone());
        }
        let found = store.glance(look).await?;
        let mut remembered = self.as_of(as_of);
        if remembered.as_of == as_of {
            if MOST <= remembered.found.len() {
                remembered.found.clear();
            }
            remembered.found.insert(key, found.clone());
        }
        Ok(found)
    }

    /// Forgets what is older.
    fn as_of(&self, as_of: u64) -> MutexGuard<'_, Remembered<K, V>> {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.as_of < as_of {
            remembered.as_of = as_of;
            remembered.found.clear();
        }
        remembered
    }
}

// Derived, it would ask the same of `K` and `V`.
impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Remembered { as_of: 0, found: HashMap::new() }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    /// Counts how often the database was asked; what it says is how many were refused too often.
    fn look(
        asked: &Arc<AtomicUsize>,
    ) -> impl FnOnce(&Transaction<'_>) -> Result<i64, StoreError> + Clone + Send + 'static {
        let asked = Arc::clone(asked);
        move |tx: &Transaction<'_>| {
            asked.fetch_add(1, Ordering::Relaxed);
            Ok(tx.query_row("select count(*) from throttle", [], |row| row.get(0))?)
        }
    }

    #[tokio::test]
    async fn the_database_is_asked_once_until_something_is_written() {
        let folder = tempfile::tempdir().unwrap();
        for store in [Store::in_memory().unwrap(), Store::open(folder.path()).unwrap()] {
            let (memo, asked) = (Memo::default(), Arc::new(AtomicUsize::new(0)));
            let n_asked = || asked.load(Ordering::Relaxed);
            for _ in 0..3 {
                assert_eq!(memo.recall(&store, 1, look(&asked)).await.unwrap(), 0);
            }
            assert_eq!(n_asked(), 1);
            assert_eq!(memo.recall(&store, 2, look(&asked)).await.unwrap(), 0);
            assert_eq!(n_asked(), 2);

            let write = "insert into throttle values (zeroblob(32), 1, 1, 1)";
            store.write(move |tx| Ok(tx.execute_batch(write)?)).await.unwrap();

            assert_eq!(memo.recall(&store, 1, look(&asked)).await.unwrap(), 1);
            assert_eq!(memo.recall(&store, 2, look(&asked)).await.unwrap(), 1);
            assert_eq!(memo.recall(&store, 1, look(&asked)).await.unwrap(), 1);
            assert_eq!(n_asked(), 4);
        }
    }

    #[tokio::test]
    async fn what_was_read_before_something_was_written_is_not_remembered_after() {
        let (store, memo) = (Store::in_memory().unwrap(), Arc::new(Memo::default()));
        let other = Arc::clone(&memo);
        // Somebody who came later, and read what was written meanwhile, was faster.
        let look = move |_tx: &Transaction<'_>| {
            drop(other.as_of(1));
            Ok("before")
        };

        assert_eq!(memo.recall(&store, 1, look).await.unwrap(), "before");
        store.write(|_tx| Ok(())).await.unwrap();

        assert_eq!(memo.recall(&store, 1, |_tx| Ok("after")).await.unwrap(), "after");
    }

    #[tokio::test]
    async fn what_fails_is_asked_again_and_no_more_is_kept_than_there_is_room_for() {
        let (store, memo) = (Store::in_memory().unwrap(), Memo::default());
        let failed = memo.recall(&store, 0, |_tx| Err(StoreError::Closed)).await;
        assert!(matches!(failed, Err(StoreError::Closed)));
        for key in 0..3 * MOST {
            assert_eq!(memo.recall(&store, key, move |_tx| Ok(key)).await.unwrap(), key);
            assert!(memo.as_of(0).found.len() <= MOST);
        }
    }
}
