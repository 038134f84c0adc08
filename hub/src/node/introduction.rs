//! A restored device is not yet on the list that the others hold, so they do not talk to it. It shows them the list that
//! the recovery code opened; if that is newer and rightly signed, they take it, and know each other from then on (rule
//! 4.1/3).
//!
//! The restored device waits at the pairing name. Another one that meets it, by one of our tags or at a given address,
//! and finds an unknown key, asks there under a key made for that moment. Only who knows the secret of the local network
//! gets an answer: names of devices are nobody else's business.

use super::{
    dialler::Target,
    event_loop::{Happening, Node},
    member::Member,
};
use crate::transport::{CloseCode, ConnId, DialRequest, Expect, TlsKey, Transport, TransportEvent, TransportOptions};
use kith_core::{
    id::DeviceId,
    identity::roster::{ENTRY_BYTES_MAX, ROSTER_ENTRIES_MAX},
    lan::{self, LanSecrets, PAIRING_NAME},
};
use rand_core::{OsRng, RngCore};
use serde_bytes::ByteBuf;
use std::{
    net::{Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

/// Whether some other device may not have heard of this one since it was restored, or since it took another id because
/// its folder had been copied.
pub(super) fn is_unknown(member: &Member) -> bool {
    let heard = |device: &DeviceId| member.peers.get(device).is_some_and(|row| !row.vector.is_empty());
    let is_new = member.restored || member.was.is_some();
    is_new && !member.peer_keys().keys().all(heard)
}

/// What a restored device shows at the pairing name while no code is shown there.
pub(super) fn key(member: &Member) -> Option<TlsKey> {
    let mut seed = [0; 32];
    OsRng.fill_bytes(&mut seed);
    TlsKey::from_seed(&seed).ok().filter(|_| is_unknown(member))
}

impl Node {
    /// Somebody came to the pairing name. Who says nothing does not keep the place.
    pub(super) fn listen_for_a_while(&self, conn: ConnId) {
        let Some(network) = &self.network else { return };
        let transport = network.transport.clone();
        tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            transport.close(conn, CloseCode::Foreign);
        });
    }

    /// A message at the pairing name from somebody who does not pair: whoever knows the secret gets the list.
    pub(super) fn introduce(&self, conn: ConnId, bytes: &[u8]) {
        let (Some(member), Some(network)) = (&self.member, &self.network) else { return };
        // Either side may lack the newest secret.
        let proofs = network.transport.exporter(conn).map(|exporter| member.lan.introductions(&exporter));
        let shown: Vec<&[u8]> = bytes.chunks(PROOF_BYTES).take(PROOFS_MAX).collect();
        let is_shown = |proof: &[u8; PROOF_BYTES]| shown.iter().any(|shown| lan::is_same(proof, shown));
        let asked = is_unknown(member) && proofs.is_ok_and(|proofs| proofs.iter().any(is_shown));
        if asked {
            let entries: Vec<ByteBuf> = member.roster.entries().map(|entry| ByteBuf::from(entry.to_vec())).collect();
            // Encoding plain data into memory cannot fail; if the other has gone, it need not be told.
            let _gone = network.transport.send(conn, rmp_serde::to_vec(&entries).unwrap_or_default());
        }
        network.transport.close(conn, if asked { CloseCode::Done } else { CloseCode::Foreign });
    }

    /// Somebody where a target should be has a key that is not known: asks, now and then, whether that is a restored
    /// device.
    pub(super) fn ask_who_that_is(&mut self, target: &Target) {
        let (Some(member), Some(network)) = (&self.member, &self.network) else { return };
        if self.asked_who.is_some_and(|asked| asked.elapsed() < ASK_AGAIN) {
            return;
        }
        self.asked_who = Some(Instant::now());
        let (secrets, happenings) = (member.lan.clone(), self.happenings.clone());
        let addresses = network.dialler.addresses(target);
        tokio::spawn(async move {
            for address in addresses.into_iter().take(ADDRESSES_MAX) {
                if let Some(entries) = timeout(PATIENCE, ask(address, &secrets)).await.ok().flatten() {
                    // If the loop has ended, it need not know.
                    let _ended = happenings.send(Happening::Introduced { entries });
                    break;
                }
            }
        });
    }

    /// A list of devices was shown. Only what the person's own keys signed is taken.
    pub(super) fn introduced(&mut self, entries: &[Vec<u8>]) {
        let Some(member) = &self.member else { return };
        let mut roster = member.roster.clone();
        if entries.iter().any(|entry| roster.insert(entry).is_err()) || roster.device(member.me()).is_none() {
            tracing::warn!("somebody showed a list of devices that is not taken");
            return;
        }
        if roster.epoch() > member.roster.epoch() {
            self.keep_roster(roster);
            if let Some(network) = &mut self.network {
                network.dialler.hurry(std::time::Instant::now());
            }
            self.dial_due();
        }
    }
}

/// Asks at an address for the list of devices.
async fn ask(address: SocketAddr, secrets: &LanSecrets) -> Option<Vec<Vec<u8>>> {
    let mut seed = [0; 32];
    OsRng.fill_bytes(&mut seed);
    let (sender, mut heard) = mpsc::channel(EVENTS_MAX);
    let anywhere = SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0));
    let transport = Transport::start(TransportOptions::new(anywhere, TlsKey::from_seed(&seed).ok()?), sender).ok()?;
    let request = DialRequest { address, server_name: PAIRING_NAME.to_owned(), expect: Expect::Any };
    transport.dial(request);
    let mut entries = None;
    while let Some(event) = heard.recv().await {
        match event {
            TransportEvent::Connected { conn, .. } => {
                let proofs = secrets.introductions(&transport.exporter(conn).ok()?);
                transport.send(conn, proofs.concat()).ok()?;
            }
            TransportEvent::Frame { bytes, .. } => {
                entries = read(&bytes);
                break;
            }
            TransportEvent::Closed { .. } | TransportEvent::DialFailed { .. } => break,
        }
    }
    transport.close_all().await;
    entries
}

fn read(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let entries: Vec<ByteBuf> = rmp_serde::from_slice(bytes).ok()?;
    let fits = entries.len() <= ROSTER_ENTRIES_MAX && entries.iter().all(|entry| entry.len() <= ENTRY_BYTES_MAX);
    fits.then(|| entries.into_iter().map(ByteBuf::into_vec).collect())
}

/// Length of a proof that somebody knows a secret, and how many are looked at.
const PROOF_BYTES: usize = 32;
const PROOFS_MAX: usize = 8;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often somebody unknown is asked at most.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// Addresses of one target that are asked.
const ADDRESSES_MAX: usize = 4;
/// Events of one such connection that may wait.
const EVENTS_MAX: usize = 8;
