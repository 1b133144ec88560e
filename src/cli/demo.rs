//! `hutch demo`: simulated toys to play with, without a toy, a radio or an account.

use std::io::{Write as _, stdout};

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::signals::stop_on_signal;
use crate::daemon::{Demo, WayIn};

/// Try Hutch with simulated toys
///
/// Two belong to the two children of the demo; a third one lies nearby, to be adopted.
///
/// Everything happens on this computer: the page is served to this computer only, and all that
/// was recorded is gone when the demo ends.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Port to listen on; 0 takes any that is free
    #[arg(long, default_value_t = 8443)]
    port: u16,
}

/// Runs the demo until it is interrupted.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Sound is encoded one message at a time, and readers are few.
        .max_blocking_threads(4)
        .build()
        .context("starting the runtime")?;
    let stop = CancellationToken::new();
    runtime.block_on(async {
        tokio::spawn(stop_on_signal(stop.clone()));
        Demo::throw_away(args.port).run(tell, stop).await
    })
}

/// Prints how to get in. It is the key to the demo: it goes to the terminal and nowhere else.
fn tell(way_in: &WayIn) {
    let WayIn { url, account } = way_in;
    let mut text = Zeroizing::new(format!(
        "Hutch demo: two children with a simulated toy each, and a third toy that nobody has adopted yet.\n\
         Nothing leaves this computer and nothing is kept.\n\
         \n\
         Open this address in a browser here; it signs you in once:\n\
         \n    {}\n\
         \n\
         The browser will warn that it does not know this hub. That is expected: the demo made its\n\
         certificate a moment ago. Go on to the page.\n",
        **url
    ));
    if let Some((name, password)) = account {
        let password = password.as_str();
        *text += &Zeroizing::new(format!(
            "\nIn another browser, sign in with\n\n    Name: {name}\n    Password: {password}\n"
        ));
    }
    *text += "\nPress Ctrl-C here to stop.\n";
    let mut out = stdout().lock();
    // Without a terminal to read it, there is nobody to tell.
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}
