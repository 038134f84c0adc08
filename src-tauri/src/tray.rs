//! The icon in the tray: the way back to a closed window, one line about the devices, and the way out.

use crate::{Shell, window};
use kith_hub::{
    Hub,
    api::{Code, Device, DevicesList, Event},
};
use tauri::{
    AppHandle, Manager, Wry,
    menu::{Menu, MenuItem, PredefinedMenuItem},
    tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent},
};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Builds the icon and its menu; returns the line that tells the state.
pub(crate) fn build(app: &AppHandle) -> tauri::Result<MenuItem<Wry>> {
    let shell = app.state::<Shell>();
    let item = |id: &str, text: &str| MenuItem::with_id(app, id, text, true, None::<&str>);
    let state_line = MenuItem::with_id(app, "state", "Looking for your devices", false, None::<&str>)?;
    let (open, add, quit) = (item(OPEN, "Open Kith")?, item(ADD, "Add a device…")?, item(QUIT, "Quit")?);
    let line = || PredefinedMenuItem::separator(app);
    // Linux shows the menu on every click, so the way back comes first.
    let menu = Menu::with_items(app, &[&open, &line()?, &state_line, &add, &line()?, &quit])?;

    let mut tray = TrayIconBuilder::with_id(ID)
        .tooltip("Kith")
        .menu(&menu)
        .show_menu_on_left_click(!cfg!(windows))
        .temp_dir_path(shell.folder.join("tray"))
        .on_menu_event(|app, event| match event.id.as_ref() {
            OPEN => window::show(app),
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
    Ok(state_line)
}

/// Keeps the state line true, from one event about devices to the next.
pub(crate) async fn follow(state_line: MenuItem<Wry>, hub: Hub, mut events: Receiver<Event>) {
    loop {
        let text = match hub.ask(DevicesList {}).await {
            Ok(answer) => state_text(&answer.devices),
            Err(error) if error.code == Code::NotSetUp => "Not set up yet".into(),
            Err(error) => error.message,
        };
        if let Err(error) = state_line.set_text(text) {
            tracing::warn!("the tray's state line cannot be changed: {error}");
        }
        loop {
            match events.recv().await {
                Ok(Event::DevicesChanged | Event::SetUp) | Err(RecvError::Lagged(_)) => break,
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

/// The icon's id, part of its path on the session bus.
pub(crate) const ID: &str = "main";
const OPEN: &str = "open";
const ADD: &str = "add";
const QUIT: &str = "quit";

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
