//! Invitations from both sides: making one and looking at who comes with it; accepting one and dialling until it is
//! answered, be it in days.

use super::{
    PeopleHappening,
    finding::{name_of_person, named},
    placing,
};
use crate::{
    api::{Answer, Code, Done, Error, Event, LinkAccept, LinkAccepted, LinkCancel, LinkInvite, LinkInvited, Named},
    clock::{now_ms, rfc3339},
    node::{
        committer::{Committer, Proposal, storage_error},
        event_loop::{Node, Reply, answer},
        member::Member,
        network::Network,
        pairing::qr,
        work::{self, Outcome},
    },
    store::{self, Acceptance, Connection, StoreError, Writing},
    transport::{CloseCode, ConnId, DialId, DialRequest, Expect},
};
use kith_core::{
    id::{DeviceId, EntityId, Hash, PersonId, PublicKey},
    identity::SigningKey,
    person::{
        self, Accepted, Ended, INVITATION_MS, Introduction, Invitation, IssuedInvitation, Link, LinkRefusal, Manner,
        PactId, PendingAcceptance, consider, words,
    },
    replica::{Edit, Rows},
};
use rand_core::OsRng;
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// An acceptance on its way.
#[derive(Debug)]
pub(super) struct Accepting {
    acceptance: Acceptance,
    /// Who waits for the outcome, and until when.
    reply: Option<(Reply, Instant)>,
    dials: BTreeSet<DialId>,
    conn: Option<ConnId>,
    next: Instant,
    wait: Duration,
    /// The inviter may have read it.
    told: bool,
}

