//! `hutch serve`: a household that stays, on this computer.

use std::{ffi::OsString, net::TcpListener, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context as _;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    CALIBRATES_AFTER, STOPS_WITHIN,
    entrance::{Entrance, Listening},
    erase::lose_keys,
    homecoming::Restores,
    identity,
    listen::{Sockets, sockets},
    notice::Notice,
    shelf::Folders,
    site::Here,
    total_memory_bytes,
    watch::{Asked, watch},
};
use crate::{
    auth::{kdf::Cost, token::SetupCode},
    backup,
    clock::{Clock, SystemClock},
    config::{self, Config},
    control::{self, Socket},
    http::{self, Admission, Limits},
    hub::{Accounts, Bus, ForDaemon, Household, Hub, keeper::Tools},
    lan::{self, Kernel},
    notify::{self, Notifier},
    radio::{Radio, bluez::Bluez, none::NoRadio, sim::LinkTiming},
    state::{self, Folder},
    store::{self, Store, recipients},
    toy::session::Pacing,
};

/// The database of the household.
const DATABASE: &str = "hutch.db";

/// The list of passwords from data breaches, if one was imported.
const BREACHED: &str = "breached.idx";

/// How often the set-up code is looked at, which is renewed when its time is over.
const CODE_IS_LOOKED_AT: Duration = Duration::from_secs(600);

/// How often sessions and invitations are taken away that have ended.
const TIDIES_EVERY: Duration = Duration::from_secs(3_600);

/// When everything is looked at for the first time, and how often after that: it reads the database.
const LOOKS_AFTER: Duration = Duration::from_secs(60);
const LOOKS_EVERY: Duration = Duration::from_secs(24 * 3_600);

/// When what was erased while somebody read is tried again to be taken out of the database's log.
const TRIES_AGAIN_AFTER: Duration = Duration::from_secs(10);

/// A hub with a household that stays.
pub struct Serve {
    /// The settings.
    pub config: Config,
    /// The folder in which systemd hands over credentials, if it does.
    pub credentials: Option<PathBuf>,
    /// The sockets that systemd listens at for the hub, if it does; then the settings for that do not
    /// count.
    pub sockets: Vec<TcpListener>,
    /// The socket at which systemd wants to hear how the hub is, if it does.
    pub notify: Option<OsString>,
    /// How soon systemd wants to hear again and again that the hub is alive, if it does.
    pub watchdog: Option<Duration>,
    /// Wall time.
    pub clock: Arc<dyn Clock>,
}

/// What a person at the terminal is told.
pub enum News<'a> {
    /// The page is here.
    Serves {
        /// Its addresses, the best first.
        places: &'a [String],
    },
    /// The hub waits to be set up with this code. For a terminal only: it must not get into a log.
    SetUpWith {
        /// The addresses of the page, the best first.
        places: &'a [String],
        /// The code.
        code: &'a str,
    },
}

