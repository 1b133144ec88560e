//! Work on a stream that is done abreast: one thread reads, another seals and writes. What is on its way
//! between them is bounded.

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
    piece: Vec<u8>,
    given: usize,
}

impl Ahead {
    /// Begins to read. What is read with an error or to its end is not read on.
    pub(super) fn of(mut from: impl Read + Send + 'static) -> io::Result<Self> {
        let (to, pieces) = sync_channel(PIECES);
        let read = move || {
            loop {
                let piece = read_piece(&mut from);
                let is_last = piece.as_ref().map_or(true, Vec::is_empty);
                // Nobody waits for it any more, or it is at its end.
                if to.send(piece).is_err() || is_last {
                    break;
                }
            }
        };
        std::thread::Builder::new().name("backup-reads".to_owned()).spawn(read)?;
        Ok(Self { pieces, piece: Vec::new(), given: 0 })
    }
}

impl Read for Ahead {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.given == self.piece.len() {
            // Whoever reads has ended before: an end was read already, or a panic was on its way.
            self.piece = self.pieces.recv().unwrap_or_else(|_ended| Ok(Vec::new()))?;
            self.given = 0;
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
    thread: JoinHandle<io::Result<W>>,
    piece: Vec<u8>,
}

impl<W: Write + Send + 'static> Behind<W> {
    /// Begins to wait for what is to be written.
    pub(super) fn of(mut out: W) -> io::Result<Self> {
        let (pieces, from) = sync_channel::<Vec<u8>>(PIECES);
        let write = move || {
            for piece in from {
                out.write_all(&piece)?;
            }
            Ok(out)
        };
        let thread = std::thread::Builder::new().name("backup-writes".to_owned()).spawn(write)?;
        Ok(Self { pieces, thread, piece: Vec::with_capacity(PIECE_BYTES) })
    }

    /// Waits until all of it is written, and returns what it was written to.
    pub(super) fn end(mut self) -> io::Result<W> {
        // Should that have ended already, it says why.
        drop(self.pass_on());
        drop(self.pieces);
        self.thread.join().unwrap_or_else(|_panic| Err(ended()))
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        if piece.is_empty() {
            return Ok(());
        }
        self.pieces.send(piece).map_err(|_ended| ended())
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

fn read_piece(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut piece = vec![0; PIECE_BYTES];
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
    Ok(piece)
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
            Ahead::of(io::Cursor::new(bytes.clone())).unwrap().read_to_end(&mut read).unwrap();
            let mut behind = Behind::of(Vec::new()).unwrap();
            behind.write_all(&bytes).unwrap();

            assert!(read == bytes && behind.end().unwrap() == bytes, "{n}");
        }
    }

    #[test]
    fn who_writes_hears_why_it_ended() {
        let mut behind = Behind::of(Full(2 * PIECE_BYTES)).unwrap();

        let written = behind.write_all(&bytes(20 * PIECE_BYTES));

        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(behind.end().map(drop).unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn who_reads_hears_what_went_wrong_after_what_was_right() {
        let whole = io::Cursor::new(bytes(2 * PIECE_BYTES));
        let broken = whole.chain(Broken);
        let mut read = Vec::new();

        let outcome = Ahead::of(broken).unwrap().read_to_end(&mut read);

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
