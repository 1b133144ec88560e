//! Round trips, tampering, and the files that must open for ever.

use aead_stream::aead::{Aead as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _};
use hkdf::Hkdf;
use proptest::prelude::*;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{household::HouseholdKey, *};
use crate::model::{AccountId, ChildId, ItemId};

const HEADER_BYTES: usize = 6;
const SALT_BYTES: usize = 32;
const SEGMENT_BYTES: usize = 65_536;
const SEALED_SEGMENT_BYTES: usize = SEGMENT_BYTES + 16;

/// Fails to compile if the type has the trait.
macro_rules! has_not {
    ($type:ty: $($bound:path),+) => {$(
        const _: fn() = || {
            trait AmbiguousIfItHas<A> { fn pick() {} }
            impl<T: ?Sized> AmbiguousIfItHas<()> for T {}
            struct Has;
            impl<T: ?Sized + $bound> AmbiguousIfItHas<Has> for T {}
            let _ = <$type as AmbiguousIfItHas<_>>::pick;
        };
    )+};
}

has_not!(ContentKey: fmt::Debug, fmt::Display, Clone, PartialEq, Default, serde::Serialize, AsRef<[u8]>);
has_not!(HouseholdKey: fmt::Debug, fmt::Display, Clone, PartialEq, Default, serde::Serialize, AsRef<[u8]>);
has_not!(AccountKey: fmt::Debug, fmt::Display, Clone, PartialEq, Default, serde::Serialize, AsRef<[u8]>);
has_not!(DeviceKey: fmt::Debug, fmt::Display, Clone, PartialEq, Default, serde::Serialize, AsRef<[u8]>);
has_not!(WrapKey: fmt::Debug, fmt::Display, Clone, PartialEq, Default, serde::Serialize, AsRef<[u8]>);
has_not!(recovery::RecoveryKey: fmt::Debug, fmt::Display, Clone, PartialEq, Default, serde::Serialize, AsRef<[u8]>);
has_not!(HashKey: fmt::Debug, fmt::Display, Clone, PartialEq, Default, serde::Serialize, AsRef<[u8]>);
// Nothing but this module makes something sealed out of plain bytes.
has_not!(Sealed: From<Vec<u8>>, From<&'static [u8]>, Default, serde::de::DeserializeOwned);
has_not!(SealedKey: From<Vec<u8>>, From<&'static [u8]>, Default, serde::de::DeserializeOwned);

fn about() -> About {
    About {
        item: ItemId::from_bytes([1; 16]),
        kind: Kind::Message,
        child: Some(ChildId::from_bytes([2; 16])),
        sender: Some(AccountId::from_bytes([3; 16])),
    }
}

/// Everything that differs from [`about`] in one way.
fn elsewhere() -> Vec<About> {
    let here = about();
    vec![
        About { item: ItemId::from_bytes([9; 16]), ..here },
        About { kind: Kind::Recording, ..here },
        About { child: Some(ChildId::from_bytes([9; 16])), ..here },
        About { child: None, ..here },
        About { sender: Some(AccountId::from_bytes([9; 16])), ..here },
        About { sender: None, ..here },
        About {
            child: Some(ChildId::from_bytes([3; 16])),
            sender: Some(AccountId::from_bytes([2; 16])),
            ..here
        },
    ]
}

fn plain(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

fn altered(sealed: &Sealed, alter: impl FnOnce(&mut Vec<u8>)) -> Result<Sealed, SealError> {
    let mut bytes = sealed.as_bytes().to_vec();
    alter(&mut bytes);
    Sealed::from_stored(bytes)
}

#[test]
fn sizes_around_a_segment_come_back_whole() {
    let key = new_content_key();

    for length in [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 200_000] {
        let sealed = key.seal(Part::Sound, &about(), &plain(length)).unwrap();
        let stored = Sealed::from_stored(sealed.as_bytes().to_vec()).unwrap();
        let opened = key.open(Part::Sound, &about(), &stored).unwrap();

        assert_eq!(*opened, plain(length), "{length} bytes");
    }
}

#[test]
fn the_largest_piece_is_sealed_and_nothing_larger() {
    let key = new_content_key();
    let largest = plain(MAX_PLAIN_BYTES);

    let sealed = key.seal(Part::Sound, &about(), &largest).unwrap();
    let stored = Sealed::from_stored(sealed.as_bytes().to_vec()).unwrap();
    let refused = key.seal(Part::Sound, &about(), &plain(MAX_PLAIN_BYTES + 1));

    assert!(*key.open(Part::Sound, &about(), &stored).unwrap() == largest);
    assert_eq!(refused, Err(SealError::TooLarge));
}

#[test]
fn the_same_bytes_never_look_the_same_twice() {
    let key = new_content_key();

    let first = key.seal(Part::Text, &about(), b"Ana").unwrap();
    let second = key.seal(Part::Text, &about(), b"Ana").unwrap();

    assert_ne!(first.as_bytes()[6..38], second.as_bytes()[6..38]);
    assert_ne!(first.as_bytes()[38..], second.as_bytes()[38..]);
}

#[test]
fn parts_do_not_stand_in_for_each_other() {
    let key = new_content_key();
    let sealed = key.seal(Part::Waveform, &about(), &[7; 64]).unwrap();

    for part in [Part::Sound, Part::Text] {
        assert_eq!(key.open(part, &about(), &sealed), Err(SealError::DoesNotOpen));
    }
}

#[test]
fn nothing_opens_in_another_place() {
    let content = new_content_key();
    let device = DeviceKey::generate();
    let household = HouseholdKey::generate();
    let sound = content.seal(Part::Sound, &about(), b"hello").unwrap();
    let clip = device.seal(&about(), b"hello").unwrap();
    let key = content.seal_for(&household.public(), &about());

    for other in elsewhere() {
        assert_eq!(content.open(Part::Sound, &other, &sound), Err(SealError::DoesNotOpen));
        assert_eq!(device.open(&other, &clip), Err(SealError::DoesNotOpen));
        assert_eq!(household.open(&key, &other).err(), Some(SealError::DoesNotOpen));
    }
}

#[test]
fn another_key_does_not_open() {
    let sound = new_content_key().seal(Part::Sound, &about(), b"hello").unwrap();
    let clip = DeviceKey::generate().seal(&about(), b"hello").unwrap();
    let key = new_content_key().seal_for(&HouseholdKey::generate().public(), &about());

    let sound = new_content_key().open(Part::Sound, &about(), &sound);
    let clip = DeviceKey::generate().open(&about(), &clip);
    let key = HouseholdKey::generate().open(&key, &about());

    assert_eq!(sound, Err(SealError::DoesNotOpen));
    assert_eq!(clip, Err(SealError::DoesNotOpen));
    assert_eq!(key.err(), Some(SealError::DoesNotOpen));
}

#[test]
fn the_household_opens_what_was_sealed_for_it() {
    let household = HouseholdKey::generate();
    let content = new_content_key();
    let sound = content.seal(Part::Sound, &about(), b"hello").unwrap();
    let key = content.seal_for(&household.public(), &about());
    let other = content.seal_for(&household.public(), &about());

    let stored = SealedKey::from_stored(key.as_bytes().to_vec()).unwrap();
    let opened = household.open(&stored, &about()).unwrap();

    assert_eq!(**opened.open(Part::Sound, &about(), &sound).unwrap(), *b"hello");
    assert_ne!(key, other);
}

#[test]
fn keys_survive_being_kept() {
    let household = HouseholdKey::generate();
    let device = DeviceKey::generate();
    let hash = HashKey::generate();
    let clip = device.seal(&about(), b"clip").unwrap();

    assert_eq!(HouseholdKey::from_bytes(&household.to_bytes()).public(), household.public());
    let device = DeviceKey::from_bytes(&device.to_bytes());
    assert_eq!(**device.open(&about(), &clip).unwrap(), *b"clip");
    assert_eq!(HashKey::from_bytes(&hash.to_bytes()).mac(b"a"), hash.mac(b"a"));
}

#[test]
fn the_device_key_and_a_content_key_do_not_open_each_others_bytes() {
    let device = DeviceKey::generate();
    let content = ContentKey(secret::Secret::copied(&device.to_bytes()));
    let sound = content.seal(Part::Sound, &about(), b"hello").unwrap();
    let clip = device.seal(&about(), b"hello").unwrap();

    let relabelled = altered(&sound, |bytes| bytes[4] = 2).unwrap();

    assert_eq!(device.open(&about(), &sound), Err(SealError::DoesNotOpen));
    assert_eq!(content.open(Part::Sound, &about(), &clip), Err(SealError::DoesNotOpen));
    assert_eq!(device.open(&about(), &relabelled), Err(SealError::DoesNotOpen));
}

/// RFC 4231, test case 1: its key of 20 bytes is the same to HMAC with zeros behind it.
#[test]
fn the_keyed_hash_is_hmac_sha256() {
    let mut key = Zeroizing::new([0; 32]);
    key[..20].fill(0x0b);

    let mac = HashKey::from_bytes(&key).mac(b"Hi There");

    let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
    assert_eq!(data_encoding::HEXLOWER.encode(&mac), expected);
}

#[test]
fn segments_cannot_be_moved_left_out_or_added() {
    let key = new_content_key();
    let sealed = key.seal(Part::Sound, &about(), &plain(4 * SEGMENT_BYTES)).unwrap();
    let first = HEADER_BYTES + SALT_BYTES;
    let second = first + SEALED_SEGMENT_BYTES;
    let third = second + SEALED_SEGMENT_BYTES;

    let swapped = altered(&sealed, |bytes| {
        let (left, right) = bytes.split_at_mut(second);
        left[first..].swap_with_slice(&mut right[..SEALED_SEGMENT_BYTES]);
    });
    let repeated = altered(&sealed, |bytes| bytes.copy_within(first..second, second));
    let without_first = altered(&sealed, |bytes| drop(bytes.drain(first..second)));
    let without_middle = altered(&sealed, |bytes| drop(bytes.drain(second..third)));
    let without_last = altered(&sealed, |bytes| bytes.truncate(bytes.len() - SEALED_SEGMENT_BYTES));
    let extended = altered(&sealed, |bytes| bytes.extend_from_within(first..second));
    let half_a_segment_more = altered(&sealed, |bytes| bytes.extend([0; 1_000]));

    for changed in [
        swapped,
        repeated,
        without_first,
        without_middle,
        without_last,
        extended,
        half_a_segment_more,
    ] {
        let opened = key.open(Part::Sound, &about(), &changed.unwrap());
        assert_eq!(opened, Err(SealError::DoesNotOpen));
    }
}

#[test]
fn segments_of_another_sealing_do_not_fit() {
    let key = new_content_key();
    let one = key.seal(Part::Sound, &about(), &plain(100_000)).unwrap();
    let two = key.seal(Part::Sound, &about(), &plain(100_000)).unwrap();
    let border = HEADER_BYTES + SALT_BYTES + SEALED_SEGMENT_BYTES;

    let spliced = altered(&one, |bytes| bytes[border..].copy_from_slice(&two.as_bytes()[border..]));

    let opened = key.open(Part::Sound, &about(), &spliced.unwrap());
    assert_eq!(opened, Err(SealError::DoesNotOpen));
}

#[test]
fn every_bit_of_a_short_piece_counts() {
    let household = HouseholdKey::generate();
    let content = new_content_key();
    let sealed = content.seal(Part::Text, &about(), b"Ana").unwrap();
    let key = content.seal_for(&household.public(), &about());

    for bit in 0..sealed.as_bytes().len() * 8 {
        let opened = altered(&sealed, |bytes| bytes[bit / 8] ^= 1 << (bit % 8))
            .and_then(|sealed| content.open(Part::Text, &about(), &sealed));
        assert!(opened.is_err(), "bit {bit}");
    }
    for bit in 0..key.as_bytes().len() * 8 {
        let mut bytes = key.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let opened = SealedKey::from_stored(bytes).and_then(|key| household.open(&key, &about()));
        // X25519 ignores the topmost bit of a public key; HPKE authenticates it all the same.
        assert!(opened.is_err(), "bit {bit} of the key");
    }
}

#[test]
fn plain_bytes_do_not_pass_as_sealed() {
    let wav = [b"RIFF\x24\x00\x00\x00WAVEfmt ".as_slice(), &[0; 100]].concat();
    let ogg = [b"OggS\x00\x02".as_slice(), &[0; 100]].concat();
    let au = [b".snd\x00\x00\x00\x20".as_slice(), &[0; 100]].concat();
    let text = "Ana ".repeat(40).into_bytes();

    for bytes in [vec![], vec![0; 200], wav, ogg, au, text] {
        assert_eq!(Sealed::from_stored(bytes.clone()), Err(SealError::NotSealed));
        assert_eq!(SealedKey::from_stored(bytes), Err(SealError::NotSealed));
    }
}

#[test]
fn a_key_is_not_content_and_content_is_no_key() {
    let content = new_content_key();
    let sealed = content.seal(Part::Text, &about(), &[7; 32]).unwrap();
    let key = content.seal_for(&HouseholdKey::generate().public(), &about());

    assert_eq!(sealed.as_bytes().len(), key.as_bytes().len());
    assert_eq!(SealedKey::from_stored(sealed.0), Err(SealError::NotSealed));
    assert_eq!(Sealed::from_stored(key.0), Err(SealError::NotSealed));
}

#[test]
fn what_a_newer_version_sealed_is_said_to_be_newer() {
    let sealed = new_content_key().seal(Part::Text, &about(), b"Ana").unwrap();

    assert_eq!(altered(&sealed, |bytes| bytes[5] = 2), Err(SealError::TooNew));
    assert_eq!(altered(&sealed, |bytes| bytes[5] = 0), Err(SealError::NotSealed));
}

#[test]
fn impossible_lengths_are_refused_before_opening() {
    let key = new_content_key();
    let short = key.seal(Part::Text, &about(), b"").unwrap();
    let long = key.seal(Part::Text, &about(), &plain(SEGMENT_BYTES)).unwrap();

    assert_eq!(altered(&short, |bytes| bytes.truncate(53)), Err(SealError::NotSealed));
    assert_eq!(altered(&short, |bytes| bytes.truncate(38)), Err(SealError::NotSealed));
    assert_eq!(altered(&short, |bytes| bytes.truncate(6)), Err(SealError::NotSealed));
    // A full segment with an empty one behind it is never written.
    assert_eq!(altered(&long, |bytes| bytes.extend([0; 16])), Err(SealError::NotSealed));
    let most = HEADER_BYTES + SALT_BYTES + 256 * SEALED_SEGMENT_BYTES;
    assert!(altered(&short, |bytes| bytes.resize(most, 0)).is_ok());
    assert_eq!(altered(&short, |bytes| bytes.resize(most + 17, 0)), Err(SealError::NotSealed));
}

/// The five values of small order below the prime, and two of their other spellings.
#[test]
fn public_keys_with_which_everybody_could_open_are_refused() {
    let low_order = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];

    for hex in low_order {
        let bytes = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap();
        assert_eq!(PublicKey::from_bytes(bytes), Err(SealError::WeakPublicKey), "{hex}");
    }
    let good = HouseholdKey::generate().public();
    assert_eq!(PublicKey::from_bytes(*good.as_bytes()), Ok(good));
}

#[test]
fn what_is_printed_gives_nothing_away() {
    let content = new_content_key();
    let sealed = content.seal(Part::Text, &about(), b"Ana").unwrap();
    let key = content.seal_for(&HouseholdKey::generate().public(), &about());

    assert_eq!(format!("{sealed:?}"), "Sealed(57 bytes)");
    assert_eq!(format!("{key:?}"), "SealedKey");
}

/// Puts together by hand what the documentation of the format says.
#[test]
fn the_format_is_the_documented_one() {
    let salt = [5; 32];
    let content = ContentKey(secret::Secret::copied(&[6; 32]));
    let mut material = [0; 39];
    Hkdf::<Sha256>::new(Some(&salt), &[6; 32])
        .expand(b"hutch part of an item\x01", &mut material)
        .unwrap();
    let cipher = ChaCha20Poly1305::new_from_slice(&material[..32]).unwrap();
    let header = *b"\x89HTC\x01\x01";
    let mut aad = header.to_vec();
    aad.extend([2, 1]);
    aad.extend([1; 16]);
    aad.extend([1]);
    aad.extend([2; 16]);
    aad.extend([1]);
    aad.extend([3; 16]);
    let segment = |number: u32, last: u8, msg: &[u8]| {
        let nonce = [&material[32..], &number.to_be_bytes(), &[last]].concat();
        let nonce = nonce.as_slice().try_into().unwrap();
        cipher.encrypt(nonce, Payload { msg, aad: &aad }).unwrap()
    };

    let bytes = plain(70_000);
    let by_hand = [
        header.as_slice(),
        &salt,
        &segment(0, 0, &bytes[..SEGMENT_BYTES]),
        &segment(1, 1, &bytes[SEGMENT_BYTES..]),
    ]
    .concat();

    let sealed = Sealed::from_stored(by_hand).unwrap();
    assert_eq!(*content.open(Part::Sound, &about(), &sealed).unwrap(), bytes);
}

/// Files that version 1 wrote. They and this test stay for ever.
#[test]
fn files_of_version_1_open() {
    let household = HouseholdKey::from_bytes(&Zeroizing::new(*include_bytes!(
        "../../tests/data/seal/v1.household-key"
    )));
    let device = DeviceKey::from_bytes(&Zeroizing::new(*include_bytes!(
        "../../tests/data/seal/v1.device-key"
    )));
    let stored = |bytes: &[u8]| Sealed::from_stored(bytes.to_vec()).unwrap();
    let sound = stored(include_bytes!("../../tests/data/seal/v1.sound"));
    let clip = stored(include_bytes!("../../tests/data/seal/v1.clip"));
    let key = include_bytes!("../../tests/data/seal/v1.key");
    let key = SealedKey::from_stored(key.to_vec()).unwrap();

    let content = household.open(&key, &about()).unwrap();

    let expected = include_bytes!("../../tests/data/seal/v1.plain");
    assert!(**content.open(Part::Sound, &about(), &sound).unwrap() == *expected);
    assert!(**device.open(&about(), &clip).unwrap() == expected[..1_000]);
}

/// Wraps and sealed household keys that version 1 wrote. They and this test stay for ever.
#[test]
fn keys_that_version_1_put_away_open() {
    let household = include_bytes!("../../tests/data/seal/v1.household-key");
    let wrap_key = WrapKey::from_bytes(include_bytes!("../../tests/data/seal/v1.wrap-key"));
    let wrap = Wrap::from_stored(include_bytes!("../../tests/data/seal/v1.wrap").to_vec());
    let recovery =
        recovery::RecoveryKey::from_text(include_str!("../../tests/data/seal/v1.recovery-key"))
            .unwrap();
    let sealed = include_bytes!("../../tests/data/seal/v1.recovery").to_vec();
    let sealed = recovery::SealedHousehold::from_stored(sealed).unwrap();

    assert_eq!(**wrap_key.open(&place(), &wrap.unwrap()).unwrap(), *household);
    assert_eq!(*recovery.open(&sealed).unwrap().to_bytes(), *household);
}

/// A key before that version 1 put away. It and this test stay for ever.
#[test]
fn a_key_before_that_version_1_put_away_opens() {
    let household = HouseholdKey::from_bytes(&Zeroizing::new(*include_bytes!(
        "../../tests/data/seal/v1.household-key"
    )));
    let before = HouseholdKey::from_bytes(&Zeroizing::new(*include_bytes!(
        "../../tests/data/seal/v1.previous-key"
    )));
    let sealed = include_bytes!("../../tests/data/seal/v1.previous").to_vec();
    let sealed = SealedPrevious::from_stored(sealed).unwrap();
    let key = new_content_key().seal_for(&before.public(), &about());

    assert!(household.with_previous(&sealed).unwrap().open(&key, &about()).is_ok());
}

#[test]
fn while_keys_are_changed_either_opens() {
    let (before, next) = (HouseholdKey::generate(), HouseholdKey::generate());
    let other = HouseholdKey::generate();
    let sealed = before.seal_for_next(&next);
    let (public, content) = (next.public(), new_content_key());
    let old = content.seal_for(&before.public(), &about());
    let new = content.seal_for(&public, &about());
    assert!(next.open(&old, &about()).is_err());

    let both = next.with_previous(&sealed).unwrap();

    assert!(both.public() == public, "what is sealed from here on is sealed for the new key");
    for key in [&both, &both.again()] {
        assert!(key.open(&old, &about()).is_ok());
        assert!(key.open(&new, &about()).is_ok());
    }
    assert!(before.open(&new, &about()).is_err(), "the key before opens nothing newer");
    // What is wrapped from here on is the new key alone.
    assert!(HouseholdKey::from_bytes(&both.to_bytes()).open(&old, &about()).is_err());
    assert_eq!(before.with_previous(&sealed).err(), Some(SealError::DoesNotOpen));
    assert_eq!(other.with_previous(&sealed).err(), Some(SealError::DoesNotOpen));
}

#[test]
fn a_damaged_key_before_is_refused() {
    let (before, next) = (HouseholdKey::generate(), HouseholdKey::generate());
    let bytes = before.seal_for_next(&next).as_bytes().to_vec();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        let opened = SealedPrevious::from_stored(damaged)
            .and_then(|sealed| next.again().with_previous(&sealed).map(|_key| ()));
        assert!(opened.is_err(), "byte {at}");
        assert!(SealedPrevious::from_stored(bytes[..at].to_vec()).is_err(), "{at} bytes");
    }
    assert_eq!(format!("{:?}", before.seal_for_next(&next)), "SealedPrevious");
}

#[test]
fn a_wrap_opens_in_its_place_alone() {
    let key = WrapKey::from_bytes(&[1; 32]);
    let wrap = key.wrap(&place(), b"a private key").unwrap();

    assert_eq!(**key.open(&place(), &wrap).unwrap(), *b"a private key");
    for elsewhere in [
        Place { opener: Opener::Session, ..place() },
        Place { opener: Opener::Link, ..place() },
        Place { id: [5; 16], ..place() },
    ] {
        assert_eq!(key.open(&elsewhere, &wrap).err(), Some(SealError::DoesNotOpen));
    }
    let other = WrapKey::from_bytes(&[2; 32]);
    assert_eq!(other.open(&place(), &wrap).err(), Some(SealError::DoesNotOpen));
    assert!(Sealed::from_stored(wrap.as_bytes().to_vec()).is_err(), "it is no part of an item");
}

#[test]
fn a_recovery_key_is_an_identity_of_age() {
    let text = recovery::RecoveryKey::generate().to_text();

    assert_eq!(text.len(), 74);
    assert!(text.starts_with("AGE-SECRET-KEY-1"));
    let spaced = text.to_lowercase().replace("key-1", "key-1 ");
    let again = recovery::RecoveryKey::from_text(&spaced).unwrap();
    assert_eq!(*again.to_text(), *text);
    for wrong in
        ["", "AGE-SECRET-KEY-1", &text[..73], &text.replace("AGE", "EGA"), &text.replace('1', "2")]
    {
        assert!(recovery::RecoveryKey::from_text(wrong).is_err(), "{}", wrong.len());
    }
}

fn place() -> Place {
    Place { opener: Opener::Password, id: [4; 16] }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_sealed_comes_back(plain in prop::collection::vec(any::<u8>(), 0..3_000)) {
        let key = new_content_key();

        let sealed = key.seal(Part::Sound, &about(), &plain).unwrap();

        prop_assert_eq!(&*key.open(Part::Sound, &about(), &sealed).unwrap(), &plain);
    }

    #[test]
    fn any_change_is_noticed(
        length in 0_usize..150_000,
        place in any::<prop::sample::Index>(),
        flip in 1_u8..,
    ) {
        let key = new_content_key();
        let sealed = key.seal(Part::Sound, &about(), &plain(length)).unwrap();
        let place = place.index(sealed.as_bytes().len());

        let flipped = altered(&sealed, |bytes| bytes[place] ^= flip);
        let cut = altered(&sealed, |bytes| bytes.truncate(place));

        for changed in [flipped, cut] {
            let opened = changed.and_then(|changed| key.open(Part::Sound, &about(), &changed));
            prop_assert!(opened.is_err());
        }
    }

    #[test]
    fn any_bytes_are_refused_calmly(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        form in 0_u8..5,
    ) {
        let household = HouseholdKey::generate();
        let device = DeviceKey::generate();
        let content = new_content_key();
        let headed = [b"\x89HTC".as_slice(), &[form, 1], &bytes].concat();

        for bytes in [bytes, headed] {
            let opened = Sealed::from_stored(bytes.clone())
                .and_then(|sealed| content.open(Part::Sound, &about(), &sealed));
            prop_assert!(opened.is_err());
            let opened = Sealed::from_stored(bytes.clone())
                .and_then(|sealed| device.open(&about(), &sealed));
            prop_assert!(opened.is_err());
            let opened = SealedKey::from_stored(bytes)
                .and_then(|key| household.open(&key, &about()));
            prop_assert!(opened.is_err());
        }
    }
}
