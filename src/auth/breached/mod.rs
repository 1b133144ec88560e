//! Passwords that thieves try first: the list that Hutch ships, and one that a household imports.
//!
//! Both are indexes of SHA-1 hashes, because that is what lists of breached passwords are published
//! as; nothing rests on its strength. [`import()`] makes an index of such a list in one pass and in
//! constant memory, [`Index`] looks passwords up in it with two small reads, and [`Shipped`] is the
//! one within this program.
//!
//! An index answers "yes" for everything on its list. For a password that is not, it says "yes" by
//! mistake in fewer than one case in a million.
//!
//! # The file
//!
//! | part | content |
//! |---|---|
//! | head | the magic `HUTCHPW` and the version of the format, 1 |
//! | blocks | 2^`p` of them, one for each value of the first `p` bits of a hash |
//! | table | where each block begins, and where the last one ends: 2^`p` + 1 numbers of 8 bytes |
//! | foot | `p` (1 byte), entries (8), the least count that was kept (8), where the table begins (8), 4 bytes of SHA-256 of these, the head once more |
//!
//! Numbers are little-endian. `p` is such that a block has up to 1,024 entries if the list is no
//! longer than expected: ten less than the bits of the expected number of lines, 20 at most.
//!
//! A block without entries has no bytes. Any other has their number (2 bytes), a Rice parameter `r`
//! (1 byte), the entries, and 4 bytes of SHA-256 of the block's number and all of that. An entry is
//! the next 30 bits of a hash behind the first `p`. They are in rising order, and each is written as
//! its distance to the one before, less one: the distance over 2^`r` in as many zeros and a one, then
//! its last `r` bits. That takes between 21 and 23 bits an entry.
//!
//! So a hash is told apart by `p` + 30 bits, 2^20 times as many as there are lines expected: that is
//! where the one in 1,048,576 comes from. A list with more than 2^30 lines, or one that was longer
//! than expected, has as much more.

mod format;
mod import;
mod index;
#[cfg(test)]
mod tests;

use std::io::{Cursor, Read, Seek};

use sha1::{Digest as _, Sha1};

pub use format::IndexError;
pub use import::{ImportError, Imported, Wanted, import};
pub use index::Index;

/// A list of breached passwords, as [`password::check`](super::password::check) asks it.
pub trait Breached {
    /// Returns whether the password is on the list; "no" if that cannot be told.
    fn has(&mut self, password: &str) -> bool;
}

impl<R: Read + Seek> Breached for Index<R> {
    /// What went wrong, if something did, is for [`Index::take_fault`].
    fn has(&mut self, password: &str) -> bool {
        self.contains(password).unwrap_or_else(|fault| {
            self.set_fault(fault);
            false
        })
    }
}

/// The list that comes with Hutch: common passwords, all in lower case.
///
/// What is on it, by whom, and how it is made again, is in `common.txt` beside the file.
#[derive(Clone, Copy, Debug)]
pub struct Shipped;

impl Shipped {
    const FILE: &[u8] = include_bytes!("common.idx");

    /// Returns whether the password is on the list, in whatever case.
    pub fn contains(password: &str) -> bool {
        let mut index = Self::index();
        let lower = super::normal::lower_case(password);
        index.contains(&lower).expect("a file within the program is whole, which a test reads")
    }

    fn index() -> Index<Cursor<&'static [u8]>> {
        Index::open(Cursor::new(Self::FILE))
            .expect("a file within the program is whole, which a test reads")
    }
}

/// Returns the hash under which lists of breached passwords have this one.
fn hash(password: &str) -> [u8; 20] {
    Sha1::digest(password.as_bytes()).into()
}
