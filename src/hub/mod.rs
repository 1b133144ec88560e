//! The application: every use case and every rule of the household, once.
//!
//! `http` and `cli` translate and decide nothing; who may do what, what state a delivery may
//! go to, and what is told to whom stands here. A caller proves itself with a [`Guardian`],
//! which only [`accounts`] make. The hub is a cheap handle: clone it.
//!
//! Sound becomes a message in [`messages`], is opened again in [`items`]; the journey to the toy is
//! the [`keeper`]'s, which never sees a key that opens what is sealed for people.

pub mod accounts;
pub mod activity;
pub mod amounts;
mod approval;
pub mod backups;
mod bus;
pub mod care;
pub mod children;
mod day;
mod erase;
mod events;
mod fresh;
mod giving;
mod guard;
mod household;
mod items;
pub mod keeper;
mod keepers;
mod later;
pub mod meetings;
mod messages;
pub mod meter;
mod nearby;
pub mod notes;
mod once;
mod pictures;
pub mod probe;
mod pulse;
mod quiet;
mod recordings;
pub mod restoring;
mod retention;
pub mod rules;
mod sharing;
mod slots;
mod talk;
mod tasks;
pub mod toys;
mod view;

use std::sync::Arc;

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

pub use self::{
    accounts::{
        Accounts, Asks, Browser, Caller, Confirmed, Guardian, Me, Relative, Screen, SignedIn,
    },
    bus::Bus,
    erase::Erasure,
    events::{Events, KeyProgress},
    giving::Change as ToyChange,
    household::Household,
    once::RequestKey,
    pulse::Pulse,
    view::{
        Because, Child, Color, Delivery, Event, Granted, Holds, Item, ItemKind, Long, Meeting,
        MeetingState, Nearby, NearbyToy, Page, Presence, QuietNow, Sending, Signal, SlotSeen,
        SoundFormat, Toy, ToyNow, WaitsFor, WhyNot,
    },
};
use self::{
    backups::Shelved,
    care::Caretaking,
    fresh::{Fresh, random},
    keeper::{Charge, Tools},
    keepers::Keepers,
    meetings::Meetings,
    probe::Probes,
    pulse::Pulses,
    quiet::Moment,
    restoring::{NotTaken, Returning},
    tasks::Tasks,
};
pub use crate::{
    audio::file::FileError,
    auth::{
        password::{Reason, Suggestion},
        token::{SetupCode, Token},
    },
    picture::{Format as PictureFormat, Picture, PictureError},
    radio::RadioState,
};
use crate::{
    audio::{AudioError, Clip},
    auth::{kdf::KdfError, password::Weak},
    demo::Playroom,
    model::{ItemId, Timestamp, ToyId},
    seal::SealError,
    store::StoreError,
};

/// How much sound fits into a slot of a toy.
pub const SLOT_MS: u32 = Clip::MAX_MS;

/// The longest sound that is split into messages: a dozen or so, which a child hears one by one.
pub const LONGEST_MS: u32 = 10 * 60 * 1_000;

