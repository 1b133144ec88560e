//! The task that owns the adapter: it powers it, scans, and connects, one thing at a time.

use std::{fs, io, os::unix::ffi::OsStrExt as _, path::Path, sync::Arc, time::Duration};

use bluer::{Adapter, AdapterEvent, AdapterProperty, Address, ErrorKind, Session};
use futures_util::StreamExt as _;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};

use super::{
    Ask, Shared,
    link::{self, BluezLink, Unfit},
    scan::Scan,
    trouble::{Trouble, answered, answered_within},
};
use crate::{
    model::ToyAddress,
    radio::{RadioError, RadioState},
    toy::{inferred::CONNECTS_WITHIN, wire::NAME_PREFIXES},
};

/// How long a toy that somebody wants to connect to may take to be heard once more.
const HEARD_WITHIN: Duration = Duration::from_secs(5);

/// How long BlueZ may take to give up a connection that did not come about.
const GIVES_UP_WITHIN: Duration = Duration::from_secs(5);

/// How long an adapter may take to be switched on or off.
const SWITCHES_WITHIN: Duration = Duration::from_secs(10);

/// How long it takes to look for the bus, the daemon and an adapter again.
const LOOKS_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// How often the adapter is asked whether it is still there.
const BEAT: Duration = Duration::from_secs(2);

/// An adapter that fails so often in a row at one thing that always works is switched off and on.
const MAX_FAILURES: u32 = 3;

/// How long an adapter is left alone after it was switched off and on.
const SWITCHED_AT_MOST_EVERY: Duration = Duration::from_secs(600);

/// Owns the adapter until it is aborted.
pub(super) async fn own(
    shared: Arc<Shared>,
    mut asks: mpsc::UnboundedReceiver<Ask>,
    wanted: Option<String>,
) {
    let mut owner = Owner { shared, wanted, switches: Switches::default() };
    // At once: an answer of BlueZ may take long.
    owner.shared.show(seen_beside(RadioState::Starting, has_adapter(Path::new(ADAPTERS))));
    loop {
        owner.shared.comes_round();
        let state = seen_beside(owner.attend(&mut asks).await, has_adapter(Path::new(ADAPTERS)));
        owner.shared.show(state);
        let mut pause = std::pin::pin!(sleep(LOOKS_AGAIN_AFTER));
        loop {
            tokio::select! {
                ask = asks.recv() => match ask {
                    Some(ask) => refuse(ask),
                    None => return,
                },
                () = &mut pause => break,
            }
        }
    }
}

fn refuse(ask: Ask) {
    // Whoever asked may have gone.
    drop(ask.answer.send(Err(RadioError::Unreachable)));
}

struct Owner {
    shared: Arc<Shared>,
    wanted: Option<String>,
    switches: Switches,
}

/// When an adapter was last switched off and on because it was stuck.
#[derive(Default)]
struct Switches(Option<Instant>);

impl Switches {
    /// Returns whether it may be done now, and takes note that it is.
    fn may(&mut self) -> bool {
        let is_too_soon = self.0.is_some_and(|at| at.elapsed() < SWITCHED_AT_MOST_EVERY);
        if !is_too_soon {
            self.0 = Some(Instant::now());
        }
        !is_too_soon
    }
}

impl Owner {
    /// Works with an adapter for as long as it works, and returns what is wrong then.
    async fn attend(&mut self, asks: &mut mpsc::UnboundedReceiver<Ask>) -> RadioState {
        // It connects in a thread of its own, which may take long when the bus hangs.
        let Ok(Ok(session)) = timeout(SWITCHES_WITHIN, Session::new()).await else {
            return RadioState::NoBus;
        };
        let mut names = match answered(session.adapter_names()).await {
            Ok(names) => names,
            // A daemon that has no adapter has no object to answer for it, either.
            Err(trouble) => return trouble.state(),
        };
        names.sort_unstable();
        let mut state = RadioState::NoAdapter;
        for name in names {
            let Ok(adapter) = session.adapter(&name) else { continue };
            if !self.is_wanted(&adapter).await {
                continue;
            }
            match switch_on(&adapter).await {
                Ok(()) => return self.work(&adapter, asks).await,
                Err(trouble) => {
                    tracing::debug!(adapter = name, ?trouble, "an adapter cannot be switched on");
                    state = trouble.state_of_switch(is_blocked(&name));
                }
            }
        }
        state
    }

