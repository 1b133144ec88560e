//! Who did what, and when: a chain that is only ever added to.
//!
//! Each row's link is SHA-256 of the link before and of the row. Whoever remembers a link sees
//! later that a row before it was changed or taken out. Whoever can write to the database can also
//! chain anew: that, too, shows to whoever remembers, and to nobody else.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};
use sha2::{Digest as _, Sha256};

use super::StoreError;
use crate::model::{AccountId, ChildId, Deed, ItemId, Timestamp};

/// What the first row chains to.
const START: [u8; 32] = [0; 32];

/// What sets these hashes apart from all others.
const LINK: &[u8] = b"hutch activity v1\0";
const PLACE: &[u8] = b"hutch activity place v1\0";

/// Something that was done, to be added.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub deed: Deed,
    /// By which account; none for the hub itself, or somebody who is not known.
    pub account: Option<AccountId>,
    /// To whom or what: the 16 bytes of an identifier.
    pub subject: Option<[u8; 16]>,
    /// With which recording or message.
    pub item: Option<ItemId>,
    /// For which child.
    pub child: Option<ChildId>,
    /// To how many, where it was done to several.
    pub n: Option<i64>,
    /// Where, and with what.
    pub place: Option<Place>,
}

/// Where something was done, and with what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// Drawn at random: without it, nobody finds the address out by trying all.
    pub salt: [u8; 16],
    /// The address.
    pub address: String,
    /// The device.
    pub device: String,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Done {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// What, in a word; one that this version does not know may come from a later one.
    pub deed: String,
    /// By which account.
    pub account: Option<AccountId>,
    /// To whom or what.
    pub subject: Option<[u8; 16]>,
    /// With which recording or message.
    pub item: Option<ItemId>,
    /// For which child.
    pub child: Option<ChildId>,
    /// To how many.
    pub n: Option<i64>,
    /// From which address and with which device, unless that was forgotten.
    pub place: Option<(String, String)>,
}

/// The end of the chain, or any link of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    /// The number of the row.
    pub id: i64,
    /// Its link.
    pub chain: [u8; 32],
}

/// A row as it is chained.
struct Chained {
    id: i64,
    at: Timestamp,
    deed: String,
    account: Option<[u8; 16]>,
    subject: Option<[u8; 16]>,
    item: Option<[u8; 16]>,
    child: Option<[u8; 16]>,
    n: Option<i64>,
    place_hash: Option<[u8; 32]>,
}

impl Entry {
    /// Begins an entry that says nothing but when, and what was done.
    pub const fn new(at: Timestamp, deed: Deed) -> Self {
        Self {
            at,
            deed,
            account: None,
            subject: None,
            item: None,
            child: None,
            n: None,
            place: None,
        }
    }

    /// Says who did it.
    #[must_use]
    pub fn by(self, account: AccountId) -> Self {
        Self { account: Some(account), ..self }
    }

    /// Says to whom or what it was done: the bytes of any identifier.
    #[must_use]
    pub fn to(self, subject: &[u8; 16]) -> Self {
        Self { subject: Some(*subject), ..self }
    }

    /// Says with which recording or message.
    #[must_use]
    pub fn with(self, item: ItemId) -> Self {
        Self { item: Some(item), ..self }
    }

    /// Says for which child.
    #[must_use]
    pub fn of_child(self, child: ChildId) -> Self {
        Self { child: Some(child), ..self }
    }
}

impl Chained {
    /// Returns the link of this row. Every field says how long it is, so that no two rows give the
    /// same bytes.
    fn link(&self, before: &[u8; 32]) -> [u8; 32] {
        let Self { id, at, deed, account, subject, item, child, n, place_hash } = self;
        let mut hash = Sha256::new_with_prefix(LINK);
        hash.update(before);
        hash.update(id.to_be_bytes());
        hash.update(at.0.to_be_bytes());
        field(&mut hash, Some(deed.as_bytes()));
        for id in [account, subject, item, child] {
            field(&mut hash, id.as_ref().map(<[u8; 16]>::as_slice));
        }
        field(&mut hash, n.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
        field(&mut hash, place_hash.as_ref().map(<[u8; 32]>::as_slice));
        hash.finalize().into()
    }
}

impl Place {
    fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix(PLACE);
        hash.update(self.salt);
        field(&mut hash, Some(self.address.as_bytes()));
        field(&mut hash, Some(self.device.as_bytes()));
        hash.finalize().into()
    }
}