/// Why the hub could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// There is no such child, or not for this caller.
    #[error("there is no such child")]
    NoSuchChild,
    /// There is no such toy, or not for this caller.
    #[error("there is no such toy")]
    NoSuchToy,
    /// There is no such recording or message, or not for this caller.
    #[error("there is no such recording or message")]
    NoSuchItem,
    /// The child has no picture.
    #[error("this child has no picture")]
    NoSuchPicture,
    /// There is no such delivery, or not for this caller.
    #[error("there is no such delivery")]
    NoSuchDelivery,
    /// The child has no toy that could play a message.
    #[error("this child has no toy yet, so the message has nowhere to go")]
    NoToy,
    /// The sound does not fit into a slot, and nobody said what to do about it.
    #[error(
        "this message is {} seconds long and the toy holds {}; cut it or send it in parts",
        length_ms / 1_000,
        slot_ms / 1_000
    )]
    TooLong {
        /// How long it is.
        length_ms: u32,
        /// How much a slot holds.
        slot_ms: u32,
    },
    /// The sound is longer than all the messages that are made of one.
    #[error(
        "this sound is {} minutes long, and up to {} are sent at once; cut it or send parts of it",
        length_ms.div_ceil(60_000),
        longest_ms / 60_000
    )]
    FarTooLong {
        /// How long it is.
        length_ms: u32,
        /// How long it may be.
        longest_ms: u32,
    },
    /// The delivery has gone too far, or not far enough, for that.
    #[error("it is too late for that: the message has moved on")]
    TooLate,
    /// It is too far ahead, or past.
    #[error("a message is sent up to 60 days ahead, and not in the past")]
    BadSendAt,
    /// Nobody can say how late it is, so that nothing can be sent for later.
    #[error("the hub's clock is not right, so nothing can be sent for later")]
    NoClockToSendBy,
    /// The text cannot be a note.
    #[error("this text cannot be a note")]
    BadNote,
    /// It is somebody else's to do that to.
    #[error("that is for somebody else to do")]
    NotTheirs,
    /// The key of a request cannot be one.
    #[error("this cannot be the key of a request")]
    BadRequestKey,
    /// Another request had the same key.
    #[error("another request had the same key")]
    OtherRequest,
    /// The request was made before, and what it stored was erased since.
    #[error("this was stored before and is not there any more")]
    ErasedSince,
    /// The cursor is not one that the hub gave.
    #[error("that place in the conversation does not exist; start from the newest again")]
    BadCursor,
    /// There is no household yet.
    #[error("this hub has not been set up yet")]
    NotSetUp,
    /// There is a household already.
    #[error("this hub has been set up already")]
    AlreadySetUp,
    /// The set-up code is another one.
    #[error("this is not the set-up code")]
    WrongCode {
        /// How many more tries this code has.
        tries_left: u8,
    },
    /// The set-up code was tried too often or is too old: there is another one.
    #[error("there is another set-up code now")]
    CodeRenewed,
    /// The name cannot be one.
    #[error("a name has 1 to 64 letters")]
    BadName,
    /// The household comes back from a backup just now.
    #[error("the household comes back from a backup just now")]
    Restoring,
    /// There is no such backup, or not any more.
    #[error("there is no such backup")]
    NoSuchBackup,
    /// A backup that was sent is not taken.
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
    /// There is no such time zone.
    #[error("there is no such time zone")]
    BadTimeZone,
    /// The password is too easy to guess.
    #[error("the password is too easy to guess")]
    WeakPassword(Weak),
    /// The name or the password is not right.
    #[error("the name or the password is not right")]
    WrongPassword,
    /// The password is right; the code of two-step sign-in is missing.
    #[error("the code of two-step sign-in is missing")]
    TotpNeeded,
    /// The code of two-step sign-in is not right, or was used.
    #[error("the code of two-step sign-in is not right")]
    WrongTotp,
    /// The authenticator that is to be used shows another code.
    #[error("the authenticator shows another code")]
    WrongTotpCode,
    /// Two-step sign-in is switched on already, or off.
    #[error("two-step sign-in was switched already")]
    TotpSwitched,
    /// Codes that go by the time cannot be checked.
    #[error("the hub's clock is not right, so codes that go by the time cannot be checked")]
    ClockNotTrusted,
    /// Too many tries, or too many at once.
    #[error("too many tries; the next is possible in {seconds} s")]
    TryLater {
        /// When to try again.
        seconds: u32,
    },
    /// The password must be given once more.
    #[error("this needs the password once more")]
    ConfirmFirst,
    /// The invitation was used, has ended, was taken back, or never was.
    #[error("there is no such invitation")]
    NoSuchInvite,
    /// More invitations are open than anybody needs.
    #[error("too many invitations are open")]
    TooManyInvites,
    /// Somebody else has that name.
    #[error("somebody else has that name")]
    NameTaken,
    /// It is not the recovery key of this household, or there is no account of that name.
    #[error("this is not the recovery key, or there is no such account")]
    WrongRecoveryKey,
    /// There is no such account.
    #[error("there is no such account")]
    NoSuchAccount,
    /// The account may not sign in.
    #[error("a guardian keeps this account from signing in")]
    Blocked,
    /// A relative needs at least one child.
    #[error("there is no child for this relative")]
    NoChildren,
    /// Something that was chosen cannot be.
    #[error("something that was chosen cannot be")]
    BadChoice,
    /// The child is not granted to the relative.
    #[error("the child is not granted to this relative")]
    NotGranted,
    /// The relative has sent as many messages today as they may.
    #[error("{limit} messages a day were sent; the next is possible in {seconds} s")]
    DailyLimit {
        /// How many they may send a day.
        limit: u32,
        /// When the next day begins.
        seconds: u32,
    },
    /// The household's keys are being changed.
    #[error("the household's keys are being changed already")]
    KeysChanging,
    /// The child has its quiet hours, and its screen plays nothing meanwhile.
    #[error("it is quiet time for this child")]
    QuietHours {
        /// When they end, if anybody can say how late it is.
        until: Option<Timestamp>,
    },
    /// The account of whoever asks is gone.
    #[error("nobody is signed in any more")]
    SignedOut,
    /// There is no such session, or not for this caller.
    #[error("there is no such session")]
    NoSuchSession,
    /// It is not that part of the recovery key.
    #[error("this is not that part of the recovery key")]
    WrongPart,
    /// No key could be made of a password.
    #[error("no key could be made of a password")]
    PasswordKey(#[source] KdfError),
    /// The sound is not usable.
    #[error(transparent)]
    Audio(#[from] AudioError),
    /// The sound file is not usable.
    #[error(transparent)]
    SoundFile(#[from] FileError),
    /// The picture is not usable.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A sound that was kept cannot be decoded any more.
    #[error("a kept sound cannot be decoded")]
    Damaged(#[source] AudioError),
    /// A recording or message does not open: it is damaged, or was changed by hand.
    #[error("the recording or message {item} does not open; the others do")]
    DoesNotOpen {
        /// Which.
        item: ItemId,
    },
    /// Something sealed does not open.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// There is no room for it. Nothing was changed.
    #[error(transparent)]
    DiskFull(StoreError),
    /// What room is left is kept for what children say. Nothing was changed.
    #[error("what room is left on the disk is kept for what children say")]
    RoomKept,
    /// The hub's files cannot be written. Nothing was changed.
    #[error(transparent)]
    CannotWrite(StoreError),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// What was typed is not the name that was asked for.
    #[error("this is not the name that was asked for")]
    WrongName,
    /// This hub's household is not for erasing.
    #[error("this hub's household ends by itself")]
    NotHere,
    /// The toy is not awake, so that nothing can be played on it.
    #[error("the toy is not awake")]
    ToyAsleep,
    /// No toy is heard at that address.
    #[error("no such toy is heard")]
    NotHeard,
    /// The toy at that address is adopted.
    #[error("this toy is adopted already")]
    AlreadyAdopted,
    /// There is no such meeting.
    #[error("there is no such meeting")]
    NoSuchMeeting,
    /// Nobody has squeezed a paw of that toy, or the meeting has ended.
    #[error("this meeting has not come to a squeezed paw, or has ended")]
    NotSqueezed,
    /// The toy does not say which animal it is, and nobody else did.
    #[error("nobody said which animal the toy is")]
    CharacterMissing,
    /// The work was given up because the hub stops.
    #[error("the hub is stopping; try again in a moment")]
    Stopping,
}

impl From<StoreError> for HubError {
    fn from(error: StoreError) -> Self {
        match error {
            // Something was sealed while the keys were changed: once more, and it is for the new.
            StoreError::KeyGivenUp => Self::TryLater { seconds: 1 },
            error @ StoreError::Full { .. } => Self::DiskFull(error),
            error @ StoreError::ReadOnly { .. } => Self::CannotWrite(error),
            error => Self::Store(error),
        }
    }
}

/// The hub.
#[derive(Clone)]
pub struct Hub(Arc<Parts>);

/// What a hub asks its daemon for: each is cancelled once it is wanted.
#[derive(Clone, Default)]
pub struct ForDaemon {
    /// Erase the household, and begin anew.
    pub factory_reset: CancellationToken,
    /// Give up the certificate: its key is in other hands.
    pub new_identity: CancellationToken,
}

struct Parts {
    tools: Arc<Tools>,
    accounts: Accounts,
    playroom: Option<Playroom>,
    keepers: Keepers,
    tasks: Tasks,
    meetings: Meetings,
    probes: Probes,
    /// What only the daemon can do; nothing in a demo.
    daemon: Option<ForDaemon>,
    /// Held by whoever ends keepers or begins one that was ended: none is begun for a toy that is gone.
    changing: tokio::sync::Mutex<()>,
    /// Told when the database's log could not be emptied.
    unscrubbed: Notify,
    /// Sound is decoded and encoded one message at a time: a large file takes memory.
    at_work: Arc<Semaphore>,
    pulses: Pulses,
    caretaking: Caretaking,
    keeping: Shelved,
    returning: Returning,
}

impl Hub {
    /// Makes a hub of its parts. Keepers do not run yet.
    pub fn new(tools: Arc<Tools>, accounts: Accounts, playroom: Option<Playroom>) -> Self {
        Self::with(tools, accounts, playroom, None)
    }

    /// Makes a hub that can ask its daemon for what is beyond a hub.
    pub fn of_daemon(tools: Arc<Tools>, accounts: Accounts, daemon: ForDaemon) -> Self {
        Self::with(tools, accounts, None, Some(daemon))
    }

    fn with(
        tools: Arc<Tools>,
        accounts: Accounts,
        playroom: Option<Playroom>,
        daemon: Option<ForDaemon>,
    ) -> Self {
        Self(Arc::new(Parts {
            tools,
            accounts,
            playroom,
            keepers: Keepers::default(),
            tasks: Tasks::default(),
            meetings: Meetings::default(),
            probes: Probes::default(),
            daemon,
            changing: tokio::sync::Mutex::default(),
            unscrubbed: Notify::new(),
            at_work: Arc::new(Semaphore::new(1)),
            pulses: Pulses::default(),
            caretaking: Caretaking::default(),
            keeping: Shelved::default(),
            returning: Returning::default(),
        }))
    }

    /// Starts a keeper for every adopted toy, and what else the hub does by itself. All of it ends when
    /// `stop` is cancelled; a keeper also with its toy's adoption.
    pub async fn start_keepers(
        &self,
        tasks: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Result<(), HubError> {
        let toys = self.tools().store.read(crate::store::toys::list).await?;
        tasks.spawn(self.0.tasks.run(stop.clone()));
        for toy in toys {
            self.look_after(Charge { toy: toy.id, address: toy.address, child: toy.child })?;
        }
        self.0.tasks.begin(|stop| guard::look_out(Arc::clone(&self.0.tools), stop))?;
        self.0.tasks.begin(|stop| nearby::watch(Arc::clone(&self.0.tools), stop))
    }

    /// Starts the keeper of a toy.
    fn look_after(&self, charge: Charge) -> Result<(), HubError> {
        self.0.tasks.begin(|stop| self.0.keepers.start(&self.0.tools, charge, stop))
    }

    /// Returns what time the hub has.
    pub fn now(&self) -> Timestamp {
        self.tools().clock.now()
    }

    /// Draws a password that nobody guesses: five words.
    pub async fn passphrase(&self) -> Result<zeroize::Zeroizing<String>, HubError> {
        // It is looked at like any other password, which takes a moment.
        let drawn = tokio::task::spawn_blocking(crate::auth::passphrase::generate).await;
        drawn.map_err(|_stopping| HubError::Stopping)
    }

    /// Returns the simulated toys, in the demo.
    pub fn playroom(&self) -> Option<&Playroom> {
        self.0.playroom.as_ref()
    }

    /// Returns what the clock says.
    fn moment(&self) -> Moment {
        Moment::of(&*self.tools().clock)
    }

    /// Has the certificate given up whose key is in other hands: at the next start there is another.
    fn give_up_identity(&self) {
        if let Some(daemon) = &self.0.daemon {
            daemon.new_identity.cancel();
        }
    }

    fn tools(&self) -> &Tools {
        &self.0.tools
    }

    fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }

    /// Waits for a turn to decode or encode sound.
    async fn turn_at_work(&self) -> Result<OwnedSemaphorePermit, HubError> {
        let turn = Arc::clone(&self.0.at_work).acquire_owned().await;
        turn.map_err(|_closed| HubError::Stopping)
    }

    /// Tells a toy's keeper to look into the store again.
    fn poke(&self, toy: ToyId) {
        self.0.keepers.poke(toy);
    }
}

/// Goes on with work that was begun, also when whoever asked for it has left: half of it, such as a
/// household that is founded and not taken into use, would be worse than none.
pub async fn whole<T: Send + 'static>(
    work: impl Future<Output = Result<T, HubError>> + Send + 'static,
) -> Result<T, HubError> {
    tokio::spawn(work).await.map_err(|_stopping| HubError::Stopping)?
}
