//! `hutch serve`: the daemon.

use std::{
    io::{IsTerminal as _, Write as _, stdout},
    net::{IpAddr, TcpListener},
    time::Duration,
};

use anyhow::Context as _;
use listenfd::ListenFd;
use tokio_util::sync::CancellationToken;

use super::{
    logging,
    place::Place,
    places::{for_camera, listed, of_phones},
    signals::stop_on_signal,
};
use crate::{
    config::Layer,
    daemon::{News, Serve},
};

/// Run the hub
///
/// The page is served to the home network and to nobody else. A setting that is no flag here stands in
/// the file of settings or in a variable: see the comments in /etc/hutch/hutch.toml.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// Port to listen on, 8443 by default; 0 takes any that is free
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Address to listen on, by default all that this computer has; may be repeated
    #[arg(long, value_name = "ADDR")]
    listen: Vec<IpAddr>,
}

/// Runs the hub until it is told to stop.
pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let Args { place, port, listen } = args;
    let listen = (!listen.is_empty()).then(|| listen.clone());
    let config = place.settings(Layer { port: *port, listen, ..Layer::default() })?;
    logging::start(Some(&config.log));
    let mut serve = Serve::new(config);
    // Not configuration: systemd says where it keeps its end of things.
    serve.credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(Into::into);
    serve.notify = std::env::var_os("NOTIFY_SOCKET");
    serve.watchdog =
        watchdog(&|name| std::env::var_os(name)?.into_string().ok(), std::process::id());
    serve.sockets = passed().context("taking the sockets of the service manager")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Sound is encoded one message at a time, and readers are few.
        .max_blocking_threads(4)
        .build()
        .context("starting the runtime")?;
    let stop = CancellationToken::new();
    runtime.block_on(async {
        tokio::spawn(stop_on_signal(stop.clone()));
        serve.run(tell, stop).await
    })
}

/// Returns how soon systemd wants to hear again that this process is alive (`sd_watchdog_enabled(3)`).
fn watchdog(variable: &dyn Fn(&str) -> Option<String>, own: u32) -> Option<Duration> {
    if variable("WATCHDOG_PID").is_some_and(|process| process.parse() != Ok(own)) {
        return None;
    }
    let within_us = variable("WATCHDOG_USEC")?.parse().ok().filter(|us| 0 < *us)?;
    Some(Duration::from_micros(within_us))
}

/// Returns the sockets that systemd hands over, if it does.
fn passed() -> std::io::Result<Vec<TcpListener>> {
    let mut passed = ListenFd::from_env();
    let listeners = (0..passed.len()).map(|nth| passed.take_tcp_listener(nth));
    Ok(listeners.collect::<std::io::Result<Vec<_>>>()?.into_iter().flatten().collect())
}

/// Tells whoever sits at the terminal. Anywhere else nobody reads it, or a log keeps it.
fn tell(news: &News<'_>) {
    let mut out = stdout().lock();
    if !out.is_terminal() {
        return;
    }
    // A terminal that was closed a moment ago has nobody to tell.
    drop(out.write_all(told(news).as_bytes()).and_then(|()| out.flush()));
}

fn told(news: &News<'_>) -> String {
    match news {
        News::Serves { places } => {
            let whose = match of_phones(places) {
                Some(_) => "on any device at home",
                None => "on this computer",
            };
            // One that cannot be drawn is a comfort less.
            let code = of_phones(places).and_then(|place| for_camera(place).ok());
            let code = code.map_or_else(String::new, |code| format!("\n{code}\n"));
            format!(
                "The hub is running. Open its page in a browser {whose}:\n\n{}{code}\n\
                 Press Ctrl-C here to stop.\n\n",
                listed(places)
            )
        }
        News::SetUpWith { places, code } => format!(
            "It waits to be set up. Open {} and enter the set-up code\n\
             \n    {code}\n\n\
             The browser will warn that it does not know this hub. That is expected: it made its\n\
             certificate itself. Go on to the page.\n\n",
            places.first().map_or("the page", String::as_str)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_shows_the_page_to_a_camera_as_well() {
        let places = ["https://hutch.local:8443", "https://192.168.1.20:8443"];
        let places = places.map(str::to_owned);

        let shown = told(&News::Serves { places: &places });

        assert!(places.iter().all(|place| shown.contains(place)), "{shown}");
        assert!(shown.contains(&for_camera(&places[1]).unwrap()), "{shown}");
        let here = told(&News::Serves { places: &["https://localhost:8443".to_owned()] });
        assert!(here.contains("on this computer") && !here.contains('█'), "{here}");
    }

    #[test]
    fn systemd_says_whether_and_how_soon() {
        let asked = |process: Option<&str>, us: Option<&str>| {
            let (process, us) = (process.map(str::to_owned), us.map(str::to_owned));
            let variable =
                |name: &str| if name == "WATCHDOG_PID" { process.clone() } else { us.clone() };
            watchdog(&variable, 7)
        };

        assert_eq!(asked(Some("7"), Some("60000000")), Some(Duration::from_secs(60)));
        assert_eq!(asked(None, Some("1500000")), Some(Duration::from_millis(1_500)));
        // It was meant for another process, or for nobody.
        assert_eq!(asked(Some("8"), Some("60000000")), None);
        assert_eq!(asked(Some("7"), None), None);
        for nonsense in ["0", "", "-1", "soon"] {
            assert_eq!(asked(None, Some(nonsense)), None, "{nonsense}");
        }
    }
}
