//! A connection to one toy.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use async_trait::async_trait;
use bluer::{
    Adapter, Device, DeviceEvent, DeviceProperty, ErrorKind,
    gatt::{
        CharacteristicFlags, WriteOp,
        remote::{Characteristic as Remote, CharacteristicWriteRequest, Service},
    },
};
use futures_util::{Stream, StreamExt as _};
use tokio::time::sleep;

use super::{
    LEAVES_WITHIN, Shared,
    notifications::{Notifications, Source},
    trouble::{Trouble, answered, answered_within},
    writer::Writer,
};
use crate::{
    model::ToyAddress,
    radio::{GattTable, Identity, Link, RadioError},
    toy::wire::{Characteristic, Offer},
};

/// How often a socket for notifications is asked for while BlueZ still clears up after the last.
const SUBSCRIBE_TRIES: u32 = 5;

/// The pause between two of these tries.
const SUBSCRIBE_PAUSE: Duration = Duration::from_millis(100);

/// How long it may take until all services of a toy are known.
const RESOLVES_WITHIN: Duration = Duration::from_secs(10);

/// A toy has two services and a dozen characteristics. Whatever has more is none.
const MAX_SERVICES: usize = 16;

/// See [`MAX_SERVICES`].
const MAX_CHARACTERISTICS: usize = 64;

/// A connection to one toy.
pub(super) struct BluezLink {
    shared: Arc<Shared>,
    adapter: Adapter,
    toy: ToyAddress,
    device: Device,
    identity: Identity,
    offers: Vec<Offer>,
    characteristics: HashMap<Characteristic, Remote>,
    notifications: Notifications,
    changes: Pin<Box<dyn Stream<Item = DeviceEvent> + Send>>,
    /// Takes the bytes of an upload; made when the first of them comes.
    writer: Option<Writer>,
    /// There is no socket for them: each goes by itself, over the bus.
    writes_by_call: bool,
    is_lost: bool,
}

/// Why a device that is connected is no toy that can be used.
pub(super) enum Unfit {
    /// The connection ended, or BlueZ did.
    Lost,
    /// It has other services, or BlueZ has not found all of them.
    Incomplete,
}

impl BluezLink {
    /// Makes a link of a device that is connected: finds its services, and waits for them.
    pub(super) async fn new(
        shared: &Arc<Shared>,
        adapter: &Adapter,
        device: Device,
    ) -> Result<Self, Unfit> {
        let toy = ToyAddress(device.address().0);
        let changes = answered(device.events()).await.map_err(lost)?;
        let mut link = Self {
            shared: Arc::clone(shared),
            adapter: adapter.clone(),
            toy,
            identity: Identity { name: None, table: GattTable::of([]) },
            offers: Vec::new(),
            characteristics: HashMap::new(),
            notifications: Notifications::default(),
            changes: Box::pin(changes),
            writer: None,
            writes_by_call: false,
            is_lost: false,
            device,
        };
        // From here on dropping it ends the connection.
        link.shared.connected(toy);
        link.identity.name = answered(link.device.name()).await.map_err(lost)?;
        let services =
            answered_within(RESOLVES_WITHIN, link.device.services()).await.map_err(lost)?;
        link.find(services).await?;
        Ok(link)
    }

    /// Finds the eight characteristics, and everything else that tells one toy from another.
    async fn find(&mut self, services: Vec<Service>) -> Result<(), Unfit> {
        let mut entries = Vec::new();
        for service in services.iter().take(MAX_SERVICES) {
            let uuid = answered(service.uuid()).await.map_err(lost)?;
            entries.push(format!("service {uuid}"));
            let remotes = answered(service.characteristics()).await.map_err(lost)?;
            for remote in remotes.into_iter().take(MAX_CHARACTERISTICS) {
                let of = answered(remote.uuid()).await.map_err(lost)?;
                let flags = answered(remote.flags()).await.map_err(lost)?;
                entries.push(format!("characteristic {of} of {uuid}: {flags:?}"));
                self.offers.push(Offer {
                    service: uuid.as_u128(),
                    characteristic: of.as_u128(),
                    properties: properties(&flags),
                });
                if let Some(characteristic) = Characteristic::from_uuid(of.as_u128()) {
                    self.characteristics.insert(characteristic, remote);
                }
            }
        }
        self.identity.table = GattTable::of(entries);
        let is_whole = self.characteristics.len() == Characteristic::ALL.len();
        if is_whole { Ok(()) } else { Err(Unfit::Incomplete) }
    }

    fn remote(&self, characteristic: Characteristic) -> Result<&Remote, RadioError> {
        self.characteristics.get(&characteristic).ok_or(RadioError::LinkLost)
    }

    /// Notes that the device is not connected any more, if BlueZ has said so.
    fn poll_lost(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(change) = self.changes.poll_next_unpin(cx) {
            match change {
                Some(DeviceEvent::PropertyChanged(DeviceProperty::Connected(false))) | None => {
                    self.is_lost = true;
                    return;
                }
                Some(_) => {}
            }
        }
    }

