//! `hutch update`: another version of Hutch on this computer, from a signed package.
//!
//! What is done in which order is [`update`]'s; here it is done, with Debian's own programs. Everything that
//! is kept meanwhile lies in a folder that only root reads. A package is copied there before it is looked
//! at, so that what was checked is what is installed.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read as _},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use tokio::time::{sleep, timeout};

use super::{identity::fingerprints, watch::ask_health};
use crate::{
    care::{Disk, Space as _},
    config::Config,
    control::{Answer, Request, SOCKET, ask},
    state::Folder,
    store::snapshot,
    update::{self, Computer, Journal, Trouble, Which, signed},
};

pub use crate::update::End;

/// What root keeps of updates.
const WORK: &str = "/var/lib/hutch-update";
/// Where apt leaves what it has fetched.
const APT: &str = "/var/cache/apt/archives";
/// How far an update has come.
const JOURNAL: &str = "journal.json";
/// The package of the version to come.
const NEW: &str = "new.deb";
/// The package of the version that runs: the way back.
const CURRENT: &str = "current.deb";
/// A package of Hutch is a tenth of this.
const MAX_PACKAGE_BYTES: u64 = 256 << 20;
const MAX_SIGNATURE_BYTES: u64 = 4 << 10;
/// How long the hub gets to bring the database up to date and to answer.
const WELL_WITHIN: Duration = Duration::from_secs(90);
const ASKS_EVERY: Duration = Duration::from_secs(1);
/// How long one answer may take.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);
/// What there must be beside a copy of the database: the package, unpacked, and some air.
const SPARE_BYTES: u64 = 128 << 20;
/// What has dpkg ask nobody: a setting that somebody changed stays.
const SETTINGS_STAY: [&str; 2] = ["--force-confdef", "--force-confold"];
const UNITS: [&str; 2] = ["hutch.socket", "hutch.service"];

/// What came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Updated {
    /// There was no package to take.
    Nothing,
    /// There was, or an update that the power had cut short.
    Ended {
        /// The version before.
        from: String,
        /// The version that was to come.
        to: String,
        /// How it ended.
        end: End,
    },
}

/// Updates this computer.
pub struct Update {
    config: Config,
    key: Option<&'static str>,
    work: PathBuf,
    apt: PathBuf,
    /// Where Debian's programs are; nothing: wherever the system finds them.
    programs: Option<PathBuf>,
    /// Whether systemd runs here: else there is no service to wait for.
    is_booted: bool,
}

