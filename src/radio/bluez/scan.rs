//! Listening for toys that advertise.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};

use bluer::{
    Adapter, AdapterEvent, Address, DeviceEvent, DeviceProperty, DiscoveryFilter,
    DiscoveryTransport, Uuid,
};
use futures_util::{
    StreamExt as _,
    stream::{BoxStream, SelectAll},
};
use tokio::time::{Instant, sleep};

use super::trouble::{Trouble, answered};
use crate::{
    model::ToyAddress,
    radio::Heard,
    toy::{
        inferred::SERVICE_IS_ADVERTISED,
        wire::{ConfigId, SERVICE},
    },
};

/// What is weaker than this is not worth a try. The app took nothing below -80 dBm; a hub that a
/// household has placed may hear a toy two rooms away.
const WEAKEST_DBM: i16 = -90;

/// How the names of all toys begin, as far as one pattern can say it.
const PATTERN: &str = "Cloud";

/// The company that stands in a toy's manufacturer data. Source: the app.
const COMPANY: u16 = 0xFFFF;

/// What stands for "not known" among signal strengths in Bluetooth.
const NO_SIGNAL: i16 = 127;

/// How long BlueZ may take to stop scanning. Another program may be scanning, too, and then it
/// does not stop at all.
const STOPS_WITHIN: Duration = Duration::from_secs(2);

/// More devices than this are not followed.
const MAX_FOLLOWED: usize = 128;

/// A scan that goes on until it is stopped.
pub(super) struct Scan {
    adapter: Adapter,
    found: BoxStream<'static, AdapterEvent>,
    changes: SelectAll<BoxStream<'static, (Address, DeviceEvent)>>,
    devices: HashMap<Address, Seen>,
    /// Found, and not followed yet.
    new: VecDeque<Address>,
}

/// What is known of a device.
#[derive(Default)]
struct Seen {
    name: Option<String>,
    signal_dbm: Option<i16>,
    config: Option<ConfigId>,
    /// Nothing as long as BlueZ does not say.
    has_service: Option<bool>,
}

impl Scan {
    /// Starts to scan.
    pub(super) async fn start(adapter: &Adapter) -> Result<Self, Trouble> {
        let service = SERVICE_IS_ADVERTISED.then(|| Uuid::from_u128(SERVICE));
        let filter = DiscoveryFilter {
            transport: DiscoveryTransport::Le,
            rssi: Some(WEAKEST_DBM),
            uuids: service.into_iter().collect(),
            pattern: Some(PATTERN.to_owned()),
            duplicate_data: true,
            ..DiscoveryFilter::default()
        };
        answered(adapter.set_discovery_filter(filter)).await?;
        let found = answered(adapter.discover_devices()).await?;
        Ok(Self {
            adapter: adapter.clone(),
            found: found.boxed(),
            changes: SelectAll::new(),
            devices: HashMap::new(),
            new: VecDeque::new(),
        })
    }

    /// Returns the next advertisement; `None` when BlueZ has stopped scanning. When it is dropped
    /// before it returns, an advertisement may be lost, and toys advertise again; no toy is.
    pub(super) async fn next(&mut self) -> Option<Heard> {
        loop {
            while let Some(address) = self.new.front().copied() {
                let heard = self.follow(address).await;
                self.new.pop_front();
                if heard.is_some() {
                    return heard;
                }
            }
            tokio::select! {
                event = self.found.next() => match event? {
                    AdapterEvent::DeviceAdded(address) => self.new.push_back(address),
                    AdapterEvent::DeviceRemoved(address) => drop(self.devices.remove(&address)),
                    AdapterEvent::PropertyChanged(_) => {}
                },
                Some((address, event)) = self.changes.next() => {
                    if let Some(heard) = self.changed(address, event) {
                        return Some(heard);
                    }
                }
            }
        }
    }

    /// Returns whether BlueZ has an object for this toy, without which it connects to nothing.
    pub(super) fn knows(&self, toy: ToyAddress) -> bool {
        self.devices.contains_key(&Address(toy.0))
    }

    /// Stops, and returns when BlueZ has stopped.
    pub(super) async fn stop(self) {
        let Self { adapter, found, changes, .. } = self;
        drop((found, changes));
        let deadline = Instant::now() + STOPS_WITHIN;
        while Instant::now() < deadline {
            match answered(adapter.is_discovering()).await {
                Ok(true) => sleep(Duration::from_millis(10)).await,
                Ok(false) | Err(_) => return,
            }
        }
        tracing::debug!("another program is scanning, too");
    }

    /// Begins to follow a device, and returns what is heard of it now.
    async fn follow(&mut self, address: Address) -> Option<Heard> {
        if self.devices.contains_key(&address) || MAX_FOLLOWED <= self.devices.len() {
            return None;
        }
        let device = self.adapter.device(address).ok()?;
        let events = answered(device.events()).await.ok()?;
        // What does not come now comes with a change.
        let mut seen =
            Seen { name: answered(device.name()).await.ok().flatten(), ..Seen::default() };
        if let Some(data) = answered(device.manufacturer_data()).await.ok().flatten() {
            seen.config = config(&data);
        }
        seen.has_service = answered(device.uuids()).await.ok().flatten().as_ref().map(has_service);
        // BlueZ takes it away when it stops scanning: what is there is from now.
        let signal_dbm = answered(device.rssi()).await.ok().flatten();
        seen.signal_dbm = signal_dbm.filter(|dbm| *dbm != NO_SIGNAL);
        self.changes.push(events.map(move |event| (address, event)).boxed());
        let heard = signal_dbm.is_some().then(|| seen.heard(address));
        self.devices.insert(address, seen);
        heard
    }

    fn changed(&mut self, address: Address, event: DeviceEvent) -> Option<Heard> {
        let seen = self.devices.get_mut(&address)?;
        let DeviceEvent::PropertyChanged(property) = event;
        match property {
            DeviceProperty::Rssi(dbm) => {
                seen.signal_dbm = Some(dbm).filter(|dbm| *dbm != NO_SIGNAL);
            }
            DeviceProperty::ManufacturerData(data) => seen.config = config(&data),
            // The scan response comes after the advertisement.
            DeviceProperty::Name(name) => seen.name = Some(name),
            DeviceProperty::Uuids(uuids) => seen.has_service = Some(has_service(&uuids)),
            _ => return None,
        }
        Some(seen.heard(address))
    }
}

impl Seen {
    fn heard(&self, address: Address) -> Heard {
        Heard {
            address: ToyAddress(address.0),
            name: self.name.clone().unwrap_or_default(),
            signal_dbm: self.signal_dbm,
            config: self.config,
            has_service: self.has_service,
            at: Instant::now(),
        }
    }
}

fn has_service(uuids: &HashSet<Uuid>) -> bool {
    uuids.contains(&Uuid::from_u128(SERVICE))
}

fn config(data: &HashMap<u16, Vec<u8>>) -> Option<ConfigId> {
    data.get(&COMPANY).and_then(|bytes| ConfigId::decode(bytes))
}
