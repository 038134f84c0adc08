//! Devices that go: revoked or lost, what else is renewed then, and the settings that follow (rules 4.1/3 and 4.1/10).

use super::{
    committer::{Proposal, storage_error},
    event_loop::{Node, Reply, answer},
    member::{Member, lan_secret_edit, roster_error},
    persons, recovery,
};
use crate::{
    api::{
        Answer, Code, DeviceLost, DeviceRevoked, DevicesLost, DevicesRevoke, Error, FinderReads, Named, RemovedDevice,
        Renewed, Secret,
    },
    clock::{now_ms, rfc3339},
    store::{self, StoreError},
};
use kith_core::{
    id::DeviceId,
    identity::roster::{DeviceCard, Roster},
    lan::LAN_SECRET_BYTES,
};
use rand_core::{OsRng, RngCore};
use std::collections::BTreeSet;

/// A removal that was signed.
struct Removing {
    roster: Roster,
    answer: DeviceRevoked,
}

impl Node {
    /// `devices.revoke`.
    pub(super) fn devices_revoke(&mut self, request: &DevicesRevoke, reply: Reply) {
        match self.remove(&request.id, request.with_added, request.recovery_code.as_ref()) {
            Ok(revoked) => self.renew_lan(Answer::DevicesRevoke(revoked), reply),
            Err(error) => answer(reply, Err(error)),
        }
    }

    /// `devices.lost`: the same, and what the finder has is told.
    pub(super) fn devices_lost(&mut self, request: &DevicesLost, reply: Reply) {
        let reads = self.finder_reads(&request.id);
        let outcome = self.remove(&request.id, request.with_added, request.recovery_code.as_ref());
        let (Some(member), Ok(revoked)) = (&self.member, outcome.as_ref()) else {
            return answer(
                reply,
                outcome.map(|revoked| DeviceLost { revoked, ..DeviceLost::default() }).map(Answer::DevicesLost),
            );
        };
        let renewed = RENEWALS.iter().map(|renewal| renewal.told(revoked)).collect();
        let (store, revoked) = (member.store.clone(), revoked.clone());
        let (sender, renewing) = tokio::sync::oneshot::channel();
        self.renew_lan(Answer::DevicesRevoke(revoked.clone()), sender);
        tokio::spawn(async move {
            let counted = store.read(|rows| store::counts(rows)).await;
            let outcome = match (renewing.await, counted) {
                (Ok(Ok(_)), Ok((contacts, trash, _))) => {
                    let finder = reads.counted(contacts + trash, &revoked.name);
                    Ok(Answer::DevicesLost(DeviceLost { revoked, renewed, finder }))
                }
                (Ok(Err(error)), _) => Err(error),
                (_, Err(error)) => Err(storage_error(&error)),
                (Err(_), _) => Err(storage_error(&StoreError::Closed)),
            };
            answer(reply, outcome);
        });
    }

    /// Signs the removal of a device and, with the recovery code, the next epoch; both are kept before anything else goes
    /// out, and the connection ends.
    fn remove(&mut self, id: &str, with_added: bool, code: Option<&Secret>) -> Result<DeviceRevoked, Error> {
        let Some(member) = &self.member else { return Err(recovery::nobody()) };
        let code = code.map(|code| recovery::read(code, member)).transpose()?;
        let mut removing = signed_removal(member, id, with_added)?;
        if let Some(code) = &code {
            let devices: Vec<DeviceCard> = removing.roster.devices().into_iter().cloned().collect();
            recovery::open_epoch(&mut removing.roster, code, &devices)?;
            removing.answer.recovery_due = false;
        }
        self.keep_roster(removing.roster);
        Ok(removing.answer)
    }

