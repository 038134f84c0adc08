//! The one window: opening it, showing it again, closing it to the tray, and keeping its page where it belongs.

use crate::{Shell, desktop::Desktop, dropped, habits};
use std::{fs, path::Path};
use tauri::{
    AppHandle, Emitter, Manager, Url, WebviewWindowBuilder, Window, WindowEvent, Wry, async_runtime,
    plugin::TauriPlugin, webview::NewWindowResponse,
};
use tauri_plugin_window_state::StateFlags;

/// Opens the window; hidden, it waits until somebody asks for it, unless it has to say why there is no hub.
pub(crate) fn open(app: &AppHandle, hidden: bool) -> tauri::Result<()> {
    let shell = app.state::<Shell>();
    let mut config = app.config().app.windows.first().ok_or(tauri::Error::WindowNotFound)?.clone();
    config.drag_drop_enabled = dropped::HEARD;
    let builder = WebviewWindowBuilder::from_config(app, &config)?
        .visible(!hidden || shell.hub.is_err())
        .on_navigation(|url| {
            let home = is_home(url);
            if !home {
                open_outside(url);
            }
            home
        })
        .on_new_window(|url, _| {
            open_outside(&url);
            NewWindowResponse::Deny
        });
    // The page's own storage belongs to the folder, too; where there is no hub, the page keeps nothing.
    let builder = match &shell.hub {
        Ok(_) => builder.data_directory(shell.folder.join("web")),
        Err(_) => builder.incognito(true),
    };
    builder.build()?;
    Ok(())
}

/// Has the window open where and as large as it was closed. That belongs to the data folder, like all that is the window's.
pub(crate) fn remembering(folder: &Path) -> TauriPlugin<Wry> {
    tauri_plugin_window_state::Builder::new()
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        // Joined to the plugin's own folder, a whole path replaces it.
        .with_filename(folder.join("place.json").to_string_lossy())
        .build()
}

/// Brings the window to the front, from wherever it is.
pub(crate) fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    if let Err(error) = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus()) {
        tracing::warn!("the window cannot be shown: {error}");
    }
}

/// Shows the window on one of its pages, named as the page's own routes are.
pub(crate) fn show_page(app: &AppHandle, page: &str) {
    show(app);
    if let Err(error) = app.emit("kith-page", page) {
        tracing::warn!("the page cannot be turned: {error}");
    }
}

/// Whether a person is at the window right now.
pub(crate) fn is_in_use(app: &AppHandle) -> bool {
    app.get_webview_window(LABEL).is_some_and(|window| window.is_focused().unwrap_or(false))
}

/// Takes part in what befalls the window.
pub(crate) fn on_event(window: &Window, event: &WindowEvent) {
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            close(window);
        }
        WindowEvent::DragDrop(drag) => dropped::on_event(window, drag),
        _ => {}
    }
}

/// Closing leaves the hub running behind the tray icon; without a tray to come back from, it ends the app.
fn close(window: &Window) {
    let window = window.clone();
    async_runtime::spawn(async move {
        let app = window.app_handle();
        let shell = app.state::<Shell>();
        let (Ok(_), Some(desktop)) = (&shell.hub, app.try_state::<Desktop>()) else { return app.exit(0) };
        let stays = habits::stays(&shell.folder) && habits::has_way_back(app).await;
        if !stays || window.hide().is_err() {
            return app.exit(0);
        }
        // The file is made once, so this is said once.
        if fs::File::create_new(shell.folder.join("told-of-tray")).is_ok() {
            desktop.notify("Kith goes on in the tray", "It keeps your devices in step. Quit it from its icon.").await;
        }
    });
}

/// Whether the URL is a page of the app itself.
fn is_home(url: &Url) -> bool {
    let origin = (url.scheme(), url.host_str(), url.port());
    match origin {
        ("tauri", Some("localhost"), None) => true,
        ("http", Some("tauri.localhost"), None) => cfg!(windows),
        ("http", Some("localhost"), Some(5173)) => tauri::is_dev(),
        _ => false,
    }
}

/// Opens a link in the system's own program, if it is of a kind that a card may hold.
fn open_outside(url: &Url) {
    if !OUTSIDE.contains(&url.scheme()) {
        tracing::warn!("a link of the kind `{}` was not opened", url.scheme());
    } else if let Err(error) = open::that_detached(url.as_str()) {
        tracing::warn!("no program opens a link of the kind `{}`: {error}", url.scheme());
    }
}

const LABEL: &str = "main";
const OUTSIDE: [&str; 7] = ["http", "https", "mailto", "tel", "sms", "xmpp", "geo"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pages_of_the_app_are_shown_inside() {
        assert!(is_home(&"tauri://localhost/index.html".parse().unwrap()));
        for away in [
            "https://localhost/",
            "tauri://evil/",
            "tauri://localhost:1/",
            "http://tauri.localhost.evil/",
            "data:text/html,x",
            "about:blank",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "blob:tauri://localhost/1",
        ] {
            assert!(!is_home(&away.parse().unwrap()), "{away}");
        }
    }
}
