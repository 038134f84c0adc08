//! Ada's and Bo's devices talk; what is between them is a queue each way.

use super::{message::Message, *};
use crate::{
    entity::Entity,
    id::{EntityId, PropertyId},
    person::{
        self, Ended, Manner,
        tests::{NOW, Someone, linked},
    },
    share::{self, Content, ItemKind, Judgement, Received, Sent, Shared},
    vcard::{Property, Version},
};
use rand_core::RngCore;

/// One side: a person's book, and the exchange of one of their devices.
struct Side {
    who: Someone,
    other: PersonId,
    exchange: Exchange,
    said: Vec<Vec<u8>>,
    closed: Option<CloseReason>,
    answered: bool,
    /// Everything that was sent, by kind, and in how many bytes.
    kinds: Vec<u8>,
    lengths: Vec<usize>,
    /// For each publication that came, whether something was written before it was acknowledged.
    commits: Vec<bool>,
}

const LINE: ConversationId = ConversationId(1);

impl Side {
    fn new(who: Someone, other: PersonId, connected_to: DeviceId) -> Self {
        let exchange = Exchange::new(who.person, RosterView::from(&who.roster));
        let (said, kinds, lengths, commits) = Default::default();
        let mut side = Self { who, other, exchange, said, closed: None, answered: false, kinds, lengths, commits };
        side.tell();
        side.exchange.handle(Input::Connected { id: LINE, person: other, peer: connected_to });
        side
    }

    fn link(&self) -> Entity {
        self.who.entity(person::id(self.other))
    }

    /// Tells the exchange what the book says now.
    fn tell(&mut self) {
        let view = Box::new(PersonView::of(&self.link()));
        self.exchange.handle(Input::Person(self.other, view));
    }

    fn write(&mut self, edits: impl IntoIterator<Item = crate::replica::Edit>) {
        self.who.write(edits);
        self.tell();
    }

    fn work(&mut self) {
        let entity = person::id(self.other);
        while let Some(output) = self.exchange.poll() {
            match output {
                Output::Send { bytes, .. } => {
                    self.kinds.push(bytes[0]);
                    self.lengths.push(bytes.len());
                    self.said.push(bytes);
                }
                Output::Close { reason, .. } => self.closed = Some(reason),
                Output::Read { id, item, .. } => {
                    let publication = Sent::of_item(&self.link(), item).map(|sent| Box::new(sent.newest));
                    self.exchange.handle(Input::Read { id, publication });
                }
                Output::Take { id, publication, .. } => {
                    let edits = share::take_in(&self.link(), &Entity::default(), &publication, false);
                    self.commits.push(edits.iter().any(|edit| edit.value.is_some()));
                    self.write(edits);
                    self.exchange.handle(Input::Taken { id });
                }
                Output::TakeRoster { person, entries, .. } if person == self.who.person => {
                    for entry in &entries {
                        let _ = self.who.roster.insert(entry);
                    }
                    self.exchange.handle(Input::Me(RosterView::from(&self.who.roster)));
                }
                Output::TakeRoster { entries, .. } => {
                    let mut roster = person::Link::of(&self.link()).unwrap().roster();
                    for entry in &entries {
                        let _ = roster.insert(entry);
                    }
                    self.write(person::keep_roster(&roster));
                }
                Output::End { person, pacts } => {
                    let link = person::Link::of(&self.link()).unwrap();
                    assert_eq!(person, self.other);
                    self.write(person::end(&link, pacts, Ended { by_me: false, at_ms: NOW }));
                }
                Output::KeepSecret { person, pact, secret } => {
                    self.write([person::renew_secret(person, pact, &secret)]);
                }
                Output::Delivered { item, order, .. } => {
                    let delivery = share::Delivery { order, at_ms: NOW, path: "lan".to_owned() };
                    let edit = share::acknowledge(&self.link(), entity, item, delivery);
                    self.write(edit);
                }
                Output::Ahead { item, order, .. } => {
                    let edit = share::raise_floor(&self.link(), entity, item, order);
                    self.write(edit);
                }
                Output::Listens { person, peer, addresses } => {
                    self.write([person::keep_addresses(person, peer, addresses)]);
                }
                Output::Judged { item, order, accepted, .. } => {
                    let edit = share::judged(&self.link(), entity, item, Judgement { order, at_ms: NOW, accepted });
                    self.write(edit);
                }
                Output::Answered { .. } => self.answered = true,
            }
        }
    }

