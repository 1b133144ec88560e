//! The addresses of this computer in home networks.

use std::{
    collections::HashSet,
    fs, io,
    net::{IpAddr, Ipv6Addr},
};

use if_addrs::{IfAddr, Interface};

use super::Lan;

/// What the kernel knows of its IPv6 addresses, one on a line (Linux, `net/ipv6/addrconf.c`).
const IPV6_ADDRESSES: &str = "/proc/self/net/if_inet6";
/// Bits of an address's flags there (Linux, `linux/if_addr.h`): it is one of those that change every
/// day (RFC 8981), and it is about to go.
const IFA_F_TEMPORARY: u8 = 0x01;
const IFA_F_DEPRECATED: u8 = 0x20;

/// An address of this computer in a home network.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Home {
    /// The kernel's number of the interface.
    pub interface: u32,
    /// The address.
    pub address: IpAddr,
    /// The number of its first bits that all addresses of that network share.
    pub prefix_bits: u8,
    /// Whether both ends are computers, as with a VPN: nobody else is there to be found.
    pub is_tunnel: bool,
    /// Whether it stays: others are used for what goes out, and change every day.
    pub is_lasting: bool,
}

impl Home {
    /// Whether a person can type it into a browser: an address that needs the name of an interface
    /// beside it is none.
    pub fn is_place(&self) -> bool {
        let needs_more = matches!(self.address, IpAddr::V6(v6) if v6.is_unicast_link_local());
        self.is_lasting && !needs_more
    }

    /// The network that it is in; nothing for one of those that are the same on every interface.
    fn network(&self) -> Option<(IpAddr, u8)> {
        let bits = u32::from(self.prefix_bits);
        let network = match self.address {
            IpAddr::V4(v4) if !v4.is_link_local() => {
                let mask = u32::MAX.checked_shl(u32::BITS.saturating_sub(bits)).unwrap_or(0);
                IpAddr::from((v4.to_bits() & mask).to_be_bytes())
            }
            IpAddr::V6(v6) if !v6.is_unicast_link_local() => {
                let mask = u128::MAX.checked_shl(u128::BITS.saturating_sub(bits)).unwrap_or(0);
                IpAddr::from((v6.to_bits() & mask).to_be_bytes())
            }
            IpAddr::V4(_) | IpAddr::V6(_) => return None,
        };
        Some((network, self.prefix_bits))
    }
}

/// Returns the addresses of this computer that are in home networks, in a fixed order: by interface,
/// IPv4 first. Those that only the computer itself reaches are not among them.
pub fn homes(lan: &Lan) -> io::Result<Vec<Home>> {
    let interfaces = if_addrs::get_if_addrs()?;
    // Where it cannot be read, all of them count as lasting.
    let passing = fs::read_to_string(IPV6_ADDRESSES).unwrap_or_default();
    Ok(chosen(&interfaces, &passing_addresses(&passing), lan))
}

/// Returns those of these addresses with which the hub shows itself: where two interfaces are in the
/// same network, as with a cable beside the Wi-Fi, those of the first alone. A name that has two
/// owners in one network is one too many.
pub fn shown(homes: &[Home]) -> Vec<&Home> {
    let mut networks = HashSet::new();
    let mut shown = Vec::new();
    for of_one in homes.chunk_by(|one, next| one.interface == next.interface) {
        let own: HashSet<_> = of_one.iter().filter_map(Home::network).collect();
        if own.is_disjoint(&networks) && !of_one.iter().any(|home| home.is_tunnel) {
            networks.extend(own);
            shown.extend(of_one);
        }
    }
    shown
}

/// Returns those of the shown addresses that others are told. One that is good on a single link alone (RFC 3927,
/// RFC 4291) looks the same on every link, and would be told on each: where the hub is on several, those are
/// left out that have another beside them.
pub(super) fn told(homes: &[Home]) -> Vec<&Home> {
    let shown = shown(homes);
    let is_on_several =
        shown.first().map(|home| home.interface) != shown.last().map(|home| home.interface);
    let has_another = |interface| {
        shown.iter().any(|home| home.interface == interface && home.network().is_some())
    };
    let is_told =
        |home: &&Home| !is_on_several || home.network().is_some() || !has_another(home.interface);
    shown.iter().copied().filter(is_told).collect()
}

fn chosen(interfaces: &[Interface], passing: &HashSet<Ipv6Addr>, lan: &Lan) -> Vec<Home> {
    let home = |interface: &Interface| {
        let address = interface.ip();
        let prefix_bits = match &interface.addr {
            IfAddr::V4(v4) => v4.prefixlen,
            IfAddr::V6(v6) => v6.prefixlen,
        };
        let is_home = !interface.is_loopback() && lan.has(address);
        is_home.then(|| Home {
            interface: interface.index.unwrap_or(0),
            address,
            prefix_bits,
            is_tunnel: interface.is_p2p(),
            is_lasting: !matches!(address, IpAddr::V6(v6) if passing.contains(&v6)),
        })
    };
    let mut homes: Vec<Home> = interfaces.iter().filter_map(home).collect();
    homes.sort();
    homes.dedup();
    homes
}

