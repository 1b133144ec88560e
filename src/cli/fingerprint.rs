//! `hutch fingerprint`.

use std::fmt::Write as _;

use anyhow::bail;
use data_encoding::HEXLOWER;

use super::{files, place::Place, places::for_camera};
use crate::{
    config::{Config, Layer},
    control::{Answer, AskError, Request, SOCKET, ask},
    daemon::fingerprints,
    tls::Fingerprints,
};

/// How many bytes of a fingerprint stand on a line: two lines are easier to compare than one.
const BYTES_A_LINE: usize = 16;

/// Show what to compare before a device is told to trust this hub
///
/// Browsers show the SHA-256 of a certificate in its details. Where it is the same as here, you are
/// connected to this hub and to nobody in between.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
}

/// Asks the running hub, or looks into its folder, and prints what it finds.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let config = args.place.settings(Layer::default())?;
    let found = match ask(&config.run.join(SOCKET), &Request::Fingerprints) {
        Ok(answer) => of(answer)?,
        Err(AskError::Nobody { .. }) => here(&config)?,
        Err(error) => return Err(error.into()),
    };
    files::print(text(&found)?.as_bytes())
}

/// Reads the answer of a hub.
pub(super) fn of(answer: Answer) -> anyhow::Result<Fingerprints> {
    let Answer::Fingerprints { root, names, addresses } = answer else {
        return Err(AskError::Garbled.into());
    };
    let read = |text: String| {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_other| AskError::Garbled)?;
        <[u8; 32]>::try_from(bytes).map_err(|_length| AskError::Garbled)
    };
    Ok(Fingerprints { root: read(root)?, names: read(names)?, addresses: read(addresses)? })
}

fn here(config: &Config) -> anyhow::Result<Fingerprints> {
    match fingerprints(&config.state)? {
        Some(found) => Ok(found),
        None => bail!(
            "no hub runs, and {} holds no certificates yet: start one with hutch serve",
            config.state.display()
        ),
    }
}

/// Returns what a person compares, and the root's once more for a camera.
pub(super) fn text(found: &Fingerprints) -> anyhow::Result<String> {
    let Fingerprints { root, names, addresses } = found;
    let mut text =
        "SHA-256 fingerprints, as browsers show them in the details of a certificate.\n".to_owned();
    for (what, bytes) in [
        ("Where a browser calls the hub by name, such as hutch.local:", names),
        ("Where it calls the hub by its address, such as 192.168.1.20:", addresses),
        ("The household's root, which a device is told to trust:", root),
    ] {
        write!(text, "\n{what}\n{}", lines(bytes))?;
    }
    let code = for_camera(&HEXLOWER.encode(root))?;
    write!(text, "\nThe root's for a camera:\n\n{code}\n")?;
    Ok(text)
}

fn lines(bytes: &[u8; 32]) -> String {
    let line = |part: &[u8]| {
        let pairs: Vec<String> = part.iter().map(|byte| format!("{byte:02X}")).collect();
        format!("    {}\n", pairs.join(":"))
    };
    bytes.chunks(BYTES_A_LINE).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_reads_the_roots_fingerprint() {
        let found = Fingerprints { root: [0xA5; 32], names: [1; 32], addresses: [2; 32] };

        let shown = text(&found).unwrap();

        assert!(shown.contains(&for_camera(&"a5".repeat(32)).unwrap()), "{shown}");
    }
}