    /// Writes a chunk of an upload without waiting for the toy.
    async fn send(&mut self, bytes: &[u8]) -> Result<(), RadioError> {
        if self.writer.is_none() && !self.writes_by_call {
            match Writer::acquire(self.remote(Characteristic::SendAudio)?).await {
                Ok(writer) => self.writer = Some(writer),
                Err(error) => {
                    tracing::info!(%error, "no socket for an upload: it goes over the bus, slowly");
                    self.writes_by_call = true;
                }
            }
        }
        match &mut self.writer {
            Some(writer) => writer.write(bytes).await.map_err(|_closed| RadioError::LinkLost),
            None => call(self.remote(Characteristic::SendAudio)?, bytes, WriteOp::Command).await,
        }
    }

    /// Lets the bytes of an upload go first, which take another way than a call over the bus.
    async fn flush(&mut self) -> Result<(), RadioError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        if !writer.take_dirty() {
            return Ok(());
        }
        writer.almost_read().await.map_err(|_closed| RadioError::LinkLost)?;
        self.device.is_connected().await.map_err(|_gone| RadioError::LinkLost)?;
        Ok(())
    }
}

/// Returns what may be done with a characteristic, as it stands in the toy's own table.
fn properties(flags: &CharacteristicFlags) -> u8 {
    let bits = [
        (flags.read, Offer::READ),
        (flags.write_without_response, Offer::WRITE_WITHOUT_RESPONSE),
        (flags.write, Offer::WRITE),
        (flags.notify, Offer::NOTIFY),
        (flags.indicate, Offer::INDICATE),
    ];
    bits.into_iter().filter(|(is_set, _)| *is_set).fold(0, |all, (_, bit)| all | bit)
}

/// Writes by a call over the bus.
async fn call(to: &Remote, bytes: &[u8], op_type: WriteOp) -> Result<(), RadioError> {
    let request = CharacteristicWriteRequest { op_type, ..CharacteristicWriteRequest::default() };
    to.write_ext(bytes, &request).await.map_err(|error| {
        tracing::debug!(%error, "a write failed");
        RadioError::LinkLost
    })
}

/// Switches notifications on.
async fn source(remote: &Remote) -> Result<Source, RadioError> {
    for n_try in 1..=SUBSCRIBE_TRIES {
        match remote.notify_io().await {
            Ok(reader) => return Ok(Source::Socket(Box::new(reader))),
            Err(error) if error.kind == ErrorKind::InProgress && n_try < SUBSCRIBE_TRIES => {
                sleep(SUBSCRIBE_PAUSE).await;
            }
            Err(error) => {
                tracing::info!(%error, "no socket for notifications: they come over the bus");
                break;
            }
        }
    }
    match remote.notify().await {
        Ok(values) => Ok(Source::Signals(Box::pin(values))),
        Err(error) => {
            tracing::debug!(%error, "no notifications");
            Err(RadioError::LinkLost)
        }
    }
}

#[async_trait]
impl Link for BluezLink {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn offers(&self) -> &[Offer] {
        &self.offers
    }

    fn mtu(&self) -> Option<usize> {
        self.notifications.mtu()
    }

    async fn read(&mut self, from: Characteristic) -> Result<Vec<u8>, RadioError> {
        self.flush().await?;
        self.remote(from)?.read().await.map_err(|error| {
            tracing::debug!(from = from.name(), %error, "a read failed");
            RadioError::LinkLost
        })
    }

    async fn subscribe(&mut self, to: Characteristic) -> Result<(), RadioError> {
        let source = source(self.remote(to)?).await?;
        self.notifications.add(to, source);
        Ok(())
    }

    async fn write(
        &mut self,
        to: Characteristic,
        bytes: &[u8],
        response: bool,
    ) -> Result<(), RadioError> {
        if to == Characteristic::SendAudio && !response {
            return self.send(bytes).await;
        }
        self.flush().await?;
        if to == Characteristic::SendAudio {
            // As long as there is a socket, BlueZ takes nothing by call.
            self.writer = None;
        }
        let op_type = if response { WriteOp::Request } else { WriteOp::Command };
        call(self.remote(to)?, bytes, op_type).await
    }

    async fn notified(&mut self) -> Result<(Characteristic, Vec<u8>), RadioError> {
        std::future::poll_fn(|cx| {
            self.poll_lost(cx);
            match self.notifications.poll_next(cx) {
                Poll::Pending if self.is_lost => Poll::Ready(Err(RadioError::LinkLost)),
                notification => notification,
            }
        })
        .await
    }
}

impl Drop for BluezLink {
    fn drop(&mut self) {
        self.writer = None;
        let (adapter, device) = (self.adapter.clone(), self.device.clone());
        self.shared.leave(self.toy, async move { end(&adapter, &device).await });
    }
}

/// Ends a connection, and takes the device out of BlueZ's list: what BlueZ remembers of its
/// services is not to be believed next time.
pub(super) async fn end(adapter: &Adapter, device: &Device) {
    let removed = answered_within(LEAVES_WITHIN, adapter.remove_device(device.address())).await;
    match removed {
        Ok(()) => {}
        Err(Trouble::Refused(error)) if error.kind == ErrorKind::DoesNotExist => {}
        Err(trouble) => {
            tracing::debug!(?trouble, "a device stays in the list of BlueZ");
            drop(answered(device.disconnect()).await);
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn lost(trouble: Trouble) -> Unfit {
    tracing::debug!(?trouble, "a connection broke before it could be used");
    Unfit::Lost
}
