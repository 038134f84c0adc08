//! Ada invites, Bo accepts; Mallory tries to.

use super::*;
use crate::{
    id::{Hash, PublicKey},
    identity::{
        SigningKey, public_key,
        roster::{DeviceCard, Roster},
    },
    register::Sibling,
    replica::Edit,
    vcard::{Property, Version},
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// A person with devices, and one book that all of them share.
#[derive(Clone)]
pub(crate) struct Someone {
    pub(crate) person: PersonId,
    pub(crate) name: &'static str,
    pub(crate) roster: Roster,
    pub(crate) book: BTreeMap<EntityId, Entity>,
    seq: u64,
    pub(crate) rng: ChaCha20Rng,
}

impl Someone {
    /// A person with two devices, numbered 1 and 2.
    pub(crate) fn new(name: &'static str) -> Self {
        let number = name.as_bytes()[0];
        let root = SigningKey::from_bytes(&[number; 32]);
        let person = crate::identity::person_id(&public_key(&root));
        let mut roster = Roster::new(person);
        let cards = [1, 2].map(|device| card(number, device));
        roster.insert(&Roster::sign_epoch(&root, 1, &cards).unwrap()).unwrap();
        let rng = ChaCha20Rng::from_seed([number; 32]);
        Self { person, name, roster, book: BTreeMap::new(), seq: 0, rng }
    }

    pub(crate) fn device(&self, device: u8) -> DeviceId {
        card(self.name.as_bytes()[0], device).id
    }

    pub(crate) fn key(&self, device: u8) -> SigningKey {
        sign_key(self.name.as_bytes()[0], device)
    }

    pub(crate) fn tls(&self, device: u8) -> PublicKey {
        card(self.name.as_bytes()[0], device).tls
    }

    /// Device 1 removes device 2.
    pub(crate) fn remove_device(&mut self) {
        let (by, gone) = (self.device(1), self.device(2));
        let entry = self.roster.sign_remove(&self.key(1), by, gone, &BTreeSet::new()).unwrap();
        self.roster.insert(&entry).unwrap();
    }

    /// Writes as device 1, having seen all that is there.
    pub(crate) fn write(&mut self, edits: impl IntoIterator<Item = Edit>) {
        self.seq += 1;
        let device = self.device(1);
        for Edit { entity, path, value } in edits {
            let register = self.book.entry(entity).or_default().register_mut(&path);
            let seen = register.seen().clone();
            register.merge(Sibling { device, seq: self.seq, clock: self.seq as i64, value }, &seen);
        }
    }

    pub(crate) fn entity(&self, id: EntityId) -> Entity {
        self.book.get(&id).cloned().unwrap_or_default()
    }

    pub(crate) fn link_entity(&self, other: &Self) -> Entity {
        self.entity(id(other.person))
    }

    pub(crate) fn link(&self, other: &Self) -> Option<Link> {
        Link::of(&self.link_entity(other))
    }

    fn introduction(&self) -> Introduction {
        Introduction::of(&self.roster, self.name, vec![([192, 168, 1, 2], 4433).into()])
    }

    pub(crate) fn invite(&mut self, manner: Manner) -> (IssuedInvitation, Invitation) {
        let issued = IssuedInvitation::new(manner, NOW, &mut self.rng);
        let key = Hash(*blake3::hash(&self.tls(1).0).as_bytes());
        let text = issued.text(self.person, key, self.roster.epoch(), Vec::new(), self.name);
        (issued, text)
    }

    pub(crate) fn accept(&mut self, invitation: &Invitation, other: &Self) -> Result<PendingAcceptance, LinkRefusal> {
        let link = self.link(other);
        let me = (self.person, self.device(1), &self.key(1));
        PendingAcceptance::new(invitation, me, link.as_ref(), NOW, &mut self.rng)
    }

    fn consider(&self, issued: &mut IssuedInvitation, bytes: &[u8], peer: &Self) -> Result<Accepted, LinkRefusal> {
        self.consider_at(issued, bytes, &peer.tls(1), NOW)
    }

    fn consider_at(
        &self,
        issued: &mut IssuedInvitation,
        bytes: &[u8],
        tls: &PublicKey,
        now_ms: i64,
    ) -> Result<Accepted, LinkRefusal> {
        let links = |person| Link::of(&self.entity(id(person)));
        let me = (self.person, self.device(1), &self.key(1));
        consider(issued, bytes, tls, me, links, self.introduction(), now_ms)
    }
}

fn sign_key(person: u8, device: u8) -> SigningKey {
    SigningKey::from_bytes(&[person ^ (device << 6); 32])
}

fn card(person: u8, device: u8) -> DeviceCard {
    DeviceCard {
        id: DeviceId([person ^ device; 16]),
        sign: public_key(&sign_key(person, device)),
        tls: PublicKey([person ^ (device << 5); 32]),
        name: "Desk".to_owned(),
        platform: String::new(),
    }
}

/// Links the two: the first invites.
pub(crate) fn linked(ada: &mut Someone, bo: &mut Someone, manner: Manner) -> PactId {
    let (mut issued, invitation) = ada.invite(manner);
    let pending = bo.accept(&invitation, ada).unwrap();
    let accepted = ada.consider(&mut issued, &pending.message(bo.introduction()), bo).unwrap();
    let concluded = pending.conclude(&accepted.answer).unwrap();
    ada.write(accepted.edits);
    bo.write(concluded.edits);
    accepted.pact
}

pub(crate) const NOW: i64 = 1_795_219_200_000;

fn two() -> (Someone, Someone) {
    (Someone::new("Ada"), Someone::new("Bo"))
}

#[test]
fn an_invitation_comes_back_from_its_text_and_its_secrets_stand_behind_the_hash() {
    let (mut ada, _) = two();
    for manner in [Manner::Sent, Manner::Shown] {
        let (issued, mut invitation) = ada.invite(manner);
        invitation.addresses = vec![([192, 168, 1, 2], 4433).into(), "[2001:db8::1]:4433".parse().unwrap()];
        invitation.name = "Ada #1 & Zoë/ö".to_owned();
        let text = invitation.to_string();
        assert_eq!(text.parse(), Ok(invitation.clone()));
        let (before, _) = text.split_once('#').unwrap();
        assert!(!before.contains("Zo") && !before.contains(&text[text.len() - 40..]));
        assert_eq!(invitation.server_name(), issued.server_name());
        assert_eq!(IssuedInvitation::decode(&issued.encode()), Some(issued));
        assert!(!format!("{invitation:?}").contains("secret"));
        for cut in 0..before.len() + 32 {
            assert_eq!(text[..cut].parse::<Invitation>(), Err(InvalidInvitation), "cut at {cut}");
        }
    }
    for text in ["", "kith://link", "kith://pair?p=1#2", &format!("kith://link?{}#00", "a=1&".repeat(5000))] {
        assert_eq!(text.parse::<Invitation>(), Err(InvalidInvitation));
    }
}

#[test]
fn two_persons_are_linked_and_share_a_secret_that_only_they_know() {
    let (mut ada, mut bo) = two();
    let pact = linked(&mut ada, &mut bo, Manner::Sent);
    let (adas, bos) = (ada.link(&bo).unwrap(), bo.link(&ada).unwrap());
    assert!(adas.is_open() && bos.is_open());
    assert_eq!((adas.pact(), bos.pact()), (Some(pact), Some(pact)));
    assert_eq!(adas.secret(pact), bos.secret(pact));
    assert_eq!((adas.name.as_str(), bos.name.as_str()), ("Bo", "Ada"));
    assert_eq!((adas.verified, bos.verified), (Verified::No, Verified::No));
    assert_eq!(adas.roster().hash(), bo.roster.hash());
    assert_eq!(adas.addresses[&bo.device(1)].len(), 1);
    let shown = linked(&mut ada, &mut bo, Manner::Shown);
    assert_eq!(ada.link(&bo).unwrap().verified, Verified::InPerson);
    assert_eq!(bo.link(&ada).unwrap().live.len(), 2, "linking again adds a pact");
    assert!(ada.link(&bo).unwrap().live.contains_key(&shown));
}

#[test]
fn a_crash_at_any_step_of_linking_leaves_both_linked_once_they_talk_again() {
    let (mut ada, mut bo) = two();
    let (mut issued, invitation) = ada.invite(Manner::Sent);
    let pending = bo.accept(&invitation, &ada).unwrap();
    let pending = PendingAcceptance::decode(&pending.encode()).unwrap();
    // The first acceptance is written down by Ada, whose answer is lost; Bo asks again, weeks later, from the same bytes.
    let first = ada.consider(&mut issued, &pending.message(bo.introduction()), &bo).unwrap();
    ada.write(first.edits.clone());
    let mut issued = IssuedInvitation::decode(&issued.encode()).unwrap();
    let late = NOW + INVITATION_MS + 1;
    let again = ada.consider_at(&mut issued, &pending.message(bo.introduction()), &bo.tls(1), late).unwrap();
    assert_eq!((again.pact, &again.answer), (first.pact, &first.answer));
    ada.write(again.edits);
    for _ in 0..2 {
        let concluded = pending.conclude(&again.answer).unwrap();
        bo.write(concluded.edits);
    }
    assert_eq!(ada.link(&bo).unwrap().live.len(), 1);
    assert_eq!(ada.link(&bo).unwrap().pact(), bo.link(&ada).unwrap().pact());
    // Blocked before Bo heard the answer: the same answer, which tells nothing.
    ada.write([set_blocked(bo.person, true)]);
    let blocked = ada.consider_at(&mut issued, &pending.message(bo.introduction()), &bo.tls(1), late).unwrap();
    assert_eq!(blocked.answer, first.answer);
    ada.write([set_blocked(bo.person, false)]);
    // Ended before Bo heard the answer: not linked on both.
    let link = ada.link(&bo).unwrap();
    ada.write(end(&link, link.live.keys().copied(), Ended { by_me: true, at_ms: NOW }));
    let refused = ada.consider(&mut issued, &pending.message(bo.introduction()), &bo);
    assert_eq!(refused.unwrap_err(), LinkRefusal::Spent);
    assert_eq!(pending.conclude(&LinkRefusal::Spent.encode()).unwrap_err(), LinkRefusal::Spent);
}

#[test]
fn an_invitation_is_good_for_one_person_once_and_for_seven_days() {
    let (mut ada, mut bo) = two();
    let mut mallory = Someone::new("Mallory");
    let (mut issued, invitation) = ada.invite(Manner::Sent);
    let (bos, mallorys) = (bo.accept(&invitation, &ada).unwrap(), mallory.accept(&invitation, &ada).unwrap());
    let too_late =
        ada.consider_at(&mut issued.clone(), &bos.message(bo.introduction()), &bo.tls(1), NOW + INVITATION_MS + 1);
    assert_eq!(too_late.unwrap_err(), LinkRefusal::Spent);
    ada.consider(&mut issued, &bos.message(bo.introduction()), &bo).unwrap();
    let second = ada.consider(&mut issued, &mallorys.message(mallory.introduction()), &mallory);
    assert_eq!(second.unwrap_err(), LinkRefusal::Spent);
    let another = bo.accept(&invitation, &ada).unwrap();
    let twice = ada.consider(&mut issued, &another.message(bo.introduction()), &bo);
    assert_eq!(twice.unwrap_err(), LinkRefusal::Spent, "another pact by the same invitation");
    let own = ada.invite(Manner::Sent).1;
    let me = (ada.person, ada.device(1), &ada.key(1));
    assert_eq!(PendingAcceptance::new(&own, me, None, NOW, &mut ada.rng.clone()).unwrap_err(), LinkRefusal::Own);
}

#[test]
fn who_does_not_hold_the_invitation_or_speaks_for_somebody_else_is_not_linked() {
    let (mut ada, mut bo) = two();
    let mut mallory = Someone::new("Mallory");
    let (mut issued, invitation) = ada.invite(Manner::Sent);
    let mut guessed = invitation.clone();
    guessed.secret = [0; 16].into();
    let forged = mallory.accept(&guessed, &ada).unwrap().message(mallory.introduction());
    assert_eq!(ada.consider(&mut issued, &forged, &mallory).unwrap_err(), LinkRefusal::Forged);
    let good = bo.accept(&invitation, &ada).unwrap();
    let message = good.message(bo.introduction());
    assert_eq!(ada.consider(&mut issued, &message, &mallory).unwrap_err(), LinkRefusal::Forged, "not Bo's connection");
    let unlisted = good.message(mallory.introduction());
    assert_eq!(ada.consider(&mut issued, &unlisted, &bo).unwrap_err(), LinkRefusal::Forged, "not Bo's roster");
    for at in 0..message.len() {
        let mut changed = message.clone();
        changed[at] ^= 1;
        if let Ok(accepted) = ada.consider(&mut issued.clone(), &changed, &bo) {
            assert_eq!(accepted.pact, good.pact(), "bit at {at}: only what is not signed may change");
        }
    }
    assert_eq!(issued.used, None);
    let accepted = ada.consider(&mut issued, &message, &bo).unwrap();
    let (mut other, theirs) = mallory.invite(Manner::Sent);
    let swapped = bo.accept(&theirs, &mallory).unwrap();
    assert_eq!(swapped.conclude(&accepted.answer).unwrap_err(), LinkRefusal::Forged, "Ada's answer to Mallory's");
    mallory.consider(&mut other, &swapped.message(bo.introduction()), &bo).unwrap();
}

#[test]
fn a_link_that_was_ended_comes_back_only_by_a_new_pact() {
    let (mut ada, mut bo) = two();
    linked(&mut ada, &mut bo, Manner::Sent);
    let old = ada.link(&bo).unwrap();
    let ended = Ended { by_me: true, at_ms: NOW };
    ada.write(end(&old, old.live.keys().copied(), ended));
    let over = ada.link(&bo).unwrap();
    assert!(!over.is_live());
    assert_eq!(end(&over, over.ended.keys().copied(), ended), [], "what is over is not ended again");
    linked(&mut ada, &mut bo, Manner::Sent);
    let mut link = ada.link(&bo).unwrap();
    assert!(link.is_live());
    ada.write(end(&link, old.live.keys().copied(), ended));
    link = ada.link(&bo).unwrap();
    assert!(link.is_live(), "an old word says nothing about a new pact");
}

#[test]
fn a_blocked_person_is_refused_like_a_stranger_and_blocking_wins_over_a_device_that_did_not_know() {
    let (mut ada, mut bo) = two();
    linked(&mut ada, &mut bo, Manner::Sent);
    ada.write([set_blocked(bo.person, true), set_muted(bo.person, true)]);
    let link = ada.link(&bo).unwrap();
    assert!(link.blocked && link.muted && link.is_live() && !link.is_open());
    let (mut issued, invitation) = ada.invite(Manner::Sent);
    let pending = bo.accept(&invitation, &ada).unwrap();
    let refused = ada.consider(&mut issued, &pending.message(bo.introduction()), &bo).unwrap_err();
    assert_eq!(refused, LinkRefusal::Blocked);
    assert_eq!(pending.conclude(&refused.encode()).unwrap_err(), LinkRefusal::Spent, "they are not told");
    let theirs = bo.invite(Manner::Sent).1;
    assert_eq!(ada.accept(&theirs, &bo).unwrap_err(), LinkRefusal::Blocked);
    // Another device unblocks without knowing of a second block.
    let mut entity = ada.link_entity(&bo);
    let unblock = set_blocked(bo.person, false);
    let sibling = Sibling { device: ada.device(2), seq: 1, clock: i64::MAX, value: None };
    entity.register_mut(&unblock.path).merge(sibling, &crate::vector::Vector::default());
    assert!(Link::of(&entity).unwrap().blocked);
    ada.write([set_blocked(bo.person, false)]);
    assert!(!ada.link(&bo).unwrap().blocked && ada.link(&bo).unwrap().muted);
}

#[test]
fn a_new_secret_replaces_the_old_one_and_two_drawn_at_once_settle() {
    let (mut ada, mut bo) = two();
    let pact = linked(&mut ada, &mut bo, Manner::Sent);
    let first = ada.link(&bo).unwrap().secret(pact).unwrap();
    let (one, other) = (first.renewed(&mut ada.rng), first.renewed(&mut bo.rng));
    assert_ne!(one.lan(), first.lan());
    let greater = one.clone().max(other.clone());
    for order in [[&one, &other], [&other, &one]] {
        let mut entity = ada.link_entity(&bo);
        for (device, secret) in [1, 2].into_iter().zip(order) {
            let Edit { path, value, .. } = renew_secret(bo.person, pact, secret);
            let sibling = Sibling { device: ada.device(device), seq: 900, clock: i64::from(device), value };
            entity.register_mut(&path).merge(sibling, &crate::vector::Vector::default());
        }
        assert_eq!(Link::of(&entity).unwrap().secret(pact), Some(greater.clone()));
    }
    let box_of = |secret: &LinkSecret, what: &[u8]| (secret.send_token(&[1; 32]), secret.slot(&[1; 32], what));
    assert_ne!(box_of(&one, b"route"), box_of(&other, b"route"));
    assert_ne!(one.slot(&[1; 32], b"route"), one.slot(&[1; 32], b"card"));
    assert!(!format!("{one:?}").contains("secret"));
}

#[test]
fn the_words_of_a_person_are_the_same_for_everybody_and_no_one_elses() {
    let (ada, bo) = two();
    assert_eq!(words(ada.person), words(ada.person));
    assert_ne!(words(ada.person), words(bo.person));
    assert_eq!(words(ada.person).to_string().split(' ').count(), 6);
}

#[test]
fn a_contact_with_the_same_number_or_mail_is_offered_and_a_name_alone_is_only_pointed_out() {
    let property = |text: &str| Property::from_text(Version::V40, 0, text).unwrap();
    let contact = |n: u8| EntityId([n; 16]);
    let cards = [
        vec![property("TEL:030 1234567"), property("EMAIL:BO@Example.org")],
        vec![property("TEL:tel:+49-30-1234567")],
        vec![property("TEL:+49 171 1")],
        vec![property("EMAIL:bo@example.org")],
    ];
    let names = ["Robert", "Bo's office", "Bо Ek", "Bo Ek"];
    let known: Vec<Known<'_>> = (0..4)
        .map(|at| Known { contact: contact(at as u8), name: names[at], properties: &cards[at], is_linked: at == 3 })
        .collect();
    let theirs = [property("TEL;TYPE=home:+49 30 1234567"), property("EMAIL:bo@example.org"), property("FN:Bo Ek")];
    let found = candidates(&theirs, &known, Some("DE"));
    assert_eq!(found.iter().map(|candidate| candidate.contact).collect::<Vec<_>>(), [contact(0), contact(1)]);
    let why = [Likeness::Number("030 1234567".into()), Likeness::Mail("BO@Example.org".into())];
    assert_eq!(found[0].why, why);
    assert_eq!(candidates(&[property("FN:Robert")], &known, Some("DE")), []);
    assert_eq!(lookalikes("Ek, B0", &known), [contact(2), contact(3)], "one of them with a Cyrillic letter");
    assert_eq!((lookalikes("", &known), lookalikes("Zed", &known)), (vec![], vec![]));
}
