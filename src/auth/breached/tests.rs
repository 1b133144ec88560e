use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

const ALL: Wanted = Wanted { min_count: 1, lines_expected: 1 << 12 };

/// Returns lines for these passwords as Pwned Passwords has them, ordered by hash.
fn lines(passwords: &[(&str, u32)]) -> String {
    let mut lines: Vec<String> = passwords
        .iter()
        .map(|(password, count)| {
            format!("{}:{count}", data_encoding::HEXUPPER.encode(&hash(password)))
        })
        .collect();
    lines.sort();
    lines.iter().fold(String::new(), |mut text, line| {
        write!(text, "{line}\r\n").unwrap();
        text
    })
}

fn imported(list: &str, wanted: Wanted) -> Result<(Imported, Vec<u8>), ImportError> {
    let mut bytes = Vec::new();
    let imported = import(&mut list.as_bytes(), &mut bytes, wanted)?;
    Ok((imported, bytes))
}

fn index_of(list: &str, wanted: Wanted) -> Index<Cursor<Vec<u8>>> {
    Index::open(Cursor::new(imported(list, wanted).unwrap().1)).unwrap()
}

/// Returns as many passwords that are on no list.
fn strangers(how_many: u32) -> impl Iterator<Item = String> {
    (0..how_many).map(|n| format!("{n} is on no list"))
}

fn refused(list: &str) -> String {
    imported(list, ALL).unwrap_err().to_string()
}

mod shipped {
    use super::*;

    const ENTRIES: u64 = 55_860;

    /// Every fiftieth of the list, by the script that makes both.
    const SAMPLE: &str = include_str!("../../../tests/data/passwords/sample.txt");

    #[test]
    fn has_what_thieves_try_first() {
        assert!(1_000 <= SAMPLE.lines().count());
        for password in SAMPLE.lines().chain(["123456", "qwerty", "password1", "iloveyou"]) {
            assert!(Shipped::contains(password), "{password}");
            assert!(Shipped::contains(&password.to_uppercase()), "{password}");
        }
    }

    #[test]
    fn is_as_long_and_as_exact_as_it_says() {
        let index = Shipped::index();

        assert_eq!(index.entries(), ENTRIES);
        assert!(1_000_000 < index.one_mistake_in(), "{}", index.one_mistake_in());
    }

    #[test]
    fn is_whole() {
        let mut index = Shipped::index();

        for number in 0..=u16::MAX {
            let mut hash = [0xFF; 20];
            [hash[0], hash[1]] = number.to_be_bytes();
            index.contains_hash(&hash).unwrap();
        }
    }

    /// A tenth of a mistake is expected; three would be one chance in several thousand.
    #[test]
    fn makes_hardly_any_mistake() {
        let n_mistakes = strangers(150_000).filter(|stranger| Shipped::contains(stranger)).count();

        assert!(n_mistakes < 3, "{n_mistakes}");
    }
}

#[test]
fn finds_what_is_on_the_list_and_nothing_else() {
    let mut index = index_of(&lines(&[("sunshine", 9), ("café", 1), ("Bentley", 700)]), ALL);

    for listed in ["sunshine", "café", "cafe\u{301}", "Bentley"] {
        assert!(index.contains(listed).unwrap(), "{listed}");
    }
    for other in ["", "Sunshine", "cafe", "bentley"] {
        assert!(!index.contains(other).unwrap(), "{other}");
    }
    assert_eq!(index.entries(), 3);
}

#[test]
fn leaves_out_what_was_breached_less_often() {
    let wanted = Wanted { min_count: 9, ..ALL };
    let mut index = index_of(&lines(&[("sunshine", 9), ("rain", 8), ("snow", 10)]), wanted);

    assert!(index.contains("sunshine").unwrap() && index.contains("snow").unwrap());
    assert!(!index.contains("rain").unwrap());
    assert_eq!((index.entries(), index.min_count()), (2, 9));
}

#[test]
fn takes_either_line_end_either_case_and_a_byte_order_mark() {
    let list = lines(&[("sunshine", 9), ("rain", 8), ("snow", 10)]);
    let (_, bytes) = imported(&list, ALL).unwrap();

    for spelling in [
        list.replace("\r\n", "\n"),
        list.to_lowercase(),
        list.trim_end().to_owned(),
        format!("\u{feff}{list}"),
    ] {
        assert_eq!(imported(&spelling, ALL).unwrap().1, bytes);
    }
}

