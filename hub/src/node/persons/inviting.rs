//! Inviting: making invitations, withdrawing them, and looking at who comes with one.

use super::{
    PeopleHappening,
    accepting::{Accepting, acceptance_id},
    placing,
};
use crate::{
    api::{Answer, Code, Done, Error, LinkCancel, LinkInvite, LinkInvited},
    clock::{now_ms, rfc3339},
    node::{
        committer::{Proposal, storage_error},
        event_loop::{Node, Reply, answer},
        member::Member,
        network::Network,
        pairing::qr,
        work::{self, Outcome},
    },
    store::{self, StoreError, Writing},
    transport::{CloseCode, ConnId},
};
use kith_core::{
    id::{DeviceId, EntityId, Hash, PersonId, PublicKey},
    identity::SigningKey,
    person::{self, Accepted, Introduction, IssuedInvitation, Link, LinkRefusal, Manner, consider},
    replica::Edit,
};
use rand_core::OsRng;
use std::time::Duration;
impl Node {
    /// `link.invite`.
    pub(in crate::node) fn link_invite(&mut self, request: &LinkInvite, reply: Reply) {
        if let Some(error) = self.member.as_ref().and_then(Member::refusal_if_removed) {
            return answer(reply, Err(error));
        }
        let (Some(member), Some(network)) = (&mut self.member, &self.network) else {
            return answer(reply, Err(no_hub()));
        };
        let now = now_ms();
        member.people.invitations.retain(|issued| !issued.is_over(now));
        let open = member.people.invitations.iter().filter(|issued| issued.used.is_none() && now <= issued.expires_ms);
        if open.count() >= INVITATIONS_MAX {
            let message = "Too many invitations are open. Withdraw some by `link cancel`, or wait until they are over.";
            return answer(reply, Err(Error::new(Code::TooLarge, message)));
        }
        let manner = if request.shown { Manner::Shown } else { Manner::Sent };
        let mut issued = IssuedInvitation::new(manner, now, &mut OsRng);
        let key = Hash(*blake3::hash(&network.transport.public_key().0).as_bytes());
        let (person, epoch) = (member.keys.person, member.roster.epoch());
        let text = issued.text(person, key, epoch, network.addresses_for_persons(), &member.person_name).to_string();
        let invited = LinkInvited {
            id: issued.hash().to_string(),
            qr: qr(&text).unwrap_or_default(),
            link: text,
            expires: rfc3339(issued.expires_ms),
        };
        let (store, later) = (member.store.clone(), self.people_later());
        let wanted = request.contact.clone();
        store.write(
            move |rows| {
                if let Some(wanted) = wanted {
                    match work::contact(&wanted, rows.connection())? {
                        Ok(contact) => issued.contact = Some(contact),
                        Err(error) => return Ok(Err(error)),
                    }
                }
                for old in store::invitations(rows.connection())?.iter().filter(|old| old.is_over(now)) {
                    rows.forget_invitation(old.hash())?;
                }
                rows.keep_invitation(&issued)?;
                Ok(Ok(store::invitations(rows.connection())?))
            },
            move |kept| match kept {
                Ok(Err(error)) => answer(reply, Err(error)),
                // The loop answers to its name before anybody can have it.
                Ok(Ok(open)) => {
                    later(PeopleHappening::Invitations {
                        open,
                        asked: Some(Box::new((reply, Answer::LinkInvite(invited)))),
                    });
                }
                Err(error) => answer(reply, Err(storage_error(&error))),
            },
        );
    }

    /// `link.cancel`: of an invitation of this device, or of an acceptance that waits.
    pub(in crate::node) fn link_cancel(&mut self, request: &LinkCancel, reply: Reply) {
        let Some(member) = &mut self.member else { return };
        let wanted = request.id.trim().to_ascii_lowercase();
        let fits = |id: String| !wanted.is_empty() && id.starts_with(&wanted);
        let waiting = member.people.accepting.values_mut().filter(|one| !one.acceptance.withdrawn);
        let mut waiting: Vec<&mut Accepting> = waiting.filter(|one| fits(acceptance_id(&one.acceptance))).collect();
        let open = member.people.invitations.iter().filter(|issued| issued.used.is_none());
        let open: Vec<Hash> = open.map(IssuedInvitation::hash).filter(|hash| fits(hash.to_string())).collect();
        match (&mut waiting[..], &open[..]) {
            ([accepting], []) => {
                let pact = accepting.withdraw();
                self.take_back(pact, reply);
            }
            ([], &[hash]) => self.withdraw_invitation(hash, reply),
            _ => {
                let message = "No invitation of that id is open on this device, and none that you accepted waits. \
                               `link list` shows them.";
                answer(reply, Err(Error::new(Code::NotFound, message)));
            }
        }
    }

    fn withdraw_invitation(&self, hash: Hash, reply: Reply) {
        let Some(member) = &self.member else { return };
        let later = self.people_later();
        member.store.write(
            move |rows| {
                rows.forget_invitation(hash)?;
                Ok(Ok::<_, StoreError>(store::invitations(rows.connection())?))
            },
            move |kept| match kept {
                Ok(Ok(open)) => {
                    later(PeopleHappening::Invitations {
                        open,
                        asked: Some(Box::new((reply, Answer::LinkCancel(Done {})))),
                    });
                }
                Ok(Err(error)) | Err(error) => answer(reply, Err(storage_error(&error))),
            },
        );
    }

