//! Sharing: a small sealed key for a relative, never a second copy of the sound.

use super::{
    Asks as _, Guardian, Hub, HubError, accounts, approval, items,
    view::{Event, Item},
};
use crate::{
    model::{AccountId, ChildId, Deed, ItemId, Role},
    store::{StoreError, Transaction, accounts as stored, activity, grants, item_keys, recipients},
};

/// What came of sharing.
enum Shared {
    Done,
    NotGranted,
    Again,
}

impl Hub {
    /// Lets a relative hear a recording or message of a child that is granted to them.
    pub async fn share(
        &self,
        by: &Guardian,
        id: ItemId,
        with: AccountId,
    ) -> Result<Item, HubError> {
        for _ in 0..accounts::TRIES {
            let found = self.tools().store.read(move |tx| {
                let item = items::find(tx, None, id)?;
                Ok((item, is_relative(tx, with)?, recipients::of_account(tx, with)?))
            });
            let (item, is_relative, recipients) = found.await?;
            let item = item.ok_or(HubError::NoSuchItem)?;
            if !is_relative {
                return Err(HubError::NoSuchAccount);
            }
            let (about, content) = items::unlock(|key, about| by.open(key, about), &item)?;
            let child = item.child;
            let keys = approval::seal_for_all(&recipients, |key| content.seal_for(key, &about));
            let note = self.note(by, Deed::Shared).with(id).to(with.as_bytes()).of_child(child);
            let shared = self.tools().store.write(move |tx| {
                if grants::find(tx, with, child)?.is_none() {
                    return Ok(Shared::NotGranted);
                }
                // They got another key or link meanwhile, for which this was not sealed.
                if recipients::of_account(tx, with)? != recipients {
                    return Ok(Shared::Again);
                }
                item_keys::insert_all(tx, id, &keys)?;
                activity::insert(tx, &note).map(|_id| Shared::Done)
            });
            match shared.await? {
                Shared::NotGranted => return Err(HubError::NotGranted),
                Shared::Again => {}
                Shared::Done => {
                    tracing::info!(account.id = %by.account(), item.id = %id, relative.id = %with, "an item was shared");
                    self.tell_shared(id, child, with);
                    return self.item(by, id).await;
                }
            }
        }
        Err(HubError::TryLater { seconds: 1 })
    }

    /// Takes an item away from a relative. What they have heard, they have heard.
    pub async fn unshare(
        &self,
        by: &Guardian,
        id: ItemId,
        with: AccountId,
    ) -> Result<Item, HubError> {
        let found = self.tools().store.read(move |tx| items::find(tx, None, id)).await?;
        let item = found.ok_or(HubError::NoSuchItem)?;
        // What somebody has sent stays theirs to see.
        let is_theirs = item.sender == Some(with);
        let note = self.note(by, Deed::Unshared).with(id).to(with.as_bytes()).of_child(item.child);
        let is_one = self.tools().store.write(move |tx| {
            let is_one = is_relative(tx, with)? && !is_theirs;
            if is_one {
                item_keys::delete(tx, id, with)?;
                activity::insert(tx, &note)?;
            }
            Ok(is_one)
        });
        if !is_one.await? {
            return Err(HubError::NoSuchAccount);
        }
        self.scrub().await;
        tracing::info!(account.id = %by.account(), item.id = %id, relative.id = %with, "an item was taken away");
        self.tell_shared(id, item.child, with);
        self.item(by, id).await
    }

    fn tell_shared(&self, id: ItemId, child: ChildId, account: AccountId) {
        self.tools().bus.publish(Event::Item { id, child });
        self.tools().bus.publish(Event::Shared { id, child, account });
    }
}

fn is_relative(tx: &Transaction<'_>, id: AccountId) -> Result<bool, StoreError> {
    Ok(stored::standing(tx, id)?.is_some_and(|(role, _)| role == Role::Relative))
}
