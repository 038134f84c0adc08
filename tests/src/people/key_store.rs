//! A key store of a story's own: a session bus, and on it the secret service of GNOME, unlocked (Linux).

use super::{Device, Process, skip, wait_until};
use std::{env, process::Command};
use tempfile::TempDir;

/// The key store. It ends, with all that it holds, when it is dropped.
#[derive(Debug)]
pub struct KeyStore {
    address: String,
    _home: TempDir,
    _service: Process,
    _bus: Process,
}

impl KeyStore {
    /// An empty one. `None`, after the skip is announced, where there is no secret service.
    pub fn start(story: &str) -> Option<Self> {
        let found =
            env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|dir| dir.join(SERVICE).exists()));
        if !found {
            skip(&format!("{story}: it needs gnome-keyring"));
            return None;
        }
        let mut bus =
            Process::start(Command::new("dbus-daemon").args(["--session", "--nofork", "--print-address=1"]), b"");
        let address = bus.line(|line| line.starts_with("unix:")).unwrap_or_else(|| panic!("no bus: {:?}", bus.err()));
        let home = tempfile::Builder::new().prefix("kith-keys-").tempdir().expect("a temporary directory can be made");
        let mut service = Command::new(SERVICE);
        service.args(["--foreground", "--unlock", "--components=secrets"]).env("DBUS_SESSION_BUS_ADDRESS", &address);
        for variable in ["HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"] {
            service.env(variable, home.path());
        }
        // The password is read from its input; it makes a first collection with it.
        let service = Process::start(&mut service, b"a password");
        wait_until("the secret service is on its bus", || owns(&address).then_some(()));
        Some(Self { address, _home: home, _service: service, _bus: bus })
    }

    /// Puts a device onto its bus; it is not told where to keep its keys.
    pub fn of(&self, device: Device) -> Device {
        device.with_keys(None).with_env("DBUS_SESSION_BUS_ADDRESS", &self.address)
    }
}

impl Device {
    /// On a computer where no bus is, and so no key store; it is not told where to keep its keys.
    pub fn without_key_store(self) -> Self {
        self.with_keys(None).with_env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    }
}

/// Whether the service has taken its name on the bus.
fn owns(address: &str) -> bool {
    let words = ["--print-reply=literal", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner"];
    let mut ask = Command::new("dbus-send");
    ask.arg(format!("--bus={address}")).args(words).arg("string:org.freedesktop.secrets");
    ask.output().is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("true"))
}

const SERVICE: &str = "gnome-keyring-daemon";
