//! `hutch audio`: the toy's sound files, made, read and described.

use std::{
    io::{Write as _, stderr},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    files,
    sound_file::{SoundFile, seconds},
};
use crate::audio::{self, AudioError, Clip, audio32, clip, wav};

/// Make, read and describe a toy's sound files
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Encode a WAV file the way toys play it
    ///
    /// Mono WAV with 16 bits at 16 kHz is encoded as it is; other sound is mixed to mono and
    /// resampled first.
    Encode {
        /// WAV file to read; - is standard input
        input: PathBuf,
        /// Clip to write; - is standard output
        output: PathBuf,
        /// Do what is done to messages: bring the sound to their loudness and let its end ring out
        #[arg(long)]
        prepare: bool,
    },
    /// Decode a clip, a toy's recording or Ogg Opus to a WAV file
    ///
    /// What the file is shows in its first bytes. A clip comes out 20 ms late, as from a toy.
    Decode {
        /// File to read; - is standard input
        input: PathBuf,
        /// WAV file to write; - is standard output
        output: PathBuf,
    },
    /// Describe a clip, a toy's recording, a WAV or an Ogg Opus file
    Info {
        /// File to read; - is standard input
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Runs the subcommand.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::Encode { input, output, prepare } => encode(input, output, *prepare),
        Command::Decode { input, output } => decode(input, output),
        Command::Info { file, json } => info(file, *json),
    }
}

fn encode(input: &Path, output: &Path, prepare: bool) -> anyhow::Result<()> {
    let bytes = files::read(input)?;
    let context = || format!("reading {}", files::name(input));
    let sound = wav::read(&bytes).with_context(context)?;
    let file = if prepare {
        let pcm = audio::prepare(&sound).with_context(context)?;
        match Clip::encode(&pcm) {
            Ok(clip) => clip.into_bytes(),
            Err(AudioError::TooLong { .. }) => clip::encode_any(&pcm.samples),
            Err(error) => return Err(error).with_context(context),
        }
    } else {
        audio32::encode(&audio::convert(&sound).with_context(context)?.samples)
    };
    files::write(output, &file)?;
    if Clip::MAX_MS < sound.length_ms() {
        note(&format!(
            "the sound lasts {}, but a slot of a toy holds {}: cut or split it before it goes to one",
            seconds(sound.length_ms()),
            seconds(Clip::MAX_MS)
        ));
    }
    Ok(())
}

fn decode(input: &Path, output: &Path) -> anyhow::Result<()> {
    let bytes = files::read(input)?;
    let file =
        SoundFile::read(&bytes).with_context(|| format!("reading {}", files::name(input)))?;
    files::write(output, &wav::write(&file.pcm))?;
    for fault in file.faults() {
        note(&fault);
    }
    Ok(())
}

fn info(path: &Path, json: bool) -> anyhow::Result<()> {
    let bytes = files::read(path)?;
    let name = files::name(path);
    let file = SoundFile::read(&bytes).with_context(|| format!("reading {name}"))?;
    let text = if json {
        let mut text = serde_json::to_string(&file.body(&name))?;
        text.push('\n');
        text
    } else {
        file.describe(&name)
    };
    files::print(text.as_bytes())
}

/// Tells people something about the outcome that is no failure.
fn note(text: &str) {
    // Without a standard error there is nobody to tell.
    drop(writeln!(stderr(), "note: {text}"));
}
