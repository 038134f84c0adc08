//! The hub on the network: which connections belong to which device, and whom to dial.

use super::{
    HubOptions,
    dialler::{Dialler, Target},
    dialling,
    event_loop::Node,
    introduction,
    member::{Member, join_addresses, split_addresses},
    scan::Scan,
    surroundings::Surroundings,
};
use crate::{
    api::{Code, Error, Event},
    clock::now_ms,
    discovery::{self, Discovery, DiscoveryEvent, DiscoveryOptions},
    store::StoreError,
    transport::{
        CloseCode, Closed, ConnId, DialError, DialId, Entrance, TlsKey, Transport, TransportEvent, TransportOptions,
    },
};
use kith_core::{
    engine::{CloseReason, Input, LinkId},
    id::{DeviceId, PublicKey},
    lan::{self, Tag},
};
use rand_core::{OsRng, RngCore};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// The open network of a hub that is set up.
pub(crate) struct Network {
    pub(super) transport: Arc<Transport>,
    events: mpsc::Receiver<TransportEvent>,
    pub(super) discovery: Option<Discovery>,
    /// Whether mDNS is to be used at all.
    announces: bool,
    finder: mpsc::Sender<DiscoveryEvent>,
    found: mpsc::Receiver<DiscoveryEvent>,
    /// A random name, which turns with the day: nobody can follow a device by it.
    instance: String,
    pub(super) day: i64,
    /// How late this device's day begins, so that not all turn together.
    late_ms: i64,
    pub(super) dialler: Dialler,
    pub(super) dials: BTreeMap<DialId, Target>,
    pub(super) scan: Scan,
    pub(super) surroundings: Surroundings,
    links: BTreeMap<ConnId, Connected>,
    /// It was opened while this device waits to be let in: nobody is spoken to.
    pub(super) mute: bool,
    /// How the last dials ended that were answered by a no.
    pub(super) refusals: BTreeMap<Target, DialError>,
    /// Devices that speak another version.
    pub(super) incompatible: BTreeSet<DeviceId>,
    /// Instances with tags that are not ours, as far as anybody can tell.
    pub(super) strangers: BTreeMap<String, Vec<Tag>>,
    /// Connections of devices that were removed.
    pub(super) farewells: BTreeMap<ConnId, DeviceId>,
    /// Until when this device dials nobody, if it was removed: it has just asked.
    pub(super) quiet_until: Instant,
}

/// What the network tells.
#[derive(Debug)]
pub(crate) enum NetworkEvent {
    Transport(TransportEvent),
    Discovery(DiscoveryEvent),
}

/// A connection to another own device.
#[derive(Clone, Copy, Debug)]
struct Connected {
    device: DeviceId,
    address: SocketAddr,
    since: Instant,
    /// The same on both sides and for nobody else: decides which of two connections stays.
    exporter: [u8; 32],
}

impl Network {
    /// Listens, and announces unless mDNS is to be left alone. Multicast that does not work is no reason to stay away:
    /// given and remembered addresses are still dialled.
    pub(super) fn open(member: &Member, options: &HubOptions) -> Result<Self, Error> {
        let (sender, events) = mpsc::channel(TRANSPORT_EVENTS_MAX);
        let key = TlsKey::from_seed(&member.keys.tls)
            .map_err(|error| Error::new(Code::KeysUnavailable, error.to_string()))?;
        let anywhere = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
        let listen = options.listen.unwrap_or(anywhere);
        let transport = Transport::start(TransportOptions::new(listen, key), sender)
            .map_err(|error| Error::new(Code::Unreachable, format!("{error}. Choose another address by --listen.")))?;
        let transport = Arc::new(transport);
        let (finder, found) = mpsc::channel(DISCOVERY_EVENTS_MAX);
        let late_ms = i64::from(OsRng.next_u32()) % DAY_LATE_MS_MAX;
        let mut network = Self {
            transport,
            events,
            discovery: None,
            announces: !options.no_mdns,
            finder,
            found,
            instance: random_name(),
            day: lan::day(now_ms() - late_ms),
            late_ms,
            dialler: Dialler::default(),
            dials: BTreeMap::new(),
            scan: Scan::default(),
            surroundings: Surroundings::new(Instant::now(), now_ms(), here()),
            links: BTreeMap::new(),
            mute: member.waits(),
            refusals: BTreeMap::new(),
            incompatible: BTreeSet::new(),
            strangers: BTreeMap::new(),
            farewells: BTreeMap::new(),
            quiet_until: Instant::now(),
        };
        network.discover(member, false);
        network.trust(member);
        network.transport.set_pairing(introduction::key(member));
        let now = Instant::now();
        for &address in &options.peers {
            network.dialler.learn(Target::Given(address), vec![address], now);
        }
        let devices = member.peer_keys();
        for (&device, row) in member.peers.iter().filter(|(device, _)| devices.contains_key(device)) {
            let addresses = split_addresses(&row.addresses);
            if !addresses.is_empty() {
                network.dialler.learn(Target::Remembered(device), addresses, now);
            }
        }
        Ok(network)
    }

