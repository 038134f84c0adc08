//! Driving the exchange: connections to other persons' devices, and what the exchange wants done.

use super::{Line, People, PeopleHappening, conversation, finding::name_of_person, placing, receiving};
use crate::{
    api::{Answer, Asked, Code, Error, Event, Named},
    clock::now_ms,
    node::{
        committer::Proposal,
        dialler::Target,
        event_loop::{Node, Reply, answer},
        network::{Network, TWINS_WITHIN},
        work::Outcome,
    },
    store::{self, StoreError, Writing},
    transport::{CONNECTIONS_MAX, CloseCode, ConnId, DialId},
};
use kith_core::{
    entity::Entity,
    exchange::{CloseReason, ConversationId, Input, Output, PersonView},
    id::{DeviceId, PersonId, PublicKey},
    identity::roster::Roster,
    person::{self, Ended, Link},
    replica::{Edit, Rows},
    share::{self, Delivery, Judgement, Sent},
};
use rand_core::OsRng;
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// Somebody waits for what persons answer.
#[derive(Debug)]
pub(super) struct Asking {
    asked: Vec<Named>,
    open: BTreeSet<PersonId>,
    answered: BTreeSet<PersonId>,
    until: Instant,
    reply: Option<Reply>,
}

impl Node {
    /// A device whose key is that of a linked person's has connected.
    pub(in crate::node) fn person_connected(
        &mut self,
        conn: ConnId,
        key: &PublicKey,
        address: SocketAddr,
        dialled: Option<DialId>,
    ) {
        let (Some(member), Some(network)) = (&mut self.member, &mut self.network) else { return };
        let people = &mut member.people;
        let found = people.by_tls(key);
        if let Some(target) = dialled.and_then(|dial| people.dials.remove(&dial)) {
            people.dialler.ended(&target, found.map(|(_, device)| device));
        }
        let (Some((person, device)), Ok(exporter)) = (found, network.transport.exporter(conn)) else {
            return network.transport.close(conn, CloseCode::Foreign);
        };
        let now = Instant::now();
        let before = people.lines.iter().find(|(_, line)| line.device == device);
        if let Some((&old, line)) = before {
            // Both sides dialled at once: both keep the same one. An old connection is most likely dead.
            if now.duration_since(line.since) < TWINS_WITHIN && line.exporter < exporter {
                return network.transport.close(conn, CloseCode::Duplicate);
            }
            people.lines.remove(&old);
            network.transport.close(old, CloseCode::Duplicate);
            people.exchange.handle(Input::Closed { id: conversation(old) });
        } else if people.lines.len() >= LINES_MAX {
            return network.transport.close(conn, CloseCode::Busy);
        }
        people.lines.insert(conn, Line { person, device, since: now, exporter, over: watch::Sender::new(()) });
        // Where it was reached is where it is looked for next; where it listens, it says itself.
        if dialled.is_some() {
            let mut addresses = people.known.get(&person).and_then(|k| k.addresses.get(&device)).cloned();
            let addresses = addresses.get_or_insert_default();
            addresses.retain(|known| *known != address);
            addresses.insert(0, address);
            people.dialler.remember(device, addresses.clone());
        }
        people.exchange.handle(Input::Connected { id: conversation(conn), person, peer: device });
        if people.asks.iter().any(|asking| asking.open.contains(&person)) {
            people.exchange.handle(Input::Ask(person));
        }
        self.tell(Event::PeopleChanged);
    }

    /// A connection is over; returns whether it was one to another person's device.
    pub(in crate::node) fn person_disconnected(&mut self, conn: ConnId, at_odds: bool) -> bool {
        let Some(member) = &mut self.member else { return false };
        if member.people.guests.remove(&conn).is_some() || self.acceptance_disconnected(conn) {
            return true;
        }
        let Some(member) = &mut self.member else { return false };
        let people = &mut member.people;
        let Some(line) = people.lines.remove(&conn) else { return false };
        people.exchange.handle(Input::Closed { id: conversation(conn) });
        if !people.is_connected(line.device) {
            people.dialler.lost(line.device, Instant::now(), at_odds);
        }
        self.tell(Event::PeopleChanged);
        true
    }

    /// A frame came; returns whether it was for here.
    pub(in crate::node) fn person_says(&mut self, conn: ConnId, bytes: &[u8]) -> bool {
        let Some(member) = &mut self.member else { return false };
        if member.people.lines.contains_key(&conn) {
            member.people.exchange.handle(Input::Frame { id: conversation(conn), bytes: bytes.to_vec() });
            return true;
        }
        self.guest_says(conn, bytes) || self.inviter_says(conn, bytes)
    }

