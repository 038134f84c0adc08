//! The old device's side of pairing: the open code, the devices that entered it, the person's yes or no.

use super::{
    event_loop::{Node, Reply, answer},
    introduction,
    member::{Member, roster_error},
    network::Network,
};
use crate::{
    api::{Answer, Code, Done, Error, Event, PairCode, PendingDevice, PendingDevices},
    clock::now_ms,
    store::StoreError,
    transport::{ALPN, CloseCode, ConnId, TlsKey},
};
use fast_qr::{QRBuilder, convert::svg::SvgBuilder};
use kith_core::{
    id::PublicKey,
    identity::roster::DeviceCard,
    pairing::{Binding, Host, HostExchange, HostStep, PairingError, Refusal, Welcome, Words},
};
use rand_core::{OsRng, RngCore};
use serde_bytes::ByteBuf;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Open pairing.
pub(crate) struct Pairing {
    host: Host,
    key: TlsKey,
    /// Whether mDNS says that pairing is open.
    announced: bool,
    guests: BTreeMap<ConnId, Guest>,
}

struct Guest {
    tls: PublicKey,
    exchange: Option<HostExchange>,
    since: Instant,
    /// Who it is, once it proved the code.
    asks: Option<(DeviceCard, Words)>,
}

impl Pairing {
    /// Whether another device may still try the code.
    pub(super) fn is_open(&self) -> bool {
        self.host.is_open(now_ms())
    }

    /// Whether a connection is one of a device that pairs.
    pub(super) fn has(&self, conn: ConnId) -> bool {
        self.guests.contains_key(&conn)
    }

    /// A connection is gone; returns whether it was one of these.
    pub(super) fn lost(&mut self, conn: ConnId) -> bool {
        self.guests.remove(&conn).is_some()
    }

    fn pending(&self) -> Vec<PendingDevice> {
        self.guests.values().filter_map(|guest| guest.asks.as_ref()).map(|(card, words)| pending(card, words)).collect()
    }
}

fn pending(card: &DeviceCard, words: &Words) -> PendingDevice {
    PendingDevice {
        id: card.id.to_string(),
        name: card.name.clone(),
        platform: card.platform.clone(),
        words: words.to_string(),
    }
}

impl Node {
    /// `pair.show`: the live code, or a new one.
    pub(super) fn pair_show(&mut self) -> Result<Answer, Error> {
        if let Some(error) = self.member.as_ref().and_then(Member::refusal_if_removed) {
            return Err(error);
        }
        let (Some(member), Some(network)) = (&self.member, &mut self.network) else {
            let message = "No hub runs on this folder, so no other device could reach it. Start one with `run` first.";
            return Err(Error::new(Code::NotRunning, message));
        };
        if !self.pairing.as_ref().is_some_and(Pairing::is_open) {
            let mut seed = zeroize::Zeroizing::new([0; 32]);
            OsRng.fill_bytes(&mut seed[..]);
            let key = TlsKey::from_seed(&seed).map_err(|error| Error::new(Code::Internal, error.to_string()))?;
            let guests = self.pairing.take().map(|old| old.guests).unwrap_or_default();
            network.announce_pairing(member, Some(key.clone()));
            self.pairing = Some(Pairing { host: Host::open(now_ms(), &mut OsRng), key, announced: true, guests });
            self.tell(Event::PairChanged);
        }
        let code = self.open_code().ok_or_else(|| Error::new(Code::Internal, "pairing did not open"))?;
        Ok(Answer::PairShow(code))
    }

    /// `pair.close`.
    pub(super) fn pair_close(&mut self) -> Result<Answer, Error> {
        if let Some(pairing) = self.pairing.take() {
            self.stop_announcing();
            if let Some(network) = &self.network {
                for (conn, guest) in pairing.guests {
                    turn_away(network, conn, guest);
                }
            }
            self.tell(Event::PairChanged);
        }
        Ok(Answer::PairClose(Done {}))
    }

    /// `pair.pending`.
    pub(super) fn pair_pending(&self) -> Result<Answer, Error> {
        let pending = self.pairing.as_ref().map(Pairing::pending).unwrap_or_default();
        Ok(Answer::PairPending(PendingDevices { pending, open: self.open_code() }))
    }

    /// `pair.refuse`.
    pub(super) fn pair_refuse(&mut self, id: &str) -> Result<Answer, Error> {
        let (conn, guest) = self.take_guest(id)?;
        if let Some(network) = &self.network {
            turn_away(network, conn, guest);
        }
        self.tell(Event::PairChanged);
        Ok(Answer::PairRefuse(Done {}))
    }

