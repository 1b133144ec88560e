//! Whether the kernel itself keeps the hub to the home network.

use std::{io, net::Ipv4Addr};

use rustix::io::Errno;
use tokio::net::UdpSocket;

/// An address that is in no network (RFC 5737), and a port at which nothing listens (RFC 863 gave it
/// to what throws everything away).
const NOWHERE: (Ipv4Addr, u16) = (Ipv4Addr::new(192, 0, 2, 1), 9);
/// The interface on which nothing leaves the computer.
const LOOPBACK: &[u8] = b"lo";

/// What the kernel does with what the hub would send elsewhere, whatever Hutch itself does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kernel {
    /// It stops it: the list of addresses of the service is in force.
    Stops,
    /// It would let it pass.
    Lets,
    /// It does not say.
    Unknown,
}

impl Kernel {
    /// Returns the word for it, for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stops => "stops",
            Self::Lets => "lets",
            Self::Unknown => "unknown",
        }
    }
}

/// Asks the kernel, without a packet leaving the computer: an address list refuses already that
/// one is sent, though it be on the loopback interface.
pub async fn kernel() -> Kernel {
    judge(&ask().await)
}

async fn ask() -> io::Result<usize> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
    // Without this nothing is sent.
    socket.bind_device(Some(LOOPBACK))?;
    socket.send_to(&[0], NOWHERE).await
}

fn judge(sent: &io::Result<usize>) -> Kernel {
    match sent {
        Ok(_) => Kernel::Lets,
        Err(error) if error.raw_os_error() == Some(Errno::PERM.raw_os_error()) => Kernel::Stops,
        Err(_) => Kernel::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_to_send_is_a_list_in_force() {
        let of = |errno: Errno| judge(&Err(errno.into()));

        assert_eq!(judge(&Ok(1)), Kernel::Lets);
        assert_eq!(of(Errno::PERM), Kernel::Stops);
        // A route that forbids it is no list.
        assert_eq!(of(Errno::ACCESS), Kernel::Unknown);
        assert_eq!(of(Errno::NETUNREACH), Kernel::Unknown);
    }
}
