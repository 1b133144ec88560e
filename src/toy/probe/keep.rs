//! What may get into a transcript. All bytes and names from a toy pass through here.

use std::fmt;

use crate::{
    model::ToyAddress,
    toy::wire::{
        Characteristic, DataRequest, HEADER_BYTES, NAME_PREFIXES, Offer, SERVICE, ToyState,
        decode_volume,
    },
};

/// The longest shape that is kept.
const MAX_SHAPE: usize = 32;

/// What every UUID of Bluetooth's own ends with; the first group tells them apart.
const BLUETOOTH: u128 = 0x0000_0000_0000_1000_8000_0080_5f9b_34fb;

/// Something that may stand in a transcript: it says nothing of whose toy it is, nor what was spoken.
///
/// There is no way to make one but these functions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kept(String);

impl Kept {
    /// Keeps the maker's half of an address; the other half is this toy's alone.
    pub fn address(address: ToyAddress) -> Self {
        let [first, second, third, ..] = address.0;
        Self(format!("{first:02X}:{second:02X}:{third:02X}"))
    }

    /// Keeps a name if it is the maker's, with image and version; of anything else its shape.
    pub fn name(name: &str) -> Self {
        let rest =
            NAME_PREFIXES.iter().find_map(|prefix| Some((*prefix, name.strip_prefix(prefix)?)));
        match rest {
            Some((prefix, rest)) if is_version(rest) => Self(format!("{prefix}{rest}")),
            Some((prefix, rest)) => Self(format!("{prefix}{}", shape(rest.chars()))),
            None => Self(shape(name.chars())),
        }
    }

    /// Keeps a value that a toy holds or notifies, as far as its meaning is known; of an identifier its
    /// shape, of everything else its length.
    pub fn value(of: Characteristic, bytes: &[u8]) -> Self {
        let (text, n_known) = match of {
            Characteristic::State => (ToyState::decode(bytes).map(state), 1),
            Characteristic::DataRequest => {
                let request = DataRequest::decode(bytes);
                let text = request.map(|DataRequest { requested, transferred }| {
                    format!("requested {requested}, transferred {transferred}")
                });
                (text, 4)
            }
            Characteristic::Volume => {
                (decode_volume(bytes).map(|level| format!("level {level}")), 2)
            }
            Characteristic::Config => {
                let letters = bytes.iter().copied().map(char::from);
                return Self(format!("{} ({})", shape(letters), n_bytes(bytes.len())));
            }
            Characteristic::Command
            | Characteristic::SendAudio
            | Characteristic::ReceiveAudio
            | Characteristic::Led => (None, 0),
        };
        let n_more = bytes.len().saturating_sub(n_known);
        Self(match text {
            Some(text) if n_more == 0 => text,
            Some(text) => format!("{text}, and {}", n_bytes(n_more)),
            None => n_bytes(bytes.len()),
        })
    }

    /// Keeps what was written to the toy if it is a command or a heart, which say nothing of anybody.
    pub fn written(to: Characteristic, bytes: &[u8]) -> Self {
        match to {
            Characteristic::Command | Characteristic::Led if bytes.len() <= 5 => Self(hex(bytes)),
            _ => Self(n_bytes(bytes.len())),
        }
    }

    /// Keeps the header of a recording, and not a byte of what comes after it.
    pub fn header(recording: &[u8]) -> Self {
        let n_kept = recording.len().min(HEADER_BYTES);
        Self(hex(recording.get(..n_kept).unwrap_or_default()))
    }

    /// Keeps what a toy offers; of a UUID that is nobody's whom we know the first group.
    pub fn offer(offer: &Offer) -> Self {
        let Offer { service, characteristic, properties } = *offer;
        let known = Characteristic::from_uuid(characteristic).filter(|_| service == SERVICE);
        let as_expected = match known {
            None => "",
            Some(one) if one.properties() == properties => ", as expected",
            Some(_) => ", not as expected",
        };
        let name = known.map_or_else(String::new, |one| format!(" {}", one.name()));
        let (service, characteristic) = (uuid(service), uuid(characteristic));
        Self(format!("{service}/{characteristic}{name}{}{as_expected}", allowed(properties)))
    }

    /// Keeps the beginning of the digest of a GATT table.
    pub fn table(digest: &[u8; 32]) -> Self {
        Self(hex(digest.first_chunk::<8>().map_or(&[], <[u8; 8]>::as_slice)).replace(' ', ""))
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns a state by number and name.
pub(super) fn state(state: ToyState) -> String {
    match state {
        ToyState::Other(value) => format!("{value}"),
        known => format!("{} {known:?}", known.to_byte()),
    }
}

/// Returns whether this is what the maker puts after the name, such as ` B 1.0.19`.
fn is_version(rest: &str) -> bool {
    let mut words = rest.split(' ');
    let is_image = |word: &str| matches!(word.as_bytes(), [b'A'..=b'Z']);
    let is_number = |part: &str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|digit| digit.is_ascii_digit())
    };
    let is_version = |word: &str| word.split('.').count() <= 4 && word.split('.').all(is_number);
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some(""), None, None, None) => true,
        (Some(""), Some(image), Some(version), None) => is_image(image) && is_version(version),
        _ => false,
    }
}

/// Returns what kinds of letters there are: `9` for digits, `a` and `A` for letters, `?` for others.
fn shape(text: impl Iterator<Item = char>) -> String {
    let kinds = text.map(|letter| match letter {
        '0'..='9' => '9',
        'a'..='z' => 'a',
        'A'..='Z' => 'A',
        '_' | ' ' | '.' => letter,
        _ => '?',
    });
    let shape: String = kinds.take(MAX_SHAPE).collect();
    if shape.is_empty() { "empty".to_owned() } else { shape }
}

fn uuid(uuid: u128) -> String {
    let first = uuid >> 96;
    if let Some(one) = Characteristic::from_uuid(uuid) {
        return format!("{:04x}", (one.uuid() >> 48) & 0xffff);
    }
    match uuid {
        SERVICE => "toy".to_owned(),
        _ if uuid & (u128::MAX >> 32) == BLUETOOTH => format!("{first:04x}"),
        _ => format!("{first:08x}-\u{2026}"),
    }
}

fn allowed(properties: u8) -> String {
    let names = [
        (Offer::READ, " read"),
        (Offer::WRITE, " write"),
        (Offer::WRITE_WITHOUT_RESPONSE, " write-without-response"),
        (Offer::NOTIFY, " notify"),
        (Offer::INDICATE, " indicate"),
    ];
    let names = names.into_iter().filter(|(bit, _)| properties & bit != 0);
    names.map(|(_, name)| name).collect()
}

fn n_bytes(n_bytes: usize) -> String {
    if n_bytes == 1 { "1 byte".to_owned() } else { format!("{n_bytes} bytes") }
}

fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}