    /// Announces and listens under the present name, if at all.
    fn discover(&mut self, member: &Member, pairing: bool) {
        if !self.announces || self.mute {
            return;
        }
        let port = self.transport.local_addr().map(|address| address.port()).unwrap_or(0);
        let announced = DiscoveryOptions { instance: self.instance.clone(), port, tags: self.tags(member), pairing };
        match Discovery::start(announced, self.finder.clone()) {
            Ok(discovery) => self.discovery = Some(discovery),
            Err(error) => tracing::warn!(%error, "devices are not looked for by mDNS"),
        }
    }

    /// What happens next. Cancelling it loses nothing.
    pub(super) async fn next(&mut self) -> NetworkEvent {
        tokio::select! {
            Some(event) = self.events.recv() => NetworkEvent::Transport(event),
            Some(event) = self.found.recv() => NetworkEvent::Discovery(event),
            else => std::future::pending().await,
        }
    }

    /// Says goodbye and closes.
    pub(super) async fn close(self) {
        if let Some(discovery) = self.discovery {
            discovery.stop().await;
        }
        // Events that are still under way are not waited for by anybody.
        drop(self.events);
        self.transport.close_all().await;
    }

    pub(super) fn send(&self, link: LinkId, bytes: Vec<u8>) {
        if let Err(error) = self.transport.send(ConnId(link.0), bytes) {
            tracing::debug!(%error, "a frame was not sent");
        }
    }

    /// Where this hub listens.
    pub(super) fn local_addr(&self) -> Option<SocketAddr> {
        self.transport.local_addr().ok()
    }

    /// Which devices are connected.
    pub(super) fn is_connected(&self, device: DeviceId) -> bool {
        self.links.values().any(|link| link.device == device)
    }

    /// The connected devices and where they are.
    pub(super) fn connected(&self) -> impl Iterator<Item = (DeviceId, IpAddr)> {
        self.links.values().map(|link| (link.device, link.address.ip()))
    }

    /// The connections to own devices.
    pub(super) fn connections(&self) -> impl Iterator<Item = (ConnId, DeviceId)> {
        self.links.iter().map(|(&conn, link)| (conn, link.device))
    }

    /// Forgets where a device was.
    pub(super) fn forget(&mut self, device: DeviceId) {
        self.dialler.forget(&Target::Remembered(device));
    }

    /// Announces that pairing is open, or is not.
    pub(super) fn announce_pairing(&mut self, member: &Member, pairing: Option<TlsKey>) {
        let open = pairing.is_some();
        self.transport.set_pairing(pairing.or_else(|| introduction::key(member)));
        self.announce(member, open);
    }

    pub(super) fn announce(&self, member: &Member, pairing: bool) {
        let announced = self.discovery.as_ref().map(|discovery| discovery.update(&self.tags(member), pairing));
        if let Some(Err(error)) = announced {
            tracing::warn!(%error, "this device is not announced");
        }
    }

