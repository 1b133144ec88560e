//! What a memory card says of its own wear.
//!
//! Only embedded memory (eMMC, since version 5.0) tells; a card in a slot says nothing, and a disk is
//! none of this.

use std::{fs, path::Path};

use super::{Finding, Verdict};

/// Where the kernel shows block devices.
const BLOCK_DEVICES: &str = "/sys/block";
/// `EXT_CSD_DEVICE_LIFE_TIME_EST_TYP_A` and `_B`: 1 is up to a tenth of the life that was planned, 10 is
/// up to all of it, 11 is more (JESD84-B51, 7.4.71).
const LIFE_STEPS: u8 = 11;
/// From this step on a guardian is told.
const WORN_STEP: u8 = 9;
/// `EXT_CSD_PRE_EOL_INFO` (JESD84-B51, 7.4.70): of the spare blocks, four fifths are used.
const SPARE_WARNING: u8 = 2;
/// Nearly all of them are.
const SPARE_URGENT: u8 = 3;

/// Says how worn the memory is, where the kernel knows.
pub fn card() -> Vec<Finding> {
    card_below(Path::new(BLOCK_DEVICES))
}

/// Does the same where block devices are shown in this folder.
pub fn card_below(folder: &Path) -> Vec<Finding> {
    let Ok(devices) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = devices.flatten().map(|device| device.file_name()).collect();
    names.sort();
    let is_card = |name: &&std::ffi::OsString| {
        // Not the partitions that hold its boot code: "mmcblk0boot0".
        name.to_str().is_some_and(|name| name.starts_with("mmcblk") && !name.contains("boot"))
    };
    names.iter().filter(is_card).filter_map(|name| of_device(&folder.join(name))).collect()
}

fn of_device(device: &Path) -> Option<Finding> {
    let read = |file| fs::read_to_string(device.join("device").join(file)).ok();
    let steps = read("life_time").unwrap_or_default();
    let life = steps
        .split_whitespace()
        .filter_map(byte)
        .filter(|step| (1..=LIFE_STEPS).contains(step))
        .max();
    let spare = read("pre_eol_info")
        .and_then(|text| byte(text.trim()))
        .filter(|spare| (1..=SPARE_URGENT).contains(spare));
    if life.is_none() && spare.is_none() {
        return None;
    }
    let about = "card";
    let (step, spare) = (life.unwrap_or(1), spare.unwrap_or(1));
    let percent = u64::from(step) * 10;
    let renew = "make a backup, and move the hub to another card soon";
    Some(match () {
        () if LIFE_STEPS <= step || SPARE_URGENT <= spare => Finding::new(
            about,
            "spent",
            Verdict::Ails,
            "the memory has been written as often as it was made for, and may fail any day",
        )
        .do_this("make a backup now, and move the hub to another card"),
        () if WORN_STEP <= step || SPARE_WARNING <= spare => Finding::new(
            about,
            "worn",
            Verdict::Mind,
            "the memory comes to the end of the life that it was made for",
        )
        .do_this(renew),
        () => {
            let says =
                format!("the memory has used up to {percent} % of the life that it was made for");
            Finding::new(about, "fresh", Verdict::Good, says).with("percent", percent)
        }
    })
}

/// Reads "0x01".
fn byte(text: &str) -> Option<u8> {
    u8::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<(&'static str, Vec<(&'static str, u64)>)> {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        card_below(dir.path()).into_iter().map(|finding| (finding.how, finding.facts)).collect()
    }

    #[test]
    fn wear_is_told_as_the_memory_counts_it() {
        let of = |life, spare| {
            let found = found(&[
                ("mmcblk0/device/life_time", life),
                ("mmcblk0/device/pre_eol_info", spare),
                ("mmcblk0boot0/device/life_time", "0x0b 0x0b\n"),
                ("sda/device/life_time", "0x0b 0x0b\n"),
            ]);
            let [(how, facts)] = &found[..] else { panic!("{found:?}") };
            (*how, facts.first().map(|(_, percent)| *percent))
        };

        assert_eq!(of("0x01 0x02\n", "0x01\n"), ("fresh", Some(20)));
        assert_eq!(of("0x08 0x01\n", "0x01\n"), ("fresh", Some(80)));
        assert_eq!(of("0x09 0x01\n", "0x01\n"), ("worn", None));
        assert_eq!(of("0x01 0x01\n", "0x02\n"), ("worn", None));
        assert_eq!(of("0x01 0x0b\n", "0x01\n"), ("spent", None));
        assert_eq!(of("0x01 0x01\n", "0x03\n"), ("spent", None));
    }

    #[test]
    fn memory_that_says_nothing_is_not_judged() {
        assert_eq!(found(&[]), []);
        assert_eq!(found(&[("mmcblk0/device/name", "SD32G\n")]), []);
        // Zero stands for "not defined", and the rest for nothing.
        let odd =
            [("mmcblk0/device/life_time", "0x00 0xff\n"), ("mmcblk0/device/pre_eol_info", "x\n")];
        assert_eq!(found(&odd), []);
        assert_eq!(card_below(Path::new("/nowhere")), []);
    }
}
