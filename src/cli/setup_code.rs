//! `hutch setup-code`.

use std::fmt::Write as _;

use anyhow::bail;

use super::{
    files,
    place::Place,
    places::{for_camera, listed, of_phones},
};
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
        Answer::SetupCode { code: Some(code), places } => {
            let mut text = format!(
                "Open the hub's page in a browser\n\n{}\nand enter the set-up code\n\
                 \n    {code}\n\n\
                 It is good for a day and ten tries; after that, ask again for another one.\n",
                listed(&places)
            );
            if let Some(place) = of_phones(&places) {
                let code = for_camera(place)?;
                write!(text, "\nThe page for a phone's camera:\n\n{code}\n")?;
            }
            files::print(text.as_bytes())
        }
        Answer::SetupCode { code: None, places } => {
            let at = places.join(" or ");
            bail!("this hub is set up already and needs no code: sign in at {at}")
        }
        Answer::Accounts { .. }
        | Answer::AccountReset { .. }
        | Answer::Erasing
        | Answer::Fingerprints { .. }
        | Answer::Kernel { .. }
        | Answer::Heard { .. }
        | Answer::Toys { .. }
        | Answer::ProbeBegun
        | Answer::Probe { .. }
        | Answer::Error { .. } => Err(AskError::Garbled.into()),
    }
}