fn field(hash: &mut Sha256, bytes: Option<&[u8]>) {
    match bytes {
        None => hash.update([0]),
        Some(bytes) => {
            hash.update([1]);
            hash.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(bytes);
        }
    }
}

/// Adds what was done, and returns its number.
pub fn insert(tx: &Transaction<'_>, entry: &Entry) -> Result<i64, StoreError> {
    let before = head(tx)?;
    let id = before.map_or(0, |head| head.id).saturating_add(1);
    let Entry { at, deed, account, subject, item, child, n, place } = entry;
    let row = Chained {
        id,
        at: *at,
        deed: deed.word().to_owned(),
        account: account.map(|id| *id.as_bytes()),
        subject: *subject,
        item: item.map(|id| *id.as_bytes()),
        child: child.map(|id| *id.as_bytes()),
        n: *n,
        place_hash: place.as_ref().map(Place::hash),
    };
    let chain = row.link(&before.map_or(START, |head| head.chain));
    tx.prepare_cached(
        "insert into activity (id, at, deed, account, subject, item, child, n, place_hash, chain)
         values (:id, :at, :deed, :account, :subject, :item, :child, :n, :place_hash, :chain)",
    )?
    .execute(named_params! {
        ":id": id,
        ":at": row.at,
        ":deed": row.deed,
        ":account": row.account,
        ":subject": row.subject,
        ":item": row.item,
        ":child": row.child,
        ":n": row.n,
        ":place_hash": row.place_hash,
        ":chain": chain,
    })?;
    if let Some(Place { salt, address, device }) = place {
        tx.prepare_cached(
            "insert into activity_place (activity, salt, address, device)
             values (:activity, :salt, :address, :device)",
        )?
        .execute(named_params! {
            ":activity": id,
            ":salt": salt,
            ":address": address,
            ":device": device,
        })?;
    }
    Ok(id)
}

/// Returns the end of the chain, if anything was ever done.
pub fn head(tx: &Transaction<'_>) -> Result<Option<Head>, StoreError> {
    let mut select =
        tx.prepare_cached("select id, chain from activity order by id desc limit 1")?;
    let head =
        select.query_row([], |row| Ok(Head { id: row.get("id")?, chain: row.get("chain")? }));
    Ok(head.optional()?)
}

/// Returns up to `limit` of what was done before this number, the latest first: all of it, or with one
/// item alone.
pub fn page(
    tx: &Transaction<'_>,
    before: i64,
    item: Option<ItemId>,
    limit: u32,
) -> Result<Vec<Done>, StoreError> {
    let mut select = tx.prepare_cached(
        "select activity.*, address, device
         from activity left join activity_place on activity_place.activity = activity.id
         where activity.id < :before and (:item is null or activity.item = :item)
         order by activity.id desc limit :limit",
    )?;
    let parameters = named_params! { ":before": before, ":item": item, ":limit": limit };
    let found = select.query_map(parameters, done)?.collect::<Result<_, _>>()?;
    Ok(found)
}

/// Goes through the chain from its beginning and returns its end, or the number of the first row
/// that does not chain to the one before, or whose place is another than was chained. With
/// `remembered`, a row that was there must be there still, with the same link.
///
/// The numbers in `looked_at` are passed over: somebody knows that these do not fit, and must hear of
/// the next. What is remembered counts nevertheless.
///
/// Reads every row, some 100,000 in a fraction of a second.
pub fn check(
    tx: &Transaction<'_>,
    remembered: Option<Head>,
    looked_at: &BTreeSet<i64>,
) -> Result<Result<Option<Head>, i64>, StoreError> {
    let mut select = tx.prepare_cached(
        "select activity.*, salt, address, device
         from activity left join activity_place on activity_place.activity = activity.id
         order by activity.id",
    )?;
    let mut rows = select.query([])?;
    let mut head: Option<Head> = None;
    while let Some(row) = rows.next()? {
        let (chained, stored) = chained(row)?;
        let (expected, before) = head.map_or((1, START), |head| (head.id + 1, head.chain));
        let is_gone = |seen: Head| expected <= seen.id && seen.id < chained.id;
        let differs = |seen: Head| seen.id == chained.id && seen.chain != stored;
        let is_other = remembered.is_some_and(|seen| is_gone(seen) || differs(seen));
        // A place that was forgotten says nothing.
        let is_moved = place(row)?.is_some_and(|place| chained.place_hash != Some(place.hash()));
        let is_wrong = chained.id != expected || stored != chained.link(&before) || is_moved;
        if is_other || is_wrong && !looked_at.contains(&expected) {
            return Ok(Err(expected));
        }
        head = Some(Head { id: chained.id, chain: stored });
    }
    let end = head.map_or(0, |head| head.id);
    match remembered {
        Some(seen) if end < seen.id => Ok(Err(end + 1)),
        _ => Ok(Ok(head)),
    }
}

