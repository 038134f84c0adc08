//! What was heard, bounded and put in order: instances, their tags, and their addresses, best first.

use super::{ADDRESSES_MAX, DiscoveryEvent, INSTANCES_MAX, SERVICE, TAGS_MAX, interfaces::INTERFACES_MAX};
use kith_core::{
    id::decode_hex,
    lan::{TAG_BYTES, Tag},
};
use mdns_sd::{InterfaceId, ResolvedService, ScopedIp};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6},
};

/// The version of what is announced.
const VERSION: &str = "1";
/// The TXT keys that hold tags: a string of TXT has 255 bytes at most (RFC 6763 section 6.1).
const TAG_KEYS: [&str; 3] = ["t", "t1", "t2"];
/// Tags in one such string, each 16 hex digits and a comma.
const TAGS_PER_KEY: usize = 14;
/// Longest instance name, in bytes: a DNS label.
const INSTANCE_BYTES_MAX: usize = 63;

/// What to say in TXT.
pub(super) fn txt(tags: &[Tag], pairing: bool) -> Vec<(&'static str, String)> {
    let mut txt = vec![("v", VERSION.to_owned())];
    let tags = tags.get(..TAGS_MAX).unwrap_or(tags);
    for (key, tags) in TAG_KEYS.into_iter().zip(tags.chunks(TAGS_PER_KEY)) {
        let hex = |tag: &Tag| tag.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        txt.push((key, tags.iter().map(hex).collect::<Vec<_>>().join(",")));
    }
    if pairing {
        txt.push(("p", "1".to_owned()));
    }
    txt
}

/// Says whether a name is like those that devices announce.
pub(super) fn is_instance(name: &str) -> bool {
    (1..=INSTANCE_BYTES_MAX).contains(&name.len()) && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
}

/// The instances around, and what the node has not been told of them yet.
pub(super) struct Heard {
    own: String,
    instances: BTreeMap<String, Instance>,
    news: BTreeSet<String>,
    mute: bool,
    /// Counts what was heard: orders the instances by age.
    clock: u64,
    /// This computer's addresses by interface index.
    interfaces: BTreeMap<u32, Vec<IpAddr>>,
}

struct Instance {
    heard_at: u64,
    addresses: Vec<SocketAddr>,
    tags: Vec<Tag>,
    pairing: bool,
}

impl Heard {
    pub(super) fn new(own: String) -> Self {
        let (instances, news, interfaces) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        Self { own, instances, news, mute: false, clock: 0, interfaces }
    }

    /// Takes an instance that was heard, unless it is this one or none of ours.
    pub(super) fn resolved(&mut self, service: &ResolvedService) {
        let Some(name) = self.instance(&service.fullname) else { return };
        if service.get_property_val_str("v") != Some(VERSION) || service.port == 0 {
            return;
        }
        let mut tags = Vec::new();
        for key in TAG_KEYS {
            tags.extend(service.get_property_val_str(key).into_iter().flat_map(|text| text.split(',')).filter_map(tag));
        }
        tags.truncate(TAGS_MAX);
        let addresses = service.addresses.iter().take(ADDRESSES_MAX * 4).map(|ip| self.rank(ip, service.port));
        let mut addresses: Vec<_> = addresses.collect();
        addresses.sort_unstable();
        let addresses = addresses.into_iter().map(|(_, address)| address).take(ADDRESSES_MAX).collect();
        let pairing = service.get_property_val_str("p") == Some("1");
        self.keep(name, addresses, tags, pairing);
    }

    /// Takes the goodbye of an instance, or its silence.
    pub(super) fn removed(&mut self, fullname: &str) {
        if let Some(name) = self.instance(fullname)
            && self.instances.remove(&name).is_some()
        {
            self.news.insert(name);
        }
    }

    /// Nothing could be announced.
    pub(super) fn mute(&mut self) {
        self.mute = true;
    }

    /// This computer's addresses changed.
    pub(super) fn forget_interfaces(&mut self) {
        self.interfaces.clear();
    }

    pub(super) fn has_news(&self) -> bool {
        self.mute || !self.news.is_empty()
    }

