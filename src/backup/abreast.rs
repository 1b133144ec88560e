//! Work on a stream that is done abreast: one thread reads, another seals, a third writes. What is on its
//! way between them is bounded, and lies in the same few pieces of memory throughout.

use std::{
    io::{self, Read, Write},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::JoinHandle,
};

/// How much goes from one to the other at once, and how many of these may wait.
const PIECE_BYTES: usize = 256 << 10;
const PIECES: usize = 4;

/// Reads ahead of whoever reads from it.
pub(super) struct Ahead {
    pieces: Receiver<io::Result<Vec<u8>>>,
    /// Pieces that were given, to be filled anew.
    spent: SyncSender<Vec<u8>>,
    piece: Vec<u8>,
    given: usize,
}

impl Ahead {
    /// Begins to read. What is read with an error or to its end is not read on.
    pub(super) fn of(name: &str, mut from: impl Read + Send + 'static) -> io::Result<Self> {
        let (to, pieces) = sync_channel(PIECES);
        let (spent, empty) = sync_channel::<Vec<u8>>(PIECES);
        let read = move || {
            loop {
                let mut piece = empty.try_recv().unwrap_or_default();
                let read = read_piece(&mut from, &mut piece).map(|()| piece);
                let is_last = read.as_ref().map_or(true, Vec::is_empty);
                // Nobody waits for it any more, or it is at its end.
                if to.send(read).is_err() || is_last {
                    break;
                }
            }
        };
        std::thread::Builder::new().name(name.to_owned()).spawn(read)?;
        Ok(Self { pieces, spent, piece: Vec::new(), given: 0 })
    }
}

impl Read for Ahead {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.given == self.piece.len() {
            self.given = 0;
            // One more than there are on their way needs no place; nor does one of whoever has ended.
            drop(self.spent.try_send(std::mem::take(&mut self.piece)));
            // Whoever reads has ended before: an end was read already, or a panic was on its way.
            self.piece = self.pieces.recv().unwrap_or_else(|_ended| Ok(Vec::new()))?;
        }
        let rest = self.piece.get(self.given..).unwrap_or_default();
        let n_bytes = rest.len().min(room.len());
        if let (Some(to), Some(from)) = (room.get_mut(..n_bytes), rest.get(..n_bytes)) {
            to.copy_from_slice(from);
        }
        self.given += n_bytes;
        Ok(n_bytes)
    }
}

/// Writes behind whoever writes to it.
pub(super) struct Behind<W> {
    pieces: SyncSender<Vec<u8>>,
    /// Pieces that were written, to be filled anew.
    written: Receiver<Vec<u8>>,
    /// Until it is known why it ended.
    thread: Option<JoinHandle<io::Result<W>>>,
    piece: Vec<u8>,
}

impl<W: Write + Send + 'static> Behind<W> {
    /// Begins to wait for what is to be written.
    pub(super) fn of(name: &str, mut out: W) -> io::Result<Self> {
        let (pieces, from) = sync_channel::<Vec<u8>>(PIECES);
        let (spent, written) = sync_channel(PIECES);
        let write = move || {
            for mut piece in from {
                out.write_all(&piece)?;
                piece.clear();
                // One more than there are on their way needs no place.
                drop(spent.try_send(piece));
            }
            Ok(out)
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(write)?;
        let piece = Vec::with_capacity(PIECE_BYTES);
        Ok(Self { pieces, written, thread: Some(thread), piece })
    }

    /// Waits until all of it is written, and returns what it was written to.
    pub(super) fn end(mut self) -> io::Result<W> {
        self.pass_on()?;
        let Self { pieces, thread, .. } = self;
        drop(pieces);
        joined(thread)
    }

    fn pass_on(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let empty = self.written.try_recv();
        let empty = empty.unwrap_or_else(|_none| Vec::with_capacity(PIECE_BYTES));
        let piece = std::mem::replace(&mut self.piece, empty);
        if self.pieces.send(piece).is_ok() {
            return Ok(());
        }
        // It has ended already, and says why.
        drop(joined(self.thread.take())?);
        Err(ended())
    }
}

impl<W: Write + Send + 'static> Write for Behind<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if PIECE_BYTES <= self.piece.len() {
            self.pass_on()?;
        }
        let n_bytes = bytes.len().min(PIECE_BYTES - self.piece.len());
        self.piece.extend_from_slice(bytes.get(..n_bytes).unwrap_or_default());
        Ok(n_bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn joined<W>(thread: Option<JoinHandle<io::Result<W>>>) -> io::Result<W> {
    match thread.map(JoinHandle::join) {
        Some(Ok(done)) => done,
        // It was said before, or it has panicked.
        None | Some(Err(_)) => Err(ended()),
    }
}

fn read_piece(from: &mut impl Read, piece: &mut Vec<u8>) -> io::Result<()> {
    // One that was full before is written over as it is.
    piece.resize(PIECE_BYTES, 0);
    let mut n_read = 0;
    while let Some(room) = piece.get_mut(n_read..).filter(|room| !room.is_empty()) {
        match from.read(room) {
            Ok(0) => break,
            Ok(n_bytes) => n_read += n_bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    piece.truncate(n_read);
    Ok(())
}

fn ended() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "whoever writes has ended")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes and no more.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn bytes(n: usize) -> Vec<u8> {
        (0..n).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    #[test]
    fn what_goes_in_comes_out() {
        for n in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES * PIECES] {
            let bytes = bytes(n);
            let mut read = Vec::new();
            Ahead::of("reads", io::Cursor::new(bytes.clone()))
                .unwrap()
                .read_to_end(&mut read)
                .unwrap();
            let mut behind = Behind::of("writes", Vec::new()).unwrap();
            behind.write_all(&bytes).unwrap();

            assert!(read == bytes && behind.end().unwrap() == bytes, "{n}");
        }
    }

    #[test]
    fn who_writes_hears_why_it_ended() {
        let mut behind = Behind::of("writes", Full(2 * PIECE_BYTES)).unwrap();

        let written = behind.write_all(&bytes(20 * PIECE_BYTES));

        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(behind.end().map(drop).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    /// Also through another that is between them, and where it ended with the last that was written.
    #[test]
    fn who_only_ends_it_hears_why_it_ended() {
        let full = Behind::of("writes", Full(10)).unwrap();
        let mut behind = Behind::of("between", full).unwrap();
        behind.write_all(&bytes(20)).unwrap();

        let ended = behind.end().and_then(Behind::end);

        assert_eq!(ended.map(drop).unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn who_reads_hears_what_went_wrong_after_what_was_right() {
        let whole = io::Cursor::new(bytes(2 * PIECE_BYTES));
        let broken = whole.chain(Broken);
        let mut read = Vec::new();

        let outcome = Ahead::of("reads", broken).unwrap().read_to_end(&mut read);

        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(read, bytes(2 * PIECE_BYTES));
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _room: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::InvalidData.into())
        }
    }
}
