//! Files made by the toys' original app, which may not be copied here: the folder that holds them
//! is named by `HUTCH_REAL_FILES`.

use std::path::Path;

use hutch::audio::audio32;

#[test]
fn files_of_the_original_app_sound_as_they_should() {
    let Some(folder) = std::env::var_os("HUTCH_REAL_FILES") else {
        println!("not run: HUTCH_REAL_FILES does not name a folder");
        return;
    };
    for name in ["ext1", "ext2"] {
        let folder = Path::new(&folder);
        let file = std::fs::read(folder.join(format!("{name}.au"))).unwrap();
        let wav = hound::WavReader::open(folder.join(format!("{name}.itu-fixed.wav"))).unwrap();
        let expected: Vec<i16> = wav.into_samples().map(Result::unwrap).collect();

        let decoded = audio32::decode(&file).unwrap();

        assert_eq!(decoded.bad_frames, 0, "{name}");
        assert!(decoded.is_complete(), "{name}");
        assert_eq!(decoded.pcm.samples.len(), expected.len(), "{name}");
        let correlation = correlation(&decoded.pcm.samples, &expected);
        println!("{name}: {correlation:.5}");
        assert!(0.99 <= correlation, "{name}: {correlation}");
    }
}

fn correlation(a: &[i16], b: &[i16]) -> f64 {
    let product = |a: &[i16], b: &[i16]| {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>()
    };
    product(a, b) / (product(a, a) * product(b, b)).sqrt()
}