    /// `pair.approve`: the roster entry is durable before anything of the book leaves.
    pub(super) fn pair_approve(&mut self, id: &str, reply: Reply) {
        let (conn, guest) = match self.take_guest(id) {
            Ok(found) => found,
            Err(error) => return answer(reply, Err(error)),
        };
        let outcome = self.let_in(conn, guest);
        if let (Err(_), Some(network)) = (&outcome, &self.network) {
            network.transport.close(conn, CloseCode::Done);
        }
        self.tell(Event::PairChanged);
        answer(reply, outcome.map(|()| Answer::PairApprove(Done {})));
    }

    fn let_in(&mut self, conn: ConnId, guest: Guest) -> Result<(), Error> {
        let (Some(member), Some(network)) = (&self.member, &self.network) else { return Err(gone()) };
        let (Some(exchange), Some((card, _))) = (guest.exchange, guest.asks) else { return Err(gone()) };
        let entry = member.roster.sign_add(&member.signing_key(), member.me(), &card).map_err(|e| roster_error(&e))?;
        let mut roster = member.roster.clone();
        roster.insert(&entry).map_err(|error| roster_error(&error))?;
        let welcome = Welcome {
            person: member.keys.person,
            person_name: member.person_name.clone(),
            book: member.engine.state().book,
            roster: roster.entries().map(|entry| ByteBuf::from(entry.to_vec())).collect(),
            lan_secret: *member.lan.current(),
            addresses: own_addresses(network),
        };
        let message = exchange.approve(welcome, now_ms()).map_err(|error| pairing_error(&error))?;
        let transport = network.transport.clone();
        // The writer works in order: the entry is on disk when this runs.
        member.store.write(
            move |rows| Ok(Ok::<_, StoreError>(rows.keep_roster(&[entry])?)),
            move |stored| match stored {
                Ok(Ok(())) => {
                    if let Err(error) = transport.send(conn, message) {
                        tracing::warn!(%error, "the new device went away before it was let in");
                    }
                }
                _ => transport.close(conn, CloseCode::Done),
            },
        );
        self.keep_roster(roster);
        Ok(())
    }

    fn take_guest(&mut self, id: &str) -> Result<(ConnId, Guest), Error> {
        let pairing = self.pairing.as_mut().ok_or_else(gone)?;
        let id = id.trim().to_ascii_lowercase();
        let asks = |guest: &Guest| guest.asks.as_ref().is_some_and(|(card, _)| card.id.to_string().starts_with(&id));
        let mut found = pairing.guests.iter().filter(|(_, guest)| asks(guest)).map(|(&conn, _)| conn);
        let (Some(conn), None) = (found.next(), found.next()) else { return Err(gone()) };
        let guest = pairing.guests.remove(&conn).ok_or_else(gone)?;
        Ok((conn, guest))
    }

    /// A device that only wants to pair has connected.
    pub(super) fn pairing_connected(&mut self, conn: ConnId, tls: PublicKey, _address: SocketAddr) {
        match &mut self.pairing {
            Some(pairing) => {
                let since = Instant::now();
                pairing.guests.insert(conn, Guest { tls, exchange: None, since, asks: None });
            }
            None if self.member.as_ref().is_some_and(introduction::is_unknown) => self.listen_for_a_while(conn),
            None => {
                if let Some(network) = &self.network {
                    network.transport.close(conn, CloseCode::Foreign);
                }
            }
        }
    }

    /// A message from a device that pairs.
    pub(super) fn pairing_frame(&mut self, conn: ConnId, bytes: &[u8]) {
        let (Some(pairing), Some(network)) = (&mut self.pairing, &self.network) else { return };
        match converse(pairing, network, conn, bytes) {
            Ok(Progress::Nothing) => {}
            Ok(Progress::CodeUsed) => self.stop_announcing(),
            Ok(Progress::Asks(device)) => {
                self.tell(Event::PairAsked { device });
                self.tell(Event::PairChanged);
            }
            Err(error) => {
                if let PairingError::Refused(refusal) = error {
                    // If it has gone already, it need not be told.
                    let _gone = network.transport.send(conn, refusal.encode());
                }
                network
                    .transport
                    .close(conn, if error == PairingError::Hostile { CloseCode::Hostile } else { CloseCode::Done });
                pairing.guests.remove(&conn);
                self.tell(Event::PairChanged);
            }
        }
        self.pairing_expired();
    }

    /// Stops announcing a code that is used up or too old, and hangs up on whoever takes a place and proves nothing.
    pub(super) fn pairing_expired(&mut self) {
        let (Some(pairing), Some(network)) = (&mut self.pairing, &self.network) else { return };
        pairing.guests.retain(|&conn, guest| {
            let waits = guest.asks.is_some() || guest.since.elapsed() < PROOF_TIMEOUT;
            if !waits {
                network.transport.close(conn, CloseCode::Done);
            }
            waits
        });
        if !pairing.is_open() {
            let idle = pairing.guests.is_empty();
            self.stop_announcing();
            if idle {
                self.pairing = None;
                self.tell(Event::PairChanged);
            }
        }
    }

