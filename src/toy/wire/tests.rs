use std::{fs, path::Path};

use proptest::prelude::*;

use super::*;

/// Every command there is: all slots, all loops at some lengths, all lengths at some loops.
fn every_command() -> impl Iterator<Item = Command> {
    let slots =
        Slot::ALL.into_iter().flat_map(|slot| [Command::BeginUpload { slot }, Command::Play(slot)]);
    let plain = [
        Command::EndUpload,
        Command::Download,
        Command::Stop,
        Command::STOP_LOOP,
        Command::GameMode(false),
        Command::GameMode(true),
    ];
    let some = [0, 1, 2, 8, 0x0208, 0x0802, 40_000, u16::MAX];
    let loops = some.into_iter().flat_map(|one| {
        (0..=u16::MAX).flat_map(move |all| {
            [
                Command::Loop { loops: all, length_ms: one },
                Command::Loop { loops: one, length_ms: all },
            ]
        })
    });
    slots.chain(plain).chain(loops)
}

#[test]
fn no_command_starts_the_microphone() {
    for command in every_command() {
        let bytes = command.encode();

        assert!(!bytes.starts_with(&[0x08, 0x02]), "{command:?}");
        assert!(bytes.len() <= CHUNK_BYTES, "{command:?}");
        assert!([0x00, 0x01, 0x02, 0x08, 0x0b, 0x0c].contains(&bytes[0]), "{command:?}");
    }
}

/// Outside the toy's own side nobody spells the bytes that start its microphone. Tests may, to say
/// that they must not occur.
#[test]
fn no_source_but_the_toys_spells_the_microphone() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut n_read = 0;

    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if name.contains("toy/firmware")
                || name.contains("/tests")
                || path.extension().is_none_or(|kind| kind != "rs")
            {
                continue;
            }
            n_read += 1;
            let text: String = fs::read_to_string(&path)
                .unwrap()
                .chars()
                .filter(|c| !c.is_whitespace() && *c != '_')
                .collect();
            for spelling in ["0x08,0x02", "0x8,0x2", "0x08u8,0x02", "x08\\x02", "0x0802", "0x0208"]
            {
                // Frame and table bytes of the codecs are no commands.
                assert!(name.contains("/audio/") || !text.contains(spelling), "{name}: {spelling}");
            }
        }
    }

    assert!(1 < n_read);
}

#[test]
fn commands_look_as_the_toy_expects() {
    let slot = Slot::new(3).unwrap();

    let begin = Command::BeginUpload { slot }.encode();
    assert_eq!(begin[..2], [0x00, 3]);
    assert_eq!(begin[2..], (0..16).collect::<Vec<u8>>());
    assert_eq!(Command::EndUpload.encode(), [0x01]);
    assert_eq!(Command::Download.encode(), [0x02]);
    assert_eq!(Command::Play(slot).encode(), [0x08, 0x01, 4]);
    assert_eq!(Command::Play(Slot::STREAMING).encode(), [0x08, 0x01, 1]);
    assert_eq!(Command::Stop.encode(), [0x08, 0x01, 0]);
    assert_eq!(Command::GameMode(false).encode(), [0x0b, 0]);
    assert_eq!(Command::GameMode(true).encode(), [0x0b, 1]);
    assert_eq!(
        Command::Loop { loops: 0x0102, length_ms: 0x9c40 }.encode(),
        [0x0c, 0x02, 0x01, 0x40, 0x9c]
    );
    assert_eq!(Command::STOP_LOOP.encode(), [0x0c, 1, 0, 1, 0]);
}

#[test]
fn uuids_differ_in_the_fourth_group_only() {
    let text: Vec<String> =
        Characteristic::ALL.iter().map(|one| format!("{:032x}", one.uuid())).collect();

    assert_eq!(text[0], "aaddf75da95a000000013ca499b74009");
    assert_eq!(text[7], "aaddf75da95a000000083ca499b74009");
    for one in Characteristic::ALL {
        assert_eq!(Characteristic::from_uuid(one.uuid()), Some(one));
    }
    assert_eq!(Characteristic::from_uuid(SERVICE), None);
}

