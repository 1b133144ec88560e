//! Words of the protocol to bytes and back.
//!
//! Encoders cannot fail, decoders take any bytes. What is not in here cannot be sent: there is no
//! command that starts a recording on the toy.

use std::{fmt, time::Duration};

use super::inferred::STEADY_PERIOD_MS;
use crate::model::{Character, Slot};

/// The largest value that one write or notification carries (ATT MTU 23).
pub const CHUNK_BYTES: usize = 20;

/// What fills an upload up when the toy asks for more than the clip has.
pub const FILL: u8 = 0x80;

/// Length of the header that stands before a clip and before a recording.
pub const HEADER_BYTES: usize = 32;

/// How long a write with response or a read may take before the toy counts as silent.
///
/// The radio keeps this deadline; all others are the session's.
pub const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// The fixed key that opens every upload to every toy.
pub const UPLOAD_KEY: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// How all toys' advertised names begin. Source: the app.
pub const NAME_PREFIXES: [&str; 2] = ["CloudPets", "Cloud Pets"];

/// The UUID of the toy's service, which those of its characteristics are made of.
pub const SERVICE: u128 = 0xaadd_f75d_a95a_0000_0000_3ca4_99b7_4009;

/// Names one of the values that the toy offers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Characteristic {
    /// Takes a [`Command`].
    Command,
    /// Takes the bytes of an upload.
    SendAudio,
    /// Notifies the bytes of a recording.
    ReceiveAudio,
    /// Holds and notifies the [`ToyState`].
    State,
    /// Notifies a [`DataRequest`].
    DataRequest,
    /// Holds the [`ConfigId`].
    Config,
    /// Takes a [`Led`].
    Led,
    /// Holds the volume.
    Volume,
}

impl Characteristic {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Command,
        Self::SendAudio,
        Self::ReceiveAudio,
        Self::State,
        Self::DataRequest,
        Self::Config,
        Self::Led,
        Self::Volume,
    ];

    /// Returns the fourth group of the UUID, which tells the characteristics apart.
    const fn number(self) -> u16 {
        match self {
            Self::Command => 1,
            Self::SendAudio => 2,
            Self::ReceiveAudio => 3,
            Self::State => 4,
            Self::DataRequest => 5,
            Self::Config => 6,
            Self::Led => 7,
            Self::Volume => 8,
        }
    }

    /// Returns the UUID.
    pub fn uuid(self) -> u128 {
        SERVICE | u128::from(self.number()) << 48
    }

    /// Returns the characteristic with this UUID.
    pub fn from_uuid(uuid: u128) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.uuid() == uuid)
    }

    /// Returns what may be done with it, in the bits of [`Offer`].
    pub const fn properties(self) -> u8 {
        match self {
            Self::Command | Self::Led => Offer::WRITE,
            Self::SendAudio => Offer::WRITE | Offer::WRITE_WITHOUT_RESPONSE,
            Self::ReceiveAudio | Self::DataRequest => Offer::NOTIFY,
            Self::State => Offer::READ | Offer::NOTIFY,
            Self::Config | Self::Volume => Offer::READ | Offer::WRITE,
        }
    }

    /// Returns the name, as logs and transcripts spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::SendAudio => "send_audio",
            Self::ReceiveAudio => "receive_audio",
            Self::State => "state",
            Self::DataRequest => "data_request",
            Self::Config => "config",
            Self::Led => "led",
            Self::Volume => "volume",
        }
    }
}

/// One of the values that a device offers, ours or not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Offer {
    /// The UUID of the service that it belongs to.
    pub service: u128,
    /// Its own UUID.
    pub characteristic: u128,
    /// What may be done with it, in Bluetooth's own bits.
    pub properties: u8,
}