    pub(super) fn pairing_next(&self) -> Option<tokio::time::Instant> {
        let left = self.pairing.as_ref()?.host.left_ms(now_ms());
        (left > 0).then(|| tokio::time::Instant::now() + Duration::from_millis(left as u64 + 1))
    }

    fn stop_announcing(&mut self) {
        let announced = self.pairing.as_mut().is_none_or(|pairing| std::mem::take(&mut pairing.announced));
        if !announced {
            return;
        }
        if let (Some(member), Some(network)) = (&self.member, &mut self.network) {
            network.announce_pairing(member, None);
        }
    }

    fn open_code(&self) -> Option<PairCode> {
        let (pairing, network) = (self.pairing.as_ref().filter(|pairing| pairing.is_open())?, self.network.as_ref()?);
        let link = pairing.host.link(&pairing.key.public(), own_addresses(network)).to_string();
        Some(PairCode {
            code: pairing.host.code().to_string(),
            qr: qr(&link)?,
            link,
            seconds_left: pairing.host.left_ms(now_ms()).div_euclid(1000) as u32,
            tries_left: pairing.host.tries_left().into(),
        })
    }
}

enum Progress {
    Nothing,
    CodeUsed,
    Asks(PendingDevice),
}

fn converse(pairing: &mut Pairing, network: &Network, conn: ConnId, bytes: &[u8]) -> Result<Progress, PairingError> {
    let Some(guest) = pairing.guests.get_mut(&conn) else { return Ok(Progress::Nothing) };
    let send = |bytes| network.transport.send(conn, bytes).map_err(|_| PairingError::Hostile);
    let Some(exchange) = &mut guest.exchange else {
        let binding = Binding {
            guest_tls: guest.tls,
            host_tls: pairing.key.public(),
            alpn: ALPN.to_vec(),
            exporter: network.transport.exporter(conn).map_err(|_| PairingError::Hostile)?,
        };
        let (exchange, reply) = pairing.host.accept(binding, bytes, now_ms(), &mut OsRng)?;
        guest.exchange = Some(exchange);
        send(reply)?;
        return Ok(Progress::Nothing);
    };
    match exchange.handle(&mut pairing.host, bytes, now_ms())? {
        HostStep::Proven(confirm) => {
            send(confirm)?;
            Ok(Progress::CodeUsed)
        }
        HostStep::Ask { card, words } => {
            let device = pending(&card, &words);
            guest.asks = Some((card, words));
            Ok(Progress::Asks(device))
        }
    }
}

fn turn_away(network: &Network, conn: ConnId, guest: Guest) {
    if let Some(exchange) = guest.exchange {
        // If it has gone already, it need not be told.
        let _gone = network.transport.send(conn, exchange.refuse());
    }
    network.transport.close(conn, CloseCode::Done);
}

/// Where other devices may reach this hub: the address it was told to listen on, or all of this computer's.
pub(super) fn own_addresses(network: &Network) -> Vec<SocketAddr> {
    let Some(listen) = network.local_addr() else { return Vec::new() };
    if !listen.ip().is_unspecified() {
        return vec![listen];
    }
    crate::discovery::own_addresses().into_iter().map(|ip| SocketAddr::new(ip, listen.port())).collect()
}

/// A QR code as an SVG picture.
pub(super) fn qr(link: &str) -> Option<String> {
    let code = QRBuilder::new(link).build().ok()?;
    Some(SvgBuilder::default().to_str(&code))
}

fn gone() -> Error {
    Error::new(Code::NotFound, "No such device waits to be let in. Show a new code and let it try again.")
}

/// What a person is told when a pairing ends without a new device.
pub(crate) fn pairing_error(error: &PairingError) -> Error {
    let (code, message) = match error {
        PairingError::Refused(Refusal::WrongCode) => {
            (Code::WrongCode, "The code is wrong. Look at the other device and try again; a code stands three tries.")
        }
        PairingError::Refused(Refusal::Expired) => {
            (Code::CodeExpired, "The code is used up or older than ten minutes. Show a new one on the other device.")
        }
        PairingError::Refused(Refusal::Refused) => (Code::Refused, "The other device answered no."),
        PairingError::Refused(_) => {
            (Code::VersionUnknown, "The other device has another version of Kith. Update both and try again.")
        }
        PairingError::Hostile => {
            (Code::HostilePeer, "What answered is no healthy Kith. Check that the address is your other device's.")
        }
    };
    Error::new(code, message)
}

/// How long a device that connected to pair may take to prove the code.
const PROOF_TIMEOUT: Duration = Duration::from_secs(10);
