//! The home network: which addresses are of it, which of them this computer has, and how devices in
//! it find the hub.

mod announce;
mod changes;
mod homes;
mod kernel;
mod look;

pub use self::{
    announce::{Announced, Announcer, Unannounced, host_of, is_renamed},
    changes::Changes,
    homes::{Home, homes, shown},
    kernel::{Kernel, kernel},
    look::look,
};

use std::{fmt, net::IpAddr, str::FromStr};

/// Whose connections are taken, and which of the computer's own addresses are served: those of home
/// networks, and what the family added, such as its VPN's.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Lan {
    also: Vec<Range>,
}

/// Addresses with the same beginning, as in `100.64.0.0/10`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Range {
    network: IpAddr,
    /// How many bits of it count.
    n_bits: u32,
}

/// That is no range of addresses, or one so large that it would be of everybody.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("it is not a range of addresses such as 100.64.0.0/10")]
pub struct NotARange;

/// The shortest beginnings that a range may have: a half of all addresses is no home.
const FEWEST_BITS_V4: u32 = 8;
const FEWEST_BITS_V6: u32 = 32;

impl Lan {
    /// A home network, and these addresses.
    pub const fn with(also: Vec<Range>) -> Self {
        Self { also }
    }

    /// Whether an address belongs to it: of the computer itself, of a network without a router (RFC
    /// 3927, RFC 4291), private (RFC 1918, RFC 4193), or added. An IPv4 address that came over an
    /// IPv6 socket counts as what it is.
    pub fn has(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let is_home = match address {
            IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
            IpAddr::V6(v6) => {
                v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()
            }
        };
        is_home || self.also.iter().any(|range| range.has(address))
    }
}

impl Range {
    /// Whether an address is in it.
    fn has(self, address: IpAddr) -> bool {
        let differs = match (self.network, address) {
            (IpAddr::V4(one), IpAddr::V4(other)) => {
                let differing = one.to_bits() ^ other.to_bits();
                differing.leading_zeros() < self.n_bits
            }
            (IpAddr::V6(one), IpAddr::V6(other)) => {
                let differing = one.to_bits() ^ other.to_bits();
                differing.leading_zeros() < self.n_bits
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => true,
        };
        !differs
    }
}

impl FromStr for Range {
    type Err = NotARange;

    /// Reads an address, a slash and a number of bits. All others must be zero: a range that says more
    /// than it means is a mistake.
    fn from_str(text: &str) -> Result<Self, NotARange> {
        let (network, n_bits) = text.split_once('/').ok_or(NotARange)?;
        let network: IpAddr = network.parse().map_err(|_other| NotARange)?;
        if !n_bits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(NotARange);
        }
        let n_bits: u32 = n_bits.parse().map_err(|_too_large| NotARange)?;
        let (n_zeros, fewest, most) = match network {
            IpAddr::V4(v4) => (v4.to_bits().trailing_zeros(), FEWEST_BITS_V4, u32::BITS),
            IpAddr::V6(v6) => (v6.to_bits().trailing_zeros(), FEWEST_BITS_V6, u128::BITS),
        };
        let is_meant = (fewest..=most).contains(&n_bits) && most - n_bits <= n_zeros;
        is_meant.then_some(Self { network, n_bits }).ok_or(NotARange)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.n_bits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn has(lan: &Lan, address: &str) -> bool {
        lan.has(address.parse().unwrap())
    }

    #[test]
    fn a_home_network_has_private_addresses_and_no_others() {
        let home = [
            "127.0.0.1",
            "127.255.255.254",
            "10.0.0.1",
            "10.255.255.255",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.10.20",
            "::1",
            "fe80::1",
            "febf::1",
            "fc00::1",
            "fdff:ffff::1",
            "::ffff:192.168.1.2",
        ];
        let elsewhere = [
            "0.0.0.0",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "100.64.0.1",
            "203.0.113.7",
            "224.0.0.251",
            "255.255.255.255",
            "::",
            "2001:db8::1",
            "2a02:8070::1",
            "fec0::1",
            "ff02::fb",
            "::ffff:8.8.8.8",
            "::ffff:203.0.113.7",
            "64:ff9b::192.168.1.2",
            "::192.168.1.2",
        ];

        for address in home {
            assert!(has(&Lan::default(), address), "{address}");
        }
        for address in elsewhere {
            assert!(!has(&Lan::default(), address), "{address}");
        }
    }

    #[test]
    fn what_is_added_belongs_to_it_and_nothing_beside() {
        let also = ["100.64.0.0/10", "2001:db8:1::/48", "203.0.113.7/32"];
        let lan = Lan::with(also.map(|range| range.parse().unwrap()).to_vec());

        for address in ["100.64.0.1", "100.127.255.255", "::ffff:100.64.0.1", "2001:db8:1::9"] {
            assert!(has(&lan, address), "{address}");
        }
        assert!(has(&lan, "203.0.113.7") && has(&lan, "192.168.1.1"));
        for address in ["100.128.0.0", "100.63.255.255", "2001:db8:2::1", "203.0.113.6"] {
            assert!(!has(&lan, address), "{address}");
        }
    }

    #[test]
    fn a_range_is_written_as_it_is_read_and_means_what_it_says() {
        for text in ["100.0.0.0/8", "10.1.2.3/32", "2001:db8::/32", "2001:db8::1/128"] {
            assert_eq!(text.parse::<Range>().unwrap().to_string(), text);
        }
        let wrong = [
            "",
            "10.0.0.0",
            "10.0.0.0/",
            "/8",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "10.0.0.0/+8",
            "10.0.0.0/8/8",
            "0.0.0.0/0",
            "128.0.0.0/1",
            "::/0",
            "2000::/16",
            "fd00::/129",
            "fd00::1/64",
            "home/8",
            "10.0.0.0/99999999999",
        ];
        for text in wrong {
            assert_eq!(text.parse::<Range>(), Err(NotARange), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_range_has_what_begins_like_it(network in any::<u32>(), other in any::<u32>(), n_bits in 8_u32..=32) {
            let mask = u32::MAX.checked_shl(32 - n_bits).unwrap_or(0);
            let range = Range { network: IpAddr::V4((network & mask).into()), n_bits };

            prop_assert_eq!(range.has(IpAddr::V4(other.into())), network & mask == other & mask);
            prop_assert_eq!(range.to_string().parse(), Ok(range));
        }

        #[test]
        fn any_text_is_a_range_or_none(text in prop_oneof!["\\PC{0,40}", "[0-9a-f:.]{2,20}/[0-9]{1,3}"]) {
            if let Ok(range) = text.parse::<Range>() {
                prop_assert_eq!(range.to_string().parse(), Ok(range));
            }
        }
    }
}
