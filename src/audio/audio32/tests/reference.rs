//! The encoder once more, as plainly as the format can be written down: every saturation where it
//! belongs, every list searched from its start, no table but those without a formula. It is slow,
//! and the product's encoder must agree with it on every frame.

use std::f64::consts::PI;

use super::super::tables::{BIAS, CATEGORIES, ENVELOPE_CODES, INVERSE_LEVELS};

const EXPECTED: [i32; 8] = [52, 47, 43, 37, 29, 22, 16, 0];
const DEAD_ZONE: [i64; 7] = [2457, 2703, 2949, 3195, 3440, 3686, 4096];
const DEAD_ZONE_LOW: [i64; 7] = [2, 1, 0, 0, 3, 2, 0];

/// Encodes one frame of samples that follows another.
pub(super) fn encode_frame(old: &[i16; 320], new: &[i16; 320]) -> [u8; 40] {
    let (folded, shift) = scale(&fold(old, new));
    let x = transform(folded);
    let levels = envelope(&x, shift);
    let mut bits = Vec::new();
    put(&mut bits, (levels[0] + 7) as u32, 5);
    for r in 1..14 {
        put_word(&mut bits, ENVELOPE_CODES[r - 1][(levels[r] - levels[r - 1] + 12) as usize]);
    }

    let available = 320 - bits.len() as i32 - 4;
    let (mut categories, list) = categorize(&levels, available);
    for r in &list[..7] {
        categories[*r] += 1;
    }
    let region =
        |r: usize, category: i32| code_region(&x[20 * r..][..20], levels[r], shift, category);
    let total = |categories: &[i32; 14]| -> i32 {
        (0..14).map(|r| region(r, categories[r]).len() as i32).sum()
    };
    let mut choice = 7;
    while total(&categories) < available && 0 < choice {
        choice -= 1;
        categories[list[choice]] -= 1;
    }
    while available < total(&categories) && choice < 15 {
        categories[list[choice]] += 1;
        choice += 1;
    }

    put(&mut bits, choice as u32, 4);
    for (r, category) in categories.into_iter().enumerate() {
        bits.extend(region(r, category));
    }
    bits.resize(bits.len().max(320), true);
    let mut frame = [0; 40];
    for (k, bit) in bits[..320].iter().enumerate() {
        frame[k / 8] |= u8::from(*bit) << (k % 8);
    }
    frame
}

fn put(bits: &mut Vec<bool>, value: u32, count: u32) {
    bits.extend((0..count).rev().map(|n| value >> n & 1 == 1));
}

fn put_word(bits: &mut Vec<bool>, word: u32) {
    put(bits, word, word.ilog2());
}

