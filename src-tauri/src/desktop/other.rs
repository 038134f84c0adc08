//! Windows and macOS: plain notifications, and a tray that is always there.

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