    fn trust(&self, member: &Member) {
        // Removed devices are let in as far as to be told.
        let removed = member.roster.removed_devices().into_iter().filter(|card| card.id != member.me());
        let own = member.peer_keys().into_values().chain(removed.map(|card| card.tls));
        self.transport.set_trusted(own.chain(member.people.keys()).collect());
        let mut names = member.lan.expected_names(self.day, &self.instance);
        names.extend(member.people.expected_names(self.day, &self.instance));
        self.transport.set_names(names);
        self.transport.set_invitations(member.people.invitation_names());
    }

    fn tags(&self, member: &Member) -> Vec<Tag> {
        let mut tags = vec![lan::tag(member.lan.current(), self.day, &self.instance)];
        tags.extend(member.people.tags(self.day, &self.instance));
        tags
    }
}

impl Node {
    /// Opens the network of a hub that is set up, unless it is to stay offline.
    pub(super) fn go_online(&mut self) -> Result<(), Error> {
        if let (Some(member), false) = (&mut self.member, self.options.offline) {
            let network = Network::open(member, &self.options)?;
            member.people.listening(network.addresses_for_persons());
            member.people.peers(&self.options.peers);
            self.network = Some(network);
        }
        Ok(())
    }

    pub(super) fn network_event(&mut self, event: NetworkEvent) {
        match event {
            NetworkEvent::Transport(event) => self.transport_event(event),
            NetworkEvent::Discovery(event) => self.discovery_event(event),
        }
        self.dial_due();
        self.dial_people();
    }

    fn transport_event(&mut self, event: TransportEvent) {
        match event {
            TransportEvent::Connected { conn, peer, address, dialled, entrance, .. } => match (entrance, dialled) {
                (Entrance::Pairing, _) => self.pairing_connected(conn, peer, address),
                (Entrance::Invited, Some(dial)) => self.inviter_connected(conn, dial),
                (Entrance::Invited, None) => self.guest_connected(conn, peer),
                (Entrance::Trusted, _) => self.connected(conn, peer, address, dialled),
            },
            TransportEvent::Frame { conn, bytes } => {
                if self.pairing.as_ref().is_some_and(|pairing| pairing.has(conn)) {
                    return self.pairing_frame(conn, &bytes);
                }
                if self.network.as_ref().is_some_and(|network| network.is_farewell(conn)) {
                    return self.removed_says(conn, &bytes);
                }
                if self.person_says(conn, &bytes) {
                    return;
                }
                let linked = self.network.as_ref().is_some_and(|network| network.links.contains_key(&conn));
                if !linked && self.member.as_ref().is_some_and(introduction::is_unknown) {
                    return self.introduce(conn, &bytes);
                }
                if let Some(member) = &mut self.member {
                    member.engine.handle(Input::Frame { link: LinkId(conn.0), bytes });
                }
            }
            TransportEvent::Closed { conn, why } => {
                tracing::debug!(%why, "a connection ended");
                let hostile = CloseCode::Hostile;
                self.disconnected(conn, why == Closed::Here(hostile) || why == Closed::There(hostile));
            }
            TransportEvent::DialFailed { dial, why } => {
                if self.person_missed(dial, why) {
                    return;
                }
                let Some(network) = &mut self.network else { return };
                match network.dials.remove(&dial) {
                    Some(Target::Scanned) => network.scan.ended(),
                    Some(target) => {
                        tracing::debug!(?target, %why, "nobody was reached");
                        network.dialler.ended(&target, None);
                        if let (DialError::UnknownName, Some(member)) = (why, &self.member) {
                            let names = member.lan.server_names(network.day, "").len();
                            network.dialler.another_name(&target, names, Instant::now());
                        }
                        network.refused(target.clone(), why);
                        if why == DialError::ForeignKey {
                            self.ask_who_that_is(&target);
                        }
                    }
                    None => {}
                }
            }
        }
    }

