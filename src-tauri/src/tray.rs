//! The icon in the tray: the way back to a closed window, one line about the devices and one about what waits for a
//! person, with the answers to the newest update, and the way out. While something waits, the icon bears a mark.

use crate::{
    Shell,
    answer::{Answer, Decision},
    desktop::Desktop,
    notices, window,
};
use kith_hub::{
    Hub,
    api::{Ask, Code, Device, DevicesList, Event, InboxList, InboxUpdate, StatusRequest},
};
use tauri::{
    AppHandle, Manager, Wry, async_runtime,
    image::Image,
    menu::{Menu, MenuItem, PredefinedMenuItem, Submenu},
    tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent},
};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// The icon, and the lines of its menu that change.
pub(crate) struct Tray {
    icon: TrayIcon<Wry>,
    menu: Menu<Wry>,
    state: MenuItem<Wry>,
    waiting: MenuItem<Wry>,
    /// The newest update and its answers, while one waits.
    newest: Option<(Submenu<Wry>, InboxUpdate)>,
}

/// Builds the icon and its menu.
pub(crate) fn build(app: &AppHandle) -> tauri::Result<Tray> {
    let shell = app.state::<Shell>();
    let item = |id: &str, text: &str| MenuItem::with_id(app, id, text, true, None::<&str>);
    let state = MenuItem::with_id(app, "state", "Looking for your devices", false, None::<&str>)?;
    let waiting = item(INBOX, NOTHING_WAITS)?;
    let (open, check) = (item(OPEN, "Open Kith")?, item(CHECK, "Check now")?);
    let (add, quit) = (item(ADD, "Add a device…")?, item(QUIT, "Quit")?);
    let line = || PredefinedMenuItem::separator(app);
    // Linux shows the menu on every click, so the way back comes first.
    let menu = Menu::with_items(app, &[&open, &waiting, &line()?, &state, &check, &add, &line()?, &quit])?;

    let mut tray = TrayIconBuilder::with_id(ID)
        .tooltip("Kith")
        .menu(&menu)
        .show_menu_on_left_click(!cfg!(windows))
        .temp_dir_path(shell.folder.join("tray"))
        .on_menu_event(|app, event| chosen(app, event.id.as_ref()))
        .on_tray_icon_event(|tray, event| {
            let TrayIconEvent::Click { button, button_state, .. } = event else { return };
            if cfg!(windows) && (button, button_state) == (MouseButton::Left, MouseButtonState::Up) {
                window::show(tray.app_handle());
            }
        });
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    Ok(Tray { icon: tray.build(app)?, menu, state, waiting, newest: None })
}

/// Does what was chosen in the menu.
fn chosen(app: &AppHandle, id: &str) {
    match id {
        OPEN => window::show(app),
        INBOX => window::show_page(app, "inbox"),
        ADD => window::show_page(app, "devices"),
        QUIT => app.exit(0),
        _ => {
            let Ok(hub) = app.state::<Shell>().hub.clone() else { return };
            let (app, answer) = (app.clone(), Answer::of(id));
            let asks = id == CHECK;
            async_runtime::spawn(async move {
                match (answer, app.try_state::<Desktop>()) {
                    (Some(answer), Some(desktop)) => notices::decide(answer, &hub, &desktop).await,
                    // Whoever is away is asked again when they are seen; there is nothing to say of it here.
                    (None, _) if asks => drop(hub.ask(Ask { person: None }).await),
                    _ => {}
                }
            });
        }
    }
}

/// Keeps the icon and its lines true, from one event that concerns them to the next.
pub(crate) async fn follow(mut tray: Tray, app: AppHandle, hub: Hub, mut events: Receiver<Event>) {
    loop {
        let state = match hub.ask(DevicesList {}).await {
            Ok(answer) => state_text(&answer.devices),
            Err(error) if error.code == Code::NotSetUp => "Not set up yet".into(),
            Err(error) => error.message,
        };
        let count = hub.ask(StatusRequest {}).await.map_or(0, |status| status.held + status.inbox);
        let newest = match hub.ask(InboxList {}).await {
            Ok(inbox) => inbox.updates.into_iter().find(|update| update.state == "waiting"),
            Err(_) => None,
        };
        if let Err(error) = tray.say(&app, &state, count).and_then(|()| tray.offer(&app, newest)) {
            tracing::warn!("the tray's menu cannot be changed: {error}");
        }
        loop {
            match events.recv().await {
                Ok(
                    Event::DevicesChanged
                    | Event::SetUp
                    | Event::Erased
                    | Event::HeldChanged
                    | Event::InboxChanged
                    | Event::NoticeChanged,
                )
                | Err(RecvError::Lagged(_)) => break,
                Ok(_) => {}
                Err(RecvError::Closed) => return,
            }
        }
    }
}

