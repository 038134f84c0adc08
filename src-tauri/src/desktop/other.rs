//! Windows and macOS: plain notifications, a tray that is always there, and login entries by way of `auto-launch`.

use auto_launch::{AutoLaunch, AutoLaunchBuilder};
use std::{env, io};

/// The desktop around the app.
pub(crate) struct Desktop;

impl Desktop {
    /// Has nothing to connect to; a click on a notification is the system's own affair here.
    pub(crate) async fn connect(_look: impl Fn() + Send + Sync + 'static) -> Self {
        Self
    }

    /// Shows a notification.
    pub(crate) async fn notify(&self, title: &str, body: &str) {
        let mut notification = notify_rust::Notification::new();
        notification.appname("Kith").summary(title).body(body);
        let shown = tauri::async_runtime::spawn_blocking(move || notification.show().map(drop)).await;
        if !matches!(shown, Ok(Ok(()))) {
            tracing::warn!("a notification could not be shown");
        }
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
