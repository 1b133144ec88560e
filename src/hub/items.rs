//! Conversations: recordings and messages, opened for whoever may.

use super::{
    Asks, Hub, HubError, messages,
    quiet::{self, Moment},
    retention,
    view::{self, Page, SoundFormat},
};
use crate::{
    audio,
    model::{AccountId, ChildId, ItemId, Role, Timestamp},
    seal::{About, ContentKey, Kind, Part, SealError, Sealed, SealedKey},
    store::{
        StoreError, Stored, Transaction, children, grants, item_keys,
        items::{self, Item, ItemKind},
        notes,
        profiles::Profile,
    },
};

/// The most that one page of a conversation holds.
const PAGE: u32 = 100;

impl Hub {
    /// Returns one recording or message.
    pub async fn item(&self, by: &impl Asks, id: ItemId) -> Result<view::Item, HubError> {
        let (reader, moment) = (by.reader(), self.moment());
        let found = self.tools().store.read(move |tx| {
            find(tx, reader, id)?.map(|item| with_more(tx, reader, item, moment)).transpose()
        });
        self.open(by, found.await?.ok_or(HubError::NoSuchItem)?)
    }

    /// Returns the messages that wait for a guardian's approval, the oldest first.
    pub async fn to_approve(&self, by: &super::Guardian) -> Result<Vec<view::Item>, HubError> {
        let moment = self.moment();
        let found = self.tools().store.read(move |tx| {
            let items = items::to_approve(tx, PAGE)?.into_iter();
            items.map(|item| with_more(tx, None, item, moment)).collect::<Result<Vec<_>, _>>()
        });
        Ok(self.open_all(by, found.await?))
    }

    /// Returns a part of a conversation, newest first; `before` is where another part ended.
    pub async fn items(
        &self,
        by: &impl Asks,
        child: ChildId,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Page, HubError> {
        let before = before.map(parse_cursor).transpose()?;
        let limit = limit.clamp(1, PAGE);
        let (reader, moment) = (by.reader(), self.moment());
        let found = self
            .tools()
            .store
            .read(move |tx| {
                // One more than asked for tells whether there is a next page.
                let items = match reader {
                    None if children::find(tx, child)?.is_some() => {
                        items::page(tx, child, before, limit + 1)?
                    }
                    Some(reader) if grants::find(tx, reader, child)?.is_some() => {
                        items::page_of(tx, reader, child, before, limit + 1)?
                    }
                    _ => return Ok(None),
                };
                let page = items.into_iter().map(|item| with_more(tx, reader, item, moment));
                page.collect::<Result<Vec<_>, _>>().map(Some)
            })
            .await?;
        let mut found = found.ok_or(HubError::NoSuchChild)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = limit < found.len();
        found.truncate(limit);
        let last = found.last().filter(|_| has_more).map(|found| &found.item);
        let next = last.map(|item| format!("{}.{}", item.recorded_at.0, item.arrival));
        Ok(Page { items: self.open_all(by, found), next })
    }

    /// Returns the sound of a recording or message, opened.
    pub async fn sound(
        &self,
        by: &impl Asks,
        id: ItemId,
        format: SoundFormat,
    ) -> Result<Vec<u8>, HubError> {
        let (reader, moment, own) = (by.reader(), self.moment(), by.key());
        let is_screen = by.role() == Role::ChildScreen;
        let opened = self.tools().store.read_then(
            move |tx| {
                let Some(item) = find(tx, reader, id)? else { return Ok(None) };
                // No sound comes out of a child's screen at night, its own voice neither.
                let quiet =
                    if is_screen { quiet::of_child(tx, item.child, moment)?.told() } else { None };
                Ok(items::sound(tx, id)?.map(|sound| (item, sound, quiet)))
            },
            move |found| {
                let (item, sound, quiet) = found.ok_or(HubError::NoSuchItem)?;
                if let Some(quiet) = quiet {
                    return Err(HubError::QuietHours { until: quiet.until });
                }
                let open = || {
                    let (about, content) = unlock(|key, about| own.open(key, about), &item)?;
                    content.open_in_place(Part::Sound, &about, sound?)
                };
                open().map_err(does_not_open(id))
            },
        );
        let mut ogg = opened.await??;
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

    /// Opens all that open: one that does not hides none of the others.
    fn open_all(&self, by: &impl Asks, found: Vec<Found>) -> Vec<view::Item> {
        // One that does not is named in the log.
        found.into_iter().filter_map(|found| self.open(by, found).ok()).collect()
    }

    fn open(&self, by: &impl Asks, found: Found) -> Result<view::Item, HubError> {
        let Found { item, note, delivery, shared_with, goes_at } = found;
        let is_guardian = by.role() == Role::Guardian;
        let open = || {
            let (about, content) = unlock(|key, about| by.open(key, about), &item)?;
            let stored = item.waveform.as_ref().map_err(|error| *error)?;
            let waveform = content.open(Part::Waveform, &about, stored)?;
            let waveform =
                waveform.as_slice().try_into().map_err(|_length| SealError::DoesNotOpen)?;
            let read = |note| {
                let note = content.open_in_place(Part::Text, &about, note)?;
                Ok(String::from_utf8_lossy(&note).into_owned())
            };
            let note = note.transpose()?.map(read).transpose()?;
            Ok((waveform, note))
        };
        let (waveform, note) = open().map_err(does_not_open(item.id))?;
        let Item { id, kind, child, sender, toy, recorded_at, length_ms, while_away, kept, .. } =
            item;
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
            kept: kept && is_guardian,
            goes_at,
            // Others need not know who is who.
            sender: sender.filter(|it| is_guardian || *it == by.account()),
            is_mine: sender == Some(by.account()),
            shared_with,
            note,
            delivery,
        })
    }
}

