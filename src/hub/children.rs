//! Children and their nicknames.

use super::{
    Asks, Event, Fresh as _, Guardian, Hub, HubError, accounts, items,
    keeper::Tools,
    quiet::{self, Hush, Moment},
    view::{Child, Color, Granted},
};
use crate::{
    model::{AccountId, Character, ChildId, Deed, ItemId, Role, Timestamp, ToyId},
    seal::{About, Kind, Part, new_content_key},
    store::{
        StoreError, Transaction, activity, children, grants, items as stored,
        profiles::{self, NewProfile},
        toys,
    },
};

/// A child to add.
pub struct NewChild {
    /// Its nickname.
    pub name: String,
    /// The animal that stands for it.
    pub animal: Character,
    /// Its color.
    pub color: Color,
}

/// What becomes different about a child.
#[derive(Default)]
pub struct Change {
    /// Its nickname.
    pub name: Option<String>,
    /// The animal that stands for it.
    pub animal: Option<Character>,
    /// Its color.
    pub color: Option<Color>,
}

/// A child with what is shown beside it.
struct Found {
    child: children::Child,
    toys: Vec<ToyId>,
    latest_at: Option<Timestamp>,
    granted: Option<Granted>,
    hush: Hush,
}

impl Hub {
    /// Returns all children that the caller may know, the first added first.
    pub async fn children(&self, by: &impl Asks) -> Result<Vec<Child>, HubError> {
        let (role, reader, moment) = (by.role(), by.reader(), self.moment());
        let day = self.today().await?;
        let found = self.tools().store.read(move |tx| match reader {
            None => {
                let all = children::list(tx)?.into_iter();
                all.map(|child| for_guardian(tx, child, moment)).collect::<Result<Vec<_>, _>>()
            }
            Some(reader) => {
                let all = children::granted_to(tx, reader)?.into_iter();
                all.map(|child| for_account(tx, child, reader, (role, day, moment))).collect()
            }
        });
        let found = found.await?;
        let mut opened = Vec::with_capacity(found.len());
        for Found { child, toys, latest_at, granted, hush } in found {
            let children::Child { id, profile, animal, color, picture, .. } = child;
            opened.push(Child {
                id,
                name: items::open_name(by, &about(profile.item, id), &profile)?,
                animal,
                color: Color::from_word(&color).unwrap_or(Color::Plum),
                picture,
                toys,
                latest_at,
                granted,
                quiet: hush.told(),
                quiet_at: hush.begins_at(),
            });
        }
        Ok(opened)
    }

    /// Adds a child.
    pub async fn add_child(&self, by: &Guardian, new: NewChild) -> Result<Child, HubError> {
        let NewChild { name, animal, color } = new;
        let child = make(self.tools(), &accounts::tidy(&name)?, animal, color)?;
        let id = child.id;
        let note = self.note(by, Deed::ChildAdded).of_child(id);
        let added = self.tools().store.write(move |tx| {
            children::insert(tx, &child)?;
            activity::insert(tx, &note)
        });
        added.await?;
        tracing::info!(account.id = %by.account(), child.id = %id, "a child was added");
        self.tools().bus.publish(Event::Changed);
        self.child(by, id).await
    }

    /// Changes what a child is called, or what stands for it. Whoever could read the name before can
    /// read the new one.
    pub async fn change_child(
        &self,
        by: &Guardian,
        id: ChildId,
        change: Change,
    ) -> Result<Child, HubError> {
        let found = self.tools().store.read(move |tx| children::find(tx, id)).await?;
        let found = found.ok_or(HubError::NoSuchChild)?;
        let Change { name, animal, color } = change;
        let profile = found.profile;
        let name = name.as_deref().map(accounts::tidy).transpose()?;
        let name = name
            .map(|name| items::seal_again(by, &about(profile.item, id), &profile, &name))
            .transpose()?;
        let animal = animal.unwrap_or(found.animal);
        let color = color.map_or(found.color, |color| color.word().to_owned());
        let note = self.note(by, Deed::ChildChanged).of_child(id);
        self.tools()
            .store
            .write(move |tx| {
                activity::insert(tx, &note)?;
                children::set_look(tx, id, animal, &color)?;
                name.map_or(Ok(()), |name| profiles::rename(tx, profile.item, &name))
            })
            .await?;
        tracing::info!(account.id = %by.account(), child.id = %id, "a child was changed");
        self.tools().bus.publish(Event::Changed);
        self.child(by, id).await
    }

    pub(super) async fn child(&self, by: &Guardian, id: ChildId) -> Result<Child, HubError> {
        let all = self.children(by).await?;
        all.into_iter().find(|child| child.id == id).ok_or(HubError::NoSuchChild)
    }
}

fn for_guardian(
    tx: &Transaction<'_>,
    child: children::Child,
    moment: Moment,
) -> Result<Found, StoreError> {
    let hush = quiet::of_child(tx, child.id, moment)?;
    let toys = toys::of_child(tx, child.id)?.iter().map(|toy| toy.id).collect();
    let latest_at = stored::latest_at(tx, child.id)?;
    Ok(Found { child, toys, latest_at, granted: None, hush })
}

fn for_account(
    tx: &Transaction<'_>,
    child: children::Child,
    reader: AccountId,
    (role, day, moment): (Role, Timestamp, Moment),
) -> Result<Found, StoreError> {
    let latest_at = stored::latest_of(tx, reader, child.id)?;
    let grant = grants::find(tx, reader, child.id)?.filter(|_| role == Role::Relative);
    let granted = match grant.map(accounts::Grant::from_store) {
        None => None,
        Some(accounts::Grant { relation, needs_approval, daily_limit, .. }) => Some(Granted {
            relation,
            needs_approval,
            daily_limit,
            sent_today: stored::sent_since(tx, reader, child.id, day)?,
        }),
    };
    let hush = quiet::of_child(tx, child.id, moment)?;
    Ok(Found { child, toys: Vec::new(), latest_at, granted, hush })
}

/// Makes a child to store; its nickname is sealed for the household.
pub fn make(
    tools: &Tools,
    name: &str,
    animal: Character,
    color: Color,
) -> Result<children::NewChild, HubError> {
    let id = ChildId::fresh();
    let item = ItemId::fresh();
    let about = about(item, id);
    let content = new_content_key();
    let name = content.seal(Part::Text, &about, name.as_bytes())?;
    let key = content.key_for(&tools.household.key()?, &about);
    Ok(children::NewChild {
        id,
        created_at: tools.clock.now(),
        profile: NewProfile { item, name, key },
        animal,
        color: color.word().to_owned(),
    })
}

pub(super) fn about(item: ItemId, child: ChildId) -> About {
    About { item, kind: Kind::ChildProfile, child: Some(child), sender: None }
}
