//! A file that is written to the disk, and read from there, past what the computer remembers of files: so
//! that writing waits for nothing but the disk, reading tells what lies there, and the memory of a small
//! computer stays for what else it does.
//!
//! The disk takes and gives blocks for that. The end of a file is rarely one; and a file system may not
//! know how, or want other blocks: then it goes on through memory, as with any file.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::mpsc::{Receiver, Sender, channel},
};

use rustix::{
    fs::{Advice, OFlags, fadvise, fcntl_getfl, fcntl_setfl},
    io::Errno,
};

/// A multiple of every disk's blocks; also of where they may lie in memory.
const BLOCK_BYTES: usize = 4 << 10;
/// How much goes to the disk or comes from there at once.
const PIECE_BYTES: usize = 1 << 20;
/// How far whoever reads a file while it is written keeps behind, at least: a disk is to have put away so much at a
/// time, as that takes it a moment each time. Whole pieces.
const SPAN_BYTES: u64 = 32 << 20;

/// A file, as long as it can past what is remembered of it.
struct Straight {
    file: File,
    is_past: bool,
}

/// Memory for a piece, in which blocks can lie.
struct Room {
    bytes: Vec<u8>,
    begins: usize,
}

/// Writes one, from its first byte on. Without [`Writer::end`] its last bytes are missing.
pub(super) struct Writer {
    to: Straight,
    room: Room,
    n_bytes: usize,
    /// How much was passed on, and who is told, if somebody reads behind it.
    n_passed: u64,
    reader: Option<Sender<u64>>,
}

/// Reads one, from its first byte on.
pub(super) struct Reader {
    from: Straight,
    room: Room,
    /// How much of the piece there is, and how much of that was given.
    n_bytes: usize,
    given: usize,
    /// How much was read.
    n_read: u64,
    /// Of a file that is being written.
    unfinished: Option<Unfinished>,
}

/// What is known of a file that is being written.
struct Unfinished {
    /// How much was passed on; it ends with the file.
    passed: Receiver<u64>,
    /// How much of that the disk has.
    there: u64,
}

impl Straight {
    fn open(options: &OpenOptions, path: &Path) -> io::Result<Self> {
        let file = options.open(path)?;
        let past = fcntl_getfl(&file)?.union(OFlags::DIRECT);
        let is_past = fcntl_setfl(&file, past).is_ok();
        Ok(Self { file, is_past })
    }

    /// From here on it goes through memory.
    fn give_up(&mut self) -> io::Result<()> {
        fcntl_setfl(&self.file, fcntl_getfl(&self.file)?.difference(OFlags::DIRECT))?;
        self.is_past = false;
        Ok(())
    }

    /// Does something to the file, once more through memory if it does not go past that.
    fn attempt<T>(&mut self, mut does: impl FnMut(&mut File) -> io::Result<T>) -> io::Result<T> {
        loop {
            match does(&mut self.file) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if self.is_past && is_unfit(&error) => self.give_up()?,
                done => return done,
            }
        }
    }
}

fn is_unfit(error: &io::Error) -> bool {
    let unfit = [Errno::INVAL, Errno::NOTSUP, Errno::NOSYS];
    error.raw_os_error().is_some_and(|code| unfit.iter().any(|unfit| unfit.raw_os_error() == code))
}

impl Room {
    fn new() -> Self {
        let bytes = vec![0_u8; PIECE_BYTES + BLOCK_BYTES];
        let begins = bytes.as_ptr().align_offset(BLOCK_BYTES).min(BLOCK_BYTES);
        Self { bytes, begins }
    }

    fn bytes(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.begins..self.begins + PIECE_BYTES).unwrap_or_default()
    }
}

impl Writer {
    /// Begins a file, which must not be there.
    pub(super) fn begin(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let to = Straight::open(&options, path)?;
        Ok(Self { to, room: Room::new(), n_bytes: 0, n_passed: 0, reader: None })
    }

