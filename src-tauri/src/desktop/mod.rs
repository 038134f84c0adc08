//! What the shell asks of the desktop around it: to show a notification, whether there is a tray to come back from, and to
//! start the app at login.

#[cfg(target_os = "linux")]
mod autostart;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

#[cfg(target_os = "linux")]
pub(crate) use autostart::Login;
#[cfg(target_os = "linux")]
pub(crate) use linux::Desktop;
#[cfg(not(target_os = "linux"))]
pub(crate) use other::{Desktop, Login};
