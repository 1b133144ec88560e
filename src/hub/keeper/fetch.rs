//! What becomes of a recording once its bytes are here: kept, sealed, and told about.

use zeroize::Zeroizing;

use super::{Charge, Tools};
use crate::{
    audio::{self, Pcm, adpcm},
    hub::{Fresh as _, view::Event},
    model::{ItemId, Timestamp},
    seal::{About, Kind, Part, PublicKey, SealError, new_content_key},
    store::{
        StoreError, fetched,
        items::{self, ItemKind, NewItem},
    },
};

/// What a download turned out to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fetched {
    /// A recording, now kept.
    Kept,
    /// A recording that is kept already, or was erased.
    Known,
    /// No recording at all.
    Nothing,
    /// Bytes are missing: ask for it again.
    NotWhole,
}

/// Keeps a recording, unless it was kept before.
///
/// One that is not whole is refused, unless it is the `last_try`: then what there is of a child's
/// voice is better than nothing.
pub(super) async fn keep(
    tools: &Tools,
    charge: Charge,
    file: Vec<u8>,
    while_away: bool,
    last_try: bool,
) -> Result<Fetched, StoreError> {
    let file = Zeroizing::new(file);
    let Ok(decoded) = adpcm::decode(&file) else {
        let is_empty = file.is_empty();
        return Ok(if is_empty || last_try { Fetched::Nothing } else { Fetched::NotWhole });
    };
    // Lost notifications leave a broken packet, or fewer packets than the header counts.
    if !decoded.is_complete() && !last_try {
        return Ok(Fetched::NotWhole);
    }
    if decoded.pcm.samples.is_empty() {
        return Ok(Fetched::Nothing);
    }
    let mac = tools.hash.mac(&file);
    let now = tools.clock.now();
    let toy = charge.toy;
    if tools.store.read(move |tx| fetched::contains(tx, toy, &mac)).await? {
        return Ok(Fetched::Known);
    }

    let household = tools.household;
    let made = tokio::task::spawn_blocking(move || {
        seal_recording(&decoded.pcm, charge, while_away, now, &household)
    })
    .await;
    let item = match made {
        Ok(Ok(item)) => item,
        Ok(Err(error)) => {
            tracing::error!(toy.id = %toy, %error, "could not keep a recording");
            return Ok(Fetched::NotWhole);
        }
        Err(_panic_or_shutdown) => return Ok(Fetched::NotWhole),
    };

    let (id, child) = (item.id, item.child);
    tools
        .store
        .write(move |tx| {
            items::insert(tx, &item)?;
            fetched::insert(tx, toy, &mac, now)
        })
        .await?;
    tracing::info!(toy.id = %toy, item.id = %id, "fetched a recording");
    tools.bus.publish(Event::Item { id, child });
    Ok(Fetched::Kept)
}

/// Why a recording could not be kept.
#[derive(Debug, thiserror::Error)]
enum KeepError {
    #[error(transparent)]
    Audio(#[from] audio::AudioError),
    #[error(transparent)]
    Seal(#[from] SealError),
}

fn seal_recording(
    pcm: &Pcm,
    charge: Charge,
    while_away: bool,
    now: Timestamp,
    household: &PublicKey,
) -> Result<NewItem, KeepError> {
    let id = ItemId::fresh();
    let about = About { item: id, kind: Kind::Recording, child: Some(charge.child), sender: None };
    let content = new_content_key();
    let sound = Zeroizing::new(audio::keep::encode(pcm)?);
    let waveform = audio::waveform(pcm);
    Ok(NewItem {
        id,
        kind: ItemKind::Recording,
        child: charge.child,
        sender: None,
        toy: Some(charge.toy),
        recorded_at: now,
        length_ms: pcm.length_ms(),
        while_away,
        sound: content.seal(Part::Sound, &about, &sound)?,
        waveform: content.seal(Part::Waveform, &about, &waveform.0)?,
        key: content.seal_for(household, &about),
    })
}
