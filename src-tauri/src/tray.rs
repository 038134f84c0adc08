//! The icon in the tray: the way back to a closed window, one line about the devices and one about what waits for a
//! person, and the way out.

use crate::{Shell, window};
use kith_hub::{
    Hub,
    api::{Code, Device, DevicesList, Event, StatusRequest},
};
use tauri::{
    AppHandle, Manager, Wry,
    menu::{Menu, MenuItem, PredefinedMenuItem},
    tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent},
};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// The lines of the menu that change.
pub(crate) struct Lines {
    state: MenuItem<Wry>,
    waiting: MenuItem<Wry>,
}

/// Builds the icon and its menu; returns the lines that tell the state.
pub(crate) fn build(app: &AppHandle) -> tauri::Result<Lines> {
    let shell = app.state::<Shell>();
    let item = |id: &str, text: &str| MenuItem::with_id(app, id, text, true, None::<&str>);
    let state = MenuItem::with_id(app, "state", "Looking for your devices", false, None::<&str>)?;
    let waiting = item(INBOX, NOTHING_WAITS)?;
    let (open, add, quit) = (item(OPEN, "Open Kith")?, item(ADD, "Add a device…")?, item(QUIT, "Quit")?);
    let line = || PredefinedMenuItem::separator(app);
    // Linux shows the menu on every click, so the way back comes first.
    let menu = Menu::with_items(app, &[&open, &line()?, &state, &waiting, &add, &line()?, &quit])?;

    let mut tray = TrayIconBuilder::with_id(ID)
        .tooltip("Kith")
        .menu(&menu)
        .show_menu_on_left_click(!cfg!(windows))
        .temp_dir_path(shell.folder.join("tray"))
        .on_menu_event(|app, event| match event.id.as_ref() {
            OPEN => window::show(app),
            INBOX => window::show_page(app, "inbox"),
            ADD => window::show_page(app, "devices"),
            QUIT => app.exit(0),
            _ => {}
        })
        .on_tray_icon_event(|tray, event| {
            let TrayIconEvent::Click { button, button_state, .. } = event else { return };
            if cfg!(windows) && (button, button_state) == (MouseButton::Left, MouseButtonState::Up) {
                window::show(tray.app_handle());
            }
        });
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(app)?;
    Ok(Lines { state, waiting })
}

/// Keeps the lines true, from one event that concerns them to the next.
pub(crate) async fn follow(lines: Lines, hub: Hub, mut events: Receiver<Event>) {
    loop {
        let text = match hub.ask(DevicesList {}).await {
            Ok(answer) => state_text(&answer.devices),
            Err(error) if error.code == Code::NotSetUp => "Not set up yet".into(),
            Err(error) => error.message,
        };
        let status = hub.ask(StatusRequest {}).await;
        let waiting = waiting_text(status.map_or(0, |status| status.held + status.inbox));
        if let Err(error) = lines.state.set_text(text).and_then(|()| lines.waiting.set_text(waiting)) {
            tracing::warn!("the tray's menu cannot be changed: {error}");
        }
        loop {
            match events.recv().await {
                Ok(Event::DevicesChanged | Event::SetUp | Event::Erased | Event::HeldChanged)
                | Err(RecvError::Lagged(_)) => break,
                Ok(_) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }
}

/// Says in one line how this device stands with the person's others.
fn state_text(devices: &[Device]) -> String {
    let others = || devices.iter().filter(|device| !device.this);
    let away = others().filter(|device| device.path == "none").count();
    match away {
        0 if others().count() == 0 => "Only on this device".into(),
        0 if others().any(|device| device.behind > 0) => "Catching up".into(),
        0 => "In step".into(),
        1 => "1 device away".into(),
        _ => format!("{away} devices away"),
    }
}

/// Says how much waits for an answer.
fn waiting_text(count: u32) -> String {
    match count {
        0 => NOTHING_WAITS.into(),
        1 => "1 thing waits for you".into(),
        _ => format!("{count} things wait for you"),
    }
}

/// The icon's id, part of its path on the session bus.
pub(crate) const ID: &str = "main";
const OPEN: &str = "open";
const INBOX: &str = "inbox";
const ADD: &str = "add";
const QUIT: &str = "quit";
const NOTHING_WAITS: &str = "Nothing waits for you";

#[cfg(test)]
mod tests {
    use super::*;

    fn device(path: &str, behind: u32) -> Device {
        Device { this: path == "here", path: path.into(), behind, ..Device::default() }
    }

    #[test]
    fn the_state_line_says_how_the_devices_stand() {
        let here = device("here", 0);
        assert_eq!(state_text(std::slice::from_ref(&here)), "Only on this device");
        assert_eq!(state_text(&[here.clone(), device("lan", 0)]), "In step");
        assert_eq!(state_text(&[here.clone(), device("lan", 3)]), "Catching up");
        assert_eq!(state_text(&[here.clone(), device("lan", 3), device("none", 0)]), "1 device away");
        assert_eq!(state_text(&[here, device("none", 1), device("none", 0)]), "2 devices away");
    }
}
