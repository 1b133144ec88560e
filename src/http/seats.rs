//! Who is connected, and who gives way when somebody else comes. Pure: times are arguments.
//!
//! Whoever is at home can connect, also who should not be: a guest, a lamp with somebody else's
//! program in it. They must not keep the family out by holding every seat there is. So a full house
//! still takes a newcomer, if there is somebody who can be asked to leave for it:
//!
//! - Connections over which nobody signed in go first, whatever they are doing. The network with the
//!   most of them gives one up, of it the address with the most, of it the one that has gone longest
//!   without a finished request. A few are as good as one: a browser opens several, and must not count
//!   as greedy beside somebody with hundreds of addresses.
//! - Where all are signed in, only somebody with clearly more than the newcomer gives one up.
//!
//! A newcomer that has more than a few, and as much as the others, is refused, or two of them would
//! throw each other out for ever.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv6Addr},
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How much of an IPv6 address a router gives out at least. Behind it a device takes as many
/// addresses as it likes, so that together they count as one network. Devices of a family may well
/// share one: inside of it the same rules hold for single addresses.
const NETWORK_BITS: u32 = 64;

/// How many connections there may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    /// From one IPv4 address or one IPv6 network.
    pub(super) of_one: usize,
    pub(super) in_all: usize,
    /// From one network, without anybody calling it much.
    pub(super) few: usize,
}

/// Every connection there is.
#[derive(Debug)]
pub(super) struct Seats {
    most: Most,
    taken: BTreeMap<u64, Taken>,
    next: u64,
}

#[derive(Debug)]
struct Taken {
    peer: Peer,
    /// Whether somebody asked over it who is signed in.
    is_known: bool,
    n_requests: usize,
    /// When it came, or its last request was answered.
    since: Instant,
    /// Cancelled when it is to leave.
    leaves: CancellationToken,
}

/// Where a connection comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Peer {
    address: IpAddr,
    network: IpAddr,
}

impl Peer {
    fn new(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let network = match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(v6) => {
                let mask = u128::MAX << (u128::BITS - NETWORK_BITS);
                Ipv6Addr::from_bits(v6.to_bits() & mask).into()
            }
        };
        Self { address, network }
    }
}

impl Seats {
    pub(super) fn new(most: Most) -> Self {
        Self { most, taken: BTreeMap::new(), next: 0 }
    }

    /// Gives a seat to a newcomer, and returns its number; or none. Another may have to leave for it:
    /// its token is cancelled, and it has no seat any more.
    pub(super) fn take(
        &mut self,
        address: IpAddr,
        now: Instant,
        leaves: CancellationToken,
    ) -> Option<u64> {
        let peer = Peer::new(address);
        let is_beside = |taken: &Taken| taken.peer.network == peer.network;
        let n_beside = self.taken.values().filter(|taken| is_beside(taken)).count();
        let gives_way = if self.most.of_one <= n_beside {
            Some(self.gives_way(peer, is_beside)?)
        } else if self.most.in_all <= self.taken.len() {
            Some(self.gives_way(peer, |_anyone| true)?)
        } else {
            None
        };
        if let Some(taken) = gives_way.and_then(|number| self.taken.remove(&number)) {
            taken.leaves.cancel();
        }
        let number = self.next;
        self.next += 1;
        let taken = Taken { peer, is_known: false, n_requests: 0, since: now, leaves };
        self.taken.insert(number, taken);
        Some(number)
    }

    /// Gives a seat back.
    pub(super) fn leave(&mut self, number: u64) {
        self.taken.remove(&number);
    }

    /// Somebody asked over this connection who is signed in.
    pub(super) fn is_known(&mut self, number: u64) {
        if let Some(taken) = self.taken.get_mut(&number) {
            taken.is_known = true;
        }
    }

    /// A request came over this connection.
    pub(super) fn asks(&mut self, number: u64) {
        if let Some(taken) = self.taken.get_mut(&number) {
            taken.n_requests += 1;
        }
    }

    /// A request of this connection was answered, or given up.
    pub(super) fn is_answered(&mut self, number: u64, now: Instant) {
        if let Some(taken) = self.taken.get_mut(&number) {
            taken.n_requests = taken.n_requests.saturating_sub(1);
            taken.since = now;
        }
    }

    /// Returns since when this connection has asked for nothing, if it asks for nothing.
    pub(super) fn idle_since(&self, number: u64) -> Option<Instant> {
        let taken = self.taken.get(&number)?;
        (taken.n_requests == 0).then_some(taken.since)
    }

