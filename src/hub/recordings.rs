//! What a child says to its screen: sound in, sealed as a recording.

use zeroize::Zeroizing;

use super::{
    Fresh as _, Hub, HubError, LONGEST_MS, RequestKey, Screen, approval,
    keeper::Tools,
    once,
    view::{Event, Item},
    whole,
};
use crate::{
    audio,
    model::{AccountId, ChildId, ItemId, Timestamp},
    seal::{About, Kind, Part, SealedKey, new_content_key},
    store::{
        Transaction, grants, item_keys,
        items::{self, ItemKind, NewItem},
        recipients::{self, Recipient},
    },
};

impl Hub {
    /// Keeps a recording that a child made on its screen: the sound of a WAV file.
    pub async fn record(
        &self,
        by: &Screen,
        child: ChildId,
        wav: Vec<u8>,
        key: Option<RequestKey>,
    ) -> Result<Vec<Item>, HubError> {
        let wav = Zeroizing::new(wav);
        let account = by.account();
        let asked: [&[u8]; 2] = [b"recording\0", child.as_bytes()];
        let request = self.request(account, key.as_ref(), &asked);
        let found = self.tools().store.read(move |tx| {
            let is_its_child = grants::find(tx, account, child)?.is_some();
            let recipients = is_its_child.then_some(recipients::of_account(tx, account)?);
            Ok((recipients, once::before(tx, request)?))
        });
        let (recipients, before) = found.await?;
        let recipients = recipients.ok_or(HubError::NoSuchChild)?;
        if let Some(before) = before {
            return self.answer_again(by, before).await;
        }
        let at = self.tools().clock.now();
        let (item, keys) = {
            let turn = self.turn_at_work().await?;
            let hub = self.clone();
            let work = move || {
                let _turn = turn;
                recording(hub.tools(), account, child, at, wav, &recipients)
            };
            tokio::task::spawn_blocking(work).await.map_err(|_stopping| HubError::Stopping)??
        };
        let (hub, id) = (self.clone(), item.id);
        let store = move |tx: &Transaction<'_>| {
            if let Some(before) = once::before(tx, request)? {
                return Ok(Some(before));
            }
            items::insert(tx, &item)?;
            item_keys::insert_all(tx, id, &keys)?;
            once::remember(tx, request, &[id], at).map(|()| None)
        };
        let stored = async move {
            let before = hub.tools().store.write(store).await?;
            if before.is_none() {
                hub.tools().bus.publish(Event::Item { id, child });
            }
            Ok(before)
        };
        match whole(stored).await? {
            Some(before) => self.answer_again(by, before).await,
            None => Ok(vec![self.item(by, id).await?]),
        }
    }
}

/// Makes a recording of what a child said to its screen.
fn recording(
    tools: &Tools,
    screen: AccountId,
    child: ChildId,
    at: Timestamp,
    wav: Zeroizing<Vec<u8>>,
    recipients: &[Recipient],
) -> Result<(NewItem, Vec<(i64, SealedKey)>), HubError> {
    let sound = audio::wav::read(&wav)?;
    drop(wav);
    let length_ms = sound.length_ms();
    if LONGEST_MS < length_ms {
        return Err(HubError::FarTooLong { length_ms, longest_ms: LONGEST_MS });
    }
    let spoken = audio::prepare(&sound)?;
    drop(sound);
    let id = ItemId::fresh();
    let sender = Some(screen);
    let about = About { item: id, kind: Kind::Recording, child: Some(child), sender };
    let content = new_content_key();
    let sound = Zeroizing::new(audio::keep::encode(&spoken)?);
    let waveform = audio::waveform(&spoken);
    let item = NewItem {
        id,
        kind: ItemKind::Recording,
        child,
        sender,
        toy: None,
        recorded_at: at,
        length_ms: spoken.length_ms(),
        while_away: false,
        sound: content.seal(Part::Sound, &about, &sound)?,
        waveform: content.seal(Part::Waveform, &about, &waveform.0)?,
        key: content.key_for(&tools.household.key()?, &about),
    };
    Ok((item, approval::seal_for_all(recipients, |key| content.seal_for(key, &about))))
}
