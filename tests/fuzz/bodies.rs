//! What each fuzz target does with its input: one function each, so that the same bodies run as
//! ordinary tests on a stable compiler. A body panics where Hutch breaks a promise; that no bytes
//! make it panic otherwise is the first of them.

use std::{
    net::IpAddr,
    path::Path,
    time::{Duration, Instant},
};

use hutch::{
    audio::{self, Clip, Pcm, adpcm, audio32},
    config::{Config, Layer},
    model::{Character, ItemId, Slot},
    picture::Picture,
    seal::{
        About, DeviceKey, Kind, Part, PrivateKey as _, Sealed, SealedKey, household::HouseholdKey,
    },
    toy::{
        firmware::{Firmware, FirmwareOutput, Quirks},
        session::{Input, Output, Pacing, Request, Session},
        wire::{self, Characteristic, ConfigId, DataRequest, Led, ToyState},
    },
};
use zeroize::Zeroizing;

/// A file from a stranger, read as the toy's upload format; then as samples for its encoder.
pub(super) fn audio32(input: &[u8]) {
    let header = audio32::header(input);
    if let Ok(decoded) = audio32::decode(input) {
        assert!(header.is_ok(), "decoded without a header");
        assert_eq!(decoded.pcm.rate, audio32::RATE);
        assert_eq!(decoded.pcm.samples.len(), decoded.frames * audio32::FRAME_SAMPLES);
        assert!(decoded.bad_frames <= decoded.frames);
        assert!(decoded.frames * audio32::FRAME_BYTES <= input.len());
    }

    let samples = samples(input);
    let encoded = audio32::encode(&samples);
    let decoded = audio32::decode(&encoded).expect("our own file");
    assert_eq!(decoded.frames, samples.len().div_ceil(audio32::FRAME_SAMPLES));
    assert_eq!(decoded.bad_frames, 0);
}

/// A recording as a toy, or somebody in its place, may hand it over; then samples for the encoder
/// of the simulated toy.
pub(super) fn adpcm(input: &[u8]) {
    let header = adpcm::header(input);
    if let Ok(decoded) = adpcm::decode(input) {
        assert!(header.is_ok(), "decoded without a header");
        // The smallest code has 4 bits: no more than two samples come out of a byte.
        assert!(decoded.pcm.samples.len() <= 2 * input.len());
    }

    let samples = samples(input);
    for bits in [adpcm::Bits::Four, adpcm::Bits::Five, adpcm::Bits::Six] {
        let decoded = adpcm::decode(&adpcm::encode(&samples, bits)).expect("our own file");
        assert!(samples.len() <= decoded.pcm.samples.len());
    }
}

/// A file of settings.
pub(super) fn config(input: &[u8]) {
    match Layer::from_file(Path::new("hutch.toml"), input) {
        Ok(layer) => {
            let config = Config::from(layer);
            assert!(!config.listen.is_empty());
            // No range makes a home of everybody's addresses.
            let everybodys = ["1.1.1.1", "9.9.9.9", "193.0.6.139", "2606:4700::1", "2a00:1450::1"];
            let everybodys = everybodys.map(|address| address.parse::<IpAddr>().unwrap());
            assert!(!everybodys.iter().all(|address| config.lan().has(*address)));
            assert!(config.state.is_absolute() && config.run.is_absolute());
        }
        Err(error) => assert!(error.to_string().starts_with("hutch.toml"), "{error}"),
    }
}

/// A WAV that somebody uploads.
pub(super) fn wav(input: &[u8]) {
    if let Ok(sound) = audio::wav::read(input) {
        assert!(0 < sound.rate && 0 < sound.channels);
        assert_eq!(sound.samples.len() % usize::from(sound.channels), 0);
        assert!(sound.samples.len() <= input.len(), "more samples than bytes");
    }

    let pcm = Pcm { rate: 16_000, samples: samples(input) };
    // A file without sound is refused.
    let again = audio::wav::read(&audio::wav::write(&pcm)).map_or(0, |again| again.samples.len());
    assert_eq!(again, pcm.samples.len());
}

