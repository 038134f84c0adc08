//! Whether this device's network is one on which traffic costs: what the system says, told whenever it changes.
//!
//! Only this module knows who can be asked. On Linux that is NetworkManager, over the system bus; where it is not, as on
//! Windows and macOS, for which none of our crates speaks to the system about it, the answer is [`Verdict::Unknown`], and a
//! person may say it themselves (`notify set metered=yes`). Knows nothing of the node.

#[cfg(target_os = "linux")]
mod network_manager;

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
    #[cfg(target_os = "linux")]
    tokio::spawn(async move {
        if let Err(error) = network_manager::watch(&tell).await {
            tracing::trace!(%error, "nobody says whether the network is metered");
            tell(Verdict::Unknown);
        }
    });
    #[cfg(not(target_os = "linux"))]
    tell(Verdict::Unknown);
}
