//! Accepting an invitation: kept first, then the inviter is dialled until it is answered, be it in days; and taken back, even
//! if they may have read it.

use super::{
    PeopleHappening,
    finding::{name_of_person, named},
    inviting::{established, introduction, no_hub},
    placing,
};
use crate::{
    api::{Answer, Code, Done, Error, Event, LinkAccept, LinkAccepted, Named},
    clock::now_ms,
    node::{
        committer::{Committer, Proposal, storage_error},
        event_loop::{Node, Reply, answer},
        member::Member,
        work::{self, Outcome},
    },
    store::{self, Acceptance, Connection, StoreError, Writing},
    transport::{CloseCode, ConnId, DialId, DialRequest, Expect},
};
use kith_core::{
    id::{DeviceId, PersonId},
    identity::SigningKey,
    person::{self, Accepted, Ended, INVITATION_MS, Invitation, Link, LinkRefusal, PactId, PendingAcceptance, words},
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
    pub(super) acceptance: Acceptance,
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
    /// An acceptance was withdrawn: nobody has read it, and it is forgotten; or somebody may have, and whatever they
    /// make of it is ended when they answer.
    pub(super) fn take_back(&mut self, pact: PactId, reply: Reply) {
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
    pub(super) fn withdraw(&mut self) -> PactId {
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

/// How long `link accept` waits for the inviter's device; the acceptance waits on.
const ACCEPT_PATIENCE: Duration = Duration::from_secs(10);
const WAIT_FIRST: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Addresses of one invitation that are dialled.
const ADDRESSES_MAX: usize = 16;
/// Acceptances that may wait at once.
const ACCEPTANCES_MAX: usize = 200;
