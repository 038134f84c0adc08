//! A session bus of a story's own, and on it, if the story wants them, a tray and a place for notifications.
//!
//! They stand in for the desktop: StatusNotifierWatcher with a host that shows icons and their menus
//! (`com.canonical.dbusmenu`), and the server of the Desktop Notifications Specification 1.2.

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
    runtime: Runtime,
    address: String,
    /// What stands in for the desktop.
    desktop: Vec<Connection>,
    icons: Arc<Mutex<Vec<Icon>>>,
    notices: Arc<Mutex<Vec<Notice>>>,
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

/// A notification that was shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Its number.
    pub id: u32,
    /// Its headline.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Its actions: what is answered and what it is called, in turn.
    pub actions: Vec<String>,
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
        Self { runtime, address, desktop: Vec::new(), icons, notices, _daemon: daemon, _sockets: sockets }
    }

    /// With a tray on it.
    pub fn with_tray(mut self) -> Self {
        let watcher = Watcher { icons: Arc::clone(&self.icons) };
        let builder = connection::Builder::address(self.address.as_str())
            .name("org.kde.StatusNotifierWatcher")
            .serve_at("/StatusNotifierWatcher", watcher);
        self.desktop.push(self.runtime.block_on(builder.build()).expect("a tray"));
        self
    }

    /// With a place for notifications on it.
    pub fn with_notices(mut self) -> Self {
        let server = Notifications { shown: Arc::clone(&self.notices) };
        let builder = connection::Builder::address(self.address.as_str())
            .name("org.freedesktop.Notifications")
            .serve_at(NOTIFICATIONS, server);
        self.desktop.push(self.runtime.block_on(builder.build()).expect("notifications"));
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

    /// Waits for the one icon in the tray and returns the rows of its menu that say something.
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
        let menu = self.menu_proxy();
        let question = (0_i32, -1_i32, Vec::<&str>::new());
        let answer = self.runtime.block_on(menu.call::<_, _, (u32, Layout)>("GetLayout", &question));
        let (_, (_, _, children)) = answer.expect("the menu has a layout");
        children.into_iter().map(row).collect()
    }

    fn menu_proxy(&self) -> Proxy<'static> {
        let icon = wait_until("an icon in the tray", || self.icons.lock().unwrap().last().cloned());
        let connection = self.desktop.first().expect("the bus has a tray");
        let proxy = Proxy::new(connection, icon.owner, format!("{}/Menu", icon.path), "com.canonical.dbusmenu");
        self.runtime.block_on(proxy).expect("the icon has a menu")
    }

    // ---- The notifications -----------------------------------------------------------------------------------------

    /// Waits for a notification with this headline.
    pub fn notice(&self, title: &str) -> Notice {
        wait_until(format!("a notification “{title}”"), || {
            self.notices.lock().unwrap().iter().find(|notice| notice.title == title).cloned()
        })
    }

    /// Answers a notification, as a press on it or on one of its buttons does.
    pub fn answer(&self, notice: &Notice, action: &str) {
        let connection = self.desktop.last().expect("the bus has a place for notifications");
        let answer = (notice.id, action);
        let signal = connection.emit_signal(None::<&str>, NOTIFICATIONS, NOTIFICATIONS_NAME, "ActionInvoked", &answer);
        self.runtime.block_on(signal).expect("the answer goes out");
    }
}

fn row(item: OwnedVariant) -> Row {
    let (id, properties, _) = Layout::try_from(item).expect("a row of a menu");
    let label = properties.get("label").and_then(|label| <&str>::try_from(label).ok()).unwrap_or_default();
    let enabled = properties.get("enabled").and_then(|enabled| bool::try_from(enabled).ok()).unwrap_or(true);
    (id, label.replace('_', ""), enabled)
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

struct Notifications {
    shown: Arc<Mutex<Vec<Notice>>>,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    fn get_capabilities(&self) -> Vec<&str> {
        vec!["actions", "body", "body-markup"]
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("stories", "Kith", "1", "1.2")
    }

    #[expect(clippy::too_many_arguments, reason = "the specification has eight")]
    fn notify(
        &self,
        _app_name: &str,
        _replaces_id: u32,
        _app_icon: &str,
        summary: &str,
        body: &str,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedVariant>,
        _expire_timeout: i32,
    ) -> u32 {
        let mut shown = self.shown.lock().unwrap();
        let id = u32::try_from(shown.len()).unwrap_or(u32::MAX) + 1;
        shown.push(Notice { id, title: summary.to_owned(), body: body.to_owned(), actions });
        id
    }

    fn close_notification(&self, _id: u32) {}
}

const NOTIFICATIONS: &str = "/org/freedesktop/Notifications";
const NOTIFICATIONS_NAME: &str = "org.freedesktop.Notifications";
