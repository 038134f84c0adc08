//! NetworkManager's word on it: the property `Metered` of `org.freedesktop.NetworkManager` (`NMMetered` in its reference),
//! read again at each signal that it changed, or that NetworkManager came or went. Nothing is polled.

use super::Verdict;
use futures_util::StreamExt;
use std::{collections::HashMap, time::Duration};
use zbus::{OwnedVariant, connection};

#[zbus::proxy(
    interface = "org.freedesktop.DBus.Properties",
    default_service = "org.freedesktop.NetworkManager",
    default_path = "/org/freedesktop/NetworkManager"
)]
trait Properties {
    fn get(&self, interface: &str, name: &str) -> zbus::Result<OwnedVariant>;
    #[zbus(signal)]
    fn properties_changed(
        &self,
        interface: String,
        changed: HashMap<String, OwnedVariant>,
        invalidated: Vec<String>,
    ) -> zbus::Result<()>;
}

/// Tells it until nobody listens, or the bus is gone.
pub(super) async fn watch(tell: &(impl Fn(Verdict) -> bool + Send + Sync)) -> zbus::Result<()> {
    let bus = connection::Builder::system().method_timeout(PATIENCE).build().await?;
    let manager = PropertiesProxy::new(&bus).await?;
    // Listening first, so that no change falls between the first reading and the first signal.
    let mut changes = manager.receive_properties_changed().await?;
    let mut owners = manager.inner().receive_owner_changed().await?;
    let mut told = None;
    loop {
        let verdict = read(&manager).await;
        if told.replace(verdict) != Some(verdict) && !tell(verdict) {
            return Ok(());
        }
        let goes_on = tokio::select! {
            change = changes.next() => change.is_some(),
            owner = owners.next() => owner.is_some(),
        };
        if !goes_on {
            tell(Verdict::Unknown);
            return Ok(());
        }
    }
}

async fn read(manager: &PropertiesProxy<'_>) -> Verdict {
    let value = manager.get(INTERFACE, "Metered").await;
    match value.ok().and_then(|value| u32::try_from(value).ok()) {
        Some(YES | GUESS_YES) => Verdict::Metered,
        Some(NO | GUESS_NO) => Verdict::Unmetered,
        _ => Verdict::Unknown,
    }
}

const INTERFACE: &str = "org.freedesktop.NetworkManager";
/// The values of `NMMetered`.
const YES: u32 = 1;
const NO: u32 = 2;
const GUESS_YES: u32 = 3;
const GUESS_NO: u32 = 4;
/// How long NetworkManager may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
