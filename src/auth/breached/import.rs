//! Making an index of a list.

use std::io::{self, BufRead, Read as _, Write};

use data_encoding::HEXUPPER_PERMISSIVE;

use super::format::{self, Foot, HEAD, MAX_ENTRIES_OF_BLOCK};

const HASH_DIGITS: usize = 40;
const NTLM_DIGITS: usize = 32;

/// Longer than any line of a whole list: 40 digits, a colon, a count, the end of the line.
const MAX_LINE_BYTES: u64 = 80;

/// How many digits 64 bits take at the most.
const MAX_COUNT_DIGITS: usize = 20;

/// What some programs put before the first line of a text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What to take of a list, and how long it may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// How often a password must have been breached to be taken; 0 and 1 take all.
    pub min_count: u64,
    /// How many lines there are, rather too many than too few. 2^30 if that cannot be known, which
    /// costs a short list a file of at least 8 MiB.
    pub lines_expected: u64,
}

/// What came of an import.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Imported {
    /// How many lines were read.
    pub lines: u64,
    /// How many passwords are in the index, without those that it cannot tell apart.
    pub entries: u64,
    /// How long the index is.
    pub bytes: u64,
}

/// Why there is no index. What was written until then is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The list could not be read.
    #[error("could not read the list")]
    Read(#[source] io::Error),
    /// The index could not be written.
    #[error("could not write the index")]
    Write(#[source] io::Error),
    /// A line has a hash of the other kind that such lists are published with.
    #[error("line {line} has an NTLM hash; download the list of SHA-1 hashes instead")]
    Ntlm {
        /// Which line.
        line: u64,
    },
    /// A line has a smaller hash than the one before.
    #[error("line {line} is out of order; download the list that is ordered by hash")]
    OutOfOrder {
        /// Which line.
        line: u64,
    },
    /// A line is something else, or a part of what it was.
    #[error(
        "line {line} is no SHA-1 hash of 40 digits with a colon and a count; \
         download the list again"
    )]
    Broken {
        /// Which line.
        line: u64,
    },
    /// Far too many hashes are close to each other, or there are many more lines than expected.
    #[error("up to line {line} the hashes lie too close together; download the list again")]
    TooDense {
        /// Which line.
        line: u64,
    },
    /// There is no line.
    #[error("the list is empty; download it again")]
    Empty,
    /// All lines were left out.
    #[error("no password on the list was breached {min_count} times; ask for fewer")]
    NothingKept {
        /// How often they had to be breached.
        min_count: u64,
    },
}

/// Makes an index of a list of SHA-1 hashes with counts, ordered by hash.
///
/// A line is `HASH:COUNT`, with the hash in 40 hexadecimal digits; lines end in LF or CRLF. Output
/// is written in small pieces: give it a buffer.
pub fn import(
    list: &mut impl BufRead,
    index: &mut impl Write,
    wanted: Wanted,
) -> Result<Imported, ImportError> {
    let mut blocks = Blocks::begin(index, format::prefix_bits(wanted.lines_expected))?;
    let mut line = Vec::new();
    let (mut n_lines, mut previous) = (0, [0; HASH_DIGITS / 2]);
    while read_line(list, &mut line)? {
        n_lines += 1;
        let text = line.strip_prefix(BYTE_ORDER_MARK).filter(|_| n_lines == 1).unwrap_or(&line);
        let (hash, count) = parse(text, n_lines)?;
        if hash < previous {
            return Err(ImportError::OutOfOrder { line: n_lines });
        }
        previous = hash;
        if wanted.min_count <= count {
            blocks.add(&hash, n_lines)?;
        }
    }
    if n_lines == 0 {
        return Err(ImportError::Empty);
    }
    let (entries, bytes) = blocks.end(wanted.min_count)?;
    if entries == 0 {
        return Err(ImportError::NothingKept { min_count: wanted.min_count });
    }
    Ok(Imported { lines: n_lines, entries, bytes })
}

