//! What stands around the pixels of a JPEG: whether all of it is there, and how often its decoder goes
//! over them.

use super::PictureError;

/// How many scans a picture of the largest size may have. Cameras write one, and what is made for the
/// web about ten.
pub(super) const SCANS_AT_MOST: u64 = 12;

const START_OF_SCAN: u8 = 0xda;
const END: u8 = 0xd9;

/// Returns how many scans there are, if the picture is there to its end. What follows that, as some
/// cameras write, is not looked at.
pub(super) fn whole(file: &[u8]) -> Result<u64, PictureError> {
    let mut n_scans = 0;
    // After the two bytes that every one begins with.
    let mut rest = file.get(2..).unwrap_or_default();
    loop {
        rest = match rest {
            [0xff, 0xff, ..] => rest.get(1..).unwrap_or_default(),
            [0xff, END, ..] => break,
            [0xff, 0x01 | 0xd0..=0xd7, rest @ ..] => rest,
            [0xff, marker, high, low, ..] => {
                let segment = rest.get(2..).unwrap_or_default();
                let after = segment.get(usize::from(u16::from_be_bytes([*high, *low])).max(2)..);
                let after = after.ok_or(PictureError::Cut)?;
                if *marker == START_OF_SCAN {
                    n_scans += 1;
                    pixels_end(after)?
                } else {
                    after
                }
            }
            [] | [0xff] | [0xff, _] | [0xff, _, _] => return Err(PictureError::Cut),
            [_, ..] => return Err(PictureError::Damaged),
        };
    }
    if n_scans == 0 { Err(PictureError::Damaged) } else { Ok(n_scans) }
}

/// Skips the pixels of a scan: among them, 0xff stands for itself with a zero behind it, and markers
/// of restart mean nothing here.
fn pixels_end(file: &[u8]) -> Result<&[u8], PictureError> {
    let end = file
        .windows(2)
        .position(|two| matches!(two, [0xff, next] if !matches!(next, 0 | 0xd0..=0xd7 | 0xff)));
    end.and_then(|end| file.get(end..)).ok_or(PictureError::Cut)
}
