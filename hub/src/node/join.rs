//! The new device's side of pairing: find the old device, prove the code, wait for its yes.

use super::{
    member::{Founding, device_card, new_keys},
    pairing::pairing_error,
};
use crate::{
    api::{Code, Error, Event, PairEnter},
    discovery::{Discovery, DiscoveryEvent},
    keys::Keys,
    transport::{
        ALPN, CloseCode, ConnId, DialRequest, Entrance, Expect, TlsKey, Transport, TransportEvent, TransportOptions,
    },
};
use kith_core::{
    id::PersonId,
    identity::roster::{DeviceCard, Roster},
    lan::PAIRING_NAME,
    pairing::{Binding, Guest, GuestStep, PairingSecret, Welcome},
};
use rand_core::OsRng;
use std::{
    collections::BTreeSet,
    net::{Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    sync::{broadcast, mpsc},
    time::timeout,
};

/// What a device that was let in becomes.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) founding: Founding,
}

impl std::fmt::Debug for Founding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Founding({:?})", self.keys)
    }
}

/// Carries out `pair.enter`. Nothing is kept on this device until the other one has said yes.
/// `keys` are those of a folder that is let in again.
pub(crate) async fn join(
    request: PairEnter,
    keys: Option<Keys>,
    no_mdns: bool,
    events: broadcast::Sender<Event>,
) -> Result<Joined, Error> {
    let secret: PairingSecret = request
        .code
        .parse()
        .map_err(|error: kith_core::pairing::InvalidPairingCode| Error::new(Code::BadRequest, format!("{error}.")))?;
    // The person is not known yet; the keys do not depend on it.
    let mut keys = keys.unwrap_or_else(|| new_keys(PersonId([0; 32])));
    let name = if request.name.trim().is_empty() { default_name() } else { request.name };
    let card = device_card(&keys, &name)?;
    let key = TlsKey::from_seed(&keys.tls).map_err(|error| Error::new(Code::KeysUnavailable, error.to_string()))?;
    let (sender, mut heard) = mpsc::channel(64);
    let listen = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    let transport = Transport::start(TransportOptions::new(listen, key.clone()), sender)
        .map_err(|error| Error::new(Code::Unreachable, format!("{error}.")))?;
    let found = reach(&request.at, &secret, no_mdns, &transport, &mut heard).await;
    let outcome = match found {
        Ok(host) => {
            converse(&secret, card, &key, &host, &transport, &mut heard, &events).await.map(|done| (done, host))
        }
        Err(error) => Err(error),
    };
    transport.close_all().await;
    let ((welcome, roster), host) = outcome?;
    keys.person = welcome.person;
    // The device that let this one in is the one that vouches for it in the roster.
    let device =
        roster.devices().into_iter().map(|card| card.id).find(|&id| roster.added_by(id).contains(&keys.device));
    let mut addresses = vec![host.address];
    addresses.extend(welcome.addresses.iter().filter(|&&address| address != host.address));
    Ok(Joined {
        founding: Founding {
            keys,
            book: welcome.book,
            roster: roster.entries().map(<[u8]>::to_vec).collect(),
            lan_secret: welcome.lan_secret,
            person_name: welcome.person_name,
            drafts: Vec::new(),
            host: device.map(|device| (device, addresses)),
        },
    })
}

/// The old device, reached.
struct Reached {
    conn: ConnId,
    key: kith_core::id::PublicKey,
    address: SocketAddr,
}