impl Serve {
    /// A hub with these settings, by the computer's own clock, without systemd.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            credentials: None,
            sockets: Vec::new(),
            notify: None,
            watchdog: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// Runs until `stop` is cancelled. `tell` is told what a person at the terminal should know.
    pub async fn run(
        self,
        tell: impl Fn(&News<'_>) + Send + Sync + 'static,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let Self { mut config, credentials, sockets, notify, watchdog, clock } = self;
        let is_service = notify.is_some();
        let notifier = Arc::new(Notifier::new(notify).context("finding the way to systemd")?);
        let state = Folder::prepare(&config.state).context("preparing the state folder")?;
        let _lock = state.lock()?;
        let run = Folder::prepare(&config.run).context("preparing the run folder")?;
        if state.is_erasing() {
            // The power went while it was done.
            erase(&state)?;
        }
        // What is there may be half gone already: then it was worth something.
        let worth = !matches!(store::owner(state.path()), Ok(None)) || !state.has(DATABASE);
        take_into_use(&state, worth)?;
        backup::forget_sent(&state).context("removing a backup that was sent")?;
        let tell = Arc::new(tell);
        let mut life = Life {
            notifier,
            watchdog,
            is_service,
            state,
            run,
            credentials,
            passed: sockets,
            clock,
            tell,
        };
        while let Some((next, port)) = life.live(&config, &stop).await? {
            match next {
                Next::Erase => erase(&life.state)?,
                Next::Restore => {
                    take_into_use(&life.state, false)?;
                    backup::forget_sent(&life.state).context("removing a backup that was sent")?;
                }
            }
            // Where the page was, it shall be.
            config.port = port;
        }
        Ok(())
    }
}

/// What becomes of a household when it is served no more and the hub goes on.
enum Next {
    /// It goes.
    Erase,
    /// The one of a backup comes in its place.
    Restore,
}

/// Puts the household of a backup in its place, if one is ready.
fn take_into_use(state: &Folder, worth: bool) -> anyhow::Result<()> {
    if state.finish_restoring(worth).context("restoring the household")? {
        tracing::info!("the household of a backup is in its place");
    }
    Ok(())
}

/// Removes what there is of the household.
fn erase(state: &Folder) -> anyhow::Result<()> {
    for name in state.erase().context("erasing the household")? {
        tracing::warn!(file = %name.display(), "left where it is, because Hutch did not put it there");
    }
    tracing::info!("the household is erased");
    Ok(())
}

/// What outlasts a household.
struct Life<T> {
    notifier: Arc<Notifier>,
    watchdog: Option<Duration>,
    is_service: bool,
    state: Folder,
    run: Folder,
    credentials: Option<PathBuf>,
    passed: Vec<TcpListener>,
    clock: Arc<dyn Clock>,
    tell: Arc<T>,
}

impl<T: Fn(&News<'_>) + Send + Sync + 'static> Life<T> {
    /// Serves one household, until `stop` is cancelled or another comes after it: then it returns what
    /// is to be done and the port of the page, and the database is closed.
    async fn live(
        &mut self,
        config: &Config,
        stop: &CancellationToken,
    ) -> anyhow::Result<Option<(Next, u16)>> {
        let Self { notifier, watchdog, is_service, state, run, credentials, passed, clock, tell } =
            self;
        let Sockets { listeners, at, port } = sockets(passed, &config.listen, config.port)?;

        let keys = state::Keys::take(state, credentials.as_deref())?;
        let lan = config.lan();
        let asked_at = at.clone();
        let listening = Listening { at, port, name: config.name.clone(), lan: lan.clone() };
        let entrance = Arc::new(Entrance::new(state, listening, Arc::clone(clock))?);
        let tls = entrance.serving().config().context("setting up TLS")?;
        let store =
            Arc::new(Store::open(state.path()).context("opening the household's database")?);
        let radio = radio(config);
        let tools = Arc::new(Tools {
            radio: Arc::clone(&radio),
            store: Arc::clone(&store),
            clock: Arc::clone(clock),
            bus: Arc::new(Bus::default()),
            device: keys.device,
            hash: keys.hash,
            household: Household::default(),
            pacing: Pacing::default(),
        });
        if let Some(key) = store.read(recipients::household_key).await? {
            tools.household.resume(key.context("reading the household's key")?);
        }
        let accounts = Accounts::new(
            Cost::for_memory(total_memory_bytes()),
            Some(state.path().join(BREACHED)),
        );
        let ForDaemon { factory_reset: reset, new_identity } = ForDaemon::default();
        let asks = ForDaemon { factory_reset: reset.clone(), new_identity: new_identity.clone() };
        let hub = Hub::of_daemon(tools, accounts, asks);
        hub.stand_on(Arc::new(Here {
            state: state.path().to_owned(),
            clock: Arc::clone(clock),
            is_served: true,
        }));
        hub.put_backups_on(Arc::new(Folders {
            state: state.clone(),
            run: run.clone(),
            places: config.backup_to.clone(),
            is_service: *is_service,
            clock: Arc::clone(clock),
        }));

        let restored = CancellationToken::new();
        hub.come_back_by(Arc::new(Restores::new(
            state.clone(),
            config.backup_to.clone(),
            Arc::clone(clock),
            restored.clone(),
        )));

        let control = Socket::bind(&run.path().join(control::SOCKET))?;
        let places = entrance.places();
        tell(&News::Serves { places: &places });
        let shown = places.join(" ");
        tracing::info!(places = %shown, state = %state.path().display(), "the page is served");
        let notice = Arc::new(Notice::new(run.clone()));
        announce(&hub, Arc::clone(&notice), Arc::clone(&entrance), Arc::clone(tell)).await?;

        let (mut tasks, stop_tasks) = (JoinSet::new(), CancellationToken::new());
        hub.start_keepers(&mut tasks, &stop_tasks).await.context("starting the keepers")?;
        let door = Arc::clone(&entrance);
        let trusted = Arc::clone(&entrance);
        tasks.spawn(control.serve(Arc::new(hub.clone()), door, stop_tasks.clone()));
        tasks.spawn(Arc::clone(&entrance).announce(stop_tasks.clone()));
        let hosts = entrance.hosts();
        let moves = {
            let (hub, notice, entrance) = (hub.clone(), Arc::clone(&notice), Arc::clone(&entrance));
            async move {
                let mut moves = entrance.moves();
                while moves.changed().await.is_ok() {
                    if let Some(code) = hub.setup_code() {
                        notice.put_up(&code, &entrance.places());
                    }
                }
            }
        };
        let stopped = stop_tasks.clone();
        tasks.spawn(async move {
            stopped.run_until_cancelled(moves).await;
        });
        let stopped = stop_tasks.clone();
        tasks.spawn(async move {
            stopped.run_until_cancelled(entrance.keep()).await;
        });
        tasks.spawn(say_what_the_kernel_does());
        let (caretaker, stopped) = (look_after(hub.clone()), stop_tasks.clone());
        tasks.spawn(async move {
            stopped.run_until_cancelled(caretaker).await;
        });

        let (examiner, stopped) = (look_at_everything(hub.clone()), stop_tasks.clone());
        tasks.spawn(async move {
            stopped.run_until_cancelled(examiner).await;
        });

        let (watched, stopped) = (hub.clone(), stop_tasks.clone());
        tasks.spawn(async move {
            stopped.run_until_cancelled(watched.watch_care()).await;
        });

        let (theirs, stopped) = (state.clone(), stop_tasks.clone());
        tasks.spawn(async move {
            // At once, and not when the hub stops: the power may go before that.
            if stopped.run_until_cancelled(new_identity.cancelled()).await.is_some() {
                give_up(&theirs);
            }
        });

        if let Some(within) = *watchdog {
            let trusted: Arc<dyn http::Trusted> = Arc::<Entrance>::clone(&trusted);
            if let Some(asked) = Asked::new(&asked_at, port, config.name.clone(), trusted) {
                let watched = watch(Arc::clone(notifier), within, asked);
                let stopped = stop_tasks.clone();
                tasks.spawn(async move {
                    stopped.run_until_cancelled(watched).await;
                });
            }
        }

        let stop_page = stop.child_token();
        let options = http::Options {
            hosts,
            admission: Admission::new(lan),
            trusted,
            limits: Limits::default(),
            stop: stop_page.clone(),
        };
        let mut server = std::pin::pin!(http::serve(listeners, tls, hub, options));
        notifier.tell(notify::READY);
        let outcome = tokio::select! {
            // The page stops by the same token, and may be done before this is looked at again.
            biased;
            () = stop.cancelled() => {
                notifier.tell(notify::STOPPING);
                server.await
            }
            () = reset.cancelled() => {
                stop_page.cancel();
                server.await
            }
            () = restored.cancelled() => {
                stop_page.cancel();
                server.await
            }
            outcome = &mut server => outcome,
        };
        if reset.is_cancelled() {
            // From here on it goes, whatever comes in between.
            if let Err(error) = state.begin_erasing() {
                tracing::warn!(%error, "should the power go now, the household may stay");
            }
        }

        stop_tasks.cancel();
        notice.take_down();
        let all_stopped = timeout(STOPS_WITHIN, async {
            while let Some(ended) = tasks.join_next().await {
                if let Err(error) = ended {
                    tracing::error!(%error, "a part of the hub did not come to its end");
                }
            }
        });
        if all_stopped.await.is_err() {
            tracing::warn!("a part of the hub did not stop in time");
        }
        radio.close().await;
        if reset.is_cancelled() {
            lose_keys(&store).await;
            return Ok(Some((Next::Erase, port)));
        }
        store.close().await;
        outcome.context("serving the page")?;
        let is_restored = restored.is_cancelled() && !stop.is_cancelled();
        Ok(is_restored.then_some((Next::Restore, port)))
    }
}

/// Removes root and leaves with their keys, which somebody else may have.
fn give_up(state: &Folder) {
    match identity::give_up(state) {
        Ok(()) => tracing::warn!("the certificates are given up; the next start makes others"),
        Err(error) => tracing::error!(%error, "could not give the certificates up"),
    }
}

fn radio(config: &Config) -> Arc<dyn Radio> {
    match config.radio {
        config::Radio::Bluez => Arc::new(Bluez::start(config.adapter.clone())),
        config::Radio::Sim => Arc::new(super::simulated([], LinkTiming::default())),
        config::Radio::None => Arc::new(NoRadio::default()),
    }
}

/// Shows the set-up code wherever it may be seen, for as long as it is needed.
async fn announce(
    hub: &Hub,
    notice: Arc<Notice>,
    entrance: Arc<Entrance>,
    tell: Arc<impl Fn(&News<'_>) + Send + Sync + 'static>,
) -> anyhow::Result<()> {
    let announce = move |code: Option<&SetupCode>| match code {
        Some(code) => {
            let code = code.to_text();
            let places = entrance.places();
            notice.put_up(&code, &places);
            tell(&News::SetUpWith { places: &places, code: &code });
        }
        None => notice.take_down(),
    };
    hub.await_set_up(Box::new(announce)).await.context("waiting to be set up")
}

/// Says whether more than Hutch's own rules keeps the hub to the home network.
async fn say_what_the_kernel_does() {
    match lan::kernel().await {
        Kernel::Stops => tracing::info!("the kernel stops whatever would leave the home network"),
        Kernel::Lets => tracing::info!(
            "the kernel would let pass what leaves the home network: no list of addresses is in \
             force, so Hutch's own rules alone keep it at home"
        ),
        Kernel::Unknown => {
            tracing::warn!("the kernel does not say whether it keeps the hub to the home network");
        }
    }
}

/// Looks at the hub and its computer, for guardians to see. Does not end.
async fn look_at_everything(hub: Hub) {
    // Not while the hub has enough to do with its start.
    sleep(LOOKS_AFTER).await;
    loop {
        hub.look_at_everything().await;
        sleep(LOOKS_EVERY).await;
    }
}

/// Does what nobody asks for: measures what a password costs, renews the set-up code in time, and
/// takes away what has ended.
async fn look_after(hub: Hub) {
    // Not before the page can be had.
    sleep(CALIBRATES_AFTER).await;
    if let Err(error) = hub.calibrate(total_memory_bytes()).await {
        tracing::warn!(%error, "could not measure what a password costs");
    }
    loop {
        // Asking renews a set-up code whose time is over.
        let waits = hub.setup_code().is_some();
        if let Err(error) = hub.tidy().await {
            tracing::warn!(%error, "could not take away what has ended");
        }
        if let Err(error) = hub.forget_replaced_in_time().await {
            tracing::warn!(%error, "could not note that the household from before is gone");
        }
        if let Err(error) = hub.erase_what_is_over().await {
            tracing::warn!(%error, "could not erase what is over");
        }
        tokio::select! {
            () = sleep(if waits { CODE_IS_LOOKED_AT } else { TIDIES_EVERY }) => {}
            () = hub.is_untidy() => sleep(TRIES_AGAIN_AFTER).await,
        }
    }
}
