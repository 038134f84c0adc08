//! Windows' word on it: what the connection that reaches the internet costs (`NetworkInformation`), read again whenever the
//! state of the network changes. Nothing is polled.

use super::Verdict;
use tokio::sync::watch;
use windows::{
    Networking::Connectivity::{NetworkCostType, NetworkInformation, NetworkStatusChangedEventHandler},
    core::Result,
};

/// Tells it until nobody listens.
pub(super) async fn watch(tell: &(impl Fn(Verdict) -> bool + Send + Sync)) -> Result<()> {
    let (changed, mut changes) = watch::channel(());
    // Listening first, so that no change falls between the first reading and the first event.
    let token = NetworkInformation::NetworkStatusChanged(&NetworkStatusChangedEventHandler::new(move |_| {
        changed.send_replace(());
        Ok(())
    }))?;
    let mut told = None;
    loop {
        // Without a connection there is no profile, and nothing to say.
        let verdict = read().unwrap_or_default();
        if told.replace(verdict) != Some(verdict) && !tell(verdict) {
            break;
        }
        if changes.changed().await.is_err() {
            break;
        }
    }
    NetworkInformation::RemoveNetworkStatusChanged(token)
}

fn read() -> Result<Verdict> {
    let cost = NetworkInformation::GetInternetConnectionProfile()?.GetConnectionCost()?;
    Ok(match cost.NetworkCostType()? {
        _ if cost.Roaming()? => Verdict::Metered,
        NetworkCostType::Fixed | NetworkCostType::Variable => Verdict::Metered,
        NetworkCostType::Unrestricted => Verdict::Unmetered,
        _ => Verdict::Unknown,
    })
}
