//! The sockets at which the page is served.

use std::{
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

use anyhow::Context as _;
use rustix::{io::Errno, net};

/// How many connections the kernel keeps waiting until the page's server says how many it wants.
const BACKLOG: i32 = 128;
/// How often a port is looked for that is free on all addresses.
const PORT_TRIES: u32 = 10;
/// Where browsers ask without TLS.
const HTTP_PORT: u16 = 80;

/// Sockets, and where they are.
#[derive(Debug)]
pub(super) struct Sockets {
    pub listeners: Vec<TcpListener>,
    /// The addresses; those that are unspecified stand for all of their kind, and `::` for those of
    /// IPv4 as well.
    pub at: Vec<IpAddr>,
    /// The port of the page.
    pub port: u16,
}

/// Takes these sockets, which somebody else has made; if there are none, listens at the addresses.
pub(super) fn sockets(
    passed: &[TcpListener],
    addresses: &[IpAddr],
    port: u16,
) -> anyhow::Result<Sockets> {
    if passed.is_empty() {
        return listen(addresses, port);
    }
    let taken = || -> io::Result<Sockets> {
        let mut listeners = Vec::new();
        let mut places = Vec::new();
        for listener in passed {
            places.push(listener.local_addr()?);
            listeners.push(listener.try_clone()?);
        }
        // Whoever asks without TLS is sent to the page's port, from any of them.
        let of_page = places.iter().find(|at| at.port() != HTTP_PORT).or_else(|| places.first());
        let port = of_page.map_or(port, SocketAddr::port);
        let at = places.iter().filter(|at| at.port() == port).map(SocketAddr::ip).collect();
        Ok(Sockets { listeners, at, port })
    };
    taken().context("taking the sockets of the service manager")
}

/// Listens on every address, all with the same port.
///
/// An address of a kind that this computer does not have (`::1` without IPv6) is left out, as long
/// as there is another.
fn listen(addresses: &[IpAddr], port: u16) -> anyhow::Result<Sockets> {
    let everywhere = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    // It has all the others in it.
    let addresses = if addresses.contains(&everywhere) { &[everywhere] } else { addresses };
    let mut tries = if port == 0 { PORT_TRIES } else { 1 };
    loop {
        tries -= 1;
        match listen_once(addresses, port) {
            // The port that the first address took need not be free on the next.
            Err((_, error)) if error.kind() == ErrorKind::AddrInUse && 0 < tries => {}
            Err((at, error)) if is_of_no_kind_here(&error) && at.ip() == everywhere => {
                return listen(&[IpAddr::V4(Ipv4Addr::UNSPECIFIED)], port);
            }
            Err((at, error)) => {
                let hint = match error.kind() {
                    ErrorKind::AddrInUse => "; is another hub running, or another program there?",
                    _ => "",
                };
                return Err(error).with_context(|| format!("listening on {at}{hint}"));
            }
            Ok(sockets) => return Ok(sockets),
        }
    }
}

fn listen_once(addresses: &[IpAddr], port: u16) -> Result<Sockets, (SocketAddr, io::Error)> {
    let mut sockets = Sockets { listeners: Vec::new(), at: Vec::new(), port };
    let mut missing = None;
    for address in addresses {
        let at = SocketAddr::new(*address, sockets.port);
        let bound = bind(at).and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
        match bound {
            Ok((port, listener)) => {
                sockets.port = port;
                sockets.listeners.push(listener);
                sockets.at.push(*address);
            }
            Err(error) if is_of_no_kind_here(&error) => missing = Some((at, error)),
            Err(error) => return Err((at, error)),
        }
    }
    match missing {
        Some(missing) if sockets.listeners.is_empty() => Err(missing),
        Some((at, error)) => {
            tracing::info!(address = %at, %error, "this computer has no such address");
            Ok(sockets)
        }
        None => Ok(sockets),
    }
}

/// Listens as the standard library does, but at `::` for IPv4 as well, whatever the computer's
/// setting says.
fn bind(at: SocketAddr) -> io::Result<TcpListener> {
    if at.ip() != IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        return TcpListener::bind(at);
    }
    let flags = net::SocketFlags::CLOEXEC;
    let socket = net::socket_with(net::AddressFamily::INET6, net::SocketType::STREAM, flags, None)?;
    net::sockopt::set_ipv6_v6only(&socket, false)?;
    net::sockopt::set_socket_reuseaddr(&socket, true)?;
    net::bind(&socket, &at)?;
    net::listen(&socket, BACKLOG)?;
    Ok(socket.into())
}

fn is_of_no_kind_here(error: &io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    error.kind() == ErrorKind::AddrNotAvailable || errno == Some(Errno::AFNOSUPPORT)
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn everywhere_is_one_socket_for_both_kinds() {
        let sockets = sockets(&[], &[ip("127.0.0.1"), ip("::"), ip("0.0.0.0")], 0).unwrap();

        assert_eq!((sockets.at.as_slice(), sockets.listeners.len()), (&[ip("::")][..], 1));
        for address in ["127.0.0.1", "127.0.0.9", "::1"] {
            TcpStream::connect((ip(address), sockets.port)).unwrap();
        }
    }

    #[test]
    fn all_addresses_have_one_port_and_others_are_closed() {
        let sockets =
            sockets(&[], &[ip("127.0.0.3"), ip("127.0.0.4"), ip("192.0.2.1")], 0).unwrap();

        assert_eq!(sockets.at, [ip("127.0.0.3"), ip("127.0.0.4")], "the last is nobody's");
        for address in &sockets.at {
            TcpStream::connect((*address, sockets.port)).unwrap();
        }
        assert!(TcpStream::connect((ip("127.0.0.5"), sockets.port)).is_err());
    }

    #[test]
    fn a_port_that_is_taken_is_named_with_what_to_look_for() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = other.local_addr().unwrap().port();

        let error = sockets(&[], &[ip("127.0.0.1")], port).unwrap_err();

        let text = format!("{error:#}");
        assert!(
            text.contains(&format!("127.0.0.1:{port}")) && text.contains("another hub"),
            "{text}"
        );
    }

    #[test]
    fn sockets_that_were_passed_are_taken_as_they_are() {
        let passed = ["127.0.0.1:0", "127.0.0.2:0"].map(|at| TcpListener::bind(at).unwrap());
        let port = passed[0].local_addr().unwrap().port();

        let sockets = sockets(&passed, &[ip("::")], 1).unwrap();

        assert_eq!((sockets.port, sockets.listeners.len()), (port, 2));
        assert_eq!(sockets.at, [ip("127.0.0.1")], "the other is for who asks without TLS");
    }
}
