//! A session bus of a story's own, and on it, if the story wants them, a tray and a place for notifications.
//!
//! They stand in for the desktop: StatusNotifierWatcher with a host that shows icons and their menus
//! (`com.canonical.dbusmenu`), and the server of the Desktop Notifications Specification 1.2 (`notices.rs`).

use super::notices::Shown;
use crate::people::{Process, wait_until};
use std::{
    collections::HashMap,
    process::Command,
    sync::{Arc, Mutex},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use zbus::{Connection, OwnedVariant, Proxy, Variant, connection, interface, message::Header};

/// The bus. It ends, and all that is on it, when it is dropped.
pub struct Bus {
    pub(super) runtime: Runtime,
    address: String,
    /// What stands in for the tray.
    tray: Option<Connection>,
    icons: Arc<Mutex<Vec<Icon>>>,
    /// What stands in for whoever shows notifications.
    pub(super) notifier: Option<Connection>,
    pub(super) notices: Arc<Mutex<Shown>>,
    _daemon: Process,
    /// Where what the bus starts has its sockets.
    _sockets: TempDir,
}

/// An icon in the tray: who owns it and where.
#[derive(Clone, Debug)]
struct Icon {
    owner: String,
    path: String,
}

/// A row of a menu, flattened.
type Row = (i32, String, bool);
/// `com.canonical.dbusmenu`: an item's id, its properties, its children.
type Layout = (i32, HashMap<String, OwnedVariant>, Vec<OwnedVariant>);

impl Bus {
    /// A bus with nobody on it.
    pub fn start() -> Self {
        let sockets = tempfile::tempdir().expect("a temporary directory can be made");
        let mut daemon = Process::start(
            Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address=1"])
                .env("XDG_RUNTIME_DIR", sockets.path()),
            b"",
        );
        let address =
            daemon.line(|line| line.starts_with("unix:")).unwrap_or_else(|| panic!("no bus: {:?}", daemon.err()));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("threads are there");
        let (icons, notices) = (Arc::default(), Arc::default());
        Self { runtime, address, tray: None, icons, notifier: None, notices, _daemon: daemon, _sockets: sockets }
    }

    /// With a tray on it.
    pub fn with_tray(mut self) -> Self {
        let watcher = Watcher { icons: Arc::clone(&self.icons) };
        let builder = connection::Builder::address(self.address.as_str())
            .name("org.kde.StatusNotifierWatcher")
            .serve_at("/StatusNotifierWatcher", watcher);
        self.tray = Some(self.runtime.block_on(builder.build()).expect("a tray"));
        self
    }

    /// Waits for something that is asked on it.
    pub(super) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }

    // ---- The tray --------------------------------------------------------------------------------------------------

    /// Waits for the one icon in the tray and returns the rows of its menus that say something.
    pub fn menu(&self) -> Vec<String> {
        self.rows().into_iter().map(|(_, label, _)| label).filter(|label| !label.is_empty()).collect()
    }

    /// Waits until the menu has a row with this text.
    pub fn menu_says(&self, label: &str) {
        wait_until(format!("the tray says “{label}”"), || self.menu().iter().any(|row| row == label).then_some(()));
    }

    /// Chooses a row of the icon's menu.
    pub fn choose(&self, label: &str) {
        let rows = self.rows();
        let Some((id, _, enabled)) = rows.iter().find(|(_, row, _)| row == label) else {
            panic!("the tray offers no {label}: {rows:?}");
        };
        assert!(enabled, "{label} can be chosen");
        let menu = self.menu_proxy();
        let event = (*id, "clicked", Variant::from(0_i32), 0_u32);
        self.runtime.block_on(menu.call::<_, _, ()>("Event", &event)).expect("the menu hears it");
    }

    fn rows(&self) -> Vec<Row> {
        let question = (0_i32, -1_i32, Vec::<&str>::new());
        let (_, (_, _, children)) = wait_until("the menu has a layout", || {
            let menu = self.menu_proxy();
            let answer = self.runtime.block_on(menu.call::<_, _, (u32, Layout)>("GetLayout", &question));
            // The icon of a program that ended goes with it, as in every tray.
            if answer.is_err() {
                self.icons.lock().unwrap().retain(|icon| *menu.destination() != icon.owner.as_str());
            }
            answer.ok()
        });
        children.into_iter().flat_map(rows_of).collect()
    }

    fn menu_proxy(&self) -> Proxy<'static> {
        let icon = wait_until("an icon in the tray", || self.icons.lock().unwrap().last().cloned());
        let connection = self.tray.as_ref().expect("the bus has a tray");
        let proxy = Proxy::new(connection, icon.owner, format!("{}/Menu", icon.path), "com.canonical.dbusmenu");
        self.runtime.block_on(proxy).expect("the icon has a menu")
    }
}

/// A row and, after it, those of the menu that it opens.
fn rows_of(item: OwnedVariant) -> Vec<Row> {
    let (id, properties, children) = Layout::try_from(item).expect("a row of a menu");
    let label = properties.get("label").and_then(|label| <&str>::try_from(label).ok()).unwrap_or_default();
    let enabled = properties.get("enabled").and_then(|enabled| bool::try_from(enabled).ok()).unwrap_or(true);
    let row = (id, label.replace('_', ""), enabled);
    [row].into_iter().chain(children.into_iter().flat_map(rows_of)).collect()
}

struct Watcher {
    icons: Arc<Mutex<Vec<Icon>>>,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let owner = header.sender().map(ToString::to_string).unwrap_or_default();
        self.icons.lock().unwrap().push(Icon { owner, path: service.to_owned() });
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.icons.lock().unwrap().iter().map(|icon| format!("{}{}", icon.owner, icon.path)).collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}