#[test]
fn tells_what_is_wrong_with_a_list_and_where() {
    let list = lines(&[("sunshine", 9), ("rain", 8)]);
    let (first, second) = list.trim_end().split_once("\r\n").unwrap();

    assert_eq!(refused(""), "the list is empty; download it again");
    assert_eq!(
        refused(&format!("{second}\n{first}\n")),
        "line 2 is out of order; download the list that is ordered by hash"
    );
    assert_eq!(
        refused("32ED87BDB5FDC5E9CBA88547376818D4:24230577\n"),
        "line 1 has an NTLM hash; download the list of SHA-1 hashes instead"
    );
    let digits = &first[..40];
    for broken in [
        "",
        "\u{0}",
        digits,
        &format!("{digits}:"),
        &format!("{digits}:x"),
        &format!("{digits}:-1"),
        &format!("{digits}:1 "),
        &format!("{digits}:99999999999999999999999"),
        &format!("{}:1", &digits[5..]),
        &format!("{}G:1", &digits[1..]),
        &format!("{digits}0:1"),
        &format!("{digits}:{}", "0".repeat(1_000)),
        "<html>",
    ] {
        assert_eq!(
            refused(&format!("{first}\n{broken}\n")),
            "line 2 is no SHA-1 hash of 40 digits with a colon and a count; download the list again",
            "{broken}"
        );
    }
}

#[test]
fn says_when_nothing_is_left() {
    let wanted = Wanted { min_count: 10, ..ALL };

    let refusal = imported(&lines(&[("rain", 8)]), wanted).unwrap_err();

    assert_eq!(refusal.to_string(), "no password on the list was breached 10 times; ask for fewer");
}

/// A list made to fill one block must not fill the memory.
#[test]
fn refuses_hashes_that_are_not_spread() {
    let list = (0..70_000_u32).fold(String::new(), |mut text, n| {
        writeln!(text, "00000{n:07X}{:028}:1", 0).unwrap();
        text
    });

    let refusal = imported(&list, Wanted { min_count: 1, lines_expected: 1 << 30 }).unwrap_err();

    assert!(matches!(refusal, ImportError::TooDense { line: 65_536 }), "{refusal:?}");
}

#[test]
fn a_list_that_comes_back_twice_counts_once() {
    let list = lines(&[("rain", 8)]);

    let (imported, _) = imported(&format!("{list}{list}"), ALL).unwrap();

    assert_eq!((imported.lines, imported.entries), (2, 1));
}

#[test]
fn passes_on_what_reading_and_writing_say() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let full = import(&mut lines(&[("rain", 8)]).as_bytes(), &mut Full, ALL).unwrap_err();

    assert!(
        matches!(full, ImportError::Write(error) if error.kind() == std::io::ErrorKind::StorageFull)
    );
}

/// The bytes of an index are kept by households: what they mean must not change.
#[test]
fn the_format_stays() {
    let list = "00000000000000000000000000000000000000FF:3\n\
                0000001000000000000000000000000000000000:1\n\
                FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF:2\n";

    let (imported, bytes) = imported(list, Wanted { min_count: 1, lines_expected: 2_048 }).unwrap();

    assert_eq!(imported, Imported { lines: 3, entries: 3, bytes: 95 });
    assert_eq!(
        data_encoding::HEXLOWER.encode(&bytes),
        "485554434850570102001c80000004000001c021685bd801001d7ffffffebccd862b\
         0800000000000000170000000000000022000000000000000103000000000000000100000000000000220000\
         0000000000af6c87924855544348505701"
    );
}

