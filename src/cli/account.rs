//! `hutch account`: what somebody at the machine itself does about accounts.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io::{BufReader, BufWriter, Read, Write as _, stdin},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use indicatif::{BinaryBytes, HumanCount, ProgressBar, ProgressStyle};

use super::{accounts, files, place::Place};
use crate::auth::breached::{Imported, Wanted, import};

/// What the daemon looks for in the folder of a household.
const INDEX_NAME: &str = "breached.idx";

/// A line has 43 bytes at the least: 40 digits, a colon, a digit, and its end.
const MIN_LINE_BYTES: u64 = 43;

/// More than any list has; for a list from a pipe, whose length nobody knows.
const MANY_LINES: u64 = 1 << 30;

const BUFFER_BYTES: usize = 1 << 20;

/// Look after accounts
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// List who has an account, with the name that they sign in with
    List {
        #[command(flatten)]
        place: Place,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Let somebody in again who lost their password
    Reset {
        /// Name that they sign in with
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Refuse passwords that are known from breaches
    ///
    /// Makes an index of a list that you downloaded, in the form of Pwned Passwords: SHA-1 hashes
    /// with counts, ordered by hash. Hutch itself downloads nothing. From then on nobody can choose
    /// a password that is on the list; passwords that are in use stay. An index that was there
    /// before is replaced once all of the new one is written.
    ImportBreached {
        /// List to read; - is standard input
        list: PathBuf,
        /// Leave out passwords that were breached less often: a smaller index
        #[arg(long, value_name = "N", default_value_t = 1)]
        min_count: u64,
        /// Folder of the household
        #[arg(long, value_name = "DIR", default_value = "/var/lib/hutch")]
        state: PathBuf,
    },
}

/// Runs the subcommand.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::List { place, json } => accounts::list(place, *json),
        Command::Reset { name, place } => accounts::reset(place, name),
        Command::ImportBreached { list, min_count, state } => {
            import_breached(list, *min_count, state)
        }
    }
}

fn import_breached(list: &Path, min_count: u64, state: &Path) -> anyhow::Result<()> {
    if !state.is_dir() {
        bail!(
            "there is no folder {}: start Hutch once, or name its folder with --state",
            state.display()
        );
    }
    let (input, length) = open(list)?;
    remove_leftovers(state);
    let bar = progress_bar(length);
    let mut input = BufReader::with_capacity(BUFFER_BYTES, bar.wrap_read(input));
    let lines_expected = length.map_or(MANY_LINES, |length| length / MIN_LINE_BYTES);
    let target = state.join(INDEX_NAME);
    let part = state.join(format!(".{INDEX_NAME}.{}.part", std::process::id()));
    let imported = write_index(&mut input, Wanted { min_count, lines_expected }, state, &part)
        .and_then(|imported| {
            replace(&part, &target, state)
                .with_context(|| format!("writing {}", target.display()))?;
            Ok(imported)
        });
    bar.finish_and_clear();
    if imported.is_err() {
        // It may never have come to be; the first error is the one to tell.
        drop(fs::remove_file(&part));
    }
    let imported = imported.with_context(|| format!("importing {}", files::name(list)))?;
    files::print(describe(&imported, &target).as_bytes())
}

fn describe(imported: &Imported, target: &Path) -> String {
    let Imported { lines, entries, bytes } = *imported;
    format!(
        "Read {} lines. Hutch now refuses {} passwords.\nThe index takes {}: {}\n",
        HumanCount(lines),
        HumanCount(entries),
        BinaryBytes(bytes),
        target.display()
    )
}

/// Opens the list, with its length if it is a file.
fn open(list: &Path) -> anyhow::Result<(Box<dyn Read>, Option<u64>)> {
    if list == Path::new("-") {
        return Ok((Box::new(stdin()), None));
    }
    let context = || format!("reading {}", list.display());
    let file = File::open(list).with_context(context)?;
    let about = file.metadata().with_context(context)?;
    if about.is_dir() {
        bail!("{} is a folder: name the list in it", list.display());
    }
    // A pipe has no length either.
    let length = about.is_file().then_some(about.len());
    Ok((Box::new(file), length))
}

/// Returns a bar that shows on a terminal only.
fn progress_bar(length: Option<u64>) -> ProgressBar {
    let (bar, template) = match length {
        Some(length) => (
            ProgressBar::new(length),
            "{wide_bar} {percent:>3} %  {binary_bytes_per_sec}  {eta} left",
        ),
        None => (ProgressBar::no_length(), "{binary_bytes} read  {binary_bytes_per_sec}"),
    };
    let style = ProgressStyle::with_template(template).expect("the templates are well-formed");
    bar.with_style(style)
}

fn write_index(
    input: &mut BufReader<impl Read>,
    wanted: Wanted,
    state: &Path,
    part: &Path,
) -> anyhow::Result<Imported> {
    let context = || format!("writing {}", part.display());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(part).with_context(context)?;
    // Whoever cleans up sees by this that somebody is still at it.
    file.lock().with_context(context)?;
    #[cfg(unix)]
    give_to_owner_of(state, &file)
        .with_context(|| format!("giving the index to whom {} belongs", state.display()))?;
    let mut output = BufWriter::with_capacity(BUFFER_BYTES, &file);
    let imported = import(input, &mut output, wanted)?;
    output.flush().with_context(context)?;
    file.sync_all().with_context(context)?;
    Ok(imported)
}

/// Makes the daemon's user able to read what root wrote.
#[cfg(unix)]
fn give_to_owner_of(state: &Path, file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let (folder, own) = (fs::metadata(state)?, file.metadata()?);
    if (folder.uid(), folder.gid()) == (own.uid(), own.gid()) {
        return Ok(());
    }
    fchown(file, Some(folder.uid()), Some(folder.gid()))
}

/// Puts the new index in the place of the old one; a power cut leaves one or the other.
fn replace(part: &Path, target: &Path, state: &Path) -> std::io::Result<()> {
    fs::rename(part, target)?;
    File::open(state)?.sync_all()
}

/// Removes what imports that were killed left behind: it may be gigabytes.
fn remove_leftovers(state: &Path) {
    let is_part = |name: &OsStr| {
        let name = name.to_string_lossy();
        name.strip_prefix('.').is_some_and(|name| name.starts_with(INDEX_NAME))
            && name.ends_with(".part")
    };
    let Ok(entries) = fs::read_dir(state) else { return };
    for entry in entries.flatten().filter(|entry| is_part(&entry.file_name())) {
        let is_abandoned = File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if is_abandoned {
            // Should it stay, the import does not need its room for certain.
            drop(fs::remove_file(entry.path()));
        }
    }
}
