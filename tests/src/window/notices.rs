//! A place for notifications on a story's bus, as desktops have them: with buttons or without, hasty, or started anew.

use super::Bus;
use crate::people::wait_until;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};
use zbus::{OwnedVariant, connection, interface, object_server::SignalEmitter};

/// A notification that is shown.
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

impl Notice {
    /// What stands on its buttons.
    pub fn buttons(&self) -> Vec<&str> {
        let pairs = self.actions.chunks_exact(2).filter(|pair| pair[0] != "default");
        pairs.map(|pair| pair[1].as_str()).collect()
    }

    fn key(&self, button: &str) -> String {
        let found = self.actions.chunks_exact(2).find(|pair| pair[1] == button || pair[0] == button);
        found.unwrap_or_else(|| panic!("no {button} on {self:?}"))[0].clone()
    }
}

/// What is shown, and how often something was.
#[derive(Debug, Default)]
pub(super) struct Shown {
    standing: Vec<Notice>,
    last_id: u32,
    /// Times that a new one came up; one that is replaced only changes.
    announced: u32,
}

impl Bus {
    /// With a place for notifications on it.
    pub fn with_notices(self) -> Self {
        self.notifying(true, None)
    }

    /// With one that shows no buttons.
    pub fn with_plain_notices(self) -> Self {
        self.notifying(false, None)
    }

    /// With one where somebody presses this button before the app has even heard the notification's number.
    pub fn with_hasty_notices(self, button: &'static str) -> Self {
        self.notifying(true, Some(button))
    }

    fn notifying(mut self, buttons: bool, hasty: Option<&'static str>) -> Self {
        let server = Notifications { shown: Arc::clone(&self.notices), buttons, hasty };
        let builder = connection::Builder::address(self.address()).name(NAME).serve_at(PATH, server);
        self.notifier = Some(self.runtime.block_on(builder.build()).expect("notifications"));
        self
    }

    /// Whoever shows notifications ends, with all that was shown, and begins anew.
    pub fn restart_notices(mut self) -> Self {
        let ended = self.notifier.take().expect("the bus has a place for notifications");
        self.runtime.block_on(ended.close()).expect("it ends");
        *self.notices.lock().unwrap() = Shown::default();
        self.with_notices()
    }

    /// Waits for a notification with this headline.
    pub fn notice(&self, title: &str) -> Notice {
        wait_until(format!("a notification “{title}”"), || {
            self.notices().into_iter().find(|one| one.title == title)
        })
    }

    /// What is shown at this moment.
    pub fn notices(&self) -> Vec<Notice> {
        self.notices.lock().unwrap().standing.clone()
    }

    /// Waits until nothing is shown any more.
    pub fn notices_gone(&self) {
        wait_until("no notification is shown", || self.notices().is_empty().then_some(()));
    }

    /// How many came up so far.
    pub fn announced(&self) -> u32 {
        self.notices.lock().unwrap().announced
    }

    /// Answers a notification, as a press on it (`default`) or on one of its buttons does.
    pub fn answer(&self, notice: &Notice, button: &str) {
        let connection = self.notifier.as_ref().expect("the bus has a place for notifications");
        let answer = (notice.id, notice.key(button));
        let signal = connection.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &answer);
        self.runtime.block_on(signal).expect("the answer goes out");
    }
}

struct Notifications {
    shown: Arc<Mutex<Shown>>,
    buttons: bool,
    hasty: Option<&'static str>,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    fn get_capabilities(&self) -> Vec<&str> {
        if self.buttons { vec!["actions", "body", "body-markup"] } else { vec!["body"] }
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("stories", "Kith", "1", "1.2")
    }

    #[expect(clippy::too_many_arguments, reason = "the specification has eight")]
    async fn notify(
        &self,
        _app_name: &str,
        replaces_id: u32,
        _app_icon: &str,
        summary: &str,
        body: &str,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedVariant>,
        _expire_timeout: i32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> u32 {
        let notice = {
            let mut shown = self.shown.lock().unwrap();
            let mut notice = Notice { id: replaces_id, title: summary.to_owned(), body: body.to_owned(), actions };
            match shown.standing.iter_mut().find(|one| one.id == replaces_id) {
                Some(standing) => *standing = notice.clone(),
                None => {
                    shown.last_id += 1;
                    shown.announced += 1;
                    notice.id = shown.last_id;
                    shown.standing.push(notice.clone());
                }
            }
            notice
        };
        if let Some(button) = self.hasty.filter(|button| notice.buttons().contains(button)) {
            Self::action_invoked(&emitter, notice.id, &notice.key(button)).await.expect("the answer goes out");
        }
        notice.id
    }

    fn close_notification(&self, id: u32) {
        self.shown.lock().unwrap().standing.retain(|one| one.id != id);
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action_key: &str) -> zbus::Result<()>;
}

const PATH: &str = "/org/freedesktop/Notifications";
const NAME: &str = "org.freedesktop.Notifications";