    /// Puts a new LAN secret into the book, for those that remain, and a new L into each link, so that linked persons do not
    /// recognise the removed device any more (rule 4.1/10); answers when it is durable.
    pub(super) fn renew_lan(&self, then: Answer, reply: Reply) {
        let Some(member) = &self.member else { return answer(reply, Err(recovery::nobody())) };
        let committer = self.committer(member);
        let mut secret = [0; LAN_SECRET_BYTES];
        OsRng.fill_bytes(&mut secret);
        tokio::spawn(async move {
            let plan = move |rows: &mut store::Writing<'_>| {
                let mut edits = vec![lan_secret_edit(&secret)];
                for link in persons::finding::links(rows.connection())? {
                    edits.extend(persons::renewed(&link));
                }
                // Not for undo: a secret that somebody else knows does not come back.
                let drafts = persons::placing::drafts(edits);
                Ok(Ok(Proposal { drafts, answer: then, what: String::new(), import: None, groups: false }))
            };
            answer(reply, committer.commit(plan).await);
        });
    }

    /// The roster changed: forgets where removed devices were, and keeps quiet if this is one of them.
    pub(super) fn settle_removals(&mut self, was_member: bool) {
        let Some(member) = &mut self.member else { return };
        let here: BTreeSet<DeviceId> = member.roster.devices().into_iter().map(|card| card.id).collect();
        let gone: Vec<DeviceId> = member.peers.keys().copied().filter(|id| !here.contains(id)).collect();
        for device in gone {
            member.peers.remove(&device);
            member.peers_unkept.remove(&device);
            member.store.write(move |rows| Ok(Ok::<_, StoreError>(rows.forget_peer(device)?)), |_| {});
            if let Some(network) = &mut self.network {
                network.forget(device);
            }
        }
        let removed = member.removed();
        if let (true, Some(removed)) = (was_member, removed) {
            self.hang_up();
            self.tell(crate::api::Event::Trouble { code: Code::Removed, message: removed.message });
        }
        self.settle_lan();
    }

    /// Lets go of former LAN secrets that no device needs any more.
    pub(super) fn settle_lan(&mut self) {
        if self.member.as_mut().is_some_and(Member::settle_lan) {
            self.trust_roster();
        }
    }

    fn finder_reads(&self, id: &str) -> FinderReads {
        let Some(member) = &self.member else { return FinderReads::default() };
        let Ok(card) = find(member.roster.devices(), id) else { return FinderReads::default() };
        let seen = member.peers.get(&card.id).map(|row| row.last_seen).filter(|&seen| seen > 0);
        FinderReads {
            as_of: seen.map(rfc3339),
            behind: super::status::behind(member, card.id),
            ..FinderReads::default()
        }
    }
}

impl Member {
    /// Whether this is a device that was removed, by whom and when.
    pub(crate) fn removed(&self) -> Option<RemovedDevice> {
        let me = self.me();
        self.roster.removed_devices().into_iter().find(|card| card.id == me)?;
        let Some(removal) = self.roster.removal_of(me) else {
            let message =
                "The recovery code opened a new list of devices without this one. It keeps the contacts that \
                           it has and gets no new ones. To use it again, pair it anew with an empty folder."
                    .to_owned();
            return Some(RemovedDevice { message, ..RemovedDevice::default() });
        };
        let time = (removal.at_ms > 0).then(|| rfc3339(removal.at_ms));
        let on = time.as_deref().map(|time| format!(" on {}", &time[..DATE_CHARS])).unwrap_or_default();
        let by = if removal.by_name.is_empty() { "another device" } else { &removal.by_name };
        let message = format!(
            "This device was removed by {by}{on}. It keeps the contacts that it has and gets no new ones. To use it \
             again, pair it anew with an empty folder."
        );
        Some(RemovedDevice { by: removal.by_name, time, message })
    }

    /// What a removed device is told when it asks for something that only devices of this person may do.
    pub(super) fn refusal_if_removed(&self) -> Option<Error> {
        self.removed().map(|removed| Error::new(Code::Removed, removed.message))
    }
}

