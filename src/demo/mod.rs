//! The playroom: the simulated toys of `hutch demo`, as somebody in the same room has them.
//!
//! The hub knows the toys by radio only, as it would real ones. In here are the
//! hands: paws are squeezed, microphones are spoken into, loudspeakers are
//! listened to. Nothing in here is reachable outside the demo.

mod quirks;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::task::JoinSet;

pub use quirks::QuirksSpec;

pub use crate::toy::wire::Led;
use crate::{
    audio::{self, AudioError, Pcm, adpcm, audio32},
    model::{Character, Slot, ToyAddress, ToyId},
    radio::sim::{Look, SimToy},
    toy::wire::ToyState,
};

/// What the toy hears when nobody speaks into it: three seconds of a synthetic voice, as a toy
/// would have recorded them.
const PHRASE: &[u8] = include_bytes!("phrase.bin");

/// The longest that the toy records: 40 s at 8 kHz.
const LONGEST_SAMPLES: usize = 40 * 8_000;

/// A simulated toy as it looks from outside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each can be seen by itself")]
pub struct DemoToy {
    /// The toy, once it is adopted; until then a name that is as good for playing with it.
    pub id: ToyId,
    /// Where the radio finds it.
    pub address: ToyAddress,
    /// The animal that it is.
    pub character: Character,
    /// Not asleep.
    pub awake: bool,
    /// The hub holds its connection.
    pub connected: bool,
    /// What it is doing, in a word.
    pub state: &'static str,
    /// Its heart.
    pub led: Led,
    /// Its volume, 0 to 255.
    pub volume: u8,
    /// While it plays: for how long, all in all.
    pub playing_ms: Option<u32>,
    /// Something lies in its mailbox slot.
    pub has_message: bool,
    /// The child recorded something that has not been replaced.
    pub has_recording: bool,
}

/// The simulated toys of the demo.
pub struct Playroom {
    toys: Vec<Resident>,
    changed: Arc<dyn Fn(DemoToy) + Send + Sync>,
    _watchers: JoinSet<()>,
}

/// A toy that lives in the playroom.
pub struct NewResident {
    /// The toy that it is, or any name for one that nobody has adopted.
    pub id: ToyId,
    /// Where the radio finds it.
    pub address: ToyAddress,
    /// The animal that it is.
    pub character: Character,
    /// The toy itself.
    pub toy: SimToy,
}

#[derive(Clone)]
struct Resident {
    /// All that it was called so far, the latest last.
    ids: Arc<Mutex<Vec<ToyId>>>,
    address: ToyAddress,
    character: Character,
    toy: SimToy,
}

impl Playroom {
    /// Lets these toys in; whenever one of them looks different, `changed` is called.
    pub fn new(
        toys: impl IntoIterator<Item = NewResident>,
        changed: impl Fn(DemoToy) + Send + Sync + 'static,
    ) -> Self {
        let changed: Arc<dyn Fn(DemoToy) + Send + Sync> = Arc::new(changed);
        let mut watchers = JoinSet::new();
        let toys = toys
            .into_iter()
            .map(|NewResident { id, address, character, toy }| {
                let ids = Arc::new(Mutex::new(vec![id]));
                let resident = Resident { ids, address, character, toy };
                let (watched, changed) = (resident.clone(), Arc::clone(&changed));
                watchers.spawn(async move {
                    let mut looks = watched.toy.looks();
                    while looks.changed().await.is_ok() {
                        let look = *looks.borrow_and_update();
                        changed(watched.seen(look));
                    }
                });
                resident
            })
            .collect();
        Self { toys, changed, _watchers: watchers }
    }

    /// Calls the toy at this address by the name that it was adopted under. What it was called before
    /// still finds it.
    pub fn adopted(&self, address: ToyAddress, id: ToyId) {
        if let Some(resident) = self.toys.iter().find(|resident| resident.address == address) {
            resident.ids().push(id);
            (self.changed)(resident.look());
        }
    }

    /// Returns all toys as they look right now.
    pub fn toys(&self) -> Vec<DemoToy> {
        self.toys.iter().map(Resident::look).collect()
    }

    /// Returns one toy as it looks right now.
    pub fn toy(&self, id: ToyId) -> Option<DemoToy> {
        self.resident(id).map(Resident::look)
    }

    /// Squeezes the play paw.
    pub fn play(&self, id: ToyId) -> Option<DemoToy> {
        let resident = self.resident(id)?;
        resident.toy.press_play();
        Some(resident.look())
    }

