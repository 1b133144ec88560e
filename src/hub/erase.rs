//! Erasing: an item, a child, a relative, the household. What is erased here is gone from Hutch's
//! files, and whoever asked is told if it is not quite yet.
//!
//! What nothing here reaches: backups that were made before, what a toy of an erased child holds,
//! and what people remember.

use super::{Confirmed, Guardian, Hub, HubError, accounts, messages, view::Event};
use crate::{
    model::{AccountId, ChildId, Deed, ItemId, ToyId},
    store::{
        activity::{self, Entry},
        erase::{self, Erased},
    },
};

/// What came of erasing something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Erasure {
    /// Whether it is gone from the database's log, too. If not, somebody was reading; it goes as
    /// soon as nobody does.
    pub is_gone: bool,
}

impl Hub {
    /// Erases a recording or message.
    pub async fn erase_item(&self, by: &Confirmed<'_>, id: ItemId) -> Result<Erasure, HubError> {
        let at = self.tools().clock.now();
        let note = self.note(by.guardian(), Deed::Erased).with(id);
        let erased = self.tools().store.write(move |tx| {
            let Some(erased) = erase::erase_item(tx, id, at)? else { return Ok(None) };
            activity::insert(tx, &note.of_child(erased.child))?;
            Ok(Some(erased))
        });
        let erased = erased.await?.ok_or(HubError::NoSuchItem)?;
        tracing::info!(account.id = %by.guardian().account(), item.id = %id, "an item was erased");
        let is_gone = self.erased(vec![erased]).await?;
        Ok(Erasure { is_gone })
    }

    /// Erases a child, with everything that it said and that was said to it. Its toys are adopted no
    /// more, and its screens have nothing to show.
    pub async fn erase_child(&self, by: &Confirmed<'_>, id: ChildId) -> Result<Erasure, HubError> {
        let at = self.tools().clock.now();
        let note = self.note(by.guardian(), Deed::ChildErased).of_child(id);
        let erased = self.tools().store.write(move |tx| {
            let Some(erased) = erase::erase_child(tx, id, at)? else { return Ok(None) };
            activity::insert(tx, &Entry { n: Some(erased.n_items), ..note })?;
            Ok(Some(erased))
        });
        let erased = erased.await?.ok_or(HubError::NoSuchChild)?;
        tracing::info!(account.id = %by.guardian().account(), child.id = %id, "a child was erased");
        self.let_toys_go(&erased.toys).await;
        self.tell_ended(erased.sessions).await;
        self.tools().bus.publish(Event::Changed);
        Ok(Erasure { is_gone: self.scrub().await })
    }

    /// Erases a relative, with everything that they sent to anybody.
    pub async fn erase_relative(
        &self,
        by: &Confirmed<'_>,
        id: AccountId,
    ) -> Result<Erasure, HubError> {
        let at = self.tools().clock.now();
        let note = self.note(by.guardian(), Deed::AccountErased).to(id.as_bytes());
        let erased = self.tools().store.write(move |tx| {
            let Some(erased) = erase::erase_relative(tx, id, at)? else { return Ok(None) };
            let n = i64::try_from(erased.items.len()).ok();
            activity::insert(tx, &Entry { n, ..note })?;
            Ok(Some(erased))
        });
        let erased = erased.await?.ok_or(HubError::NoSuchAccount)?;
        tracing::info!(account.id = %by.guardian().account(), relative.id = %id, "a relative was erased");
        self.tell_ended(erased.sessions).await;
        let is_gone = self.erased(erased.items).await?;
        self.tools().bus.publish(Event::Changed);
        Ok(Erasure { is_gone })
    }

    /// Tells everybody whom it concerns that items were erased, and has what they were overwritten
    /// in the log, too. Returns whether that was done: if not, it will be.
    pub(super) async fn erased(&self, all: Vec<Erased>) -> Result<bool, HubError> {
        let mut toys: Vec<ToyId> = all.iter().flat_map(|erased| erased.toys.clone()).collect();
        toys.sort_unstable();
        toys.dedup();
        for Erased { id, child, readers, .. } in all {
            self.tools().bus.publish(Event::Erased { id, child, readers });
        }
        for toy in toys {
            self.poke(toy);
            messages::publish_queue(self.tools(), toy).await?;
        }
        Ok(self.scrub().await)
    }

    /// Ends what looks after these toys, which are adopted no more.
    pub(super) async fn let_toys_go(&self, toys: &[ToyId]) {
        let _changing = self.0.changing.lock().await;
        self.0.keepers.end(toys).await;
        for toy in toys {
            self.tools().bus.forget(*toy);
        }
    }

    /// Begins to erase the whole household. What is here after that is a hub that waits to be set
    /// up. `name` is what the household is called, or whoever asks: typed, so that nobody does it by
    /// mistake.
    ///
    /// Returns when it has begun: the daemon stops everything first, this page too.
    pub async fn erase_household(&self, by: &Confirmed<'_>, name: &str) -> Result<(), HubError> {
        if self.0.daemon.is_none() {
            return Err(HubError::NotHere);
        }
        if !self.is_name_of(by.guardian(), name).await? {
            return Err(HubError::WrongName);
        }
        tracing::info!(account.id = %by.guardian().account(), "a guardian erases the household");
        self.reset()
    }

    /// The same, for whoever may use the computer's terminal.
    pub fn reset(&self) -> Result<(), HubError> {
        let daemon = self.0.daemon.as_ref().ok_or(HubError::NotHere)?;
        tracing::warn!("the household is erased");
        daemon.factory_reset.cancel();
        Ok(())
    }

    async fn is_name_of(&self, by: &Guardian, name: &str) -> Result<bool, HubError> {
        let me = self.me(by).await?;
        let wanted = me.household.unwrap_or(me.name);
        Ok(accounts::fold(name) == accounts::fold(&wanted))
    }
}
