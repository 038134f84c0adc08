//! Linux: the Desktop Notifications Specification 1.2 and the StatusNotifierItem watcher, over the session bus.
//!
//! Answers are heard on one subscription that is made before the first notification goes out; a subscription made after
//! `Notify` has returned would miss an answer that comes at once.

use super::{HEARD_MAX, Heard, Leads};
use crate::answer::{Answer, Decision};
use futures_util::StreamExt;
use kith_hub::api::Notice;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use tauri::async_runtime;
use tokio::sync::{
    Mutex,
    mpsc::{self, Sender},
};
use zbus::{connection, fdo::DBusProxy, zvariant::Variant};

/// The desktop around the app. Without a session bus it shows nothing, and has no tray.
pub(crate) struct Desktop {
    session: Option<Session>,
}

struct Session {
    bus: DBusProxy<'static>,
    notifications: NotificationsProxy<'static>,
    /// Held while a notification is sent, so that no answer overtakes its number.
    shown: Arc<Mutex<Shown>>,
}

/// Ours among the notifications that are shown.
#[derive(Default)]
struct Shown {
    /// By number, with where a press on them leads.
    all: BTreeMap<u32, Leads>,
    /// The one about what waits: its number, and what it says.
    waiting: Option<(u32, Text)>,
}

/// What a notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Text {
    title: String,
    body: String,
    /// The update that it may be answered by.
    update: Option<String>,
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

    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: String) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

impl Desktop {
    /// Connects to the session bus; what is heard of notifications arrives in order.
    pub(crate) async fn connect() -> (Self, mpsc::Receiver<Heard>) {
        let (tell, heard) = mpsc::channel(HEARD_MAX);
        match Session::connect(tell).await {
            Ok(session) => (Self { session: Some(session) }, heard),
            Err(error) => {
                tracing::warn!("no notifications, and closing the window will end the app: {error}");
                (Self { session: None }, heard)
            }
        }
    }

    /// Shows a notification that leads to the window.
    pub(crate) async fn notify(&self, title: &str, body: &str) {
        let Some(session) = &self.session else { return };
        let text = Text { title: title.to_owned(), body: body.to_owned(), update: None };
        let mut shown = session.shown.lock().await;
        if let Err(error) = session.send(&mut shown, 0, &text, Leads::ToTheWindow).await {
            tracing::warn!("a notification could not be shown: {error}");
        }
    }

    /// Shows what waits, in place of what was shown of it before; without a notice that one is withdrawn. If it is not
    /// `anew`, one that is not shown any more stays away. Returns whether it is shown.
    pub(crate) async fn show_waiting(&self, notice: Option<&Notice>, anew: bool) -> bool {
        let Some(session) = &self.session else { return false };
        let mut shown = session.shown.lock().await;
        let done = match notice {
            None => session.withdraw(&mut shown).await,
            Some(notice) => session.show(&mut shown, Text::of(notice), anew).await,
        };
        if let Err(error) = &done {
            tracing::warn!("what waits could not be shown: {error}");
        }
        done.is_ok() && shown.waiting.is_some()
    }

    /// Returns whether a closed window can be found again: GNOME, for one, shows no tray unless extended.
    pub(crate) async fn shows_tray(&self) -> bool {
        let Some(session) = &self.session else { return false };
        let Ok(watcher) = "org.kde.StatusNotifierWatcher".try_into() else { return false };
        session.bus.name_has_owner(watcher).await.unwrap_or(false)
    }
}

impl Text {
    fn of(notice: &Notice) -> Self {
        let update = notice.updates.first().filter(|_| notice.answerable).cloned();
        Self { title: notice.title.clone(), body: notice.body.clone(), update }
    }

    /// Actions as the specification wants them, a key and a text in turn. `default` is a press on the notification itself.
    fn actions(&self) -> Vec<String> {
        let mut actions = vec!["default".to_owned(), "Look".to_owned()];
        match &self.update {
            Some(update) => {
                actions.extend(Decision::ALL.into_iter().flat_map(|one| [one.key(update), one.text().to_owned()]));
            }
            None => actions.extend(["look".to_owned(), "Look".to_owned()]),
        }
        actions
    }
}

