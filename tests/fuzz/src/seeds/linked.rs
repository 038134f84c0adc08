//! Good bytes of what linked persons send each other, and of logs.

use super::{device, device_card, key, person};
use ed25519_dalek::SigningKey;
use kith_core::{
    envelope::{Context, Delivered, EnvelopeKind, SealSecrets, seal, unsealed},
    exchange::message::{Ack, Have, Hello, Live, Message, Secret},
    id::{EntityId, Hash, PersonId, PropertyId, PublicKey},
    identity::{
        person_id,
        roster::{DeviceCard, Roster},
    },
    person::{Introduction, IssuedInvitation, Manner, PactId, PendingAcceptance, consider},
    share::{Content, Former, ItemKind, Order, Publication, Shared},
    vcard::{Property, Version},
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::sync::LazyLock;

/// When all of it happens, in milliseconds since 1970.
pub(crate) const LINKED_AT_MS: i64 = 1_800_000_000_000;
/// Where the inviter's envelopes lie.
const MAILBOX: [u8; 32] = [8; 32];
/// Over which link.
const PACT: PactId = PactId([7; 16]);

/// Two persons about to be linked: the first, who is [`person`], invited.
pub(crate) struct Linked {
    pub(crate) issued: IssuedInvitation,
    pub(crate) pending: PendingAcceptance,
    pub(crate) roster: Roster,
    pub(crate) inviter: DeviceCard,
    pub(crate) inviter_key: SigningKey,
    pub(crate) accepter: DeviceCard,
    pub(crate) accepter_roster: Roster,
    pub(crate) seal: SealSecrets,
}

impl Linked {
    /// How the accepter's envelopes reach the inviter.
    pub(crate) fn delivered(&self) -> Delivered<'_> {
        Delivered { me: person(), mailbox: &MAILBOX, pact: PACT, roster: &self.accepter_roster }
    }
}

/// Made once: it takes a dozen signatures.
pub(crate) fn linked() -> &'static Linked {
    static LINKED: LazyLock<Linked> = LazyLock::new(link);
    &LINKED
}

fn link() -> Linked {
    let mut rng = ChaCha20Rng::from_seed([9; 32]);
    let accepter = device_card(3);
    let other = person_id(&PublicKey(key(9).verifying_key().to_bytes()));
    let roster = roster_of(0, person(), &device_card(1));
    let accepter_roster = roster_of(9, other, &accepter);
    let issued = IssuedInvitation::new(Manner::Sent, LINKED_AT_MS, &mut rng);
    let invitation = issued.text(person(), Hash([2; 32]), 1, vec![([192, 168, 1, 2], 4433).into()], "Ada B");
    let me = (other, accepter.id, &key(3));
    let pending = PendingAcceptance::new(&invitation, me, None, LINKED_AT_MS, &mut rng).expect("a good invitation");
    let seal = SealSecrets::new(LINKED_AT_MS, &mut rng);
    let (inviter, inviter_key) = (device_card(1), key(1));
    Linked { issued, pending, roster, inviter, inviter_key, accepter, accepter_roster, seal }
}

fn roster_of(root: u8, person: PersonId, card: &DeviceCard) -> Roster {
    let mut roster = Roster::new(person);
    let epoch = Roster::sign_epoch(&key(root), 1, std::slice::from_ref(card)).expect("an epoch");
    roster.insert(&epoch).expect("its own entry");
    roster
}

pub(super) fn invitations() -> Vec<Vec<u8>> {
    let text = linked().issued.text(person(), Hash([2; 32]), 1, vec![([192, 168, 1, 2], 4433).into()], "Zoë #1");
    vec![text.to_string().into_bytes()]
}

pub(super) fn acceptances() -> Vec<Vec<u8>> {
    let linked = linked();
    let theirs = Introduction::of(&linked.accepter_roster, "Bo", Vec::new());
    let acceptance = linked.pending.message(theirs);
    let me = (person(), linked.inviter.id, &linked.inviter_key);
    let introduction = Introduction::of(&linked.roster, "Ada", Vec::new());
    let (mut issued, tls) = (linked.issued.clone(), &linked.accepter.tls);
    let accepted = consider(&mut issued, &acceptance, tls, me, |_| None, introduction, LINKED_AT_MS);
    vec![acceptance, accepted.expect("a good acceptance").answer, linked.pending.encode()]
}

