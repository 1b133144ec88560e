//! A connection to a toy with nothing around it: what a transfer takes without a hub.

use std::{collections::HashMap, os::fd::AsRawFd as _, time::Instant};

use bluer::{
    Adapter, Device, Session,
    gatt::{
        CharacteristicReader, CharacteristicWriter, WriteOp,
        remote::{Characteristic as Remote, CharacteristicWriteRequest},
    },
};
use hutch::{
    model::Slot,
    toy::wire::{CHUNK_BYTES, Characteristic, Command, DataRequest},
};
use nix::sys::socket::{MsgFlags, send};
use serde_json::json;

use crate::{adapter, guest::aside, toy::Toy};

pub(crate) struct Bare {
    toy: Toy,
    adapter: Adapter,
    device: Device,
    remotes: HashMap<Characteristic, Remote>,
    credit: CharacteristicReader,
    sound: CharacteristicReader,
}

impl Bare {
    /// Connects to a toy that advertises, and has it notify.
    pub(crate) async fn connect(toy: Toy) -> Self {
        aside(|| adapter::scan(2)).await;
        let address = aside(move || toy.state()["address"].clone()).await;
        let adapter = Session::new().await.unwrap().adapter("hci0").unwrap();
        let device = adapter.device(address.as_str().unwrap().parse().unwrap()).unwrap();
        device.connect().await.unwrap();
        let mut remotes = HashMap::new();
        for service in device.services().await.unwrap() {
            for remote in service.characteristics().await.unwrap() {
                let uuid = remote.uuid().await.unwrap().as_u128();
                if let Some(characteristic) = Characteristic::from_uuid(uuid) {
                    remotes.insert(characteristic, remote);
                }
            }
        }
        let credit = remotes[&Characteristic::DataRequest].notify_io().await.unwrap();
        let sound = remotes[&Characteristic::ReceiveAudio].notify_io().await.unwrap();
        Self { toy, adapter, device, remotes, credit, sound }
    }

    async fn command(&self, command: Command) {
        let request = CharacteristicWriteRequest {
            op_type: WriteOp::Request,
            ..CharacteristicWriteRequest::default()
        };
        let to = &self.remotes[&Characteristic::Command];
        to.write_ext(&command.encode(), &request).await.unwrap();
    }

    /// Waits for credit, and returns how much of it there is.
    async fn credit(&self) -> usize {
        let bytes = self.credit.recv().await.unwrap();
        DataRequest::decode(&bytes).unwrap().requested.into()
    }

    /// Sends these bytes to the mailbox, as fast as the toy gives credit for them.
    pub(crate) async fn upload(&self, bytes: &[u8]) {
        self.command(Command::BeginUpload { slot: Slot::MAILBOX }).await;
        let socket: CharacteristicWriter =
            self.remotes[&Characteristic::SendAudio].write_io().await.unwrap();
        let mut credit = 0;
        for chunk in bytes.chunks(CHUNK_BYTES) {
            while credit < chunk.len() {
                credit += self.credit().await;
            }
            credit -= chunk.len();
            // It holds more than the toy ever gives credit for.
            let n_bytes = send(socket.as_raw_fd(), chunk, MsgFlags::empty()).unwrap();
            assert_eq!(n_bytes, chunk.len());
        }
        // It must not overtake the last of them.
        let (toy, n_all) = (self.toy, bytes.len());
        let arrived = move || toy.state()["upload"]["bytes"].as_u64().unwrap();
        while aside(arrived).await < u64::try_from(n_all).unwrap() {}
        self.command(Command::EndUpload).await;
        while self.credit().await != 0 {}
    }

    /// Asks for the recording, and returns when the toy begins to send it.
    pub(crate) async fn begin_download(&self) -> Instant {
        self.command(Command::Download).await;
        let toy = self.toy;
        aside(move || {
            toy.wait(json!({ "state": 7 }));
            Instant::now()
        })
        .await
    }

    /// Takes so many bytes of it.
    pub(crate) async fn download(&self, n_bytes: usize) {
        let mut n_taken = 0;
        while n_taken < n_bytes {
            n_taken += self.sound.recv().await.unwrap().len();
        }
    }

    /// Lets the toy go.
    pub(crate) async fn leave(self) {
        let Self { adapter, device, credit, sound, .. } = self;
        drop((credit, sound));
        adapter.remove_device(device.address()).await.unwrap();
    }
}
