//! The lines at the beginning of a file.

use std::io::{ErrorKind, Read};

use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, Nonce, aead::AeadInOut as _};
use data_encoding::BASE64_NOPAD;
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};
use zeroize::Zeroizing;

use super::{super::secret::Secret, AgeError, Identity, Recipients};

pub(super) const MAGIC: &[u8] = b"age-encryption.org/v1\n";
const X25519: &str = "X25519";
const SCRYPT: &str = "scrypt";
const X25519_INFO: &[u8] = b"age-encryption.org/v1/X25519";
const SCRYPT_SALT: &[u8] = b"age-encryption.org/v1/scrypt";
const HEADER_INFO: &[u8] = b"header";
const PAYLOAD_INFO: &[u8] = b"payload";

const FILE_KEY_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
const WRAPPED_BYTES: usize = FILE_KEY_BYTES + TAG_BYTES;
const SALT_BYTES: usize = 16;
const COLUMNS: usize = 64;

/// How much scrypt works for our files, as a power of two: a second on a Raspberry Pi 4, 64 MiB.
const LOG_N: u8 = 16;
/// The most that is done for a file: what `age` itself bounds.
const MAX_LOG_N: u8 = 20;

/// No header of a backup is longer: two stanzas have 400 bytes.
const MAX_BYTES: usize = 16 << 10;

/// The key of one file.
pub(super) struct FileKey(Zeroizing<[u8; FILE_KEY_BYTES]>);

/// A header that was read and holds together.
pub(super) struct Header {
    /// All of it until the mark before the HMAC, inclusive.
    signed: Vec<u8>,
    mac: [u8; 32],
    stanzas: Vec<Stanza>,
}

struct Stanza {
    arguments: Vec<String>,
    body: Vec<u8>,
}

impl FileKey {
    pub(super) fn random() -> Self {
        let mut bytes = Zeroizing::new([0; FILE_KEY_BYTES]);
        getrandom::fill(bytes.as_mut_slice())
            .expect("a kernel that has booted gives out randomness");
        Self(bytes)
    }

    /// Returns the key of what stands behind the header and this nonce.
    pub(super) fn payload(&self, nonce: &[u8]) -> Zeroizing<[u8; 32]> {
        derive(self.0.as_slice(), nonce, PAYLOAD_INFO)
    }

    fn mac(&self, header: &[u8]) -> Hmac<Sha256> {
        let key = derive(self.0.as_slice(), &[], HEADER_INFO);
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key.as_slice())
            .expect("HMAC takes a key of any length");
        mac.update(header);
        mac
    }
}

/// Returns the header for these recipients.
pub(super) fn make(file_key: &FileKey, recipients: &Recipients<'_>) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    match recipients {
        Recipients::Keys(keys) => {
            assert!(!keys.is_empty(), "a file is for somebody");
            for key in *keys {
                for_key(&mut header, file_key, key.as_bytes());
            }
        }
        Recipients::Passphrase(passphrase) => for_passphrase(&mut header, file_key, passphrase),
    }
    header.extend_from_slice(b"---");
    let mac = file_key.mac(&header).finalize().into_bytes();
    header.extend_from_slice(format!(" {}\n", BASE64_NOPAD.encode(&mac)).as_bytes());
    header
}

fn for_key(header: &mut Vec<u8>, file_key: &FileKey, recipient: &[u8; 32]) {
    let drawn = Secret::random();
    let share = x25519(*drawn.as_bytes(), X25519_BASEPOINT_BYTES);
    let key = of_shared(&x25519(*drawn.as_bytes(), *recipient), &share, recipient);
    let body = wrap(&key, file_key);
    write_stanza(header, &[X25519, &BASE64_NOPAD.encode(&share)], &body);
}

fn for_passphrase(header: &mut Vec<u8>, file_key: &FileKey, passphrase: &str) {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).expect("a kernel that has booted gives out randomness");
    let key = of_passphrase(passphrase, &salt, LOG_N).expect("our own bound is within bounds");
    let body = wrap(&key, file_key);
    write_stanza(header, &[SCRYPT, &BASE64_NOPAD.encode(&salt), &LOG_N.to_string()], &body);
}