impl Offer {
    /// It can be read.
    pub const READ: u8 = 0x02;
    /// It can be written without an answer.
    pub const WRITE_WITHOUT_RESPONSE: u8 = 0x04;
    /// It can be written.
    pub const WRITE: u8 = 0x08;
    /// It notifies.
    pub const NOTIFY: u8 = 0x10;
    /// It notifies, and waits until that is confirmed.
    pub const INDICATE: u8 = 0x20;
}

/// Something to tell the toy to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Command {
    /// Take the bytes that follow into this slot.
    BeginUpload {
        /// Where they go.
        slot: Slot,
    },
    /// That was the last byte.
    EndUpload,
    /// Send the recording.
    Download,
    /// Play this slot.
    Play(Slot),
    /// Stop a playback or a recording.
    Stop,
    /// Report the paws instead of obeying them.
    GameMode(bool),
    /// Play slot 1 over and over.
    Loop {
        /// How often.
        loops: u16,
        /// How long the clip is.
        length_ms: u16,
    },
}

impl Command {
    /// What stops a loop.
    pub const STOP_LOOP: Self = Self::Loop { loops: 1, length_ms: 1 };

    /// Returns the bytes to write.
    pub fn encode(self) -> Vec<u8> {
        match self {
            Self::BeginUpload { slot } => {
                let mut bytes = vec![0x00, slot.index()];
                bytes.extend_from_slice(&UPLOAD_KEY);
                bytes
            }
            Self::EndUpload => vec![0x01],
            Self::Download => vec![0x02],
            // The second byte is the same for all: another one would start the microphone.
            Self::Play(slot) => vec![0x08, 0x01, slot.index() + 1],
            Self::Stop => vec![0x08, 0x01, 0x00],
            Self::GameMode(on) => vec![0x0b, u8::from(on)],
            Self::Loop { loops, length_ms } => {
                let [loops_low, loops_high] = loops.to_le_bytes();
                let [ms_low, ms_high] = length_ms.to_le_bytes();
                vec![0x0c, loops_low, loops_high, ms_low, ms_high]
            }
        }
    }
}

/// What the toy says it is doing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(missing_docs, reason = "the toy's own names, of which nothing more is known")]
pub enum ToyState {
    Invalid,
    Idle,
    Recording,
    Upload,
    UnplayedRecording,
    Playback,
    Streaming,
    Download,
    RecordLength,
    BufferPrime,
    FactoryTest1,
    FactoryTest2,
    FactoryTest3,
    FactoryTest4,
    FactoryTest5,
    KeyCheckFailed,
    Initialise,
    ReturnValue,
    RecordPaw,
    PlayPaw,
    /// A value that the protocol does not have.
    Other(u8),
}

impl ToyState {
    /// The states that the protocol has; each stands at the place of its number.
    pub const KNOWN: [Self; 20] = [
        Self::Invalid,
        Self::Idle,
        Self::Recording,
        Self::Upload,
        Self::UnplayedRecording,
        Self::Playback,
        Self::Streaming,
        Self::Download,
        Self::RecordLength,
        Self::BufferPrime,
        Self::FactoryTest1,
        Self::FactoryTest2,
        Self::FactoryTest3,
        Self::FactoryTest4,
        Self::FactoryTest5,
        Self::KeyCheckFailed,
        Self::Initialise,
        Self::ReturnValue,
        Self::RecordPaw,
        Self::PlayPaw,
    ];

    /// Returns the state with this number.
    pub fn from_byte(byte: u8) -> Self {
        Self::KNOWN.get(usize::from(byte)).copied().unwrap_or(Self::Other(byte))
    }

    /// Returns the number.
    pub fn to_byte(self) -> u8 {
        if let Self::Other(byte) = self {
            return byte;
        }
        let place = Self::KNOWN.iter().position(|known| *known == self);
        place.and_then(|place| u8::try_from(place).ok()).unwrap_or(0)
    }

    /// Reads a state from what the toy holds or notifies; bytes after the first mean nothing.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        bytes.first().copied().map(Self::from_byte)
    }
}