    /// Begins to read what is written from here on, which was begun at this path: as far as the disk has it, until
    /// the end. Where the writer is dropped before that, what there is of it is read.
    pub(super) fn behind(&mut self, path: &Path) -> io::Result<Reader> {
        let mut reader = Reader::begin(path)?;
        let (told, passed) = channel();
        self.reader = Some(told);
        reader.unfinished = Some(Unfinished { passed, there: 0 });
        Ok(reader)
    }

    /// Writes what is left. When this returns, the disk has all of it.
    pub(super) fn end(mut self) -> io::Result<File> {
        self.pass_on()?;
        self.to.file.sync_all()?;
        Ok(self.to.file)
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let Self { to, room, n_bytes, n_passed, reader } = self;
        let mut rest = room.bytes().get(..*n_bytes).unwrap_or_default();
        while !rest.is_empty() {
            if to.is_past && !rest.len().is_multiple_of(BLOCK_BYTES) {
                to.give_up()?;
            }
            let n_written = to.attempt(|file| file.write(rest))?;
            if n_written == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
            rest = rest.get(n_written..).unwrap_or_default();
        }
        *n_passed += u64::try_from(*n_bytes).unwrap_or_default();
        *n_bytes = 0;
        if let Some(reader) = reader {
            // Whoever has read enough of it says why.
            let _ = reader.send(*n_passed);
        }
        Ok(())
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.n_bytes == PIECE_BYTES {
            self.pass_on()?;
        }
        let n_bytes = bytes.len().min(PIECE_BYTES - self.n_bytes);
        let room = self.room.bytes().get_mut(self.n_bytes..self.n_bytes + n_bytes);
        if let (Some(room), Some(bytes)) = (room, bytes.get(..n_bytes)) {
            room.copy_from_slice(bytes);
        }
        self.n_bytes += n_bytes;
        Ok(n_bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Reader {
    /// Begins to read a file.
    pub(super) fn begin(path: &Path) -> io::Result<Self> {
        let from = Straight::open(OpenOptions::new().read(true), path)?;
        forget(&from.file);
        Ok(Self { from, room: Room::new(), n_bytes: 0, given: 0, n_read: 0, unfinished: None })
    }

    /// Returns how much may be read at once, which is waited for where it is yet to be written.
    fn most(&mut self) -> io::Result<usize> {
        let Some(unfinished) = &mut self.unfinished else { return Ok(PIECE_BYTES) };
        if unfinished.there <= self.n_read {
            unfinished.wait(&self.from.file)?;
        }
        let there = unfinished.there.saturating_sub(self.n_read);
        Ok(usize::try_from(there).map_or(PIECE_BYTES, |there| there.min(PIECE_BYTES)))
    }
}

impl Unfinished {
    /// Waits until there is a span more, or the end, and the disk has it.
    fn wait(&mut self, file: &File) -> io::Result<()> {
        let enough = self.there + SPAN_BYTES;
        let passed = self.passed.iter().find(|passed| enough <= *passed);
        file.sync_data()?;
        forget(file);
        // Behind the end nothing more comes.
        self.there = passed.unwrap_or(u64::MAX);
        Ok(())
    }
}

/// What goes through memory is to come from the disk all the same, where the computer lets it go.
fn forget(file: &File) {
    if let Err(error) = fadvise(file, 0, None, Advice::DontNeed) {
        tracing::debug!(%error, "a backup may be read from memory");
    }
}

impl Read for Reader {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.given == self.n_bytes {
            let most = self.most()?;
            let Self { from, room, n_bytes, given, n_read, .. } = self;
            // Behind the end of a file there are no blocks; what ends within one may be the end.
            if from.is_past && !n_bytes.is_multiple_of(BLOCK_BYTES) {
                from.give_up()?;
            }
            let room = room.bytes().get_mut(..most).unwrap_or_default();
            *n_bytes = from.attempt(|file| file.read(room))?;
            *n_read += u64::try_from(*n_bytes).unwrap_or_default();
            *given = 0;
        }
        let Self { room, n_bytes, given, .. } = self;
        let rest = room.bytes().get(*given..*n_bytes).unwrap_or_default();
        let n_now = rest.len().min(to.len());
        if let (Some(to), Some(rest)) = (to.get_mut(..n_now), rest.get(..n_now)) {
            to.copy_from_slice(rest);
        }
        *given += n_now;
        Ok(n_now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(n: usize) -> Vec<u8> {
        (0..n).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    fn read(path: &Path) -> Vec<u8> {
        let mut read = Vec::new();
        Reader::begin(path).unwrap().read_to_end(&mut read).unwrap();
        read
    }

    /// On a disk, and in memory, where there are no blocks.
    fn places() -> [tempfile::TempDir; 2] {
        let disk = tempfile::tempdir_in("/var/tmp").unwrap();
        [disk, tempfile::tempdir_in("/dev/shm").unwrap()]
    }

    #[test]
    fn what_is_written_is_there_and_comes_back() {
        for place in places() {
            for n in [0, 1, BLOCK_BYTES, PIECE_BYTES - 1, PIECE_BYTES, 2 * PIECE_BYTES + 4_711] {
                let (path, bytes) = (place.path().join(n.to_string()), bytes(n));
                let mut writer = Writer::begin(&path).unwrap();
                for part in bytes.chunks(65_552) {
                    writer.write_all(part).unwrap();
                }
                writer.end().unwrap();

                assert!(std::fs::read(&path).unwrap() == bytes, "{n} bytes: written");
                assert!(read(&path) == bytes, "{n} bytes: read");
            }
        }
    }

    #[test]
    fn what_is_written_is_read_behind_it_to_its_end() {
        let span = usize::try_from(SPAN_BYTES).unwrap();
        for place in places() {
            for n in [0, 4_711, span, span + 1, 2 * span + PIECE_BYTES + 4_711] {
                let (path, bytes) = (place.path().join(n.to_string()), bytes(n));
                let mut writer = Writer::begin(&path).unwrap();
                let mut reader = writer.behind(&path).unwrap();
                let reads = std::thread::spawn(move || {
                    let mut read = Vec::new();
                    reader.read_to_end(&mut read).map(|_n_bytes| read)
                });
                for part in bytes.chunks(65_552) {
                    writer.write_all(part).unwrap();
                }
                writer.end().unwrap();

                assert!(reads.join().unwrap().unwrap() == bytes, "{n} bytes");
            }
        }
    }

    /// It does not wait for the end: what was passed on before is read while more is to come.
    #[test]
    fn a_span_is_read_before_there_is_more() {
        let span = usize::try_from(SPAN_BYTES).unwrap();
        for place in places() {
            let path = place.path().join("long");
            let mut writer = Writer::begin(&path).unwrap();
            let mut reader = writer.behind(&path).unwrap();
            // The last piece is passed on with the next.
            writer.write_all(&bytes(span + 1)).unwrap();

            let mut read = vec![0; span];
            reader.read_exact(&mut read).unwrap();

            assert!(read == bytes(span));
            drop(writer);
            assert_eq!(reader.read(&mut read).unwrap(), 0, "it was given up: no byte of the rest");
        }
    }

    #[test]
    fn a_file_that_is_there_stays_as_it_is() {
        for place in places() {
            let path = place.path().join("there");
            std::fs::write(&path, "before").unwrap();

            let error = Writer::begin(&path).map(drop).unwrap_err();

            assert_eq!(error.kind(), ErrorKind::AlreadyExists);
            assert_eq!(read(&path), b"before");
        }
    }

    #[test]
    fn it_is_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        for place in places() {
            let path = place.path().join("new");
            let file = Writer::begin(&path).unwrap().end().unwrap();

            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