fn signed_removal(member: &Member, id: &str, with_added: bool) -> Result<Removing, Error> {
    if let Some(error) = member.refusal_if_removed() {
        return Err(error);
    }
    let card = find(member.roster.devices(), id)?.clone();
    if card.id == member.me() {
        let message = "That is the device you are using. Remove it from another one of yours.";
        return Err(Error::new(Code::BadRequest, message));
    }
    let before = member.roster.devices();
    let mine = member.roster.vouched_by(member.me());
    // Whoever removes the device that let them in stays.
    let stays = |id: &DeviceId| member.roster.device(*id).is_some() && (!with_added || mine.contains(id));
    let keeps: BTreeSet<DeviceId> = member.roster.added_by(card.id).into_iter().filter(stays).collect();
    let refused = |error| roster_error(&error);
    let entry = member.roster.sign_remove_at(&member.signing_key(), member.me(), card.id, &keeps, now_ms());
    let mut roster = member.roster.clone();
    roster.insert(&entry.map_err(refused)?).map_err(refused)?;
    let gone = before.iter().filter(|other| other.id != card.id && roster.device(other.id).is_none());
    let answer = DeviceRevoked {
        device_id: card.id.to_string(),
        name: card.name.clone(),
        removed: gone.map(|card| named(card)).collect(),
        kept: roster.devices().into_iter().filter(|other| keeps.contains(&other.id)).map(named).collect(),
        recovery_due: true,
    };
    Ok(Removing { roster, answer })
}

/// The one device among these whose id begins like this.
pub(super) fn find<'a>(devices: Vec<&'a DeviceCard>, prefix: &str) -> Result<&'a DeviceCard, Error> {
    let prefix = prefix.trim().to_ascii_lowercase();
    let mut found = devices.into_iter().filter(|card| !prefix.is_empty() && card.id.to_string().starts_with(&prefix));
    match (found.next(), found.next()) {
        (Some(card), None) => Ok(card),
        (None, _) => Err(Error::new(Code::NotFound, "There is no such device. See `devices list`.")),
        (Some(_), Some(_)) => {
            Err(Error::new(Code::Ambiguous, format!("Several devices begin with {prefix}. Give more of the id.")))
        }
    }
}

pub(super) fn named(card: &DeviceCard) -> Named {
    Named { id: card.id.to_string(), name: card.name.clone() }
}

/// What a lost device knew, and is made new. Whatever else such a device will hold belongs into this list.
#[derive(Clone, Copy)]
enum Renewal {
    /// The secret by which devices find each other.
    LocalNetwork,
    /// The list of devices, which it could sign additions to.
    Epoch,
}

const RENEWALS: [Renewal; 2] = [Renewal::LocalNetwork, Renewal::Epoch];

impl Renewal {
    fn told(self, revoked: &DeviceRevoked) -> Renewed {
        let (what, done, message) = match self {
            Self::LocalNetwork => ("lan", true, "The secret by which your devices find each other is new."),
            Self::Epoch if revoked.recovery_due => {
                ("epoch", false, "The list of devices is still the old one. Enter the recovery code: `recovery open`.")
            }
            Self::Epoch => ("epoch", true, "The list of devices is new: the lost one can add none to it."),
        };
        Renewed { what: what.to_owned(), done, message: message.to_owned() }
    }
}

impl FinderReads {
    fn counted(mut self, contacts: u32, name: &str) -> Self {
        self.contacts = contacts;
        let as_of = match &self.as_of {
            Some(time) => format!("as it was on {}", time.get(..MINUTE_CHARS).unwrap_or(time).replace('T', " at ")),
            None => "as far as it ever had it".to_owned(),
        };
        let lacks = match self.behind {
            0 => String::new(),
            1 => " One change made since did not reach it.".to_owned(),
            behind => format!(" {behind} changes made since did not reach it."),
        };
        self.message = format!(
            "Whoever has {name} and gets past its lock can read the whole book {as_of}: {} with all fields, notes and \
             what was in the trash.{lacks} Whether its keys were in a key store is not known here, so count on them \
             being read too; they open nothing at a device that knows of the removal.",
            super::work::counted(contacts as usize, "contact")
        );
        self
    }
}

/// The date in RFC 3339.
const DATE_CHARS: usize = 10;
/// Date, hour and minute.
const MINUTE_CHARS: usize = 16;
