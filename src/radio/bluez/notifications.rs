//! What a toy notifies, in the order in which the toy said it.
//!
//! BlueZ hands out a socket for each characteristic, and no order between them. It fills them in
//! the order of the air, though: whatever came before a state lies in its socket by the time the
//! state can be read. So all are emptied until the states are, and then put together again.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use bluer::gatt::CharacteristicReader;
use futures_util::{Stream, StreamExt as _};
use tokio::io::{AsyncRead as _, ReadBuf};

use crate::{
    radio::RadioError,
    toy::wire::{Characteristic, ToyState},
};

/// More than any notification has: BlueZ takes at most 517 bytes for a value.
const MAX_BYTES: usize = 1024;

/// Where the notifications of a characteristic come from.
pub(super) enum Source {
    /// A socket of their own.
    Socket(Box<CharacteristicReader>),
    /// Signals on the bus.
    Signals(Pin<Box<dyn Stream<Item = Vec<u8>> + Send>>),
}

impl Source {
    /// Returns the next value; `None` when no more will come.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Vec<u8>>> {
        match self {
            Self::Socket(reader) => {
                let mut bytes = [0; MAX_BYTES];
                let mut buffer = ReadBuf::new(&mut bytes);
                Pin::new(reader.as_mut()).poll_read(cx, &mut buffer).map(|read| match read {
                    Ok(()) if !buffer.filled().is_empty() => Some(buffer.filled().to_vec()),
                    // BlueZ closes it when the link ends.
                    Ok(()) | Err(_) => None,
                })
            }
            Self::Signals(signals) => signals.poll_next_unpin(cx),
        }
    }
}

/// All notifications of one link.
#[derive(Default)]
pub(super) struct Notifications {
    sources: Vec<(Characteristic, Source)>,
    in_order: VecDeque<(Characteristic, Vec<u8>)>,
    has_ended: bool,
}

impl Notifications {
    pub(super) fn add(&mut self, of: Characteristic, source: Source) {
        self.sources.push((of, source));
    }

    /// Returns the MTU of the link, if there is a socket, with which BlueZ says so.
    pub(super) fn mtu(&self) -> Option<usize> {
        self.sources.iter().find_map(|(_, source)| match source {
            Source::Socket(reader) => Some(reader.mtu()),
            Source::Signals(_) => None,
        })
    }

    /// Returns the next notification. Nothing is lost between two calls.
    pub(super) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(Characteristic, Vec<u8>), RadioError>> {
        if self.in_order.is_empty() {
            self.gather(cx);
        }
        match self.in_order.pop_front() {
            Some(notification) => Poll::Ready(Ok(notification)),
            None if self.has_ended => Poll::Ready(Err(RadioError::LinkLost)),
            None => Poll::Pending,
        }
    }

    fn gather(&mut self, cx: &mut Context<'_>) {
        let (mut states, mut others) = (Vec::new(), Vec::new());
        self.empty(cx, true, &mut states);
        loop {
            self.empty(cx, false, &mut others);
            let n_states = states.len();
            self.empty(cx, true, &mut states);
            if states.len() == n_states {
                break;
            }
        }
        self.in_order.extend(merge(states, others));
    }

    fn empty(
        &mut self,
        cx: &mut Context<'_>,
        states: bool,
        into: &mut Vec<(Characteristic, Vec<u8>)>,
    ) {
        for (of, source) in &mut self.sources {
            if (*of == Characteristic::State) != states {
                continue;
            }
            loop {
                match source.poll(cx) {
                    Poll::Ready(Some(bytes)) => into.push((*of, bytes)),
                    Poll::Ready(None) => {
                        self.has_ended = true;
                        break;
                    }
                    Poll::Pending => break,
                }
            }
        }
    }
}

/// Puts together what lay in the sockets at one time: a state that begins a transfer comes before
/// what the transfer brings, whatever the toy does next comes after it.
fn merge(
    mut states: Vec<(Characteristic, Vec<u8>)>,
    others: Vec<(Characteristic, Vec<u8>)>,
) -> impl Iterator<Item = (Characteristic, Vec<u8>)> {
    let begins = |(_, bytes): &(Characteristic, Vec<u8>)| {
        matches!(
            ToyState::decode(bytes),
            Some(ToyState::BufferPrime | ToyState::Upload | ToyState::Download)
        )
    };
    let n_before = states.iter().rposition(begins).map_or(0, |last| last + 1);
    let after = states.split_off(n_before);
    states.into_iter().chain(others).chain(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(values: &[u8]) -> Vec<(Characteristic, Vec<u8>)> {
        values.iter().map(|value| (Characteristic::State, vec![*value])).collect()
    }

    fn sound(n: u8) -> (Characteristic, Vec<u8>) {
        (Characteristic::ReceiveAudio, vec![n; 20])
    }

    #[test]
    fn a_recording_lies_between_its_two_states() {
        let merged: Vec<_> = merge(states(&[7, 1]), vec![sound(1), sound(2)]).collect();

        let [begin, end] = states(&[7, 1]).try_into().unwrap();
        assert_eq!(merged, [begin, sound(1), sound(2), end]);
    }

    #[test]
    fn the_end_of_what_was_before_does_not_come_in_between() {
        let merged: Vec<_> = merge(states(&[1, 9, 3]), vec![sound(1)]).collect();

        assert_eq!(merged[..3], states(&[1, 9, 3]));
        assert_eq!(merged[3], sound(1));
    }

    #[test]
    fn the_last_bytes_come_before_the_state_that_ends_them() {
        let merged: Vec<_> = merge(states(&[1]), vec![sound(1), sound(2)]).collect();

        assert_eq!(merged[..2], [sound(1), sound(2)]);
    }

    #[tokio::test]
    async fn what_lies_in_several_sources_comes_as_the_toy_said_it_and_then_the_end() {
        let mut notifications = Notifications::default();
        let stream =
            |values: Vec<Vec<u8>>| Source::Signals(Box::pin(futures_util::stream::iter(values)));
        notifications.add(Characteristic::ReceiveAudio, stream(vec![vec![1; 20], vec![2; 20]]));
        notifications.add(Characteristic::State, stream(vec![vec![7], vec![1]]));

        let mut seen = Vec::new();
        let error = loop {
            match std::future::poll_fn(|cx| notifications.poll_next(cx)).await {
                Ok((of, bytes)) => seen.push((of, bytes[0])),
                Err(error) => break error,
            }
        };

        let [state, sound] = [Characteristic::State, Characteristic::ReceiveAudio];
        assert_eq!(seen, [(state, 7), (sound, 1), (sound, 2), (state, 1)]);
        assert_eq!(error, RadioError::LinkLost);
    }
}