    /// Returns who leaves among some for a newcomer, if it may come at all.
    fn gives_way(&self, newcomer: Peer, may: impl Fn(&Taken) -> bool) -> Option<u64> {
        let some = || self.taken.iter().filter(|(_, taken)| may(taken));
        let is_anyone_unknown = some().any(|(_, taken)| !taken.is_known);
        let some = || some().filter(|(_, taken)| !(is_anyone_unknown && taken.is_known));
        let (mut of_network, mut of_address) = (HashMap::new(), HashMap::new());
        for (_, taken) in some() {
            *of_network.entry(taken.peer.network).or_insert(0_usize) += 1;
            *of_address.entry(taken.peer.address).or_insert(0_usize) += 1;
        }
        let n_of = |peer: Peer| {
            let network = of_network.get(&peer.network).copied().unwrap_or_default();
            (network, of_address.get(&peer.address).copied().unwrap_or_default())
        };
        let few = self.most.few;
        let much_of = |peer: Peer| {
            let (network, address) = n_of(peer);
            (network.max(few), address.max(few))
        };
        let (number, taken) = some()
            .max_by_key(|(number, taken)| (much_of(taken.peer), Reverse((taken.since, *number))))?;
        let (most, own) = (n_of(taken.peer), n_of(newcomer));
        let (most, own) =
            if taken.peer.network == newcomer.network { (most.1, own.1) } else { (most.0, own.0) };
        // Having one less afterwards, it must still have no fewer than the newcomer. But who has few comes
        // in before somebody whom nobody knows.
        let is_fair = own + 1 < most || (is_anyone_unknown && own < few);
        is_fair.then_some(*number)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    struct House {
        seats: Seats,
        now: Instant,
    }

    /// A newcomer that got a seat.
    struct Guest {
        number: u64,
        leaves: CancellationToken,
    }

    impl House {
        fn new(of_one: usize, in_all: usize) -> Self {
            Self { seats: Seats::new(Most { of_one, in_all, few: 1 }), now: Instant::now() }
        }

        fn comes(&mut self, address: &str) -> Option<Guest> {
            self.now += Duration::from_millis(1);
            let leaves = CancellationToken::new();
            let number = self.seats.take(address.parse().unwrap(), self.now, leaves.clone())?;
            Some(Guest { number, leaves })
        }

        fn come<const N: usize>(&mut self, address: &str) -> [Guest; N] {
            [(); N].map(|()| self.comes(address).unwrap())
        }

        fn signs_in(&mut self, guests: &[Guest]) {
            for guest in guests {
                self.seats.is_known(guest.number);
            }
        }
    }

    fn stay(guests: &[Guest]) -> Vec<bool> {
        guests.iter().map(|guest| !guest.leaves.is_cancelled()).collect()
    }

    #[test]
    fn one_device_has_no_more_than_its_share() {
        let mut house = House::new(2, 10);
        let guests: [Guest; 2] = house.come("10.0.0.1");

        assert!(house.comes("10.0.0.1").is_none());
        assert!(house.comes("::ffff:10.0.0.1").is_none(), "the same by another way");
        assert!(house.comes("10.0.0.2").is_some());
        assert_eq!(stay(&guests), [true, true]);
        house.seats.leave(guests[0].number);
        assert!(house.comes("10.0.0.1").is_some());
    }

    #[test]
    fn a_full_house_takes_whoever_has_least() {
        let mut house = House::new(4, 8);
        let (few, many): ([Guest; 3], [Guest; 4]) =
            (house.come("10.0.0.1"), house.come("10.0.0.2"));
        let one: [Guest; 1] = house.come("10.0.0.3");

        assert!(house.comes("10.0.0.4").is_some());

        assert_eq!(stay(&many), [false, true, true, true], "it waited longest");
        assert_eq!((stay(&few), stay(&one)), (vec![true; 3], vec![true]));
    }

    #[test]
    fn who_has_a_few_is_not_greedy_beside_many_with_one_each() {
        let mut house = House::new(8, 100);
        house.seats.most.few = 3;
        let mut stranger = 0;
        let mut strangers = |house: &mut House, n: usize| {
            for _ in 0..n {
                stranger += 1;
                assert!(house.comes(&format!("10.0.1.{stranger}")).is_some());
            }
        };
        strangers(&mut house, 100);

        let owner: [Guest; 3] = house.come("10.0.0.1");
        assert!(house.comes("10.0.0.1").is_none(), "a fourth is more than a few");
        strangers(&mut house, 97);

        assert_eq!(stay(&owner), [true; 3], "all others were there longer");
        strangers(&mut house, 1);
        assert_eq!(stay(&owner), [false, true, true]);
    }

    #[test]
    fn who_has_as_many_as_the_others_does_not_throw_them_out() {
        let mut house = House::new(4, 8);
        let (one, other): ([Guest; 4], [Guest; 4]) =
            (house.come("10.0.0.1"), house.come("10.0.0.2"));
        let third = house.comes("10.0.0.3").unwrap();
        let fourth = house.comes("10.0.0.3").unwrap();

        // Each has three now, or two.
        assert!(house.comes("10.0.0.3").is_none());
        assert!(house.comes("10.0.0.1").is_none());
        assert_eq!(stay(&one).iter().chain(&stay(&other)).filter(|stays| **stays).count(), 6);
        assert_eq!(stay(&[third, fourth]), [true, true]);
    }

    #[test]
    fn who_is_signed_in_stays_while_there_is_anybody_else() {
        let mut house = House::new(4, 6);
        let family: [Guest; 4] = house.come("10.0.0.1");
        house.signs_in(&family);
        let strangers: [Guest; 2] = ["10.0.0.2", "10.0.0.3"].map(|from| house.comes(from).unwrap());

        for n in 4..100 {
            assert!(house.comes(&format!("10.0.0.{n}")).is_some());
        }

        assert_eq!(stay(&family), [true; 4]);
        assert_eq!(stay(&strangers), [false; 2]);
    }

    #[test]
    fn among_those_who_are_signed_in_only_who_has_much_gives_way() {
        let mut house = House::new(4, 5);
        let (many, one): ([Guest; 4], [Guest; 1]) =
            (house.come("10.0.0.1"), house.come("10.0.0.2"));
        house.signs_in(&many);
        house.signs_in(&one);

        let newcomers: [Guest; 1] = house.come("10.0.0.3");
        assert_eq!((stay(&many), stay(&one)), (vec![false, true, true, true], vec![true]));
        house.signs_in(&newcomers);
        for n in 4..6 {
            let newcomer: [Guest; 1] = house.come(&format!("10.0.0.{n}"));
            house.signs_in(&newcomer);
        }

        // Five devices with one each.
        assert!(house.comes("10.0.0.9").is_none(), "nobody whom we do not know displaces them");
        assert_eq!(stay(&many), [false, false, false, true]);
    }

    #[test]
    fn addresses_of_one_ipv6_network_have_one_share_and_share_it() {
        let mut house = House::new(4, 100);
        let greedy: [Guest; 4] = house.come("fd00::bad");

        let family = ["fd00::1", "fd00::2"].map(|from| house.comes(from).unwrap());
        assert_eq!(stay(&greedy), [false, false, true, true]);
        assert!(house.comes("fd00::bad").is_none());
        // As many addresses as it likes do not bring it more than the share.
        for n in 0x100..0x180 {
            drop(house.comes(&format!("fd00::{n:x}")));
        }
        assert_eq!(house.seats.taken.len(), 4);
        assert!(house.comes("fd00::3").is_some(), "whoever comes still comes in");
        assert!(house.comes("fd00:0:0:1::1").is_some(), "another network");
        assert!(house.comes("fe80::1").is_some() && house.comes("10.0.0.1").is_some());
        house.signs_in(&family);
    }

    #[test]
    fn one_with_all_addresses_of_a_network_does_not_keep_another_network_out() {
        let mut house = House::new(6, 8);
        let family: [Guest; 2] = house.come("192.168.1.2");
        for n in 0..50 {
            assert!(house.comes(&format!("fd00::{n:x}")).is_some());
        }

        assert_eq!(stay(&family), [true, true]);
        assert!(house.comes("192.168.1.3").is_some());
        assert!(house.comes("192.168.1.4").is_some());
        assert_eq!(stay(&family), [true, true], "the greediest network gives way");
    }

    #[test]
    fn an_answer_makes_a_connection_young_again() {
        let mut house = House::new(3, 3);
        let guests = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map(|from| house.comes(from).unwrap());
        let first = guests[0].number;
        assert!(house.seats.idle_since(first).is_some());
        house.seats.asks(first);
        assert_eq!(house.seats.idle_since(first), None);
        house.now += Duration::from_secs(1);
        house.seats.is_answered(first, house.now);
        assert_eq!(house.seats.idle_since(first), Some(house.now));

        assert!(house.comes("10.0.0.4").is_some());

        assert_eq!(stay(&guests), [true, false, true]);
    }

    proptest! {
        /// Whoever comes and goes: there are never too many, and who has nothing comes in unless all
        /// others are known.
        #[test]
        fn there_are_never_too_many_and_never_nobody_gives_way(
            steps in prop::collection::vec((0_u8..12, any::<bool>(), any::<bool>()), 1..200),
        ) {
            let mut house = House::new(3, 8);
            for (who, is_known, is_v6) in steps {
                let address = if is_v6 { format!("fd00::{who:x}") } else { format!("10.0.0.{who}") };
                let peer = Peer::new(address.parse().unwrap());
                let has_none = !house.seats.taken.values().any(|taken| taken.peer.network == peer.network);
                let is_room = house.seats.taken.values().any(|taken| !taken.is_known);

                let came = house.comes(&address);

                prop_assert!(came.is_some() || !(has_none && is_room));
                if is_known {
                    house.signs_in(came.as_slice());
                }
                prop_assert!(house.seats.taken.len() <= 8);
                for taken in house.seats.taken.values() {
                    let beside = |other: &&Taken| other.peer.network == taken.peer.network;
                    prop_assert!(house.seats.taken.values().filter(beside).count() <= 3);
                }
            }
        }
    }
}
