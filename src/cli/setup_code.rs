//! `hutch setup-code`.

use anyhow::bail;

use super::{files, place::Place};
use crate::{
    config::Layer,
    control::{Answer, AskError, Request, SOCKET, ask},
};

/// Show the code that sets this hub up
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
}

/// Asks the running hub and prints what it says.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let config = args.place.settings(Layer::default())?;
    match ask(&config.run.join(SOCKET), &Request::SetupCode)? {
        Answer::SetupCode { code: Some(code), address } => files::print(
            format!(
                "Open {address} in a browser on this computer and enter the set-up code\n\
                 \n    {code}\n\n\
                 It is good for a day and ten tries; after that, ask again for another one.\n"
            )
            .as_bytes(),
        ),
        Answer::SetupCode { code: None, address } => {
            bail!("this hub is set up already and needs no code: sign in at {address}")
        }
        Answer::Accounts { .. }
        | Answer::AccountReset { .. }
        | Answer::Erasing
        | Answer::Fingerprints { .. }
        | Answer::Heard { .. }
        | Answer::Toys { .. }
        | Answer::ProbeBegun
        | Answer::Probe { .. }
        | Answer::Error { .. } => Err(AskError::Garbled.into()),
    }
}