    fn connected(&mut self, conn: ConnId, key: PublicKey, address: SocketAddr, dialled: Option<DialId>) {
        let (Some(member), Some(network)) = (&mut self.member, &mut self.network) else { return };
        let device = member.roster.device_by_tls(&key).map(|card| card.id);
        if device.is_none() && member.people.by_tls(&key).is_some() {
            return self.person_connected(conn, &key, address, dialled);
        }
        if let Some(target) = dialled.and_then(|dial| network.dials.remove(&dial)) {
            network.refusals.remove(&target);
            match target {
                Target::Scanned => network.scan.ended(),
                target => network.dialler.ended(&target, device),
            }
        }
        if let (None, Some(removed)) = (device, member.roster.removed_by_tls(&key).map(|card| card.id)) {
            return self.removed_connected(conn, removed);
        }
        let (Some(device), Ok(exporter)) = (device, network.transport.exporter(conn)) else {
            return network.transport.close(conn, CloseCode::Foreign);
        };
        let now = Instant::now();
        let before = network.links.iter().find(|(_, link)| link.device == device).map(|(&id, &link)| (id, link));
        if let Some((old, link)) = before {
            // Both sides dialled at once: both keep the same one. An old connection is most likely dead.
            let young = now.duration_since(link.since) < TWINS_WITHIN;
            if young && link.exporter < exporter {
                return network.transport.close(conn, CloseCode::Duplicate);
            }
            network.links.remove(&old);
            network.transport.close(old, CloseCode::Duplicate);
            member.engine.handle(Input::Closed { link: LinkId(old.0) });
        }
        if member.removed().is_some() {
            network.quiet_until = now + dialling::REMOVED_ASKS;
        }
        network.links.insert(conn, Connected { device, address, since: now, exporter });
        network.incompatible.remove(&device);
        network.refusals.remove(&Target::Remembered(device));
        let row = member.peers.entry(device).or_default();
        row.last_seen = now_ms();
        let mut addresses = split_addresses(&row.addresses);
        addresses.retain(|known| *known != address);
        addresses.insert(0, address);
        addresses.truncate(ADDRESSES_REMEMBERED);
        row.addresses = join_addresses(&addresses);
        let row = row.clone();
        member.store.write(move |rows| Ok(Ok::<_, StoreError>(rows.keep_peer(device, &row)?)), |_| {});
        network.dialler.remember(device, addresses);
        member.engine.handle(Input::Connected { link: LinkId(conn.0), peer: device });
        self.tell(Event::DevicesChanged);
    }

    fn disconnected(&mut self, conn: ConnId, at_odds: bool) {
        if self.pairing.as_mut().is_some_and(|pairing| pairing.lost(conn)) {
            self.tell(Event::PairChanged);
            return;
        }
        if self.person_disconnected(conn, at_odds) {
            return;
        }
        let (Some(member), Some(network)) = (&mut self.member, &mut self.network) else { return };
        network.farewells.remove(&conn);
        let Some(link) = network.links.remove(&conn) else { return };
        member.engine.handle(Input::Closed { link: LinkId(conn.0) });
        if !network.is_connected(link.device) {
            network.dialler.lost(link.device, Instant::now(), at_odds);
            if let Some(row) = member.peers.get_mut(&link.device) {
                row.last_seen = now_ms();
                member.peers_unkept.insert(link.device);
            }
            self.keep_peers();
        }
        self.tell(Event::DevicesChanged);
    }

