//! Word from the kernel that this computer's addresses are others.

use std::io::{self, ErrorKind};

use rustix::{
    io::Errno,
    net::{AddressFamily, SocketFlags, SocketType, bind, netlink::SocketAddrNetlink, socket_with},
};
use tokio::net::UnixDatagram;

/// What is told of: interfaces, and their addresses of both kinds (Linux, `linux/rtnetlink.h`:
/// `RTMGRP_LINK`, `RTMGRP_IPV4_IFADDR`, `RTMGRP_IPV6_IFADDR`).
const GROUPS: u32 = 0x1 | 0x10 | 0x100;
/// For the beginning of a message: that there is one is enough, and the kernel cuts off the rest.
const ROOM_BYTES: usize = 16;

/// Hears of changes. To tokio it is a socket of datagrams, as it has one for another family.
#[derive(Debug)]
pub struct Changes(UnixDatagram);

impl Changes {
    /// Begins to listen. To be called where there is a runtime.
    pub fn listen() -> io::Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        // Without a protocol it is the first one, NETLINK_ROUTE.
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?;
        bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
        Ok(Self(UnixDatagram::from_std(socket.into())?))
    }

    /// Waits until something has changed. What was told by then counts as one change.
    pub async fn next(&self) -> io::Result<()> {
        heard(self.0.recv(&mut [0; ROOM_BYTES]).await)?;
        loop {
            match self.0.try_recv(&mut [0; ROOM_BYTES]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                told => heard(told)?,
            }
        }
    }
}

fn heard(told: io::Result<usize>) -> io::Result<()> {
    match told {
        // More came than was kept for it.
        Err(error) if error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) => Ok(()),
        told => told.map(drop),
    }
}
