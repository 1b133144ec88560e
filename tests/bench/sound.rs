//! How fast sound is worked on.

use std::{fs, path::Path, process::Command, time::Duration};

use hutch::audio::{self, Clip, Pcm, adpcm, audio32, wav};

use crate::{Bar, Figure, best_of};

/// Speech of about a minute, at the toy's rate.
pub(crate) fn speech() -> Pcm {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/vectors/upload");
    let mut samples = Vec::new();
    for name in ["speech_en", "speech_de_tail", "speech_gb_0dbfs", "speech_fr_m12db"] {
        let sound = wav::read(&fs::read(folder.join(format!("{name}.wav"))).unwrap()).unwrap();
        assert_eq!((sound.rate, sound.channels), (audio32::RATE, 1));
        samples.extend(sound.samples.iter().map(|sample| to_i16(*sample)));
    }
    Pcm { rate: audio32::RATE, samples: samples.repeat(4) }
}

/// The codecs alone, on one core.
pub(crate) fn codecs() -> Vec<Figure> {
    let speech = speech();
    let clip = audio32::encode(&speech.samples);
    // Every other sample: what the toy's slower format holds, near enough for timing.
    let slow: Vec<i16> = speech.samples.iter().step_by(2).copied().collect();
    let recording = adpcm::encode(&slow, adpcm::Bits::Four);
    let length = Duration::from_secs_f64(seconds(&speech));

    let encode = best_of(|| audio32::encode(&speech.samples));
    let decode = best_of(|| audio32::decode(&clip).unwrap());
    let fetch = best_of(|| adpcm::decode(&recording).unwrap());

    let times = |took: Duration| Some(length.as_secs_f64() / took.as_secs_f64());
    vec![
        Figure {
            what: "Audio32 encode, one core",
            bar: Bar::TimesRealTime(600.0),
            value: times(encode),
        },
        Figure {
            what: "Audio32 decode, one core",
            bar: Bar::TimesRealTime(600.0),
            value: times(decode),
        },
        Figure { what: "ADPCM decode", bar: Bar::TimesRealTime(5_000.0), value: times(fetch) },
    ]
}

/// An uploaded song or story from the file to the clip, beside ffmpeg's loudness filter and
/// resampler on the same file.
pub(crate) fn preparation() -> Vec<Figure> {
    const SECONDS: usize = 180;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("story.wav");
    fs::write(&file, stereo_44_100(&speech(), SECONDS)).unwrap();

    let ours = best_of(|| {
        let sound = wav::read(&fs::read(&file).unwrap()).unwrap();
        let pcm = audio::prepare(&sound).unwrap();
        // Three minutes are five slots: every one of them is encoded.
        let clips: Vec<Clip> = pcm
            .samples
            .chunks(40 * audio32::RATE as usize)
            .map(|samples| {
                Clip::encode(&Pcm { rate: pcm.rate, samples: samples.to_vec() }).unwrap()
            })
            .collect();
        clips
    });
    let theirs = best_of(|| {
        let status = Command::new("ffmpeg")
            .args(["-nostdin", "-hide_banner", "-loglevel", "error", "-i"])
            .arg(&file)
            .args(["-af", "loudnorm=I=-20:TP=-3", "-ar", "16000", "-ac", "1", "-f", "null", "-"])
            .status();
        assert!(status.is_ok_and(|status| status.success()), "ffmpeg is needed for comparison");
    });

    let (ours, theirs) = (ours.as_secs_f64(), theirs.as_secs_f64());
    eprintln!("ffmpeg's loudnorm and resampler: {:.0} x real time", SECONDS as f64 / theirs);
    vec![
        Figure {
            what: "3 minutes of 44.1 kHz stereo WAV to Audio32, all steps",
            bar: Bar::TimesRealTime(100.0),
            value: Some(SECONDS as f64 / ours),
        },
        Figure {
            what: "the same, compared with ffmpeg's loudnorm and resampler alone",
            bar: Bar::TimesAsFast(1.0),
            value: Some(theirs / ours),
        },
    ]
}

/// Makes a 16-bit stereo WAV by linear interpolation, the right side at half the level.
fn stereo_44_100(speech: &Pcm, seconds: usize) -> Vec<u8> {
    const RATE: u32 = 44_100;
    let n_frames = RATE as usize * seconds;
    let data_bytes = u32::try_from(n_frames * 4).unwrap();
    let mut file = Vec::with_capacity(44 + n_frames * 4);
    file.extend(b"RIFF");
    file.extend((36 + data_bytes).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    for field in [1_u16, 2] {
        file.extend(field.to_le_bytes());
    }
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * 4).to_le_bytes());
    for field in [4_u16, 16] {
        file.extend(field.to_le_bytes());
    }
    file.extend(b"data");
    file.extend(data_bytes.to_le_bytes());
    let n_samples = speech.samples.len();
    for frame in 0..n_frames {
        let position = frame as f64 * f64::from(speech.rate) / f64::from(RATE);
        let at = position as usize;
        let (a, b) = (speech.samples[at % n_samples], speech.samples[(at + 1) % n_samples]);
        let left = f64::from(a) + (f64::from(b) - f64::from(a)) * position.fract();
        for sample in [left as i16, (left / 2.0) as i16] {
            file.extend(sample.to_le_bytes());
        }
    }
    file
}

fn to_i16(sample: f32) -> i16 {
    (sample * 32_768.0).round() as i16
}

fn seconds(pcm: &Pcm) -> f64 {
    pcm.samples.len() as f64 / f64::from(pcm.rate)
}
