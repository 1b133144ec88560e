//! Room on the disk, and what it is kept for.

use std::path::PathBuf;

use super::{Finding, Verdict};

/// Below this share of the disk it is said that room becomes scarce.
const SCARCE_PERCENT: u64 = 10;
/// Below this one nothing is taken any more that can wait: the rest is for what a child says.
const SHORT_PERCENT: u64 = 5;

/// How much there is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Room {
    /// What can still be written.
    pub free_bytes: u64,
    /// The whole disk.
    pub total_bytes: u64,
}

impl Room {
    /// Returns how much of the whole is free. A disk without a size counts as empty.
    pub fn percent(self) -> u64 {
        let free = u128::from(self.free_bytes) * 100;
        let percent = free.checked_div(u128::from(self.total_bytes)).unwrap_or(100);
        u64::try_from(percent).unwrap_or(100)
    }

    /// Whether what is left is kept for what children say.
    pub fn is_short(self) -> bool {
        self.percent() < SHORT_PERCENT
    }
}

/// Where room is taken from.
pub trait Space: Send + Sync {
    /// Returns how much there is; nothing where the kernel does not say.
    fn room(&self) -> Option<Room>;
}

/// The disk that a folder lies on.
#[derive(Clone, Debug)]
pub struct Disk(pub PathBuf);

impl Space for Disk {
    fn room(&self) -> Option<Room> {
        let disk = rustix::fs::statvfs(&self.0).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        // What only root may take is not ours.
        Some(Room { free_bytes: bytes(disk.f_bavail), total_bytes: bytes(disk.f_blocks) })
    }
}

/// Says how much room there is.
pub fn room(found: Room) -> Finding {
    let about = "room";
    let (mib, percent) = (found.free_bytes >> 20_u32, found.percent());
    let says = format!("{mib} MiB of the disk are free ({percent} %)");
    let less = "make room: what is kept less long goes sooner, under each child's rules";
    let finding = match percent {
        _ if found.is_short() => Finding::new(
            about,
            "short",
            Verdict::Ails,
            format!("{says}: what is left is kept for what children say, so nobody else can send anything"),
        )
        .do_this(less),
        ..SCARCE_PERCENT => Finding::new(about, "scarce", Verdict::Mind, says).do_this(less),
        _ => Finding::new(about, "enough", Verdict::Good, says),
    };
    finding.with("mib", mib).with("percent", percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    #[test]
    fn room_is_enough_scarce_or_short() {
        let how = |free_bytes| room(Room { free_bytes, total_bytes: 100 * GIB }).how;

        assert_eq!(how(10 * GIB), "enough");
        assert_eq!(how(10 * GIB - 1), "scarce");
        assert_eq!(how(5 * GIB), "scarce");
        assert_eq!(how(5 * GIB - 1), "short");
        assert_eq!(how(0), "short");
    }

    #[test]
    fn a_disk_without_a_size_is_not_short() {
        assert!(!Room { free_bytes: 0, total_bytes: 0 }.is_short());
        assert_eq!(Room { free_bytes: u64::MAX, total_bytes: u64::MAX }.percent(), 100);
    }

    #[test]
    fn the_kernel_says_how_much_there_is() {
        let dir = tempfile::tempdir().unwrap();

        let found = Disk(dir.path().to_owned()).room().unwrap();

        assert!(0 < found.total_bytes && found.free_bytes <= found.total_bytes, "{found:?}");
        assert_eq!(Disk(dir.path().join("nowhere")).room(), None);
    }
}