impl Tray {
    fn say(&self, app: &AppHandle, state: &str, count: u32) -> tauri::Result<()> {
        self.state.set_text(state)?;
        self.waiting.set_text(waiting_text(count))?;
        let tooltip = if count == 0 { "Kith".to_owned() } else { format!("Kith: {}", waiting_text(count)) };
        self.icon.set_tooltip(Some(tooltip))?;
        let Some(icon) = app.default_window_icon() else { return Ok(()) };
        self.icon.set_icon(Some(if count == 0 { icon.clone() } else { marked(icon) }))
    }

    /// Offers the answers to the newest update, in place of those to the one before.
    fn offer(&mut self, app: &AppHandle, newest: Option<InboxUpdate>) -> tauri::Result<()> {
        if self.newest.as_ref().map(|(_, update)| update) == newest.as_ref() {
            return Ok(());
        }
        if let Some((menu, _)) = self.newest.take() {
            self.menu.remove(&menu)?;
        }
        let Some(update) = newest else { return Ok(()) };
        let menu = Submenu::with_id(app, NEWEST, newest_text(&update), true)?;
        // Whoever is new, or looks like somebody else, is compared in the inbox first.
        let answers = if update.first || !update.lookalikes.is_empty() { &[][..] } else { &Decision::ALL[..] };
        for decision in answers {
            let row = MenuItem::with_id(app, decision.key(&update.id), decision.text(), true, None::<&str>)?;
            menu.append(&row)?;
        }
        menu.append(&MenuItem::with_id(app, INBOX, "Look", true, None::<&str>)?)?;
        self.menu.insert(&menu, NEWEST_PLACE)?;
        self.newest = Some((menu, update));
        Ok(())
    }
}

/// The icon with an amber mark in its corner: something waits.
fn marked(icon: &Image<'_>) -> Image<'static> {
    let (width, height) = (icon.width() as usize, icon.height() as usize);
    let mut pixels = icon.rgba().to_vec();
    let radius = width / 4;
    for (at, pixel) in pixels.chunks_exact_mut(4).enumerate() {
        let (x, y) = (at % width, at / width);
        let (dx, dy) = ((width - radius).abs_diff(x), radius.abs_diff(y));
        if dx * dx + dy * dy <= radius * radius {
            pixel.copy_from_slice(&AMBER);
        }
    }
    Image::new_owned(pixels, width as u32, height as u32)
}

/// Says whose update it is, in a line of a menu.
fn newest_text(update: &InboxUpdate) -> String {
    let name: String = update.name.chars().filter(|sign| !sign.is_control()).take(NAME_CHARS).collect();
    match update.changes.len() {
        0 | 1 => format!("{name}: 1 change"),
        count => format!("{name}: {count} changes"),
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
const CHECK: &str = "check";
const NEWEST: &str = "newest";
/// After the line about what waits.
const NEWEST_PLACE: usize = 2;
/// A longer name is cut.
const NAME_CHARS: usize = 60;
/// The window's colour of what waits for a person.
const AMBER: [u8; 4] = [0xb9, 0x74, 0x0b, 0xff];
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

    #[test]
    fn while_something_waits_the_icon_is_marked_in_its_corner_only() {
        let plain = Image::new_owned(vec![0; 16 * 16 * 4], 16, 16);
        let marked = marked(&plain);
        let at = |x: usize, y: usize| &marked.rgba()[(y * 16 + x) * 4..][..4];
        assert_eq!((at(12, 4), at(0, 0), at(12, 15)), (&AMBER[..], &[0; 4][..], &[0; 4][..]));
    }
}
