//! What `status` and `devices list` say.

use super::{
    backup::{Made, Plan},
    committer::storage_error,
    member::Member,
    network::Network,
    persons::inbox,
};
use crate::{
    api::{Answer, BackupState, BookState, Device, Devices, Error, Named, Peer, Status},
    clock::rfc3339,
    keys::Kept,
    metered::Verdict,
    store::{self, Store},
};
use kith_core::{id::DeviceId, replica::version};

/// A status that still lacks the counts.
pub(super) struct Report(Status);

/// Everything but what must be counted in the store.
pub(super) fn status(member: &Member, kept: Kept, network: Option<&Network>, metered: Verdict) -> Report {
    let state = member.engine.state();
    let name = |device: DeviceId| member.scene.names.device(device);
    let others = member.roster.devices().into_iter().filter(|card| card.id != member.me());
    let peers = others.map(|card| Peer {
        device_id: card.id.to_string(),
        name: card.name.clone(),
        path: path(member, card.id),
        behind: behind(member, card.id),
    });
    Report(Status {
        device: Named { id: member.me().to_string(), name: name(member.me()) },
        person: Named { id: member.keys.person.to_string(), name: member.person_name.clone() },
        keys: kept.word().to_owned(),
        keys_sealed: kept == Kept::Sealed,
        removed: member.removed(),
        recovery_due: member.roster.is_epoch_due(),
        book: BookState { version: state.version(), hash: state.hash.to_hash().to_string(), ..BookState::default() },
        peers: peers.collect(),
        outbox: member.engine.unacknowledged() as u32,
        inbox: 0,
        network: metered.word().to_owned(),
        held: 0,
        backup: BackupState::default(),
        trouble: member.waits().then(super::copies::waiting),
        listen: network.and_then(Network::local_addr).map(|address| address.to_string()),
    })
}

impl Report {
    /// Counts, and is the answer then.
    pub(super) async fn finish(mut self, store: &Store) -> Result<Answer, Error> {
        let read = |rows: &store::Reader| {
            let counted = (store::counts(rows)?, store::favourites_count(rows)?, store::held_count(rows)?);
            Ok((counted, Plan::read(rows)?, inbox::count(rows)?))
        };
        let read = store.read(read).await.map_err(|error| storage_error(&error))?;
        let ((counts, favourites, held), plan, (inbox, outbox)) = read;
        let last = plan.last();
        let backed_up = |made: &Made| made.version == self.0.book.version && made.hash == self.0.book.hash;
        self.0.backup = BackupState {
            last: last.map(|made| rfc3339(made.time)),
            changed: !last.is_some_and(backed_up),
            trouble: Some(plan.trouble.clone()).filter(|trouble| !trouble.is_empty()),
        };
        (self.0.book.contacts, self.0.book.trash, self.0.book.undecided) = counts;
        self.0.book.favourites = favourites;
        self.0.held = held;
        self.0.inbox = inbox;
        self.0.outbox = self.0.outbox.saturating_add(outbox);
        Ok(Answer::Status(self.0))
    }
}

/// This person's devices, this one first, then by name.
pub(super) fn devices(member: &Member) -> Devices {
    let mut devices: Vec<Device> = member
        .roster
        .devices()
        .into_iter()
        .map(|card| {
            let this = card.id == member.me();
            let seen = member.peers.get(&card.id).map(|row| row.last_seen);
            let holds = if this { Some(member.engine.state().vector()) } else { member.engine.holds(card.id).cloned() };
            Device {
                id: card.id.to_string(),
                name: card.name.clone(),
                last_seen: seen.filter(|_| !this).map(rfc3339),
                version: version(&holds.unwrap_or_default()),
                platform: card.platform.clone(),
                this,
                path: if this { "here".to_owned() } else { path(member, card.id) },
                behind: if this { 0 } else { behind(member, card.id) },
            }
        })
        .collect();
    devices.sort_by(|a, b| (!a.this, &a.name, &a.id).cmp(&(!b.this, &b.name, &b.id)));
    Devices { devices, recovery_due: member.roster.is_epoch_due() }
}

fn path(member: &Member, device: DeviceId) -> String {
    if member.engine.is_connected(device) { "lan" } else { "none" }.to_owned()
}

pub(super) fn behind(member: &Member, device: DeviceId) -> u32 {
    let own = member.engine.state().vector();
    let lacks = member.engine.holds(device).map_or_else(|| own.iter().map(|(_, seq)| seq).sum(), |v| v.lacks(&own));
    u32::try_from(lacks).unwrap_or(u32::MAX)
}