fn write_stanza(header: &mut Vec<u8>, arguments: &[&str], body: &[u8]) {
    let body = BASE64_NOPAD.encode(body);
    // The last line of a body is shorter than a full one: this is the only one.
    debug_assert!(body.len() < COLUMNS);
    header.extend_from_slice(format!("-> {}\n{body}\n", arguments.join(" ")).as_bytes());
}

/// Reads a header, and not a byte beyond.
pub(super) fn read(from: &mut impl Read) -> Result<Header, AgeError> {
    let mut lines = Lines { from, read: Vec::new() };
    if lines.next()? != MAGIC.trim_ascii_end() {
        return Err(AgeError::NotAge);
    }
    let mut stanzas = Vec::new();
    loop {
        let before = lines.read.len();
        let line = text(lines.next()?)?;
        if let Some(mac) = line.strip_prefix("--- ") {
            let mac = decode(mac)?.try_into().map_err(|_length| AgeError::NotAge)?;
            let mut signed = lines.read;
            signed.truncate(before + b"---".len());
            return Ok(Header { signed, mac, stanzas });
        }
        let arguments = line.strip_prefix("-> ").ok_or(AgeError::NotAge)?;
        let arguments: Vec<String> = arguments.split(' ').map(str::to_owned).collect();
        let mut body = Vec::new();
        loop {
            let line = text(lines.next()?)?;
            body.extend(decode(&line)?);
            match line.len() {
                COLUMNS => {}
                ..COLUMNS => break,
                _ => return Err(AgeError::NotAge),
            }
        }
        stanzas.push(Stanza { arguments, body });
    }
}

impl Header {
    /// Returns the file's key, if this opens it.
    pub(super) fn open(&self, identity: &Identity) -> Result<FileKey, AgeError> {
        let is_scrypt =
            |stanza: &&Stanza| stanza.arguments.first().is_some_and(|name| name == SCRYPT);
        let of_passphrase = self.stanzas.iter().find(is_scrypt);
        let found = match (identity, identity.secret(), of_passphrase) {
            (Identity::Passphrase(passphrase), _, Some(stanza)) => {
                if self.stanzas.len() != 1 {
                    return Err(AgeError::NotAge);
                }
                stanza.open_with_passphrase(passphrase)?
            }
            (Identity::Passphrase(_), _, None) => return Err(AgeError::WantsKey),
            (_, _, Some(_)) => return Err(AgeError::WantsPassphrase),
            (_, Some(secret), None) => {
                let mut opened = self.stanzas.iter().map(|stanza| stanza.open_with_key(secret));
                opened.find_map(Result::transpose).transpose()?
            }
            (_, None, None) => None,
        };
        let key = found.ok_or(AgeError::OtherKey)?;
        key.mac(&self.signed).verify_slice(&self.mac).map_err(|_wrong| AgeError::NotAge)?;
        Ok(key)
    }
}

impl Stanza {
    /// Returns nothing if it is for another key, or of another kind.
    fn open_with_key(&self, secret: &Secret) -> Result<Option<FileKey>, AgeError> {
        let [name, share] = self.arguments.as_slice() else { return Ok(None) };
        if name != X25519 {
            return Ok(None);
        }
        let share: [u8; 32] = decode(share)?.try_into().map_err(|_length| AgeError::NotAge)?;
        let shared = Zeroizing::new(x25519(*secret.as_bytes(), share));
        // A share with which everybody comes to the same.
        if shared.iter().all(|byte| *byte == 0) {
            return Err(AgeError::NotAge);
        }
        let own = x25519(*secret.as_bytes(), X25519_BASEPOINT_BYTES);
        unwrap(&of_shared(&shared, &share, &own), &self.body)
    }