/// Returns what was done after this number, of these sorts, the latest first; what was done from
/// within `but`, a session, is left out.
pub fn news(
    tx: &Transaction<'_>,
    after: i64,
    sorts: &[Deed],
    but: &[u8; 16],
) -> Result<Vec<Done>, StoreError> {
    let mut select = tx.prepare_cached(
        "select activity.*, address, device
         from activity left join activity_place on activity_place.activity = activity.id
         where :after < activity.id and subject is not :but order by activity.id desc",
    )?;
    let mut rows = select.query(named_params! { ":after": after, ":but": but })?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let deed: String = row.get("deed")?;
        if sorts.iter().any(|sort| sort.word() == deed) {
            found.push(done(row)?);
        }
    }
    Ok(found)
}

/// The last failure of an account, or of nobody's.
pub(super) const LAST_FAILURE: &str = "
    select at from activity
    where deed = 'sign_in_failed' and subject is :account order by id desc limit 1";

/// Returns when somebody last failed to sign in to this account, or under a name that nobody has.
pub fn last_failure(
    tx: &Transaction<'_>,
    account: Option<AccountId>,
) -> Result<Option<Timestamp>, StoreError> {
    let mut select = tx.prepare_cached(LAST_FAILURE)?;
    let at = select.query_row(named_params! { ":account": account }, |row| row.get("at"));
    Ok(at.optional()?)
}

/// Returns up to which number a guardian was shown what they should know of.
pub fn seen(tx: &Transaction<'_>, account: AccountId) -> Result<i64, StoreError> {
    let mut select =
        tx.prepare_cached("select up_to from activity_seen where account = :account")?;
    let up_to = select.query_row(named_params! { ":account": account }, |row| row.get("up_to"));
    Ok(up_to.optional()?.unwrap_or(0))
}

/// Remembers up to which number a guardian was shown it: never less than before, and nothing that
/// is still to come.
pub fn set_seen(tx: &Transaction<'_>, account: AccountId, up_to: i64) -> Result<(), StoreError> {
    let end = head(tx)?.map_or(0, |head| head.id);
    tx.prepare_cached(
        "insert into activity_seen (account, up_to) values (:account, :up_to)
         on conflict do update set up_to = max(up_to, excluded.up_to)",
    )?
    .execute(named_params! { ":account": account, ":up_to": up_to.clamp(0, end) })?;
    Ok(())
}

/// Forgets where something was done that was done before this time. Returns how many places.
pub fn forget_places(tx: &Transaction<'_>, before: Timestamp) -> Result<usize, StoreError> {
    let n = tx
        .prepare_cached(
            "delete from activity_place
             where activity in (select id from activity where at < :before)",
        )?
        .execute(named_params! { ":before": before })?;
    Ok(n)
}

fn done(row: &Row<'_>) -> rusqlite::Result<Done> {
    let (address, device): (Option<String>, Option<String>) =
        (row.get("address")?, row.get("device")?);
    Ok(Done {
        id: row.get("id")?,
        at: row.get("at")?,
        deed: row.get("deed")?,
        account: row.get("account")?,
        subject: row.get("subject")?,
        item: row.get("item")?,
        child: row.get("child")?,
        n: row.get("n")?,
        place: address.zip(device),
    })
}

fn place(row: &Row<'_>) -> rusqlite::Result<Option<Place>> {
    let salt: Option<[u8; 16]> = row.get("salt")?;
    let Some(salt) = salt else { return Ok(None) };
    Ok(Some(Place { salt, address: row.get("address")?, device: row.get("device")? }))
}

fn chained(row: &Row<'_>) -> rusqlite::Result<(Chained, [u8; 32])> {
    let chained = Chained {
        id: row.get("id")?,
        at: row.get("at")?,
        deed: row.get("deed")?,
        account: row.get("account")?,
        subject: row.get("subject")?,
        item: row.get("item")?,
        child: row.get("child")?,
        n: row.get("n")?,
        place_hash: row.get("place_hash")?,
    };
    Ok((chained, row.get("chain")?))
}
