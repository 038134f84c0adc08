//! What the shell asks of the desktop around it: to show a notification, and whether there is a tray to come back from.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

#[cfg(target_os = "linux")]
pub(crate) use linux::Desktop;
#[cfg(not(target_os = "linux"))]
pub(crate) use other::Desktop;
