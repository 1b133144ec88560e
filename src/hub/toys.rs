//! Toys, their nicknames, and whether they are there.

use super::{
    Fresh as _, Guardian, Hub, HubError,
    bus::Live,
    items,
    keeper::Tools,
    quiet,
    view::{Event, Presence, Toy},
};
use crate::{
    model::{Baseline, Character, ChildId, Deed, ItemId, Sign, Timestamp, ToyAddress, ToyId},
    seal::{About, Kind, Part, new_content_key},
    store::{
        StoreError, Transaction, activity, guard,
        profiles::NewProfile,
        retiring, rules,
        toys::{self, NewToy},
    },
};

/// An adopted toy, for whoever may use the computer's terminal: without its nickname.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ToyLine {
    /// Its identifier.
    pub id: ToyId,
    /// Where it is found.
    pub address: ToyAddress,
    /// The animal that it is.
    pub character: Character,
    /// Whether it is there.
    pub presence: Presence,
    /// When it was adopted.
    pub adopted_at: Timestamp,
    /// Whether it is let go at the next contact.
    pub is_retiring: bool,
    /// What makes one doubt that it is the toy that was adopted.
    pub guard: Option<Sign>,
    /// What was seen of it then.
    pub baseline: Baseline,
}

impl Hub {
    /// Returns all toys without their nicknames, the first adopted first.
    pub async fn toy_lines(&self) -> Result<Vec<ToyLine>, HubError> {
        let found = self.tools().store.read(with_signs).await?;
        let lines = found.into_iter().map(|(guard, toy)| {
            let toys::Toy { id, address, character, adopted_at, baseline, retiring_at, .. } = toy;
            let Live { presence, .. } = self.tools().bus.live(id);
            let is_retiring = retiring_at.is_some();
            ToyLine { id, address, character, presence, adopted_at, is_retiring, guard, baseline }
        });
        Ok(lines.collect())
    }

    /// Returns all toys, the first adopted first.
    pub async fn toys(&self, by: &Guardian) -> Result<Vec<Toy>, HubError> {
        let moment = self.moment();
        let found = self.tools().store.read(move |tx| {
            let with_cap = |(guard, toy): (_, toys::Toy)| {
                let hush = quiet::of_child(tx, toy.child, moment)?;
                let loudest = rules::limits(tx, toy.child)?.and_then(|limits| hush.cap(limits));
                Ok((guard, toy, loudest))
            };
            with_signs(tx)?.into_iter().map(with_cap).collect::<Result<Vec<_>, StoreError>>()
        });
        let found = found.await?;
        let mut toys = Vec::with_capacity(found.len());
        for (guard, toy, loudest) in found {
            let toys::Toy { id, child, character, profile, retiring_at, wanted_volume, .. } = toy;
            let name = items::open_name(by, &about(profile.item), &profile)?;
            let now = self.tools().bus.live(id).seen();
            let is_retiring = retiring_at.is_some();
            toys.push(Toy {
                id,
                name,
                character,
                child,
                now,
                wanted_volume,
                loudest,
                is_retiring,
                guard,
            });
        }
        Ok(toys)
    }

    /// Retires a toy: at the next contact it is overwritten and let go; with `at_once` it is let go
    /// without that, because nobody expects to reach it.
    pub async fn retire(&self, by: &Guardian, id: ToyId, at_once: bool) -> Result<(), HubError> {
        let now = self.now();
        let deed = if at_once { Deed::ToyLetGo } else { Deed::ToyRetired };
        let note = self.note(by, deed).to(id.as_bytes());
        let found = self.tools().store.write(move |tx| {
            let Some(child) = toys::find(tx, id)?.map(|toy| toy.child) else { return Ok(false) };
            let retire = if at_once { retiring::lose } else { retiring::retire };
            let is_new = retire(tx, id, now)?;
            if is_new {
                activity::insert(tx, &note.of_child(child))?;
            }
            Ok(true)
        });
        if !found.await? {
            return Err(HubError::NoSuchToy);
        }
        tracing::info!(account.id = %by.account(), toy.id = %id, at_once, "a toy is retired");
        if at_once {
            self.let_toys_go(&[id]).await;
        } else {
            self.poke(id);
        }
        self.tools().bus.publish(Event::Changed);
        Ok(())
    }

    /// Takes a toy for the one that was adopted, whatever was seen of it: what is seen at the next
    /// contact counts from then on.
    pub async fn trust(&self, by: &Guardian, id: ToyId) -> Result<(), HubError> {
        let note = self.note(by, Deed::ToyTrusted).to(id.as_bytes());
        let found = self.tools().store.write(move |tx| {
            let Some(toy) = toys::find(tx, id)? else { return Ok(false) };
            guard::trust(tx, id)?;
            activity::insert(tx, &note.of_child(toy.child))?;
            Ok(true)
        });
        if !found.await? {
            return Err(HubError::NoSuchToy);
        }
        tracing::info!(account.id = %by.account(), toy.id = %id, "a guardian trusts a toy");
        self.poke(id);
        self.tools().bus.publish(Event::Changed);
        Ok(())
    }
}

/// Reads all toys, each with what makes one doubt that it is the toy that was adopted.
fn with_signs(tx: &Transaction<'_>) -> Result<Vec<(Option<Sign>, toys::Toy)>, StoreError> {
    let toys = toys::list(tx)?.into_iter();
    toys.map(|toy| Ok((guard::of_toy(tx, toy.id)?, toy))).collect()
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
