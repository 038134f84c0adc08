//! `doctor`: why a device is not found.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks why devices are not found. Takes up to three seconds, in which they are looked for again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Doctor {}

/// Everything that is in the way; nothing if all devices are reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Findings {
    pub findings: Vec<Finding>,
}

/// One thing that is in the way of finding a device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Finding {
    pub code: FindingCode,
    /// What was found.
    pub message: String,
    /// What to do.
    pub remedy: String,
    /// The device that is not reached, if it is this one's own trouble or that of one device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub device_id: Option<String>,
}

/// The closed list of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FindingCode {
    /// No hub runs on the folder.
    NotRunning,
    /// This computer has no network but itself.
    NoNetwork,
    /// This device was removed from its person's devices.
    RemovedHere,
    /// macOS does not let Kith use the local network.
    LocalNetworkDenied,
    /// Windows takes this network for a public one.
    PublicProfile,
    /// Another program keeps the port of mDNS to itself.
    MdnsPortTaken,
    /// Multicast does not work on this computer.
    MulticastBlocked,
    /// The hub was told to leave mDNS alone.
    MdnsOff,
    /// The network does not pass multicast on.
    MulticastFiltered,
    /// The other device speaks another version.
    VersionUnlike,
    /// The clocks are days apart.
    ClockOff,
    /// The other device does not know this one.
    NotKnownThere,
    /// A VPN takes what is meant for the other device.
    Vpn,
    /// The access point keeps devices apart.
    Isolated,
    /// The other device is announced, but does not answer.
    Firewall,
    /// The other device is switched on, but no Kith answers there.
    NotAnswering,
    /// The other device was last seen on another network.
    OtherNetwork,
    /// The other device is off, asleep, or elsewhere.
    Away,
}
