//! `hutch backup`: files from which the household comes back.

use std::{
    fs::File,
    io::IsTerminal as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    confirm::{Question, confirm},
    files,
    place::Place,
    secret,
};
use crate::{
    backup::{self, For, Found, Known, Opens, Progress, Verified},
    clock::{Clock as _, SystemClock},
    config::{Config, Layer},
    control::{Answer, Request, SOCKET, ask},
    model::Timestamp,
    seal::age::Identity,
    state::{Folder, rehearsal_key},
};

/// What somebody types who means it.
const WORD: &str = "replace";

/// How long the last rehearsal of a backup holds.
const REHEARSED_FOR_S: i64 = 30 * 24 * 3_600;

/// The least letters of a passphrase: whoever finds the stick has all the time to guess.
const LEAST_LETTERS: usize = 12;

/// What names the file of a passphrase.
const PASSPHRASE: &str = "--passphrase-file";

/// Make backups, look at them, and bring the household back from one
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Create(Create),
    List(List),
    Verify(Verify),
    Restore(Restore),
}

/// Make a backup, whether the hub runs or not
///
/// It opens with the recovery key, with this program or with any that knows age files. Of older ones
/// in the same folder the latest of each of 7 days, 4 weeks and 3 months stay.
#[derive(Debug, clap::Args)]
struct Create {
    /// The folder to put it into; by default those of the setting `backup_to` that are there
    folder: Option<PathBuf>,
    /// Do nothing where none of the folders of the setting is there
    #[arg(long, conflicts_with = "folder")]
    if_there: bool,
    /// Make one that opens with a passphrase instead, which you are asked for. It stays until you
    /// remove it, with everything that is erased until then
    #[arg(long)]
    passphrase: bool,
    /// File that holds the passphrase, or - for standard input
    #[arg(long, value_name = "FILE", requires = "passphrase")]
    passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Show the backups that there are, and what opens each
#[derive(Debug, clap::Args)]
struct List {
    /// The folder to look into; by default those of the setting `backup_to` that are there
    folder: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Rehearse a restore: open a backup to its last byte and look at everything in it
///
/// The hub's own key opens what it made; the recovery key opens every name and sound as well.
#[derive(Debug, clap::Args)]
struct Verify {
    /// The backup; by default the latest in each folder of the setting `backup_to` that is there
    file: Option<PathBuf>,
    /// Only where the last rehearsal was longer than 30 days ago
    #[arg(long, conflicts_with = "file")]
    due: bool,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    place: Place,
}

/// Bring the household back from a backup
///
/// For a new card or another computer. The hub must not run. You are asked for the recovery key, or the
/// passphrase of the backup. Everybody signs in anew; passwords are those of the backup.
#[derive(Debug, clap::Args)]
struct Restore {
    /// The backup
    file: PathBuf,
    /// Put it in the place of a household that is here, which is kept beside it
    #[arg(long)]
    replace: bool,
    /// Do not ask whether to replace the household that is here
    #[arg(long, requires = "replace")]
    yes: bool,
    #[command(flatten)]
    key: Key,
    #[command(flatten)]
    place: Place,
}

/// What opens a backup.
#[derive(Debug, clap::Args)]
struct Key {
    /// Ask for the recovery key or the passphrase
    #[arg(long)]
    key: bool,
    /// File that holds the recovery key or the passphrase, or - for standard input
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

/// Does what was asked for.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    match &args.command {
        Command::Create(args) => create(args),
        Command::List(args) => list(args),
        Command::Verify(args) => verify(args),
        Command::Restore(args) => restore(args),
    }
}

fn create(args: &Create) -> anyhow::Result<()> {
    let Create { folder, if_there, passphrase, passphrase_file, place } = args;
    let config = place.settings(Layer::default())?;
    let state = household(&config)?;
    // Whoever has asked for one is served by this one.
    drop(std::fs::remove_file(config.run.join(backup::WANTED)));
    if *if_there && !config.backup_to.iter().any(|place| place.is_dir()) {
        return Ok(());
    }
    let places = places(&config, folder.as_deref())?;
    let passphrase = passphrase.then(|| ask_passphrase(passphrase_file.as_deref())).transpose()?;
    let who = passphrase.as_ref().map_or(For::RecoveryKey, |words| For::Passphrase(words));
    let mut failed = None;
    for place in places {
        let now = SystemClock.now();
        let bar = Bar::new();
        let made = backup::make(&state, &place, who, now, &mut bar.tell());
        bar.end();
        backup::give_to_owner(&state);
        match made {
            Ok(made) => {
                let removed = match made.removed.len() {
                    0 => String::new(),
                    1 => ", in the place of an older one".to_owned(),
                    n => format!(", in the place of {n} older ones"),
                };
                let (path, mb) = (made.path.display(), in_mb(made.n_bytes));
                files::print(format!("A backup was made: {path} ({mb}{removed}).\n").as_bytes())?;
            }
            Err(error) => {
                let error =
                    anyhow!(error).context(format!("making a backup in {}", place.display()));
                tracing::warn!(error = format!("{error:#}"), "no backup was made");
                failed = Some(error);
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

fn list(args: &List) -> anyhow::Result<()> {
    let List { folder, place } = args;
    let config = place.settings(Layer::default())?;
    let mut text = String::new();
    for place in places(&config, folder.as_deref())? {
        let all = backup::list(&place)?;
        if all.is_empty() {
            text.extend([format!("{}: no backups\n", place.display())]);
            continue;
        }
        text.extend([format!("{}:\n", place.display())]);
        for Found { path, name, n_bytes } in all {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let opens = match name.opens {
                Opens::RecoveryKey(made_at) => format!("the recovery key of {}", day(made_at)),
                Opens::Passphrase => "its passphrase".to_owned(),
            };
            let (made, mb) = (day(name.made_at), in_mb(n_bytes));
            text.extend([format!("  {file}\n    made {made}, {mb}, opens with {opens}\n")]);
        }
    }
    files::print(text.as_bytes())
}

fn verify(args: &Verify) -> anyhow::Result<()> {
    let Verify { file, due, key, place } = args;
    // Nobody types a key for it.
    file.as_deref().map_or(Ok(()), is_backup)?;
    let config = place.settings(Layer::default())?;
    let state = household(&config)?;
    let identity = match key.read()? {
        Some(identity) => identity,
        None => Identity::Rehearsal(rehearsal_key(&state)?),
    };
    if let Some(file) = file {
        let bar = Bar::new();
        let verified = backup::verify(&state, file, &identity, &mut bar.tell());
        bar.end();
        backup::give_to_owner(&state);
        let verified = verified.with_context(|| format!("looking at {}", file.display()))?;
        return files::print(told(file, &verified).as_bytes());
    }
    let known = Known::read(&state)?;
    let mut failed = None;
    if *due && !config.backup_to.iter().any(|place| place.is_dir()) {
        return Ok(());
    }
    for place in places(&config, None)? {
        let now = SystemClock.now();
        let rehearsed = known.places.get(&*place.to_string_lossy()).and_then(|one| one.verified_at);
        if *due && rehearsed.is_some_and(|at| now < at.after(REHEARSED_FOR_S)) {
            continue;
        }
        let latest = backup::list(&place)?.into_iter().find(|found| {
            found.name.hub == known.hub && matches!(found.name.opens, Opens::RecoveryKey(_))
        });
        let Some(Found { path, .. }) = latest else { continue };
        let bar = Bar::new();
        let verified = backup::verify(&state, &path, &identity, &mut bar.tell());
        bar.end();
        backup::give_to_owner(&state);
        backup::note(&state, &place, now, |known| match &verified {
            Ok(_) => {
                known.verified_at = Some(now);
                Ok(())
            }
            Err(error) => Err(error.sentence()),
        })?;
        match verified {
            Ok(verified) => files::print(told(&path, &verified).as_bytes())?,
            Err(error) => {
                failed = Some(anyhow!(error).context(format!("looking at {}", path.display())));
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Refuses what lies beside backups, and would be taken for a damaged one.
fn is_backup(file: &Path) -> anyhow::Result<()> {
    if backup::is_of_erased(file) {
        bail!(
            "{} is no backup: it says what was erased since the backups beside it were made; take one of \
             those (hutch backup list names them)",
            file.display()
        );
    }
    Ok(())
}

fn restore(args: &Restore) -> anyhow::Result<()> {
    let Restore { file, replace, yes, key, place } = args;
    let config = place.settings(Layer::default())?;
    // Nobody types a key for what is not there.
    File::open(file).with_context(|| format!("opening the backup {}", file.display()))?;
    is_backup(file)?;
    // The computer may be new.
    let state = if config.state.exists() {
        Folder::existing(&config.state)?
    } else {
        Folder::prepare(&config.state).context("preparing the state folder")?
    };
    if matches!(ask(&config.run.join(SOCKET), &Request::SetupCode), Ok(Answer::SetupCode { .. })) {
        bail!(
            "the hub runs; stop it first (sudo systemctl stop hutch.socket hutch.service), and start it \
             again afterwards"
        );
    }
    let lock = state.lock()?;
    if *replace && !yes {
        let about = format!(
            "The household in {} is to make room for the one of the backup. It is kept beside it,\n\
             in the folder replaced, for 30 days, or until the next restore.\n",
            config.state.display()
        );
        confirm(&Question {
            about: &about,
            word: WORD,
            unasked: "nobody is here to be asked; say --yes to replace the household without a question",
            declined: "nothing was changed",
        })?;
    }
    let identity = match key.read()? {
        Some(identity) => identity,
        None => Key { key: true, key_file: None }.read()?.context("asking for the key")?,
    };
    let bar = Bar::new();
    let now = SystemClock.now();
    let restored = backup::restore(&state, file, &identity, *replace, now, &mut bar.tell());
    bar.end();
    drop(lock);
    // Whoever starts next is the hub's user, who could not use a lock of root's.
    state.remove_lock()?;
    let restored = restored.with_context(|| format!("restoring {}", file.display()))?;
    let mut text = format!(
        "The household is back as of {}, with {} recordings and messages.\n",
        day(restored.made_at),
        restored.n_items
    );
    match restored {
        backup::Restored { knows_erased: false, .. } => {
            text += "What was erased since may be among them: no list of that lies beside the backup, or \
                     this key does not open it.\n";
        }
        backup::Restored { n_erased: n @ 1.., .. } => {
            text.extend([format!("{n} of what had been erased since were erased again.\n")]);
        }
        backup::Restored { .. } => {}
    }
    if let Some(replaced) = state.replaced().filter(|_| restored.replaced) {
        text.extend([format!(
            "The household that was here is kept in {} for 30 days; under Care, the page erases it before.\n",
            replaced.display()
        )]);
    }
    text += "Start the hub, and sign in: messages that had not reached a toy set out then.\n";
    files::print(text.as_bytes())
}

impl Key {
    /// Reads what opens a backup, if somebody is to say.
    fn read(&self) -> anyhow::Result<Option<Identity>> {
        if !self.key && self.key_file.is_none() {
            return Ok(None);
        }
        let words = secret::read(
            "Recovery key, or passphrase of the backup",
            "--key-file",
            self.key_file.as_deref(),
        )?;
        Ok(Some(Identity::from_typed(&words)?))
    }
}

fn ask_passphrase(file: Option<&Path>) -> anyhow::Result<zeroize::Zeroizing<String>> {
    let words = secret::read("Passphrase for this backup", PASSPHRASE, file)?;
    if words.chars().count() < LEAST_LETTERS {
        bail!(
            "this passphrase is too short: take at least {LEAST_LETTERS} letters, such as five words \
             that nobody would guess"
        );
    }
    if file.is_none() && *secret::read("The same once more", PASSPHRASE, None)? != *words {
        bail!("these were not the same; nothing was made");
    }
    Ok(words)
}

fn household(config: &Config) -> anyhow::Result<Folder> {
    let state = config.state.exists().then(|| Folder::existing(&config.state)).transpose()?;
    state.filter(Folder::has_household).ok_or_else(|| {
        anyhow!("there is no household in {}; name its folder with --state", config.state.display())
    })
}

/// Returns the folders that backups are in.
fn places(config: &Config, named: Option<&Path>) -> anyhow::Result<Vec<PathBuf>> {
    if let Some(named) = named {
        let found = named.canonicalize().with_context(|| {
            format!("{} is not there; plug in the stick, or name another folder", named.display())
        })?;
        return Ok(vec![found]);
    }
    let there: Vec<PathBuf> =
        config.backup_to.iter().filter(|place| place.is_dir()).cloned().collect();
    if there.is_empty() {
        let all: Vec<String> =
            config.backup_to.iter().map(|place| place.display().to_string()).collect();
        let all = if all.is_empty() { "none is set".to_owned() } else { all.join(", ") };
        bail!(
            "no folder for backups is there ({all}); plug in a stick named HUTCH, name a folder, or put \
             one into the setting backup_to"
        );
    }
    Ok(there)
}

fn told(file: &Path, verified: &Verified) -> String {
    let Verified { made_at, looked, n_opened } = verified;
    let opened = match n_opened {
        Some(n) => format!("each of {n} names and sounds in it was opened"),
        None => "every name and sound in it is whole, and was not opened".to_owned(),
    };
    format!(
        "{} is in order: as of {}, {} recordings and messages; {opened}.\n",
        file.display(),
        day(*made_at),
        looked.n_items
    )
}

fn in_mb(n_bytes: u64) -> String {
    let tenths = n_bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// By the clock of the world: a backup may be looked at anywhere.
fn day(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_second(at.0).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Shows how far it is to whoever is at the terminal.
struct Bar(Option<ProgressBar>);

impl Bar {
    fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {bytes} of {total_bytes} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(250));
        Self(Some(bar))
    }

    fn tell(&self) -> impl FnMut(Progress) + '_ {
        |progress| {
            let Some(bar) = &self.0 else { return };
            match progress {
                Progress::Preparing => bar.set_message("looking at the database"),
                Progress::Bytes { done, of } => {
                    bar.set_message("");
                    bar.set_length(of);
                    bar.set_position(done);
                }
                Progress::Items(n) => bar.set_message(format!("{n} opened")),
            }
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