impl Update {
    /// For the household of these settings, by the key that this program was built with.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            key: signed::RELEASE_KEY,
            work: PathBuf::from(WORK),
            apt: PathBuf::from(APT),
            programs: None,
            is_booted: Path::new("/run/systemd/system").exists(),
        }
    }

    /// Takes a package, or the newest one of a folder. Where an update was cut short, that is ended first,
    /// and nothing else is begun.
    pub fn run(&self, from: &Path, tell: &mut dyn FnMut(&str)) -> anyhow::Result<Updated> {
        // What was begun is ended all the same.
        if self.key.is_none() && !self.work.join(JOURNAL).exists() {
            return Err(signed::Unsigned::NoKey.into());
        }
        let work = Folder::prepare(&self.work)
            .context("preparing the folder of updates, which needs root")?;
        let _lock = work.lock()?;
        let begun = journal(&work)?;
        let was_cut_short = begun.is_some();
        let journal = match begun {
            Some(journal) => {
                tell(&format!("an update to {} was cut short, and goes on", journal.to));
                journal
            }
            None => match self.begin(&work, from, tell) {
                Ok(Some(journal)) => journal,
                begun => {
                    // What was looked at and not taken, by this update or one that the power cut short.
                    work.remove(NEW)?;
                    return begun.map(|_none| Updated::Nothing);
                }
            },
        };
        let (from, to) = (journal.from.clone(), journal.to.clone());
        let mut computer = Here {
            update: self,
            work: &work,
            tell,
            to: to.clone(),
            from: from.clone(),
            was_cut_short,
        };
        let end = update::run(journal, &mut computer)
            .context("the update is not at its end; run hutch update once more to go on with it")?;
        // One that works is the way back by now; whoever wants another once more has it elsewhere.
        work.remove(NEW)?;
        Ok(Updated::Ended { from, to, end })
    }

    /// Looks at everything that could be in the way before something is changed.
    fn begin(
        &self,
        work: &Folder,
        from: &Path,
        tell: &mut dyn FnMut(&str),
    ) -> anyhow::Result<Option<Journal>> {
        let Some(package) = self.newest(from)? else { return Ok(None) };
        tell(&format!("looking at {}", package.display()));
        let bytes = read(&package, MAX_PACKAGE_BYTES)?;
        let signature = read(&signature_of(&package), MAX_SIGNATURE_BYTES)?;
        let signature =
            String::from_utf8(signature).map_err(|_odd| signed::Unsigned::NotASignature)?;
        signed::check(self.key, &bytes, &signature)?;
        work.replace(NEW, &bytes)?;
        drop(bytes);
        let new = work.path().join(NEW);
        let name = self.field(&new, "Package")?;
        if name != "hutch" {
            bail!("this is a package of {name}, and not of Hutch");
        }
        let (before, to) = (self.installed()?, self.field(&new, "Version")?);
        if !self.is_newer(&to, &before)? {
            // Also an old release is signed: whoever puts one here may want its faults back.
            bail!("{to} is not newer than {before}, which is installed");
        }
        self.look_for_room()?;
        let has_way_back = self.find_way_back(work, &before)?;
        tell(&format!("updating from {before} to {to}"));
        if !has_way_back {
            tell(&format!(
                "there is no package of {before} here, so there is no way back by itself this time; \
                 from {to} on there will be"
            ));
        }
        Ok(Some(Journal::new(&before, &to, has_way_back)))
    }

    /// Returns the package that is meant: in a folder, the newest that has a signature.
    fn newest(&self, from: &Path) -> anyhow::Result<Option<PathBuf>> {
        if !from.is_dir() {
            return Ok(Some(from.to_owned()));
        }
        let entries = fs::read_dir(from).with_context(|| format!("reading {}", from.display()))?;
        let mut newest: Option<(PathBuf, String)> = None;
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_ours = name.starts_with("hutch_") && name.ends_with(".deb");
            if !is_ours || !signature_of(&path).is_file() {
                continue;
            }
            let version = self.field(&path, "Version")?;
            let is_newer = match &newest {
                Some((_, known)) => self.is_newer(&version, known)?,
                None => true,
            };
            if is_newer {
                newest = Some((path, version));
            }
        }
        // What is installed already may lie there for ever.
        let installed = self.installed()?;
        match newest {
            Some((path, version)) if self.is_newer(&version, &installed)? => Ok(Some(path)),
            _ => Ok(None),
        }
    }

    fn look_for_room(&self) -> anyhow::Result<()> {
        let state = &self.config.state;
        let database = fs::metadata(state.join("hutch.db")).map_or(0, |found| found.len());
        let needed = database.saturating_add(SPARE_BYTES);
        match Disk(state.clone()).room() {
            Some(room) if room.free_bytes < needed => bail!(
                "{} MiB must be free on the disk for an update, and {} are: make room first",
                needed >> 20_u32,
                room.free_bytes >> 20_u32
            ),
            _ => Ok(()),
        }
    }

    /// Returns whether there is a package of the version that is installed; one that apt has is kept.
    fn find_way_back(&self, work: &Folder, before: &str) -> anyhow::Result<bool> {
        let current = work.path().join(CURRENT);
        if current.exists()
            && self.field(&current, "Version").is_ok_and(|version| version == before)
        {
            return Ok(true);
        }
        // apt writes a colon of a version so.
        let begins = format!("hutch_{}_", before.replace(':', "%3a"));
        let Ok(entries) = fs::read_dir(&self.apt) else { return Ok(false) };
        let found = entries.flatten().map(|entry| entry.path()).find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&begins) && name.ends_with(".deb")
        });
        let Some(found) = found else { return Ok(false) };
        if self.field(&found, "Version").is_ok_and(|version| version == before) {
            work.replace(CURRENT, &read(&found, MAX_PACKAGE_BYTES)?)?;
            return Ok(true);
        }
        Ok(false)
    }

    fn installed(&self) -> anyhow::Result<String> {
        let shown = self.call("dpkg-query", &["--show", "--showformat=${Version}", "hutch"]);
        let version = shown.map_err(|_none| {
            anyhow!("Hutch is not installed as a package on this computer, so it cannot be updated as one")
        })?;
        Ok(version.trim().to_owned())
    }

    fn field(&self, package: &Path, name: &str) -> anyhow::Result<String> {
        let package = package.to_str().context("the package's path is no text")?;
        let shown = self.call("dpkg-deb", &["--field", package, name]);
        let shown = shown.with_context(|| format!("looking into {package}"))?;
        Ok(shown.trim().to_owned())
    }

    fn is_newer(&self, version: &str, than: &str) -> anyhow::Result<bool> {
        let compared =
            self.command("dpkg").args(["--compare-versions", version, "gt", than]).status();
        Ok(compared.context("starting dpkg")?.success())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = match &self.programs {
            Some(folder) => Command::new(folder.join(program)),
            None => Command::new(program),
        };
        // Nobody is there to be asked.
        command
            .stdin(Stdio::null())
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("LC_ALL", "C.UTF-8");
        command
    }

    /// Runs a program, and returns what it prints.
    fn call(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command(program).args(arguments).output();
        let output = output.with_context(|| format!("starting {program}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            // dpkg ends with a list of the packages that it is about.
            let lines =
                said.lines().take_while(|line| !line.starts_with("Errors were encountered"));
            let last = lines.filter(|line| !line.trim().is_empty()).last();
            let last = last.unwrap_or("it says nothing");
            bail!("{program} failed: {}", last.trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs something on the database while no hub has it.
    fn with_database<T>(
        &self,
        work: impl FnOnce(&Path) -> anyhow::Result<T>,
    ) -> anyhow::Result<Option<T>> {
        if !self.config.state.exists() {
            return Ok(None);
        }
        let state = Folder::existing(&self.config.state)?;
        let lock = state.lock()?;
        let done = work(state.path())?;
        drop(lock);
        // The hub's user could not use a lock of root's.
        state.remove_lock()?;
        Ok(Some(done))
    }

    async fn asks_until_well(&self) -> bool {
        loop {
            if let Some(at) = self.address()
                && let Ok(Some(prints)) = fingerprints(&self.config.state)
            {
                let asked =
                    timeout(ANSWERS_WITHIN, ask_health(at, "localhost", prints.names)).await;
                if matches!(asked, Ok(Ok(true))) {
                    return true;
                }
            }
            sleep(ASKS_EVERY).await;
        }
    }

    /// Returns where the hub that runs can be asked, if one does: on this computer, at its own port.
    fn address(&self) -> Option<SocketAddr> {
        let answer = ask(&self.config.run.join(SOCKET), &Request::SetupCode).ok()?;
        let Answer::SetupCode { places, .. } = answer else { return None };
        let place = places.first()?.strip_prefix("https://")?;
        let after_host = place.rsplit_once(']').map_or(place, |(_, after)| after);
        let port = after_host.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port.unwrap_or(443)))
    }
}

/// This computer, while it is updated.
struct Here<'a> {
    update: &'a Update,
    work: &'a Folder,
    tell: &'a mut dyn FnMut(&str),
    from: String,
    to: String,
    was_cut_short: bool,
}

