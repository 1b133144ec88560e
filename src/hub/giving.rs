//! What is changed about a toy: what it is called, whose it is, and how loud.

use super::{
    Guardian, Hub, HubError, accounts, items,
    keeper::Charge,
    toys::about,
    view::{Event, Presence, Toy},
};
use crate::{
    model::{ChildId, Deed, ToyId},
    store::{
        activity, children,
        giving::{self, Given},
        profiles, toys as stored,
    },
};

/// What becomes different about a toy.
#[derive(Default)]
pub struct Change {
    /// Its nickname.
    pub name: Option<String>,
    /// Whose it is.
    pub child: Option<ChildId>,
    /// How loud it is, 0 to 255.
    pub volume: Option<u8>,
}

impl Hub {
    /// Changes what a toy is called, whose it is, or how loud.
    ///
    /// With another child, what was sent to the one before goes on to another toy of theirs, or waits
    /// until they have one, this one again for instance; what lies in the toy is overwritten. What
    /// the toy recorded stays where it is. It becomes no louder than the child's rules allow, and when
    /// it can be reached.
    pub async fn change_toy(
        &self,
        by: &Guardian,
        id: ToyId,
        change: Change,
    ) -> Result<Toy, HubError> {
        let Change { name, child, volume } = change;
        let found = self.tools().store.read(move |tx| {
            let is_known = child.map(|child| children::find(tx, child)).transpose()?;
            Ok((stored::find(tx, id)?, is_known.is_none_or(|child| child.is_some())))
        });
        let (toy, is_child) = found.await?;
        let toy = toy.ok_or(HubError::NoSuchToy)?;
        if !is_child {
            return Err(HubError::NoSuchChild);
        }
        if let Some(name) = name {
            self.rename(by, &toy, &name).await?;
        }
        match child {
            Some(child) if child != toy.child => self.give(by, &toy, child).await?,
            Some(_) | None => {}
        }
        if let Some(volume) = volume {
            let wanted = self.tools().store.write(move |tx| stored::want_volume(tx, id, volume));
            if !wanted.await? {
                return Err(HubError::NoSuchToy);
            }
            self.poke(id);
        }
        self.tools().bus.publish(Event::Changed);
        self.toy(by, id).await
    }

    /// Returns a toy.
    pub(super) async fn toy(&self, by: &Guardian, id: ToyId) -> Result<Toy, HubError> {
        let all = self.toys(by).await?;
        all.into_iter().find(|toy| toy.id == id).ok_or(HubError::NoSuchToy)
    }

    async fn rename(&self, by: &Guardian, toy: &stored::Toy, name: &str) -> Result<(), HubError> {
        let name = accounts::tidy(name)?;
        let item = toy.profile.item;
        let sealed = items::seal_again(by, &about(item), &toy.profile, &name)?;
        let note = self.note(by, Deed::ToyRenamed).to(toy.id.as_bytes()).of_child(toy.child);
        let renamed = self.tools().store.write(move |tx| {
            activity::insert(tx, &note)?;
            profiles::rename(tx, item, &sealed)
        });
        renamed.await?;
        tracing::info!(account.id = %by.account(), toy.id = %toy.id, "a toy was renamed");
        Ok(())
    }

    async fn give(&self, by: &Guardian, toy: &stored::Toy, to: ChildId) -> Result<(), HubError> {
        let (id, address, from, now) = (toy.id, toy.address, toy.child, self.now());
        let awake = self.awake();
        let note = self.note(by, Deed::ToyGiven).to(id.as_bytes()).of_child(to);
        // Its keeper knows whose it is, and says so of everything that it fetches.
        let _changing = self.0.changing.lock().await;
        self.0.keepers.end(&[id]).await;
        let given = self.tools().store.write(move |tx| {
            let given = giving::give(tx, id, to, now)?;
            if given == Given::Done {
                giving::send_on(tx, from, &awake)?;
                giving::send_on(tx, to, &awake)?;
                activity::insert(tx, &note)?;
            }
            Ok((given, stored::find(tx, id)?.map(|toy| toy.child)))
        });
        let given = given.await;
        // Somebody looks after it from here on, whatever came of it.
        let child = given.as_ref().map_or(Some(from), |(_, child)| *child);
        if let Some(child) = child {
            self.look_after(Charge { toy: id, address, child })?;
        }
        let (given, _) = given?;
        if given == Given::NoToy {
            return Err(HubError::NoSuchToy);
        }
        tracing::info!(account.id = %by.account(), toy.id = %id, child.id = %to, "a toy was given");
        for other in self.toys_of(from).await? {
            self.poke(other);
        }
        Ok(())
    }

    async fn toys_of(&self, child: ChildId) -> Result<Vec<ToyId>, HubError> {
        let toys = self.tools().store.read(move |tx| stored::of_child(tx, child)).await?;
        Ok(toys.into_iter().map(|toy| toy.id).collect())
    }

    fn awake(&self) -> Vec<ToyId> {
        self.tools().bus.all_at(Presence::Awake)
    }
}