    /// The next thing to tell. Of an instance only the latest is told.
    pub(super) fn next_event(&mut self) -> Option<DiscoveryEvent> {
        if std::mem::take(&mut self.mute) {
            return Some(DiscoveryEvent::Mute);
        }
        let instance = self.news.pop_first()?;
        Some(match self.instances.get(&instance) {
            None => DiscoveryEvent::Removed { instance },
            Some(Instance { addresses, tags, pairing, .. }) => DiscoveryEvent::Resolved {
                instance,
                addresses: addresses.clone(),
                tags: tags.clone(),
                pairing: *pairing,
            },
        })
    }

    fn keep(&mut self, name: String, addresses: Vec<SocketAddr>, tags: Vec<Tag>, pairing: bool) {
        if self.instances.len() >= INSTANCES_MAX && !self.instances.contains_key(&name) {
            let oldest = self.instances.iter().min_by_key(|(_, instance)| instance.heard_at);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                self.instances.remove(&oldest);
                self.news.remove(&oldest);
            }
        }
        // Names of instances that are gone and whose going was not told yet.
        while self.news.len() >= INSTANCES_MAX * 2 {
            self.news.pop_last();
        }
        self.clock += 1;
        self.instances.insert(name.clone(), Instance { heard_at: self.clock, addresses, tags, pairing });
        self.news.insert(name);
    }

    fn instance(&self, fullname: &str) -> Option<String> {
        let name = fullname.strip_suffix(SERVICE)?.strip_suffix('.')?;
        (is_instance(name) && !name.eq_ignore_ascii_case(&self.own)).then(|| name.to_ascii_lowercase())
    }

    /// An address with what it is sorted by: IPv4 near to one of ours, IPv6, link-local, loopback.
    fn rank(&mut self, ip: &ScopedIp, port: u16) -> ((u8, u32), SocketAddr) {
        match ip {
            ScopedIp::V4(v4) => {
                let ip = *v4.addr();
                let near = v4.interface_ids().iter().map(|interface| self.common_bits(interface, ip)).max();
                let class = match () {
                    () if ip.is_loopback() => 3,
                    () if ip.is_link_local() => 2,
                    () => 0,
                };
                ((class, 32 - near.unwrap_or(0)), SocketAddr::from((ip, port)))
            }
            ScopedIp::V6(v6) => {
                let ip = *v6.addr();
                let scope = if ip.is_unicast_link_local() { v6.scope_id().index } else { 0 };
                let class = match () {
                    () if ip.is_loopback() => 3,
                    () if ip.is_unicast_link_local() => 2,
                    () => 1,
                };
                ((class, 0), SocketAddrV6::new(ip, port, 0, scope).into())
            }
            ip => ((3, 1), SocketAddr::new(ip.to_ip_addr(), port)),
        }
    }

    /// How many leading bits an address shares with ours on the interface where it was heard.
    fn common_bits(&mut self, interface: &InterfaceId, ip: Ipv4Addr) -> u32 {
        if self.interfaces.len() >= INTERFACES_MAX {
            self.interfaces.clear();
        }
        let own = self.interfaces.entry(interface.index).or_insert_with(|| interface.get_addrs());
        let bits = own.iter().filter_map(|own| match own {
            IpAddr::V4(own) => Some((own.to_bits() ^ ip.to_bits()).leading_zeros()),
            IpAddr::V6(_) => None,
        });
        bits.max().unwrap_or(0)
    }
}

fn tag(hex: &str) -> Option<Tag> {
    if hex.len() != TAG_BYTES * 2 {
        return None;
    }
    decode_hex(hex)?.try_into().ok()
}

/// Takes an announcement with any name, and any lines `KEY=VALUE` as its TXT: what is told of it stays within bounds.
#[cfg(feature = "fuzz")]
pub fn fuzz_announcement(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let name = lines.next().unwrap_or_default();
    let properties: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once('=')).collect();
    let ips = "192.168.1.2,fe80::1,127.0.0.1";
    let Ok(service) = mdns_sd::ServiceInfo::new(SERVICE, name, "host.local.", ips, 4000, &properties[..]) else {
        return;
    };
    let service = service.as_resolved_service();
    let mut heard = Heard::new("me".to_owned());
    heard.resolved(&service);
    let mut told = 0;
    while let Some(event) = heard.next_event() {
        told += 1;
        if let DiscoveryEvent::Resolved { instance, addresses, tags, .. } = event {
            assert!(is_instance(&instance) && tags.len() <= TAGS_MAX && addresses.len() <= ADDRESSES_MAX);
        }
    }
    assert!(told <= 1);
    heard.removed(&service.fullname);
}
