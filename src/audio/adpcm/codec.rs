//! Packets: codes to samples and back.

use super::Bits;

/// What codes build on.
#[derive(Clone, Copy)]
pub(super) struct State {
    step: i32,
    /// The last sample, in 12 bits.
    last: i32,
    /// The one before it.
    before: i32,
}

/// Weights of the last two samples, in 256ths. An encoder uses the first seven.
///
/// The others are outside the format: they are what the decoder that toys were sold with happens
/// to find in memory behind the table.
const PREDICTORS: [(i32, i32); 16] = [
    (256, 0),
    (512, -256),
    (0, 0),
    (192, 64),
    (240, 0),
    (460, -208),
    (392, -232),
    (1, 0),
    (1, 2),
    (-1, 2),
    (0, 0),
    (0, 3),
    (1, 4),
    (15, 0),
    (16, 29),
    (-13, 16),
];
const USABLE_PREDICTORS: usize = 7;

impl State {
    /// The state at the start of a recording.
    pub(super) const START: Self = Self { step: 16, last: 0, before: 0 };

    /// Appends the samples of a packet: `SAMPLES` codes of `BITS` bits.
    pub(super) fn decode_packet<const BITS: u32, const SAMPLES: usize>(
        &mut self,
        packet: &[u8],
        samples: &mut Vec<i16>,
    ) {
        let mut source = Source::new(packet);
        let predictor = PREDICTORS[source.take(4) as usize];
        let mut decoded = [0; SAMPLES];
        for sample in &mut decoded {
            let code = source.take(BITS);
            let value = self.value(predictor, signed(code, BITS));
            self.advance(value, adaptation(code, BITS));
            *sample = (value << 4) as i16;
        }
        samples.extend_from_slice(&decoded);
    }

    /// Appends a packet of the samples, with silence behind them if there are too few.
    ///
    /// Codes are chosen one by one, each as near to its sample as it gets; that is done with every
    /// predictor, and the one with the least squared error is kept.
    pub(super) fn encode_packet(&mut self, samples: &[i16], bits: Bits, file: &mut Vec<u8>) {
        let mut targets = [0; 44];
        let targets = &mut targets[..bits.packet_samples()];
        for (target, sample) in targets.iter_mut().zip(samples) {
            *target = ((i32::from(*sample) + 8) >> 4).clamp(MIN_VALUE, MAX_VALUE);
        }
        let usable = (0_u32..).zip(&PREDICTORS[..USABLE_PREDICTORS]);
        let attempts =
            usable.map(|(number, predictor)| self.attempt(targets, number, *predictor, bits));
        if let Some(best) = attempts.min_by_key(|attempt| attempt.error) {
            file.extend_from_slice(&best.packet[..bits.packet_bytes()]);
            *self = best.end;
        }
    }

    fn attempt(
        mut self,
        targets: &[i32],
        number: u32,
        predictor: (i32, i32),
        bits: Bits,
    ) -> Attempt {
        let width = bits.count();
        let limit = 1 << (width - 1);
        let mut sink = Sink::new();
        sink.put(number, 4);
        let mut error = 0;
        for target in targets {
            let distance = target - self.predict(predictor);
            let nearest = (2 * distance + self.step).div_euclid(2 * self.step);
            let quantum = nearest.clamp(-limit, limit - 1);
            let code = quantum.cast_unsigned() & ((1 << width) - 1);
            let value = self.value(predictor, quantum);
            self.advance(value, adaptation(code, width));
            sink.put(code, width);
            error += i64::from(target - value).pow(2);
        }
        Attempt { error, packet: sink.packet, end: self }
    }

    #[inline]
    fn predict(&self, (last, before): (i32, i32)) -> i32 {
        (self.last * last + self.before * before) >> 8
    }

    #[inline]
    fn value(&self, predictor: (i32, i32), quantum: i32) -> i32 {
        (self.step * quantum + self.predict(predictor)).clamp(MIN_VALUE, MAX_VALUE)
    }

    #[inline]
    fn advance(&mut self, value: i32, adaptation: i32) {
        self.step = ((self.step * adaptation) >> 8).clamp(1, MAX_STEP);
        self.before = self.last;
        self.last = value;
    }
}

const MIN_VALUE: i32 = -2_048;
const MAX_VALUE: i32 = 2_047;
const MAX_STEP: i32 = 32_767;

struct Attempt {
    error: i64,
    packet: [u8; 32],
    end: State,
}

/// Returns a code as a signed number.
#[inline]
fn signed(code: u32, bits: u32) -> i32 {
    (code << (32 - bits)).cast_signed() >> (32 - bits)
}

/// Returns the factor, in 256ths, by which the step changes after a code.
#[inline]
fn adaptation(code: u32, bits: u32) -> i32 {
    let table: &[u16] = match bits {
        4 => &ADAPTATION_4,
        5 => &ADAPTATION_5,
        _ => &ADAPTATION_6,
    };
    i32::from(table[code as usize])
}

// By code: those of zero and up, then those of the most negative number and up.
const ADAPTATION_4: [u16; 16] =
    [230, 230, 230, 230, 307, 409, 512, 614, 768, 614, 512, 409, 307, 230, 230, 230];
const ADAPTATION_5: [u16; 32] = [
    230, 230, 230, 230, 240, 240, 307, 307, 307, 409, 459, 459, 512, 562, 614, 664, 768, 664, 614,
    562, 512, 459, 459, 409, 307, 307, 307, 240, 240, 230, 230, 230,
];
const ADAPTATION_6: [u16; 64] = [
    230, 230, 230, 230, 230, 230, 230, 230, 240, 240, 240, 240, 307, 307, 307, 307, 307, 307, 409,
    409, 459, 459, 459, 459, 512, 512, 562, 562, 614, 614, 664, 664, 768, 768, 664, 664, 614, 614,
    562, 562, 512, 512, 459, 459, 459, 459, 409, 409, 307, 307, 307, 307, 307, 307, 240, 240, 240,
    240, 230, 230, 230, 230, 230, 230,
];

/// Takes bits from a packet, which lacks none: its size is that of its contents.
struct Source<'a> {
    words: &'a [[u8; 2]],
    /// The bits of the words taken so far that are left, the next one on top.
    ahead: u32,
    left: u32,
}

impl<'a> Source<'a> {
    fn new(packet: &'a [u8]) -> Self {
        Self { words: packet.as_chunks().0, ahead: 0, left: 0 }
    }

    #[inline]
    fn take(&mut self, count: u32) -> u32 {
        if self.left < count
            && let Some((word, rest)) = self.words.split_first()
        {
            self.ahead |= u32::from(u16::from_le_bytes(*word)) << (16 - self.left);
            self.left += 16;
            self.words = rest;
        }
        let bits = self.ahead >> (32 - count);
        self.ahead <<= count;
        self.left = self.left.saturating_sub(count);
        bits
    }
}

/// Puts bits into a packet.
struct Sink {
    packet: [u8; 32],
    length: usize,
}

impl Sink {
    const fn new() -> Self {
        Self { packet: [0; 32], length: 0 }
    }

    fn put(&mut self, bits: u32, count: u32) {
        for n in (0..count).rev() {
            let (word, bit) = (self.length / 16, 15 - self.length % 16);
            // Words are little-endian: their upper half is the second byte.
            self.packet[2 * word + bit / 8] |= ((bits >> n & 1) as u8) << (bit % 8);
            self.length += 1;
        }
    }
}
