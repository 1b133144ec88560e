//! How much is kept of whom: counted and summed up, and nothing of it read.

use rusqlite::{Transaction, named_params};

use super::StoreError;
use crate::model::{AccountId, ChildId, Timestamp};

/// How many of something there are, and how large they are together, as they are stored.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Amount {
    /// How many.
    pub n: u32,
    /// Their bytes.
    pub bytes: i64,
}

/// What is kept of a child.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OfChild {
    /// Whose it is.
    pub child: ChildId,
    /// Sound from it.
    pub recordings: Amount,
    /// Sound for it.
    pub messages: Amount,
    /// What was written to either.
    pub notes: Amount,
    /// The pictures of how loud either is.
    pub pictures: Amount,
    /// Its own picture, if it has one.
    pub own_picture: Amount,
    /// How many of either stay whatever their age.
    pub n_kept: u32,
    /// When the oldest of either is from.
    pub oldest_at: Option<Timestamp>,
}

/// What is kept of a relative.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OfRelative {
    /// Whose it is.
    pub account: AccountId,
    /// The messages that they sent.
    pub messages: Amount,
    /// How many recordings are shared with them.
    pub n_shared: u32,
}

/// What is kept beside that.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OfAll {
    /// Browsers that are signed in.
    pub n_sessions: u32,
    /// Lines of the activity.
    pub n_activity: u32,
    /// How many of them still say where from.
    pub n_places: u32,
    /// Clips that wait for their toy.
    pub waiting: Amount,
    /// The whole database, all of the above with what it takes to find it.
    pub database_bytes: i64,
}

/// Returns what is kept of each child, those added first first.
pub fn of_children(tx: &Transaction<'_>) -> Result<Vec<OfChild>, StoreError> {
    let mut select = tx.prepare_cached(
        "with sound as (
             select
                 item.child as child,
                 count(*) filter (where kind = 'recording') as n_recordings,
                 sum(length(audio.sealed)) filter (where kind = 'recording') as recording_bytes,
                 count(*) filter (where kind = 'message') as n_messages,
                 sum(length(audio.sealed)) filter (where kind = 'message') as message_bytes,
                 count(note.item) as n_notes,
                 sum(length(note.sealed)) as note_bytes,
                 count(waveform) as n_pictures,
                 sum(length(waveform)) as picture_bytes,
                 sum(kept) as n_kept,
                 min(recorded_at) as oldest_at
             from item
             left join audio on audio.item = item.id
             left join note on note.item = item.id
             where kind in ('recording', 'message')
             group by item.child
         )
         select
             child.id as id, sound.*,
             (picture.id is not null) as n_own_pictures,
             length(picture.sealed) as own_picture_bytes
         from child
         left join sound on sound.child = child.id
         left join item profile on profile.child = child.id and profile.kind = 'child_profile'
         left join picture on picture.item = profile.id
         order by child.created_at, child.rowid",
    )?;
    let children = select.query_map([], |row| {
        let amount = |n, bytes| -> rusqlite::Result<Amount> {
            let (n, bytes): (Option<u32>, Option<i64>) = (row.get(n)?, row.get(bytes)?);
            Ok(Amount { n: n.unwrap_or(0), bytes: bytes.unwrap_or(0) })
        };
        Ok(OfChild {
            child: row.get("id")?,
            recordings: amount("n_recordings", "recording_bytes")?,
            messages: amount("n_messages", "message_bytes")?,
            notes: amount("n_notes", "note_bytes")?,
            pictures: amount("n_pictures", "picture_bytes")?,
            own_picture: amount("n_own_pictures", "own_picture_bytes")?,
            n_kept: row.get::<_, Option<u32>>("n_kept")?.unwrap_or(0),
            oldest_at: row.get("oldest_at")?,
        })
    })?;
    Ok(children.collect::<Result<_, _>>()?)
}

/// Returns what is kept of each relative, those added first first.
pub fn of_relatives(tx: &Transaction<'_>) -> Result<Vec<OfRelative>, StoreError> {
    let mut select = tx.prepare_cached(
        "with sent as (
             select sender, count(*) as n, coalesce(sum(length(audio.sealed)), 0) as bytes
             from item left join audio on audio.item = item.id
             where kind = 'message' and sender is not null
             group by sender
         )
         select
             account.id as id, coalesce(sent.n, 0) as n, coalesce(sent.bytes, 0) as bytes,
             (select count(distinct item_key.item)
              from recipient
              join item_key on item_key.recipient = recipient.id
              join item on item.id = item_key.item
              where recipient.account = account.id and item.kind = 'recording') as n_shared
         from account left join sent on sent.sender = account.id
         where account.role = 'relative'
         order by account.created_at, account.rowid",
    )?;
    let relatives = select.query_map([], |row| {
        Ok(OfRelative {
            account: row.get("id")?,
            messages: Amount { n: row.get("n")?, bytes: row.get("bytes")? },
            n_shared: row.get("n_shared")?,
        })
    })?;
    Ok(relatives.collect::<Result<_, _>>()?)
}

/// Returns what is kept beside that.
pub fn of_all(tx: &Transaction<'_>, now: Timestamp) -> Result<OfAll, StoreError> {
    let mut select = tx.prepare_cached(
        "select
             (select count(*) from session where :now < ends_at) as n_sessions,
             -- They are counted from 1, without gaps.
             (select coalesce(max(id), 0) from activity) as n_activity,
             (select count(*) from activity_place) as n_places,
             (select count(*) from outbox) as n_waiting,
             (select coalesce(sum(length(clip)), 0) from outbox) as waiting_bytes,
             (select page_count * page_size from pragma_page_count(), pragma_page_size())
                 as database_bytes",
    )?;
    Ok(select.query_row(named_params! { ":now": now }, |row| {
        Ok(OfAll {
            n_sessions: row.get("n_sessions")?,
            n_activity: row.get("n_activity")?,
            n_places: row.get("n_places")?,
            waiting: Amount { n: row.get("n_waiting")?, bytes: row.get("waiting_bytes")? },
            database_bytes: row.get("database_bytes")?,
        })
    })?)
}