    /// Does everything that the exchange wants done.
    pub(in crate::node) fn converse(&mut self) {
        while let Some(output) = self.member.as_mut().and_then(|member| member.people.exchange.poll()) {
            self.converse_once(output);
        }
    }

    fn converse_once(&mut self, output: Output) {
        match output {
            Output::Send { id, bytes } => {
                if let Some(network) = &self.network {
                    network.send(kith_core::engine::LinkId(id.0), bytes);
                }
            }
            Output::Close { id, reason } => self.close_line(id, reason),
            Output::Read { id, person, item } => {
                let Some(member) = &self.member else { return };
                let (store, later) = (member.store.clone(), self.people_later());
                tokio::spawn(async move {
                    let read = store.read(move |rows| store::entity(rows, person::id(person))).await;
                    let sent = read.ok().flatten().and_then(|link| Sent::of_item(&link, item));
                    let publication = sent.map(|sent| Box::new(sent.newest));
                    later(PeopleHappening::Converse(vec![Input::Read { id, publication }]));
                });
            }
            Output::Take { id, person, publication } => {
                let metered = self.is_metered();
                let Some(member) = &mut self.member else { return };
                let device = member.me();
                let turn = member.people.turn(person, id);
                self.keep_after(turn, Some(id), person, move |rows| {
                    receiving::plan(rows, device, person, &publication, metered)
                });
            }
            Output::TakeRoster { from, person, entries } => self.take_entries(from, person, &entries),
            Output::End { person, pacts } => self.keep_then(None, person, move |rows| {
                let ended = Ended { by_me: false, at_ms: now_ms() };
                Ok(rows.link(person)?.map(|link| person::end(&link, pacts, ended)).unwrap_or_default())
            }),
            Output::KeepSecret { person, pact, secret } => {
                self.keep_then(None, person, move |_| Ok(vec![person::renew_secret(person, pact, &secret)]));
            }
            Output::Delivered { person, item, order } => self.keep_then(None, person, move |rows| {
                let delivery = Delivery { order, at_ms: now_ms(), path: LAN.to_owned() };
                let id = person::id(person);
                Ok(share::acknowledge(rows.entity(id)?, id, item, delivery).into_iter().collect())
            }),
            Output::Judged { person, item, order, accepted } => self.keep_then(None, person, move |rows| {
                let id = person::id(person);
                let judgement = Judgement { order, at_ms: now_ms(), accepted };
                Ok(share::judged(rows.entity(id)?, id, item, judgement).into_iter().collect())
            }),
            Output::Ahead { person, item, order } => self.keep_then(None, person, move |rows| {
                let id = person::id(person);
                Ok(share::raise_floor(rows.entity(id)?, id, item, order).into_iter().collect())
            }),
            Output::Listens { person, peer, addresses } => self.listens(person, peer, addresses),
            Output::Answered { person, .. } => self.person_answered(person),
        }
    }

