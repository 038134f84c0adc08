//! Windows and macOS: notifications by way of `notify-rust`, a tray that is always there, and login entries by way of `auto-launch`.

use super::{HEARD_MAX, Heard, Leads};
use crate::answer::{Answer, Decision};
use auto_launch::{AutoLaunch, AutoLaunchBuilder};
use kith_hub::api::Notice;
use notify_rust::NotificationResponse;
use std::{env, io};
use tokio::sync::{
    Mutex,
    mpsc::{self, Sender},
};

/// The desktop around the app. Notifications with buttons have not been run here by anybody yet.
pub(crate) struct Desktop {
    tell: Sender<Heard>,
    /// What the notification about what waits says.
    waiting: Mutex<Option<Notice>>,
}

impl Desktop {
    /// What is heard of notifications arrives in order.
    pub(crate) async fn connect() -> (Self, mpsc::Receiver<Heard>) {
        let (tell, heard) = mpsc::channel(HEARD_MAX);
        (Self { tell, waiting: Mutex::default() }, heard)
    }

    /// Shows a notification that leads to the window.
    pub(crate) async fn notify(&self, title: &str, body: &str) {
        self.show(title, body, None, Leads::ToTheWindow);
    }

    /// Shows what waits, unless it is shown already. Systems other than Linux keep what was shown in their own list, from
    /// which nothing is withdrawn: an answer to what is settled changes nothing. Returns whether it is shown.
    pub(crate) async fn show_waiting(&self, notice: Option<&Notice>, anew: bool) -> bool {
        let mut waiting = self.waiting.lock().await;
        *waiting = notice.cloned();
        let Some(notice) = notice.filter(|_| anew) else { return waiting.is_some() };
        let update = notice.updates.first().filter(|_| notice.answerable);
        self.show(&notice.title, &notice.body, update.map(String::as_str), Leads::ToTheInbox);
        true
    }

    /// Shows it on a thread of its own, which waits for the answer.
    fn show(&self, title: &str, body: &str, update: Option<&str>, leads: Leads) {
        let mut notification = notify_rust::Notification::new();
        notification.appname("Kith").summary(title).body(body);
        for decision in Decision::ALL {
            if let Some(update) = update {
                notification.action(&decision.key(update), decision.text());
            }
        }
        let tell = self.tell.clone();
        tauri::async_runtime::spawn_blocking(move || {
            let waited = notification.show().and_then(|handle| {
                handle.wait_for_response(|response: &NotificationResponse| {
                    let heard = match response {
                        NotificationResponse::Default => Heard::Look(leads),
                        NotificationResponse::Action(key) => Answer::of(key).map_or(Heard::Look(leads), Heard::Answer),
                        _ => return,
                    };
                    // The other end is gone only when the app ends.
                    drop(tell.blocking_send(heard));
                })
            });
            if let Err(error) = waited {
                tracing::warn!("a notification could not be shown: {error}");
            }
        });
    }

    /// Returns whether a closed window can be found again.
    pub(crate) async fn shows_tray(&self) -> bool {
        true
    }
}

/// The entry that starts the app at login: a value of the registry's `Run` key, or a launch agent.
pub(crate) struct Login(Option<AutoLaunch>);

impl Login {
    /// The entry that would start this program with these words.
    pub(crate) fn new(words: &[String]) -> Self {
        let Some(program) = env::current_exe().ok().and_then(|path| path.to_str().map(str::to_owned)) else {
            return Self(None);
        };
        // On Windows the words are joined to a command line as they are.
        let words: Vec<String> = words
            .iter()
            .map(|word| if cfg!(windows) && word.contains(' ') { format!("\"{word}\"") } else { word.clone() })
            .collect();
        let mut builder = AutoLaunchBuilder::new();
        builder.set_app_name("Kith").set_app_path(&program).set_args(&words);
        builder.set_windows_enable_mode(auto_launch::WindowsEnableMode::CurrentUser);
        Self(builder.build().ok())
    }

    /// Whether the app starts at login.
    pub(crate) fn is_on(&self) -> bool {
        self.0.as_ref().is_some_and(|entry| entry.is_enabled().unwrap_or(false))
    }

    /// Makes the entry, or removes it.
    pub(crate) fn set(&self, on: bool) -> io::Result<()> {
        let Some(entry) = &self.0 else { return Err(io::ErrorKind::NotFound.into()) };
        if on { entry.enable() } else { entry.disable() }.map_err(io::Error::other)
    }
}
