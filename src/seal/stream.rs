//! Bytes of any length under one key: segments of 64 KiB by the STREAM construction.
//!
//! After the header come a random salt of 32 bytes and the segments. HKDF-SHA256 of the
//! caller's key with that salt and a label gives 39 bytes: the key of ChaCha20-Poly1305
//! and the first 7 bytes of every nonce. The nonce ends with the number of the segment
//! (32 bits, big-endian) and a byte that is 1 for the last segment only, so segments can
//! be neither reordered, nor left out, nor added. Every segment is 65,536 plain bytes and a
//! tag of 16, but for the last, which may be shorter and is empty only if everything is.
//!
//! The salt gives each sealing a key of its own: sealing twice under one key never
//! uses a nonce twice.

use aead_stream::EncryptorBE32;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, aead::AeadInOut as _};
use hkdf::Hkdf;
use ring::aead::{self, Aad, CHACHA20_POLY1305, LessSafeKey, UnboundKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{MAX_PLAIN_BYTES, SealError, format::HEADER_BYTES, secret::Secret};

const SALT_BYTES: usize = 32;
const SEGMENT_BYTES: usize = 64 << 10;
const TAG_BYTES: usize = 16;
const SEALED_SEGMENT_BYTES: usize = SEGMENT_BYTES + TAG_BYTES;
const KEY_BYTES: usize = 32;
const PREFIX_BYTES: usize = 7;
const NONCE_BYTES: usize = 12;

/// Returns whether a body of this length can have been written by [`seal`].
pub(super) fn is_plausible(body: &[u8]) -> bool {
    let Some(sealed) = body.len().checked_sub(SALT_BYTES) else { return false };
    let last = match sealed % SEALED_SEGMENT_BYTES {
        0 if sealed == 0 => return false,
        0 => SEALED_SEGMENT_BYTES,
        last => last,
    };
    let n_segments = sealed.div_ceil(SEALED_SEGMENT_BYTES);
    let is_whole = TAG_BYTES < last || (last == TAG_BYTES && n_segments == 1);
    is_whole && sealed - n_segments * TAG_BYTES <= MAX_PLAIN_BYTES
}

/// Returns header, salt and segments of `plain`.
pub(super) fn seal(
    key: &Secret,
    label: &[u8],
    header: [u8; HEADER_BYTES],
    about: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, SealError> {
    if MAX_PLAIN_BYTES < plain.len() {
        return Err(SealError::TooLarge);
    }
    let salt = random_salt();
    let n_segments = plain.len().div_ceil(SEGMENT_BYTES).max(1);
    let length = header.len() + SALT_BYTES + plain.len() + n_segments * TAG_BYTES;

    let (cipher, prefix) = derive::<ChaCha20Poly1305>(key, &salt, label);
    let mut stream = EncryptorBE32::from_aead(cipher, &prefix.into());
    let mut sealed = Vec::with_capacity(length);
    sealed.extend(header);
    sealed.extend(salt);
    let mut segment = Zeroizing::new(Vec::with_capacity(SEALED_SEGMENT_BYTES.min(length)));
    let (whole, last) = split_last(plain, SEGMENT_BYTES);
    for chunk in whole.chunks(SEGMENT_BYTES) {
        segment.extend_from_slice(chunk);
        stream
            .encrypt_next_in_place(about, &mut *segment)
            .map_err(|_opaque| SealError::TooLarge)?;
        sealed.append(&mut segment);
    }
    segment.extend_from_slice(last);
    stream.encrypt_last_in_place(about, &mut *segment).map_err(|_opaque| SealError::TooLarge)?;
    sealed.append(&mut segment);
    Ok(sealed)
}

/// Returns what [`seal`] was given, opened where it is: header, salt and segments.
///
/// Nothing comes out unless every segment is right.
pub(super) fn open<C: Cipher>(
    key: &Secret,
    label: &[u8],
    about: &[u8],
    sealed: Vec<u8>,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    // One piece of memory from here on: each other would be a copy of plain bytes to wipe.
    let mut bytes = Zeroizing::new(sealed);
    let body = bytes.get(HEADER_BYTES..).unwrap_or_default();
    if !is_plausible(body) {
        return Err(SealError::NotSealed);
    }
    let Some(salt) = body.first_chunk::<SALT_BYTES>() else { return Err(SealError::NotSealed) };
    let (cipher, prefix) = derive::<C>(key, salt, label);

    let (mut sealed_from, mut plain_to) = (HEADER_BYTES + SALT_BYTES, 0);
    for number in 0.. {
        let (tag_from, is_last) = match bytes.len() - sealed_from {
            left @ ..=SEALED_SEGMENT_BYTES => (sealed_from + left - TAG_BYTES, true),
            _ => (sealed_from + SEGMENT_BYTES, false),
        };
        let (until_tag, behind) = bytes.split_at_mut(tag_from);
        let room = until_tag.get_mut(plain_to..).expect("plain bytes end before sealed ones");
        let tag = behind.first_chunk::<TAG_BYTES>().expect("a segment ends with its tag");
        cipher.open(nonce(prefix, number, is_last), about, room, sealed_from - plain_to, tag)?;
        plain_to += tag_from - sealed_from;
        sealed_from = tag_from + TAG_BYTES;
        if is_last {
            break;
        }
    }
    bytes.truncate(plain_to);
    Ok(bytes)
}

/// ChaCha20-Poly1305 under one key.
pub(super) trait Cipher {
    fn with_key(key: &[u8; KEY_BYTES]) -> Self;

    /// Opens a segment, which is all of `room` from `from` on, to where `room` begins.
    fn open(
        &self,
        nonce: [u8; NONCE_BYTES],
        about: &[u8],
        room: &mut [u8],
        from: usize,
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), SealError>;
}

/// Zeroes its copy of the key: for what holds keys.
impl Cipher for ChaCha20Poly1305 {
    fn with_key(key: &[u8; KEY_BYTES]) -> Self {
        Self::new(key.into())
    }

    fn open(
        &self,
        nonce: [u8; NONCE_BYTES],
        about: &[u8],
        room: &mut [u8],
        from: usize,
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), SealError> {
        let segment = room.get_mut(from..).ok_or(SealError::NotSealed)?;
        self.decrypt_inout_detached(&nonce.into(), about, segment.into(), tag.into())
            .map_err(|_opaque| SealError::DoesNotOpen)?;
        room.copy_within(from.., 0);
        Ok(())
    }
}

/// The same in assembly, and faster. It does not zero its copy of the key, so it is for the sound of
/// one item, which leaves in the clear anyway.
pub(super) struct Quick(LessSafeKey);

impl Cipher for Quick {
    fn with_key(key: &[u8; KEY_BYTES]) -> Self {
        let key = UnboundKey::new(&CHACHA20_POLY1305, key).expect("a key has 32 bytes");
        Self(LessSafeKey::new(key))
    }

    fn open(
        &self,
        nonce: [u8; NONCE_BYTES],
        about: &[u8],
        room: &mut [u8],
        from: usize,
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), SealError> {
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        self.0
            .open_in_place_separate_tag(nonce, Aad::from(about), (*tag).into(), room, from..)
            .map(drop)
            .map_err(|_opaque| SealError::DoesNotOpen)
    }
}

/// Returns the nonce of a segment: the prefix, its number, and whether it is the last.
fn nonce(prefix: [u8; PREFIX_BYTES], number: u32, is_last: bool) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    let (beginning, rest) = nonce.split_at_mut(PREFIX_BYTES);
    beginning.copy_from_slice(&prefix);
    let (middle, end) = rest.split_at_mut(size_of::<u32>());
    middle.copy_from_slice(&number.to_be_bytes());
    end.fill(u8::from(is_last));
    nonce
}

fn derive<C: Cipher>(
    key: &Secret,
    salt: &[u8; SALT_BYTES],
    label: &[u8],
) -> (C, [u8; PREFIX_BYTES]) {
    let mut material = Zeroizing::new([0; KEY_BYTES + PREFIX_BYTES]);
    Hkdf::<Sha256>::new(Some(salt), key.as_bytes())
        .expand(label, material.as_mut_slice())
        .expect("HKDF-SHA256 gives up to 8,160 bytes");
    let (cipher_key, prefix) = material.split_first_chunk().expect("32 bytes are there");
    (C::with_key(cipher_key), prefix.try_into().expect("7 bytes were left"))
}

fn random_salt() -> [u8; SALT_BYTES] {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).expect("a kernel that has booted gives out randomness");
    salt
}

/// Splits off the last segment, full or not. It is empty only if everything is.
fn split_last(bytes: &[u8], segment_bytes: usize) -> (&[u8], &[u8]) {
    let n_whole = bytes.len().div_ceil(segment_bytes).saturating_sub(1);
    bytes.split_at(n_whole * segment_bytes)
}