fn saturate(value: i64) -> i32 {
    value.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

fn saturate_short(value: i32) -> i16 {
    value.clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

fn multiply_add(sum: i32, x: i16, y: i16) -> i32 {
    saturate(i64::from(sum) + 2 * i64::from(x) * i64::from(y))
}

fn negate(x: i16) -> i16 {
    x.checked_neg().unwrap_or(i16::MAX)
}

fn round(sum: i32) -> i16 {
    (saturate(i64::from(sum) + 32_768) >> 16) as i16
}

fn fold(old: &[i16; 320], new: &[i16; 320]) -> [i16; 320] {
    let w = |n: usize| (18_318.0 * (PI * (n as f64 + 0.5) / 640.0).sin()).floor() as i16;
    let mut v = [0; 320];
    for n in 0..160 {
        let sum = multiply_add(0, w(159 - n), old[159 - n]);
        v[n] = round(multiply_add(sum, w(160 + n), old[160 + n]));
        let sum = multiply_add(0, w(319 - n), new[n]);
        v[160 + n] = round(multiply_add(sum, negate(w(n)), new[319 - n]));
    }
    v
}

fn scale(v: &[i16; 320]) -> ([i16; 320], i32) {
    let sum: i32 = v.iter().map(|v| i32::from(*v).abs()).sum();
    let shift = if 5000 < sum >> 7 { 1 } else { 2 };
    (v.map(|v| saturate_short(i32::from(v) << shift)), shift)
}

fn transform(mut v: [i16; 320]) -> [i16; 320] {
    for (v, bias) in v.iter_mut().zip(&BIAS) {
        *v = saturate_short(i32::from(*v) + i32::from(*bias));
    }
    for pass in 0..5 {
        let n = 320 >> pass;
        let input = v;
        for block in (0..320).step_by(n) {
            for i in 0..n / 2 {
                let (p, q) = (i32::from(input[block + 2 * i]), i32::from(input[block + 2 * i + 1]));
                v[block + i] = ((p + q) >> 1) as i16;
                v[block + n - 1 - i] = ((p - q) >> 1) as i16;
            }
        }
    }
    let input = v;
    for (k, v) in v.iter_mut().enumerate() {
        let mut sum = 0;
        for i in 0..10 {
            let angle = PI * (i as f64 + 0.5) * ((k % 10) as f64 + 0.5) / 10.0;
            sum =
                multiply_add(sum, input[k / 10 * 10 + i], (10_485.76 * angle.cos()).round() as i16);
        }
        *v = round(sum);
    }
    for pass in (0..5).rev() {
        let n = 320 >> pass;
        let input = v;
        for block in (0..320).step_by(n) {
            for i in 0..n / 2 {
                let angle = PI * (i as f64 + 0.5) / (2 * n) as f64;
                let c = (29_828.122 * angle.cos()).round() as i16;
                let m = -(29_828.122 * angle.sin()).round() as i16;
                let (low, high) = (input[block + i], input[block + n / 2 + i]);
                let (front, back) = if i % 2 == 0 { (negate(m), c) } else { (m, negate(c)) };
                v[block + i] = round(multiply_add(multiply_add(0, c, low), front, high));
                v[block + n - 1 - i] = round(multiply_add(multiply_add(0, m, low), back, high));
            }
        }
    }
    v
}

fn envelope(x: &[i16; 320], shift: i32) -> [i32; 14] {
    let mut e = [0; 14];
    for (r, e) in e.iter_mut().enumerate() {
        let squares = x[20 * r..][..20].iter().map(|x| i64::from(*x).pow(2));
        let mut s = squares.sum::<i64>().min((1 << 31) - 1);
        let mut p = 0;
        while 65_536 <= s {
            s >>= 1;
            p += 1;
        }
        while s <= 32_767 && -15 <= p {
            s <<= 1;
            p -= 1;
        }
        s >>= 1;
        if 28_963 <= s {
            p += 1;
        }
        *e = p - 2 * shift + 11;
    }
    for r in (0..13).rev() {
        e[r] = e[r].max(e[r + 1] - 11);
    }
    e[0] = e[0].clamp(-6, 24);
    e[1..].iter_mut().for_each(|e| *e = (*e).clamp(-15, 24));
    for r in 1..14 {
        e[r] = e[r - 1] + (e[r] - e[r - 1]).max(-12);
    }
    e
}

/// Returns categorization 0 and the list of regions that the further ones make coarser.
fn categorize(e: &[i32; 14], available: i32) -> ([i32; 14], Vec<usize>) {
    let category = |o: i32, r: usize| ((o - e[r]) >> 1).clamp(0, 7);
    let expected = |c: &[i32; 14]| c.iter().map(|c| EXPECTED[*c as usize]).sum::<i32>();
    let all = |o: i32| std::array::from_fn(|r| category(o, r));
    let mut o = -32;
    for d in [32, 16, 8, 4, 2, 1] {
        if available - 32 <= expected(&all(o + d)) {
            o += d;
        }
    }
    let (mut low, mut high) = (all(o), all(o));
    let mut list = Vec::new();
    for _ in 0..15 {
        if expected(&low) + expected(&high) <= 2 * available {
            let candidates = (0..14).filter(|r| 0 < high[*r]);
            let r = candidates.min_by_key(|r| o - e[*r] - 2 * high[*r]).unwrap();
            list.insert(0, r);
            high[r] -= 1;
        } else {
            let candidates = (0..14).filter(|r| low[*r] < 7);
            let r = candidates.max_by_key(|r| o - e[*r] - 2 * low[*r]).unwrap();
            list.push(r);
            low[r] += 1;
        }
    }
    (high, list)
}

fn code_region(x: &[i16], level: i32, shift: i32, category: i32) -> Vec<bool> {
    let mut bits = Vec::new();
    let category = category as usize;
    let Some(rules) = CATEGORIES.get(category) else { return bits };
    let mut index = level + 2 * shift + 24;
    let n = ((index - 39) >> 1).max(0);
    index -= 2 * n;
    let reciprocal = match index {
        ..=24 => 32_767,
        25..=56 => i64::from(INVERSE_LEVELS[(index - 24) as usize]),
        _ => 0,
    };
    let t0 = (i64::from(rules.inverse_step) * reciprocal + 4_096) >> 13;
    let (whole, quarters) = (t0 >> 2, t0 & 3);
    let x: Vec<_> = x.iter().map(|x| x >> n).collect();
    for vector in x.chunks(rules.vector) {
        let values = vector.iter().map(|x| {
            let x = i64::from(if *x == i16::MIN { i16::MAX } else { x.abs() });
            let low = (x * quarters + DEAD_ZONE_LOW[category]) >> 2;
            let k = (x * whole + DEAD_ZONE[category] + low) >> 13;
            k.min(i64::from(rules.levels) - 1) as usize
        });
        let values: Vec<_> = values.collect();
        let number = values.iter().fold(0, |number, k| number * rules.levels as usize + k);
        put_word(&mut bits, rules.words[number]);
        for (x, k) in vector.iter().zip(values) {
            if k != 0 {
                bits.push(0 < *x);
            }
        }
    }
    bits
}