fn publication() -> Publication {
    let property = |text: &str| Property::from_text(Version::V40, 0, text).expect("a property");
    let shared = Shared {
        id: PropertyId([4; 16]),
        property: Some(property("TEL:+49 30 1")),
        from_ms: Some(LINKED_AT_MS),
        former: vec![Former { property: property("TEL:+49 30 2"), until_ms: LINKED_AT_MS }],
    };
    Publication {
        from: person(),
        to: PersonId([2; 32]),
        item: EntityId([3; 16]),
        order: Order { number: 7, device: device(1) },
        made_ms: LINKED_AT_MS,
        roster: (1, Hash([5; 32])),
        content: Some(Content {
            kind: ItemKind::Card,
            name: "Work".to_owned(),
            may_pass_on: true,
            properties: vec![shared],
        }),
    }
}

pub(super) fn publications() -> Vec<Vec<u8>> {
    let withdrawn = Publication { content: None, ..publication() };
    vec![publication().encode(), withdrawn.encode()]
}

pub(super) fn exchanged() -> Vec<Vec<u8>> {
    let (item, order) = (EntityId([3; 16]), Order { number: 7, device: device(1) });
    let hello = Hello {
        version: 1,
        live: vec![Live { pact: PACT, number: 1, check: [6; 8] }],
        ended: vec![PactId([8; 16])],
        mine: (1, Some(Hash([5; 32]))),
        yours: (0, None),
        addresses: vec![([192, 168, 1, 2], 4433).into()],
    };
    let messages = [
        Message::Hello(hello),
        Message::Have(Have { items: vec![(item, order)], ask: true }),
        Message::Publication(publication().encode().into()),
        Message::Ack(Ack { item, order }),
        Message::Told,
    ];
    messages.iter().map(Message::encode).chain([secret()]).collect()
}

/// A message with a new L, as a link would draw it.
fn secret() -> Vec<u8> {
    let secret = kith_core::person::LinkSecret::random(&mut ChaCha20Rng::from_seed([3; 32]));
    Message::Secret(Secret { pact: PACT, secret }).encode()
}

pub(super) fn envelopes() -> Vec<Vec<u8>> {
    let linked = linked();
    let Some(to) = linked.seal.current(person(), linked.inviter.id, &linked.inviter_key) else { return Vec::new() };
    let context = Context {
        kind: EnvelopeKind::Publication,
        from: linked.accepter_roster.person(),
        device: linked.accepter.id,
        roster: (linked.accepter_roster.epoch(), linked.accepter_roster.hash()),
        to: person(),
        mailbox: MAILBOX,
        pact: PACT,
        item: EntityId([3; 16]),
        number: 7,
    };
    let mut rng = ChaCha20Rng::from_seed([4; 32]);
    let sealed = seal(&to, &context, &publication().encode(), &key(3), &mut rng);
    let inside = sealed.as_ref().and_then(|bytes| unsealed(bytes, &MAILBOX, &linked.seal).ok());
    sealed.into_iter().chain(inside).chain([to.encode()]).collect()
}

pub(super) const LOGS: [&str; 1] =
    ["<?xml version='1.0' encoding='UTF-8'?><smses><sms address=\"030 1234567\" date=\"1\" type=\"1\" body='a>\"b'/>\
     <mms date=\"3\" msg_box=\"2\"><addrs><addr address=\"+4930765432\" type=\"151\"/></addrs></mms></smses>\
     <calls><call number=\"0301234567\" duration=\"5\" date=\"5\" type=\"3\"/></calls>"];

pub(super) const MAILBOXES: [&str; 1] =
    ["From - x\r\nFrom: =?utf-8?q?B=C3=B6?= <bo@b.example>\r\nTo: Me <me@a.example>,\r\n c@c.example\r\n\
     Date: Mon, 1 Jun 2026 10:00:00 +0200\r\n\r\nbody\n\nFrom y\nFrom: me@a.example\nCc: G: d@d.example;\n\
     Date: Tue, 2 Jun 2026 10:00:00 GMT\n\n>From z\n"];