    /// Writes what the exchange wants kept, and reports what is known of the person then, even if nothing was written.
    fn keep_then(
        &self,
        taken: Option<ConversationId>,
        person: PersonId,
        plan: impl FnOnce(&mut Writing<'_>) -> Result<Vec<Edit>, StoreError> + Send + 'static,
    ) {
        self.keep_after(None, taken, person, plan);
    }

    /// The same when it is the sender's turn, if they are still there then.
    fn keep_after(
        &self,
        turn: Option<Turn>,
        taken: Option<ConversationId>,
        person: PersonId,
        plan: impl FnOnce(&mut Writing<'_>) -> Result<Vec<Edit>, StoreError> + Send + 'static,
    ) {
        let Some(member) = &self.member else { return };
        let (committer, later) = (self.committer(member), self.people_later());
        tokio::spawn(async move {
            if let Some(mut turn) = turn {
                tokio::select! {
                    () = tokio::time::sleep(turn.wait) => {}
                    // Not acknowledged: it comes again with the next connection.
                    _gone = turn.over.changed() => return,
                }
            }
            let me = committer.me;
            let kept = committer.commit(move |rows| kept(rows, me, person, plan)).await;
            match kept {
                Ok(view) => {
                    let view = Input::Person(person, Box::new(view));
                    later(PeopleHappening::Converse(
                        [Some(view), taken.map(|id| Input::Taken { id })].into_iter().flatten().collect(),
                    ));
                }
                // Not acknowledged: it comes again with the next connection.
                Err(error) => tracing::warn!(%error, "what another person sent was not kept"),
            }
        });
    }

    /// Roster entries of mine or of the person who tells them. What is not rightly signed is left out.
    fn take_entries(&mut self, from: PersonId, person: PersonId, entries: &[Vec<u8>]) {
        let Some(member) = &self.member else { return };
        if person == member.keys.person {
            let mut roster = member.roster.clone();
            take_all(&mut roster, entries);
            return self.keep_roster(roster);
        }
        if person != from {
            return;
        }
        let entries = entries.to_vec();
        self.keep_then(None, person, move |rows| {
            let Some(link) = rows.link(person)? else { return Ok(Vec::new()) };
            Ok(entries_edits(&link, &entries))
        });
    }

    fn listens(&self, person: PersonId, peer: DeviceId, addresses: Vec<SocketAddr>) {
        let known = self.member.as_ref().and_then(|member| member.people.known.get(&person));
        if known.is_some_and(|known| known.addresses.get(&peer) == Some(&addresses)) {
            return;
        }
        self.keep_then(None, person, move |rows| {
            let link = rows.link(person)?;
            let news = link.is_some_and(|link| link.addresses.get(&peer) != Some(&addresses));
            Ok(if news { vec![person::keep_addresses(person, peer, addresses)] } else { Vec::new() })
        });
    }

    fn close_line(&mut self, id: ConversationId, reason: CloseReason) {
        let Some(network) = &self.network else { return };
        tracing::debug!(reason = reason.code(), "a connection to another person is closed");
        let code = match reason {
            CloseReason::Foreign | CloseReason::NotLinked => CloseCode::Foreign,
            CloseReason::Hostile | CloseReason::Version => CloseCode::Hostile,
        };
        network.transport.close(ConnId(id.0), code);
        let Some(member) = &mut self.member else { return };
        let Some(line) = member.people.lines.get(&ConnId(id.0)) else { return };
        let (person, device) = (line.person, line.device);
        member.people.dialler.lost(device, Instant::now(), true);
        if member.people.known.get(&person).is_some_and(|known| known.view.live.is_empty()) {
            // Both know that it is over.
            member.people.dialler.forget(&Target::Remembered(device));
        }
        if reason == CloseReason::Hostile {
            let message = "A device of somebody you are linked to sent something that no healthy device sends. \
                           It was not read.";
            self.tell(Event::Trouble { code: Code::HostilePeer, message: message.to_owned() });
        }
    }

    /// `ask`: those who are connected are asked at once, the others as soon as they are.
    pub(in crate::node) fn ask_persons(&mut self, wanted: Option<String>, reply: Reply) {
        let Some(member) = &self.member else { return };
        if self.network.is_none() {
            let message = "No hub runs on this folder, so nobody can be asked. Start one with `run` first.";
            return answer(reply, Err(Error::new(Code::NotRunning, message)));
        }
        let (store, happenings) = (member.store.clone(), self.happenings.clone());
        tokio::spawn(async move {
            let found = store.read(move |rows| {
                let links = match wanted {
                    Some(wanted) => super::finding::link(&wanted, rows)?.map(|link| vec![link]),
                    None => super::finding::links(rows).map(Ok)?,
                };
                let links = match links {
                    Ok(links) => links,
                    Err(error) => return Ok(Err(error)),
                };
                let open = links.into_iter().filter(Link::is_open);
                let named = open.map(|link| Ok((link.person, name_of_person(&link, rows)?)));
                Ok(Ok(named.collect::<Result<Vec<_>, StoreError>>()?))
            });
            match found.await.unwrap_or_else(|error| Err(crate::node::committer::storage_error(&error))) {
                Ok(found) => {
                    let asking = super::super::event_loop::Happening::Asking { persons: found, reply };
                    // If the loop has ended, nobody is left to be told.
                    let _ended = happenings.send(asking);
                }
                Err(error) => answer(reply, Err(error)),
            }
        });
    }

    /// Asks these.
    pub(in crate::node) fn asking(&mut self, persons: Vec<(PersonId, String)>, reply: Reply) {
        let Some(member) = &mut self.member else { return };
        let now = Instant::now();
        for (person, _) in &persons {
            member.people.exchange.handle(Input::Ask(*person));
            let devices: Vec<DeviceId> =
                member.people.known.get(person).map(|known| known.keys.keys().copied().collect()).unwrap_or_default();
            devices.into_iter().for_each(|device| member.people.dialler.hurry_one(device, now));
        }
        let open = persons.iter().map(|(person, _)| *person).collect();
        let asked = persons.into_iter().map(|(person, name)| Named { id: person.to_string(), name }).collect();
        let (answered, until) = (BTreeSet::new(), now + ANSWER_WITHIN);
        member.people.asks.push(Asking { asked, open, answered, until, reply: Some(reply) });
        self.dial_people();
        self.answer_asks();
    }

    fn person_answered(&mut self, person: PersonId) {
        let Some(member) = &mut self.member else { return };
        for asking in &mut member.people.asks {
            if asking.open.remove(&person) {
                asking.answered.insert(person);
            }
        }
        self.answer_asks();
    }

    /// Answers those who asked once all have answered, or time is up.
    pub(super) fn answer_asks(&mut self) {
        let Some(member) = &mut self.member else { return };
        let now = Instant::now();
        member.people.asks.retain_mut(|asking| {
            if !asking.open.is_empty() && now < asking.until {
                return true;
            }
            let ids: BTreeSet<String> = asking.answered.iter().map(PersonId::to_string).collect();
            let answered = asking.asked.iter().filter(|named| ids.contains(&named.id)).cloned().collect();
            if let Some(reply) = asking.reply.take() {
                answer(reply, Ok(Answer::Ask(Asked { asked: asking.asked.clone(), answered })));
            }
            false
        });
    }

    /// When an asker's patience ends.
    pub(super) fn asks_next(&self) -> Option<Instant> {
        self.member.as_ref()?.people.asks.iter().map(|asking| asking.until).min()
    }
}

/// When what somebody sent is taken in.
struct Turn {
    wait: Duration,
    /// Ends with the line that it came by.
    over: watch::Receiver<()>,
}

impl People {
    /// When what a person sends is taken in; nothing if it is their turn.
    fn turn(&mut self, person: PersonId, id: ConversationId) -> Option<Turn> {
        let now_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let wait = Duration::from_millis(self.paces.entry(person).or_default().wait_ms(now_ms));
        let line = self.lines.iter().find(|(conn, _)| conversation(**conn) == id);
        // Without a line nothing is waited for: there is nobody to be slowed.
        line.filter(|_| !wait.is_zero()).map(|(_, line)| Turn { wait, over: line.over.subscribe() })
    }
}

impl Network {
    /// Where other persons may reach this hub.
    pub(in crate::node) fn addresses_for_persons(&self) -> Vec<SocketAddr> {
        crate::node::pairing::own_addresses(self)
    }
}

/// What to commit, and what is known of the person when it is done.
fn kept(
    rows: &mut Writing<'_>,
    me: DeviceId,
    person: PersonId,
    plan: impl FnOnce(&mut Writing<'_>) -> Result<Vec<Edit>, StoreError>,
) -> Outcome<Proposal<PersonView>> {
    let edits = plan(rows)?;
    let id = person::id(person);
    let mine: Vec<Edit> = edits.iter().filter(|edit| edit.entity == id).cloned().collect();
    let link: Entity = placing::after(rows.entity(id)?, &mine, me, now_ms());
    let drafts = placing::drafts(edits);
    let answer = PersonView::of(&link);
    Ok(Ok(Proposal { drafts, answer, what: String::new(), import: None, groups: false }))
}

/// What entries of somebody's roster lead to: they are kept, and if a device of theirs is gone, L is made new, so that
/// it does not know us by the old one any more (rule 4.1/4).
fn entries_edits(link: &Link, entries: &[Vec<u8>]) -> Vec<Edit> {
    let before = link.roster();
    let mut roster: Roster = before.clone();
    take_all(&mut roster, entries);
    if roster == before {
        return Vec::new();
    }
    let mut edits = person::keep_roster(&roster);
    if before.devices().iter().any(|card| roster.device(card.id).is_none()) {
        edits.extend(renewed(link));
    }
    edits
}

/// Takes what is rightly signed, and leaves the rest.
fn take_all(roster: &mut Roster, entries: &[Vec<u8>]) {
    for entry in entries {
        if let Err(error) = roster.insert(entry) {
            tracing::debug!(%error, "a roster entry is not taken");
        }
    }
}

/// A new L for every pact that counts.
pub(in crate::node) fn renewed(link: &Link) -> Vec<Edit> {
    let pacts = link.live.keys().filter_map(|pact| Some((*pact, link.secret(*pact)?)));
    pacts.map(|(pact, secret)| person::renew_secret(link.person, pact, &secret.renewed(&mut OsRng))).collect()
}

/// The path of what went over the local network, by the word of the ledger.
pub(super) const LAN: &str = "lan";
/// Connections to other persons' devices at once, at most: own devices always find room.
const LINES_MAX: usize = CONNECTIONS_MAX - OWN_LINES;
/// The room for own devices, guests and whoever pairs.
const OWN_LINES: usize = 64;
/// How long `ask` waits for answers.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
