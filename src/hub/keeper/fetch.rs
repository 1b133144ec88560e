//! What becomes of a recording once its bytes are here: kept, sealed, and told about.

use zeroize::Zeroizing;

use super::{Charge, Tools};
use crate::{
    audio::{self, Pcm, adpcm},
    hub::{Fresh as _, view::Event},
    model::{ChildId, ItemId, Timestamp},
    seal::{About, Kind, Part, PublicKey, SealError, new_content_key},
    store::{
        StoreError, Transaction, fetched, item_keys,
        items::{self, Item, ItemKind, NewItem},
        notes, rules, tombstones,
    },
};

/// How much of a recording tells it from others: its header, which counts its packets, and 25 ms,
/// in which no two noises of a microphone are the same.
const HEAD_BYTES: usize = 32 + 100;

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

/// How a recording was fetched.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// We were there when it was recorded, and have not fetched it since: it is new, even if the
    /// toy said the same before.
    pub witnessed: bool,
    /// Not to be asked for again soon: then what there is of a child's voice is better than nothing.
    pub last_try: bool,
}

/// A recording that was kept though it had not come whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Partial {
    item: ItemId,
    /// Keyed hash of its beginning: what begins the same is the same recording.
    head: [u8; 32],
    n_bytes: usize,
}

/// What was kept of a recording before more of it came.
#[derive(Clone, Copy, Debug)]
struct Older {
    item: ItemId,
    recorded_at: Timestamp,
    while_away: bool,
}

/// What the store knows of a recording already.
struct Before {
    /// It was fetched as a whole.
    is_known: bool,
    /// A part of it was kept, and erased; or it is another child's, whose the toy was.
    is_erased: bool,
    /// The part of it that is kept.
    item: Option<Item>,
}

impl Before {
    fn find(
        tx: &Transaction<'_>,
        child: ChildId,
        is_known: bool,
        part: Option<ItemId>,
    ) -> Result<Self, StoreError> {
        let Some(part) = part else { return Ok(Self { is_known, is_erased: false, item: None }) };
        let item = items::find(tx, part)?;
        // The toy was another child's: its rest is not for this one.
        let is_others = item.as_ref().is_some_and(|item| item.child != child);
        let is_erased = is_others || tombstones::contains(tx, part.as_bytes())?;
        Ok(Self { is_known, is_erased, item })
    }
}

/// Keeps a recording, unless it was kept before or, short of the last try, is not whole.
///
/// `partial` is what was kept of the toy's recording before; more of it takes its place.
pub(super) async fn keep(
    tools: &Tools,
    charge: Charge,
    file: Vec<u8>,
    how: How,
    partial: &mut Option<Partial>,
) -> Result<Fetched, StoreError> {
    let How { witnessed, last_try } = how;
    let file = Zeroizing::new(file);
    let Ok(decoded) = adpcm::decode(&file) else {
        let is_empty = file.is_empty();
        return Ok(if is_empty || last_try { Fetched::Nothing } else { Fetched::NotWhole });
    };
    // Lost notifications leave a broken packet, or fewer packets than the header counts.
    let is_whole = decoded.is_complete();
    if !is_whole && !last_try {
        return Ok(Fetched::NotWhole);
    }
    if decoded.pcm.samples.is_empty() {
        return Ok(Fetched::Nothing);
    }
    let mac = tools.hash.mac(&file);
    let (toy, child) = (charge.toy, charge.child);
    let head = tools.hash.mac(file.get(..HEAD_BYTES).unwrap_or(&file));
    let remembered = partial.filter(|partial| partial.head == head);
    let before = tools.store.read(move |tx| {
        let is_known = !witnessed && fetched::contains(tx, toy, &mac)?;
        let part = match remembered {
            Some(part) => Some(part.item),
            // What is new is no part of what was there before.
            None if witnessed => None,
            None => fetched::part(tx, toy, &head)?,
        };
        Before::find(tx, child, is_known, part)
    });
    let Before { is_known, is_erased, item } = before.await?;
    if is_erased {
        // What was erased does not come back with the rest of it, and is not asked for again.
        let at = tools.clock.now();
        tools.store.write(move |tx| fetched::insert(tx, toy, &mac, at)).await?;
    }
    if is_known || is_erased {
        return Ok(Fetched::Known);
    }
    let older = item.map(|item| Older {
        item: item.id,
        recorded_at: item.recorded_at,
        while_away: item.while_away,
    });
    // How much of it there was is known only until the hub starts again.
    let is_more = |before: Partial| before.n_bytes < file.len();
    if !is_whole && older.is_some() && !remembered.is_some_and(is_more) {
        return Ok(Fetched::Known);
    }

    // Toys are adopted by a household that is there.
    let Ok(household) = tools.household.key() else { return Ok(Fetched::NotWhole) };
    let recorded_at = older.map_or_else(|| tools.clock.now(), |older| older.recorded_at);
    let while_away = older.map_or(!witnessed, |older| older.while_away);
    let made = tokio::task::spawn_blocking(move || {
        seal_recording(&decoded.pcm, charge, while_away, recorded_at, &household)
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
    let fetched_at = tools.clock.now();
    let kept = tools.store.write(move |tx| {
        fetched::insert(tx, toy, &mac, fetched_at)?;
        let mut is_to_stay = false;
        if let Some(Older { item: older, .. }) = older {
            // It was erased while the rest of it was being sealed.
            if tombstones::contains(tx, older.as_bytes())? {
                return Ok(false);
            }
            is_to_stay = items::find(tx, older)?.is_some_and(|older| older.kept);
            // Nobody here can share the whole with those who hear the part, nor take its note along:
            // that stays for them.
            if !item_keys::is_shared(tx, older)? && !notes::exists(tx, older)? {
                items::remove_recording(tx, older)?;
            }
        }
        items::insert(tx, &item)?;
        rules::set_kept(tx, id, is_to_stay)?;
        if !is_whole {
            fetched::insert_part(tx, toy, &head, id, fetched_at)?;
        }
        Ok(true)
    });
    if !kept.await? {
        return Ok(Fetched::Known);
    }
    tracing::info!(toy.id = %toy, item.id = %id, whole = is_whole, "fetched a recording");
    *partial = (!is_whole).then_some(Partial { item: id, head, n_bytes: file.len() });
    for id in older.map(|older| older.item).into_iter().chain([id]) {
        tools.bus.publish(Event::Item { id, child });
    }
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
        key: content.key_for(household, &about),
    })
}
