//! The keepers that are at work: how each is told to look again, and to end.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;

use super::keeper::{Charge, Keeper, Tools};
use crate::model::ToyId;

/// How long a keeper gets to come to its end: it hangs up within moments.
const ENDS_WITHIN: Duration = Duration::from_secs(5);

/// All keepers that are at work.
#[derive(Clone, Default)]
pub(super) struct Keepers(Arc<Mutex<HashMap<ToyId, AtWork>>>);

/// A keeper that is at work.
struct AtWork {
    poke: Arc<Notify>,
    stop: CancellationToken,
    /// Cancelled once it has ended.
    ended: CancellationToken,
}

impl Keepers {
    /// Returns the work of a toy's keeper. It ends when `stop` is cancelled, or with the toy's adoption.
    pub(super) fn start(
        &self,
        tools: &Arc<Tools>,
        charge: Charge,
        stop: CancellationToken,
    ) -> impl Future<Output = ()> + Send + use<> {
        let (poke, ended) = (Arc::new(Notify::new()), CancellationToken::new());
        let keeper = Keeper::new(Arc::clone(tools), charge, Arc::clone(&poke), stop.clone());
        let when_dropped = ended.clone().drop_guard();
        self.at_work().insert(charge.toy, AtWork { poke: Arc::clone(&poke), stop, ended });
        let keepers = self.clone();
        async move {
            let _when_dropped = when_dropped;
            keeper.run().await;
            keepers.has_ended(charge.toy, &poke);
        }
    }

    /// Forgets a keeper that has come to its end, unless there is another one by now.
    fn has_ended(&self, toy: ToyId, poke: &Arc<Notify>) {
        let mut at_work = self.at_work();
        if at_work.get(&toy).is_some_and(|keeper| Arc::ptr_eq(&keeper.poke, poke)) {
            at_work.remove(&toy);
        }
    }

    /// Tells a toy's keeper to look into the store again.
    pub(super) fn poke(&self, toy: ToyId) {
        if let Some(keeper) = self.at_work().get(&toy) {
            keeper.poke.notify_one();
        }
    }

    /// Ends the keepers of these toys, and returns when they have ended.
    pub(super) async fn end(&self, toys: &[ToyId]) {
        let ending: Vec<(ToyId, AtWork)> = {
            let mut at_work = self.at_work();
            toys.iter().filter_map(|toy| Some((*toy, at_work.remove(toy)?))).collect()
        };
        for (_, keeper) in &ending {
            keeper.stop.cancel();
        }
        for (toy, keeper) in ending {
            if timeout(ENDS_WITHIN, keeper.ended.cancelled()).await.is_err() {
                tracing::warn!(toy.id = %toy, "a keeper did not stop in time");
            }
        }
    }

    fn at_work(&self) -> MutexGuard<'_, HashMap<ToyId, AtWork>> {
        // Every change is one call; a panic cannot leave one half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