#[test]
fn a_large_list_takes_under_22_bits_an_entry() {
    let mut hashes: Vec<String> = strangers(200_000)
        .map(|stranger| data_encoding::HEXUPPER.encode(&hash(&stranger)))
        .collect();
    hashes.sort();
    let list = hashes.join(":2\r\n") + ":2\r\n";

    let wanted = Wanted { min_count: 1, lines_expected: 200_000 };
    let (imported, bytes) = imported(&list, wanted).unwrap();

    let mut index = Index::open(Cursor::new(bytes)).unwrap();
    assert_eq!(imported.lines, 200_000);
    assert!(199_990 <= imported.entries, "{}", imported.entries);
    assert!(imported.bytes * 8 < imported.entries * 22 + 20_000, "{imported:?}");
    assert!(1_000_000 < index.one_mistake_in());
    assert!(strangers(200_000).step_by(7).all(|stranger| index.contains(&stranger).unwrap()));
}

#[test]
fn blocks_are_expected_to_have_a_thousand_entries() {
    let bits = [0, 1, 1_024, 1_025, 2_048, 2_049, 1 << 30, (1 << 30) + 1, u64::MAX];

    assert_eq!(bits.map(format::prefix_bits), [0, 0, 0, 1, 1, 2, 20, 20, 20]);
}

#[test]
fn what_was_not_an_index_is_refused() {
    for bytes in [vec![], vec![0; 36], vec![0; 37], vec![b'H'; 5_000]] {
        let refusal = Index::open(Cursor::new(bytes)).err().unwrap();
        assert!(matches!(refusal, IndexError::NotAnIndex), "{refusal:?}");
    }
}

#[test]
fn a_damaged_list_refuses_nobody_and_keeps_the_reason() {
    let (_, mut bytes) =
        imported(&lines(&[("rain", 8)]), Wanted { lines_expected: 1, ..ALL }).unwrap();
    bytes[12] ^= 1;
    let mut index = Index::open(Cursor::new(bytes)).unwrap();

    let listed: &mut dyn Breached = &mut index;

    assert!(!listed.has("rain"));
    assert!(matches!(index.take_fault(), Some(IndexError::Damaged)));
    assert!(index.take_fault().is_none());
}

proptest! {
    /// Whatever the entries of a block are, each is found and its neighbors are not.
    #[test]
    fn any_block_comes_back(
        entries in prop::collection::btree_set(0_u32..1 << 30, 1..200),
        number in any::<u32>(),
    ) {
        let sorted: Vec<u32> = entries.iter().copied().collect();
        let mut block = Vec::new();
        format::encode_block(number, &sorted, &mut block);

        for entry in sorted {
            for near in [entry.saturating_sub(1), entry, entry + 1] {
                prop_assert_eq!(
                    format::is_in_block(number, &block, near),
                    Some(entries.contains(&near))
                );
            }
        }
        prop_assert_eq!(format::is_in_block(number ^ 1, &block, 0), None);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), hash in any::<[u8; 20]>()) {
        if let Ok(mut index) = Index::open(Cursor::new(bytes)) {
            drop(index.contains_hash(&hash));
        }
    }

    #[test]
    fn no_damage_makes_it_panic(
        at in any::<prop::sample::Index>(),
        change in 1..=u8::MAX,
        cut in prop::option::of(any::<prop::sample::Index>()),
        hash in any::<[u8; 20]>(),
    ) {
        let (_, mut bytes) = imported(&lines(&[("sunshine", 9), ("rain", 8), ("snow", 1)]), ALL).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }

        if let Ok(mut index) = Index::open(Cursor::new(bytes)) {
            drop(index.contains_hash(&hash));
            for listed in ["sunshine", "rain", "snow"] {
                drop(index.contains(listed));
            }
        }
    }

    /// A block says of itself what it is, so no bit of it can be turned unseen, nor any bytes pass
    /// for one.
    #[test]
    fn no_bytes_pass_for_a_block(bytes in prop::collection::vec(any::<u8>(), 1..200), number in any::<u32>()) {
        prop_assert_eq!(format::is_in_block(number, &bytes, 7), None);
    }

    /// Also with a checksum that fits, as somebody who means harm would write it.
    #[test]
    fn forged_blocks_do_not_panic(body in prop::collection::vec(any::<u8>(), 0..200), wanted in any::<u32>()) {
        let block = format::with_check(3, body);

        let _ = format::is_in_block(3, &block, wanted);
    }

    #[test]
    fn no_list_makes_it_panic(list in prop::collection::vec(any::<u8>(), 0..300)) {
        drop(import(&mut list.as_slice(), &mut Vec::new(), ALL));
    }
}
