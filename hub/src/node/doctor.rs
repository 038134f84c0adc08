//! `doctor`: looks for the missing devices once more, gathers what the hub saw, and has it judged by [`diagnosis`].

use super::{
    diagnosis::{self, Facts, Missing, Place},
    dialler::Target,
    event_loop::{Happening, Node, Reply, answer},
    member::{Member, split_addresses},
    network::Network,
};
use crate::{
    api::{Answer, Findings},
    clock::utc_day,
    discovery::{self, Interface, Multicast},
    transport::DialError,
};
use kith_core::{id::DeviceId, lan};
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};

/// What was tried beside the loop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Examined {
    interfaces: Vec<Interface>,
    multicast: Option<Multicast>,
    public: bool,
}

impl Node {
    /// Begins to examine: dials whoever is missing, and tries the network beside the loop.
    pub(super) fn doctor(&mut self, reply: Reply) {
        let mut patience = Duration::ZERO;
        let mut announced = false;
        if let (Some(member), Some(network)) = (&self.member, &mut self.network) {
            announced = network.discovery.is_some();
            if member.peer_keys().keys().any(|&device| !network.is_connected(device)) {
                patience = PATIENCE;
                network.confirm();
                network.refusals.clear();
                network.dialler.hurry(Instant::now());
            }
        }
        self.dial_due();
        let happenings = self.happenings.clone();
        tokio::spawn(async move {
            let (examined, ()) = tokio::join!(examine(announced), tokio::time::sleep(patience));
            // If the loop has ended, nobody waits for the answer.
            let _ended = happenings.send(Happening::Examined { examined: Box::new(examined), reply });
        });
    }

    /// Answers with what is in the way.
    pub(super) fn examined(&self, examined: Examined, reply: Reply) {
        let facts = match &self.member {
            Some(member) => gather(member, self.network.as_ref(), self.options.offline, examined),
            None => Facts {
                running: !self.options.offline,
                interfaces: examined.interfaces,
                multicast: examined.multicast,
                public: examined.public,
                ..Facts::default()
            },
        };
        let findings = diagnosis::diagnose(&Facts { no_mdns: self.options.no_mdns, ..facts });
        answer(reply, Ok(Answer::Doctor(Findings { findings })));
    }
}

async fn examine(announced: bool) -> Examined {
    let interfaces = discovery::interfaces();
    let own: Vec<Ipv4Addr> = interfaces
        .iter()
        .filter(|interface| !interface.tunnel)
        .filter_map(|interface| match interface.ip {
            IpAddr::V4(ip) => Some(ip),
            IpAddr::V6(_) => None,
        })
        .collect();
    // Without an announcement there is nothing to hear; over IPv6 alone nothing is tried.
    let multicast = if announced && !own.is_empty() { Some(discovery::multicast(&own).await) } else { None };
    let public = tokio::task::spawn_blocking(is_public).await.unwrap_or(false);
    Examined { interfaces, multicast, public }
}

