//! Children and their nicknames.

use super::{
    Fresh as _, Guardian, Hub, HubError, items,
    keeper::Tools,
    view::{Child, Color},
};
use crate::{
    model::{Character, ChildId, ItemId},
    seal::{About, Kind, Part, new_content_key},
    store::{
        children::{self, NewChild},
        items::latest_at,
        profiles::NewProfile,
        toys,
    },
};

impl Hub {
    /// Returns all children, the first added first.
    pub async fn children(&self, by: &Guardian) -> Result<Vec<Child>, HubError> {
        let found = self
            .tools()
            .store
            .read(|tx| {
                let mut found = Vec::new();
                for child in children::list(tx)? {
                    let toys = toys::of_child(tx, child.id)?;
                    let latest_at = latest_at(tx, child.id)?;
                    found.push((child, toys, latest_at));
                }
                Ok(found)
            })
            .await?;
        let mut children = Vec::with_capacity(found.len());
        for (child, toys, latest_at) in found {
            let children::Child { id, profile, animal, color, .. } = child;
            let about = about(profile.item, id);
            children.push(Child {
                id,
                name: items::open_name(by, &about, &profile.key, &profile.name)?,
                animal,
                color: Color::from_word(&color).unwrap_or(Color::Plum),
                toys: toys.iter().map(|toy| toy.id).collect(),
                latest_at,
            });
        }
        Ok(children)
    }
}

/// Makes a child to store; its nickname is sealed for the household.
pub fn make(
    tools: &Tools,
    name: &str,
    animal: Character,
    color: Color,
) -> Result<NewChild, HubError> {
    let id = ChildId::fresh();
    let item = ItemId::fresh();
    let about = about(item, id);
    let content = new_content_key();
    let name = content.seal(Part::Text, &about, name.as_bytes())?;
    let key = content.seal_for(&tools.household.key()?, &about);
    Ok(NewChild {
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