/// Reads the addresses that pass out of the kernel's list. Lines of any other form are left out.
fn passing_addresses(list: &str) -> HashSet<Ipv6Addr> {
    let read = |line: &str| {
        let mut fields = line.split_ascii_whitespace();
        let (address, flags) = (fields.next()?, fields.nth(3)?);
        let address = (address.len() == 32).then(|| u128::from_str_radix(address, 16).ok())??;
        let flags = u8::from_str_radix(flags, 16).ok()?;
        let is_passing = flags & (IFA_F_TEMPORARY | IFA_F_DEPRECATED) != 0;
        is_passing.then(|| Ipv6Addr::from_bits(address))
    };
    list.lines().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use if_addrs::{IfOperStatus, Ifv4Addr, Ifv6Addr};
    use proptest::prelude::*;

    use super::*;

    fn interface(index: u32, address: &str, prefixlen: u8) -> Interface {
        let addr = match address.parse().unwrap() {
            IpAddr::V4(ip) => IfAddr::V4(Ifv4Addr {
                ip,
                netmask: Ipv4Addr::UNSPECIFIED,
                prefixlen,
                broadcast: None,
            }),
            IpAddr::V6(ip) => IfAddr::V6(Ifv6Addr {
                ip,
                netmask: Ipv6Addr::UNSPECIFIED,
                prefixlen,
                broadcast: None,
            }),
        };
        Interface {
            name: format!("eth{index}"),
            addr,
            index: Some(index),
            oper_status: IfOperStatus::Up,
            is_p2p: false,
        }
    }

    fn addresses<'a>(homes: impl IntoIterator<Item = &'a Home>) -> Vec<String> {
        homes.into_iter().map(|home| home.address.to_string()).collect()
    }

    #[test]
    fn only_addresses_of_home_networks_are_homes() {
        let interfaces = [
            interface(3, "fe80::3", 64),
            interface(2, "2001:db8::2", 64),
            interface(2, "fd00::2", 64),
            interface(2, "203.0.113.2", 24),
            interface(2, "192.168.1.2", 24),
            interface(1, "127.0.0.1", 8),
            interface(1, "::1", 128),
        ];
        let found = chosen(&interfaces, &HashSet::new(), &Lan::default());

        assert_eq!(addresses(&found), ["192.168.1.2", "fd00::2", "fe80::3"]);
        let typed = found.iter().filter(|home| home.is_place());
        assert_eq!(addresses(typed), ["192.168.1.2", "fd00::2"]);
    }

    #[test]
    fn an_address_that_changes_every_day_is_no_place() {
        // As Linux 6.1 writes it.
        let list = "fd000000000000000000000000000002 02 40 00 80     eth0\n\
                    fd00000000000000aaaabbbbccccdddd 02 40 00 01     eth0\n\
                    fd00000000000000aaaabbbbccccdddf 02 40 00 21     eth0\n\
                    00000000000000000000000000000001 01 80 10 80       lo\n";
        let interfaces =
            ["fd00::2", "fd00::aaaa:bbbb:cccc:dddd"].map(|address| interface(2, address, 64));

        let found = chosen(&interfaces, &passing_addresses(list), &Lan::default());

        assert_eq!(found.len(), 2, "it is answered at all the same");
        assert_eq!(addresses(found.iter().filter(|home| home.is_place())), ["fd00::2"]);
    }

    #[test]
    fn of_two_ways_into_one_network_the_first_is_shown() {
        let mut tunnel = interface(9, "10.8.0.2", 24);
        tunnel.is_p2p = true;
        let interfaces = [
            interface(2, "192.168.1.20", 24),
            interface(2, "fe80::2", 64),
            interface(3, "192.168.1.21", 24),
            interface(3, "fe80::3", 64),
            interface(4, "192.168.2.20", 24),
            interface(5, "fe80::5", 64),
            interface(6, "169.254.1.1", 16),
            interface(7, "169.254.1.2", 16),
            tunnel,
        ];
        let all = chosen(&interfaces, &HashSet::new(), &Lan::default());

        let expected =
            ["192.168.1.20", "fe80::2", "192.168.2.20", "fe80::5", "169.254.1.1", "169.254.1.2"];
        assert_eq!(addresses(shown(&all)), expected);
        let without_cable: Vec<_> =
            all.iter().filter(|home| home.interface != 2).cloned().collect();
        assert_eq!(addresses(shown(&without_cable))[..2], ["192.168.1.21", "fe80::3"]);
    }

    #[test]
    fn an_address_of_one_link_is_not_told_on_another() {
        let cable = [interface(2, "192.168.1.20", 24), interface(2, "fe80::2", 64)];
        let second = [interface(3, "10.0.0.20", 24), interface(3, "fe80::3", 64)];
        let nameless = [interface(4, "fe80::4", 64), interface(4, "169.254.1.2", 16)];
        let of = |interfaces: &[&[Interface]]| {
            let all = chosen(&interfaces.concat(), &HashSet::new(), &Lan::default());
            addresses(told(&all))
        };

        assert_eq!(of(&[&cable]), ["192.168.1.20", "fe80::2"]);
        assert_eq!(of(&[&cable, &second]), ["192.168.1.20", "10.0.0.20"]);
        let expected = ["192.168.1.20", "169.254.1.2", "fe80::4"];
        assert_eq!(of(&[&cable, &nameless]), expected, "there it has no other");
        assert!(of(&[]).is_empty());
    }

    #[test]
    fn this_computer_can_be_asked() {
        let homes = homes(&Lan::default()).unwrap();

        assert!(homes.iter().all(|home| !home.address.is_loopback()));
        assert!(homes.is_sorted());
    }

    proptest! {
        #[test]
        fn any_list_is_read(list in any::<String>()) {
            passing_addresses(&list);
        }
    }
}