    /// The engine is done with a connection.
    pub(super) fn close_link(&mut self, link: LinkId, reason: CloseReason) {
        let Some(network) = &mut self.network else { return };
        tracing::debug!(reason = reason.code(), "a connection is closed");
        let code = match reason {
            CloseReason::Foreign => CloseCode::Foreign,
            CloseReason::Hostile | CloseReason::Refused(_) | CloseReason::Version => CloseCode::Hostile,
            CloseReason::RefusedByPeer | CloseReason::Storage | CloseReason::Copied => CloseCode::Done,
        };
        network.transport.close(ConnId(link.0), code);
        let device = network.links.get(&ConnId(link.0)).map(|link| link.device);
        if reason == CloseReason::Version {
            network.incompatible.extend(device);
        }
        let name = |member: &Member| device.map(|device| member.scene.names.device(device)).unwrap_or_default();
        let name = self.member.as_ref().map(name).unwrap_or_default();
        let trouble = match reason {
            CloseReason::Refused(refusal) => {
                Some((Code::HostilePeer, format!("{name}: {refusal}. Nothing of it was taken.")))
            }
            CloseReason::Hostile => Some((
                Code::HostilePeer,
                format!("{name} sent something that no healthy device sends. It was not read."),
            )),
            CloseReason::Version => Some((
                Code::VersionUnknown,
                format!("{name} has a version of Kith that this one cannot talk to. Update it."),
            )),
            CloseReason::Foreign | CloseReason::RefusedByPeer | CloseReason::Storage | CloseReason::Copied => None,
        };
        if let Some((code, message)) = trouble {
            self.tell(Event::Trouble { code, message });
        }
    }

    fn discovery_event(&mut self, event: DiscoveryEvent) {
        let (Some(member), Some(network)) = (&mut self.member, &mut self.network) else { return };
        match event {
            DiscoveryEvent::Resolved { instance, addresses, tags, .. } => {
                if member.people.heard(network.day, &instance, &addresses, &tags) {
                    return;
                }
                if member.lan.is_ours(network.day, &instance, &tags) && !addresses.is_empty() {
                    network.dialler.learn(Target::Instance(instance), addresses, Instant::now());
                } else if !tags.is_empty() {
                    network.strangers.insert(instance, tags);
                    while network.strangers.len() > STRANGERS_MAX {
                        network.strangers.pop_first();
                    }
                }
            }
            DiscoveryEvent::Mute => tracing::warn!("nothing can be announced by mDNS on this network"),
            DiscoveryEvent::Removed { instance } => {
                network.strangers.remove(&instance);
                let target = Target::Instance(instance);
                network.refusals.remove(&target);
                network.dialler.forget(&target);
                member.people.unheard(&target);
            }
        }
    }

    /// The roster or the LAN secret changed: trust and announce accordingly.
    pub(super) fn trust_roster(&mut self) {
        let (Some(member), Some(network)) = (&self.member, &mut self.network) else { return };
        network.trust(member);
        let open = self.pairing.as_ref().is_some_and(super::pairing::Pairing::is_open);
        network.announce(member, open);
    }

    /// Tags and names turn with the UTC day; so does the name under which this device is announced.
    pub(super) fn turn_day(&mut self) {
        let (Some(member), Some(network)) = (&self.member, &mut self.network) else { return };
        let today = lan::day(now_ms() - network.late_ms);
        if network.day == today {
            return;
        }
        (network.day, network.instance) = (today, random_name());
        if let Some(discovery) = network.discovery.take() {
            // Saying goodbye takes a moment, which nobody waits for.
            tokio::spawn(discovery.stop());
            let open = self.pairing.as_ref().is_some_and(super::pairing::Pairing::is_open);
            network.discover(member, open);
        }
        network.trust(member);
    }
}

/// 64 random bits as hex digits.
fn random_name() -> String {
    let mut random = [0; 8];
    OsRng.fill_bytes(&mut random);
    random.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// This computer's addresses.
pub(super) fn here() -> BTreeSet<IpAddr> {
    discovery::interfaces().into_iter().map(|interface| interface.ip).collect()
}

/// At most an hour (rules, mDNS).
const DAY_LATE_MS_MAX: i64 = 3600 * 1000;
/// Two connections to one device that come this close are twins: both sides dialled.
pub(super) const TWINS_WITHIN: Duration = Duration::from_secs(2);
/// Addresses remembered of one device.
const ADDRESSES_REMEMBERED: usize = 4;
/// Instances that are not ours and are remembered for the doctor.
const STRANGERS_MAX: usize = 32;
/// Transport events that may wait; beyond, QUIC holds the sender back.
const TRANSPORT_EVENTS_MAX: usize = 256;
/// Discovery events that may wait; beyond, announcements are lost, and come again.
const DISCOVERY_EVENTS_MAX: usize = 256;
