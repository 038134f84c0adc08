//! What keeps devices from finding each other, judged by facts that were gathered before: a table of causes, the surest
//! first, each with a sentence and a remedy.

use crate::{
    api::{Finding, FindingCode},
    discovery::{Interface, Multicast},
};
use kith_core::id::DeviceId;
use std::net::IpAddr;

/// Everything that is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// The hub is running, not only asked a single question.
    pub(crate) running: bool,
    /// This device is no longer one of its person's.
    pub(crate) removed: bool,
    /// The hub was told to leave mDNS alone.
    pub(crate) no_mdns: bool,
    pub(crate) interfaces: Vec<Interface>,
    /// Whether multicast works here; `None` if it was not tried.
    pub(crate) multicast: Option<Multicast>,
    /// Windows calls this network public.
    pub(crate) public: bool,
    /// The tunnel through which everything without a nearer way goes.
    pub(crate) tunnel: Option<String>,
    /// A device that is reached on this very network is not heard on it.
    pub(crate) unheard_neighbour: bool,
    /// Devices that are not reached.
    pub(crate) missing: Vec<Missing>,
}

/// A device that is not reached.
#[derive(Clone, Debug, Default)]
pub(crate) struct Missing {
    /// `None` for one that is heard and could be any of several.
    pub(crate) id: Option<DeviceId>,
    pub(crate) name: String,
    /// It is heard by mDNS.
    pub(crate) heard: bool,
    /// It spoke a version that this hub does not.
    pub(crate) incompatible: bool,
    /// It turned this device away.
    pub(crate) refused: bool,
    /// By how many days its clock is ahead, if that keeps it from being recognised.
    pub(crate) days_ahead: Option<i64>,
    /// Where it is heard, or else was last.
    pub(crate) places: Vec<Place>,
}

/// An address of a device.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) ip: IpAddr,
    /// It is on one of this computer's networks.
    pub(crate) near: bool,
    /// What is sent there goes through this tunnel.
    pub(crate) tunnel: Option<String>,
    /// The computer there answers on the wire; `None` if that cannot be told.
    pub(crate) answers: Option<bool>,
}

/// Names the causes.
pub(crate) fn diagnose(facts: &Facts) -> Vec<Finding> {
    let mut findings = here(facts);
    let alone = facts.interfaces.is_empty() || facts.removed;
    if !alone {
        if !facts.missing.is_empty() && facts.no_mdns && facts.running {
            findings.push(finding(FindingCode::MdnsOff, None, "This hub was started with --no-mdns, so it only finds devices at addresses that it was given or remembers.", "Start it without --no-mdns, or name the other device by --peer ADDR:PORT."));
        }
        for device in &facts.missing {
            findings.push(away(facts, device));
        }
    }
    findings
}

/// What is wrong with this computer.
fn here(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |code, message, remedy| findings.push(finding(code, None, message, remedy));
    if !facts.running {
        say(
            FindingCode::NotRunning,
            "Kith is not running on this folder, so no other device can reach it.",
            "Open Kith, or start the hub with `kith-hub run`, and ask again.",
        );
    }
    if facts.removed {
        say(
            FindingCode::RemovedHere,
            "This device was removed from your devices. The others no longer talk to it.",
            "Pair it again: `pair show` on one of your other devices, `pair enter` here on an empty folder.",
        );
    }
    if facts.interfaces.is_empty() {
        say(FindingCode::NoNetwork, "This computer is on no network.", "Turn on Wi-Fi, or plug in the cable.");
    }
    match facts.multicast {
        Some(Multicast::Forbidden) => say(
            FindingCode::LocalNetworkDenied,
            "Kith may not use the local network: macOS was told so.",
            "Open System Settings, Privacy & Security, Local Network, and allow Kith.",
        ),
        Some(Multicast::PortTaken) => say(
            FindingCode::MdnsPortTaken,
            "Another program keeps the port of mDNS (UDP 5353) to itself, so devices on the network are not heard.",
            "End that program or let it share the port, then start Kith again. Until then name devices by --peer ADDR:PORT.",
        ),
        Some(Multicast::Silent) if !facts.interfaces.is_empty() => say(
            FindingCode::MulticastBlocked,
            "Kith does not hear its own announcement: multicast is blocked on this computer.",
            "Allow UDP port 5353 in this computer's firewall, in and out.",
        ),
        _ => {}
    }
    if facts.public {
        say(
            FindingCode::PublicProfile,
            "Windows takes this network for a public one and hides this computer from it.",
            "Open ms-settings:network, choose the network's properties, and make it a private network.",
        );
    }
    findings
}

