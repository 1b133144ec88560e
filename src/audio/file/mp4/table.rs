//! The table of a track's packets: how long they are, how many lie together, and where.

use std::ops::Range;

use super::{
    MAX_PACKETS, Packets,
    boxes::{Boxes, Fields},
};

impl Packets {
    pub(super) fn new(file_bytes: usize) -> Self {
        Self { places: Vec::new(), n_all: 0, bytes_left: file_bytes }
    }

    /// Adds a packet; returns whether there may be more.
    pub(super) fn add(&mut self, place: Range<usize>) -> bool {
        let Some(bytes_left) = self.bytes_left.checked_sub(place.len()) else { return false };
        if self.places.len() == MAX_PACKETS {
            return false;
        }
        self.bytes_left = bytes_left;
        self.places.push(place);
        self.n_all = self.n_all.max(self.places.len());
        true
    }
}

/// Returns the packets that a table names, as far as it can be read.
pub(super) fn packets(table: &[u8], file_bytes: usize) -> Packets {
    let mut packets = Packets::new(file_bytes);
    _ = add(table, &mut packets);
    packets
}

fn add(table: &[u8], packets: &mut Packets) -> Option<()> {
    let find = |kind: [u8; 4]| Boxes::new(table).find(kind).map(|found| Fields(found.body));
    let mut sizes = Sizes::read(find(*b"stsz")?)?;
    packets.n_all = usize::try_from(sizes.n_left).unwrap_or(usize::MAX);
    let mut groups = find(*b"stsc")?;
    let _version = groups.u32()?;
    let n_groups = groups.u32()?;
    let (mut chunks, is_long) = match find(*b"stco") {
        Some(chunks) => (chunks, false),
        None => (find(*b"co64")?, true),
    };
    let _version = chunks.u32()?;
    let n_chunks = chunks.u32()?;

    // A group is chunks with as many packets each, up to where the next group begins.
    let mut next = (0 < n_groups).then(|| group(&mut groups)).flatten();
    let mut n_together = 0;
    let mut n_seen = 1;
    for chunk in 1..=n_chunks {
        if let Some((first, n)) = next
            && first <= chunk
        {
            n_together = n;
            next = (n_seen < n_groups).then(|| group(&mut groups)).flatten();
            n_seen += 1;
        }
        let at = if is_long { chunks.u64()? } else { chunks.u32()?.into() };
        let mut at = usize::try_from(at).ok()?;
        for _ in 0..n_together {
            let n_bytes = sizes.next()?;
            let end = at.checked_add(n_bytes)?;
            if !packets.add(at..end) {
                return None;
            }
            at = end;
        }
    }
    Some(())
}

/// Returns the first chunk of a group, and how many packets each has.
fn group(groups: &mut Fields<'_>) -> Option<(u32, u32)> {
    let (first, n_together, _description) = (groups.u32()?, groups.u32()?, groups.u32()?);
    Some((first, n_together))
}

/// How long packets are: all the same, or one by one.
struct Sizes<'a> {
    same: usize,
    each: Fields<'a>,
    n_left: u32,
}

impl<'a> Sizes<'a> {
    fn read(mut fields: Fields<'a>) -> Option<Self> {
        let _version = fields.u32()?;
        let same = usize::try_from(fields.u32()?).ok()?;
        let n_left = fields.u32()?;
        Some(Self { same, each: fields, n_left })
    }

    fn next(&mut self) -> Option<usize> {
        self.n_left = self.n_left.checked_sub(1)?;
        if 0 < self.same { Some(self.same) } else { usize::try_from(self.each.u32()?).ok() }
    }
}
