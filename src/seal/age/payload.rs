//! What stands behind the header: segments of 64 KiB.

use std::io::{self, ErrorKind, Read, Write};

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

use super::header::FileKey;

const NONCE_BYTES: usize = 16;
const SEGMENT_BYTES: usize = 64 << 10;
const TAG_BYTES: usize = 16;
const SEALED_SEGMENT_BYTES: usize = SEGMENT_BYTES + TAG_BYTES;

/// Writes the content of a file. Dropped before [`Writer::finish`], it leaves a file that does not open
/// to its end.
pub struct Writer<W> {
    out: W,
    cipher: Cipher,
    /// What is not sealed yet: never more than a segment.
    segment: Zeroizing<Vec<u8>>,
}

/// Reads the content of a file.
pub struct Reader<R> {
    from: R,
    cipher: Cipher,
    /// The segment that is read from, opened, and how much of it was given.
    segment: Zeroizing<Vec<u8>>,
    given: usize,
    /// The beginning of the one behind it: whether there is one decides how this one was sealed.
    ahead: Vec<u8>,
    is_last: bool,
    /// Nothing comes any more of a file in which something was wrong.
    is_broken: bool,
}

/// One key, and how many segments it has sealed or opened.
struct Cipher {
    key: LessSafeKey,
    n_segments: u64,
}

impl<W: Write> Writer<W> {
    pub(super) fn begin(mut out: W, file_key: &FileKey) -> io::Result<Self> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).expect("a kernel that has booted gives out randomness");
        out.write_all(&nonce)?;
        let segment = Zeroizing::new(Vec::with_capacity(SEALED_SEGMENT_BYTES));
        Ok(Self { out, cipher: Cipher::new(file_key, &nonce), segment })
    }

    /// Writes what is left, and with it that this is all. Returns what was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.write_segment(true)?;
        Ok(self.out)
    }

    fn write_segment(&mut self, is_last: bool) -> io::Result<()> {
        self.cipher.seal(&mut self.segment, is_last);
        self.out.write_all(&self.segment)?;
        self.segment.clear();
        Ok(())
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full segment waits for a byte behind it, or it would be the last.
        if self.segment.len() == SEGMENT_BYTES && !bytes.is_empty() {
            self.write_segment(false)?;
        }
        let n_bytes = bytes.len().min(SEGMENT_BYTES - self.segment.len());
        self.segment.extend_from_slice(bytes.get(..n_bytes).unwrap_or_default());
        Ok(n_bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<R: Read> Reader<R> {
    pub(super) fn begin(mut from: R, file_key: &FileKey) -> io::Result<Self> {
        let mut nonce = [0; NONCE_BYTES];
        from.read_exact(&mut nonce).map_err(cut_short)?;
        let mut ahead = Vec::with_capacity(SEALED_SEGMENT_BYTES);
        read_segment(&mut from, &mut ahead)?;
        Ok(Self {
            from,
            cipher: Cipher::new(file_key, &nonce),
            segment: Zeroizing::new(Vec::with_capacity(SEALED_SEGMENT_BYTES)),
            given: 0,
            ahead,
            is_last: false,
            is_broken: false,
        })
    }

    /// Opens the next segment.
    fn advance(&mut self) -> io::Result<()> {
        std::mem::swap(&mut *self.segment, &mut self.ahead);
        self.given = 0;
        read_segment(&mut self.from, &mut self.ahead)?;
        self.is_last = self.ahead.is_empty();
        let is_first = self.cipher.n_segments == 0;
        let opens = self.cipher.open(&mut self.segment, self.is_last);
        // An empty segment ends an empty file only.
        if !opens || (self.segment.is_empty() && !is_first) {
            self.segment.clear();
            self.is_broken = true;
            return Err(damaged());
        }
        Ok(())
    }
}

impl<R: Read> Read for Reader<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.given == self.segment.len() {
            if self.is_broken {
                return Err(damaged());
            }
            if self.is_last {
                return Ok(0);
            }
            self.advance()?;
        }
        let rest = self.segment.get(self.given..).unwrap_or_default();
        let n_bytes = rest.len().min(room.len());
        if let (Some(to), Some(from)) = (room.get_mut(..n_bytes), rest.get(..n_bytes)) {
            to.copy_from_slice(from);
        }
        self.given += n_bytes;
        Ok(n_bytes)
    }
}

impl Cipher {
    fn new(file_key: &FileKey, nonce: &[u8]) -> Self {
        let key = UnboundKey::new(&CHACHA20_POLY1305, file_key.payload(nonce).as_slice());
        Self { key: LessSafeKey::new(key.expect("a key has 32 bytes")), n_segments: 0 }
    }

    fn seal(&mut self, segment: &mut Vec<u8>, is_last: bool) {
        let nonce = self.next_nonce(is_last);
        self.key
            .seal_in_place_append_tag(nonce, Aad::empty(), segment)
            .expect("a segment is short enough");
    }

    /// Opens a segment where it is. Returns whether it was one, in this place.
    fn open(&mut self, segment: &mut Vec<u8>, is_last: bool) -> bool {
        let nonce = self.next_nonce(is_last);
        let opened = self.key.open_in_place(nonce, Aad::empty(), segment);
        let Ok(n_bytes) = opened.map(|plain| plain.len()) else { return false };
        segment.truncate(n_bytes);
        true
    }

    /// Eleven bytes count the segments, the twelfth is 1 for the last.
    fn next_nonce(&mut self, is_last: bool) -> Nonce {
        let number = (u128::from(self.n_segments) << 8) | u128::from(is_last);
        self.n_segments += 1;
        let bytes = number.to_be_bytes();
        Nonce::assume_unique_for_key(*bytes.last_chunk().expect("sixteen bytes end with twelve"))
    }
}

/// Reads as much as a segment has, or what is left.
fn read_segment(from: &mut impl Read, segment: &mut Vec<u8>) -> io::Result<()> {
    segment.clear();
    let most = u64::try_from(SEALED_SEGMENT_BYTES).unwrap_or(u64::MAX);
    from.take(most).read_to_end(segment)?;
    Ok(())
}

fn cut_short(error: io::Error) -> io::Error {
    if error.kind() == ErrorKind::UnexpectedEof { damaged() } else { error }
}

fn damaged() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "it is damaged, or was cut short")
}
