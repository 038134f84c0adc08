//! Dialling: whoever is due, whoever is looked for, and everybody at once when this computer woke or moved.

use super::{
    dialler::{self, Target},
    event_loop::Node,
    member::split_addresses,
    network::{Network, here},
    scan,
};
use crate::{
    clock::now_ms,
    discovery,
    transport::{DialError, DialRequest, Expect},
};
use kith_core::id::{DeviceId, PublicKey};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    time::{Duration, Instant},
};

impl Network {
    /// Asks the instances that are heard and not connected to say again that they are there: those that are gone are
    /// forgotten.
    pub(super) fn confirm(&self) {
        let Some(discovery) = &self.discovery else { return };
        for (instance, device, _) in self.dialler.instances() {
            if device.is_none_or(|device| !self.is_connected(device)) {
                discovery.confirm(instance);
            }
        }
    }

    /// Keeps what a no said, for the doctor.
    pub(super) fn refused(&mut self, target: Target, why: DialError) {
        match why {
            DialError::NotTrusted | DialError::UnknownName | DialError::ForeignKey | DialError::Incompatible => {
                self.refusals.insert(target, why);
            }
            DialError::Unreachable | DialError::Busy | DialError::Closed => {
                self.refusals.remove(&target);
            }
        }
    }

    /// Dials a target at some addresses, where one of these keys must answer.
    fn dial(&mut self, target: &Target, request: &DialRequest, addresses: Vec<SocketAddr>) {
        for address in addresses {
            let request = DialRequest { address, ..request.clone() };
            let dial = match target {
                Target::Scanned => self.transport.dial_within(scan::PATIENCE, request),
                _ => self.transport.dial(request),
            };
            self.dials.insert(dial, target.clone());
        }
    }
}

impl Node {
    /// Dials whoever is due.
    pub(super) fn dial_due(&mut self) {
        let (Some(member), Some(network)) = (&self.member, &mut self.network) else { return };
        let (keys, now) = (member.dialled_keys(), Instant::now());
        if keys.is_empty() {
            return network.scan.missing(false, now);
        }
        // Nobody talks to a removed device; it asks now and then whether it is let in again.
        if member.removed().is_some() && now < network.quiet_until {
            return;
        }
        let connected: Vec<DeviceId> = network.connected().map(|(device, _)| device).collect();
        let all = keys.keys().all(|device| connected.contains(device));
        // While a device may lack the newest secret, former ones are tried in turn.
        let request = |instance: &str, day, number: usize, keys: Vec<PublicKey>| {
            let names = member.lan.server_names(day, instance);
            let server_name = names.get(number % names.len().max(1)).cloned().unwrap_or_default();
            DialRequest { address: NOWHERE, server_name, expect: Expect::OneOf(keys.into_iter().collect()) }
        };
        for attempt in network.dialler.due(now, |device| all || connected.contains(&device)) {
            let instance = match &attempt.target {
                Target::Instance(instance) => instance.as_str(),
                Target::Given(_) | Target::Remembered(_) | Target::Scanned => "",
            };
            let request = request(instance, network.day, attempt.number, dialler::expected(&attempt, &keys));
            network.dial(&attempt.target, &request, attempt.addresses);
        }
        network.scan.missing(!all, now);
        if !network.scan.is_due(now) {
            return;
        }
        // Door by door: only for devices that were somewhere before.
        let missing: BTreeMap<DeviceId, PublicKey> =
            keys.into_iter().filter(|(device, _)| !connected.contains(device)).collect();
        let rows = missing.keys().filter_map(|device| member.peers.get(device));
        let ports: BTreeSet<u16> =
            rows.flat_map(|row| split_addresses(&row.addresses)).map(|address| address.port()).collect();
        let places = network.scan.due(now, || {
            tracing::debug!("no other way is left: the addresses nearby are tried");
            scan::places(&discovery::interfaces(), &ports)
        });
        let request = request("", network.day, 0, missing.into_values().collect());
        network.dial(&Target::Scanned, &request, places);
    }

    /// Dials every device at once, where it was last.
    pub(super) fn dial_everybody(&mut self) {
        let (Some(member), Some(network)) = (&self.member, &mut self.network) else { return };
        for (&device, row) in &member.peers {
            network.dialler.learn(Target::Remembered(device), split_addresses(&row.addresses), Instant::now());
        }
        self.dial_due();
    }

    /// When somebody is to be dialled next.
    pub(super) fn dial_next(&self) -> Option<tokio::time::Instant> {
        let (member, network) = (self.member.as_ref()?, self.network.as_ref()?);
        let look = network.surroundings.next();
        let keys = member.dialled_keys();
        let all = keys.keys().all(|&device| network.is_connected(device));
        let next = network.dialler.next(|device| all || network.is_connected(device)).filter(|_| !all);
        let next = next.map(|next| if member.removed().is_some() { next.max(network.quiet_until) } else { next });
        [Some(look), next, network.scan.next()].into_iter().flatten().min().map(tokio::time::Instant::from_std)
    }

    /// Looks whether this computer slept or moved. What went over the old network is given up, and everybody is looked
    /// for again at once; otherwise both sides would wait until silence tells.
    pub(super) fn look_around(&mut self) {
        let (Some(member), Some(network)) = (&mut self.member, &mut self.network) else { return };
        let now = Instant::now();
        if now < network.surroundings.next() {
            return;
        }
        let unlike = network.surroundings.look(now, now_ms(), here());
        if unlike.slept || unlike.lost {
            tracing::debug!(unlike.slept, unlike.lost, "connections are made anew");
            network.transport.abandon_all();
        }
        if unlike.slept || unlike.gained {
            network.dialler.hurry(now);
            member.people.moved(network.addresses_for_persons(), now);
            network.scan.moved();
            if let Some(discovery) = &network.discovery {
                discovery.ask_again();
            }
            let open = self.pairing.as_ref().is_some_and(super::pairing::Pairing::is_open);
            network.announce(member, open);
        }
        self.turn_day();
    }
}

/// How often a removed device asks whether it is let in again.
pub(super) const REMOVED_ASKS: Duration = Duration::from_secs(60);
/// Stands for an address until the true one is known.
const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 0);