#[test]
fn every_byte_is_a_state() {
    for byte in 0..=u8::MAX {
        let state = ToyState::from_byte(byte);

        assert_eq!(state.to_byte(), byte);
        assert_eq!(matches!(state, ToyState::Other(_)), 20 <= byte);
    }
    assert_eq!(ToyState::from_byte(9), ToyState::BufferPrime);
    assert_eq!(ToyState::from_byte(15), ToyState::KeyCheckFailed);
    assert_eq!(ToyState::from_byte(18), ToyState::RecordPaw);
}

#[test]
fn a_state_may_have_a_tail() {
    assert_eq!(ToyState::decode(&[5, 1, 2, 3]), Some(ToyState::Playback));
    assert_eq!(ToyState::decode(&[]), None);
}

#[test]
fn a_short_data_request_is_none() {
    let request = DataRequest { requested: 0x0102, transferred: 0x0304 };

    assert_eq!(request.encode(), [2, 1, 4, 3]);
    assert_eq!(DataRequest::decode(&[2, 1, 4, 3]), Some(request));
    assert_eq!(DataRequest::decode(&[2, 1, 4, 3, 9]), Some(request));
    assert_eq!(DataRequest::decode(&[2, 1, 4]), None);
    assert_eq!(DataRequest::decode(&[]), None);
}

#[test]
fn the_heart_blinks_twice_a_second_for_a_message() {
    assert_eq!(Led::MESSAGE_WAITS.encode(), [2, 0xf4, 0x01, 0x64, 0x00]);
    assert_eq!(Led::Off.encode(), [0, 0, 0, 0x64, 0x00]);
    assert_eq!(Led::On.encode(), [1, 0, 0, 0x64, 0x00]);
}

#[test]
fn config_identifiers_have_one_shape() {
    let id = ConfigId::decode(b"0411_23_16_05_09").unwrap();

    assert_eq!(id.to_string(), "0411_23_16_05_09");
    assert_eq!(id.character(), Some(Character::Unicorn));
    assert_eq!(ConfigId::decode(b"9911_23_16_05_09").unwrap().character(), None);
    for other in [
        &b""[..],
        b"0411-23-16-05-09",
        b"0411_23_16_05_0",
        b"0411_23_16_05_090",
        b"04a1_23_16_05_09",
    ] {
        assert_eq!(ConfigId::decode(other), None, "{other:?}");
    }
}

proptest! {
    // A failing case belongs into an example test, not into a file of its own.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decoders_take_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        prop_assert_eq!(ToyState::decode(&bytes).is_some(), !bytes.is_empty());
        prop_assert_eq!(DataRequest::decode(&bytes).is_some(), 4 <= bytes.len());
        if let Some(led) = Led::decode(&bytes) {
            prop_assert_eq!(Led::decode(&led.encode()), Some(led));
        }
        if let Some(level) = decode_volume(&bytes) {
            prop_assert_eq!(level, bytes[1]);
        }
        if let Some(id) = ConfigId::decode(&bytes) {
            prop_assert_eq!(id.as_bytes(), &bytes[..]);
        }
    }

    #[test]
    fn what_is_encoded_is_decoded(requested: u16, transferred: u16, period_ms: u16, level: u8) {
        let request = DataRequest { requested, transferred };
        prop_assert_eq!(DataRequest::decode(&request.encode()), Some(request));
        for led in [Led::Off, Led::On, Led::Blink { period_ms }] {
            prop_assert_eq!(Led::decode(&led.encode()), Some(led));
        }
        prop_assert_eq!(decode_volume(&encode_volume(level)), Some(level));
    }

    #[test]
    fn digits_in_the_right_places_make_an_identifier(text in "[0-9]{4}(_[0-9]{2}){4}") {
        let id = ConfigId::decode(text.as_bytes());
        prop_assert_eq!(id.map(|id| id.to_string()), Some(text));
    }
}