/// Why one device is not reached: the surest cause.
fn away(facts: &Facts, device: &Missing) -> Finding {
    let name = &device.name;
    let at = device.places.first().map(|place| place.ip.to_string()).unwrap_or_default();
    let say = |code, message: String, remedy: &str| finding(code, device.id, &message, remedy);
    let tunnel = device.places.iter().find_map(|place| place.tunnel.as_ref());
    let near: Vec<&Place> = device.places.iter().filter(|place| place.near).collect();
    let answers = near.iter().any(|place| place.answers == Some(true));
    let silent = !answers && near.iter().any(|place| place.answers == Some(false));
    if device.incompatible {
        return say(
            FindingCode::VersionUnlike,
            format!("{name} has a version of Kith that this one cannot talk to."),
            "Update Kith on both devices.",
        );
    }
    if let Some(days) = device.days_ahead {
        let (apart, which) = (days.unsigned_abs(), if days > 0 { "ahead of" } else { "behind" });
        return say(
            FindingCode::ClockOff,
            format!("The clock of {name} is {apart} days {which} this one's. Devices recognise each other by the day."),
            "Set date and time on both devices, best to be set automatically.",
        );
    }
    if device.refused {
        return say(
            FindingCode::NotKnownThere,
            format!(
                "What answers at {at} does not know this device. {name} may have removed it, or another device has that address now."
            ),
            "Look at the list of devices there. If this one is missing, pair it again.",
        );
    }
    if let Some(tunnel) = tunnel {
        return say(
            FindingCode::Vpn,
            format!("The VPN on {tunnel} takes what is meant for {name} at {at}."),
            "Allow access to the local network in the VPN's settings, or turn it off while the devices meet.",
        );
    }
    if device.heard {
        if silent {
            return say(
                FindingCode::Isolated,
                format!(
                    "{name} is announced on this network, but nothing reaches it: the access point keeps its devices apart."
                ),
                "Turn off \u{201c}AP isolation\u{201d} or \u{201c}client isolation\u{201d} in the router, or leave its guest network.",
            );
        }
        return say(
            FindingCode::Firewall,
            format!("{name} is announced at {at}, but does not answer there. Most likely a firewall is in between."),
            "Allow Kith, or its UDP port, in the firewall of that device and of this one. If both are open, turn off client isolation in the router.",
        );
    }
    if facts.unheard_neighbour {
        return say(
            FindingCode::MulticastFiltered,
            format!(
                "{name} is not heard here, and neither is a device that is on this network and does answer: the network does not pass multicast on."
            ),
            "Turn off \u{201c}multicast filtering\u{201d} or \u{201c}IGMP snooping\u{201d} in the router, or name the other device by --peer ADDR:PORT.",
        );
    }
    if answers {
        return say(
            FindingCode::NotAnswering,
            format!("A computer is switched on at {at}, where {name} was last, but no Kith answers there."),
            "Start Kith on it. If it runs, allow its UDP port in the firewall there.",
        );
    }
    if let Some(tunnel) = &facts.tunnel {
        return say(
            FindingCode::Vpn,
            format!(
                "{name} is not heard, and the VPN on {tunnel} takes everything that leaves this computer. Many VPNs shut the local network off."
            ),
            "Allow access to the local network in the VPN's settings, or turn it off while the devices meet.",
        );
    }
    if near.is_empty() && !device.places.is_empty() {
        return say(
            FindingCode::OtherNetwork,
            format!("{name} was last reached at {at}, which is on none of the networks of this computer."),
            "Bring both devices into the same network; a guest Wi-Fi counts as another one. Across networks, name it by --peer ADDR:PORT.",
        );
    }
    say(
        FindingCode::Away,
        format!("{name} is not heard. It is off, asleep, or elsewhere."),
        "Switch it on and start Kith there, in the same network as this device.",
    )
}