    fn publish(&mut self, name: &str) {
        let item = share::card_item(self.who.person);
        let property = Some(Property::from_text(Version::V40, 0, format!("FN:{name}")).unwrap());
        let shared = Shared { id: PropertyId([1; 16]), property, from_ms: None, former: Vec::new() };
        let content =
            Content { kind: ItemKind::Card, name: name.to_owned(), may_pass_on: false, properties: vec![shared] };
        let roster = (self.who.roster.epoch(), self.who.roster.hash());
        let from = (self.who.person, self.who.device(1));
        let draft = Publication::draft(from, self.other, item, roster, Some(content), NOW);
        let (edit, _) = share::publish(&self.link(), draft).unwrap();
        self.write([edit]);
    }

    fn received(&self) -> Option<String> {
        let received = Received::of_item(&self.link(), share::card_item(self.other))?;
        received.newest.content.map(|content| content.name)
    }

    fn is_waiting(&self) -> bool {
        Sent::of_item(&self.link(), share::card_item(self.who.person)).unwrap().is_waiting()
    }
}

/// Lets the two talk until neither has anything to say.
fn talk(one: &mut Side, other: &mut Side) {
    for _ in 0..100 {
        one.work();
        other.work();
        let (to_other, to_one) = (std::mem::take(&mut one.said), std::mem::take(&mut other.said));
        if to_other.is_empty() && to_one.is_empty() {
            return;
        }
        for bytes in to_other {
            other.exchange.handle(Input::Frame { id: LINE, bytes });
        }
        for bytes in to_one {
            one.exchange.handle(Input::Frame { id: LINE, bytes });
        }
    }
    panic!("they never fall silent");
}

fn two() -> (Someone, Someone) {
    let (mut ada, mut bo) = (Someone::new("Ada"), Someone::new("Bo"));
    linked(&mut ada, &mut bo, Manner::Sent);
    (ada, bo)
}

fn connected(ada: Someone, bo: Someone) -> (Side, Side) {
    let (a, b) = (ada.device(1), bo.device(1));
    let (adas, bos) = (ada.person, bo.person);
    (Side::new(ada, bos, b), Side::new(bo, adas, a))
}

#[test]
fn what_was_sent_arrives_and_what_was_not_sent_does_not_even_when_it_is_asked_for() {
    let (ada, bo) = two();
    let (mut ada, mut bo) = connected(ada, bo);
    ada.publish("first");
    talk(&mut ada, &mut bo);
    assert_eq!(bo.received().as_deref(), Some("first"));
    assert!(!ada.is_waiting());
    bo.exchange.handle(Input::Ask(bo.other));
    talk(&mut ada, &mut bo);
    assert!(bo.answered);
    assert_eq!(ada.kinds.iter().filter(|kind| **kind == 4).count(), 1, "it is not sent twice");
    ada.publish("second");
    talk(&mut ada, &mut bo);
    assert_eq!(bo.received().as_deref(), Some("second"));
}

#[test]
fn a_target_that_was_away_gets_the_newest_when_it_is_seen_and_a_restored_book_is_told() {
    let (ada, bo) = two();
    let backup = ada.clone();
    let (mut ada, mut bo) = connected(ada, bo);
    for name in ["one", "two", "three"] {
        ada.publish(name);
    }
    talk(&mut ada, &mut bo);
    assert_eq!(bo.received().as_deref(), Some("three"));
    assert_eq!(ada.kinds.iter().filter(|kind| **kind == 4).count(), 1);
    let (mut ada, mut bo) = connected(backup, bo.who);
    talk(&mut ada, &mut bo);
    ada.publish("after the restore");
    talk(&mut ada, &mut bo);
    assert_eq!(bo.received().as_deref(), Some("after the restore"));
}

#[test]
fn a_removed_device_gets_nothing_once_the_entry_is_known_and_the_entry_comes_before_any_card() {
    let (ada, mut bo) = two();
    let gone = bo.device(2);
    let stolen = bo.clone();
    bo.remove_device();
    let (mut ada, mut honest) = connected(ada, bo);
    ada.publish("for Bo");
    talk(&mut ada, &mut honest);
    assert_eq!(honest.received().as_deref(), Some("for Bo"), "the rosters were exchanged first");
    ada.publish("newer");
    let adas = ada.who.device(1);
    let mut ada = Side::new(ada.who, honest.who.person, gone);
    let mut thief = Side::new(stolen, ada.who.person, adas);
    talk(&mut ada, &mut thief);
    assert_eq!((ada.closed, thief.received()), (Some(CloseReason::Foreign), None));
}

