//! The socket that takes the bytes of an upload.

use std::{
    io::{self, IoSlice, IoSliceMut},
    os::{
        fd::{AsRawFd as _, OwnedFd, RawFd},
        unix::net::UnixDatagram as StdSocket,
    },
    time::Duration,
};

use bluer::gatt::remote::Characteristic as Remote;
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg, sockopt},
};
use tokio::{net::UnixDatagram, time::sleep};

/// How often it is looked whether BlueZ has read what was written.
const LOOKS_EVERY: Duration = Duration::from_millis(1);

/// Room for all that a toy gives credit for at once, so that an upload does not have to wait for BlueZ
/// every few packets. A toy asks for a kilobyte and a half, and a packet of 20 bytes takes some 800.
const ROOM_BYTES: usize = 32 * 1024;

/// Takes the bytes of an upload, each write one packet.
pub(super) struct Writer {
    socket: UnixDatagram,
    /// The socket's room is the smallest that the kernel allows: a few packets.
    is_narrow: bool,
    /// Something was written that BlueZ may not have read yet.
    is_dirty: bool,
}

impl Writer {
    /// Asks BlueZ for the socket. Until it is dropped BlueZ takes bytes for this characteristic in
    /// no other way.
    pub(super) async fn acquire(of: &Remote) -> bluer::Result<Self> {
        // Its own way to send takes 18 bytes on a link with an MTU of 23, and a chunk has 20.
        let theirs = of.write_io().await?;
        let socket = StdSocket::from(owned(theirs.as_raw_fd())?);
        socket.set_nonblocking(true)?;
        Self::new(socket)
    }

    fn new(socket: StdSocket) -> bluer::Result<Self> {
        sockopt::set_socket_send_buffer_size(&socket, ROOM_BYTES).map_err(io::Error::from)?;
        let socket = UnixDatagram::from_std(socket)?;
        Ok(Self { socket, is_narrow: false, is_dirty: false })
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.is_dirty = true;
        if self.is_narrow {
            sockopt::set_socket_send_buffer_size(&self.socket, ROOM_BYTES)?;
            self.is_narrow = false;
        }
        let n_bytes = self.socket.send(bytes).await?;
        if n_bytes == bytes.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
    }

    /// Returns when BlueZ has read all but the last packet. That one it reads before it does
    /// anything that it is asked for after an answer to one more question, because it looks at the
    /// bus and at its sockets in turn.
    pub(super) async fn almost_read(&mut self) -> io::Result<()> {
        sockopt::set_socket_send_buffer_size(&self.socket, 1)?;
        self.is_narrow = true;
        // The kernel calls a socket writable when at most a quarter of its buffer is in use: at the
        // smallest size that is one packet.
        while !self.is_writable()? {
            sleep(LOOKS_EVERY).await;
        }
        Ok(())
    }

    /// Returns whether something was written since the last call.
    pub(super) const fn take_dirty(&mut self) -> bool {
        std::mem::replace(&mut self.is_dirty, false)
    }

    fn is_writable(&self) -> io::Result<bool> {
        let mut fds = [PollFd::new(&self.socket, PollFlags::OUT)];
        poll(&mut fds, Some(&Timespec::default()))?;
        let [fd] = fds;
        if fd.revents().intersects(PollFlags::HUP | PollFlags::ERR) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(fd.revents().contains(PollFlags::OUT))
    }
}

/// Returns a descriptor of one's own for a file that somebody else has open in this program.
///
/// What the kernel passes through a socket is owned by whoever receives it, and that is the one way
/// to get there from a bare number.
fn owned(theirs: RawFd) -> io::Result<OwnedFd> {
    let (near, far) = StdSocket::pair()?;
    let no_address: Option<&()> = None;
    let byte = [0];
    sendmsg(
        near.as_raw_fd(),
        &[IoSlice::new(&byte)],
        &[ControlMessage::ScmRights(&[theirs])],
        MsgFlags::empty(),
        no_address,
    )?;
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut messages = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    recvmsg(&far, &mut [IoSliceMut::new(&mut byte)], &mut messages, RecvFlags::CMSG_CLOEXEC)?;
    let mut received = messages.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    received.next().ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use futures_util::FutureExt as _;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
    use tokio::task::unconstrained;

    use super::*;

    #[test]
    fn a_second_descriptor_outlives_the_first() {
        let (mut reader, writer) = io::pipe().unwrap();

        let ours = owned(writer.as_raw_fd()).unwrap();

        drop(writer);
        let mut file = std::fs::File::from(ours);
        file.write_all(b"here").unwrap();
        drop(file);
        let mut read = String::new();
        reader.read_to_string(&mut read).unwrap();
        assert_eq!(read, "here");
    }

    #[tokio::test]
    async fn at_most_one_packet_is_unread_when_it_says_almost_read() {
        // Of the kind that BlueZ hands out.
        let pair =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::empty(), None);
        let [ours, theirs] = <[OwnedFd; 2]>::from(pair.unwrap()).map(StdSocket::from);
        for socket in [&ours, &theirs] {
            socket.set_nonblocking(true).unwrap();
        }
        let mut writer = Writer::new(ours).unwrap();
        writer.socket.writable().await.unwrap();
        let mut bytes = [0; 32];
        // Nobody waits for room while a toy's credit lasts, also not after it was looked.
        for _ in 0..2 {
            for n in 0..77 {
                // However often: it is the socket's room that counts.
                let written = unconstrained(writer.write(&[n; 20])).now_or_never();
                written.unwrap_or_else(|| panic!("no room for {n}")).unwrap();
            }
            assert!(writer.take_dirty() && !writer.take_dirty());
            for n_read in 0..76 {
                assert!(writer.almost_read().now_or_never().is_none(), "after {n_read} of 77");
                assert_eq!(theirs.recv(&mut bytes).unwrap(), 20);
            }
            writer.almost_read().await.unwrap();
            assert_eq!(theirs.recv(&mut bytes).unwrap(), 20);
        }
        drop(theirs);
        assert!(writer.write(&[9; 20]).await.is_err());
    }
}