impl Session {
    async fn connect(tell: Sender<Heard>) -> zbus::Result<Self> {
        let connection = connection::Builder::session().method_timeout(PATIENCE).build().await?;
        let bus = DBusProxy::new(&connection).await?;
        let notifications = NotificationsProxy::new(&connection).await?;
        let shown = Arc::new(Mutex::new(Shown::default()));
        let mut answers = notifications.receive_action_invoked().await?;
        let mut closings = notifications.receive_notification_closed().await?;
        let mut owners = bus.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
        let ours = Arc::clone(&shown);
        async_runtime::spawn(async move {
            loop {
                let heard = tokio::select! {
                    Some(answer) = answers.next() => {
                        let Ok(args) = answer.args() else { continue };
                        // Whoever answers at once is heard after the number is known.
                        let leads = ours.lock().await.all.get(&args.id).copied();
                        match (Answer::of(&args.action_key), leads) {
                            (Some(answer), _) => Heard::Answer(answer),
                            (None, Some(leads)) => Heard::Look(leads),
                            (None, None) => continue,
                        }
                    }
                    Some(closing) = closings.next() => {
                        if let Ok(args) = closing.args() {
                            ours.lock().await.forget(args.id);
                        }
                        continue;
                    }
                    Some(owner) = owners.next() => {
                        let began = owner.args().is_ok_and(|args| args.new_owner.is_some());
                        let mut ours = ours.lock().await;
                        ours.all.clear();
                        // Nobody shows anything until somebody owns the name again.
                        if !began || ours.waiting.is_none() {
                            continue;
                        }
                        ours.waiting = None;
                        Heard::Lost
                    }
                    else => return,
                };
                if tell.send(heard).await.is_err() {
                    return;
                }
            }
        });
        Ok(Self { bus, notifications, shown })
    }

    async fn show(&self, shown: &mut Shown, text: Text, anew: bool) -> zbus::Result<()> {
        let before = shown.waiting.clone();
        match before {
            None if !anew => Ok(()),
            Some((_, said)) if !anew && said == text => Ok(()),
            before => {
                let replaced = before.map_or(0, |(id, _)| id);
                let id = self.send(shown, replaced, &text, Leads::ToTheInbox).await?;
                shown.waiting = Some((id, text));
                Ok(())
            }
        }
    }

    async fn withdraw(&self, shown: &mut Shown) -> zbus::Result<()> {
        let Some((id, _)) = shown.waiting.take() else { return Ok(()) };
        shown.all.remove(&id);
        self.notifications.close_notification(id).await
    }

    async fn send(&self, shown: &mut Shown, replaced: u32, text: &Text, leads: Leads) -> zbus::Result<u32> {
        let abilities = self.notifications.get_capabilities().await?;
        let able = |name: &str| abilities.iter().any(|ability| ability == name);
        let body = if able("body-markup") { escape(&text.body) } else { text.body.clone() };
        let actions = if able("actions") { text.actions() } else { Vec::new() };
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        let hints = HashMap::from([("desktop-entry", Variant::from("Kith"))]);
        let id = self
            .notifications
            .notify("Kith", replaced, "kith", &text.title, &body, &actions, hints, AS_THE_DESKTOP_LIKES)
            .await?;
        shown.all.insert(id, leads);
        while shown.all.len() > SHOWN_MAX {
            shown.all.pop_first();
        }
        Ok(id)
    }
}

impl Shown {
    fn forget(&mut self, id: u32) {
        self.all.remove(&id);
        self.waiting.take_if(|(waiting, _)| *waiting == id);
    }
}

/// Escapes what a server that understands markup would take for markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Who shows notifications.
const NAME: &str = "org.freedesktop.Notifications";
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
