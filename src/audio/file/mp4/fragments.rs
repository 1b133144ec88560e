//! Files in fragments: each has a table of its own, as whoever records cannot know the end.

use super::{
    Packets,
    boxes::{Boxes, Fields},
};

const BASE: u32 = 0x1;
const DESCRIPTION: u32 = 0x2;
const LENGTH: u32 = 0x8;
const SIZE: u32 = 0x10;

const RUN_OFFSET: u32 = 0x1;
const RUN_FIRST: u32 = 0x4;
const RUN_LENGTHS: u32 = 0x100;
const RUN_SIZES: u32 = 0x200;
const RUN_FLAGS: u32 = 0x400;
const RUN_SHIFTS: u32 = 0x800;

/// Adds the packets of all fragments, as far as they can be read.
pub(super) fn add(file: &[u8], track: u32, defaults: &[u8], packets: &mut Packets) {
    let size = default_size(defaults, track).unwrap_or(0);
    for moof in Boxes::new(file).filter(|found| found.kind == *b"moof") {
        for part in Boxes::new(moof.body).filter(|found| found.kind == *b"traf") {
            if add_part(part.body, track, moof.at, size, packets).is_none() {
                return;
            }
        }
    }
}

/// Returns how long the packets of a track are where nothing else is said.
fn default_size(defaults: &[u8], track: u32) -> Option<u32> {
    Boxes::new(defaults).filter(|found| found.kind == *b"trex").find_map(|found| {
        let mut fields = Fields(found.body);
        fields.skip(4)?;
        (fields.u32()? == track).then_some(())?;
        fields.skip(8)?;
        fields.u32()
    })
}

/// Adds the packets of a fragment, if they are of the track.
fn add_part(
    part: &[u8],
    track: u32,
    moof_at: usize,
    size: u32,
    packets: &mut Packets,
) -> Option<()> {
    let mut head = Fields(Boxes::new(part).find(*b"tfhd")?.body);
    let flags = head.u32()?;
    if head.u32()? != track {
        return Some(());
    }
    let base = if flags & BASE == 0 { moof_at } else { usize::try_from(head.u64()?).ok()? };
    for flag in [DESCRIPTION, LENGTH] {
        if flags & flag != 0 {
            head.skip(4)?;
        }
    }
    let size = if flags & SIZE == 0 { size } else { head.u32()? };
    let mut at = base;
    for run in Boxes::new(part).filter(|found| found.kind == *b"trun") {
        at = add_run(run.body, base, at, size, packets)?;
    }
    Some(())
}

/// Adds the packets of a run, and returns where it ends.
fn add_run(
    run: &[u8],
    base: usize,
    mut at: usize,
    size: u32,
    packets: &mut Packets,
) -> Option<usize> {
    let mut fields = Fields(run);
    let flags = fields.u32()?;
    let n_packets = fields.u32()?;
    if flags & RUN_OFFSET != 0 {
        let offset = isize::try_from(fields.u32()?.cast_signed()).ok()?;
        at = base.checked_add_signed(offset)?;
    }
    if flags & RUN_FIRST != 0 {
        fields.skip(4)?;
    }
    for _ in 0..n_packets {
        if flags & RUN_LENGTHS != 0 {
            fields.skip(4)?;
        }
        let size = if flags & RUN_SIZES == 0 { size } else { fields.u32()? };
        for flag in [RUN_FLAGS, RUN_SHIFTS] {
            if flags & flag != 0 {
                fields.skip(4)?;
            }
        }
        let end = at.checked_add(usize::try_from(size).ok()?)?;
        if !packets.add(at..end) {
            return None;
        }
        at = end;
    }
    Some(at)
}
