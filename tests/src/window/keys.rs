//! Keys as a keyboard sends them, and the names that a screen reader hears.

use serde_json::Value;
use thirtyfour::{
    RequestData, SessionId,
    common::command::{Command, FormatRequestData},
    error::WebDriverResult,
    prelude::*,
};

/// Presses the last key of `Control+Shift+n` while the ones before are held.
pub(super) async fn press(driver: &WebDriver, keys: &str) -> WebDriverResult<()> {
    let (held, last) = match keys.rsplit_once('+') {
        Some((held, "")) if !held.is_empty() => (held.trim_end_matches('+'), "+"),
        Some((held, last)) if !last.is_empty() => (held, last),
        _ => ("", keys),
    };
    let held: Vec<char> = held.split('+').filter(|name| !name.is_empty()).map(key).collect();
    let mut actions = driver.action_chain();
    for modifier in &held {
        actions = actions.key_down(*modifier);
    }
    actions = actions.key_down(key(last)).key_up(key(last));
    for modifier in held.iter().rev() {
        actions = actions.key_up(*modifier);
    }
    actions.perform().await
}

fn key(name: &str) -> char {
    let key = match name {
        "Control" => Key::Control,
        "Shift" => Key::Shift,
        "Alt" => Key::Alt,
        "Enter" => Key::Enter,
        "Escape" => Key::Escape,
        "Tab" => Key::Tab,
        "Delete" => Key::Delete,
        "Space" => Key::Space,
        "Home" => Key::Home,
        "End" => Key::End,
        "PageDown" => Key::PageDown,
        "ArrowUp" => Key::Up,
        "ArrowDown" => Key::Down,
        "ArrowLeft" => Key::Left,
        "ArrowRight" => Key::Right,
        "F6" => Key::F6,
        _ => {
            let mut signs = name.chars();
            return match (signs.next(), signs.next()) {
                (Some(sign), None) => sign,
                _ => panic!("no key is called {name}"),
            };
        }
    };
    key.into()
}

/// The name that the accessibility tree gives an element (WebDriver, "Get Computed Label").
pub(super) async fn accessible_name(driver: &WebDriver, element: &WebElement) -> WebDriverResult<Value> {
    driver.cmd(ComputedLabel(Command::GetElementTagName(element.element_id()))).await?.value_json()
}

/// Asked like the question for the tag's name that is in it, at another address.
#[derive(Debug)]
struct ComputedLabel(Command);

impl FormatRequestData for ComputedLabel {
    fn format_request(&self, session: &SessionId) -> RequestData {
        let mut request = self.0.format_request(session);
        request.uri = request.uri.replace("/name", "/computedlabel").into();
        request
    }
}