#[test]
fn a_device_that_is_behind_its_own_person_hears_of_the_removal_from_the_other() {
    let (ada, bo) = two();
    let behind = bo.roster.clone();
    let (mut ada, mut bo) = connected(ada, bo);
    bo.who.remove_device();
    bo.exchange.handle(Input::Me(RosterView::from(&bo.who.roster)));
    talk(&mut ada, &mut bo);
    let newest = bo.who.roster.hash();
    bo.who.roster = behind;
    let (mut ada, mut bo) = connected(ada.who, bo.who);
    ada.publish("card");
    talk(&mut ada, &mut bo);
    assert_eq!(bo.who.roster.hash(), newest);
    assert_eq!(bo.received().as_deref(), Some("card"));
}

#[test]
fn a_removal_in_the_middle_of_a_connection_ends_it() {
    let (ada, bo) = two();
    let gone = bo.device(2);
    let (a, adas, bos) = (ada.device(1), ada.person, bo.person);
    let mut thief = Side::new(bo.clone(), adas, a);
    let mut ada = Side::new(ada, bos, gone);
    talk(&mut ada, &mut thief);
    assert!(ada.exchange.is_open(bos));
    let mut remaining = bo;
    remaining.remove_device();
    ada.write(person::keep_roster(&remaining.roster));
    ada.publish("not for thieves");
    talk(&mut ada, &mut thief);
    assert_eq!((ada.closed, thief.received()), (Some(CloseReason::Foreign), None));
}

#[test]
fn unlinking_is_told_and_honoured_and_what_was_told_last_stays() {
    let (ada, bo) = two();
    let (mut ada, mut bo) = connected(ada, bo);
    ada.publish("last");
    talk(&mut ada, &mut bo);
    ada.publish("on its way");
    let link = person::Link::of(&ada.link()).unwrap();
    ada.write(person::end(&link, link.live.keys().copied(), Ended { by_me: true, at_ms: NOW }));
    talk(&mut ada, &mut bo);
    assert!(ada.closed.is_some());
    let bos = person::Link::of(&bo.link()).unwrap();
    assert!(!bos.is_live() && bos.ended.values().all(|ended| !ended.by_me));
    assert_eq!(bo.received().as_deref(), Some("last"));
    // They meet again: nothing more is said than that it is over.
    let (mut ada, mut bo) = connected(ada.who, bo.who);
    talk(&mut ada, &mut bo);
    assert_eq!((ada.closed, bo.closed), (Some(CloseReason::NotLinked), Some(CloseReason::NotLinked)));
    assert_eq!((ada.kinds, bo.kinds), (vec![1], vec![1]));
}

#[test]
fn a_blocked_person_sees_the_same_as_of_one_who_has_no_news() {
    let (ada, bo) = two();
    let mut said = Vec::new();
    for blocked in [false, true] {
        let (mut ada, mut bo) = connected(ada.clone(), bo.clone());
        bo.publish("before");
        if blocked {
            bo.write([person::set_blocked(ada.who.person, true)]);
        }
        ada.publish("hello?");
        talk(&mut ada, &mut bo);
        ada.exchange.handle(Input::Ask(ada.other));
        talk(&mut ada, &mut bo);
        assert!(!ada.is_waiting() && ada.answered, "it looks delivered");
        assert_eq!(bo.received().is_none(), blocked);
        said.push((bo.kinds, bo.lengths, bo.commits));
    }
    assert_eq!(said[0], said[1], "as many bytes, and each acknowledgement after a commit");
}

#[test]
fn what_came_in_a_block_looks_delivered_on_every_later_connection_and_comes_again_when_it_is_over() {
    let (ada, bo) = two();
    let (mut ada, mut bo) = connected(ada, bo);
    bo.write([person::set_blocked(ada.who.person, true)]);
    ada.publish("hello?");
    talk(&mut ada, &mut bo);
    let (mut ada, mut bo) = connected(ada.who, bo.who);
    talk(&mut ada, &mut bo);
    assert!(!ada.kinds.contains(&4), "it is not sent a second time");
    assert!(bo.received().is_none());
    bo.write([person::set_blocked(ada.who.person, false)]);
    talk(&mut ada, &mut bo);
    assert!(bo.received().is_some());
}

