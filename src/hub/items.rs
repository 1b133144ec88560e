//! Conversations: recordings and messages, opened for whoever may.

use super::{
    Guardian, Hub, HubError, messages,
    view::{self, Page, SoundFormat},
};
use crate::{
    audio,
    model::{ChildId, ItemId, Timestamp},
    seal::{About, ContentKey, Kind, Part, SealError, Sealed, SealedKey, household::HouseholdKey},
    store::{
        Stored, children,
        items::{self, Item, ItemKind},
    },
};

/// The most that one page of a conversation holds.
const PAGE: u32 = 100;

impl Hub {
    /// Returns one recording or message.
    pub async fn item(&self, by: &Guardian, id: ItemId) -> Result<view::Item, HubError> {
        let found = self
            .tools()
            .store
            .read(move |tx| {
                let Some(item) = items::find(tx, id)? else { return Ok(None) };
                Ok(Some((item, messages::of_item(tx, id)?)))
            })
            .await?;
        let (item, delivery) = found.ok_or(HubError::NoSuchItem)?;
        self.open(by, item, delivery)
    }

    /// Returns a part of a conversation, newest first; `before` is where another part ended.
    pub async fn items(
        &self,
        by: &Guardian,
        child: ChildId,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Page, HubError> {
        let before = before.map(parse_cursor).transpose()?;
        let limit = limit.clamp(1, PAGE);
        let found = self
            .tools()
            .store
            .read(move |tx| {
                if children::find(tx, child)?.is_none() {
                    return Ok(None);
                }
                // One more than asked for tells whether there is a next page.
                let items = items::page(tx, child, before, limit + 1)?;
                let mut page = Vec::with_capacity(items.len());
                for item in items {
                    let delivery = messages::of_item(tx, item.id)?;
                    page.push((item, delivery));
                }
                Ok(Some(page))
            })
            .await?;
        let mut found = found.ok_or(HubError::NoSuchChild)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = limit < found.len();
        found.truncate(limit);
        let last = found.last().filter(|_| has_more);
        let next = last.map(|(item, _)| format!("{}.{}", item.recorded_at.0, item.arrival));
        // An item that does not open hides none of the others.
        let items = found
            .into_iter()
            .filter_map(|(item, delivery)| {
                let id = item.id;
                self.open(by, item, delivery)
                    .inspect_err(|error| tracing::error!(item.id = %id, %error, "does not open"))
                    .ok()
            })
            .collect();
        Ok(Page { items, next })
    }

    /// Returns the sound of a recording or message, opened.
    pub async fn sound(
        &self,
        by: &Guardian,
        id: ItemId,
        format: SoundFormat,
    ) -> Result<Vec<u8>, HubError> {
        let found = self
            .tools()
            .store
            .read(move |tx| {
                let Some(item) = items::find(tx, id)? else { return Ok(None) };
                Ok(items::sound(tx, id)?.map(|sound| (item, sound)))
            })
            .await?;
        let (item, sound) = found.ok_or(HubError::NoSuchItem)?;
        let (about, content) = unlock(by, &item)?;
        let mut ogg = content.open(Part::Sound, &about, &sound?)?;
        match format {
            SoundFormat::Ogg => Ok(std::mem::take(&mut *ogg)),
            SoundFormat::Wav => {
                let turn = self.turn_at_work().await?;
                let decode = move || {
                    let _turn = turn;
                    audio::keep::decode(&ogg).map(|pcm| audio::wav::write(&pcm))
                };
                let wav = tokio::task::spawn_blocking(decode).await;
                wav.map_err(|_stopping| HubError::Stopping)?.map_err(HubError::Damaged)
            }
        }
    }

    fn open(
        &self,
        by: &Guardian,
        item: Item,
        delivery: Option<messages::Seen>,
    ) -> Result<view::Item, HubError> {
        let (about, content) = unlock(by, &item)?;
        let Item { id, kind, child, toy, recorded_at, length_ms, while_away, waveform, .. } = item;
        let waveform = content.open(Part::Waveform, &about, &waveform?)?;
        let waveform = waveform.as_slice().try_into().map_err(|_length| SealError::DoesNotOpen)?;
        let delivery = delivery.map(|seen| seen.with(&self.tools().bus));
        Ok(view::Item {
            id,
            kind: match kind {
                ItemKind::Message => view::ItemKind::Message,
                ItemKind::Recording => view::ItemKind::Recording,
            },
            child,
            at: recorded_at,
            length_ms,
            waveform,
            toy: toy.or_else(|| delivery.as_ref().map(|delivery| delivery.toy)),
            while_away,
            delivery,
        })
    }
}

/// Opens the content key of an item with the key in a guardian's hand.
fn unlock(by: &Guardian, item: &Item) -> Result<(About, ContentKey), SealError> {
    let kind = match item.kind {
        ItemKind::Message => Kind::Message,
        ItemKind::Recording => Kind::Recording,
    };
    let about = About { item: item.id, kind, child: Some(item.child), sender: item.sender };
    let key = item.key.as_ref().map_err(|error| *error)?;
    Ok((about, by.household.open(key, &about)?))
}

/// Opens a sealed name.
pub(super) fn open_name(
    by: &Guardian,
    about: &About,
    key: &Stored<SealedKey>,
    name: &Stored<Sealed>,
) -> Result<String, SealError> {
    open_text(&by.household, about, key, name)
}

/// Opens a sealed name with the household's key.
pub(super) fn open_text(
    household: &HouseholdKey,
    about: &About,
    key: &Stored<SealedKey>,
    name: &Stored<Sealed>,
) -> Result<String, SealError> {
    let key = key.as_ref().map_err(|error| *error)?;
    let name = name.as_ref().map_err(|error| *error)?;
    let name = household.open(key, about)?.open(Part::Text, about, name)?;
    Ok(String::from_utf8_lossy(&name).into_owned())
}

fn parse_cursor(text: &str) -> Result<(Timestamp, i64), HubError> {
    let (at, arrival) = text.split_once('.').ok_or(HubError::BadCursor)?;
    match (at.parse(), arrival.parse()) {
        (Ok(at), Ok(arrival)) => Ok((Timestamp(at), arrival)),
        (Err(_), _) | (_, Err(_)) => Err(HubError::BadCursor),
    }
}