/// Says which item does not open, and in the log, why.
pub(super) fn does_not_open(item: ItemId) -> impl FnOnce(SealError) -> HubError {
    move |error| {
        tracing::error!(item.id = %item, %error, "does not open");
        HubError::DoesNotOpen { item }
    }
}

/// An item with what is shown beside it.
struct Found {
    item: Item,
    note: Option<Stored<Sealed>>,
    delivery: Option<messages::Seen>,
    shared_with: Vec<AccountId>,
    goes_at: Option<Timestamp>,
}

fn with_more(
    tx: &Transaction<'_>,
    reader: Option<AccountId>,
    item: Item,
    moment: Moment,
) -> Result<Found, StoreError> {
    let delivery = messages::of_item(tx, item.id, moment)?;
    let (shared_with, goes_at) = match reader {
        None => {
            let state = delivery.as_ref().map(|seen| seen.row.state);
            (item_keys::relatives_of(tx, item.id)?, retention::goes_at(tx, &item, state)?)
        }
        Some(_) => (Vec::new(), None),
    };
    let note = notes::find(tx, item.id)?;
    Ok(Found { item, note, delivery, shared_with, goes_at })
}

/// Finds an item that this reader may open: an account by its own key, nobody by the household's.
pub(super) fn find(
    tx: &Transaction<'_>,
    reader: Option<AccountId>,
    id: ItemId,
) -> Result<Option<Item>, StoreError> {
    match reader {
        None => items::find(tx, id),
        Some(reader) => items::find_of(tx, reader, id),
    }
}

/// Opens the content key of an item with the key of who asks.
pub(super) fn unlock(
    open: impl FnOnce(&SealedKey, &About) -> Result<ContentKey, SealError>,
    item: &Item,
) -> Result<(About, ContentKey), SealError> {
    let kind = match item.kind {
        ItemKind::Message => Kind::Message,
        ItemKind::Recording => Kind::Recording,
    };
    let about = About { item: item.id, kind, child: Some(item.child), sender: item.sender };
    let key = item.key.as_ref().map_err(|error| *error)?;
    Ok((about, open(key, &about)?))
}

/// Opens a sealed name.
pub(super) fn open_name(
    by: &impl Asks,
    about: &About,
    profile: &Profile,
) -> Result<String, SealError> {
    open_text(|key| by.open(key, about), about, profile)
}

/// Opens a sealed name, whoever has the key.
pub(super) fn open_text(
    open: impl FnOnce(&SealedKey) -> Result<ContentKey, SealError>,
    about: &About,
    profile: &Profile,
) -> Result<String, SealError> {
    let key = profile.key.as_ref().map_err(|error| *error)?;
    let name = profile.name.as_ref().map_err(|error| *error)?;
    let name = open(key)?.open(Part::Text, about, name)?;
    Ok(String::from_utf8_lossy(&name).into_owned())
}

/// Seals another name, for everybody who could open the one before.
pub(super) fn seal_again(
    by: &impl Asks,
    about: &About,
    profile: &Profile,
    name: &str,
) -> Result<Sealed, SealError> {
    let key = profile.key.as_ref().map_err(|error| *error)?;
    by.open(key, about)?.seal(Part::Text, about, name.as_bytes())
}

fn parse_cursor(text: &str) -> Result<(Timestamp, i64), HubError> {
    let (at, arrival) = text.split_once('.').ok_or(HubError::BadCursor)?;
    match (at.parse(), arrival.parse()) {
        (Ok(at), Ok(arrival)) => Ok((Timestamp(at), arrival)),
        (Err(_), _) | (_, Err(_)) => Err(HubError::BadCursor),
    }
}
