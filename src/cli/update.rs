//! `hutch update`.

use std::path::PathBuf;

use anyhow::bail;

use super::{files, place::Place};
use crate::{
    config::Layer,
    daemon::{End, Update, Updated},
};

/// Install a newer version from a signed file, and go back by itself if it does not work
///
/// Beside FILE there must be its signature, FILE.minisig. Hutch looks for nothing on the internet: a
/// release is brought here by hand. Needs root.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The package, or a folder, of which the newest is taken
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// Updates.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let Args { from, place } = args;
    let config = place.settings(Layer::default())?;
    let mut tell = |said: &str| {
        // Whoever does not read it wants the update all the same.
        drop(files::print(format!("{said}\n").as_bytes()));
    };
    let Updated::Ended { from: before, to, end } = Update::new(config).run(from, &mut tell)? else {
        return files::print(b"there is nothing newer\n");
    };
    match end {
        End::Updated => files::print(format!("Hutch is {to} now, and works\n").as_bytes()),
        End::CalledOff { because } => bail!("nothing was changed, Hutch is {before}: {because}"),
        End::WentBack { because } => bail!("Hutch is {before} again: {because}"),
        End::NoWayBack { because } => bail!(
            "{because}, and there is no package of {before} to go back to. Install it by hand: stop the hub, \
             dpkg --install it, and if it does not take the database, put before-update.db in the state \
             folder in the place of hutch.db"
        ),
    }
}
