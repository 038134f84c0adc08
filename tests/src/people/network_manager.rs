//! A NetworkManager of a story's own: a system bus that is nobody else's, and on it the one property that hubs ask for
//! (Linux).

use super::{Device, Process};
use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use zbus::{Connection, connection, interface};

/// NetworkManager, as far as it says whether traffic costs. It ends with its bus when it is dropped.
pub struct NetworkManager {
    runtime: Runtime,
    address: String,
    metered: Arc<AtomicU32>,
    service: Option<Connection>,
    _bus: Process,
    _sockets: TempDir,
}

struct Served {
    metered: Arc<AtomicU32>,
}

#[interface(name = "org.freedesktop.NetworkManager")]
impl Served {
    #[zbus(property)]
    fn metered(&self) -> u32 {
        self.metered.load(Ordering::Relaxed)
    }
}

impl NetworkManager {
    /// A bus on which no NetworkManager is yet.
    pub fn absent() -> Self {
        let sockets = tempfile::tempdir().expect("a temporary directory can be made");
        let mut bus = Process::start(
            Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address=1"])
                .env("XDG_RUNTIME_DIR", sockets.path()),
            b"",
        );
        let address = bus.line(|line| line.starts_with("unix:")).unwrap_or_else(|| panic!("no bus: {:?}", bus.err()));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("threads are there");
        Self { runtime, address, metered: Arc::default(), service: None, _bus: bus, _sockets: sockets }
    }

    /// It comes up and says this (`NMMetered`), or says it from now on.
    pub fn says(&mut self, metered: u32) {
        self.metered.store(metered, Ordering::Relaxed);
        match &self.service {
            None => {
                let served = Served { metered: Arc::clone(&self.metered) };
                let builder =
                    connection::Builder::address(self.address.as_str()).name(NAME).serve_at(PATH, served).build();
                self.service = Some(self.runtime.block_on(builder).expect("NetworkManager"));
            }
            Some(service) => self.runtime.block_on(async {
                let served = service.object_server().interface::<_, Served>(PATH).await.expect("it is served");
                let served_now = served.get().await;
                served_now.metered_changed(served.signal_emitter()).await.expect("the bus is there");
            }),
        }
    }

    /// It goes away.
    pub fn goes(&mut self) {
        if let Some(service) = self.service.take() {
            self.runtime.block_on(async { service.close().await.expect("the bus is there") });
        }
    }

    /// Puts a device onto its bus.
    pub fn of(&self, device: Device) -> Device {
        device.with_env("DBUS_SYSTEM_BUS_ADDRESS", &self.address)
    }
}

const NAME: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";