    async fn is_wanted(&self, adapter: &Adapter) -> bool {
        let Some(wanted) = &self.wanted else { return true };
        if adapter.name() == wanted {
            return true;
        }
        let Ok(address) = wanted.parse::<Address>() else { return false };
        answered(adapter.address()).await.is_ok_and(|found| found == address)
    }

    /// Scans and connects. Returns what is wrong when the adapter stops working.
    async fn work(
        &mut self,
        adapter: &Adapter,
        asks: &mut mpsc::UnboundedReceiver<Ask>,
    ) -> RadioState {
        let mut events = match answered(adapter.events()).await {
            Ok(events) => Box::pin(events),
            Err(trouble) => return trouble.state(),
        };
        forget_devices(adapter).await;
        tracing::info!(adapter = adapter.name(), "an adapter is switched on");
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut scan, mut failures) = (None, Failures::default());
        loop {
            self.shared.comes_round();
            if failures.are_too_many() {
                return self.switch_off_and_on(adapter).await;
            }
            match (self.shared.wants_scan(), scan.is_some()) {
                (true, false) => match Scan::start(adapter).await {
                    Ok(started) => {
                        failures.scan = 0;
                        scan = Some(started);
                    }
                    Err(trouble) => {
                        tracing::debug!(?trouble, "could not begin to scan");
                        failures.scan += 1;
                    }
                },
                (false, true) => {
                    if let Some(scan) = scan.take() {
                        scan.stop().await;
                    }
                }
                (true, true) | (false, false) => {}
            }
            // Not before: an adapter that only says that it is powered would be praised again and again.
            if failures.is_none() {
                self.shared.show(RadioState::Works);
            }
            tokio::select! {
                ask = asks.recv() => {
                    let Some(Ask { toy, answer }) = ask else { return RadioState::Unused };
                    if !answer.is_closed() {
                        match self.connect(adapter, scan.take(), toy, answer).await {
                            Ok(()) => failures.connect = 0,
                            Err(Stuck) => failures.connect += 1,
                        }
                    }
                }
                heard = next(&mut scan) => if let Some(heard) = heard {
                    self.shared.hear(heard);
                } else {
                    // BlueZ ended the scan, as it does when the adapter goes: the beat finds out.
                    scan = None;
                    sleep(Duration::from_millis(100)).await;
                },
                event = events.next() => match event {
                    None => return RadioState::NoAdapter,
                    Some(AdapterEvent::PropertyChanged(AdapterProperty::Powered(false))) => {
                        return RadioState::Off;
                    }
                    Some(_) => {}
                },
                () = self.shared.wants_changed.notified() => {}
                _ = beat.tick() => match answered(adapter.is_powered()).await {
                    Ok(true) => failures.beat = 0,
                    Ok(false) => return RadioState::Off,
                    Err(Trouble::NoAnswer) => failures.beat += 1,
                    Err(trouble) => return trouble.state(),
                },
            }
        }
    }

    /// Connects to a toy, and hands the link over to whoever asked for it.
    async fn connect(
        &self,
        adapter: &Adapter,
        scan: Option<Scan>,
        toy: ToyAddress,
        mut answer: oneshot::Sender<Result<BluezLink, RadioError>>,
    ) -> Result<(), Stuck> {
        let outcome = tokio::select! {
            outcome = self.try_connect(adapter, scan, toy) => outcome,
            () = answer.closed() => {
                // An attempt that nobody waits for would block all others.
                if let Ok(device) = adapter.device(Address(toy.0)) {
                    drop(answered_within(GIVES_UP_WITHIN, device.disconnect()).await);
                }
                return Ok(());
            }
        };
        let (answered, stuck) = match outcome {
            Ok(link) => (Ok(link), Ok(())),
            Err(Failed::Toy(error)) => (Err(error), Ok(())),
            Err(Failed::Adapter) => (Err(RadioError::Unreachable), Err(Stuck)),
        };
        // A link that nobody takes is dropped, and ended.
        drop(answer.send(answered));
        stuck
    }

    async fn try_connect(
        &self,
        adapter: &Adapter,
        scan: Option<Scan>,
        toy: ToyAddress,
    ) -> Result<BluezLink, Failed> {
        self.shared.left(toy).await;
        let address = Address(toy.0);
        let scan = if is_known(adapter, address).await? {
            scan
        } else {
            Some(self.hear_again(adapter, scan, toy).await?)
        };
        // BlueZ does not get a connection done while it scans.
        if let Some(scan) = scan {
            scan.stop().await;
        }
        let device = adapter.device(address).map_err(|_bad_name| Failed::Adapter)?;
        // BlueZ would wait for ever for a toy that is not awake.
        match answered_within(CONNECTS_WITHIN, device.connect()).await {
            Ok(()) => {}
            Err(Trouble::Refused(error)) if error.kind == ErrorKind::AlreadyConnected => {}
            Err(trouble) => {
                tracing::debug!(%toy, ?trouble, "a toy did not accept the connection");
                // This ends the attempt, which would otherwise stand in the way of the next.
                let given_up = answered_within(GIVES_UP_WITHIN, device.disconnect()).await;
                return match given_up {
                    _ if trouble.is_no_room() => Err(Failed::Toy(RadioError::NoRoom)),
                    Err(Trouble::NoAnswer) => Err(Failed::Adapter),
                    _ if trouble.is_in_progress() => Err(Failed::Adapter),
                    Ok(()) | Err(Trouble::Refused(_)) => Err(Failed::Toy(RadioError::Unreachable)),
                };
            }
        }
        // What is wrong with the link of a toy ends with it: see its `Drop`.
        BluezLink::new(&self.shared, adapter, device).await.map_err(|unfit| match unfit {
            Unfit::Lost => Failed::Toy(RadioError::LinkLost),
            Unfit::Incomplete => {
                tracing::info!(%toy, "not all that a toy has was found: it is looked at afresh");
                Failed::Toy(RadioError::Unreachable)
            }
        })
    }

    /// Scans until BlueZ knows the toy.
    async fn hear_again(
        &self,
        adapter: &Adapter,
        scan: Option<Scan>,
        toy: ToyAddress,
    ) -> Result<Scan, Failed> {
        let mut scan = match scan {
            Some(scan) => scan,
            None => Scan::start(adapter).await.map_err(|_trouble| Failed::Adapter)?,
        };
        let deadline = sleep(HEARD_WITHIN);
        let mut deadline = std::pin::pin!(deadline);
        while !scan.knows(toy) {
            tokio::select! {
                heard = scan.next() => match heard {
                    Some(heard) => self.shared.hear(heard),
                    None => break,
                },
                () = &mut deadline => break,
            }
        }
        if scan.knows(toy) {
            return Ok(scan);
        }
        scan.stop().await;
        Err(Failed::Toy(RadioError::Unreachable))
    }

    /// Switches a stuck adapter off and on, unless that was done a short while ago.
    async fn switch_off_and_on(&mut self, adapter: &Adapter) -> RadioState {
        if self.switches.may() {
            tracing::warn!(
                adapter = adapter.name(),
                "the adapter is stuck: it is switched off and on"
            );
            // Whether it worked shows when it is switched on again.
            drop(answered_within(SWITCHES_WITHIN, adapter.set_powered(false)).await);
        }
        RadioState::Stuck
    }
}