/// Reads the next line without its end, and no more of a longer one than shows that it is too long.
fn read_line(list: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, ImportError> {
    line.clear();
    let n_bytes =
        list.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', line).map_err(ImportError::Read)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(n_bytes != 0)
}

/// Reads one line.
fn parse(text: &[u8], line: u64) -> Result<([u8; HASH_DIGITS / 2], u64), ImportError> {
    let broken = || ImportError::Broken { line };
    let colon = text.iter().position(|byte| *byte == b':').ok_or_else(broken)?;
    let (digits, count) = text.split_at_checked(colon).ok_or_else(broken)?;
    if digits.len() == NTLM_DIGITS && digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(ImportError::Ntlm { line });
    }
    let mut hash = [0; HASH_DIGITS / 2];
    if digits.len() != HASH_DIGITS {
        return Err(broken());
    }
    HEXUPPER_PERMISSIVE.decode_mut(digits, &mut hash).map_err(|_which_digit| broken())?;
    let count = count.get(1..).and_then(parse_count).ok_or_else(broken)?;
    Ok((hash, count))
}

fn parse_count(digits: &[u8]) -> Option<u64> {
    // What was cut off from a line that is too long has more, and would pass for a line.
    if digits.is_empty() || MAX_COUNT_DIGITS < digits.len() {
        return None;
    }
    digits.iter().try_fold(0_u64, |count, digit| {
        let digit = Some(digit).filter(|digit| digit.is_ascii_digit())?;
        count.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })
}

/// The index while it is written: the block that is being filled, and where those before it begin.
struct Blocks<'a, W> {
    index: &'a mut W,
    prefix_bits: u32,
    written_bytes: u64,
    n_entries: u64,
    offsets: Vec<u64>,
    number: u32,
    entries: Vec<u32>,
    encoded: Vec<u8>,
}

impl<'a, W: Write> Blocks<'a, W> {
    fn begin(index: &'a mut W, prefix_bits: u32) -> Result<Self, ImportError> {
        let mut blocks = Self {
            index,
            prefix_bits,
            written_bytes: 0,
            n_entries: 0,
            offsets: Vec::new(),
            number: 0,
            entries: Vec::new(),
            encoded: Vec::new(),
        };
        blocks.write(&HEAD)?;
        blocks.offsets.push(blocks.written_bytes);
        Ok(blocks)
    }

    /// Adds a hash, which is not less than those before.
    fn add(&mut self, hash: &[u8; 20], line: u64) -> Result<(), ImportError> {
        let (number, entry) = format::split(hash, self.prefix_bits);
        while self.number < number {
            self.end_block()?;
        }
        if self.entries.last() == Some(&entry) {
            return Ok(());
        }
        if self.entries.len() == MAX_ENTRIES_OF_BLOCK {
            return Err(ImportError::TooDense { line });
        }
        self.entries.push(entry);
        self.n_entries += 1;
        Ok(())
    }

    fn end_block(&mut self) -> Result<(), ImportError> {
        let mut encoded = std::mem::take(&mut self.encoded);
        encoded.clear();
        format::encode_block(self.number, &self.entries, &mut encoded);
        self.write(&encoded)?;
        self.encoded = encoded;
        self.entries.clear();
        self.offsets.push(self.written_bytes);
        self.number += 1;
        Ok(())
    }

    /// Writes the rest and returns the number of entries and of bytes.
    fn end(mut self, min_count: u64) -> Result<(u64, u64), ImportError> {
        while self.number < 1 << self.prefix_bits {
            self.end_block()?;
        }
        let table_at = self.written_bytes;
        for offset in std::mem::take(&mut self.offsets) {
            self.write(&offset.to_le_bytes())?;
        }
        let (prefix_bits, entries) = (self.prefix_bits, self.n_entries);
        self.write(&Foot { prefix_bits, entries, min_count, table_at }.encode())?;
        self.index.flush().map_err(ImportError::Write)?;
        Ok((entries, self.written_bytes))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        self.index.write_all(bytes).map_err(ImportError::Write)?;
        self.written_bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(())
    }
}
