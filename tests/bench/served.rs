//! How fast a recording is served, compared with nginx.
//!
//! Both answer a range of 100 kB over TLS with a key of the same type, from one worker, to the same
//! client with connections that are kept. Hutch looks up who asks, and opens the recording, each
//! time; nginx sends a file.

use hutch::audio::wav;

use crate::{
    Bar, Figure,
    demo::{Demo, fetch},
    peer::{Nginx, middle_of_ratios, wrk},
    sound::speech,
};

const N_BYTES: usize = 100_000;
/// Long enough for more than so many bytes.
const MESSAGE_S: usize = 39;

pub(crate) fn recording() -> Vec<Figure> {
    vec![Figure {
        what: "a recording of 100 kB over TLS, compared with nginx and the same bytes in a file",
        bar: Bar::TimesAsFast(0.5),
        value: measure(),
    }]
}

fn measure() -> Option<f64> {
    let demo = Demo::start()?;
    let (url, cookie) = demo.message(&wav::write(&speech_of(MESSAGE_S)))?;
    let folder = tempfile::tempdir().ok()?;
    let sound = fetch(&url, &cookie)?;
    assert!(N_BYTES <= sound.len(), "{} bytes are too few", sound.len());
    let peer = Nginx::start(folder.path(), &sound)?;

    middle_of_ratios(|| rate(&url, &cookie), || rate(&peer.url(Nginx::FILE), ""))
}

fn speech_of(seconds: usize) -> hutch::audio::Pcm {
    let mut pcm = speech();
    let whole = pcm.samples.clone();
    let n_samples = seconds * usize::try_from(pcm.rate).unwrap();
    pcm.samples = whole.into_iter().cycle().take(n_samples).collect();
    pcm
}

fn rate(url: &str, cookie: &str) -> Option<f64> {
    let range = format!("Range: bytes=0-{}", N_BYTES - 1);
    let cookie = format!("Cookie: {cookie}");
    wrk(url, &[&range, &cookie])
}