fn finding(code: FindingCode, device: Option<DeviceId>, message: &str, remedy: &str) -> Finding {
    let device_id = device.map(|id| id.to_string());
    Finding { code, message: message.to_owned(), remedy: remedy.to_owned(), device_id }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn healthy() -> Facts {
        let home = Interface { name: "eth0".into(), ip: [192, 168, 1, 5].into(), prefix: 24, tunnel: false };
        Facts { running: true, interfaces: vec![home], multicast: Some(Multicast::Works), ..Facts::default() }
    }

    fn desk(heard: bool, places: Vec<Place>) -> Missing {
        Missing { id: Some(DeviceId([1; 16])), name: "Desk".into(), heard, places, ..Missing::default() }
    }

    fn place(near: bool, answers: Option<bool>) -> Place {
        Place { ip: [192, 168, 1, 9].into(), near, tunnel: None, answers }
    }

    fn codes(facts: &Facts) -> Vec<FindingCode> {
        let findings = diagnose(facts);
        for finding in &findings {
            assert!(finding.message.ends_with('.') && finding.remedy.ends_with('.'), "{finding:?}");
            assert!(finding.message.starts_with(char::is_uppercase) && !finding.message.contains('\n'), "{finding:?}");
        }
        findings.iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_healthy_network_has_no_findings() {
        assert_eq!(codes(&healthy()), []);
        let off = Facts { no_mdns: true, multicast: None, tunnel: Some("wg0".into()), ..healthy() };
        assert_eq!(codes(&off), [], "whoever reaches everybody needs no advice");
    }

    #[test]
    fn what_is_wrong_here_is_told_even_if_nobody_is_missing() {
        use FindingCode::*;
        let table: [(Facts, &[FindingCode]); 7] = [
            (Facts { running: false, multicast: None, ..healthy() }, &[NotRunning]),
            (Facts { interfaces: Vec::new(), multicast: Some(Multicast::Silent), ..healthy() }, &[NoNetwork]),
            (Facts { removed: true, ..healthy() }, &[RemovedHere]),
            (Facts { multicast: Some(Multicast::Forbidden), ..healthy() }, &[LocalNetworkDenied]),
            (Facts { multicast: Some(Multicast::PortTaken), ..healthy() }, &[MdnsPortTaken]),
            (Facts { multicast: Some(Multicast::Silent), ..healthy() }, &[MulticastBlocked]),
            (Facts { public: true, ..healthy() }, &[PublicProfile]),
        ];
        for (facts, expected) in table {
            assert_eq!(codes(&facts), expected, "{facts:?}");
        }
    }

    #[test]
    fn each_missing_device_has_one_cause_the_surest() {
        use FindingCode::*;
        let through = Place { tunnel: Some("wg0".into()), ..place(true, None) };
        let table = [
            (Missing { incompatible: true, ..desk(true, vec![place(true, None)]) }, VersionUnlike),
            (Missing { days_ahead: Some(-40), ..desk(true, vec![]) }, ClockOff),
            (Missing { refused: true, ..desk(false, vec![place(true, Some(true))]) }, NotKnownThere),
            (desk(true, vec![through]), Vpn),
            (desk(true, vec![place(true, Some(false))]), Isolated),
            (desk(true, vec![place(true, Some(false)), place(true, Some(true))]), Firewall),
            (desk(true, vec![place(true, None)]), Firewall),
            (desk(false, vec![place(true, Some(true))]), NotAnswering),
            (desk(false, vec![place(false, None)]), OtherNetwork),
            (desk(false, vec![place(true, Some(false))]), Away),
            (desk(false, vec![]), Away),
        ];
        for (device, expected) in table {
            let facts = Facts { missing: vec![device], ..healthy() };
            assert_eq!(codes(&facts), [expected], "{facts:?}");
            let offline = Facts { interfaces: Vec::new(), ..facts };
            assert_eq!(codes(&offline), [NoNetwork], "without a network nothing can be said of others");
        }
        let missing = vec![desk(false, vec![place(true, Some(false))])];
        let facts = Facts { missing, ..healthy() };
        assert_eq!(codes(&Facts { no_mdns: true, ..facts.clone() }), [MdnsOff, Away]);
        assert_eq!(codes(&Facts { unheard_neighbour: true, ..facts.clone() }), [MulticastFiltered]);
        assert_eq!(codes(&Facts { tunnel: Some("tun0".into()), ..facts }), [Vpn]);
    }
}
