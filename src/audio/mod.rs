//! Sound as samples and as bytes.
//!
//! Sound comes in as a [file](mod@file) of any usual kind or from a toy ([`adpcm`]), is kept as Ogg
//! Opus ([`keep`]) and goes to a toy as a [`Clip`] of [`audio32`], [prepared](prepare) before.
//! Everything here is a function from bytes or samples to bytes or samples: no clock, and a file is
//! the bytes of one. Decoders take any bytes and never take memory for what a header merely claims.

pub mod adpcm;
pub mod audio32;
pub mod clip;
pub mod file;
pub mod keep;
mod loudness;
mod pcm;
mod resample;
#[cfg(test)]
mod tests;
pub mod wav;
mod waveform;

pub use clip::Clip;
pub use pcm::{Pcm, Sound};
pub use resample::resample;
pub use waveform::{Waveform, waveform};

/// Why bytes are not the sound they should be.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum AudioError {
    /// The file ends inside its header.
    #[error("the file is cut off inside its header, after {0} bytes: transfer it again")]
    HeaderCut(usize),
    /// The file is of another kind.
    #[error("the file does not start with \"{0}\", as this kind of file does")]
    WrongKind(&'static str),
    /// A field of the header has a value that no toy uses.
    #[error("the header gives {found} as its {field}, but toys know only {known}")]
    HeaderField {
        /// The field, in words that fit the sentence.
        field: &'static str,
        /// What stands in it.
        found: u16,
        /// What may stand in it.
        known: &'static str,
    },
    /// A WAV file is at fault.
    #[error(transparent)]
    Wav(#[from] wav::WavError),
    /// An Ogg Opus file is at fault.
    #[error(transparent)]
    Keep(#[from] keep::KeepError),
    /// The rate is not one that can be used where it was.
    #[error("sound with {0} samples per second cannot be used here: resample it first")]
    Rate(u32),
    /// There is not one sample.
    #[error("there is no sound in it: record it again")]
    NoSound,
    /// The sound is longer than a slot.
    #[error(
        "the sound lasts {length_ms} ms, but a slot of the toy holds {slot_ms} ms: cut or split it"
    )]
    TooLong {
        /// What it lasts.
        length_ms: u32,
        /// What may be.
        slot_ms: u32,
    },
    /// A clip is not as long as it says.
    #[error("the clip should have {promised} bytes, but has {present}: encode it again")]
    ClipLength {
        /// What its header says.
        promised: usize,
        /// What is there.
        present: usize,
    },
}

/// Makes of any sound what a toy plays well: mono, 16 kHz, at the loudness of all messages.
pub fn prepare(sound: &Sound) -> Result<Pcm, AudioError> {
    Ok(level(resample(&sound.mono(), sound.rate, audio32::RATE)?))
}

/// Brings mono 16 kHz sound to the loudness of all messages.
pub fn level(mut samples: Vec<f32>) -> Pcm {
    loudness::level(&mut samples, audio32::RATE);
    Pcm::from_float(audio32::RATE, &samples)
}

/// Makes mono 16 kHz of any sound and changes nothing else; 16-bit samples at that rate stay exact.
pub fn convert(sound: &Sound) -> Result<Pcm, AudioError> {
    let samples = resample(&sound.mono(), sound.rate, audio32::RATE)?;
    Ok(Pcm::from_float(audio32::RATE, &samples))
}