fn gather(member: &Member, network: Option<&Network>, offline: bool, examined: Examined) -> Facts {
    let Examined { interfaces, multicast, public } = examined;
    let connected = |device| network.is_some_and(|network| network.is_connected(device));
    let places = |ips: BTreeSet<IpAddr>| {
        // Every link has the same link-local network: those addresses tell nothing of where a device is.
        let telling = ips.into_iter().filter(|ip| !discovery::is_link_local(ip)).map(|ip| place(ip, &interfaces));
        telling.collect::<Vec<_>>()
    };
    let mut missing: Vec<Missing> = Vec::new();
    let others = member.roster.devices().into_iter().filter(|card| card.id != member.me());
    for card in others.filter(|card| !connected(card.id)) {
        let remembered = member.peers.get(&card.id).map(|row| split_addresses(&row.addresses)).unwrap_or_default();
        missing.push(Missing {
            id: Some(card.id),
            name: card.name.clone(),
            incompatible: network.is_some_and(|network| network.incompatible.contains(&card.id)),
            places: places(remembered.iter().map(|address| address.ip()).collect()),
            ..Missing::default()
        });
    }
    if let Some(network) = network {
        for (_, device, addresses) in network.dialler.instances() {
            if device.is_none_or(|device| !connected(device)) {
                let ips: BTreeSet<IpAddr> = addresses.iter().map(std::net::SocketAddr::ip).collect();
                let which = whose(&mut missing, device, &ips);
                which.heard = true;
                which.places = places(ips);
            }
        }
        for (target, why) in &network.refusals {
            let device = match target {
                Target::Remembered(device) => Some(*device),
                target => network.dialler.device(target),
            };
            let given = match target {
                Target::Given(address) => BTreeSet::from([address.ip()]),
                _ => BTreeSet::new(),
            };
            if missing.is_empty() || device.is_some_and(connected) {
                continue;
            }
            let which = whose(&mut missing, device, &given);
            which.incompatible |= *why == DialError::Incompatible;
            which.refused |= *why != DialError::Incompatible;
            if which.places.is_empty() {
                which.places = places(given);
            }
        }
        if !missing.is_empty() {
            for (instance, tags) in &network.strangers {
                if let Some(days) = lan::days_ahead(member.lan.current(), utc_day(), instance, tags) {
                    whose(&mut missing, None, &BTreeSet::new()).days_ahead = Some(days);
                }
            }
        }
    }
    let tunnel = discovery::way_to(ELSEWHERE.into()).and_then(|own| tunnel_of(own, &interfaces));
    let unheard_neighbour = network.is_some_and(|network| {
        let unheard = |device, address: IpAddr| {
            !network.dialler.instances().any(|(_, heard, _)| heard == Some(device)) && is_near(address, &interfaces)
        };
        network.discovery.is_some() && network.connected().any(|(device, address)| unheard(device, address))
    });
    Facts {
        running: !offline,
        removed: !member.roster.devices().iter().any(|card| card.id == member.me()),
        no_mdns: false,
        interfaces,
        multicast,
        public,
        tunnel,
        unheard_neighbour,
        missing,
    }
}

/// The missing device that something heard belongs to: by id, by an address where it was before, or because only one is
/// missing. Otherwise "one of your devices" is added.
fn whose<'a>(missing: &'a mut Vec<Missing>, device: Option<DeviceId>, ips: &BTreeSet<IpAddr>) -> &'a mut Missing {
    let by_id = missing.iter().position(|one| device.is_some() && one.id == device);
    let by_place = || missing.iter().position(|one| one.places.iter().any(|place| ips.contains(&place.ip)));
    let only = || (missing.len() == 1).then_some(0);
    let at = match by_id.or_else(by_place).or_else(only) {
        Some(at) => at,
        None => {
            missing.push(Missing { name: "One of your devices".to_owned(), ..Missing::default() });
            missing.len() - 1
        }
    };
    &mut missing[at]
}

fn place(ip: IpAddr, own: &[Interface]) -> Place {
    Place {
        ip,
        near: is_near(ip, own),
        tunnel: discovery::way_to(ip).and_then(|way| tunnel_of(way, own)),
        answers: discovery::answers_on_the_wire(ip),
    }
}

fn is_near(ip: IpAddr, own: &[Interface]) -> bool {
    own.iter().any(|interface| !interface.tunnel && interface.is_near(ip))
}

fn tunnel_of(own: IpAddr, interfaces: &[Interface]) -> Option<String> {
    interfaces.iter().find(|interface| interface.tunnel && interface.ip == own).map(|interface| interface.name.clone())
}

/// Asks Windows whether it takes a connected network for a public one.
#[cfg(windows)]
fn is_public() -> bool {
    let question = "(Get-NetConnectionProfile).NetworkCategory";
    let told = std::process::Command::new("powershell.exe")
        .args(["-NoProfile", "-NonInteractive", "-Command", question])
        .output();
    told.is_ok_and(|told| String::from_utf8_lossy(&told.stdout).lines().any(|line| line.trim() == "Public"))
}

#[cfg(not(windows))]
fn is_public() -> bool {
    false
}

/// How long missing devices are looked for again before anything is said of them.
const PATIENCE: Duration = Duration::from_millis(2500);
/// RFC 5737: an address that is nobody's, to ask which way the wide world is. Nothing is sent.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
