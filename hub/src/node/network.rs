//! The hub on the network: which connections belong to which device, and whom to dial.

use super::{
    HubOptions,
    dialler::{self, Dialler, Target},
    event_loop::Node,
    member::{Member, join_addresses, split_addresses},
};
use crate::{
    api::{Code, Error, Event},
    clock::{now_ms, utc_day},
    discovery::{Discovery, DiscoveryEvent, DiscoveryOptions},
    store::StoreError,
    transport::{CloseCode, ConnId, DialId, DialRequest, Expect, TlsKey, Transport, TransportEvent, TransportOptions},
};
use kith_core::{
    engine::{CloseReason, Input, LinkId},
    id::{DeviceId, PublicKey},
    lan::{self, Tag},
};
use rand_core::{OsRng, RngCore};
use std::{
    collections::BTreeMap,
    net::{Ipv6Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// The open network of a hub that is set up.
pub(crate) struct Network {
    pub(super) transport: Arc<Transport>,
    events: mpsc::Receiver<TransportEvent>,
    discovery: Option<Discovery>,
    found: mpsc::Receiver<DiscoveryEvent>,
    instance: String,
    day: i64,
    dialler: Dialler,
    dials: BTreeMap<DialId, Target>,
    links: BTreeMap<ConnId, Connected>,
    /// It was opened while this device waits to be let in: nobody is spoken to.
    pub(super) mute: bool,
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
        let (found_sender, found) = mpsc::channel(DISCOVERY_EVENTS_MAX);
        let mut random = [0; 8];
        OsRng.fill_bytes(&mut random);
        let instance: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let day = utc_day();
        let mut network = Self {
            transport,
            events,
            discovery: None,
            found,
            instance,
            day,
            dialler: Dialler::default(),
            dials: BTreeMap::new(),
            links: BTreeMap::new(),
            mute: member.waits(),
        };
        if !options.no_mdns && !network.mute {
            let port = network.transport.local_addr().map(|address| address.port()).unwrap_or(0);
            let announced = DiscoveryOptions {
                instance: network.instance.clone(),
                port,
                tags: network.tags(member),
                pairing: false,
            };
            match Discovery::start(announced, found_sender) {
                Ok(discovery) => network.discovery = Some(discovery),
                Err(error) => tracing::warn!(%error, "devices are not looked for by mDNS"),
            }
        }
        network.trust(member);
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

    /// Announces that pairing is open, or is not.
    pub(super) fn announce_pairing(&mut self, member: &Member, pairing: Option<TlsKey>) {
        let open = pairing.is_some();
        self.transport.set_pairing(pairing);
        self.announce(member, open);
    }

    fn announce(&self, member: &Member, pairing: bool) {
        let announced = self.discovery.as_ref().map(|discovery| discovery.update(&self.tags(member), pairing));
        if let Some(Err(error)) = announced {
            tracing::warn!(%error, "this device is not announced");
        }
    }

    fn trust(&self, member: &Member) {
        self.transport.set_trusted(member.peer_keys().into_values().collect());
        self.transport.set_names(lan::expected_names(&member.lan_secret, self.day, &self.instance));
    }

    fn tags(&self, member: &Member) -> Vec<Tag> {
        vec![lan::tag(&member.lan_secret, self.day, &self.instance)]
    }
}

impl Node {
    /// Opens the network of a hub that is set up, unless it is to stay offline.
    pub(super) fn go_online(&mut self) -> Result<(), Error> {
        if let (Some(member), false) = (&self.member, self.options.offline) {
            self.network = Some(Network::open(member, &self.options)?);
        }
        Ok(())
    }

    pub(super) fn network_event(&mut self, event: NetworkEvent) {
        match event {
            NetworkEvent::Transport(event) => self.transport_event(event),
            NetworkEvent::Discovery(event) => self.discovery_event(event),
        }
        self.dial_due();
    }

    fn transport_event(&mut self, event: TransportEvent) {
        match event {
            TransportEvent::Connected { conn, peer, address, dialled, pairing, .. } => {
                if pairing {
                    return self.pairing_connected(conn, peer, address);
                }
                self.connected(conn, peer, address, dialled);
            }
            TransportEvent::Frame { conn, bytes } => {
                if self.pairing.as_ref().is_some_and(|pairing| pairing.has(conn)) {
                    return self.pairing_frame(conn, &bytes);
                }
                if let Some(member) = &mut self.member {
                    member.engine.handle(Input::Frame { link: LinkId(conn.0), bytes });
                }
            }
            TransportEvent::Closed { conn, why } => {
                tracing::debug!(%why, "a connection ended");
                self.disconnected(conn);
            }
            TransportEvent::DialFailed { dial, why } => {
                let Some(network) = &mut self.network else { return };
                if let Some(target) = network.dials.remove(&dial) {
                    tracing::debug!(?target, %why, "nobody was reached");
                    network.dialler.ended(&target, None);
                }
            }
        }
    }

    fn connected(&mut self, conn: ConnId, key: PublicKey, address: SocketAddr, dialled: Option<DialId>) {
        let (Some(member), Some(network)) = (&mut self.member, &mut self.network) else { return };
        let device = member.roster.device_by_tls(&key).map(|card| card.id);
        if let Some(target) = dialled.and_then(|dial| network.dials.remove(&dial)) {
            network.dialler.ended(&target, device);
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
        network.links.insert(conn, Connected { device, since: now, exporter });
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

    fn disconnected(&mut self, conn: ConnId) {
        if self.pairing.as_mut().is_some_and(|pairing| pairing.lost(conn)) {
            self.tell(Event::PairChanged);
            return;
        }
        let (Some(member), Some(network)) = (&mut self.member, &mut self.network) else { return };
        let Some(link) = network.links.remove(&conn) else { return };
        member.engine.handle(Input::Closed { link: LinkId(conn.0) });
        if !network.is_connected(link.device) {
            network.dialler.lost(link.device, Instant::now());
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
        let code = match reason {
            CloseReason::Foreign => CloseCode::Foreign,
            CloseReason::Hostile | CloseReason::Refused(_) | CloseReason::Version => CloseCode::Hostile,
            CloseReason::RefusedByPeer | CloseReason::Storage | CloseReason::Copied => CloseCode::Done,
        };
        network.transport.close(ConnId(link.0), code);
        let device = network.links.get(&ConnId(link.0)).map(|link| link.device);
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
        let (Some(member), Some(network)) = (&self.member, &mut self.network) else { return };
        match event {
            DiscoveryEvent::Resolved { instance, addresses, tags, .. } => {
                if lan::is_ours(&member.lan_secret, network.day, &instance, &tags) && !addresses.is_empty() {
                    network.dialler.learn(Target::Instance(instance), addresses, Instant::now());
                }
            }
            DiscoveryEvent::Mute => tracing::warn!("nothing can be announced by mDNS on this network"),
            DiscoveryEvent::Removed { instance } => network.dialler.forget(&Target::Instance(instance)),
        }
    }

    /// Dials whoever is due.
    pub(super) fn dial_due(&mut self) {
        let (Some(member), Some(network)) = (&self.member, &mut self.network) else { return };
        let keys = member.peer_keys();
        if keys.is_empty() {
            return;
        }
        let connected: Vec<DeviceId> = network.links.values().map(|link| link.device).collect();
        let all = keys.keys().all(|device| connected.contains(device));
        for attempt in network.dialler.due(Instant::now(), |device| all || connected.contains(&device)) {
            let instance = match &attempt.target {
                Target::Instance(instance) => instance.as_str(),
                Target::Given(_) | Target::Remembered(_) => "",
            };
            let server_name = lan::server_name(&member.lan_secret, network.day, instance);
            let expect = dialler::expected(&attempt, &keys);
            for address in attempt.addresses {
                let server_name = server_name.clone();
                let expect = Expect::OneOf(expect.iter().copied().collect());
                let dial = network.transport.dial(DialRequest { address, server_name, expect });
                network.dials.insert(dial, attempt.target.clone());
            }
        }
    }

    pub(super) fn dial_next(&self) -> Option<tokio::time::Instant> {
        let (member, network) = (self.member.as_ref()?, self.network.as_ref()?);
        let keys = member.peer_keys();
        let all = keys.keys().all(|&device| network.is_connected(device));
        let next = network.dialler.next(|device| all || network.is_connected(device));
        next.filter(|_| !all).map(tokio::time::Instant::from_std)
    }

    /// The roster or the LAN secret changed: trust and announce accordingly.
    pub(super) fn trust_roster(&mut self) {
        let (Some(member), Some(network)) = (&self.member, &mut self.network) else { return };
        network.trust(member);
        let open = self.pairing.as_ref().is_some_and(super::pairing::Pairing::is_open);
        network.announce(member, open);
    }

    /// Tags and names turn with the UTC day.
    pub(super) fn turn_day(&mut self) {
        let today = utc_day();
        match &mut self.network {
            Some(network) if network.day != today => network.day = today,
            _ => return,
        }
        self.trust_roster();
    }
}

/// Two connections to one device that come this close are twins: both sides dialled.
const TWINS_WITHIN: Duration = Duration::from_secs(5);
/// Addresses remembered of one device.
const ADDRESSES_REMEMBERED: usize = 4;
/// Transport events that may wait; beyond, QUIC holds the sender back.
const TRANSPORT_EVENTS_MAX: usize = 256;
/// Discovery events that may wait; beyond, announcements are lost, and come again.
const DISCOVERY_EVENTS_MAX: usize = 256;