/// How often in a row the adapter failed at what always works, each by itself: one that scans well
/// may connect no more.
#[derive(Default)]
struct Failures {
    scan: u32,
    connect: u32,
    beat: u32,
}

impl Failures {
    fn are_too_many(&self) -> bool {
        [self.scan, self.connect, self.beat].iter().any(|n_times| MAX_FAILURES <= *n_times)
    }

    fn is_none(&self) -> bool {
        [self.scan, self.connect, self.beat] == [0; 3]
    }
}

/// Nobody is there to answer: the adapter or its daemon does not do what always works.
struct Stuck;

enum Failed {
    /// The toy could not be had.
    Toy(RadioError),
    /// The adapter does not work as it should.
    Adapter,
}

impl From<Trouble> for Failed {
    fn from(_: Trouble) -> Self {
        Self::Adapter
    }
}

async fn next(scan: &mut Option<Scan>) -> Option<crate::radio::Heard> {
    match scan {
        Some(scan) => scan.next().await,
        None => std::future::pending().await,
    }
}

async fn switch_on(adapter: &Adapter) -> Result<(), Trouble> {
    if answered(adapter.is_powered()).await? {
        return Ok(());
    }
    answered_within(SWITCHES_WITHIN, adapter.set_powered(true)).await
}

/// Where Linux has its adapters.
const ADAPTERS: &str = "/sys/class/bluetooth";