async fn reach(
    at: &Option<String>,
    secret: &PairingSecret,
    no_mdns: bool,
    transport: &Transport,
    heard: &mut mpsc::Receiver<TransportEvent>,
) -> Result<Reached, Error> {
    let mut addresses = BTreeSet::new();
    if let Some(at) = at {
        let message = format!("{at} is no address. Give it as 192.168.1.20:4433 or [fe80::1%eth0]:4433.");
        let resolved = tokio::net::lookup_host(at).await.map_err(|_| Error::new(Code::BadRequest, message))?;
        addresses.extend(resolved.take(ADDRESSES_MAX));
    }
    let expect = match secret {
        PairingSecret::Link(link) => {
            addresses.extend(link.addresses.iter().copied());
            Expect::Hash(link.key)
        }
        PairingSecret::Code(_) => Expect::Any,
    };
    let look_around = at.is_none() && !no_mdns;
    let (sender, mut seen) = mpsc::channel(64);
    let discovery = if look_around { Discovery::listen(sender).ok() } else { None };
    let dial =
        |address| transport.dial(DialRequest { address, server_name: PAIRING_NAME.to_owned(), expect: expect.clone() });
    let mut open: BTreeSet<_> = addresses.iter().map(|&address| dial(address)).collect();
    let search = async {
        loop {
            if open.is_empty() && discovery.is_none() {
                return None;
            }
            tokio::select! {
                event = heard.recv() => match event? {
                    TransportEvent::Connected { conn, peer, address, dialled: Some(_), entrance: Entrance::Pairing, .. } => {
                        return Some(Reached { conn, key: peer, address });
                    }
                    TransportEvent::DialFailed { dial, why } => {
                        tracing::debug!(%why, "no device that pairs was reached");
                        open.remove(&dial);
                    }
                    _ => {}
                },
                Some(event) = seen.recv() => {
                    if let DiscoveryEvent::Resolved { addresses: found, pairing: true, .. } = event {
                        for address in found {
                            if addresses.insert(address) && addresses.len() <= ADDRESSES_MAX {
                                open.insert(dial(address));
                            }
                        }
                    }
                }
            }
        }
    };
    let reached = timeout(SEARCH, search).await.ok().flatten();
    if let Some(discovery) = discovery {
        discovery.stop().await;
    }
    reached.ok_or_else(|| {
        let message = if let Some(at) = at {
            format!(
                "No device that shows a code answers at {at}. Check the address, and that the code is still shown there."
            )
        } else {
            "No device that shows a code was found on this network. Show the code, put both devices on the same network, \
             or give the other device's address."
                .to_owned()
        };
        Error::new(Code::Unreachable, message)
    })
}

async fn converse(
    secret: &PairingSecret,
    card: DeviceCard,
    key: &TlsKey,
    host: &Reached,
    transport: &Transport,
    heard: &mut mpsc::Receiver<TransportEvent>,
    events: &broadcast::Sender<Event>,
) -> Result<(Box<Welcome>, Box<Roster>), Error> {
    let lost = || Error::new(Code::Unreachable, "The connection to the other device was lost. Try again.");
    let binding = Binding {
        guest_tls: key.public(),
        host_tls: host.key,
        alpn: ALPN.to_vec(),
        exporter: transport.exporter(host.conn).map_err(|_| lost())?,
    };
    let (mut guest, hello) = Guest::start(secret, binding, card, &mut OsRng);
    transport.send(host.conn, hello).map_err(|_| lost())?;
    loop {
        let bytes = match heard.recv().await.ok_or_else(lost)? {
            TransportEvent::Frame { conn, bytes } if conn == host.conn => bytes,
            TransportEvent::Closed { conn, .. } if conn == host.conn => return Err(lost()),
            // Another address of the same device answered as well.
            TransportEvent::Connected { conn, .. } => {
                transport.close(conn, CloseCode::Duplicate);
                continue;
            }
            _ => continue,
        };
        match guest.handle(&bytes).map_err(|error| pairing_error(&error))? {
            GuestStep::Send(bytes) => transport.send(host.conn, bytes).map_err(|_| lost())?,
            GuestStep::Show { send, words } => {
                transport.send(host.conn, send).map_err(|_| lost())?;
                // Nobody may be listening.
                let _unheard = events.send(Event::PairWords { words: words.to_string() });
            }
            GuestStep::Joined { welcome, roster } => return Ok((welcome, roster)),
        }
    }
}

/// What this computer calls itself.
pub(super) fn default_name() -> String {
    let named = ["COMPUTERNAME", "HOSTNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let named = named.or_else(|| std::fs::read_to_string("/etc/hostname").ok());
    named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).unwrap_or_else(|| "My device".to_owned())
}

/// How long the other device is looked for.
const SEARCH: Duration = Duration::from_secs(20);
/// Addresses dialled at most.
const ADDRESSES_MAX: usize = 32;
