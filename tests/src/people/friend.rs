//! Another person who speaks over the product's transport what a story or a measurement has them say: rightly invited
//! and linked, with two devices of which it speaks as the first.

use super::PATIENCE;
use kith_core::{
    entity::Entity,
    exchange::message::{Have, Hello, Live, Message, VERSION},
    id::{DeviceId, PersonId, PublicKey},
    identity::{
        SigningKey, person_id, public_key,
        roster::{DeviceCard, Roster},
    },
    lan,
    person::{Introduction, Invitation, Link, PendingAcceptance},
    register::Sibling,
    replica::Edit,
    share::{Content, ItemKind, Order, Publication, Shared, card_item},
    vcard::{Property, Version},
};
use kith_hub::transport::{
    CloseCode, Closed, ConnId, DialRequest, Expect, TlsKey, Transport, TransportEvent, TransportOptions,
};
use rand_core::{OsRng, RngCore};
use serde_bytes::ByteBuf;
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::{sync::mpsc, time::timeout};

/// The person. Everything that fails panics with what was expected.
pub struct Friend {
    transport: Transport,
    events: mpsc::Receiver<TransportEvent>,
    person: PersonId,
    device: DeviceId,
    /// The other device, which may remove the first.
    other: (DeviceId, SigningKey),
    roster: Roster,
    link: Entity,
    conn: Option<ConnId>,
}

/// What it hears.
#[derive(Debug)]
pub enum Said {
    /// A message.
    Message(Message),
    /// The other side hung up.
    HungUp(Closed),
    /// Nobody lets it in.
    Outside,
}

impl Friend {
    /// A new person, linked by an invitation of a running device.
    pub async fn linked(name: &str, invitation: &Invitation) -> Self {
        let mut seed = [0; 32];
        OsRng.fill_bytes(&mut seed);
        let key = TlsKey::from_seed(&seed).expect("a seed is a key");
        let (root, sign, other_sign) = (secret(), secret(), secret());
        let person = person_id(&public_key(&root));
        let card = |sign: &SigningKey, tls, name: &str| DeviceCard {
            id: DeviceId::random(&mut OsRng),
            sign: public_key(sign),
            tls,
            name: name.to_owned(),
            platform: "linux".to_owned(),
        };
        let cards = [card(&sign, key.public(), "first"), card(&other_sign, PublicKey::random(&mut OsRng), "other")];
        let (device, other) = (cards[0].id, (cards[1].id, other_sign));
        let mut roster = Roster::new(person);
        roster.insert(&Roster::sign_epoch(&root, 1, &cards).expect("two devices")).expect("its own entry");
        let (sender, events) = mpsc::channel(64);
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let transport = Transport::start(TransportOptions::new(listen, key), sender).expect("a free port");
        let link = Entity::default();
        let mut friend = Self { transport, events, person, device, other, roster, link, conn: None };
        friend.accept(name, invitation, &sign).await;
        friend
    }

    async fn accept(&mut self, name: &str, invitation: &Invitation, sign: &SigningKey) {
        let me = (self.person, self.device, sign);
        let pending = PendingAcceptance::new(invitation, me, None, now_ms(), &mut OsRng).expect("a good invitation");
        let (addresses, server_name, key) = pending.dial();
        let request = DialRequest {
            address: *addresses.first().expect("an address"),
            server_name: server_name.to_owned(),
            expect: Expect::Hash(key),
        };
        assert!(self.dial(request).await, "the inviter is there");
        self.say_bytes(pending.message(Introduction::of(&self.roster, name, Vec::new())));
        let Some(answer) = self.hear_bytes().await else { panic!("the inviter answers") };
        let accepted = pending.conclude(&answer).expect("linked");
        self.keep(accepted.edits);
        let theirs = self.link().roster();
        self.transport.set_trusted(theirs.devices().into_iter().map(|card| card.tls).collect());
        self.hang_up().await;
    }

    fn keep(&mut self, edits: Vec<Edit>) {
        for (nth, edit) in edits.into_iter().enumerate() {
            let sibling = Sibling { device: self.device, seq: nth as u64 + 1, clock: 0, value: edit.value };
            self.link.register_mut(&edit.path).merge(sibling, &kith_core::vector::Vector::default());
        }
    }

    /// What it knows of the other person.
    pub fn link(&self) -> Link {
        Link::of(&self.link).expect("the two are linked")
    }

    /// Who it is.
    pub fn person(&self) -> PersonId {
        self.person
    }