/// Returns whether a switch of the computer, or `rfkill`, keeps an adapter off. BlueZ does not tell:
/// "failed" is all that it hears from Linux 6.1.
fn is_blocked(adapter: &str) -> bool {
    let Ok(entries) = fs::read_dir(Path::new(ADAPTERS).join(adapter)) else { return false };
    entries.flatten().filter(|entry| entry.file_name().as_bytes().starts_with(b"rfkill")).any(
        |entry| {
            ["soft", "hard"].iter().any(|kind| {
                fs::read(entry.path().join(kind)).is_ok_and(|is_on| is_on.trim_ascii() == b"1")
            })
        },
    )
}

/// Returns whether Linux has an adapter at all; nothing where it does not say.
fn has_adapter(adapters: &Path) -> Option<bool> {
    match fs::read_dir(adapters) {
        // A connection of one is there as well, behind a colon.
        Ok(entries) => {
            Some(entries.flatten().any(|entry| entry.file_name().as_bytes().starts_with(b"hci")))
        }
        // The folder comes with the first of them.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            adapters.parent().is_some_and(Path::is_dir).then_some(false)
        }
        Err(_) => None,
    }
}

/// Returns what a radio is like of which BlueZ says this, or nothing yet, where Linux has an adapter or none.
///
/// Distributions do not start BlueZ without an adapter. Whoever asks for it then waits in vain, or hears
/// that nobody is there: nothing of which somebody could do anything about, but to plug one in.
fn seen_beside(state: RadioState, has_adapter: Option<bool>) -> RadioState {
    let says_nothing =
        matches!(state, RadioState::Starting | RadioState::NoDaemon | RadioState::Stuck);
    if says_nothing && has_adapter == Some(false) { RadioState::NoAdapter } else { state }
}

async fn is_known(adapter: &Adapter, address: Address) -> Result<bool, Trouble> {
    Ok(answered(adapter.device_addresses()).await?.contains(&address))
}

/// Takes the toys out of BlueZ's list that an earlier run has left there, connected perhaps.
async fn forget_devices(adapter: &Adapter) {
    let Ok(addresses) = answered(adapter.device_addresses()).await else { return };
    for address in addresses {
        let Ok(device) = adapter.device(address) else { continue };
        let Ok(Some(name)) = answered(device.name()).await else { continue };
        if NAME_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            link::end(adapter, &device).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_works_does_not_hide_what_fails() {
        let mut failures = Failures::default();
        assert!(failures.is_none());
        for _ in 0..MAX_FAILURES {
            assert!(!failures.are_too_many());
            failures.connect += 1;
            failures.scan = 0;
            failures.beat = 0;
        }

        assert!(failures.are_too_many() && !failures.is_none());
    }

    #[test]
    fn a_computer_without_an_adapter_is_not_told_to_start_bluez_or_to_wait_for_it() {
        let class = tempfile::tempdir().unwrap();
        let adapters = class.path().join("bluetooth");
        let seen = |state| seen_beside(state, has_adapter(&adapters));

        for state in [RadioState::Starting, RadioState::NoDaemon, RadioState::Stuck] {
            assert_eq!(seen(state), RadioState::NoAdapter, "no driver was loaded: {state}");
        }
        // What is so without one as well is said first, and what works is believed.
        for state in [RadioState::NoBus, RadioState::Denied, RadioState::Works] {
            assert_eq!(seen(state), state);
        }
        fs::create_dir(&adapters).unwrap();
        assert_eq!(seen(RadioState::Stuck), RadioState::NoAdapter, "it was pulled out");

        fs::create_dir(adapters.join("hci0")).unwrap();
        for state in RadioState::ALL {
            assert_eq!(seen(state), state);
        }
        // Without /sys nothing is known.
        let nowhere = class.path().join("sys/class/bluetooth");
        assert_eq!(seen_beside(RadioState::Starting, has_adapter(&nowhere)), RadioState::Starting);
    }

    #[tokio::test(start_paused = true)]
    async fn an_adapter_that_stays_stuck_is_switched_once_in_ten_minutes() {
        let (mut switches, mut switched_at) = (Switches::default(), Vec::new());
        let began = Instant::now();

        // As it goes on: it fails, and is looked at again.
        while began.elapsed() < Duration::from_secs(3_600) {
            if switches.may() {
                switched_at.push(began.elapsed().as_secs());
            }
            tokio::time::advance(LOOKS_AGAIN_AFTER).await;
        }

        assert_eq!(switched_at, [0, 600, 1_200, 1_800, 2_400, 3_000]);
    }
}
