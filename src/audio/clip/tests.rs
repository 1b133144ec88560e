use proptest::prelude::*;

use super::*;

fn pcm(n_samples: usize) -> Pcm {
    Pcm { rate: 16_000, samples: vec![1_000; n_samples] }
}

#[test]
fn one_frame_is_added_to_flush_the_last() {
    let clip = Clip::encode(&pcm(641)).unwrap();

    assert_eq!(clip.length_ms(), 80);
    let mut samples = vec![1_000; 641];
    samples.resize(4 * 320, 0);
    assert_eq!(clip.as_bytes(), audio32::encode(&samples));
}

#[test]
fn forty_seconds_fit_to_the_brim() {
    assert_eq!(Clip::encode(&pcm(639_680)).unwrap().length_ms(), 40_000);
    assert_eq!(Clip::encode(&pcm(640_000)).unwrap().length_ms(), 40_000);

    let refused = Clip::encode(&pcm(640_001)).unwrap_err();

    assert_eq!(refused, AudioError::TooLong { length_ms: 40_001, slot_ms: 40_000 });
}

#[test]
fn other_rates_and_nothing_are_refused() {
    let recording = Pcm { rate: 8_000, samples: vec![0; 800] };

    assert_eq!(Clip::encode(&recording).unwrap_err(), AudioError::Rate(8_000));
    assert_eq!(Clip::encode(&pcm(0)).unwrap_err(), AudioError::NoSound);
}

#[test]
fn a_stored_clip_comes_back() {
    let clip = Clip::encode(&pcm(5_000)).unwrap();

    let back = Clip::from_stored(clip.as_bytes().to_vec()).unwrap();

    assert_eq!(back, clip);
    assert_eq!(back.into_bytes(), clip.as_bytes());
}

#[test]
fn what_is_no_clip_is_refused() {
    let clip = Clip::encode(&pcm(5_000)).unwrap().into_bytes();
    let cut = clip[..clip.len() - 1].to_vec();
    let long = audio32::encode(&vec![0; 640_001]);
    let bare = audio32::encode(&[]);

    let length = clip.len();
    assert_eq!(
        Clip::from_stored(cut),
        Err(AudioError::ClipLength { promised: length, present: length - 1 })
    );
    assert!(matches!(Clip::from_stored(long), Err(AudioError::TooLong { length_ms: 40_020, .. })));
    assert_eq!(Clip::from_stored(bare), Err(AudioError::NoSound));
    assert!(Clip::from_stored(vec![0; 100]).is_err());
}

#[test]
fn debug_says_nothing_of_the_sound() {
    assert_eq!(format!("{:?}", Clip::encode(&pcm(320)).unwrap()), "Clip { length_ms: 40, .. }");
}

#[test]
fn cutting_keeps_what_fits() {
    assert_eq!(cut(&pcm(700_000)), pcm(640_000));
    assert_eq!(cut(&pcm(100)), pcm(100));
}

#[test]
fn sound_that_fits_is_one_part() {
    assert_eq!(split(&pcm(640_000)), [pcm(640_000)]);
    assert!(split(&pcm(0)).is_empty());
}

#[test]
fn sound_is_split_in_its_pauses() {
    let mut long = pcm(1_500_000);
    // A pause of half a second at 35 s, shorter ones before and after.
    long.samples[556_000..564_000].fill(3);
    long.samples[500_000..502_000].fill(0);
    long.samples[620_000..622_000].fill(0);

    let parts = split(&long);

    assert_eq!(parts.len(), 3);
    let first = parts[0].samples.len();
    assert!((556_000..564_000).contains(&first), "{first}");
}

#[test]
fn sound_without_a_pause_is_split_as_late_as_possible() {
    let lengths: Vec<u32> = split(&pcm(900_000)).iter().map(Pcm::length_ms).collect();

    assert_eq!(lengths, [39_980, 16_270]);
}

#[test]
fn the_last_part_is_no_lone_syllable() {
    let lengths: Vec<u32> = split(&pcm(640_001)).iter().map(Pcm::length_ms).collect();

    assert_eq!(lengths, [39_001, 1_000]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_parts_are_the_whole_and_each_fits(
        seconds in prop::collection::vec(0_i16..2_000, 0..130),
        odd in 0_usize..8_000,
        rate in prop::sample::select(vec![8_000_u32, 16_000]),
    ) {
        let each = usize::try_from(rate).unwrap();
        let mut samples: Vec<i16> =
            seconds.iter().flat_map(|&level| vec![level; each]).collect();
        samples.resize(samples.len() + odd, 5);
        let whole = Pcm { rate, samples };

        let parts = split(&whole);

        prop_assert!(parts.iter().all(|part| part.length_ms() <= Clip::MAX_MS));
        if 1 < parts.len() {
            prop_assert!(parts.iter().all(|part| 1_000 <= part.length_ms()));
        }
        prop_assert_eq!(parts.into_iter().flat_map(|part| part.samples).collect::<Vec<_>>(), whole.samples);
    }
}