    /// Squeezes the record paw and says what this WAV file holds, or the sample phrase.
    ///
    /// Returns nothing for a toy that is not here, or when the demo ends meanwhile.
    pub async fn record(
        &self,
        id: ToyId,
        wav: Option<Vec<u8>>,
    ) -> Result<Option<DemoToy>, AudioError> {
        let Some(resident) = self.resident(id) else { return Ok(None) };
        let heard = tokio::task::spawn_blocking(move || microphone(wav.as_deref())).await;
        let Ok(heard) = heard else { return Ok(None) };
        let (file, length) = heard?;
        resident.toy.record(file, length);
        Ok(Some(resident.look()))
    }

    /// Puts the toy to sleep.
    pub fn sleep(&self, id: ToyId) -> Option<DemoToy> {
        let resident = self.resident(id)?;
        resident.toy.sleep();
        Some(resident.look())
    }

    /// Wakes the toy without touching its paws.
    pub fn wake(&self, id: ToyId) -> Option<DemoToy> {
        let resident = self.resident(id)?;
        resident.toy.wake();
        Some(resident.look())
    }

    /// Returns what the toy's loudspeaker says when the play paw is squeezed, as a WAV file.
    pub fn speaker(&self, id: ToyId) -> Option<Vec<u8>> {
        let clip = self.resident(id)?.toy.slot(Slot::MAILBOX);
        let decoded = audio32::decode(&clip).ok()?;
        Some(audio::wav::write(&decoded.pcm))
    }

    /// Returns the bytes that a slot of the toy holds.
    pub fn slot(&self, id: ToyId, slot: Slot) -> Option<Vec<u8>> {
        Some(self.resident(id)?.toy.slot(slot))
    }

    /// Makes the toy misbehave, or behave again.
    pub fn set_quirks(&self, id: ToyId, quirks: QuirksSpec) -> Option<DemoToy> {
        let resident = self.resident(id)?;
        resident.toy.set_quirks(quirks.into());
        Some(resident.look())
    }

    fn resident(&self, id: ToyId) -> Option<&Resident> {
        self.toys.iter().find(|resident| resident.ids().contains(&id))
    }
}

impl Resident {
    fn ids(&self) -> MutexGuard<'_, Vec<ToyId>> {
        // Every change is one call; a panic cannot leave one half done.
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look(&self) -> DemoToy {
        self.seen(self.toy.look())
    }

    fn seen(&self, look: Look) -> DemoToy {
        let Look { awake, connected, state, led, volume, has_message, has_recording } = look;
        let playing_ms = match state {
            ToyState::Playback => clip_ms(&self.toy.slot(Slot::MAILBOX)),
            _ => None,
        };
        let Self { address, character, .. } = *self;
        let id = self.ids().last().copied().unwrap_or(ToyId::from_bytes([0; 16]));
        DemoToy {
            id,
            address,
            character,
            awake,
            connected,
            state: word(state),
            led,
            volume,
            playing_ms,
            has_message,
            has_recording,
        }
    }
}

/// Returns the word that the page knows a state by.
const fn word(state: ToyState) -> &'static str {
    match state {
        ToyState::Idle => "idle",
        ToyState::Recording => "recording",
        ToyState::BufferPrime | ToyState::Upload => "upload",
        ToyState::UnplayedRecording => "unplayed_recording",
        ToyState::Playback => "playback",
        ToyState::Download => "download",
        ToyState::KeyCheckFailed => "key_check_failed",
        _ => "other",
    }
}

fn clip_ms(clip: &[u8]) -> Option<u32> {
    audio::Clip::from_stored(clip.to_vec()).ok().map(|clip| clip.length_ms())
}

/// Returns what the toy's microphone makes of it, and how long the paw is squeezed.
fn microphone(wav: Option<&[u8]>) -> Result<(Vec<u8>, Duration), AudioError> {
    let Some(wav) = wav else {
        let length = adpcm::decode(PHRASE)?.pcm.length_ms();
        return Ok((PHRASE.to_vec(), Duration::from_millis(length.into())));
    };
    let heard = audio::wav::read(wav)?;
    let samples = audio::resample(&heard.mono(), heard.rate, adpcm::RATE)?;
    let mut heard = Pcm::from_float(adpcm::RATE, &samples);
    heard.samples.truncate(LONGEST_SAMPLES);
    let length = Duration::from_millis(heard.length_ms().into());
    Ok((adpcm::encode(&heard.samples, adpcm::Bits::Four), length))
}
