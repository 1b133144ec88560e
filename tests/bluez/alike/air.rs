//! The independent toy at the other end of bluetoothd, the kernel and an emulated radio.

use std::{
    collections::HashMap,
    env, fs,
    time::{Duration, Instant},
};

use bluer::{
    Adapter, Address, Device, Session,
    gatt::{
        CharacteristicReader, WriteOp,
        remote::{Characteristic as Remote, CharacteristicWriteRequest},
    },
};
use hutch::toy::wire::Characteristic;
use serde_json::json;
use tokio::{
    runtime::{Builder, Runtime},
    time::{sleep, timeout},
};

use super::{
    independent,
    toys::{
        follow::{PATIENCE, Said, Toy},
        script::{Manner, Part, Side},
    },
};
use crate::{adapter, guest, toy};

const ADDRESS: Address = Address([0xC0, 0xFF, 0xEE, 0, 0, 1]);

/// What has come is read within this.
const AT_ONCE: Duration = Duration::from_millis(20);

pub(super) struct Air {
    runtime: Runtime,
    toy: toy::Toy,
    _session: Session,
    device: Device,
    remotes: HashMap<Characteristic, Remote>,
    readers: HashMap<Characteristic, CharacteristicReader>,
    epoch: Instant,
}

impl Air {
    pub(super) fn open() -> Self {
        let [toy, ..] = guest::begin();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        adapter::scan(2);
        let (session, device) = runtime.block_on(async {
            let session = Session::new().await.unwrap();
            let adapter: Adapter = session.adapter("hci0").unwrap();
            (session, adapter.device(ADDRESS).unwrap())
        });
        Self {
            runtime,
            toy,
            _session: session,
            device,
            remotes: HashMap::new(),
            readers: HashMap::new(),
            epoch: now(),
        }
    }

    /// Makes it as new, and like the toy of a transcript.
    pub(super) fn begin(&mut self, manner: &Manner) {
        self.toy.reset();
        self.is_gone();
        self.toy.ask(independent::settings(manner));
    }

    /// Waits until also bluetoothd knows that the link is gone.
    fn is_gone(&mut self) {
        self.toy.wait(json!({ "connected": false }));
        guest::until("bluetoothd has seen the link go", || {
            !self.runtime.block_on(self.device.is_connected()).unwrap()
        });
        self.readers.clear();
    }

    fn remote(&self, of: Characteristic) -> &Remote {
        self.remotes.get(&of).expect("it is connected")
    }
}

impl Toy for Air {
    const SIDE: Side = Side::Independent;
    const IS_REAL: bool = true;

    fn connect(&mut self) {
        self.toy.wait(json!({ "advertising": true }));
        let device = &self.device;
        self.remotes = self.runtime.block_on(async {
            timeout(PATIENCE, device.connect()).await.expect("it advertises").unwrap();
            let mut remotes = HashMap::new();
            for service in device.services().await.unwrap() {
                for remote in service.characteristics().await.unwrap() {
                    let uuid = remote.uuid().await.unwrap();
                    if let Some(of) = Characteristic::from_uuid(uuid.as_u128()) {
                        remotes.insert(of, remote);
                    }
                }
            }
            remotes
        });
    }

    fn lose(&mut self) {
        self.toy.lose();
        self.is_gone();
    }

    fn sleep(&mut self) {
        self.toy.sleep();
        self.is_gone();
    }

    fn subscribe(&mut self, to: Characteristic) {
        let reader = self.runtime.block_on(self.remote(to).notify_io()).unwrap();
        self.readers.insert(to, reader);
    }

    fn write(&mut self, to: Characteristic, bytes: &[u8], response: bool) {
        let op_type = if response { WriteOp::Request } else { WriteOp::Command };
        let request =
            CharacteristicWriteRequest { op_type, ..CharacteristicWriteRequest::default() };
        let remote = self.remote(to);
        let _said = self.runtime.block_on(remote.write_ext(bytes, &request));
    }

    fn read(&mut self, from: Characteristic) -> Option<Vec<u8>> {
        self.runtime.block_on(self.remote(from).read()).ok()
    }

    fn press_play(&mut self) {
        self.toy.press_play();
    }

    fn record(&mut self, file: &[u8], length: Duration) {
        let path = env::temp_dir().join("spoken.bin");
        fs::write(&path, file).unwrap();
        self.toy.press_record(length.as_secs_f64(), &path);
    }

    fn pass(&mut self, time: Duration) {
        self.runtime.block_on(async { sleep(time).await });
    }

    fn now(&mut self) -> Duration {
        self.epoch.elapsed()
    }

    fn notified(&mut self, by: Characteristic) -> Option<Said> {
        let reader = self.readers.get(&by)?;
        let heard = self.runtime.block_on(async { timeout(PATIENCE, reader.recv()).await });
        let bytes = heard.ok()?.ok()?;
        Some(Said { from: by, bytes, at: self.epoch.elapsed() })
    }

    fn left(&mut self) -> Vec<Said> {
        let mut said = Vec::new();
        for (from, reader) in &self.readers {
            let next = || self.runtime.block_on(async { timeout(AT_ONCE, reader.recv()).await });
            while let Ok(Ok(bytes)) = next() {
                said.push(Said { from: *from, bytes, at: self.epoch.elapsed() });
            }
        }
        said
    }

    fn violation(&mut self, after: usize, patience: Duration) -> Option<String> {
        let limit = now() + patience;
        loop {
            let violation = independent::violation(&self.toy.state(), after);
            if violation.is_some() || limit < now() {
                return violation;
            }
            self.pass(AT_ONCE);
        }
    }

    fn look(&mut self, at: Part) -> Vec<u8> {
        independent::look(at, |request| self.toy.ask(request))
    }
}

fn now() -> Instant {
    #[allow(clippy::disallowed_methods, reason = "only distances are ever looked at")]
    Instant::now()
}