/// A sound file of any kind that somebody uploads.
pub(super) fn sound_file(input: &[u8]) {
    const WANTED_MS: u32 = 2_000;
    // The longest packets are those of FLAC, 65,535 samples, which last 8 s at the lowest rate.
    const LAST_MS: u32 = 9_000;
    let Ok(heard) = audio::file::read(input, WANTED_MS, &|| true) else { return };
    let n_most = usize::try_from((WANTED_MS + LAST_MS) * audio32::RATE / 1_000).unwrap();
    assert!((1..=n_most).contains(&heard.samples.len()), "{heard:?}");
    assert!(heard.samples.iter().all(|sample| sample.is_finite()));
    assert!(0 < heard.length_ms);
}

/// A picture that somebody uploads.
pub(super) fn picture(input: &[u8]) {
    let Ok(made) = Picture::read(input) else { return };
    assert!(made.as_bytes().len() <= 2 << 20, "{made:?}");
    // What is made is a picture, and no smaller for being made once more.
    let again = Picture::read(made.as_bytes()).expect("our own picture");
    assert_eq!(again.format(), made.format());
    assert_eq!(Picture::from_stored(made.as_bytes().to_vec()), Ok(made));
}

/// A WAV that somebody uploads, made ready for a toy.
pub(super) fn prepare(input: &[u8]) {
    let Ok(sound) = audio::wav::read(input) else { return };
    if let Ok(pcm) = audio::prepare(&sound) {
        assert_eq!(pcm.rate, audio32::RATE);
    }
}

/// A kept recording that the card may have damaged.
pub(super) fn keep(input: &[u8]) {
    // A packet of one byte stands for at most 120 ms, 5,760 samples at 48 kHz.
    if let Ok(pcm) = audio::keep::decode(input) {
        assert!(pcm.samples.len() <= 5_760 * input.len());
    }
}

/// A clip out of the outbox.
pub(super) fn clip(input: &[u8]) {
    if let Ok(clip) = Clip::from_stored(input.to_vec()) {
        assert_eq!(clip.as_bytes(), input);
        assert!(clip.length_ms() <= Clip::MAX_MS);
    }
}

/// Sealed bytes that somebody changed on the card. The keys are fixed and so is what the corpus
/// sealed under them: nothing else may ever come out.
pub(super) fn seal(input: &[u8]) {
    const PLAIN: &[u8] = b"squeeze the paw";
    let about =
        About { item: ItemId::from_bytes([1; 16]), kind: Kind::Message, child: None, sender: None };
    let household = HouseholdKey::from_bytes(&Zeroizing::new([7; 32]));
    let device = DeviceKey::from_bytes(&Zeroizing::new([8; 32]));
    let key =
        SealedKey::from_stored(include_bytes!("corpus/seal/key").to_vec()).expect("our own key");
    let content = household.open(&key, &about).expect("our own key");

    if let Ok(key) = SealedKey::from_stored(input.to_vec()) {
        assert_eq!(key.as_bytes(), input);
        let opens = household.open(&key, &about).is_ok();
        assert_eq!(opens, input == include_bytes!("corpus/seal/key"), "a changed key opens");
    }
    if let Ok(sealed) = Sealed::from_stored(input.to_vec()) {
        assert_eq!(sealed.as_bytes(), input);
        let opened = [Part::Sound, Part::Waveform, Part::Text, Part::Picture]
            .map(|part| content.open(part, &about, &sealed))
            .into_iter()
            .chain([device.open(&about, &sealed)]);
        for plain in opened.flatten() {
            assert_eq!(plain.as_slice(), PLAIN, "changed bytes open");
        }
    }
}

/// Notifications and answers of a toy, byte for byte.
pub(super) fn wire(input: &[u8]) {
    if let Some(state) = ToyState::decode(input) {
        assert_eq!(Some(&state.to_byte()), input.first());
    }
    if let Some(request) = DataRequest::decode(input) {
        assert!(input.starts_with(&request.encode()));
    }
    if let Some(led) = Led::decode(input) {
        assert_eq!(Led::decode(&led.encode()), Some(led));
    }
    if let Some(level) = wire::decode_volume(input) {
        assert!(input.starts_with(&wire::encode_volume(level)));
    }
    if let Some(config) = ConfigId::decode(input) {
        assert_eq!(config.as_bytes(), input);
    }
}

