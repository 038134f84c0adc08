//! The loop: what happens next, frames on their way, envelopes at the relay.

use super::super::{dice::Dice, tally::Tally};
use super::{
    PeopleFinding, Wrong,
    consent::Consent,
    device::{Device, Rng, card},
    oracle::{FRIENDS, OPEN, Oracle, SECRET, wrong},
    relay::Stored,
};
use kith_core::{
    book,
    exchange::{
        ConversationId, Input, Output,
        message::{Hello, Message},
    },
    id::{EntityId, PersonId},
    identity::{SigningKey, person_id, public_key, roster::Roster},
    person::{self, Ended, PactId},
    share::{self, Delivery, Judgement, Received, Sent, Visibility, Who},
};
use rand_core::SeedableRng;
use std::collections::{BTreeMap, VecDeque};

/// A connection between devices of two persons, by their places in the world.
pub(super) struct Line {
    pub(super) ends: [usize; 2],
    /// Frames to each end.
    queues: [VecDeque<Vec<u8>>; 2],
    /// What each end was told last of rosters.
    heard: [Option<Hello>; 2],
    /// An end that has hung up once its frames are through.
    closed: [bool; 2],
}

pub(super) struct World {
    pub(super) dice: Dice,
    pub(super) rng: Rng,
    pub(super) devices: Vec<Device>,
    pub(super) persons: Vec<PersonId>,
    pub(super) lines: BTreeMap<ConversationId, Line>,
    pub(super) stored: Vec<Stored>,
    pub(super) oracle: Oracle,
    pub(super) consent: Consent,
    pub(super) tally: Tally,
    /// Which two devices made a pact.
    pub(super) makers: BTreeMap<PactId, [usize; 2]>,
    next_line: u64,
    pub(super) next_value: u64,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut rng = Rng::seed_from_u64(seed ^ RNG_SALT);
        let (mut devices, mut persons) = (Vec::new(), Vec::new());
        for number in 0..dice.between(2, 4) {
            let root = SigningKey::from_bytes(&[number as u8 + 1; 32]);
            let person = person_id(&public_key(&root));
            let cards: Vec<_> = (0..dice.between(1, 3)).map(|number| card(number as u8, &mut rng)).collect();
            let shown: Vec<_> = cards.iter().map(|(card, _)| card.clone()).collect();
            let mut roster = Roster::new(person);
            let epoch = Roster::sign_epoch(&root, 1, &shown).expect("few devices");
            roster.insert(&epoch).expect("its own entry");
            for (card, key) in cards {
                devices.push(Device::new(person, roster.clone(), &card, key, &mut rng));
            }
            persons.push(person);
        }
        let mut world = Self {
            dice,
            rng,
            devices,
            persons,
            lines: BTreeMap::new(),
            stored: Vec::new(),
            oracle: Oracle::default(),
            consent: Consent::default(),
            tally: Tally::default(),
            makers: BTreeMap::new(),
            next_line: 0,
            next_value: 0,
        };
        world.begin();
        world
    }

    /// Everybody has a card, and a group of friends; each other person is a contact, some of them friends.
    fn begin(&mut self) {
        for me in self.persons.clone() {
            let item = share::card_item(me);
            let friends = Visibility::Only([Who::Group(GROUP)].into());
            let mut edits = vec![
                share::set_visibility(item, FRIENDS, Some(&friends)),
                share::set_visibility(item, SECRET, Some(&Visibility::Nobody)),
            ];
            for other in self.persons.clone().into_iter().filter(|other| *other != me) {
                let contact = contact_of(other);
                edits.push(book::set_state(contact, book::ALIVE));
                if self.dice.chance(50) {
                    self.oracle.friends.insert((me, other));
                    let path = kith_core::path::Path::in_group(GROUP);
                    edits.push(kith_core::replica::Edit { entity: contact, path, value: Some(book::PRESENT.to_vec()) });
                }
            }
            let own = self.of(me);
            self.devices[own[0]].write(edits);
            for &other in &own[1..] {
                self.sync(other, own[0]);
            }
            for property in [OPEN, FRIENDS, SECRET] {
                self.edit(own[0], property);
            }
        }
    }

    /// The devices of a person, removed ones too.
    pub(super) fn of(&self, person: PersonId) -> Vec<usize> {
        (0..self.devices.len()).filter(|at| self.devices[*at].person == person).collect()
    }

    /// Those that were not removed.
    pub(super) fn honest(&self, person: PersonId) -> Vec<usize> {
        self.of(person).into_iter().filter(|at| !self.devices[*at].removed).collect()
    }

    pub(super) fn play(&mut self) -> Result<(), PeopleFinding> {
        for _ in 0..self.dice.between(100, 400) {
            self.happen()?;
        }
        Ok(())
    }

    fn happen(&mut self) -> Result<(), PeopleFinding> {
        match self.dice.below(100) {
            0..=39 => self.carry(),
            40..=49 => self.connect(),
            50..=53 => self.hang_up(),
            54..=65 => self.meet_own(),
            66..=69 => self.give_out(),
            _ => self.do_something(),
        }
    }

    /// Two devices of different persons meet, if at least one of them thinks that they are linked.
    fn connect(&mut self) -> Result<(), PeopleFinding> {
        let (one, other) = (self.dice.index(self.devices.len()), self.dice.index(self.devices.len()));
        self.connect_these(one, other)
    }

    pub(super) fn connect_these(&mut self, one: usize, other: usize) -> Result<(), PeopleFinding> {
        let known = |a: usize, b: usize| self.devices[a].link(self.devices[b].person);
        let (Some(_), Some(_)) = (known(one, other), known(other, one)) else { return Ok(()) };
        if self.devices[one].person == self.devices[other].person || self.line_between(one, other).is_some() {
            return Ok(());
        }
        self.next_line += 1;
        let id = ConversationId(self.next_line);
        self.lines.insert(
            id,
            Line { ends: [one, other], queues: Default::default(), heard: [None, None], closed: [false; 2] },
        );
        self.tally.count("connections");
        for (at, peer) in [(one, other), (other, one)] {
            let (person, peer) = (self.devices[peer].person, self.devices[peer].id);
            self.devices[at].exchange.handle(Input::Connected { id, person, peer });
            self.work(at)?;
        }
        Ok(())
    }

    fn line_between(&self, one: usize, other: usize) -> Option<ConversationId> {
        let same = |line: &Line| line.ends == [one, other] || line.ends == [other, one];
        self.lines.iter().find(|(_, line)| same(line)).map(|(id, _)| *id)
    }

    fn hang_up(&mut self) -> Result<(), PeopleFinding> {
        let ids: Vec<ConversationId> = self.lines.keys().copied().collect();
        let Some(id) = self.dice.pick(&ids).copied() else { return Ok(()) };
        self.cut(id)
    }

    /// A connection is gone with all that was on its way.
    pub(super) fn cut(&mut self, id: ConversationId) -> Result<(), PeopleFinding> {
        let Some(line) = self.lines.remove(&id) else { return Ok(()) };
        self.tally.count("cuts");
        for at in line.ends {
            self.devices[at].exchange.handle(Input::Closed { id });
            self.work(at)?;
        }
        Ok(())
    }

    /// One frame arrives.
    fn carry(&mut self) -> Result<(), PeopleFinding> {
        let ids: Vec<ConversationId> = self.lines.keys().copied().collect();
        let Some(id) = self.dice.pick(&ids).copied() else { return Ok(()) };
        let end = self.dice.index(2);
        self.carry_on(id, end).map(|_| ())
    }

    /// Returns whether there was a frame.
    pub(super) fn carry_on(&mut self, id: ConversationId, end: usize) -> Result<bool, PeopleFinding> {
        let Some(line) = self.lines.get_mut(&id) else { return Ok(false) };
        let at = line.ends[end];
        let Some(bytes) = line.queues[end].pop_front() else {
            if line.closed[1 - end] {
                self.cut(id)?;
                return Ok(true);
            }
            return Ok(false);
        };
        if let Ok(Message::Hello(hello)) = Message::decode(&bytes) {
            line.heard[end] = Some(hello);
        }
        self.devices[at].exchange.handle(Input::Frame { id, bytes });
        self.work(at)?;
        Ok(true)
    }

    /// Does what a device's exchange wants done.
    pub(super) fn work(&mut self, at: usize) -> Result<(), PeopleFinding> {
        while let Some(output) = self.devices[at].exchange.poll() {
            self.obey(at, output)?;
        }
        Ok(())
    }

    fn obey(&mut self, at: usize, output: Output) -> Result<(), PeopleFinding> {
        let device = &mut self.devices[at];
        match output {
            Output::Send { id, bytes } => {
                let Some(line) = self.lines.get(&id) else { return Ok(()) };
                let end = usize::from(line.ends[0] == at);
                let peer = line.ends[end];
                if matches!(Message::decode(&bytes), Ok(Message::Publication(_))) && !self.devices[at].removed {
                    self.oracle.hands(&self.devices[at], &self.devices[peer])?;
                    self.rosters_first(at, peer, line.heard[1 - end].as_ref())?;
                }
                if let Some(line) = self.lines.get_mut(&id) {
                    line.queues[end].push_back(bytes);
                }
            }
            Output::Close { id, reason } => {
                if reason == kith_core::exchange::CloseReason::Hostile {
                    return wrong(Wrong::HostileClose, format!("{:?}", device.id));
                }
                if let Some(line) = self.lines.get_mut(&id) {
                    let end = usize::from(line.ends[1] == at);
                    line.closed[end] = true;
                    line.queues[end].clear();
                }
            }
            Output::Read { id, person, item } => {
                let sent = Sent::of_item(&device.link_entity(person), item);
                let publication = sent.map(|sent| Box::new(sent.newest));
                device.exchange.handle(Input::Read { id, publication });
            }
            Output::Take { id, person, publication } => {
                self.take(at, person, &publication)?;
                self.devices[at].exchange.handle(Input::Taken { id });
            }
            Output::TakeRoster { from, person, entries } => {
                if person == device.person {
                    device.take_roster(&entries);
                } else if person == from {
                    self.take_entries(at, person, &entries);
                }
            }
            Output::End { person, pacts } => {
                if let Some(link) = device.link(person) {
                    device.write(person::end(&link, pacts, Ended { by_me: false, at_ms: 0 }));
                }
            }
            Output::KeepSecret { person, pact, secret } => {
                device.write([person::renew_secret(person, pact, &secret)]);
                self.tally.count("secrets renewed");
            }
            Output::Delivered { person, item, order } => {
                let delivery = Delivery { order, at_ms: 0, path: "lan".to_owned() };
                let edit = share::acknowledge(&device.link_entity(person), person::id(person), item, delivery);
                device.write(edit);
                self.tally.count("deliveries");
            }
            Output::Ahead { person, item, order } => {
                let edit = share::raise_floor(&device.link_entity(person), person::id(person), item, order);
                device.write(edit);
            }
            Output::Judged { person, item, order, accepted } => {
                let judgement = Judgement { order, at_ms: 0, accepted };
                let edit = share::judged(&device.link_entity(person), person::id(person), item, judgement);
                device.write(edit);
            }
            Output::Listens { .. } | Output::Answered { .. } => {}
        }
        Ok(())
    }

    /// Before a card travels, what the other end said last of both rosters is what this one knows.
    fn rosters_first(&self, at: usize, peer: usize, heard: Option<&Hello>) -> Result<(), PeopleFinding> {
        let (one, other) = (&self.devices[at], &self.devices[peer]);
        let known = one.link(other.person).map(|link| link.roster().hash());
        match heard {
            Some(hello) if hello.mine.1 == known && hello.yours.1 == Some(one.roster.hash()) => Ok(()),
            _ => wrong(Wrong::RosterFirst, format!("{:?} to {:?}", one.id, other.id)),
        }
    }

    fn take_entries(&mut self, at: usize, person: PersonId, entries: &[Vec<u8>]) {
        let Some(link) = self.devices[at].link(person) else { return };
        let mut roster = link.roster();
        let before = roster.devices().len();
        for entry in entries {
            let _ = roster.insert(entry);
        }
        let mut edits = person::keep_roster(&roster);
        if roster.devices().len() < before
            && let Some((pact, secret)) = link.pact().and_then(|pact| Some((pact, link.secret(pact)?)))
        {
            // A device of theirs is gone: it must not know us by L any more.
            edits.push(person::renew_secret(person, pact, &secret.renewed(&mut self.rng)));
        }
        self.devices[at].write(edits);
    }

    /// Judges what a device holds of somebody.
    pub(super) fn holds(&mut self, at: usize, from: PersonId) -> Result<(), PeopleFinding> {
        let held = Received::of_item(&self.devices[at].link_entity(from), share::card_item(from));
        held.map_or(Ok(()), |held| self.oracle.holds(self.devices[at].id, &held.newest))
    }

    /// Own devices meet, if both think that the other is one.
    fn meet_own(&mut self) -> Result<(), PeopleFinding> {
        let one = self.dice.index(self.devices.len());
        let own = self.of(self.devices[one].person);
        let Some(other) = self.dice.pick(&own).copied().filter(|other| *other != one) else { return Ok(()) };
        let trusts = |a: usize, b: usize| self.devices[a].roster.device(self.devices[b].id).is_some();
        if !trusts(one, other) || !trusts(other, one) {
            return Ok(());
        }
        self.sync(one, other);
        self.sync(other, one);
        for at in [one, other] {
            self.after_sync(at)?;
        }
        self.tally.count("own devices met");
        Ok(())
    }

    pub(super) fn sync(&mut self, to: usize, from: usize) {
        if let Ok([to, from]) = self.devices.get_disjoint_mut([to, from]) {
            to.sync_from(from);
            to.deeds.extend(from.deeds.iter().copied());
        }
    }

    /// What a device does after it heard of its own devices' deeds.
    pub(super) fn after_sync(&mut self, at: usize) -> Result<(), PeopleFinding> {
        for other in self.persons.clone() {
            self.holds(at, other)?;
            self.consents(at, other)?;
            self.settle(at, other)?;
        }
        self.work(at)
    }
}

/// The contact that a person is in everybody's book.
pub(super) fn contact_of(person: PersonId) -> EntityId {
    let mut id = [0; 16];
    id.copy_from_slice(&person.0[16..]);
    EntityId(id)
}

pub(super) const GROUP: EntityId = EntityId([9; 16]);
const RNG_SALT: u64 = 0x5eed;