    fn open_with_passphrase(&self, passphrase: &str) -> Result<Option<FileKey>, AgeError> {
        let [_name, salt, log_n] = self.arguments.as_slice() else { return Err(AgeError::NotAge) };
        let salt: [u8; SALT_BYTES] =
            decode(salt)?.try_into().map_err(|_length| AgeError::NotAge)?;
        let is_plain = !log_n.starts_with('0') && log_n.bytes().all(|byte| byte.is_ascii_digit());
        let log_n: u8 = log_n.parse().map_err(|_no_number| AgeError::NotAge)?;
        if !is_plain {
            return Err(AgeError::NotAge);
        }
        let key = of_passphrase(passphrase, &salt, log_n).ok_or(AgeError::TooMuchWork)?;
        unwrap(&key, &self.body)
    }
}

fn of_shared(shared: &[u8; 32], share: &[u8; 32], recipient: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    derive(shared, &[share.as_slice(), recipient].concat(), X25519_INFO)
}

/// Returns nothing if that would be too much work.
fn of_passphrase(
    passphrase: &str,
    salt: &[u8; SALT_BYTES],
    log_n: u8,
) -> Option<Zeroizing<[u8; 32]>> {
    if MAX_LOG_N < log_n {
        return None;
    }
    let parameters = scrypt::Params::new(log_n, 8, 1).ok()?;
    let mut key = Zeroizing::new([0; 32]);
    let salt = [SCRYPT_SALT, salt].concat();
    scrypt::scrypt(passphrase.as_bytes(), &salt, &parameters, key.as_mut_slice()).ok()?;
    Some(key)
}

fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), secret)
        .expand(info, key.as_mut_slice())
        .expect("HKDF-SHA256 gives up to 8,160 bytes");
    key
}

/// The key wraps one thing only, so that the nonce may be zero.
fn wrap(key: &[u8; 32], file_key: &FileKey) -> Vec<u8> {
    let mut wrapped = file_key.0.to_vec();
    ChaCha20Poly1305::new(key.into())
        .encrypt_in_place(&Nonce::default(), b"", &mut wrapped)
        .expect("sixteen bytes are few enough");
    wrapped
}

fn unwrap(key: &[u8; 32], body: &[u8]) -> Result<Option<FileKey>, AgeError> {
    if body.len() != WRAPPED_BYTES {
        return Err(AgeError::NotAge);
    }
    let mut opened = Zeroizing::new(body.to_vec());
    let opens =
        ChaCha20Poly1305::new(key.into()).decrypt_in_place(&Nonce::default(), b"", &mut *opened);
    let bytes = opens.ok().and_then(|()| opened.first_chunk().copied());
    Ok(bytes.map(|bytes| FileKey(Zeroizing::new(bytes))))
}

/// Lines without what ends them.
struct Lines<'a, R> {
    from: &'a mut R,
    /// All that was read so far.
    read: Vec<u8>,
}

impl<R: Read> Lines<'_, R> {
    fn next(&mut self) -> Result<&[u8], AgeError> {
        let begin = self.read.len();
        let mut byte = [0];
        while self.read.len() < MAX_BYTES {
            self.from.read_exact(&mut byte).map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => AgeError::NotAge,
                _ => AgeError::Io(error),
            })?;
            self.read.extend(byte);
            if byte == *b"\n" {
                let line = self.read.get(begin..).unwrap_or_default();
                return Ok(line.strip_suffix(b"\n").unwrap_or(line));
            }
        }
        Err(AgeError::NotAge)
    }
}

fn text(line: &[u8]) -> Result<String, AgeError> {
    let is_plain = line.iter().all(|byte| (b' '..=b'~').contains(byte));
    let text = str::from_utf8(line).ok().filter(|_| is_plain);
    text.map(str::to_owned).ok_or(AgeError::NotAge)
}

/// Takes what [`BASE64_NOPAD`] writes, and no other spelling of the same.
fn decode(text: &str) -> Result<Vec<u8>, AgeError> {
    BASE64_NOPAD.decode(text.as_bytes()).map_err(|_no_base64| AgeError::NotAge)
}