impl Accepting {
    /// One that was on disk.
    pub(super) fn again(acceptance: Acceptance) -> Self {
        let (next, wait) = (Instant::now(), WAIT_FIRST);
        Self { acceptance, reply: None, dials: BTreeSet::new(), conn: None, next, wait, told: true }
    }
}

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
                Ok(Ok(all)) => {
                    // The loop answers to its name before anybody can have it.
                    later(PeopleHappening::Invitations(all));
                    answer(reply, Ok(Answer::LinkInvite(invited)));
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
                Ok(Ok(all)) => {
                    later(PeopleHappening::Invitations(all));
                    answer(reply, Ok(Answer::LinkCancel(Done {})));
                }
                Ok(Err(error)) | Err(error) => answer(reply, Err(storage_error(&error))),
            },
        );
    }

    /// An acceptance was withdrawn: nobody has read it, and it is forgotten; or somebody may have, and whatever they
    /// make of it is ended when they answer.
    fn take_back(&mut self, pact: PactId, reply: Reply) {
        let Some(member) = &mut self.member else { return };
        let read = member.people.accepting.get(&pact).filter(|one| one.told).map(|one| one.acceptance.clone());
        if read.is_none() {
            member.people.accepting.remove(&pact);
        }
        member.store.write(
            move |rows| {
                if acceptance_of(rows.connection(), pact)?.is_none() {
                    let message = "They have answered just now, and you are linked. `link remove` ends it.";
                    return Ok(Err(Error::new(Code::BadRequest, message)));
                }
                match &read {
                    Some(acceptance) => rows.keep_acceptance(acceptance)?,
                    None => rows.forget_acceptance(pact)?,
                }
                Ok(Ok(()))
            },
            move |kept| {
                let outcome = kept.unwrap_or_else(|error| Err(storage_error(&error)));
                answer(reply, outcome.map(|()| Answer::LinkCancel(Done {})));
            },
        );
        self.tell(Event::PeopleChanged);
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
                Ok((message, invitations)) => {
                    later(PeopleHappening::Invitations(invitations));
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

    /// `link.accept`: durable first, then dialled.
    pub(in crate::node) fn link_accept(&self, request: LinkAccept, reply: Reply) {
        if let Some(error) = self.member.as_ref().and_then(Member::refusal_if_removed) {
            return answer(reply, Err(error));
        }
        let (Some(member), Some(_)) = (&self.member, &self.network) else { return answer(reply, Err(no_hub())) };
        let (me, device, key) = (member.keys.person, member.me(), member.signing_key());
        let (store, later) = (member.store.clone(), self.people_later());
        tokio::spawn(async move {
            let at = match &request.at {
                Some(at) => match resolve(at).await {
                    Ok(addresses) => addresses,
                    Err(error) => return answer(reply, Err(error)),
                },
                None => Vec::new(),
            };
            let kept = store.write_and_wait(move |rows| accept(rows, &request, (me, device, key), at)).await;
            match kept {
                Ok(Ok(acceptance)) => {
                    later(PeopleHappening::Accepting { acceptance: Box::new(acceptance), reply: Some(reply) })
                }
                Ok(Err(error)) => answer(reply, Err(error)),
                Err(error) => answer(reply, Err(storage_error(&error))),
            }
        });
    }

    pub(super) fn accepting(&mut self, acceptance: Acceptance, reply: Option<Reply>) {
        let Some(member) = &mut self.member else { return };
        let reply = reply.map(|reply| (reply, Instant::now() + ACCEPT_PATIENCE));
        let accepting = Accepting { reply, told: false, ..Accepting::again(acceptance) };
        member.people.accepting.insert(accepting.acceptance.pending.pact(), accepting);
        self.dial_inviters();
        self.tell(Event::PeopleChanged);
    }

    /// Dials the devices whose invitations were accepted here, when they are due, and answers who waited long enough.
    pub(super) fn dial_inviters(&mut self) {
        let (Some(member), Some(network)) = (&mut self.member, &self.network) else { return };
        let now = Instant::now();
        let oldest = now_ms().saturating_sub(2 * INVITATION_MS);
        let over = member.people.accepting.values().filter(|one| one.acceptance.since < oldest && one.reply.is_none());
        let over: Vec<PactId> = over.map(|one| one.acceptance.pending.pact()).collect();
        for pact in over {
            member.people.accepting.remove(&pact);
            member.store.write(move |rows| Ok(Ok::<_, StoreError>(rows.forget_acceptance(pact)?)), |_| {});
        }
        for accepting in member.people.accepting.values_mut() {
            if let Some((reply, _)) = accepting.reply.take_if(|(_, until)| *until <= now) {
                answer(reply, Ok(Answer::LinkAccept(accepting.waiting())));
            }
            if accepting.conn.is_some() || !accepting.dials.is_empty() || accepting.next > now {
                continue;
            }
            let (invited, server_name, key) = accepting.acceptance.pending.dial();
            let mut addresses = accepting.acceptance.addresses.clone();
            addresses.extend(invited.iter().filter(|address| !accepting.acceptance.addresses.contains(address)));
            for address in addresses.into_iter().take(ADDRESSES_MAX) {
                let (server_name, expect) = (server_name.to_owned(), Expect::Hash(key));
                accepting.dials.insert(network.transport.dial(DialRequest { address, server_name, expect }));
            }
            accepting.next = now + accepting.wait;
            accepting.wait = (accepting.wait * 2).min(WAIT_MAX);
        }
    }

    /// When an inviter is dialled next, or somebody's patience ends.
    pub(super) fn inviters_next(&self) -> Option<Instant> {
        let accepting = self.member.as_ref()?.people.accepting.values();
        accepting
            .flat_map(|one| {
                let idle = one.conn.is_none() && one.dials.is_empty();
                [idle.then_some(one.next), one.reply.as_ref().map(|(_, until)| *until)]
            })
            .flatten()
            .min()
    }

    /// The inviter's device was reached: it is told that its invitation is accepted.
    pub(in crate::node) fn inviter_connected(&mut self, conn: ConnId, dial: DialId) {
        let (Some(member), Some(network)) = (&mut self.member, &self.network) else { return };
        let introduction = introduction(member, network);
        let found = member.people.accepting.values_mut().find_map(|one| one.dials.remove(&dial).then_some(one));
        let Some(accepting) = found.filter(|one| one.conn.is_none()) else {
            return network.transport.close(conn, CloseCode::Duplicate);
        };
        (accepting.conn, accepting.told) = (Some(conn), true);
        // If it has gone already, it is dialled again.
        let _gone = network.transport.send(conn, accepting.acceptance.pending.message(introduction));
    }

    /// A dial came to nothing; returns whether it was one of these.
    pub(in crate::node) fn inviter_missed(&mut self, dial: DialId) -> bool {
        let Some(member) = &mut self.member else { return false };
        member.people.accepting.values_mut().any(|accepting| accepting.dials.remove(&dial))
    }

    pub(super) fn acceptance_disconnected(&mut self, conn: ConnId) -> bool {
        let Some(member) = &mut self.member else { return false };
        let found = member.people.accepting.values_mut().find(|accepting| accepting.conn == Some(conn));
        found.is_some_and(|accepting| accepting.conn.take().is_some())
    }

    /// The inviter's answer: what it leads to is durable in one transaction with forgetting the acceptance.
    pub(super) fn inviter_says(&mut self, conn: ConnId, bytes: &[u8]) -> bool {
        let Some(member) = &self.member else { return false };
        let Some(accepting) = member.people.accepting.values().find(|one| one.conn == Some(conn)) else { return false };
        let acceptance = accepting.acceptance.clone();
        let pact = acceptance.pending.pact();
        let outcome = acceptance.pending.conclude(bytes);
        let (committer, later) = (self.committer(member), self.people_later());
        tokio::spawn(async move {
            let outcome = conclude(committer, acceptance, outcome).await;
            later(PeopleHappening::Concluded { pact, outcome: Box::new(outcome) });
        });
        true
    }

    pub(super) fn concluded(&mut self, pact: PactId, outcome: Result<Answer, Error>) {
        let (Some(member), Some(network)) = (&mut self.member, &self.network) else { return };
        // The disk failed: it is asked for again.
        let again = outcome.as_ref().is_err_and(|error| error.code == Code::StorageFailed);
        let Some(mut accepting) = member.people.accepting.remove(&pact) else { return };
        if let Some(conn) = accepting.conn.take() {
            network.transport.close(conn, CloseCode::Done);
        }
        if let Some((reply, _)) = accepting.reply.take() {
            answer(reply, outcome);
        } else if let (Err(error), false) = (&outcome, accepting.acceptance.withdrawn) {
            // Whoever took it back does not want to hear that it is not good any more.
            let trouble = Event::Trouble { code: error.code, message: error.message.clone() };
            self.tell(trouble);
        }
        if let (true, Some(member)) = (again, &mut self.member) {
            member.people.accepting.insert(pact, accepting);
        }
        self.tell(Event::PeopleChanged);
        self.dial_people();
    }
}

impl Accepting {
    /// It is taken back; whoever waits for its outcome hears so.
    fn withdraw(&mut self) -> PactId {
        self.acceptance.withdrawn = true;
        if let Some((reply, _)) = self.reply.take() {
            answer(reply, Err(Error::new(Code::Refused, "The acceptance was withdrawn.")));
        }
        self.acceptance.pending.pact()
    }

    fn waiting(&self) -> LinkAccepted {
        LinkAccepted {
            state: "waiting".to_owned(),
            person_id: self.acceptance.person.to_string(),
            name: self.acceptance.name.clone(),
            words: words(self.acceptance.person).to_string(),
            ..LinkAccepted::default()
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
fn established(
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

/// What is written when somebody is linked who took their acceptance back: both are told that it is over.
fn ended(rows: &mut Writing<'_>, accepted: &Accepted, me: DeviceId) -> Result<Vec<Edit>, StoreError> {
    let (mut edits, now) = (accepted.edits.clone(), now_ms());
    let link = Link::of(&placing::after(rows.entity(person::id(accepted.person))?, &edits, me, now));
    let over = Ended { by_me: true, at_ms: now };
    edits.extend(link.iter().flat_map(|link| person::end(link, [accepted.pact], over)));
    Ok(edits)
}

/// The acceptance of that pact, if it waits.
fn acceptance_of(rows: &Connection, pact: PactId) -> Result<Option<Acceptance>, StoreError> {
    Ok(store::acceptances(rows)?.into_iter().find(|kept| kept.pending.pact() == pact))
}

/// Names an acceptance.
pub(super) fn acceptance_id(acceptance: &Acceptance) -> String {
    acceptance.pending.pact().0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads the invitation and keeps its acceptance.
fn accept(
    rows: &mut Writing<'_>,
    request: &LinkAccept,
    (me, device, key): (PersonId, DeviceId, SigningKey),
    addresses: Vec<SocketAddr>,
) -> Outcome<Acceptance> {
    let invitation: Invitation = match request.link.parse() {
        Ok(invitation) => invitation,
        Err(error) => return Ok(Err(Error::new(Code::BadRequest, format!("{error}.")))),
    };
    let contact = match &request.contact {
        Some(wanted) => match work::contact(wanted, rows.connection())? {
            Ok(contact) => Some(contact),
            Err(error) => return Ok(Err(error)),
        },
        None => None,
    };
    let taken = contact.map(|contact| store::links_of_contact(rows.connection(), contact)).transpose()?;
    if taken.is_some_and(|links| links.iter().any(|id| *id != person::id(invitation.person))) {
        let message = "That contact is linked to another person already. Name another one, or none.";
        return Ok(Err(Error::new(Code::BadRequest, message)));
    }
    if store::acceptances(rows.connection())?.len() >= ACCEPTANCES_MAX {
        let message = "Too many invitations wait for an answer. Wait until some of them are answered.";
        return Ok(Err(Error::new(Code::TooLarge, message)));
    }
    let now = now_ms();
    let link = rows.link(invitation.person)?;
    let pending = PendingAcceptance::new(&invitation, (me, device, &key), link.as_ref(), now, &mut OsRng);
    let pending = match pending {
        Ok(pending) => pending,
        Err(refusal) => return Ok(Err(refused(refusal))),
    };
    let (person, name) = (invitation.person, invitation.name);
    let acceptance = Acceptance { pending, person, contact, name, addresses, since: now, withdrawn: false };
    rows.keep_acceptance(&acceptance)?;
    Ok(Ok(acceptance))
}

/// Writes what an answer leads to, and tells the person.
async fn conclude(
    committer: Committer,
    acceptance: Acceptance,
    outcome: Result<Accepted, LinkRefusal>,
) -> Result<Answer, Error> {
    let pact = acceptance.pending.pact();
    let accepted = match outcome {
        Ok(accepted) => accepted,
        Err(refusal) => {
            let forget = move |rows: &mut Writing<'_>| Ok(Ok::<_, StoreError>(rows.forget_acceptance(pact)?));
            committer.store.write_and_wait(forget).await.map_err(|error| storage_error(&error))?.ok();
            return Err(refused(refusal));
        }
    };
    let (person, me) = (accepted.person, committer.me);
    let contact = committer
        .commit(move |rows| {
            let withdrawn = acceptance_of(rows.connection(), pact)?.is_some_and(|kept| kept.withdrawn);
            rows.forget_acceptance(pact)?;
            let (contact, edits) = if withdrawn {
                (None, ended(rows, &accepted, me)?)
            } else {
                let link = rows.link(accepted.person)?;
                let (contact, edits) = established(rows, link.as_ref(), &accepted, acceptance.contact)?;
                (Some(contact), edits)
            };
            let drafts = placing::drafts(edits);
            Ok(Ok(Proposal { drafts, answer: contact, what: String::new(), import: None, groups: false }))
        })
        .await?;
    let looked = committer.store.read(move |rows| {
        let entity = super::finding::link_entity(person, rows)?;
        let Some(link) = Link::of(&entity) else { return Ok((String::new(), Vec::new())) };
        let alike = placing::lookalikes(rows, &link.name, contact)?;
        let alike: Vec<Named> = alike.into_iter().map(|id| named(id, rows)).collect::<Result<_, _>>()?;
        Ok((name_of_person(&link, rows)?, alike))
    });
    let (name, lookalikes) = looked.await.map_err(|error| storage_error(&error))?;
    Ok(Answer::LinkAccept(LinkAccepted {
        state: "linked".to_owned(),
        person_id: person.to_string(),
        name,
        contact_id: contact.map(|contact| contact.to_string()),
        words: words(person).to_string(),
        lookalikes,
    }))
}

/// How this device introduces its person.
fn introduction(member: &Member, network: &Network) -> Introduction {
    Introduction::of(&member.roster, &member.person_name, network.addresses_for_persons())
}

async fn resolve(at: &str) -> Result<Vec<SocketAddr>, Error> {
    let message = format!("{at} is no address. Give it as 192.168.1.20:4433 or [fe80::1%eth0]:4433.");
    let resolved = tokio::net::lookup_host(at).await.map_err(|_| Error::new(Code::BadRequest, message))?;
    Ok(resolved.take(ADDRESSES_MAX).collect())
}

/// What a person is told when two are not linked.
fn refused(refusal: LinkRefusal) -> Error {
    let code = match refusal {
        LinkRefusal::Spent => Code::CodeExpired,
        LinkRefusal::Forged => Code::HostilePeer,
        LinkRefusal::Own => Code::BadRequest,
        LinkRefusal::Blocked => Code::Refused,
    };
    let text = refusal.to_string();
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    Error::new(code, format!("{first}{}.", chars.as_str()))
}

fn no_hub() -> Error {
    let message = "No hub runs on this folder, so nobody could reach it. Start one with `run` first.";
    Error::new(Code::NotRunning, message)
}

/// How long a guest may take to show the invitation.
const GUEST_PATIENCE: Duration = Duration::from_secs(10);
/// How long `link accept` waits for the inviter's device; the acceptance waits on.
const ACCEPT_PATIENCE: Duration = Duration::from_secs(10);
const WAIT_FIRST: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Addresses of one invitation that are dialled.
const ADDRESSES_MAX: usize = 16;
/// Invitations that may be open at once.
const INVITATIONS_MAX: usize = 200;
/// Acceptances that may wait at once.
const ACCEPTANCES_MAX: usize = 200;