    /// Somebody came by an invitation's name.
    pub(in crate::node) fn guest_connected(&mut self, conn: ConnId, key: PublicKey) {
        let (Some(member), Some(network)) = (&mut self.member, &self.network) else { return };
        member.people.guests.insert(conn, key);
        let transport = network.transport.clone();
        tokio::spawn(async move {
            tokio::time::sleep(GUEST_PATIENCE).await;
            transport.close(conn, CloseCode::Done);
        });
    }

    /// A guest's acceptance is looked at in the writer's transaction; what comes of it is durable before it is answered.
    pub(super) fn guest_says(&mut self, conn: ConnId, bytes: &[u8]) -> bool {
        let Some(member) = &self.member else { return false };
        let Some(key) = member.people.guests.get(&conn).copied() else { return false };
        let Some(network) = &self.network else { return true };
        let host = Host::of(member, network);
        let (committer, later) = (self.committer(member), self.people_later());
        let bytes = bytes.to_vec();
        tokio::spawn(async move {
            let considered = committer.commit(move |rows| host.consider(rows, &bytes, &key)).await;
            let message = match considered {
                Ok((message, open)) => {
                    later(PeopleHappening::Invitations { open, asked: None });
                    message
                }
                // Not durable: the guest asks again.
                Err(error) => return tracing::warn!(%error, "an acceptance could not be kept"),
            };
            later(PeopleHappening::Considered { conn, message });
        });
        true
    }

    pub(super) fn considered(&mut self, conn: ConnId, message: Vec<u8>) {
        let (Some(member), Some(network)) = (&mut self.member, &self.network) else { return };
        if member.people.guests.remove(&conn).is_some() {
            // If the guest has gone already, it asks again.
            let _gone = network.transport.send(conn, message);
            network.transport.close(conn, CloseCode::Done);
        }
    }
}

/// The device that invited, as far as an acceptance is looked at.
struct Host {
    person: PersonId,
    device: DeviceId,
    key: SigningKey,
    introduction: Introduction,
}

impl Host {
    fn of(member: &Member, network: &Network) -> Self {
        let (person, device, key) = (member.keys.person, member.me(), member.signing_key());
        Self { person, device, key, introduction: introduction(member, network) }
    }

    /// Which invitation it is stands in the acceptance; what fits none is refused like one that is spent.
    fn consider(
        self,
        rows: &mut Writing<'_>,
        bytes: &[u8],
        peer: &PublicKey,
    ) -> Outcome<Proposal<(Vec<u8>, Vec<IssuedInvitation>)>> {
        let links: Vec<Link> = super::finding::links(rows.connection())?;
        let mut edits = Vec::new();
        let mut message = LinkRefusal::Spent.encode();
        for mut issued in store::invitations(rows.connection())? {
            let known = |person| links.iter().find(|link| link.person == person).cloned();
            let me = (self.person, self.device, &self.key);
            match consider(&mut issued, bytes, peer, me, known, self.introduction.clone(), now_ms()) {
                Ok(accepted) => {
                    let link = known(accepted.person);
                    // It may have become somebody else's since it was invited.
                    let of_others = issued.contact.map(|contact| store::links_of_contact(rows.connection(), contact));
                    let of_others = of_others.transpose()?.unwrap_or_default();
                    let is_free = of_others.iter().all(|id| *id == person::id(accepted.person));
                    let wanted = issued.contact.filter(|_| is_free);
                    edits = established(rows, link.as_ref(), &accepted, wanted)?.1;
                    rows.keep_invitation(&issued)?;
                    message = accepted.answer;
                    break;
                }
                // Another invitation's.
                Err(LinkRefusal::Forged) => {}
                Err(refusal) => {
                    tracing::info!(%refusal, "an invitation was not honoured");
                    break;
                }
            }
        }
        let answer = (message, store::invitations(rows.connection())?);
        Ok(Ok(Proposal { drafts: placing::drafts(edits), answer, what: String::new(), import: None, groups: false }))
    }
}

/// What is written when two persons are linked: the link, and which contact it is.
pub(super) fn established(
    rows: &mut Writing<'_>,
    link: Option<&Link>,
    accepted: &Accepted,
    wanted: Option<EntityId>,
) -> Result<(EntityId, Vec<Edit>), StoreError> {
    let id = person::id(accepted.person);
    let (contact, placed) = placing::place(rows, link, id, (accepted.person, &accepted.name), wanted)?;
    let mut edits = accepted.edits.clone();
    edits.extend(placed);
    Ok((contact, edits))
}

/// How this device introduces its person.
pub(super) fn introduction(member: &Member, network: &Network) -> Introduction {
    Introduction::of(&member.roster, &member.person_name, network.addresses_for_persons())
}

pub(super) fn no_hub() -> Error {
    let message = "No hub runs on this folder, so nobody could reach it. Start one with `run` first.";
    Error::new(Code::NotRunning, message)
}

/// How long a guest may take to show the invitation.
const GUEST_PATIENCE: Duration = Duration::from_secs(10);
/// Invitations that may be open at once.
const INVITATIONS_MAX: usize = 200;