#[test]
fn a_receiver_who_lets_others_know_says_what_became_of_it_and_nobody_else_does() {
    for (telling, word) in [(false, "delivered"), (true, "accepted")] {
        let (ada, bo) = two();
        let (mut ada, mut bo) = connected(ada, bo);
        bo.exchange.handle(Input::Telling(telling));
        ada.publish("Ada");
        talk(&mut ada, &mut bo);
        let state = |ada: &Side| crate::ledger::entries(&ada.link())[0].state.word();
        assert_eq!(state(&ada), word);
        let (item, entity) = (share::card_item(ada.who.person), person::id(ada.who.person));
        let ids = Received::of_item(&bo.link(), item).unwrap().theirs().iter().map(|shared| shared.id).collect();
        let edits = share::undo(&bo.link(), &Entity::default(), entity, item, &ids);
        bo.write(edits);
        talk(&mut ada, &mut bo);
        assert_eq!(state(&ada), if telling { "refused" } else { "delivered" });
    }
}

#[test]
fn a_new_secret_reaches_the_other_side_once() {
    let (ada, bo) = two();
    let (mut ada, mut bo) = connected(ada, bo);
    talk(&mut ada, &mut bo);
    let link = person::Link::of(&ada.link()).unwrap();
    let pact = link.pact().unwrap();
    let renewed = link.secret(pact).unwrap().renewed(&mut ada.who.rng);
    ada.write([person::renew_secret(bo.who.person, pact, &renewed)]);
    talk(&mut ada, &mut bo);
    assert_eq!(person::Link::of(&bo.link()).unwrap().secret(pact), Some(renewed));
    assert_eq!(ada.kinds.iter().chain(&bo.kinds).filter(|kind| **kind == 7).count(), 1);
}

#[test]
fn who_skips_the_hello_or_sends_what_is_not_theirs_is_cut_off() {
    let (ada, bo) = two();
    let item = EntityId([1; 16]);
    let order = Order { number: 1, device: DeviceId([1; 16]) };
    let hostile = [
        vec![],
        vec![1, 0xc1],
        Message::Told.encode(),
        Message::Publication(serde_bytes::ByteBuf::from(vec![1])).encode(),
        Message::Ack(message::Ack { item, order }).encode(),
        Message::Have(message::Have { items: vec![(item, order); message::ITEMS_MAX + 1], ask: false }).encode(),
    ];
    for (at, bytes) in hostile.into_iter().enumerate() {
        for after_hello in [false, true] {
            if after_hello && at == 2 {
                continue; // A stray end of an answer says nothing.
            }
            let (mut ada, mut bo) = connected(ada.clone(), bo.clone());
            if after_hello {
                talk(&mut ada, &mut bo);
            }
            ada.exchange.handle(Input::Frame { id: LINE, bytes: bytes.clone() });
            ada.work();
            assert_eq!(ada.closed, Some(CloseReason::Hostile), "message {at}");
        }
    }
    let (mut ada, mut bo) = connected(ada, bo);
    talk(&mut ada, &mut bo);
    ada.exchange.handle(Input::Frame { id: LINE, bytes: vec![200, 1, 2, 3] });
    ada.work();
    assert_eq!(ada.closed, None, "what a newer version says is passed over");
}

#[test]
fn messages_come_back_from_their_bytes_and_garbage_does_not() {
    let mut rng = Someone::new("Ada").rng;
    let item = EntityId([1; 16]);
    let order = Order { number: 1, device: DeviceId([1; 16]) };
    let hello = message::Hello { version: 1, mine: (1, Some(Hash([1; 32]))), ..Default::default() };
    let messages = [
        Message::Hello(hello),
        Message::Roster(message::Roster { person: PersonId([1; 32]), entries: vec![vec![1].into()] }),
        Message::Have(message::Have { items: vec![(item, order)], ask: true }),
        Message::Publication(vec![1, 2].into()),
        Message::Ack(message::Ack { item, order }),
        Message::Told,
        Message::Unknown(99),
    ];
    for message in messages {
        assert_eq!(Message::decode(&message.encode()), Ok(message));
    }
    for _ in 0..2000 {
        let mut bytes = vec![0; (rng.next_u32() % 64) as usize];
        rng.fill_bytes(&mut bytes);
        if let Ok(message) = Message::decode(&bytes) {
            assert_eq!(Message::decode(&message.encode()), Ok(message));
        }
    }
}
