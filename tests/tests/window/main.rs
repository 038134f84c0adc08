//! Stories of the real window: the built app is driven through WebDriver, and another device is a `kith-hub` process or
//! a second window. Run them on a display: `cargo xtask test`, or `xvfb-run -a dbus-run-session -- cargo test`.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a story that cannot go on says so and fails")]

#[cfg(target_os = "linux")]
mod accessibility;
#[cfg(target_os = "linux")]
mod begin;
#[cfg(target_os = "linux")]
mod devices;
#[cfg(target_os = "linux")]
mod duplicates;
#[cfg(target_os = "linux")]
mod edit;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod formats;
#[cfg(target_os = "linux")]
mod keyboard;
#[cfg(target_os = "linux")]
mod large;
#[cfg(target_os = "linux")]
mod live;
#[cfg(target_os = "linux")]
mod manners;
#[cfg(target_os = "linux")]
mod newcomer;
#[cfg(target_os = "linux")]
mod notices;
#[cfg(target_os = "linux")]
mod opening;
#[cfg(target_os = "linux")]
mod out;
#[cfg(target_os = "linux")]
mod pairing;
#[cfg(target_os = "linux")]
mod palette;
#[cfg(target_os = "linux")]
mod people;
#[cfg(target_os = "linux")]
mod persons;
#[cfg(target_os = "linux")]
mod pictures;
#[cfg(target_os = "linux")]
mod scene;
#[cfg(target_os = "linux")]
mod shell;
#[cfg(target_os = "linux")]
mod taking_back;
#[cfg(target_os = "linux")]
mod undecided;

#[cfg(not(target_os = "linux"))]
#[test]
fn the_window_is_driven_on_linux() {
    kith_tests::people::skip("stories of the window: WebKitWebDriver and the session bus are Linux's");
}