impl Here<'_> {
    /// Has dpkg end what it did for others when the power went: with a package it sets up anew what takes note of
    /// its files, the system bus for one. It does not come back to that by itself.
    fn end_what_is_pending(&mut self) {
        let arguments = [&SETTINGS_STAY[..], &["--configure", "--pending"]].concat();
        // Hutch itself is installed by now; a package that cannot be set up is no reason to go back.
        if let Err(error) = self.update.call("dpkg", &arguments) {
            (self.tell)(&format!(
                "another package is not set up ({error:#}); once Hutch is updated, run dpkg --configure --pending"
            ));
        }
    }

    fn units(&self, verb: &str) -> Result<(), Trouble> {
        if !self.update.is_booted {
            return Ok(());
        }
        let arguments = [&[verb], &UNITS[..]].concat();
        self.update.call("systemctl", &arguments).map(drop).map_err(trouble)
    }

    fn version(&self, which: Which) -> &str {
        match which {
            Which::Before => &self.from,
            Which::New => &self.to,
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn trouble(error: anyhow::Error) -> Trouble {
    Trouble(format!("{error:#}"))
}

impl Computer for Here<'_> {
    fn note(&mut self, journal: Option<&Journal>) -> Result<(), Trouble> {
        let noted = match journal {
            Some(journal) => serde_json::to_vec(journal)
                .context("writing down how far the update is")
                .and_then(|text| Ok(self.work.replace(JOURNAL, &text)?)),
            None => self.work.remove(JOURNAL).map_err(anyhow::Error::from),
        };
        noted.map_err(trouble)
    }

    fn stop(&mut self) -> Result<(), Trouble> {
        self.units("stop")
    }

    fn start(&mut self) -> Result<(), Trouble> {
        self.units("start")
    }

    fn copy(&mut self) -> Result<(), Trouble> {
        (self.tell)("copying the database");
        let copied = self.update.with_database(|state| Ok(snapshot::take(state)?));
        copied.map(drop).map_err(trouble)
    }

    fn put_back(&mut self) -> Result<(), Trouble> {
        let done = self.update.with_database(|state| Ok(snapshot::put_back(state)?));
        done.map(drop).map_err(trouble)
    }

    fn drop_copy(&mut self) -> Result<(), Trouble> {
        let state = &self.update.config.state;
        snapshot::drop_copy(state).map_err(|error| trouble(error.into()))
    }

    fn install(&mut self, which: Which) -> Result<(), Trouble> {
        let version = self.version(which).to_owned();
        let said = match which {
            Which::Before => format!("going back to {version}"),
            Which::New => format!("installing {version}"),
        };
        (self.tell)(&said);
        let package = self.work.path().join(match which {
            Which::Before => CURRENT,
            Which::New => NEW,
        });
        let package = package.to_string_lossy();
        let arguments = [&SETTINGS_STAY[..], &["--install", &package]].concat();
        self.update.call("dpkg", &arguments).map_err(trouble)?;
        if self.was_cut_short {
            self.end_what_is_pending();
        }
        self.start()
    }

    fn is_well(&mut self, which: Which) -> Result<(), Trouble> {
        let version = self.version(which).to_owned();
        if !self.update.is_booted {
            // No service runs: that the program does must do.
            let said = self.update.call("hutch", &["--version"]).unwrap_or_default();
            let upstream = version.rsplit_once('-').map_or(&*version, |(upstream, _)| upstream);
            let is_it = said.trim() == format!("hutch {upstream}");
            return if is_it { Ok(()) } else { Err(Trouble(format!("{version} does not run"))) };
        }
        (self.tell)("waiting until the hub answers");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| trouble(error.into()))?;
        let waited = runtime.block_on(async {
            timeout(WELL_WITHIN, self.update.asks_until_well()).await.is_ok_and(|is_well| is_well)
        });
        if waited {
            return Ok(());
        }
        Err(Trouble(format!("{version} does not answer within {} seconds", WELL_WITHIN.as_secs())))
    }

    fn keep(&mut self) -> Result<(), Trouble> {
        let (new, current) = (self.work.path().join(NEW), self.work.path().join(CURRENT));
        let kept = match fs::rename(&new, &current) {
            // It was, before the power went.
            Err(error) if error.kind() == ErrorKind::NotFound && current.exists() => Ok(()),
            other => other,
        };
        let kept = kept.and_then(|()| File::open(self.work.path())?.sync_all());
        kept.context("keeping the package").map_err(trouble)
    }
}

fn journal(work: &Folder) -> anyhow::Result<Option<Journal>> {
    let Some(text) = work.read(JOURNAL)? else { return Ok(None) };
    let path = work.path().join(JOURNAL);
    let read = serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display()));
    read.map(Some)
}

fn signature_of(package: &Path) -> PathBuf {
    let mut name = package.as_os_str().to_owned();
    name.push(".minisig");
    PathBuf::from(name)
}

fn read(path: &Path, max_bytes: u64) -> anyhow::Result<Vec<u8>> {
    let context = || format!("reading {}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(context)?;
    file.take(max_bytes + 1).read_to_end(&mut bytes).with_context(context)?;
    if max_bytes < u64::try_from(bytes.len()).unwrap_or(u64::MAX) {
        bail!("{} is larger than what it should be", path.display());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