/// A toy that says anything at any time: the session neither panics nor spins, and never says
/// what would hurt a real toy.
pub(super) fn session(input: &[u8]) {
    let mut input = Script(input);
    let mut now = start();
    let mut session = Session::new(Pacing { gap: input.time(9) });
    session.connect(now);
    let mut deadline = drain(&mut session, now);
    while let Some(step) = input.byte() {
        let characteristic =
            Characteristic::ALL[usize::from(step >> 4) % Characteristic::ALL.len()];
        match step % 8 {
            0..=2 => session.handle(Input::Notified(characteristic, input.bytes()), now),
            3 => session.handle(Input::Read(characteristic, input.bytes()), now),
            4 => {
                now = deadline.map_or(now, |deadline| now.max(deadline));
                session.handle(Input::Expired, now);
            }
            5 => _ = session.request(request(&mut input), now),
            6 => session.cancel(now),
            _ => now += input.time(5_000),
        }
        deadline = drain(&mut session, now);
    }
}

/// A hub, or a stranger, that writes anything: the simulated toy refuses, and goes on.
pub(super) fn firmware(input: &[u8]) {
    let mut input = Script(input);
    let mut now = start();
    let mut toy = Firmware::new(Character::Bear, Quirks::default());
    toy.connect(now);
    while let Some(step) = input.byte() {
        let characteristic =
            Characteristic::ALL[usize::from(step >> 4) % Characteristic::ALL.len()];
        match step % 8 {
            0..=3 => _ = toy.write(characteristic, input.bytes(), now),
            4 => toy.subscribe(characteristic),
            5 => drop(toy.read(characteristic)),
            6 => toy.press_play(now),
            _ => now += input.time(5_000),
        }
        for turn in 0.. {
            assert!(turn < 10_000, "the toy never falls silent");
            match toy.poll(now) {
                FirmwareOutput::Notify(_, bytes) => assert!(bytes.len() <= 20),
                FirmwareOutput::Disconnect => toy.connect(now),
                FirmwareOutput::Wait(_) => break,
            }
        }
    }
}

/// Polls until the session waits; returns until when.
fn drain(session: &mut Session, now: Instant) -> Option<Instant> {
    for _ in 0..100_000 {
        match session.poll(now) {
            Output::Write { bytes, .. } => {
                assert!(
                    !bytes.is_empty() && bytes.len() <= 20,
                    "{} bytes in one write",
                    bytes.len()
                );
            }
            Output::Wait(deadline) => return deadline,
            Output::Read(_) | Output::Subscribe(_) | Output::Event(_) => {}
        }
    }
    panic!("the session never waits");
}

fn request(input: &mut Script<'_>) -> Request {
    let slot = Slot::ALL[usize::from(input.byte().unwrap_or(0)) % Slot::ALL.len()];
    match input.below(8) {
        0 | 1 => Request::Upload { slot, clip: vec![0x55; input.below(3_000).into()] },
        2 => Request::Download,
        3 => Request::Play(slot),
        4 => Request::Stop,
        5 => Request::Volume(input.byte().unwrap_or(0)),
        6 => Request::GameMode(true),
        _ => Request::StopLoop,
    }
}

/// The input as a list of steps.
struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Takes a number below this one, which is not 0.
    fn below(&mut self, end: u16) -> u16 {
        u16::from_le_bytes([self.byte().unwrap_or(0), self.byte().unwrap_or(0)]) % end
    }

    /// Takes a time below so many milliseconds.
    fn time(&mut self, end_ms: u16) -> Duration {
        Duration::from_millis(self.below(end_ms).into())
    }

    /// Takes a length and so many bytes, at most one notification's worth and a little more.
    fn bytes(&mut self) -> &'a [u8] {
        let n_bytes = usize::from(self.byte().unwrap_or(0) % 24).min(self.0.len());
        let (bytes, rest) = self.0.split_at(n_bytes);
        self.0 = rest;
        bytes
    }
}

fn samples(input: &[u8]) -> Vec<i16> {
    input.as_chunks().0.iter().map(|pair| i16::from_le_bytes(*pair)).collect()
}

#[allow(clippy::disallowed_methods, reason = "the one instant that all others are counted from")]
fn start() -> Instant {
    Instant::now()
}
