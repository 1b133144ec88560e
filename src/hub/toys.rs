//! Toys, their nicknames, and whether they are there.

use super::{Fresh as _, Guardian, Hub, HubError, bus::Live, items, keeper::Tools, view::Toy};
use crate::{
    model::{Baseline, Character, ChildId, ItemId, ToyAddress, ToyId},
    seal::{About, Kind, Part, new_content_key},
    store::{
        guard,
        profiles::NewProfile,
        toys::{self, NewToy},
    },
};

impl Hub {
    /// Returns all toys, the first adopted first.
    pub async fn toys(&self, by: &Guardian) -> Result<Vec<Toy>, HubError> {
        let found = self.tools().store.read(|tx| {
            let toys = toys::list(tx)?.into_iter();
            toys.map(|toy| Ok((guard::of_toy(tx, toy.id)?, toy))).collect::<Result<Vec<_>, _>>()
        });
        let found = found.await?;
        let mut toys = Vec::with_capacity(found.len());
        for (guard, toy) in found {
            let toys::Toy { id, child, character, profile, retiring_at, .. } = toy;
            let name = items::open_name(by, &about(profile.item), &profile)?;
            let Live { presence, volume, .. } = self.tools().bus.live(id);
            let is_retiring = retiring_at.is_some();
            toys.push(Toy { id, name, character, child, presence, volume, is_retiring, guard });
        }
        Ok(toys)
    }
}

/// Makes a toy to store, adopted for a child; its nickname is sealed for the household.
pub fn make(
    tools: &Tools,
    child: ChildId,
    address: ToyAddress,
    character: Character,
    name: &str,
) -> Result<NewToy, HubError> {
    let id = ToyId::fresh();
    let item = ItemId::fresh();
    let about = about(item);
    let content = new_content_key();
    let name = content.seal(Part::Text, &about, name.as_bytes())?;
    let key = content.key_for(&tools.household.key()?, &about);
    Ok(NewToy {
        id,
        child,
        address,
        character,
        adopted_at: tools.clock.now(),
        baseline: Baseline::default(),
        profile: NewProfile { item, name, key },
    })
}

pub(super) fn about(item: ItemId) -> About {
    About { item, kind: Kind::ToyProfile, child: None, sender: None }
}