/// The toy asks for more bytes of an upload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DataRequest {
    /// How many more bytes it has room for. Zero ends the upload, well or badly.
    pub requested: u16,
    /// Zero when the upload failed. It wraps on a long clip: a sign of success, not a length.
    pub transferred: u16,
}

impl DataRequest {
    /// Returns the bytes that the toy notifies.
    pub fn encode(self) -> Vec<u8> {
        [self.requested.to_le_bytes(), self.transferred.to_le_bytes()].concat()
    }

    /// Reads a request; bytes after the fourth mean nothing.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (requested, rest) = bytes.split_first_chunk()?;
        let transferred = rest.first_chunk()?;
        Some(Self {
            requested: u16::from_le_bytes(*requested),
            transferred: u16::from_le_bytes(*transferred),
        })
    }
}

/// What the toy's heart does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Led {
    /// Dark.
    #[default]
    Off,
    /// Lit.
    On,
    /// On and off.
    Blink {
        /// The time from one lighting-up to the next.
        period_ms: u16,
    },
}

impl Led {
    /// How the heart shows that a message waits for the child.
    pub const MESSAGE_WAITS: Self = Self::Blink { period_ms: 500 };

    /// Returns the bytes to write.
    pub fn encode(self) -> Vec<u8> {
        let (mode, period_ms) = match self {
            Self::Off => (0, STEADY_PERIOD_MS),
            Self::On => (1, STEADY_PERIOD_MS),
            Self::Blink { period_ms } => (2, period_ms),
        };
        let [period_low, period_high] = u16::to_le_bytes(period_ms);
        vec![mode, period_low, period_high, 0x64, 0x00]
    }

    /// Reads what [`Led::encode`] makes, and nothing else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0, _, _, 0x64, 0x00] => Some(Self::Off),
            [1, _, _, 0x64, 0x00] => Some(Self::On),
            [2, low, high, 0x64, 0x00] => {
                Some(Self::Blink { period_ms: u16::from_le_bytes([*low, *high]) })
            }
            _ => None,
        }
    }
}

/// Returns the bytes that set the volume.
pub fn encode_volume(level: u8) -> Vec<u8> {
    vec![0x00, level]
}

/// Reads a volume; bytes after the second mean nothing.
pub fn decode_volume(bytes: &[u8]) -> Option<u8> {
    match bytes {
        [0x00, level, ..] => Some(*level),
        _ => None,
    }
}

/// The name that a toy was given when it was set up: `TTMM_DD_HH_MM_SS`, where TT is the animal and
/// the rest the date and time of the set-up.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct ConfigId([u8; Self::BYTES]);

impl ConfigId {
    const BYTES: usize = 16;
    const SHAPE: &[u8; Self::BYTES] = b"dddd_dd_dd_dd_dd";

    /// Reads an identifier; a factory-new toy has none.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; Self::BYTES] = bytes.try_into().ok()?;
        let fits = bytes.iter().zip(Self::SHAPE).all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            _ => byte == shape,
        });
        fits.then_some(Self(bytes))
    }

    /// Makes the identifier of a toy that is set up now: the animal, then month, day, hour, minute
    /// and second.
    pub fn new(character: Character, [month, day, hour, minute, second]: [u8; 5]) -> Option<Self> {
        let animal = Character::ALL.iter().position(|one| *one == character)?;
        let text = format!("{animal:02x}{month:02}_{day:02}_{hour:02}_{minute:02}_{second:02}");
        Self::decode(text.as_bytes())
    }

    /// Returns the bytes that the toy holds.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the animal, if the number is one of the five.
    pub fn character(&self) -> Option<Character> {
        let [tens, units, ..] = self.0;
        // Two hexadecimal digits; all that the shape lets through are decimal.
        let number = usize::from(tens - b'0') * 16 + usize::from(units - b'0');
        Character::ALL.get(number).copied()
    }
}

impl fmt::Display for ConfigId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

impl fmt::Debug for ConfigId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
