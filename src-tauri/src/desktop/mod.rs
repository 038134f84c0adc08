//! What the shell asks of the desktop around it: to show notifications and say what is answered, whether there is a tray
//! to come back from, and to start the app at login.

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

use crate::answer::Answer;

/// Where a press on a notification leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leads {
    ToTheWindow,
    ToTheInbox,
}

/// What was heard of notifications.
#[derive(Debug)]
pub(crate) enum Heard {
    /// Somebody pressed the notification itself.
    Look(Leads),
    /// Somebody pressed one of its answers.
    Answer(Answer),
    /// Whoever shows notifications began anew: what was shown is gone.
    Lost,
}

/// Answers that nobody took up yet; more than a person presses.
const HEARD_MAX: usize = 64;