    /// Connects and says what a healthy device says first; what comes next may be anything. Says whether it was let in.
    pub async fn greet(&mut self, to: SocketAddr) -> bool {
        self.hang_up().await;
        let link = self.link();
        let pact = link.pact().expect("a pact");
        let secret = link.secret(pact).expect("L");
        let server_name = lan::server_name(&secret.lan(), lan::day(now_ms()), "");
        let expect = Expect::OneOf(link.roster().devices().into_iter().map(|card| card.tls).collect());
        // A hub that has not noticed the end of an older connection may take the new one for its twin.
        for _ in 0..DIALS_MAX {
            let request = DialRequest { address: to, server_name: server_name.clone(), expect: expect.clone() };
            if !self.dial(request).await {
                return false;
            }
            self.say(&Message::Hello(Hello {
                version: VERSION,
                live: vec![Live { pact, number: secret.number, check: secret.check() }],
                ended: Vec::new(),
                mine: (self.roster.epoch(), Some(self.roster.hash())),
                yours: (link.roster().epoch(), Some(link.roster().hash())),
                addresses: Vec::new(),
            }));
            loop {
                match self.hear().await {
                    Said::Message(Message::Have(_)) => {
                        self.say(&Message::Have(Have::default()));
                        return true;
                    }
                    Said::Message(_) => {}
                    Said::HungUp(_) | Said::Outside => break,
                }
            }
        }
        false
    }

    /// A card of its own that says this number, as it would publish it.
    pub fn card(&self, number: u64, tel: &str) -> Publication {
        let property = Property::from_text(Version::V40, 0, format!("TEL;TYPE=cell:{tel}")).expect("a property");
        let id = kith_core::id::PropertyId([7; 16]);
        let shared = Shared { id, property: Some(property), from_ms: None, former: Vec::new() };
        let properties = vec![shared];
        let content = Content { kind: ItemKind::Card, name: String::new(), may_pass_on: false, properties };
        Publication {
            from: self.person,
            to: self.link().person,
            item: card_item(self.person),
            order: Order { number, device: self.device },
            made_ms: now_ms(),
            roster: (self.roster.epoch(), self.roster.hash()),
            content: Some(content),
        }
    }

    /// Its other device removes the one that speaks: what proves it.
    pub fn removal(&mut self) -> Vec<u8> {
        let (by, key) = &self.other;
        self.roster.sign_remove(key, *by, self.device, &BTreeSet::new()).expect("a member signs")
    }

    /// Says something. Must be called within the runtime.
    pub fn say(&mut self, message: &Message) {
        self.say_bytes(message.encode());
    }

    /// Says a publication. Must be called within the runtime.
    pub fn publish(&mut self, publication: &Publication) {
        self.say(&Message::Publication(ByteBuf::from(publication.encode())));
    }

    /// Says bytes that need not be a message. Must be called within the runtime.
    pub fn say_bytes(&mut self, bytes: Vec<u8>) {
        let conn = self.conn.expect("it is connected");
        // A hub that has hung up meanwhile is heard to have done so.
        let _gone = self.transport.send(conn, bytes);
    }

    /// What it hears next.
    pub async fn hear(&mut self) -> Said {
        loop {
            match self.event().await {
                TransportEvent::Frame { conn, bytes } if Some(conn) == self.conn => {
                    return Said::Message(Message::decode(&bytes).expect("an honest hub says messages"));
                }
                TransportEvent::Closed { conn, why } if Some(conn) == self.conn => {
                    self.conn = None;
                    return Said::HungUp(why);
                }
                TransportEvent::DialFailed { .. } => return Said::Outside,
                _ => {}
            }
        }
    }

    async fn hear_bytes(&mut self) -> Option<Vec<u8>> {
        loop {
            match self.event().await {
                TransportEvent::Frame { bytes, .. } => return Some(bytes),
                TransportEvent::Closed { .. } | TransportEvent::DialFailed { .. } => return None,
                TransportEvent::Connected { .. } => {}
            }
        }
    }

    async fn dial(&mut self, request: DialRequest) -> bool {
        self.transport.dial(request);
        loop {
            match self.event().await {
                TransportEvent::Connected { conn, .. } => {
                    self.conn = Some(conn);
                    return true;
                }
                TransportEvent::DialFailed { .. } => return false,
                _ => {}
            }
        }
    }

    /// Ends its connection, if it has one.
    pub async fn hang_up(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.transport.close(conn, CloseCode::Done);
            while !matches!(self.event().await, TransportEvent::Closed { conn: closed, .. } if closed == conn) {}
        }
    }

    async fn event(&mut self) -> TransportEvent {
        timeout(PATIENCE, self.events.recv()).await.expect("an event comes").expect("the transport runs")
    }
}

fn secret() -> SigningKey {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    SigningKey::from_bytes(&bytes)
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as i64
}

const DIALS_MAX: usize = 5;
