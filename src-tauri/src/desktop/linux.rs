//! Linux: the Desktop Notifications Specification 1.2 and the StatusNotifierItem watcher, over the session bus.
//!
//! Answers are heard on one subscription that is made before the first notification goes out; a subscription made after
//! `Notify` has returned would miss an answer that comes at once.

use futures_util::StreamExt;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};
use tauri::async_runtime;
use tokio::sync::Mutex;
use zbus::{connection, fdo::DBusProxy, zvariant::Variant};

/// The desktop around the app. Without a session bus it shows nothing, and has no tray.
pub(crate) struct Desktop {
    session: Option<Session>,
}

struct Session {
    bus: DBusProxy<'static>,
    notifications: NotificationsProxy<'static>,
    /// Ours among the notifications that are shown; held while one is sent, so that no answer overtakes its number.
    shown: Arc<Mutex<BTreeSet<u32>>>,
}

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[expect(clippy::too_many_arguments, reason = "the specification has eight")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Variant<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: String) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

impl Desktop {
    /// Connects to the session bus; `look` is called when somebody answers a notification.
    pub(crate) async fn connect(look: impl Fn() + Send + Sync + 'static) -> Self {
        match Session::connect(look).await {
            Ok(session) => Self { session: Some(session) },
            Err(error) => {
                tracing::warn!("no notifications, and closing the window will end the app: {error}");
                Self { session: None }
            }
        }
    }

    /// Shows a notification that leads to the window.
    pub(crate) async fn notify(&self, title: &str, body: &str) {
        let Some(session) = &self.session else { return };
        if let Err(error) = session.notify(title, body).await {
            tracing::warn!("a notification could not be shown: {error}");
        }
    }

    /// Returns whether a closed window can be found again: GNOME, for one, shows no tray unless extended.
    pub(crate) async fn shows_tray(&self) -> bool {
        let Some(session) = &self.session else { return false };
        let Ok(watcher) = "org.kde.StatusNotifierWatcher".try_into() else { return false };
        session.bus.name_has_owner(watcher).await.unwrap_or(false)
    }
}

impl Session {
    async fn connect(look: impl Fn() + Send + Sync + 'static) -> zbus::Result<Self> {
        let connection = connection::Builder::session().method_timeout(PATIENCE).build().await?;
        let bus = DBusProxy::new(&connection).await?;
        let notifications = NotificationsProxy::new(&connection).await?;
        let shown = Arc::new(Mutex::new(BTreeSet::new()));
        let mut answers = notifications.receive_action_invoked().await?;
        let mut closings = notifications.receive_notification_closed().await?;
        let ours = Arc::clone(&shown);
        async_runtime::spawn(async move {
            loop {
                tokio::select! {
                    Some(answer) = answers.next() => {
                        let ours = ours.lock().await;
                        if answer.args().is_ok_and(|args| ours.contains(&args.id)) {
                            look();
                        }
                    }
                    Some(closing) = closings.next() => {
                        if let Ok(args) = closing.args() {
                            ours.lock().await.remove(&args.id);
                        }
                    }
                    else => return,
                }
            }
        });
        Ok(Self { bus, notifications, shown })
    }

    async fn notify(&self, title: &str, body: &str) -> zbus::Result<()> {
        let abilities = self.notifications.get_capabilities().await?;
        let able = |name: &str| abilities.iter().any(|ability| ability == name);
        let body = if able("body-markup") { escape(body) } else { body.into() };
        // `default` is what a click on the notification itself means.
        let actions: &[&str] = if able("actions") { &["default", "Look", "look", "Look"] } else { &[] };
        let hints = HashMap::from([("desktop-entry", Variant::from("Kith"))]);
        let mut shown = self.shown.lock().await;
        let id =
            self.notifications.notify("Kith", 0, "kith", title, &body, actions, hints, AS_THE_DESKTOP_LIKES).await?;
        shown.insert(id);
        while shown.len() > SHOWN_MAX {
            shown.pop_first();
        }
        Ok(())
    }
}

/// Escapes what a server that understands markup would take for markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// How long a service of the desktop may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The specification's value for a time-out of the server's choice.
const AS_THE_DESKTOP_LIKES: i32 = -1;
/// More notifications than this are not waited for; the oldest is forgotten first.
const SHOWN_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_cannot_put_markup_into_a_notification() {
        assert_eq!(escape("<b>R&D</b>"), "&lt;b&gt;R&amp;D&lt;/b&gt;");
    }
}
