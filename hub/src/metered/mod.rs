//! Whether this device's network is one on which traffic costs: what the system says, told whenever it changes.
//!
//! Only this module knows who can be asked: NetworkManager on Linux, over the system bus; on Windows and macOS the system
//! itself, by code that nobody has run yet. Where there is nobody to ask the answer is [`Verdict::Unknown`], and a person may
//! say it themselves (`notify set metered=yes`). Knows nothing of the node.

#[cfg(windows)]
mod network_information;
#[cfg(target_os = "linux")]
mod network_manager;
#[cfg(target_os = "macos")]
mod path_monitor;

/// What the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Traffic costs, or the system guesses so.
    Metered,
    /// It does not, or the system guesses so.
    Unmetered,
    /// Nobody says.
    #[default]
    Unknown,
}

impl Verdict {
    /// The word by which people and scripts know it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Metered => "metered",
            Self::Unmetered => "unmetered",
            Self::Unknown => "unknown",
        }
    }
}

/// Tells what the system says, now and whenever it changes, until `tell` returns that nobody listens any more.
pub(crate) fn watch(tell: impl Fn(Verdict) -> bool + Send + Sync + 'static) {
    #[cfg(windows)]
    use network_information as system;
    #[cfg(target_os = "linux")]
    use network_manager as system;
    #[cfg(target_os = "macos")]
    use path_monitor as system;

    #[cfg(any(target_os = "linux", target_os = "macos", windows))]
    tokio::spawn(async move {
        if let Err(error) = system::watch(&tell).await {
            tracing::trace!(%error, "nobody says whether the network is metered");
            tell(Verdict::Unknown);
        }
    });
    #[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
    tell(Verdict::Unknown);
}
