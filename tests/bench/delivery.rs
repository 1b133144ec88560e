//! How much longer a delivery takes than the air needs for it.

use std::time::Duration;

use hutch::{
    audio::{Clip, audio32, wav},
    hub::{Event, Sending},
    model::DeliveryState,
    radio::sim::LinkTiming,
    store::Store,
    toy::wire::CHUNK_BYTES,
};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{Bar, Figure, home::Home, sound::speech};

/// Seconds of speech in the message.
const MESSAGE_S: usize = 20;

/// The hub's own share of a delivery over the simulated link: everything beyond one chunk of
/// 20 bytes per 7.5 ms, with no gap of ours between chunks.
pub(crate) fn overhead() -> Vec<Figure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let measured = runtime.block_on(async { timeout(Duration::from_secs(120), measure()).await });
    vec![Figure {
        what: "the hub's own share of a delivery",
        bar: Bar::Percent(3.0),
        value: measured.ok(),
    }]
}

/// Delivers a message and returns the share in per cent of the link's time. The time runs from
/// the moment the keeper takes the message up until the hub says that the toy has it, and so holds
/// what the toy itself wants: priming its buffer, and 250 ms of peace at the end.
async fn measure() -> f64 {
    let air = LinkTiming::default();
    let Home { hub, guardian, child, .. } = Home::new(Store::in_memory().unwrap()).await;
    let mut events = hub.events(&guardian);
    let (mut keepers, stop) = (JoinSet::new(), CancellationToken::new());
    hub.start_keepers(&mut keepers, &stop).await.unwrap();

    let mut pcm = speech();
    let whole = pcm.samples.clone();
    pcm.samples = whole.into_iter().cycle().take(MESSAGE_S * audio32::RATE as usize).collect();
    hub.send_message(&guardian, child, wav::write(&pcm), Sending::default()).await.unwrap();
    let mut begun = None;
    let took = loop {
        match events.next().await.unwrap() {
            Event::Delivery(delivery) if delivery.sending == Some(0) => {
                begun.get_or_insert_with(Instant::now);
            }
            Event::Delivery(delivery) if delivery.state == DeliveryState::OnToy => {
                break begun.unwrap().elapsed();
            }
            _ => {}
        }
    };

    let n_bytes = Clip::encode(&pcm).unwrap().as_bytes().len();
    let link = air.interval * u32::try_from(n_bytes.div_ceil(CHUNK_BYTES)).unwrap();
    (took.as_secs_f64() / link.as_secs_f64() - 1.0) * 100.0
}
